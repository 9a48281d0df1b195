//! Facts as a reader sees them.

use crate::domain::facts::Facts;
use crate::domain::jurisdiction::Jurisdiction;
use serde_json::Value;

const PERCENT: [&str; 10] = [
    "apr",
    "apy",
    "aer",
    "interest_rate",
    "rep_apr",
    "expense_ratio",
    "discount_pct",
    "ongoing_charge",
    "apr_min",
    "apr_max",
];
const COUNT: [&str; 4] = ["installments", "refund_days", "review_count", "inventory"];
/// Plain numbers: with a decimal place where they have one.
const PLAIN: [&str; 2] = ["review_avg", "review_scale"];

/// A fact in words: money with its sign, rates with two places, dates in long form. `None` when it is not known.
pub fn fact(facts: &Facts, key: &str, jurisdiction: &Jurisdiction) -> Option<String> {
    match facts.0.get(key)? {
        Value::String(text) => Some(match chrono::NaiveDate::parse_from_str(text, "%Y-%m-%d") {
            Ok(date) if jurisdiction.as_str().starts_with("US") => {
                date.format("%B %-d, %Y").to_string()
            }
            Ok(date) => date.format("%-d %B %Y").to_string(),
            Err(_) => text.clone(),
        }),
        Value::Number(_) => {
            let value = facts.ten_thousandths(key)?;
            if PERCENT.contains(&key) {
                Some(format!("{}{}%", minus(value), decimal(value, false)))
            } else if COUNT.contains(&key) {
                Some(thousands(value / 10_000))
            } else if PLAIN.contains(&key) {
                let tenths = value % 10_000 / 1_000;
                let whole = value / 10_000;
                Some(if tenths == 0 {
                    whole.to_string()
                } else {
                    format!("{whole}.{tenths}")
                })
            } else {
                let code = jurisdiction.as_str();
                let sign = if code.starts_with("UK") {
                    "£"
                } else if code.starts_with("EU") {
                    "€"
                } else {
                    "$"
                };
                Some(format!(
                    "{}{sign}{}",
                    minus(value),
                    decimal(value, value % 10_000 == 0)
                ))
            }
        }
        _ => None,
    }
}

fn minus(value: i64) -> &'static str {
    if value < 0 { "-" } else { "" }
}

/// Ten-thousandths without their sign, with two places or four: three could be read as thousands.
fn decimal(value: i64, whole: bool) -> String {
    let value = value.saturating_abs();
    let digits = thousands(value / 10_000);
    if whole {
        digits
    } else if value % 100 == 0 {
        format!("{digits}.{:02}", value % 10_000 / 100)
    } else {
        format!("{digits}.{:04}", value % 10_000)
    }
}

fn thousands(value: i64) -> String {
    let digits = value.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_rates_and_dates() {
        let facts: Facts = serde_json::from_str(r#"{"price":2000,"payment":107.69,"apr":9.5,"installments":18,"apy_as_of":"2026-11-16"}"#).unwrap();
        let us = Jurisdiction::new("US");
        let shown = |key: &str| fact(&facts, key, &us).unwrap();
        assert_eq!(
            [
                shown("price"),
                shown("payment"),
                shown("apr"),
                shown("installments"),
                shown("apy_as_of")
            ],
            ["$2,000", "$107.69", "9.50%", "18", "November 16, 2026"]
        );
        assert_eq!(
            fact(&facts, "price", &Jurisdiction::new("UK")).unwrap(),
            "£2,000"
        );
        assert_eq!(fact(&facts, "down", &us), None);
    }

    #[test]
    fn what_is_written_is_read_back_to_the_same_value_everywhere() {
        use crate::text::numbers::{Numerals, quantities_in};
        for value in [
            "0.5",
            "1",
            "9.5",
            "6.875",
            "12.3456",
            "999",
            "1000",
            "2000",
            "5000",
            "1234.5",
            "1234.56",
            "1000000",
            "2500000.01",
        ] {
            for key in ["apr", "price", "installments"] {
                let json = format!(r#"{{"{key}":{value}}}"#);
                let facts: Facts = serde_json::from_str(&json).unwrap();
                for place in ["US", "US-CA", "UK", "EU", "EU-DE", "EU-IE"] {
                    let place = Jurisdiction::new(place);
                    let written = fact(&facts, key, &place).unwrap();
                    let read = quantities_in(&written, Numerals::of_place(None, Some(&place)));
                    let mut expected = facts.ten_thousandths(key).unwrap();
                    if key == "installments" {
                        expected = expected / 10_000 * 10_000;
                    }
                    assert_eq!(read.len(), 1, "{written}");
                    assert_eq!((read[0].value, read[0].also), (expected, None), "{written}");
                }
            }
        }
    }
}
