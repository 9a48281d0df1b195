//! Figures of small numbers: shares with their intervals, times, agreement.

use serde::Serialize;

/// Fewest of which a share is told without the word that they are few.
pub const ENOUGH: u64 = 20;

/// Fewest times of which the slowest tenth is told.
const TENTHS: usize = 10;

/// z of a 95 % interval.
const Z: f64 = 1.959_963_984_540_054;

/// So many of so many, with the 95 % interval of the share (Wilson), in hundredths of a per cent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Proportion {
    pub count: u64,
    pub of: u64,
    pub low_bp: u32,
    pub high_bp: u32,
}

impl Proportion {
    /// `None` of nothing.
    pub fn new(count: u64, of: u64) -> Option<Self> {
        if of == 0 {
            return None;
        }
        // Counts of decisions are far below 2^53.
        #[allow(clippy::cast_precision_loss, reason = "counts are small")]
        let (count_f, n) = (count.min(of) as f64, of as f64);
        let p = count_f / n;
        let middle = p + Z * Z / (2.0 * n);
        let half = Z * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt();
        let whole = 1.0 + Z * Z / n;
        Some(Self {
            count,
            of,
            low_bp: bp((middle - half) / whole),
            high_bp: bp((middle + half) / whole),
        })
    }

    /// The share alone, for a chart that also shows the interval.
    pub fn middle_bp(&self) -> u32 {
        u32::try_from(self.count * 10_000 / self.of.max(1)).unwrap_or(10_000)
    }

    /// In words; never the share alone.
    pub fn in_words(&self) -> String {
        let few = if self.of < ENOUGH { "few: " } else { "" };
        let percent = |bp: u32| (bp + 50) / 100;
        format!(
            "{} of {} ({few}95 % interval {} to {} %)",
            self.count,
            self.of,
            percent(self.low_bp),
            percent(self.high_bp)
        )
    }
}

#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "between 0 and 10,000"
)]
fn bp(share: f64) -> u32 {
    (share * 10_000.0).round().clamp(0.0, 10_000.0) as u32
}

/// Seconds for one item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct ItemTimes {
    pub measured: usize,
    pub median_s: i64,
    /// What nine of ten keep; none of fewer than ten.
    pub p90_s: Option<i64>,
}

impl ItemTimes {
    pub fn of(mut seconds: Vec<i64>) -> Option<Self> {
        seconds.sort_unstable();
        let n = seconds.len();
        let (low, high) = (seconds.get(n.checked_sub(1)? / 2)?, seconds.get(n / 2)?);
        Some(Self {
            measured: n,
            median_s: (low + high) / 2,
            p90_s: (n >= TENTHS)
                .then(|| seconds.get((n * 9).div_ceil(10) - 1).copied())
                .flatten(),
        })
    }
}

/// How often two who decided alike could have done so by chance is taken out: pooled over pairs (Scott's pi), in hundredths
/// of a per cent. `None` of too few pairs, or where all say the same.
pub fn kappa(agreed: u64, pairs: u64, released: u64) -> Option<i32> {
    if pairs < ENOUGH {
        return None;
    }
    let pairs = i64::try_from(pairs).ok()?;
    let (agreed, released) = (i64::try_from(agreed).ok()?, i64::try_from(released).ok()?);
    let both = 2 * pairs;
    let square = both.checked_mul(both)?;
    let other = both - released;
    let chance = released.checked_mul(released)? + other.checked_mul(other)?;
    // (agreed/pairs - chance/square) / (1 - chance/square)
    let below = square - chance;
    let above = 2 * both * agreed - chance;
    let share = above.checked_mul(10_000)?.checked_div(below)?;
    i32::try_from(share).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_are_those_of_the_books() {
        let of = |count, all| {
            let found = Proportion::new(count, all).unwrap();
            (found.low_bp, found.high_bp)
        };
        // Wilson without correction: 0/10, 8/10, 10/10, 50/100.
        assert_eq!(of(0, 10), (0, 2775));
        assert_eq!(of(8, 10), (4902, 9433));
        assert_eq!(of(10, 10), (7225, 10_000));
        assert_eq!(of(50, 100), (4038, 5962));
        assert_eq!(Proportion::new(0, 0), None);
        let words = Proportion::new(3, 4).unwrap().in_words();
        assert!(words.starts_with("3 of 4 (few: 95 % interval"), "{words}");
        assert!(!Proportion::new(30, 40).unwrap().in_words().contains("few"));
    }

    #[test]
    fn times_of_few_tell_no_tenth() {
        assert_eq!(ItemTimes::of(Vec::new()), None);
        let few = ItemTimes::of(vec![30, 10, 20, 40]).unwrap();
        assert_eq!((few.median_s, few.p90_s), (25, None));
        let ten = ItemTimes::of((1..=10).collect()).unwrap();
        assert_eq!((ten.median_s, ten.p90_s), (5, Some(9)));
    }

    #[test]
    fn chance_is_taken_out_of_agreement() {
        assert_eq!(kappa(15, 19, 20), None, "too few");
        assert_eq!(kappa(20, 20, 40), None, "all the same");
        assert_eq!(kappa(20, 20, 20), Some(10_000));
        assert_eq!(kappa(10, 20, 20), Some(0));
        // 30 of 40 pairs, 50 of 80 released: (0.75 - 0.53125) / 0.46875.
        assert_eq!(kappa(30, 40, 50), Some(4666));
    }
}
