//! What a finding says of the facts that decided: `{fact}` and `{value}` of a rule's words, filled in.

use crate::domain::facts::{Facts, Known};
use serde_json::Value;

/// A fix that lists more than an officer reads at a glance helps nobody.
const MOST: usize = 6;

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
                    .map(|(fact, value)| format!("{}{between}{value}", name(fact)))
                    .collect();
                out.push_str(&pairs.join("; "));
                rest = &behind[between.len() + VALUE.len()..];
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

/// The first fact and those after it, each with its value, without a second name for the same figure.
fn listed<'f>(first: &'f str, all: &[&'f str], facts: &Facts) -> Vec<(&'f str, String)> {
    let mut listed = vec![(first, value(first, facts))];
    for fact in all {
        let own = value(fact, facts);
        let is_told = |(other, known): &(&str, String)| {
            other == fact || (*known == own && is_same_name(other, fact))
        };
        if listed.len() < MOST && !listed.iter().any(is_told) {
            listed.push((fact, own));
        }
    }
    listed
}

/// `apr` and `apr_pct` speak of one thing.
fn is_same_name(one: &str, other: &str) -> bool {
    one.split(['_', '.'])
        .any(|word| other.split(['_', '.']).any(|own| own == word))
}

fn name(fact: &str) -> String {
    fact.replace(['_', '.'], " ")
}

fn value(fact: &str, facts: &Facts) -> String {
    match facts.get(fact) {
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

    fn facts() -> Facts {
        let mut facts = Facts::default();
        for (fact, value) in [
            ("monthly_fee", json!(5)),
            ("overdraft_fee", json!(35)),
            ("fee_monthly", json!(5)),
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
        let all = ["monthly_fee", "fee_monthly", "apr"];
        let said = filled("{fact}: {value}", Some("monthly_fee"), &all, &facts());
        assert_eq!(said, "monthly fee: 5; apr: 19.9");
    }

    #[test]
    fn a_rule_that_no_fact_decided_says_so_in_words() {
        assert_eq!(
            filled("{fact} is {value}", None, &[], &facts()),
            "the fact is known"
        );
    }
}
