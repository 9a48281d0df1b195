//! JSON read so that a key that stands twice is seen twice: most readers keep the last value and say nothing, and the
//! first may have been the customer's no.

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use std::fmt;

/// A JSON value in which a key that was given different values holds the list of them, in their order.
#[derive(Clone, Debug, PartialEq)]
pub struct RepeatedJson(pub Value);

/// Reads a text of JSON; see [`RepeatedJson`].
///
/// # Errors
/// It is none.
pub fn read(text: &str) -> Result<Value, serde_json::Error> {
    serde_json::from_str::<RepeatedJson>(text).map(|json| json.0)
}

/// An object or a list that an export wrote as text, in JSON or as Python prints it; none if it is neither.
pub fn packed(text: &str) -> Option<Value> {
    let text = text.trim();
    let is_one = |open: char, close: char| text.starts_with(open) && text.ends_with(close);
    if !is_one('{', '}') && !is_one('[', ']') {
        return None;
    }
    let python = || {
        let text = text
            .replace('\'', "\"")
            .replace("True", "true")
            .replace("False", "false")
            .replace("None", "null");
        read(&text).ok()
    };
    read(text)
        .ok()
        .or_else(python)
        .filter(|value| value.is_object() || value.is_array())
}

/// Adds a field; of several values all are kept.
pub fn add(map: &mut Map<String, Value>, key: String, value: Value) {
    match map.get_mut(&key) {
        None => {
            map.insert(key, value);
        }
        Some(before) if *before == value => {}
        Some(Value::Array(list)) if value.is_array() => {
            let Value::Array(more) = value else { return };
            list.extend(more);
        }
        Some(Value::Array(list)) => {
            if !list.contains(&value) {
                list.push(value);
            }
        }
        Some(before) => {
            let first = before.take();
            *before = Value::Array(vec![first, value]);
        }
    }
}

impl<'de> Deserialize<'de> for RepeatedJson {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader).map(RepeatedJson)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E: Error>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(RepeatedJson(value)) = seq.next_element()? {
            list.push(value);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut out = Map::new();
        while let Some((key, RepeatedJson(value))) = map.next_entry::<String, RepeatedJson>()? {
            add(&mut out, key, value);
        }
        Ok(Value::Object(out))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_key_that_stands_twice_keeps_both_values() {
        assert_eq!(
            read(r#"{"a": true, "a": false, "b": 1, "b": 1, "c": {"d": "x", "d": "y"}}"#).unwrap(),
            json!({"a": [true, false], "b": 1, "c": {"d": ["x", "y"]}})
        );
        assert_eq!(read("[1.5, -2, null]").unwrap(), json!([1.5, -2, null]));
        assert!(read("{").is_err());
    }
}
