//! The Beta posterior of a response rate: mean, interval, and the probability of being the best arm.
//!
//! Integrals are sums over a fixed grid with additions, multiplications and `ln`/`exp` of the standard library; results are
//! rounded to basis points, which hides the last bits that could differ between processors.

/// Beta(a, b).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Posterior {
    a: u64,
    b: u64,
}

/// Grid points of the numerical integrals.
const GRID: usize = 2_048;

impl Posterior {
    pub fn new(a: u64, b: u64) -> Self {
        Self { a, b }
    }

    /// Mean in basis points.
    pub fn mean_bp(&self) -> u32 {
        u32::try_from(self.a * 10_000 / (self.a + self.b)).unwrap_or(0)
    }

    /// Density over the grid of rates `from..to`, summing to one.
    #[expect(
        clippy::cast_precision_loss,
        reason = "counts of messages are far below 2^53"
    )]
    fn density(&self, from: f64, to: f64) -> Vec<f64> {
        let (a, b) = (self.a as f64 - 1.0, self.b as f64 - 1.0);
        let rates = grid(from, to);
        let logs: Vec<f64> = rates
            .iter()
            .map(|x| a * x.ln() + b * (1.0 - x).ln())
            .collect();
        let top = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let weights: Vec<f64> = logs.iter().map(|l| (l - top).exp()).collect();
        let sum: f64 = weights.iter().sum();
        weights.into_iter().map(|w| w / sum).collect()
    }

    /// Mean ± a generous multiple of the spread: where all the mass is.
    #[expect(
        clippy::cast_precision_loss,
        reason = "counts of messages are far below 2^53"
    )]
    fn range(&self) -> (f64, f64) {
        let (a, b) = (self.a as f64, self.b as f64);
        let mean = a / (a + b);
        let spread = (a * b / ((a + b) * (a + b) * (a + b + 1.0))).sqrt();
        (
            (mean - 8.0 * spread).max(1e-9),
            (mean + 8.0 * spread).min(1.0 - 1e-9),
        )
    }

    /// The central 90 % interval in basis points.
    pub fn interval_bp(&self) -> (u32, u32) {
        let (from, to) = self.range();
        let density = self.density(from, to);
        let rates = grid(from, to);
        let (mut low, mut high) = (rates[0], rates[GRID - 1]);
        let mut sum = 0.0;
        for (rate, weight) in rates.iter().zip(&density) {
            if sum < 0.05 {
                low = *rate;
            }
            if sum < 0.95 {
                high = *rate;
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
fn grid(from: f64, to: f64) -> Vec<f64> {
    let step = (to - from) / GRID as f64;
    (0..GRID).map(|i| from + step * (i as f64 + 0.5)).collect()
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share of one"
)]
fn bp(share: f64) -> u32 {
    (share.clamp(0.0, 1.0) * 10_000.0).round() as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_arms_share_and_a_better_arm_wins() {
        let equal = best_bp(&[Posterior::new(10, 190), Posterior::new(10, 190)]);
        assert!(equal.iter().all(|p| p.abs_diff(5_000) <= 5), "{equal:?}");
        let clear = best_bp(&[
            Posterior::new(150, 850),
            Posterior::new(50, 950),
            Posterior::new(50, 950),
        ]);
        assert!(
            clear[0] > 9_990 && clear.iter().sum::<u32>().abs_diff(10_000) < 10,
            "{clear:?}"
        );
    }

    #[test]
    fn the_interval_of_a_known_beta() {
        // Beta(2, 2): quantiles .05 and .95 are .1353 and .8647.
        let (low, high) = Posterior::new(2, 2).interval_bp();
        assert!(
            low.abs_diff(1_353) < 15 && high.abs_diff(8_647) < 15,
            "{low} {high}"
        );
        assert_eq!(Posterior::new(1, 19).mean_bp(), 500);
    }
}
