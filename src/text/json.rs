//! JSON that says which names stand twice in an object: readers of it disagree on which one counts.

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, de};
use serde_json::{Map, Number, Value};
use std::cell::RefCell;
use std::fmt;

/// A value, and the earlier values of names that stand twice.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Noted {
    /// With the last value of each name, as most readers have it.
    pub value: Value,
    /// Path of the name (`facts.apr`) and the value that the last one replaced.
    pub twice: Vec<(String, Value)>,
}

impl<'de> Deserialize<'de> for Noted {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let twice = RefCell::new(Vec::new());
        let value = Seed {
            path: String::new(),
            twice: &twice,
        }
        .deserialize(deserializer)?;
        Ok(Self {
            value,
            twice: twice.into_inner(),
        })
    }
}

struct Seed<'n> {
    path: String,
    twice: &'n RefCell<Vec<(String, Value)>>,
}

impl Seed<'_> {
    fn below(&self, name: &str) -> Self {
        Self {
            path: if self.path.is_empty() {
                name.to_owned()
            } else {
                format!("{}.{name}", self.path)
            },
            twice: self.twice,
        }
    }
}

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(self.below("[]"))? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut pairs: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some(name) = pairs.next_key::<String>()? {
            let inner = self.below(&name);
            let path = inner.path.clone();
            let value = pairs.next_value_seed(inner)?;
            if let Some(before) = map.insert(name, value) {
                self.twice.borrow_mut().push((path, before));
            }
        }
        Ok(Value::Object(map))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_that_stand_twice_are_noted_with_their_path() {
        let noted: Noted =
            serde_json::from_str(r#"{"a":1,"b":[{"c":true,"c":null}],"a":2}"#).unwrap();
        assert_eq!(noted.value, serde_json::json!({"a": 2, "b": [{"c": null}]}));
        assert_eq!(
            noted.twice,
            [
                ("b.[].c".into(), Value::Bool(true)),
                ("a".into(), Value::from(1))
            ]
        );
    }

    proptest! {
        #[test]
        fn everything_else_is_as_the_plain_reader_has_it(text in "(\\{|\\}|\\[|\\]|,|:|\"a\"|\"b\"|1|-2\\.5|true|null){0,12}") {
            let plain = serde_json::from_str::<Value>(&text).ok();
            let noted = serde_json::from_str::<Noted>(&text).ok();
            prop_assert_eq!(plain, noted.map(|n| n.value));
        }
    }
}
