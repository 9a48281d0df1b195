//! One finding for one fault: what says less of the same words is folded under what says most.

use crate::domain::finding::{Disposition, Finding, Part};

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

/// Folds findings of one legal point on the same words, and those that facts alone make where the words were told of
/// already. Where the recipient's place is not known, laws of several places on the same words are one. What is folded asks
/// nothing and stays on record.
pub fn fold(mut findings: Vec<Finding>, placeless: bool) -> Vec<Finding> {
    let order = {
        let mut order: Vec<usize> = (0..findings.len()).collect();
        order.sort_by_key(|index| worth(&findings[*index]));
        order
    };
    for (place, index) in order.iter().enumerate() {
        if findings[*index].disposition < Disposition::Review {
            continue;
        }
        let stronger = order[..place]
            .iter()
            .find(|other| is_same_fault(&findings[**other], &findings[*index], placeless));
        if let Some(stronger) = stronger {
            let under = findings[*stronger].rule.clone();
            let finding = &mut findings[*index];
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

fn is_same_fault(stronger: &Finding, weaker: &Finding, placeless: bool) -> bool {
    if stronger.disposition < Disposition::Review {
        return false;
    }
    // Two things missing are two faults, and so are two values.
    let family_of = |finding: &Finding| family(&finding.rule).to_owned();
    if weaker.rule.starts_with("core.") || stronger.rule.starts_with("core.") {
        return false;
    }
    let is_one = placeless && !weaker.claim.is_empty();
    if !is_one && family_of(stronger) != family_of(weaker) {
        return false;
    }
    let alone = |finding: &Finding| finding.view == "facts";
    if alone(weaker) {
        return !alone(stronger) && weaker.disposition <= stronger.disposition
            || alone(stronger) && stronger.missing == weaker.missing;
    }
    stronger.part == weaker.part
        && stronger.part != Part::Message
        && stronger.start < weaker.end
        && weaker.start < stronger.end
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
    }
}
