//! An entry's data as a whole: its payload, what the record adds, and what neither knows.

use super::define::PayloadFields as _;
use super::field::FieldRef;
use super::{CustomerKeys, Payload};
use crate::ledger::canonical::NotCanonical;
use crate::ledger::kind::EntryKind;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

/// An entry's data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryData {
    pub payload: Payload,
    pub keys: CustomerKeys,
    /// Fields of a later version, and values of another type than their field has: kept to the letter, so that the bytes
    /// which were hashed can be made again.
    others: Map<String, Value>,
}

impl EntryData {
    /// Reads the data of a kind. Nothing is refused here: what fits no field is kept beside them.
    pub fn read(kind: EntryKind, mut data: Map<String, Value>) -> Self {
        Self {
            payload: Payload::take(kind, &mut data),
            keys: CustomerKeys::take(&mut data),
            others: data,
        }
    }

    /// Whether a field is named at all, though its value may be of another type than the field's.
    pub fn names(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// A field by its name: for whoever shows or looks for fields whatever the kind.
    pub fn get(&self, key: &str) -> Option<FieldRef<'_>> {
        let mut found = self.others.get(key).map(FieldRef::Other);
        self.see(&mut |name, value| {
            if name == key {
                found = Some(value);
            }
        });
        found
    }

    /// All fields, in the order in which they are written.
    pub fn fields(&self) -> Vec<(&str, FieldRef<'_>)> {
        let others = self.others.iter();
        let mut fields: Vec<(&str, FieldRef<'_>)> = others
            .map(|(name, value)| (name.as_str(), FieldRef::Other(value)))
            .collect();
        self.see(&mut |name, value| fields.push((name, value)));
        // The order of RFC 8785: no key stands twice, since what a field took is no longer among the others.
        fields.sort_unstable_by_key(|(name, _)| *name);
        fields
    }

    /// As [`EntryData::read`] takes it.
    pub fn to_map(&self) -> Map<String, Value> {
        let fields = self.fields().into_iter();
        fields
            .map(|(name, value)| (name.to_owned(), value.to_value()))
            .collect()
    }

    fn see<'d>(&'d self, see: &mut dyn FnMut(&'static str, FieldRef<'d>)) {
        self.payload.show(see);
        self.keys.show(see);
    }

    pub fn is_empty(&self) -> bool {
        let mut empty = self.others.is_empty();
        self.see(&mut |_, _| empty = false);
        empty
    }

    /// Whether it has a canonical form.
    ///
    /// # Errors
    /// It holds something that has none.
    pub(in crate::ledger) fn check(&self) -> Result<(), NotCanonical> {
        if !self.others.keys().all(|key| key.is_ascii()) {
            return Err(NotCanonical::Key);
        }
        let mut checked = self.others.values().map(FieldRef::Other);
        checked.try_for_each(FieldRef::check)?;
        let mut fields = Ok(());
        self.see(&mut |_, value| {
            if fields.is_ok() {
                fields = value.check();
            }
        });
        fields
    }
}

impl From<Payload> for EntryData {
    fn from(payload: Payload) -> Self {
        Self {
            payload,
            keys: CustomerKeys::default(),
            others: Map::new(),
        }
    }
}

/// Data that says nothing.
impl From<EntryKind> for EntryData {
    fn from(kind: EntryKind) -> Self {
        Payload::empty(kind).into()
    }
}

impl Serialize for EntryData {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.fields())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::payload::field::TextList;
    use crate::ledger::payload::{fields_of, fields_of_keys};
    use serde_json::json;
    use std::collections::BTreeSet;

    fn data(kind: EntryKind, said: &Value) -> EntryData {
        EntryData::read(kind, said.as_object().cloned().unwrap())
    }

    #[test]
    fn what_was_read_is_written_again_to_the_letter() {
        let mixed =
            json!({"b": {"y": null}, "x": [1, "two"], "kind": "approve", "note": 5, "epoch": "e"});
        for kind in EntryKind::ALL {
            // Each field with a value of each type: what fits, and what does not.
            for value in [
                json!("w"),
                json!(7),
                json!(true),
                json!(null),
                json!(["A", 5]),
                json!({"A": 1, "B": "w"}),
            ] {
                let mut said = mixed.clone();
                for field in fields_of(*kind) {
                    said[field.key] = value.clone();
                }
                let read = data(*kind, &said);
                assert_eq!(serde_json::to_string(&read).unwrap(), said.to_string());
                assert_eq!(Value::from(read.to_map()), said);
                assert_eq!(read.payload.kind(), *kind);
            }
        }
    }

    #[test]
    fn a_value_of_another_type_is_as_if_missing_and_yet_named() {
        let read = data(
            EntryKind::Decision,
            &json!({"kind": 5, "bulk": true, "against": ["r", 1], "variant": "A"}),
        );
        let said = read.payload.decision().unwrap();
        assert_eq!((said.kind.as_ref(), said.bulk.as_ref()), (None, None));
        assert_eq!(said.variant.as_deref(), Some("A"));
        let against: Vec<&str> = said.against.iter().flat_map(TextList::iter).collect();
        assert_eq!(against, ["r"]);
        assert!(read.names("kind") && read.names("bulk") && !read.names("code"));
        assert_eq!(read.get("kind").and_then(FieldRef::as_u64), Some(5));
        // A word that names nothing is kept.
        let read = data(EntryKind::Override, &json!({"kind": "bless"}));
        let kind = read.payload.decision().unwrap().kind.clone().unwrap();
        assert_eq!((kind.as_str(), kind.known()), ("bless", None));
    }

    #[test]
    fn no_field_is_called_as_one_of_the_records_own() {
        for kind in EntryKind::ALL {
            let fields = fields_of(*kind).iter().chain(fields_of_keys());
            let names: Vec<&str> = fields.map(|field| field.key).collect();
            assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len());
            assert!(names.iter().all(|name| name.is_ascii()));
        }
    }
}
