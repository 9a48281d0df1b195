//! How payloads are defined: a struct's fields are named once, for writing, reading and the page of the format alike.

use super::field::FieldRef;
use serde_json::{Map, Value};

/// A field as the page of the format tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FieldDoc {
    /// Its key in `data`.
    pub key: &'static str,
    /// What kind of value it has.
    pub shape: &'static str,
    pub says: &'static str,
}

/// What every struct of a payload can do.
pub(super) trait PayloadFields: Default {
    const DOCS: &'static [FieldDoc];

    /// Takes out of the data what fits a field. The rest stays where it is.
    fn take(data: &mut Map<String, Value>) -> Self;

    /// Shows each field that says something.
    fn show<'f>(&'f self, see: &mut dyn FnMut(&'static str, FieldRef<'f>));
}

/// Takes a field out of the data, if it is there and of this type.
pub(super) fn take<T: super::field::FieldType>(
    data: &mut Map<String, Value>,
    key: &str,
) -> Option<T> {
    let value = data.get_mut(key)?;
    match T::read(value.take()) {
        Ok(read) => {
            data.remove(key);
            Some(read)
        }
        Err(other) => {
            *value = other;
            None
        }
    }
}

/// Defines structs of payloads. A field's key is its name, unless it is given; every field is optional, and missing
/// where it has nothing to say.
macro_rules! payloads {
    ($(
        $(#[doc = $about:literal])+
        $name:ident { $( $(#[doc = $says:literal])+ $field:ident $(as $key:literal)?: $type:ty, )+ }
    )+) => {$(
        $(#[doc = $about])+
        #[derive(Clone, Debug, Default, PartialEq, Eq)]
        pub struct $name {
            $( $(#[doc = $says])+ pub $field: Option<$type>, )+
        }

        impl $crate::ledger::payload::define::PayloadFields for $name {
            const DOCS: &'static [$crate::ledger::payload::define::FieldDoc] = &[$(
                $crate::ledger::payload::define::FieldDoc {
                    key: $crate::ledger::payload::define::key!($field $($key)?),
                    shape: <$type as $crate::ledger::payload::field::FieldType>::SHAPE,
                    says: concat!($($says),+),
                },
            )+];

            fn take(data: &mut serde_json::Map<String, serde_json::Value>) -> Self {
                Self { $(
                    $field: $crate::ledger::payload::define::take(
                        data,
                        $crate::ledger::payload::define::key!($field $($key)?),
                    ),
                )+ }
            }

            fn show<'f>(
                &'f self,
                see: &mut dyn FnMut(&'static str, $crate::ledger::payload::field::FieldRef<'f>),
            ) {
                use $crate::ledger::payload::field::FieldType as _;
                $( if let Some(value) = &self.$field {
                    see($crate::ledger::payload::define::key!($field $($key)?), value.show());
                } )+
            }
        }
    )+};
}
pub(super) use payloads;

macro_rules! key {
    ($field:ident) => {
        stringify!($field)
    };
    ($field:ident $key:literal) => {
        $key
    };
}
pub(super) use key;
