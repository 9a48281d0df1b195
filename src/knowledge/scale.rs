//! Scores in records are integers: ten-thousandths.

/// In ten-thousandths.
#[expect(clippy::cast_possible_truncation, reason = "scores are small")]
pub(super) fn e4(score: f32) -> i64 {
    (f64::from(score) * 10_000.0).round() as i64
}

/// As [`e4`].
#[expect(clippy::cast_possible_truncation, reason = "shares of one")]
pub(super) fn whole(value: f64) -> i64 {
    e4(value as f32)
}
