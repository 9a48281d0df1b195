//! Special functions, in software: the same bits on every processor.

/// `ln B(a, b)`.
pub(super) fn ln_beta(a: f64, b: f64) -> f64 {
    libm::lgamma(a) + libm::lgamma(b) - libm::lgamma(a + b)
}

/// `times · ln share`; nothing times anything is nothing.
pub(super) fn times_ln(times: f64, share: f64) -> f64 {
    if times <= 0.0 {
        0.0
    } else {
        times * libm::log(share)
    }
}

/// What a message of that age still counts, in thousandths: half after each half-life. A half-life of 0 forgets nothing.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share of a thousand"
)]
pub(super) fn weight(age_days: u32, half_life_days: u32) -> u64 {
    if half_life_days == 0 {
        return 1_000;
    }
    let halvings = f64::from(age_days) / f64::from(half_life_days);
    (1_000.0 * libm::exp2(-halvings)).round() as u64
}

/// A count as a number.
#[expect(
    clippy::cast_precision_loss,
    reason = "counts of messages are far below 2^53"
)]
pub(super) fn real(count: u64) -> f64 {
    count as f64
}

/// A share in basis points.
pub(super) fn bp(share: f64) -> u32 {
    parts(share, 10_000.0)
}

/// A share in parts of a million.
pub(super) fn ppm(share: f64) -> u32 {
    parts(share, 1_000_000.0)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share of one"
)]
fn parts(share: f64, of: f64) -> u32 {
    (share.clamp(0.0, 1.0) * of).round() as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_values() {
        // B(2, 3) = 1/12.
        assert!((ln_beta(2.0, 3.0) + 12_f64.ln()).abs() < 1e-12);
        assert_eq!(times_ln(0.0, 0.0).to_bits(), 0.0_f64.to_bits());
        assert_eq!(
            [
                weight(0, 90),
                weight(90, 90),
                weight(180, 90),
                weight(45, 90),
                weight(999, 0)
            ],
            [1_000, 500, 250, 707, 1_000]
        );
        assert_eq!((bp(0.065), ppm(0.000_3)), (650, 300));
    }
}
