//! The cosine of every passage with a query: exact, so that "rank by meaning alone" is a count and not a guess.

use super::scale::e4;
use super::vectors::{Probe, Vectors};
use std::thread;

/// Passages for which another thread is worth starting.
const SHARE: usize = 50_000;
/// Threads at most: memory gives no more.
const THREADS: usize = 4;
/// Cosines are counted in ten-thousandths, as they are shown.
const STEPS: usize = 20_001;

/// Cosines by passage. Passages that may not be ranked have none.
pub(super) struct Cosines {
    values: Vec<f32>,
    /// How many passages have each cosine.
    counts: Vec<u32>,
}

/// Place of a cosine among the counts.
fn step(cosine: f32) -> usize {
    usize::try_from(e4(cosine.clamp(-1.0, 1.0)) + 10_000).unwrap_or(0)
}

impl Cosines {
    /// Computes all; `allowed` is by number, `None` allows all. The same on any number of threads.
    pub fn of(vectors: &Vectors, probe: &Probe, allowed: Option<&[bool]>) -> Self {
        let mut values = vec![f32::NEG_INFINITY; vectors.len()];
        let fill = |from: usize, part: &mut [f32]| {
            let mut counts = vec![0; STEPS];
            for (number, value) in (from..).zip(part) {
                if allowed.is_none_or(|a| a[number]) {
                    *value = vectors.cosine(number, probe);
                    counts[step(*value)] += 1;
                }
            }
            counts
        };
        let cores = thread::available_parallelism().map_or(1, usize::from);
        let threads = (values.len() / SHARE).clamp(1, cores.min(THREADS));
        let counts = if threads == 1 {
            fill(0, &mut values)
        } else {
            let size = values.len().div_ceil(threads);
            let mut counts: Vec<u32> = vec![0; STEPS];
            thread::scope(|scope| {
                let parts: Vec<_> = values
                    .chunks_mut(size)
                    .enumerate()
                    .map(|(at, part)| {
                        let fill = &fill;
                        scope.spawn(move || fill(at * size, part))
                    })
                    .collect();
                for part in parts {
                    let part = part.join().unwrap_or_default();
                    for (sum, more) in counts.iter_mut().zip(part) {
                        *sum += more;
                    }
                }
            });
            counts
        };
        Self { values, counts }
    }

    /// The nearest passages, nearest first; ties by number.
    pub fn best(&self, limit: usize) -> Vec<usize> {
        let mut least = STEPS;
        let mut held = 0;
        while least > 0 && held < limit {
            least -= 1;
            held += self.counts[least] as usize;
        }
        // A comparison is cheaper than a step, and a little too low lets all through that may be meant.
        let bound = f32::from(i16::try_from(least).unwrap_or(i16::MAX)) / 10_000.0 - 1.0 - 0.000_1;
        let mut near: Vec<(usize, f32)> = self
            .values
            .iter()
            .copied()
            .enumerate()
            .filter(|(_, value)| *value >= bound && step(*value) >= least)
            .collect();
        near.sort_unstable_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        near.truncate(limit);
        near.into_iter().map(|(number, _)| number).collect()
    }

    /// A passage's cosine, and its rank by it: one more than those that are nearer by a ten-thousandth.
    pub fn of_passage(&self, number: usize) -> Option<(f32, u32)> {
        let value = self.values[number];
        let nearer: u32 = value
            .is_finite()
            .then(|| self.counts[step(value) + 1..].iter().sum())?;
        Some((value, nearer + 1))
    }
}

#[cfg(test)]
mod tests {
    use super::super::piece::DIMENSIONS;
    use super::super::vectors::VECTOR;
    use super::*;

    #[test]
    fn many_threads_find_what_one_finds_and_ranks_count_the_nearer() {
        // Enough for two threads; every vector lies in one plane at an angle of its own.
        let count = 2 * SHARE + 7;
        let mut written = Vec::with_capacity(count * VECTOR);
        for number in 0..count {
            let angle = f32::from(u16::try_from(number % 997).unwrap()) / 997.0;
            let mut vector = [0.0; DIMENSIONS];
            (vector[0], vector[1]) = (angle.cos(), angle.sin());
            written.extend(Vectors::bytes_of(&vector));
        }
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("vectors");
        std::fs::write(&file, written).unwrap();
        let vectors = Vectors::read(&file, count).unwrap();
        let mut query = [0.0; DIMENSIONS];
        query[0] = 1.0;
        let probe = Probe::new(&query);
        let cosines = Cosines::of(&vectors, &probe, None);
        let one_by_one: Vec<f32> = (0..count).map(|n| vectors.cosine(n, &probe)).collect();
        for number in [0, SHARE, SHARE + 3, count - 1] {
            let (cosine, rank) = cosines.of_passage(number).unwrap();
            assert_eq!(cosine.to_bits(), one_by_one[number].to_bits());
            let nearer = one_by_one.iter().filter(|c| e4(**c) > e4(cosine)).count();
            assert_eq!(rank as usize, nearer + 1);
        }
        let best = cosines.best(5);
        assert_eq!(best.len(), 5);
        assert!(best.is_sorted(), "{best:?}");

        let only: Vec<bool> = (0..count).map(|n| n == 9).collect();
        let cosines = Cosines::of(&vectors, &probe, Some(&only));
        assert_eq!(cosines.best(5), [9]);
        assert_eq!(cosines.of_passage(9).map(|c| c.1), Some(1));
        assert_eq!(cosines.of_passage(8), None);
    }
}
