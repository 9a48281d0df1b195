//! The JSON that is hashed: RFC 8785 with what we allow in it — no floats, integers below 2^53, ASCII keys.
//!
//! Bytes are hashed as stored; nobody re-serialises to verify. Here they are made, once.

use serde_json::{Map, Value};
use std::fmt;

/// What may not stand in an entry.
#[derive(Debug, PartialEq, Eq)]
pub enum NotCanonical {
    /// Scores go in basis points, money in cents.
    Float,
    /// 2^53 and beyond are not exact everywhere.
    TooLarge,
    /// Keys sort alike in every language only if they are ASCII.
    Key,
}

impl fmt::Display for NotCanonical {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Float => "a float in a ledger entry",
            Self::TooLarge => "an integer of 2^53 or more in a ledger entry",
            Self::Key => "a key that is not ASCII in a ledger entry",
        })
    }
}

impl std::error::Error for NotCanonical {}

/// What [`super::entry::Entry::to_bytes`] is held against. The canonical bytes: keys sorted, no white space, shortest escapes.
///
/// # Errors
/// The value holds something that has no canonical form here.
#[cfg(test)]
pub(super) fn bytes(value: &Value) -> Result<Vec<u8>, NotCanonical> {
    check(value)?;
    // serde_json's map is sorted by key and its escapes are those of RFC 8785; a test pins both.
    Ok(value.to_string().into_bytes())
}

/// Whether a map has a canonical form.
///
/// # Errors
/// It holds something that has none here.
pub(super) fn check_map(map: &Map<String, Value>) -> Result<(), NotCanonical> {
    map.iter().try_for_each(|(key, inner)| {
        if key.is_ascii() {
            check(inner)
        } else {
            Err(NotCanonical::Key)
        }
    })
}

/// Whether a value has a canonical form.
///
/// # Errors
/// It holds something that has none here.
pub(super) fn check(value: &Value) -> Result<(), NotCanonical> {
    match value {
        Value::Number(number) => {
            let magnitude = number
                .as_u64()
                .or_else(|| number.as_i64().map(i64::unsigned_abs))
                .ok_or(NotCanonical::Float)?;
            if magnitude < 1 << 53 {
                Ok(())
            } else {
                Err(NotCanonical::TooLarge)
            }
        }
        Value::Array(list) => list.iter().try_for_each(check),
        Value::Object(map) => check_map(map),
        Value::Null | Value::Bool(_) | Value::String(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn keys_are_sorted_and_escapes_are_the_shortest() {
        let value = json!({"b": 1, "a": {"z": null, "y": "é\u{1}\n\"/\u{2028}"}, "A": [true]});
        assert_eq!(
            String::from_utf8(bytes(&value).unwrap()).unwrap(),
            "{\"A\":[true],\"a\":{\"y\":\"é\\u0001\\n\\\"/\u{2028}\",\"z\":null},\"b\":1}"
        );
    }

    #[test]
    fn floats_and_giants_are_refused() {
        assert_eq!(bytes(&json!({"a": 1.5})), Err(NotCanonical::Float));
        assert_eq!(bytes(&json!([1_u64 << 53])), Err(NotCanonical::TooLarge));
        assert_eq!(bytes(&json!({"é": 1})), Err(NotCanonical::Key));
        assert!(bytes(&json!((1_i64 << 53) - 1)).is_ok());
    }
}
