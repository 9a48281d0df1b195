//! Whether a fact is what a rule asks for.

use super::pack::{Condition, Unknown};
use crate::domain::facts::{Facts, Known, value_ten_thousandths};
use serde_json::Value;

/// Whether conditions hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds<'a> {
    No,
    Yes,
    /// They might: this fact is not known.
    Perhaps(&'a str),
}

/// All conditions together.
pub fn all<'a>(conditions: &'a [Condition], facts: &Facts) -> Holds<'a> {
    let mut result = Holds::Yes;
    for condition in conditions {
        match one(condition, facts) {
            Holds::No => return Holds::No,
            Holds::Perhaps(fact) => result = Holds::Perhaps(fact),
            Holds::Yes => {}
        }
    }
    result
}

fn one<'a>(condition: &'a Condition, facts: &Facts) -> Holds<'a> {
    let holds = match facts.get(&condition.fact) {
        Known::Unknown => {
            if condition.known == Some(false) {
                return Holds::Yes;
            }
            return match condition.unknown {
                Unknown::Skip => Holds::No,
                Unknown::Review => Holds::Perhaps(&condition.fact),
                Unknown::Holds => Holds::Yes,
            };
        }
        // Absent is a value of its own: it is nothing, and so differs from everything.
        Known::Absent => {
            condition.absent != Some(false)
                && condition.known != Some(false)
                && condition.is.is_none()
                && condition.above.is_none()
                && condition.below.is_none()
                && condition.any_of.is_none()
                && condition.has.is_none()
        }
        Known::Is(value) => {
            condition.absent != Some(true)
                && condition.known != Some(false)
                && condition
                    .is
                    .as_ref()
                    .is_none_or(|wanted| same(value, wanted))
                && condition
                    .not
                    .as_ref()
                    .is_none_or(|other| !same(value, other))
                && condition
                    .above
                    .is_none_or(|limit| number(value).is_some_and(|n| n > scaled(limit)))
                && condition
                    .below
                    .is_none_or(|limit| number(value).is_some_and(|n| n < scaled(limit)))
                && condition
                    .any_of
                    .as_ref()
                    .is_none_or(|list| list.iter().any(|wanted| same(value, wanted)))
                && condition
                    .none_of
                    .as_ref()
                    .is_none_or(|list| !list.iter().any(|other| same(value, other)))
                && condition
                    .has
                    .as_ref()
                    .is_none_or(|words| holds_word(value, words))
                && condition
                    .lacks
                    .as_ref()
                    .is_none_or(|words| !holds_word(value, words))
        }
    };
    if holds { Holds::Yes } else { Holds::No }
}

fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::String(x), Value::String(y)) => x.eq_ignore_ascii_case(y),
        (Value::Number(_), Value::Number(_)) => {
            value_ten_thousandths(a) == value_ten_thousandths(b)
        }
        _ => a == b,
    }
}

fn holds_word(value: &Value, words: &[String]) -> bool {
    let mut text = String::new();
    say(value, "", &mut text);
    let text = text.to_lowercase().replace('_', " ");
    words.iter().any(|word| {
        text.match_indices(&word.replace('_', " "))
            .any(|(at, found)| {
                let alone = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
                // "not paid" does not say "paid"
                !text[..at].ends_with("not ")
                    && alone(text[..at].chars().next_back())
                    && alone(text[at + found.len()..].chars().next())
            })
    })
}

/// A fact in words: texts and numbers as they are, `paid: true` as "paid", `paid: false` as "not paid".
fn say(value: &Value, key: &str, out: &mut String) {
    match value {
        Value::String(text) => out.push_str(text),
        Value::Number(number) => out.push_str(&number.to_string()),
        Value::Bool(true) if !key.is_empty() => out.push_str(key),
        Value::Bool(false) if !key.is_empty() => {
            out.push_str("not ");
            out.push_str(key);
        }
        Value::Bool(flag) => out.push_str(if *flag { "true" } else { "false" }),
        Value::Null => {}
        Value::Array(list) => list.iter().for_each(|item| say(item, key, out)),
        Value::Object(map) => map.iter().for_each(|(inner, item)| say(item, inner, out)),
    }
    out.push('\n');
}

fn number(value: &Value) -> Option<i64> {
    value_ten_thousandths(value)
}

/// Limits in packs are small decimals, exact to four places.
#[expect(
    clippy::cast_possible_truncation,
    reason = "pack limits are small decimals"
)]
fn scaled(limit: f64) -> i64 {
    (limit * 10_000.0).round() as i64
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn holds(condition: &str, facts: serde_json::Value) -> bool {
        let condition: Condition = toml::from_str(condition).unwrap();
        all(
            std::slice::from_ref(&condition),
            &serde_json::from_value(facts).unwrap(),
        ) == Holds::Yes
    }

    #[test]
    fn words_of_a_fact_are_its_values_not_its_keys() {
        let paid = "fact = 'endorser'\nhas = ['paid']";
        assert!(holds(
            paid,
            json!({"endorser": {"relation": "paid partner"}})
        ));
        assert!(holds(paid, json!({"endorser": {"paid": true}})));
        assert!(!holds(paid, json!({"endorser": {"paid": false}})));
        assert!(!holds(
            "fact = 'endorser'\nhas = ['employee']",
            json!({"endorser": {"employee_of": "Other", "relation": "customer"}})
        ));
        assert!(holds(
            "fact = 'consent'\nhas = ['not written']",
            json!({"consent": {"written": false}})
        ));
        for word in ["opt_out", "opt out"] {
            assert!(holds(
                &format!("fact = 'kind'\nhas = ['{word}']"),
                json!({"kind": "opt_out"})
            ));
        }
    }

    #[test]
    fn lacking_and_none_of_hold_for_what_is_absent_too() {
        let no_trial = "fact = 'citation'\nlacks = ['rct', 'randomized']";
        assert!(holds(no_trial, json!({"citation": null})));
        assert!(holds(no_trial, json!({"citation": {"design": "in vitro"}})));
        assert!(!holds(
            no_trial,
            json!({"citation": {"design": "RCT", "n": 20}})
        ));
        let no_drug = "fact = 'product_class'\nnone_of = ['drug', 'device']";
        assert!(holds(no_drug, json!({"product_class": "supplement"})));
        assert!(!holds(no_drug, json!({"product_class": "drug"})));
    }
}
