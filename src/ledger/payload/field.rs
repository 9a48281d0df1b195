//! Values of an entry's data: each of one type, and read without loss.
//!
//! Who forges an entry may write a list where a text belongs. Such a value fits no field: it is handed back, stays beside
//! the fields to the letter, and reads as if the field were missing. So bytes that were hashed are written again exactly.

use crate::ledger::canonical::{self, NotCanonical};
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::marker::PhantomData;

/// A type that a field may have.
pub trait FieldType: Sized {
    /// Its name for readers of the format.
    const SHAPE: &'static str;

    /// Takes a value over.
    ///
    /// # Errors
    /// The value itself, if it is of another type.
    fn read(value: Value) -> Result<Self, Value>;

    fn show(&self) -> FieldRef<'_>;
}

/// A field's value, to be written or shown.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum FieldRef<'f> {
    Text(&'f str),
    Number(u64),
    Flag(bool),
    List(&'f [Value]),
    Object(&'f Map<String, Value>),
    /// Of no field that this version knows, or of another type than its field.
    Other(&'f Value),
}

impl<'f> FieldRef<'f> {
    pub fn as_str(self) -> Option<&'f str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Other(value) => value.as_str(),
            _ => None,
        }
    }

    pub fn as_u64(self) -> Option<u64> {
        match self {
            Self::Number(number) => Some(number),
            Self::Other(value) => value.as_u64(),
            _ => None,
        }
    }

    pub fn as_bool(self) -> Option<bool> {
        match self {
            Self::Flag(flag) => Some(flag),
            Self::Other(value) => value.as_bool(),
            _ => None,
        }
    }

    pub fn as_array(self) -> Option<&'f [Value]> {
        match self {
            Self::List(list) => Some(list),
            Self::Other(Value::Array(list)) => Some(list),
            _ => None,
        }
    }

    pub fn as_object(self) -> Option<&'f Map<String, Value>> {
        match self {
            Self::Object(map) => Some(map),
            Self::Other(value) => value.as_object(),
            _ => None,
        }
    }

    pub fn to_value(self) -> Value {
        match self {
            Self::Text(text) => text.into(),
            Self::Number(number) => number.into(),
            Self::Flag(flag) => flag.into(),
            Self::List(list) => list.into(),
            Self::Object(map) => map.clone().into(),
            Self::Other(value) => value.clone(),
        }
    }

    /// A text as it is, anything else as JSON.
    pub fn in_words(self) -> String {
        match self {
            Self::Text(text) => text.to_owned(),
            Self::Other(Value::String(text)) => text.clone(),
            // What JSON holds always serialises.
            other => serde_json::to_string(&other).unwrap_or_default(),
        }
    }

    /// Whether it has a canonical form.
    ///
    /// # Errors
    /// It holds something that has none.
    pub(in crate::ledger) fn check(self) -> Result<(), NotCanonical> {
        match self {
            Self::Text(_) | Self::Flag(_) => Ok(()),
            Self::Number(number) if number < 1 << 53 => Ok(()),
            Self::Number(_) => Err(NotCanonical::TooLarge),
            Self::List(list) => list.iter().try_for_each(canonical::check),
            Self::Object(map) => canonical::check_map(map),
            Self::Other(value) => canonical::check(value),
        }
    }
}

impl Serialize for FieldRef<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => serializer.serialize_str(text),
            Self::Number(number) => serializer.serialize_u64(*number),
            Self::Flag(flag) => serializer.serialize_bool(*flag),
            Self::List(list) => list.serialize(serializer),
            Self::Object(map) => map.serialize(serializer),
            Self::Other(value) => value.serialize(serializer),
        }
    }
}

impl FieldType for String {
    const SHAPE: &'static str = "text";

    fn read(value: Value) -> Result<Self, Value> {
        match value {
            Value::String(text) => Ok(text),
            other => Err(other),
        }
    }

    fn show(&self) -> FieldRef<'_> {
        FieldRef::Text(self)
    }
}

impl FieldType for u64 {
    const SHAPE: &'static str = "number";

    fn read(value: Value) -> Result<Self, Value> {
        value.as_u64().ok_or(value)
    }

    fn show(&self) -> FieldRef<'_> {
        FieldRef::Number(*self)
    }
}

impl FieldType for bool {
    const SHAPE: &'static str = "true or false";

    fn read(value: Value) -> Result<Self, Value> {
        value.as_bool().ok_or(value)
    }

