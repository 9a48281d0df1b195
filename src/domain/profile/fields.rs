//! The fields of a profile that stand for themselves, found under any spelling of their names.

use super::leaf::squash;
use super::{FieldError, MAX_FIELD_BYTES};
use crate::domain::facts::value_ten_thousandths;
use serde_json::{Map, Value};

/// Objects in which fields are looked for, after the profile's own.
const WITHIN: [&str; 7] = [
    "properties",
    "traits",
    "attributes",
    "customfields",
    "customattributes",
    "fields",
    "contact",
];

/// A profile's own fields and those of the objects that hold some.
pub(super) struct ProfileFields<'a> {
    maps: Vec<&'a Map<String, Value>>,
    /// In the same order: names without case and signs.
    names: Vec<(String, &'a str, &'a Value)>,
}

/// The fields of a profile by any spelling of their names; it has none if it is no object.
pub struct FieldReader<'a>(pub(super) Option<ProfileFields<'a>>);

impl<'a> FieldReader<'a> {
    /// See [`super::Profile::field`].
    pub fn field(&self, name: &str) -> Option<&'a Value> {
        let (_, value) = self.0.as_ref()?.find(&[name])?;
        Some(value)
    }
}

impl<'a> ProfileFields<'a> {
    pub fn of(object: &'a Map<String, Value>) -> Self {
        let mut maps = vec![object];
        for within in WITHIN {
            let found = object.iter().filter(|(key, _)| squash(key) == within);
            maps.extend(found.filter_map(|(_, value)| value.as_object()));
        }
        // An event of an analytics tool holds the person's traits in its context.
        if let Some(traits) = object.get("context").and_then(|c| c.get("traits")) {
            maps.extend(traits.as_object());
        }
        let names = maps
            .iter()
            .flat_map(|map| map.iter())
            .map(|(key, value)| {
                let squashed = squash(key);
                let inner = WITHIN
                    .iter()
                    .find_map(|w| {
                        (key.contains(['.', '[']) || key.contains("__"))
                            .then(|| squashed.strip_prefix(w))?
                    })
                    .filter(|inner| !inner.is_empty())
                    .map(str::to_owned);
                (inner.unwrap_or(squashed), key.as_str(), value)
            })
            .collect();
        Self { maps, names }
    }

    /// Every value under one of these names that is there at all: the name as it is documented first, then other
    /// spellings, the profile's own fields before those of its objects. A null hides nothing.
    pub fn all(&self, names: &[&str]) -> Vec<(&'a str, &'a Value)> {
        let is_there = |value: &Value| {
            !value.is_null() && !value.as_str().is_some_and(|text| text.trim().is_empty())
        };
        let mut found: Vec<(&str, &Value)> = Vec::new();
        for name in names {
            for map in &self.maps {
                if let Some((key, value)) = map.get_key_value(*name).filter(|(_, v)| is_there(v)) {
                    found.push((key, value));
                }
            }
            let squashed = squash(name);
            for (own, key, value) in &self.names {
                let is_new = !found.iter().any(|(_, known)| std::ptr::eq(*known, *value));
                if *own == squashed && is_there(value) && is_new {
                    found.push((key, value));
                }
            }
        }
        found
    }

    pub fn find(&self, names: &[&str]) -> Option<(&'a str, &'a Value)> {
        self.all(names).into_iter().next()
    }

    pub fn text(&self, names: &[&str]) -> Result<Option<String>, FieldError> {
        self.find(names)
            .map_or(Ok(None), |(key, value)| as_text(key, value))
    }

    pub fn text_or_number(&self, names: &[&str]) -> Result<Option<String>, FieldError> {
        match self.find(names) {
            Some((_, Value::Number(number))) => Ok(Some(whole(&number.to_string()).to_owned())),
            _ => self.text(names),
        }
    }

    /// An id; tables write whole numbers as `10234.0` once a column has gaps.
    pub fn id(&self, names: &[&str]) -> Result<Option<String>, FieldError> {
        let all = self.all(names);
        if let Some((key, Value::Array(_))) = all.first() {
            return Err(FieldError {
                field: (*key).to_owned(),
                problem: "given twice, with different values; keep the right one".into(),
            });
        }
        Ok(self.text_or_number(names)?.map(|id| whole(&id).to_owned()))
    }

    pub fn flag(&self, name: &str) -> Result<Option<bool>, FieldError> {
        match self.find(&[name]) {
            None => Ok(None),
            Some((key, value)) => super::flag_of(value)
                .map(Some)
                .ok_or_else(|| wrong(key, "yes or no", value)),
        }
    }

    /// A score from 0 to 1, in hundredths of a per cent.
    pub fn engagement(&self) -> Result<Option<u32>, FieldError> {
        let Some((key, value)) = self.find(&["engagement_score"]) else {
            return Ok(None);
        };
        match value_ten_thousandths(value) {
            Some(bp @ 0..=10_000) => Ok(Some(u32::try_from(bp).unwrap_or(0))),
            _ => Err(FieldError {
                field: key.into(),
                problem: "expected a number from 0 to 1".into(),
            }),
        }
    }
}

/// A whole number without the `.0` that tables add.
fn whole(text: &str) -> &str {
    match text.strip_suffix(".0") {
        Some(digits) if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) => digits,
        _ => text,
    }
}

fn as_text(key: &str, value: &Value) -> Result<Option<String>, FieldError> {
    match value {
        Value::String(text) if text.len() > MAX_FIELD_BYTES => Err(FieldError {
            field: key.into(),
            problem: format!("longer than {MAX_FIELD_BYTES} bytes; shorten it"),
        }),
        Value::String(text) => Ok(Some(text.trim().to_owned()).filter(|text| !text.is_empty())),
        other => Err(wrong(key, "text", other)),
    }
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a yes/no value",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

pub(super) fn wrong(field: &str, expected: &str, found: &Value) -> FieldError {
    FieldError {
        field: field.to_owned(),
        problem: format!("expected {expected}, found {}", kind_of(found)),
    }
}
