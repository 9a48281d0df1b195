//! Facts as they come, read by the vocabulary: names in any spelling, values of their type, two of one key the stricter.

use super::Facts;
use super::value::{self, FactFields, Unread};
use super::vocabulary::{self, VocabularyEntry};
use crate::domain::finding::Disposition;
use crate::domain::remark::{Remark, Topic};
use serde_json::{Map, Value};

/// Facts after reading, and what has to be said of them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reading {
    pub facts: Facts,
    pub remarks: Vec<Remark>,
}

impl Facts {
    /// Reads facts as somebody wrote them. What was read already comes out as it went in.
    pub fn read<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a Value)>) -> Reading {
        let mut reader = Reader {
            object: "",
            map: Map::new(),
            remarks: Vec::new(),
        };
        for (name, value) in pairs {
            reader.take(name, value);
        }
        Reading {
            facts: Facts(reader.map.into_iter().collect()),
            remarks: reader.remarks,
        }
    }

    /// These facts, read; none if reading changes and says nothing.
    pub fn reread(&self) -> Option<Reading> {
        let pairs = self.0.iter().map(|(key, value)| (key.as_str(), value));
        let reading = Self::read(pairs);
        (!reading.remarks.is_empty() || reading.facts != *self).then_some(reading)
    }

    /// Adds what `other` knows. On a clash the stricter value stands where the vocabulary has an order, else the one of
    /// `other`, for it is the nearer source.
    pub fn tighten(&mut self, other: &Facts) {
        for (key, nearer) in &other.0 {
            let stands = self.0.get(key).and_then(|own| {
                let entry = vocabulary::exactly(key)?;
                let ordered = entry.stricter != vocabulary::Stricter::Care;
                ordered
                    .then(|| value::stricter(entry, own, nearer))
                    .flatten()
            });
            self.0
                .insert(key.clone(), stands.unwrap_or_else(|| nearer.clone()));
        }
    }
}

struct Reader {
    /// Empty for the facts themselves.
    object: &'static str,
    map: FactFields,
    remarks: Vec<Remark>,
}

impl Reader {
    fn say(&mut self, asks: Disposition, name: &str, found: String, done: &str) {
        let field = if self.object.is_empty() {
            format!("facts.{name}")
        } else {
            format!("facts.{}.{name}", self.object)
        };
        let remark = Remark::new(Topic::Intake, asks, field, found, done);
        if !self.remarks.contains(&remark) {
            self.remarks.push(remark);
        }
    }

    fn take(&mut self, name: &str, raw: &Value) {
        let Some(entry) = vocabulary::named(self.object, name) else {
            self.unknown(name, raw);
            return;
        };
        let key = entry
            .key
            .rsplit_once('.')
            .map_or(entry.key, |(_, field)| field);
        if key != name && self.object.is_empty() {
            self.say(
                Disposition::Info,
                name,
                format!("means `{}`", entry.key),
                "read as that key",
            );
        }
        let read = value::read(entry, raw).map(|value| self.inside(entry, value));
        match read {
            Ok(value) => self.put(entry, key, name, value),
            Err(unread) => self.unread(entry, name, unread),
        }
    }

    /// An object by its fields.
    fn inside(&mut self, entry: &'static VocabularyEntry, value: Value) -> Value {
        let Value::Object(map) = value else {
            return value;
        };
        if vocabulary::fields(entry.key).next().is_none() {
            return Value::Object(map);
        }
        let mut inner = Reader {
            object: entry.key,
            map: Map::new(),
            remarks: Vec::new(),
        };
        for (name, value) in &map {
            inner.take(name, value);
        }
        self.remarks.append(&mut inner.remarks);
        Value::Object(inner.map)
    }

    fn put(&mut self, entry: &VocabularyEntry, key: &str, name: &str, value: Value) {
        let Some(before) = self.map.get(key) else {
            self.map.insert(key.to_owned(), value);
            return;
        };
        match value::stricter(entry, before, &value) {
            Some(stands) if *before == value => {
                self.map.insert(key.to_owned(), stands);
            }
            Some(stands) => {
                self.map.insert(key.to_owned(), stands);
                self.say(
                    Disposition::Review,
                    name,
                    format!("`{}` is given twice, with different values", entry.key),
                    "the stricter one holds",
                );
            }
            None => {
                self.map.remove(key);
                self.say(
                    Disposition::Review,
                    name,
                    format!("`{}` is given twice, with different values", entry.key),
                    "it counts as not known",
                );
            }
        }
    }

    fn unread(&mut self, entry: &VocabularyEntry, name: &str, unread: Unread) {
        let (asks, found) = match unread {
            Unread::Empty => (Disposition::Info, "is empty".to_owned()),
            Unread::NoWord if entry.is_safety() => (
                Disposition::Review,
                "is a word for nothing; write null if it is known to be absent".to_owned(),
            ),
            Unread::NoWord => (Disposition::Info, "is a word for nothing".to_owned()),
            Unread::Wrong(what) => (
                Disposition::Review,
                format!("expected {}, found {what}", entry.expects()),
            ),
        };
        self.say(asks, name, found, "it counts as not known");
    }

