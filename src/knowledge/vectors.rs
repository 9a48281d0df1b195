//! Vectors in memory: a byte a dimension and one scale a vector, a quarter of the floats' room.

use super::piece::DIMENSIONS;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

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

/// Bytes of one vector in a file: its scale as a little-endian float, then a byte a dimension.
pub(super) const VECTOR: usize = 4 + DIMENSIONS;

impl Vectors {
    /// A vector as it is written.
    pub fn bytes_of(vector: &[f32]) -> Vec<u8> {
        let (bytes, scale) = quantised(vector);
        let mut written = scale.to_le_bytes().to_vec();
        written.extend(bytes.map(i8::cast_unsigned));
        written
    }

    /// Whether bytes are a vector of length one: another file's are not.
    #[expect(clippy::cast_precision_loss, reason = "at most 384 × 127 × 127")]
    pub fn is_vector(written: &[u8]) -> bool {
        let Some((scale, bytes)) = written.split_first_chunk::<4>() else {
            return false;
        };
        let squares: i32 = bytes
            .iter()
            .map(|b| i32::from(b.cast_signed()).pow(2))
            .sum();
        let length = f32::from_le_bytes(*scale).powi(2) * squares as f32;
        bytes.len() == DIMENSIONS && (length - 1.0).abs() < 0.02
    }

    /// Reads all vectors of a file.
    ///
    /// # Errors
    /// The file cannot be read or does not hold `count` vectors.
    pub fn read(path: &Path, count: usize) -> io::Result<Self> {
        let mut vectors = Self {
            bytes: Vec::with_capacity(count * DIMENSIONS),
            scales: Vec::with_capacity(count),
        };
        let file = File::open(path)?;
        if file.metadata()?.len() != (count * VECTOR) as u64 {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "vectors"));
        }
        let mut reader = io::BufReader::with_capacity(1 << 20, file);
        let mut written = [0; VECTOR];
        for _ in 0..count {
            reader.read_exact(&mut written)?;
            let [a, b, c, d, bytes @ ..] = &written;
            vectors.scales.push(f32::from_le_bytes([*a, *b, *c, *d]));
            vectors.bytes.extend(bytes.iter().map(|b| b.cast_signed()));
        }
        Ok(vectors)
    }

    pub fn len(&self) -> usize {
        self.scales.len()
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
            let folder = tempfile::tempdir().unwrap();
            let file = folder.path().join("vectors");
            let written = [vec![0; VECTOR], Vectors::bytes_of(&a)].concat();
            prop_assert!(Vectors::is_vector(&written[VECTOR..]) && !Vectors::is_vector(&written[..VECTOR]));
            std::fs::write(&file, written).unwrap();
            prop_assert!(Vectors::read(&file, 1).is_err());
            let vectors = Vectors::read(&file, 2).unwrap();
            let probe = Probe::new(&b);
            prop_assert!((vectors.cosine(1, &probe) - exact).abs() < 0.005);
            prop_assert!(vectors.cosine(0, &probe) == 0.0);
        }
    }
}