    fn show(&self) -> FieldRef<'_> {
        FieldRef::Flag(*self)
    }
}

/// An object that another type reads, such as a run's pins.
impl FieldType for Map<String, Value> {
    const SHAPE: &'static str = "object";

    fn read(value: Value) -> Result<Self, Value> {
        match value {
            Value::Object(map) => Ok(map),
            other => Err(other),
        }
    }

    fn show(&self) -> FieldRef<'_> {
        FieldRef::Object(self)
    }
}

/// What a list may hold, and what such a list is called for readers of the format.
pub trait Listed {
    const SHAPE: &'static str;
}

impl Listed for String {
    const SHAPE: &'static str = "list of texts";
}

impl Listed for u64 {
    const SHAPE: &'static str = "list of numbers";
}

/// A list of values of one type. Whatever else stands in a forged one is kept and passed over.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListOf<T>(Vec<Value>, PhantomData<T>);

pub type TextList = ListOf<String>;
pub type NumberList = ListOf<u64>;

impl<T> ListOf<T> {
    /// Items, of whatever type.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl ListOf<String> {
    /// Its texts.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(Value::as_str)
    }

    /// Its texts, with an empty one for each item that is none: where a list counts as a whole.
    pub fn all(&self) -> Vec<String> {
        let text = |item: &Value| item.as_str().unwrap_or_default().to_owned();
        self.0.iter().map(text).collect()
    }
}

impl ListOf<u64> {
    /// From one number to another.
    pub fn span((from, to): (u64, u64)) -> Self {
        [from, to].into_iter().collect()
    }

    /// The two numbers, if it holds two.
    pub fn as_span(&self) -> Option<(u64, u64)> {
        let [from, to] = self.0.as_slice() else {
            return None;
        };
        from.as_u64().zip(to.as_u64())
    }
}

impl<T, I: Into<Value>> FromIterator<I> for ListOf<T> {
    fn from_iter<L: IntoIterator<Item = I>>(items: L) -> Self {
        Self(items.into_iter().map(Into::into).collect(), PhantomData)
    }
}

impl<T: Listed> FieldType for ListOf<T> {
    const SHAPE: &'static str = T::SHAPE;

    fn read(value: Value) -> Result<Self, Value> {
        match value {
            Value::Array(list) => Ok(Self(list, PhantomData)),
            other => Err(other),
        }
    }

    fn show(&self) -> FieldRef<'_> {
        FieldRef::List(&self.0)
    }
}

/// Values of one type by name. Whatever else stands in a forged one is kept to the letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ByName<T>(Map<String, Value>, PhantomData<T>);

impl<T> ByName<T> {
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// As it was written.
    pub fn raw(&self) -> &Map<String, Value> {
        &self.0
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl ByName<String> {
    /// Names whose value is a text, with it.
    pub fn texts(&self) -> BTreeMap<String, String> {
        let text = |(name, value): (&String, &Value)| Some((name.clone(), value.as_str()?.into()));
        self.0.iter().filter_map(text).collect()
    }

    /// All names, with an empty text where the value is none.
    pub fn pairs(&self) -> Vec<(String, String)> {
        let pair = |(name, value): (&String, &Value)| {
            let text = value.as_str().unwrap_or_default();
            (name.clone(), text.to_owned())
        };
        self.0.iter().map(pair).collect()
    }
}

impl ByName<u64> {
    /// All names, with 0 where the value is no number.
    pub fn counts(&self) -> Vec<(String, u64)> {
        let pair =
            |(name, value): (&String, &Value)| (name.clone(), value.as_u64().unwrap_or_default());
        self.0.iter().map(pair).collect()
    }
}

impl<T: Into<Value>> FromIterator<(String, T)> for ByName<T> {
    fn from_iter<I: IntoIterator<Item = (String, T)>>(values: I) -> Self {
        let pairs = values.into_iter().map(|(name, value)| (name, value.into()));
        Self(pairs.collect(), PhantomData)
    }
}

impl<T> FieldType for ByName<T> {
    const SHAPE: &'static str = "object by name";

    fn read(value: Value) -> Result<Self, Value> {
        match value {
            Value::Object(map) => Ok(Self(map, PhantomData)),
            other => Err(other),
        }
    }

    fn show(&self) -> FieldRef<'_> {
        FieldRef::Object(&self.0)
    }
}
