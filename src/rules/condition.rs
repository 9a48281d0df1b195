//! Whether a fact is what a rule asks for.

use super::pack::{FactCondition, Unknown};
use crate::domain::facts::{self, Facts, Known, value_ten_thousandths};
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
pub fn all<'a>(conditions: &'a [FactCondition], facts: &Facts) -> Holds<'a> {
    let mut result = Holds::Yes;
    for condition in conditions {
        match one(condition, &condition.fact, facts) {
            Holds::No => return Holds::No,
            Holds::Perhaps(fact) => result = Holds::Perhaps(fact),
            Holds::Yes => {}
        }
    }
    result
}

pub(super) fn one<'a>(condition: &'a FactCondition, fact: &'a str, facts: &Facts) -> Holds<'a> {
    let holds = match facts.get(fact) {
        Known::Unknown => {
            if condition.known == Some(false) {
                return Holds::Yes;
            }
            return match condition.unknown {
                Unknown::Skip => Holds::No,
                Unknown::Review => Holds::Perhaps(fact),
                Unknown::Holds => Holds::Yes,
            };
        }
        // Absent is a value of its own: it is nothing, and so differs from everything. It is no value either: what has
        // to be on record is not.
        Known::Absent => {
            condition.absent != Some(false)
                && condition.known.is_none()
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
                    .is_none_or(|words| holds_word(fact, value, words))
                && condition
                    .lacks
                    .as_ref()
                    .is_none_or(|words| !holds_word(fact, value, words))
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

/// Whether a fact says one of the words, by its texts; what an object says is made of its known fields, and the rest of
/// it is never searched.
fn holds_word(fact: &str, value: &Value, words: &[String]) -> bool {
    facts::said(fact, value)
        .iter()
        .any(|text| says(text, words))
}

fn says(text: &str, words: &[String]) -> bool {
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
        let condition: FactCondition = toml::from_str(condition).unwrap();
        all(
            std::slice::from_ref(&condition),
            &serde_json::from_value(facts).unwrap(),
        ) == Holds::Yes
    }

    #[test]
    fn an_object_is_asked_by_its_fields_and_never_searched() {
        let paid = "fact = 'endorser.paid'\nis = true";
        assert!(holds(paid, json!({"endorser": {"paid": true}})));
        assert!(!holds(paid, json!({"endorser": {"paid": false}})));
        assert!(!holds(paid, json!({"endorser": null})));
        let related = "fact = 'endorser.relation'\nhas = ['paid']";
        let partner = json!({"endorser": {"relation": "paid partner"}});
        assert!(holds(related, partner.clone()));
        assert!(holds(related, json!({"endorser": "paid partner"})));
        // The object itself says what its known fields come to.
        let any = "fact = 'endorser'\nhas = ['paid']";
        assert!(holds(any, partner));
        assert!(holds(any, json!({"endorser": {"paid": true}})));
        assert!(!holds(
            any,
            json!({"endorser": {"paid": false, "name": "Paid"}})
        ));
        for no_relation in [
            json!({"endorser": {"employee_of": "Other", "relation": "customer"}}),
            json!({"endorser": {"employee": false}}),
        ] {
            assert!(!holds(
                "fact = 'endorser'\nhas = ['employee', 'not employee', 'Other']",
                no_relation
            ));
        }
        assert!(!holds(
            "fact = 'consent'\nhas = ['condition', 'purchase', 'not']",
            json!({"consent": {"condition_of_purchase": false, "scope": "offers, not notices"}})
        ));
        for against in [
            json!({"written": false}),
            json!({"written": true, "revoked_at": "2026-09-30"}),
            json!({"written": true, "condition_of_purchase": true}),
            json!({"kind": "oral"}),
        ] {
            assert!(holds(
                "fact = 'consent'\nhas = ['oral', 'revoked', 'condition', 'not written']",
                json!({"consent": against})
            ));
        }
        for word in ["opt_out", "opt out"] {
            assert!(holds(
                &format!("fact = 'kind'\nhas = ['{word}']"),
                json!({"kind": "opt_out"})
            ));
        }
    }

    #[test]
    fn null_is_on_record_and_no_value() {
        let known = "fact = 'objected_at'\nknown = true\nnot = ''";
        assert!(!holds(known, json!({"objected_at": null})));
        assert!(holds(known, json!({"objected_at": "2026-05-01"})));
        assert!(!holds(
            "fact = 'objected_at'\nknown = false",
            json!({"objected_at": null})
        ));
        assert!(holds(
            "fact = 'objected_at'\nabsent = true",
            json!({"objected_at": null})
        ));
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