    fn unknown(&mut self, name: &str, raw: &Value) {
        if !self.object.is_empty() {
            if let Some(entry) = vocabulary::nearly(self.object, name) {
                let asks = if entry.is_safety() {
                    Disposition::Review
                } else {
                    Disposition::Info
                };
                let found = format!("is no known field, and nearly `{}`", entry.key);
                self.say(asks, name, found, "it was not read");
            } else if matches!(self.object, "consent" | "authorization")
                && value::speaks_against(name, raw)
            {
                self.say(
                    Disposition::Review,
                    name,
                    "is no known field, and may speak against sending".to_owned(),
                    "it was not read",
                );
            }
        }
        if let Some(before) = self.map.get(name)
            && before != raw
        {
            self.say(
                Disposition::Review,
                name,
                "is given twice, with different values".to_owned(),
                "it counts as not known",
            );
            self.map.remove(name);
            return;
        }
        self.map.insert(name.to_owned(), raw.clone());
    }
}

/// Keys outside of the vocabulary that are nearly one of it: a slip of the hand, unless something used them.
pub fn lookalikes(facts: &Facts, is_used: &dyn Fn(&str) -> bool) -> Vec<Remark> {
    facts
        .0
        .keys()
        .filter(|key| vocabulary::exactly(key).is_none())
        .filter_map(|key| {
            let entry = vocabulary::nearly("", key).filter(|_| !is_used(key))?;
            let asks = if entry.is_safety() {
                Disposition::Review
            } else {
                Disposition::Info
            };
            Some(Remark::new(
                Topic::Intake,
                asks,
                format!("facts.{key}"),
                format!("nothing used it, and it is nearly `{}`", entry.key),
                "it counts as another key",
            ))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn read(value: Value) -> Reading {
        let map = value.as_object().unwrap().clone();
        Facts::read(map.iter().map(|(k, v)| (k.as_str(), v)))
    }

    #[test]
    fn what_is_wrong_is_told_and_counts_as_not_known() {
        let reading = read(json!({"apr": "high", "consent_email": "maybe", "price": true}));
        assert!(reading.facts.0.is_empty());
        assert_eq!(reading.remarks.len(), 3);
        assert!(reading.remarks.iter().all(Remark::holds_back));
        assert!(!format!("{:?}", reading.remarks).contains("maybe"));
    }

    #[test]
    fn the_purpose_is_one_word_whatever_an_export_calls_it() {
        for (written, purpose) in [
            ("servicing", "service"),
            ("Service message", "service"),
            ("transactional_email", "transactional"),
            ("required_member_notice", "service"),
            ("promo", "marketing"),
            ("sale notice", "sale notice"),
            ("education", "education"),
        ] {
            let reading = read(json!({"message_purpose": written}));
            assert_eq!(reading.facts.0["purpose"], json!(purpose), "{written}");
        }
    }

    #[test]
    fn no_consent_is_none_in_any_word() {
        for word in ["none", "no", "Not given", "refused", "declined", "false"] {
            let reading = read(json!({"consent": word}));
            assert_eq!(reading.facts.0["consent"], Value::Null, "{word}");
        }
    }

    #[test]
    fn objects_are_read_by_their_fields() {
        let reading = read(json!({"consent": {"revokedAt": "2026-05-01", "Written": "yes"}}));
        assert_eq!(
            reading.facts.0["consent"],
            json!({"revoked_at": "2026-05-01", "written": true})
        );
        assert_eq!(
            read(json!({"consent": {"is_valid": false}})).remarks.len(),
            1
        );
    }

    #[test]
    fn the_stricter_of_two_holds() {
        for (facts, key, stands) in [
            (
                json!({"consent_email": true, "ConsentEmail": false}),
                "consent_email",
                json!(false),
            ),
            (
                json!({"opted_out_at": null, "optedOutAt": "2026"}),
                "opted_out_at",
                json!("2026"),
            ),
            (
                json!({"recipient_age": 34, "RecipientAge": 15}),
                "recipient_age",
                json!(15),
            ),
        ] {
            let reading = read(facts);
            assert_eq!(reading.facts.0[key], stands);
            assert!(reading.remarks.iter().any(Remark::holds_back));
        }
        assert!(
            !read(json!({"apr": 9, "APR": 5}))
                .facts
                .0
                .contains_key("apr")
        );
    }

    proptest! {
        #[test]
        fn reading_twice_says_nothing_new(
            key in "(apr|consent|consent_email|opted_out_at|segment_fields|postal_address|ends_at|x)",
            text in "(yes|no|null|9\\.5%|\\{\"written\": true\\}|\\PC{0,12})",
        ) {
            let once = read(json!({key: text}));
            let again = once.facts.reread();
            prop_assert!(again.is_none(), "{again:?}");
        }
    }
}
