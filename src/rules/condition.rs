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
        Known::Absent => {
            condition.absent == Some(true)
                || condition.known == Some(true)
                || condition.not.is_some()
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
                    .has
                    .as_ref()
                    .is_none_or(|words| holds_word(value, words))
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
    let text = match value {
        Value::String(text) => text.to_lowercase(),
        other => other.to_string().to_lowercase(),
    };
    words.iter().any(|word| {
        text.match_indices(word.as_str()).any(|(at, found)| {
            let alone = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
            alone(text[..at].chars().next_back()) && alone(text[at + found.len()..].chars().next())
        })
    })
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
