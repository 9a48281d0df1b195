//! Who sees which: a stable hash of test and customer, so that the same person always falls into the same group.

use crate::domain::digest::Digest;

/// Group `treatment` or `control` (one in ten), from hash, not chance.
pub fn assign(test: &str, customer: &str, seed: u64) -> &'static str {
    let digest = Digest::of_parts([test.as_bytes(), customer.as_bytes(), &seed.to_be_bytes()]);
    let bucket = u16::from_be_bytes([digest.0[0], digest.0[1]]) % 1_000;
    if bucket < 100 { "control" } else { "treatment" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_stable_and_about_one_in_ten() {
        assert_eq!(assign("t", "c1", 7), assign("t", "c1", 7));
        let control = (0..5_000)
            .filter(|i| assign("t", &format!("c{i}"), 7) == "control")
            .count();
        assert!((400..600).contains(&control), "{control}");
    }
}
