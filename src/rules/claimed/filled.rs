//! What a finding says of the facts that decided: `{fact}` and `{value}` of a rule's words, filled in.

use crate::domain::facts::{Facts, Known, ON_RECORD};
use serde_json::Value;
use std::collections::BTreeSet;

/// A fix that lists more than an officer reads at a glance helps nobody.
const MOST: usize = 8;

/// Words of facts that name a cost; and of those that name no further one: a sum of others, a limit, what is waived.
const COSTS: [&str; 10] = [
    "fee",
    "fees",
    "charge",
    "charges",
    "cost",
    "costs",
    "spread",
    "markup",
    "commission",
    "surcharge",
];
const NO_COST_OF_ITS_OWN: [&str; 11] = [
    "total",
    "mandatory",
    "all",
    "sum",
    "waived",
    "waiver",
    "refunded",
    "without",
    "no",
    "count",
    "disclosed",
];

const FACT: &str = "{fact}";
const VALUE: &str = "{value}";

/// The words with the facts that decided. `{fact}` and `{value}` that stand together (`{fact}: {value}`) become a list of
/// every fact of `all`; each alone is the first fact's.
pub fn filled(words: &str, first: Option<&str>, all: &[&str], facts: &Facts) -> String {
    let Some(first) = first else {
        return words.replace(FACT, "the fact").replace(VALUE, "known");
    };
    let mut out = String::with_capacity(words.len());
    let mut rest = words;
    while let Some(at) = rest.find(FACT) {
        let behind = &rest[at + FACT.len()..];
        out.push_str(&rest[..at]);
        // Only what joins a name to its value may stand between them.
        match [": ", " ", " is "].into_iter().find(|between| {
            behind
                .strip_prefix(between)
                .is_some_and(|v| v.starts_with(VALUE))
        }) {
            Some(between) => {
                let listed = listed(first, all, facts).into_iter();
                let pairs: Vec<String> = listed
                    .map(|(fact, value)| match without_unit(fact) {
                        Some(share) => format!("{}{between}{value}%", name(share)),
                        None => format!("{}{between}{value}", name(fact)),
                    })
                    .collect();
                out.push_str(&pairs.join("; "));
                rest = &behind[between.len() + VALUE.len()..];
                // The rule's own unit, where the fact's name gave it already.
                if out.ends_with('%') {
                    rest = rest.strip_prefix(" percent").unwrap_or(rest);
                }
            }
            None => {
                out.push_str(&name(first));
                rest = behind;
            }
        }
    }
    out.push_str(rest);
    if out.contains(VALUE) {
        out = out.replace(VALUE, &value(first, facts));
    }
    out
}

/// A fix without what it says in brackets of the facts that decide: here none did.
pub fn without_facts(fix: &str) -> String {
    let mut out = String::with_capacity(fix.len());
    let mut rest = fix;
    while let Some((before, bracketed)) = rest.split_once(" (") {
        let Some((inside, behind)) = bracketed.split_once(')') else {
            break;
        };
        out.push_str(before);
        if !inside.contains('{') {
            out.push_str(&format!(" ({inside})"));
        }
        rest = behind;
    }
    out.push_str(rest);
    out
}

/// The name of a share without its unit.
fn without_unit(fact: &str) -> Option<&str> {
    let of = |unit| fact.strip_suffix(unit).filter(|name| !name.is_empty());
    of("_pct").or_else(|| of("_percent"))
}

/// Whether the fact is a cost that a reader would be charged, by its name.
fn is_cost(fact: &str) -> bool {
    let mut words = fact.split(['_', '.']);
    let is_none = |word: &str| NO_COST_OF_ITS_OWN.contains(&word);
    fact.split(['_', '.']).any(|word| COSTS.contains(&word)) && !words.any(is_none)
}

/// The facts that decided, and where the first is a cost, every other cost on record: a fix that asks for all may leave
/// none out.
pub fn with_every_cost<'f>(first: Option<&str>, all: &[&'f str], facts: &'f Facts) -> Vec<&'f str> {
    let mut listed = all.to_vec();
    if first.is_some_and(is_cost) {
        let others = facts
            .0
            .iter()
            .filter(|(fact, value)| is_cost(fact) && value.as_f64().is_some_and(|cost| cost > 0.0));
        listed.extend(others.map(|(fact, _)| fact.as_str()));
    }
    listed
}

/// The first fact and those after it, each with its value, without a second name for the same figure.
fn listed<'f>(first: &'f str, all: &[&'f str], facts: &'f Facts) -> Vec<(&'f str, String)> {
    let mut listed = vec![(first, value(first, facts))];
    for fact in all.iter().copied() {
        let own = value(fact, facts);
        let is_told = |(other, known): &(&str, String)| {
            *other == fact || (*known == own && is_same_name(other, fact))
        };
        if listed.len() < MOST && !listed.iter().any(is_told) {
            listed.push((fact, own));
        }
    }
    listed
}

