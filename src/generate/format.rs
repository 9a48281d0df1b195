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
                Some(format!("{}.{:02}%", value / 10_000, value % 10_000 / 100))
            } else if COUNT.contains(&key) {
                Some((value / 10_000).to_string())
            } else if PLAIN.contains(&key) {
                let tenths = value % 10_000 / 1_000;
                let whole = value / 10_000;
                Some(if tenths == 0 {
                    whole.to_string()
                } else {
                    format!("{whole}.{tenths}")
                })
            } else {
                let sign = match jurisdiction.as_str() {
                    "UK" => "£",
                    code if code.starts_with("EU") => "€",
                    _ => "$",
                };
                let cents = value % 10_000 / 100;
                let whole = thousands(value / 10_000);
                Some(if cents == 0 {
                    format!("{sign}{whole}")
                } else {
                    format!("{sign}{whole}.{cents:02}")
                })
            }
        }
        _ => None,
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
}
