//! The known violations that a sentence is most like: they give the family, and one of them is named.

use super::products::classes;
use super::solve::{LogOdds, rarity};
use crate::domain::jurisdiction::Jurisdiction;
use crate::rules::fold::family;
use rustc_hash::FxHashMap;
use std::collections::BTreeSet;

/// For the same product, and for one of the same class.
const SAME_PRODUCT: LogOdds = 2_000;
const SAME_CLASS: LogOdds = 1_000;
/// What shared words count, over the square root of all the words of the known one.
const SCALE: LogOdds = 30;
/// So many vote.
const VOTERS: usize = 7;
/// One as alike as this needs no votes.
const CLOSE: LogOdds = 5_000;

/// A sentence that violates.
#[derive(Clone, Debug)]
pub struct KnownViolation {
    /// The rule family.
    pub family: String,
    pub text: String,
    product: Option<String>,
    classes: Vec<usize>,
    /// Numbers of its features.
    features: Vec<usize>,
    /// The square root of their rarities' sum.
    size: LogOdds,
}

impl KnownViolation {
    pub fn new(family: &str, text: &str, product: Option<&str>, features: Vec<usize>) -> Self {
        Self {
            family: family.to_owned(),
            text: text.to_owned(),
            product: product.map(str::to_lowercase),
            classes: classes(product),
            features,
            size: 1,
        }
    }

    /// Has it know how rare its features are.
    pub fn weigh(&mut self, counts: &[(u64, u64)], rows: u64) {
        let sum: LogOdds = self
            .features
            .iter()
            .map(|number| rarity(counts.get(*number).copied(), rows))
            .sum();
        self.size = sum.max(1).isqrt();
    }

    /// Whether the law of its family protects a reader there: `us.` in the United States, `core.` and the firm's own
    /// families everywhere.
    fn holds_in(&self, place: Option<&Jurisdiction>) -> bool {
        let Some(place) = place.map(Jurisdiction::as_str) else {
            return true;
        };
        let law = self.family.split('.').next().unwrap_or("");
        if law.len() != 2 {
            return true;
        }
        let law = law.to_uppercase();
        place
            .strip_prefix(law.as_str())
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
    }

    /// Whether its family is one of those that hold, as narrow as the rules name it: what is to be law next month may lie
    /// in one legal point with what is law today.
    fn is_of(&self, asked: &QuerySentence<'_>) -> bool {
        asked.points.is_none_or(|points| {
            let point = if asked.ruled.contains(&self.family) {
                &self.family
            } else {
                family(&self.family)
            };
            points.contains(point) || point.starts_with("core") || point.starts_with("firm")
        })
    }

    fn likeness(&self, asked: &QuerySentence<'_>) -> LogOdds {
        let shared: LogOdds = self
            .features
            .iter()
            .filter_map(|number| asked.rarities.get(*number))
            .sum();
        let bonus = if asked.product.is_some() && self.product.as_deref() == asked.product {
            SAME_PRODUCT
        } else if self
            .classes
            .iter()
            .any(|class| asked.classes.contains(class))
        {
            SAME_CLASS
        } else {
            0
        };
        SCALE * shared / self.size + bonus
    }
}

/// A sentence whose like is looked for.
pub struct QuerySentence<'a> {
    /// How rare each feature is that it has, by the feature's number; nothing for those that it has not.
    pub rarities: Vec<LogOdds>,
    /// In small letters.
    pub product: Option<&'a str>,
    pub classes: &'a [usize],
    pub place: Option<&'a Jurisdiction>,
    /// Legal points of which it may be.
    pub points: Option<&'a BTreeSet<&'a str>>,
    /// Legal points, wide and narrow, of all rules.
    pub ruled: &'a BTreeSet<String>,
}

/// The most alike known sentence of the family for which the most alike ones speak together.
pub fn nearest<'k>(
    known: impl Iterator<Item = &'k KnownViolation>,
    asked: &QuerySentence<'_>,
) -> Option<&'k KnownViolation> {
    // Families are few, and known sentences are many.
    let mut families: FxHashMap<&str, bool> = FxHashMap::default();
    let mut voters: Vec<(LogOdds, &KnownViolation)> = known
        .filter(|known| {
            let family = families.entry(known.family.as_str());
            *family.or_insert_with(|| known.holds_in(asked.place) && known.is_of(asked))
        })
        .map(|known| (known.likeness(asked), known))
        .collect();
    // The order of those that are equally alike is that of the table.
    voters.sort_by_key(|(likeness, _)| std::cmp::Reverse(*likeness));
    voters.truncate(VOTERS);
    if let Some((likeness, known)) = voters.first()
        && *likeness >= CLOSE
    {
        return Some(known);
    }
    let votes = |family: &str| -> LogOdds {
        voters
            .iter()
            .filter(|(_, known)| known.family == family)
            .map(|(likeness, _)| likeness)
            .sum()
    };
    let mut best: Option<(LogOdds, &KnownViolation)> = None;
    for (_, known) in &voters {
        let votes = votes(&known.family);
        if best.is_none_or(|(most, _)| votes > most) {
            best = Some((votes, known));
        }
    }
    best.map(|(_, known)| known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_law_speaks_to_its_own_readers() {
        let known = |family| KnownViolation::new(family, "", None, Vec::new());
        let place = |code: &str| Jurisdiction::new(code);
        assert!(known("us.croa").holds_in(Some(&place("US-CA"))));
        assert!(!known("us.croa").holds_in(Some(&place("UK"))));
        assert!(known("core.words").holds_in(Some(&place("UK"))));
        assert!(known("eu.ccd").holds_in(None));
    }

    #[test]
    fn the_family_with_most_votes_is_named_by_its_nearest() {
        let rows = [
            KnownViolation::new("us.a", "one", None, vec![1]),
            KnownViolation::new("us.b", "two", None, vec![2]),
            KnownViolation::new("us.b", "three", None, vec![2]),
        ];
        let asked = QuerySentence {
            rarities: vec![0, 30, 20],
            product: None,
            classes: &[],
            place: None,
            points: None,
            ruled: &BTreeSet::new(),
        };
        assert_eq!(nearest(rows.iter(), &asked).unwrap().text, "two");
        assert!(nearest([].iter(), &asked).is_none());
    }
}