/// `apr` and `apr_pct` speak of one thing, `fee_monthly` and `monthly_fee` too.
fn is_same_name(one: &str, other: &str) -> bool {
    let words = |fact: &str| -> BTreeSet<String> {
        let words = fact.split(['_', '.']).map(str::to_owned);
        words
            .filter(|word| !["pct", "percent", "amount"].contains(&word.as_str()))
            .collect()
    };
    words(one) == words(other)
}

fn name(fact: &str) -> String {
    fact.replace(['_', '.'], " ")
}

fn value(fact: &str, facts: &Facts) -> String {
    match facts.get(fact) {
        // It happened, and no day is known: templates say "on {value}".
        Known::Is(Value::String(text)) if text == ON_RECORD => "a day that is on record".into(),
        Known::Is(Value::String(text)) => text.clone(),
        Known::Is(value) => value.to_string(),
        Known::Absent => "none".into(),
        Known::Unknown => "not known".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_on_record_without_a_day_reads_as_a_sentence() {
        let mut facts = Facts::default();
        facts.set("opted_out_at", ON_RECORD);
        assert_eq!(value("opted_out_at", &facts), "a day that is on record");
        facts.set("opted_out_at", "2026-06-11");
        assert_eq!(value("opted_out_at", &facts), "2026-06-11");
    }

    fn facts() -> Facts {
        let mut facts = Facts::default();
        for (fact, value) in [
            ("monthly_fee", json!(5)),
            ("overdraft_fee", json!(35)),
            ("fee_monthly", json!(5)),
            ("annual_fee", json!(5)),
            ("apr", json!(19.9)),
        ] {
            facts.set(fact, value);
        }
        facts
    }

    #[test]
    fn every_fee_that_decided_is_named() {
        let all = ["monthly_fee", "overdraft_fee"];
        let say = |words: &str| filled(words, Some("monthly_fee"), &all, &facts());
        assert_eq!(
            say("Say {fact}: {value} beside it."),
            "Say monthly fee: 5; overdraft fee: 35 beside it."
        );
        assert_eq!(
            say("give {fact} {value}"),
            "give monthly fee 5; overdraft fee 35"
        );
        assert_eq!(
            say("({fact} is {value})"),
            "(monthly fee is 5; overdraft fee is 35)"
        );
    }

    #[test]
    fn a_name_or_a_value_alone_is_the_first() {
        let all = ["monthly_fee", "overdraft_fee"];
        let say = |words: &str| filled(words, Some("monthly_fee"), &all, &facts());
        assert_eq!(say("'{value}% of accounts'"), "'5% of accounts'");
        assert_eq!(
            say("The record says {fact}, not {value}."),
            "The record says monthly fee, not 5."
        );
    }

    #[test]
    fn a_second_name_for_the_same_figure_is_not_a_second_fee() {
        let all = ["monthly_fee", "fee_monthly", "annual_fee", "apr"];
        let said = filled("{fact}: {value}", Some("monthly_fee"), &all, &facts());
        assert_eq!(said, "monthly fee: 5; annual fee: 5; apr: 19.9");
    }

    #[test]
    fn a_cost_brings_every_other_cost_along_and_a_share_its_unit() {
        let mut facts = Facts::default();
        for (fact, value) in [
            ("spread_pct", json!(1.5)),
            ("fee_pct", json!(0.6)),
            ("account_fee", json!(60)),
            ("total_fees", json!(62.1)),
            ("fee_disclosed", json!(true)),
            ("exit_fee", json!(0)),
        ] {
            facts.set(fact, value);
        }
        let said = |first: &str| {
            let all = with_every_cost(Some(first), &[first], &facts);
            filled("{fact}: {value}", Some(first), &all, &facts)
        };
        assert_eq!(
            said("spread_pct"),
            "spread: 1.5%; account fee: 60; fee: 0.6%"
        );
        assert_eq!(said("total_fees"), "total fees: 62.1");
        let percent = filled("({fact}: {value} percent)", Some("fee_pct"), &[], &facts);
        assert_eq!(percent, "(fee: 0.6%)");
    }

    #[test]
    fn a_rule_that_no_fact_decided_says_so_in_words() {
        assert_eq!(
            filled("{fact} is {value}", None, &[], &facts()),
            "the fact is known"
        );
    }

    #[test]
    fn a_fix_loses_what_it_says_of_facts_that_did_not_decide() {
        for (fix, left) in [
            (
                "Give the rate (on record: {fact}: {value}); or take it out.",
                "Give the rate; or take it out.",
            ),
            ("Write 'APR' (no smaller).", "Write 'APR' (no smaller)."),
            ("Say less (a thing.", "Say less (a thing."),
        ] {
            assert_eq!(without_facts(fix), left);
        }
    }
}
