//! One finding for one fault: what says less of the same words is folded under what says most.

use crate::domain::finding::{Disposition, Finding, Part};
use std::collections::{BTreeMap, BTreeSet};

/// Regimes whose rules make several legal points: how many parts of an id name the point.
const POINTS: [(&str, usize); 18] = [
    ("us.finra.2210", 4),
    ("us.ftc.s5", 4),
    ("us.ftc", 3),
    ("us.udaap", 3),
    ("us.sec", 3),
    ("us.regz", 3),
    ("us.regdd", 3),
    ("us.fdic", 3),
    ("us.ecoa", 3),
    ("us.naic", 3),
    ("us.cms", 3),
    ("us.health", 3),
    ("us.hipaa", 3),
    ("us.ca", 3),
    ("us.tcpa", 3),
    ("uk.fca", 3),
    ("uk.conc", 3),
    ("core.consent", 2),
];

/// The legal point of a rule: `us.finra.2210.promissory` of `us.finra.2210.promissory.certain`.
pub fn family(rule: &str) -> &str {
    let depth = POINTS
        .iter()
        .find(|(regime, _)| {
            rule.strip_prefix(regime)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        })
        .map_or(2, |(_, depth)| *depth);
    rule.match_indices('.')
        .nth(depth - 1)
        .map_or(rule, |(at, _)| &rule[..at])
}

/// A rule's id and all points that it belongs to, down to its legal point: `us.a.b.c`, `us.a.b`, `us.a`.
pub fn points_of(rule: &str) -> impl Iterator<Item = &str> {
    let least = family(rule).len();
    let cuts = rule.match_indices('.').map(|(at, _)| at);
    cuts.chain([rule.len()])
        .filter(move |at| *at >= least)
        .map(move |at| &rule[..at])
}

/// Folds findings of one legal point on the same words, and those that facts alone make where the words were told of
/// already. Where the recipient's place is not known, laws of several places on the same words are one. What is folded asks
/// nothing and stays on record.
pub fn fold(mut findings: Vec<Finding>, placeless: bool) -> Vec<Finding> {
    let mut order: Vec<usize> = (0..findings.len()).collect();
    order.sort_by_key(|index| worth(&findings[*index]));
    // What stands, by legal point: the words of each part, which never overlap, and the facts.
    let mut words: BTreeMap<(String, Part), BTreeMap<usize, (usize, String)>> = BTreeMap::new();
    let mut points: BTreeMap<String, String> = BTreeMap::new();
    let mut facts: BTreeSet<(String, Vec<String>)> = BTreeSet::new();
    for index in order {
        let finding = &mut findings[index];
        if finding.disposition < Disposition::Review || finding.rule.starts_with("core.") {
            continue;
        }
        // Where no place is told, all laws on the same words are one point.
        let point = if placeless && !finding.claim.is_empty() {
            String::new()
        } else {
            family(&finding.rule).to_owned()
        };
        let own = (point.clone(), finding.missing.clone());
        let under = if finding.view == "facts" {
            let told = points.get(&point).cloned();
            told.or_else(|| (!facts.insert(own)).then(|| finding.rule.clone()))
        } else if finding.part == Part::Message {
            None
        } else {
            let of_part = words.entry((point.clone(), finding.part)).or_default();
            let before = of_part.range(..finding.end).next_back();
            let over = before.filter(|(_, (end, _))| *end > finding.start);
            let over = over.map(|(_, (_, rule))| rule.clone());
            if over.is_none() {
                of_part.insert(finding.start, (finding.end, finding.rule.clone()));
                points.entry(point).or_insert_with(|| finding.rule.clone());
            }
            over
        };
        if let Some(under) = under {
            finding.why = format!("{} Told already under {under}.", finding.why);
            finding.disposition = Disposition::Info;
        }
    }
    findings
}

/// Most worth first; at one worth, as they stand in the message.
fn worth(finding: &Finding) -> impl Ord + use<> {
    (
        std::cmp::Reverse(finding.disposition),
        std::cmp::Reverse(finding.severity),
        finding.view == "facts",
        finding.part,
        finding.start,
        std::cmp::Reverse(finding.end),
        finding.rule.clone(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_family_is_the_legal_point() {
        for (rule, point) in [
            (
                "us.finra.2210.promissory.certain",
                "us.finra.2210.promissory",
            ),
            ("us.finra.2210.promissory", "us.finra.2210.promissory"),
            ("us.udaap.fees.monthly", "us.udaap.fees"),
            ("us.tsr.suits", "us.tsr"),
            ("us.ca.ccpa.sale", "us.ca.ccpa"),
            ("us.canspam.reply", "us.canspam"),
            ("core.pii.name", "core.pii"),
        ] {
            assert_eq!(family(rule), point);
        }
        let points: Vec<&str> = points_of("eu.ucpd.green.generic").collect();
        assert_eq!(
            points,
            ["eu.ucpd", "eu.ucpd.green", "eu.ucpd.green.generic"]
        );
        assert_eq!(points_of("core").collect::<Vec<_>>(), ["core"]);
    }
}
