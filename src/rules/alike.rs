//! The rule whose law a sentence would break that no rule knows, but that reads like known violations of a family.

use super::compile::{CompiledRule, RuleBook};
use super::fold::{family, points_of};
use super::reach::Reached;
use crate::domain::law::LegalStatus;
use crate::text::stem::stem;
use std::collections::BTreeSet;

/// Shorter words join sentences and tell none apart.
const LEAST_LETTERS: usize = 5;

/// So many words of a rule's own samples have to stand in the sentence. On 20 unseen sentences that a likeness named, a
/// reader found the law of the nearest rule right in six, and none of them shared as much: without it no law is named.
const LEAST_SHARED: usize = 2;

impl RuleBook {
    /// Of the family's rules that look at this place, product and day, the one whose own violating samples share most
    /// words with the sentence; of equals the widest. None: no rule of the family is near enough to name its law.
    pub(super) fn rule_alike(
        &self,
        named: &str,
        sentence: &str,
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
                && (points_of(&rule.rule.id).any(|point| point == named)
                    || family(&rule.rule.id) == family(named))
        };
        let asked: BTreeSet<String> = words(sentence).collect();
        let shared = |rule: &CompiledRule| {
            let samples = rule.sample_words().iter();
            let shared = samples.map(|known| known.intersection(&asked).count());
            shared.max().unwrap_or(0)
        };
        self.rules
            .iter()
            .filter(holds)
            .map(|rule| (shared(rule), rule))
            .filter(|(shared, _)| *shared >= LEAST_SHARED)
            .max_by_key(|(shared, rule)| {
                let id = &rule.rule.id;
                (*shared, std::cmp::Reverse((id.len(), id.as_str())))
            })
            .map(|(_, rule)| rule)
    }
}

impl CompiledRule {
    /// The words of each violating sample, read when a likeness first asks for them.
    fn sample_words(&self) -> &[BTreeSet<String>] {
        self.sample_words.get_or_init(|| {
            let samples = self.rule.tests.violate.iter();
            samples.map(|case| words(&case.text).collect()).collect()
        })
    }
}

/// The stems of a text's longer words.
fn words(text: &str) -> impl Iterator<Item = String> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| word.chars().count() >= LEAST_LETTERS)
        .map(|word| stem(&word.to_lowercase()).to_owned())
}
