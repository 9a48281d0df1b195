//! The typed facts a message is checked against (vocabulary: `facts` of `check`, `products.toml`, offers).

mod number;
mod read;
mod said;
pub mod schema;
mod value;
pub mod vocabulary;

pub use read::{Reading, lookalikes};
pub use said::said;
pub use value::ON_RECORD;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// Product, offer, consent and sender facts by key. `null` says "known to be absent", a missing key "not known".
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Facts(pub BTreeMap<String, Value>);

/// What is known of one fact.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Known<T> {
    /// The value is on record.
    Is(T),
    /// On record as absent (`null`).
    Absent,
    /// Nobody said; a rule that needs it answers review.
    Unknown,
}

fn known(value: Option<&Value>) -> Known<&Value> {
    match value {
        None => Known::Unknown,
        Some(Value::Null) => Known::Absent,
        Some(value) => Known::Is(value),
    }
}

impl Facts {
    /// A fact, or a field of one that is an object: `consent.written`.
    pub fn get(&self, key: &str) -> Known<&Value> {
        let (None, Some((object, field))) = (self.0.get(key), key.split_once('.')) else {
            return known(self.0.get(key));
        };
        match self.0.get(object) {
            Some(Value::Object(map)) => known(map.get(field)),
            // A bare text in the place of the object is its main field.
            Some(Value::String(_)) if !vocabulary::is_main_field(object, field) => Known::Unknown,
            Some(Value::Null | Value::String(_)) => known(self.0.get(object)),
            _ => Known::Unknown,
        }
    }

    /// The fact as text, when it is a string.
    pub fn text(&self, key: &str) -> Option<&str> {
        self.0.get(key).and_then(Value::as_str)
    }

    /// The fact as a number in ten-thousandths (`9.5` is 95,000), read from the decimal text so that no float
    /// rounding enters a comparison.
    pub fn ten_thousandths(&self, key: &str) -> Option<i64> {
        self.0.get(key).and_then(value_ten_thousandths)
    }

    pub fn flag(&self, key: &str) -> Option<bool> {
        self.0.get(key).and_then(Value::as_bool)
    }

    pub fn set(&mut self, key: &str, value: impl Into<Value>) {
        self.0.insert(key.to_owned(), value.into());
    }

    /// Adds what `other` knows; on a clash `other` wins, for it is the nearer source (offer over product).
    pub fn overlay(&mut self, other: &Facts) {
        for (key, value) in &other.0 {
            self.0.insert(key.clone(), value.clone());
        }
    }
}

/// A JSON number, or a string that holds nothing but a number, in ten-thousandths.
pub fn value_ten_thousandths(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => decimal_ten_thousandths(&number.to_string())
            // Very small and very large ones are written with an exponent.
            .or_else(|| decimal_ten_thousandths(&number.as_f64()?.to_string())),
        Value::String(text) => decimal_ten_thousandths(text.trim()),
        _ => None,
    }
}

/// Reads a plain decimal (`-1234.5`) into ten-thousandths; digits past the fourth place are cut off.
pub fn decimal_ten_thousandths(text: &str) -> Option<i64> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    if whole.is_empty() && fraction.is_empty()
        || !whole
            .bytes()
            .chain(fraction.bytes())
            .all(|b| b.is_ascii_digit())
    {
        return None;
    }
    let mut value: i64 = if whole.is_empty() {
        0
    } else {
        whole.parse().ok()?
    };
    for place in 0..4 {
        let digit = fraction
            .as_bytes()
            .get(place)
            .map_or(0, |b| i64::from(b - b'0'));
        value = value.checked_mul(10)?.checked_add(digit)?;
    }
    Some(if negative { -value } else { value })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn null_absent_and_missing_are_told_apart() {
        let facts: Facts = serde_json::from_str(r#"{"inventory":null,"apr":9.5}"#).unwrap();
        assert_eq!(facts.get("inventory"), Known::Absent);
        assert_eq!(facts.get("ends_at"), Known::Unknown);
        assert_eq!(facts.ten_thousandths("apr"), Some(95_000));
    }

    #[test]
    fn decimals_are_read_without_floats() {
        assert_eq!(decimal_ten_thousandths("107.69"), Some(1_076_900));
        assert_eq!(decimal_ten_thousandths("-0.125"), Some(-1_250));
        assert_eq!(decimal_ten_thousandths(".5"), Some(5_000));
        assert_eq!(decimal_ten_thousandths("1e3"), None);
        assert_eq!(decimal_ten_thousandths(""), None);
        assert_eq!(decimal_ten_thousandths("99999999999999999999"), None);
    }
}
