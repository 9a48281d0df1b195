//! The rule whose law a sentence would break that no rule knows, but that reads like known violations of a family.

use super::compile::{CompiledRule, RuleBook};
use super::fold::{family, points_of};
use super::reach::Reached;
use crate::domain::law::LegalStatus;
use crate::text::stem::stem;
use std::collections::BTreeSet;

/// Shorter words join sentences and tell none apart.
const LEAST_LETTERS: usize = 4;

impl RuleBook {
    /// Of the family's rules that look at this place, product and day, the one whose own violating samples share most
    /// words with the sentence and its known example; of equals the widest. None: the family has no law here.
    pub(super) fn rule_alike(
        &self,
        named: &str,
        sentence: &str,
        example: &str,
        reached: &[Reached],
    ) -> Option<&CompiledRule> {
        let is_law = |status: LegalStatus| {
            !matches!(
                status,
                LegalStatus::Proposed | LegalStatus::Stayed | LegalStatus::Policy
            )
        };
        let holds = |rule: &&CompiledRule| {
            rule.claimed.is_some()
                && is_law(rule.rule.legal_status)
                && reached[rule.reach]
                    .as_ref()
                    .is_ok_and(|cap| cap.unknown.is_none())
        };
        let within = |rule: &&CompiledRule| points_of(&rule.rule.id).any(|point| point == named);
        let beside = |rule: &&CompiledRule| family(&rule.rule.id) == family(named);
        let of = |belongs: &dyn Fn(&&CompiledRule) -> bool| {
            let rules = self.rules.iter().filter(holds).filter(belongs);
            let asked: BTreeSet<String> = words(sentence).chain(words(example)).collect();
            rules.max_by_key(|rule| {
                let shared = rule.rule.tests.violate.iter().map(|case| {
                    let known: BTreeSet<String> = words(&case.text).collect();
                    // Long samples share words by chance.
                    100 * known.intersection(&asked).count().pow(2) / known.len().max(1)
                });
                let id = &rule.rule.id;
                let shared = shared.max().unwrap_or(0);
                (shared, std::cmp::Reverse((id.len(), id.as_str())))
            })
        };
        of(&within).or_else(|| of(&beside))
    }
}

/// The stems of a text's longer words.
fn words(text: &str) -> impl Iterator<Item = String> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| word.chars().count() >= LEAST_LETTERS)
        .map(|word| stem(&word.to_lowercase()).to_owned())
}
