//! The Beta posterior of a rate: mean, interval, quantile, and the probability of being the best arm.
//!
//! Integrals are sums over a fixed grid, with logarithms and exponentials in software: the same bits everywhere. Results
//! are rounded to basis points.

use super::numbers::{bp, real};

/// Beta(a, b), both in thousandths of a message: old outcomes count for less than one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Posterior {
    a: u64,
    b: u64,
}

/// Grid points of the numerical integrals.
const GRID: usize = 1_024;

impl Posterior {
    /// From thousandths of a message.
    pub fn new(a: u64, b: u64) -> Self {
        Self {
            a: a.max(1),
            b: b.max(1),
        }
    }

    /// Mean.
    pub fn mean(&self) -> f64 {
        real(self.a) / (real(self.a) + real(self.b))
    }

    /// Mean in basis points.
    pub fn mean_bp(&self) -> u32 {
        let all = u128::from(self.a) + u128::from(self.b);
        u32::try_from(u128::from(self.a) * 10_000 / all).unwrap_or(0)
    }

    fn parameters(&self) -> (f64, f64) {
        (real(self.a) / 1_000.0, real(self.b) / 1_000.0)
    }

    /// Density over the grid of rates `from..to`, summing to one.
    fn density(&self, from: f64, to: f64) -> Vec<f64> {
        let (a, b) = self.parameters();
        let logs: Vec<f64> = grid(from, to)
            .map(|x| (a - 1.0) * libm::log(x) + (b - 1.0) * libm::log1p(-x))
            .collect();
        let top = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let weights: Vec<f64> = logs.iter().map(|l| libm::exp(l - top)).collect();
        let sum: f64 = weights.iter().sum();
        weights.into_iter().map(|w| w / sum).collect()
    }

    /// Mean ± a generous multiple of the spread: where all the mass is.
    fn range(&self) -> (f64, f64) {
        let (a, b) = self.parameters();
        let mean = a / (a + b);
        let spread = (a * b / ((a + b) * (a + b) * (a + b + 1.0))).sqrt();
        (
            (mean - 8.0 * spread).max(1e-9),
            (mean + 8.0 * spread).min(1.0 - 1e-9),
        )
    }

    /// The rate below which `share` of the mass lies.
    pub fn quantile(&self, share: f64) -> f64 {
        let (from, to) = self.range();
        let mut sum = 0.0;
        let mut at = from;
        for (rate, weight) in grid(from, to).zip(self.density(from, to)) {
            at = rate;
            sum += weight;
            if sum >= share {
                break;
            }
        }
        at
    }

    /// The central 90 % interval in basis points.
    pub fn interval_bp(&self) -> (u32, u32) {
        let (from, to) = self.range();
        let (mut low, mut high) = (from, from);
        let mut sum = 0.0;
        for (rate, weight) in grid(from, to).zip(self.density(from, to)) {
            if sum < 0.05 {
                low = rate;
            }
            if sum < 0.95 {
                high = rate;
            }
            sum += weight;
        }
        (bp(low), bp(high))
    }
}

/// For each arm the probability, in basis points, that its rate is the highest. Sums to about 10,000.
pub fn best_bp(arms: &[Posterior]) -> Vec<u32> {
    if arms.len() == 1 {
        return vec![10_000];
    }
    let from = arms.iter().map(|a| a.range().0).fold(1.0, f64::min);
    let to = arms.iter().map(|a| a.range().1).fold(0.0, f64::max);
    let densities: Vec<Vec<f64>> = arms.iter().map(|a| a.density(from, to)).collect();
    let mut below: Vec<Vec<f64>> = Vec::with_capacity(arms.len());
    for density in &densities {
        let mut sum = 0.0;
        below.push(
            density
                .iter()
                .map(|w| {
                    let half = sum + w * 0.5;
                    sum += w;
                    half
                })
                .collect(),
        );
    }
    (0..arms.len())
        .map(|arm| {
            let chance: f64 = (0..GRID)
                .map(|x| {
                    densities[arm][x]
                        * (0..arms.len())
                            .filter(|o| *o != arm)
                            .map(|o| below[o][x])
                            .product::<f64>()
                })
                .sum();
            bp(chance)
        })
        .collect()
}

#[expect(clippy::cast_precision_loss, reason = "a grid index")]
fn grid(from: f64, to: f64) -> impl Iterator<Item = f64> {
    let step = (to - from) / GRID as f64;
    (0..GRID).map(move |i| from + step * (i as f64 + 0.5))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(a: u64, b: u64) -> Posterior {
        Posterior::new(1_000 * a, 1_000 * b)
    }

    #[test]
    fn equal_arms_share_and_a_better_arm_wins() {
        let equal = best_bp(&[of(10, 190), of(10, 190)]);
        assert!(equal.iter().all(|p| p.abs_diff(5_000) <= 5), "{equal:?}");
        let clear = best_bp(&[of(150, 850), of(50, 950), of(50, 950)]);
        assert!(
            clear[0] > 9_990 && clear.iter().sum::<u32>().abs_diff(10_000) < 10,
            "{clear:?}"
        );
    }

    #[test]
    fn the_interval_of_a_known_beta() {
        // Beta(2, 2): quantiles .05, .5 and .95 are .1353, .5 and .8647.
        let (low, high) = of(2, 2).interval_bp();
        assert!(
            low.abs_diff(1_353) < 15 && high.abs_diff(8_647) < 15,
            "{low} {high}"
        );
        assert!((of(2, 2).quantile(0.5) - 0.5).abs() < 1e-3);
        assert!((of(2, 2).quantile(0.95) - 0.8647).abs() < 2e-3);
        assert_eq!(of(1, 19).mean_bp(), 500);
    }
}
