//! Who is sent which: by stable hashes of test and customer, so that the same person always falls into the same group.

use super::numbers::real;
use super::plan::{Assignment, PlannedExperiment};
use super::posterior::Posterior;
use crate::domain::analysis::HELD_OUT;
use crate::domain::digest::Digest;

/// A share between 0 and 1 that this customer always has for this purpose.
fn share(test: &str, customer: &str, purpose: &str) -> f64 {
    let digest = Digest::of_parts([test.as_bytes(), customer.as_bytes(), purpose.as_bytes()]);
    let mut first = [0; 8];
    first.copy_from_slice(&digest.0[..8]);
    (real(u64::from_be_bytes(first) >> 11) + 0.5) / real(1 << 53)
}

/// What a customer is in an experiment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExperimentGroup {
    /// Always gets the control.
    Control,
    /// Gets nothing.
    HeldOut,
    Treatment,
}

impl ExperimentGroup {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Control => "control",
            Self::HeldOut => HELD_OUT,
            Self::Treatment => "treatment",
        }
    }
}

/// The customer's group, of so many in a hundred each.
pub fn group(test: &str, customer: &str, control_pct: u32, holdout_pct: u32) -> ExperimentGroup {
    let at = share(test, customer, "group") * 100.0;
    if at < f64::from(control_pct) {
        ExperimentGroup::Control
    } else if at < f64::from(control_pct + holdout_pct) {
        ExperimentGroup::HeldOut
    } else {
        ExperimentGroup::Treatment
    }
}

/// The arm for a customer who is in the treatment group, among those that were not stopped; another seed draws anew
/// where it is drawn. `None` where everybody gets what scores best, or nothing is left.
pub fn arm<'t>(
    test: &'t PlannedExperiment,
    customer: &str,
    seed: u64,
    open: &dyn Fn(&str) -> bool,
    posterior: &dyn Fn(&str) -> Posterior,
) -> Option<&'t str> {
    let arms = || {
        test.arms
            .iter()
            .filter(|(arm, part)| **part > 0 && open(arm))
            .map(|(arm, part)| (arm.as_str(), *part))
    };
    match test.assignment {
        Assignment::Best => None,
        Assignment::Fixed => {
            let all: u32 = arms().map(|(_, part)| part).sum();
            let mut left = share(&test.id, customer, "arm") * f64::from(all);
            arms()
                .find(|(_, part)| {
                    left -= f64::from(*part);
                    left < 0.0
                })
                .map(|(arm, _)| arm)
        }
        Assignment::Thompson => {
            let drawn = arms().map(|(arm, _)| {
                let at = share(&test.id, customer, &format!("{seed} {arm}"));
                (posterior(arm).quantile(at), arm)
            });
            drawn.max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, arm)| arm)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::plan::ExperimentPlan;
    use super::*;
    use std::collections::BTreeMap;

    fn test(assignment: &str) -> PlannedExperiment {
        let text = format!(
            "[[experiment]]\nid = \"t\"\nsegment = \"S\"\nchannel = \"email\"\nsince = \"2026-10-01\"\n\
             assignment = \"{assignment}\"\ncontrol = \"a\"\narms = {{ a = 1, b = 2, c = 1 }}\n"
        );
        ExperimentPlan::parse(&text).unwrap().tests.remove(0)
    }

    fn counts(
        test: &PlannedExperiment,
        posterior: &dyn Fn(&str) -> Posterior,
    ) -> BTreeMap<String, u32> {
        let mut counts = BTreeMap::new();
        for i in 0..2_000 {
            let arm = arm(test, &format!("c{i}"), 7, &|arm| arm != "c", posterior).unwrap();
            *counts.entry(arm.to_owned()).or_default() += 1;
        }
        counts
    }

    #[test]
    fn groups_are_stable_and_as_large_as_was_said() {
        let first = group("t", "c1", 10, 20);
        assert!((0..10).all(|_| group("t", "c1", 10, 20) == first));
        let count = |wanted: ExperimentGroup| {
            (0..5_000)
                .filter(|i| group("t", &format!("c{i}"), 10, 20) == wanted)
                .count()
        };
        assert!((400..600).contains(&count(ExperimentGroup::Control)));
        assert!((850..1_150).contains(&count(ExperimentGroup::HeldOut)));
        assert_eq!(group("t", "c1", 0, 0), ExperimentGroup::Treatment);
        assert_eq!(group("t", "c1", 100, 0), ExperimentGroup::Control);
    }

    #[test]
    fn arms_get_their_shares_or_as_many_as_they_are_likely_to_be_the_best() {
        let flat = |_: &str| Posterior::new(1_000, 19_000);
        let fixed = counts(&test("fixed"), &flat);
        // A third and two thirds: the third arm was stopped.
        assert!((580..760).contains(&fixed["a"]), "{fixed:?}");
        assert_eq!(fixed.len(), 2);
        let even = counts(&test("thompson"), &flat);
        assert!((900..1_100).contains(&even["a"]), "{even:?}");
        let better = |arm: &str| Posterior::new(if arm == "b" { 80_000 } else { 50_000 }, 950_000);
        let learned = counts(&test("thompson"), &better);
        assert!(learned["b"] > 1_900, "{learned:?}");
        assert_eq!(arm(&test("best"), "c", 7, &|_| true, &flat), None);
    }

    /// Four hundred batches of twenty customers, sent what is chosen for each; messages lost against always the best arm.
    fn regret(assignment: &str, rates: &BTreeMap<&str, f64>) -> f64 {
        let test = test(assignment);
        let mut seen: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
        let best = rates.values().copied().fold(0.0, f64::max);
        let mut lost = 0.0;
        for batch in 0..400 {
            let now = seen.clone();
            let posterior = |arm: &str| {
                let (hits, misses) = now.get(arm).copied().unwrap_or_default();
                Posterior::new(1_000 * (hits + 1), 1_000 * (misses + 19))
            };
            for i in 0..20 {
                let customer = format!("{batch}/{i}");
                let arm = arm(&test, &customer, 7, &|_| true, &posterior).unwrap();
                let arm = *rates.keys().find(|known| **known == arm).unwrap();
                lost += best - rates[arm];
                let counts = seen.entry(arm).or_default();
                if share("world", &customer, arm) < rates[arm] {
                    counts.0 += 1;
                } else {
                    counts.1 += 1;
                }
            }
        }
        lost
    }

    #[test]
    fn thompson_loses_little_against_the_known_best() {
        let rates = BTreeMap::from([("a", 0.04), ("b", 0.06), ("c", 0.10)]);
        let (thompson, fixed) = (regret("thompson", &rates), regret("fixed", &rates));
        // 8,000 messages: shares of the arms lose 0.035 each, 280 in all.
        assert!((250.0..310.0).contains(&fixed), "{fixed}");
        assert!(thompson * 5.0 < fixed, "{thompson} {fixed}");
    }
}
