//! Vectors in memory: a byte a dimension and one scale a vector, a quarter of the floats' room.

use super::embed::DIMENSIONS;

/// Vectors by number. A passage without one has scale 0 and is at no angle to anything.
#[derive(Default)]
pub(super) struct Vectors {
    bytes: Vec<i8>,
    scales: Vec<f32>,
}

/// A query, quantised as the vectors are.
pub(super) struct Probe {
    bytes: Vec<i8>,
    scale: f32,
}

/// Bytes and the scale that turns them back; zeros keep scale 0.
#[expect(clippy::cast_possible_truncation, reason = "rounded to -127..=127")]
fn quantised(vector: &[f32]) -> (impl Iterator<Item = i8>, f32) {
    let most = vector.iter().fold(0.0_f32, |most, x| most.max(x.abs()));
    let scale = most / 127.0;
    let bytes = vector.iter().map(move |x| {
        if scale > 0.0 {
            (x / scale).round() as i8
        } else {
            0
        }
    });
    (bytes, scale)
}

impl Vectors {
    pub fn with_capacity(count: usize) -> Self {
        Self {
            bytes: Vec::with_capacity(count * DIMENSIONS),
            scales: Vec::with_capacity(count),
        }
    }

    /// Adds the next passage's vector; `None` when there is none.
    pub fn push(&mut self, vector: Option<&[f32]>) {
        let (bytes, scale) = quantised(vector.unwrap_or(&[0.0; DIMENSIONS]));
        self.bytes.extend(bytes);
        self.scales.push(scale);
    }

    /// The cosine of one passage with the query.
    pub fn cosine(&self, passage: usize, probe: &Probe) -> f32 {
        let vector = &self.bytes[passage * DIMENSIONS..(passage + 1) * DIMENSIONS];
        self.scales[passage] * probe.scale * dot(vector, &probe.bytes)
    }
}

impl Probe {
    pub fn new(query: &[f32]) -> Self {
        let (bytes, scale) = quantised(query);
        Self {
            bytes: bytes.collect(),
            scale,
        }
    }
}

/// In whole numbers, so the same on every machine.
#[expect(
    clippy::cast_precision_loss,
    reason = "at most 384 × 127 × 127, below 24 bits"
)]
fn dot(a: &[i8], b: &[i8]) -> f32 {
    // Sixteen at a time: the shape that compilers turn into vector instructions best (measured).
    let mut sum = 0_i32;
    for (a, b) in a.chunks_exact(16).zip(b.chunks_exact(16)) {
        let mut products = [0_i32; 16];
        for ((product, x), y) in products.iter_mut().zip(a).zip(b) {
            *product = i32::from(*x) * i32::from(*y);
        }
        sum += products.iter().sum::<i32>();
    }
    sum as f32
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_byte_a_dimension_is_close_to_the_floats(
            a in prop::collection::vec(-1.0_f32..1.0, DIMENSIONS),
            b in prop::collection::vec(-1.0_f32..1.0, DIMENSIONS),
        ) {
            let unit = |v: &[f32]| -> Vec<f32> {
                let length = v.iter().map(|x| x * x).sum::<f32>().sqrt().max(1e-6);
                v.iter().map(|x| x / length).collect()
            };
            let (a, b) = (unit(&a), unit(&b));
            let exact: f32 = a.iter().zip(&b).map(|(x, y)| x * y).sum();
            let mut vectors = Vectors::with_capacity(2);
            vectors.push(None);
            vectors.push(Some(&a));
            let probe = Probe::new(&b);
            prop_assert!((vectors.cosine(1, &probe) - exact).abs() < 0.005);
            prop_assert!(vectors.cosine(0, &probe) == 0.0);
        }
    }
}
