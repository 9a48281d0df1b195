//! No arm wins by saying less: how near each disclosure stands to the claim that it belongs to, beside the other arms.
//!
//! Nearness is what the FTC asks first of a disclosure (“.com Disclosures”, 2013: “as close as possible to the relevant
//! claim”), and what a reader of a short message notices.

use super::score::{PlacedDisclosure, ScoreCandidate};
use crate::domain::finding::{EvidenceLink, EvidenceState, Part};
use std::collections::BTreeSet;

/// Facts about who sends: every message states them, and no disclosure belongs to them.
const OF_THE_SENDER: [&str; 5] = [
    "firm_name",
    "postal_address",
    "product_name",
    "opt_out_url",
    "sender_name",
];

/// How much less near, in basis points of the body, makes a disclosure weaker.
const TOLERANCE_BP: u32 = 2_500;

fn fact_of(link: &EvidenceLink) -> Option<&str> {
    link.source.strip_prefix("fact:")
}

impl ScoreCandidate<'_> {
    /// What carries, or should carry, each number and claim of the body that is not about the sender.
    fn claims(&self) -> impl Iterator<Item = &EvidenceLink> {
        self.verdict.evidence.iter().filter(|link| {
            let about_the_sender = fact_of(link).is_some_and(|fact| OF_THE_SENDER.contains(&fact));
            link.part == Part::Body && !about_the_sender
        })
    }

    /// Facts that the body states.
    fn stated(&self) -> impl Iterator<Item = &str> {
        self.claims()
            .filter(|link| link.state == EvidenceState::Supported)
            .filter_map(fact_of)
    }

    /// 10,000: right after the claim before it, before all claims, or where nothing is claimed; less by the share of the
    /// body in between.
    fn nearness_bp(&self, disclosure: &PlacedDisclosure<'_>) -> u32 {
        let ends = self.claims().map(|link| link.end);
        let before = ends.filter(|end| *end <= disclosure.start).max();
        let gap = before.map_or(0, |end| disclosure.start - end);
        let share = gap * 10_000 / self.body.len().max(1);
        10_000_u32.saturating_sub(u32::try_from(share).unwrap_or(u32::MAX))
    }

    /// The least near of its disclosures, if it carries any.
    pub(super) fn prominence_bp(&self) -> Option<u32> {
        self.disclosures.iter().map(|d| self.nearness_bp(d)).min()
    }

    /// Why its disclosures are weaker than those of another arm, if they are: one is left out although both state the same
    /// fact, or stands much farther from what it belongs to.
    pub(super) fn weaker(&self, others: &[&ScoreCandidate<'_>]) -> Option<String> {
        let facts: BTreeSet<&str> = self.stated().collect();
        for other in others.iter().filter(|other| other.id != self.id) {
            let shared = || other.stated().find(|f| facts.contains(f));
            for theirs in &other.disclosures {
                let own = self.disclosures.iter().find(|d| d.id == theirs.id);
                let their_nearness = other.nearness_bp(theirs);
                match own.map(|own| self.nearness_bp(own)) {
                    Some(nearness) if nearness + TOLERANCE_BP < their_nearness => {
                        return Some(format!(
                            "carries {} farther from its claim than {}",
                            theirs.id, other.id
                        ));
                    }
                    None => {
                        if let Some(fact) = shared() {
                            return Some(format!(
                                "states {fact} as {} does, without its {}",
                                other.id, theirs.id
                            ));
                        }
                    }
                    Some(_) => {}
                }
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::finding::Verdict;

    fn verdict(facts: &[(&str, usize)]) -> Verdict {
        let evidence = facts.iter().map(|(fact, end)| EvidenceLink {
            part: Part::Body,
            start: 0,
            end: *end,
            text: String::new(),
            state: EvidenceState::Supported,
            source: format!("fact:{fact}"),
            quote: String::new(),
        });
        Verdict::from_findings(Vec::new(), Vec::new(), evidence.collect())
    }

    fn candidate<'c>(
        id: &'c str,
        verdict: &'c Verdict,
        disclosures: Vec<PlacedDisclosure<'c>>,
        body: &'c str,
    ) -> ScoreCandidate<'c> {
        ScoreCandidate {
            id,
            kind: "short",
            body,
            disclosures,
            verdict,
            relevance_bp: 0,
            freshness_bp: 0,
        }
    }

    #[test]
    fn who_hides_or_drops_a_disclosure_is_weaker_and_who_needs_none_is_not() {
        let body = "x".repeat(1_000);
        let rate = verdict(&[("apr", 100), ("postal_address", 990)]);
        let other = verdict(&[("min_open", 100), ("postal_address", 990)]);
        let at = |start| {
            vec![PlacedDisclosure {
                id: "credit",
                start,
            }]
        };
        let near = candidate("A", &rate, at(110), &body);
        let less_near = candidate("B", &rate, at(300), &body);
        let far = candidate("C", &rate, at(900), &body);
        let without = candidate("D", &rate, Vec::new(), &body);
        let silent = candidate("E", &other, Vec::new(), &body);
        let all = [&near, &less_near, &far, &without, &silent];
        let weak: Vec<bool> = all.iter().map(|c| c.weaker(&all).is_some()).collect();
        assert_eq!(weak, [false, false, true, true, false]);
        assert!(far.weaker(&all).unwrap().contains("farther"));
        assert!(without.weaker(&all).unwrap().contains("apr"));
        assert_eq!(
            [&near, &far, &without].map(ScoreCandidate::prominence_bp),
            [Some(9_900), Some(2_000), None]
        );
    }
}
