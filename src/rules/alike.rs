//! The rule whose law a sentence would break that no rule knows, but that reads like known violations of a family.

use super::claimed::ClaimedRun;
use super::compile::{CompiledRule, RuleBook};
use super::evaluate::RuleRun;
use super::fold::{family, points_of};
use crate::domain::law::LegalStatus;
use crate::text::stem::stem;
use std::cmp::Reverse;
use std::collections::BTreeSet;

/// Shorter words join sentences and tell none apart.
const LEAST_LETTERS: usize = 5;

/// So many words of one of a rule's own samples have to stand in the sentence, and at least half of that sample's. On 20
/// unseen sentences that a likeness named, a reader found the law of the nearest rule right in six, and none of them
/// shared as much: without it no law is named.
const LEAST_SHARED: usize = 2;

/// A rule that a sentence comes near, by one of its own samples.
pub(super) struct NearRule<'r> {
    pub rule: &'r CompiledRule,
    /// The violating sample that shares most words with the sentence: the same fault, in other words.
    pub sample: &'r str,
    /// What the rule would say to do, with the facts that decide.
    pub fix: String,
}

impl RuleBook {
    /// Of the family's rules that look at this place, product and day, and that the message's facts would let speak, the
    /// one whose own violating samples share most words with the sentence; of equals the widest. None: no rule of the
    /// family is near enough to name its law.
    pub(super) fn rule_alike(
        &self,
        named: &str,
        sentence: &str,
        run: &RuleRun<'_>,
    ) -> Option<NearRule<'_>> {
        let is_law = |status: LegalStatus| {
            !matches!(
                status,
                LegalStatus::Proposed | LegalStatus::Stayed | LegalStatus::Policy
            )
        };
        let holds = |rule: &&CompiledRule| {
            rule.claimed.is_some()
                && is_law(rule.rule.legal_status)
                && run.reached[rule.reach]
                    .as_ref()
                    .is_ok_and(|cap| cap.unknown.is_none())
                && (points_of(&rule.rule.id).any(|point| point == named)
                    || family(&rule.rule.id) == family(named))
        };
        let asked: BTreeSet<String> = words(sentence).collect();
        let nearest = |rule: &CompiledRule| {
            let samples = rule.sample_words().iter().enumerate();
            samples
                .map(|(at, known)| (known.intersection(&asked).count(), known.len(), at))
                .filter(|(shared, all, _)| *shared >= LEAST_SHARED && 2 * shared >= *all)
                .map(|(shared, _, at)| (shared, Reverse(at)))
                .max()
        };
        let rules = self.rules.iter().filter(holds);
        let mut near: Vec<(usize, usize, &CompiledRule)> = rules
            .filter_map(|rule| nearest(rule).map(|(shared, at)| (shared, at.0, rule)))
            .collect();
        near.sort_by_key(|(shared, _, rule)| {
            let id = rule.rule.id.as_str();
            (Reverse(*shared), id.len(), id)
        });
        let (at, rule, fix) = near.into_iter().find_map(|(_, at, rule)| {
            let claimed = ClaimedRun::of(self, rule, run.prepared, run.readings)?;
            Some((at, rule, claimed.fix_if_claimed()?))
        })?;
        let sample = &rule.rule.tests.violate.get(at)?.text;
        Some(NearRule { rule, sample, fix })
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

/// Whether two sentences share enough longer words to be held against each other.
pub(super) fn are_near(one: &str, other: &str) -> bool {
    let known: BTreeSet<String> = words(one).collect();
    let asked: BTreeSet<String> = words(other).collect();
    known.intersection(&asked).count() >= LEAST_SHARED
}

/// Words as a sentence has them, where stems stand in a row in it; what is no stem of its own stays.
pub(super) fn as_written(stems: &str, sentence: &str) -> String {
    let wanted: Vec<&str> = stems.split(' ').collect();
    let written: Vec<String> = sentence
        .split(|c: char| !(c.is_alphanumeric() || matches!(c, '\'' | '’')))
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    let is_it = |run: &&[String]| {
        run.iter()
            .zip(&wanted)
            .all(|(word, wanted)| word == wanted || stem(word) == *wanted)
    };
    let run = written.windows(wanted.len()).find(is_it);
    run.map_or_else(|| stems.to_owned(), |run| run.join(" "))
}

/// The stems of a text's longer words.
fn words(text: &str) -> impl Iterator<Item = String> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| word.chars().count() >= LEAST_LETTERS)
        .map(|word| stem(&word.to_lowercase()).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stems_are_told_as_the_sentence_has_them() {
        let sentence = "Fully guaranteed, it covers everything, for ever.";
        let stems = [stem("everything").to_owned(), "for".into()].join(" ");
        assert_eq!(as_written(&stems, sentence), "everything for");
        assert_eq!(as_written(stem("guaranteed"), sentence), "guaranteed");
        let of_facts = "a fact that the text does not state";
        assert_eq!(as_written(of_facts, sentence), of_facts);
    }

    #[test]
    fn sentences_are_near_by_their_longer_words() {
        assert!(are_near(
            "Returns are guaranteed here.",
            "A guaranteed return, always."
        ));
        assert!(!are_near(
            "As good as mother's milk.",
            "You'll like this fund."
        ));
        assert!(!are_near("We win every case.", "Every lamp is on sale."));
    }
}
