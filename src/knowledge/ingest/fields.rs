//! What a document says of itself: front matter, `meta` tags, a line of JSON, or the file beside it. A name that is not
//! known is told; one that looks like an end of validity or a trust is never passed over, since that would lend weight.

use super::super::document::{Document, DocumentError, told};
use crate::domain::citation::Trust;
use crate::domain::remark::Remark;
use serde_json::{Map, Value};

pub(super) const NAMES: [&str; 12] = [
    "id",
    "title",
    "section",
    "url",
    "published_date",
    "source",
    "product",
    "jurisdiction",
    "valid_from",
    "valid_to",
    "trust",
    "supersedes",
];

/// Other names of the same things, as other programs write them.
const ALSO: [(&str, &str); 30] = [
    ("valid_until", "valid_to"),
    ("valid_till", "valid_to"),
    ("valid_through", "valid_to"),
    ("valid_thru", "valid_to"),
    ("expires", "valid_to"),
    ("expires_at", "valid_to"),
    ("expires_on", "valid_to"),
    ("expiry", "valid_to"),
    ("expiry_date", "valid_to"),
    ("expirydate", "valid_to"),
    ("expire_date", "valid_to"),
    ("expiration", "valid_to"),
    ("expiration_date", "valid_to"),
    ("expirationdate", "valid_to"),
    ("end_date", "valid_to"),
    ("effective_to", "valid_to"),
    ("effective_until", "valid_to"),
    ("unpublish_date", "valid_to"),
    ("withdrawn_on", "valid_to"),
    ("valid_since", "valid_from"),
    ("effective_date", "valid_from"),
    ("effective_from", "valid_from"),
    ("start_date", "valid_from"),
    ("date", "published_date"),
    ("published", "published_date"),
    ("publish_date", "published_date"),
    ("publishdate", "published_date"),
    ("publication_date", "published_date"),
    ("canonical_url", "url"),
    ("products", "product"),
];

/// Parts of names that speak of an end.
const ENDS: [&str; 12] = [
    "expir", "valid", "until", "till", "end_", "withdraw", "obsolete", "retire", "revoke",
    "supersed", "sunset", "archive",
];

/// What becomes of names that are not known.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Others {
    /// They are told.
    Told,
    /// They are the web's own, and only those that look like ours are of interest.
    Expected,
    /// They are an error.
    Refused,
}

/// A field that is left out stays as the document has it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct DocumentFields {
    texts: Vec<(&'static str, String)>,
    lists: Vec<(&'static str, Vec<String>)>,
    trust: Option<Trust>,
    pub remarks: Vec<Remark>,
}

impl DocumentFields {
    /// Reads fields by name, in whatever case and with `-` for `_`.
    ///
    /// # Errors
    /// A value of the wrong kind, or a name that must not be passed over.
    pub fn read(map: &Map<String, Value>, others: Others) -> Result<Self, DocumentError> {
        let mut fields = Self::default();
        for (written, value) in map {
            let flat = flat(written);
            let same = |name: &&str| *name == flat;
            let known = NAMES.into_iter().find(same).or_else(|| {
                let (_, known) = ALSO.into_iter().find(|(also, _)| *also == flat)?;
                let stands = map.keys().any(|key| self::flat(key) == known);
                if !stands {
                    fields.tell(written, "another name", format!("read as {known}"));
                }
                // Where both stand, ours holds; two ends are two claims.
                (!stands).then_some(known)
            });
            match known {
                Some(name) => fields.take(name, written, value)?,
                None => fields.unknown(written, &flat, value, others, map)?,
            }
        }
        fields.dates()?;
        Ok(fields)
    }

    fn tell(&mut self, name: &str, found: &str, done: String) {
        let name = crate::text::hidden::visible_line(name);
        self.remarks.push(told(name, found, done));
    }

    fn take(
        &mut self,
        name: &'static str,
        written: &str,
        value: &Value,
    ) -> Result<(), DocumentError> {
        let wrong = |wanted: &str| Err(DocumentError(format!("{written}: expected {wanted}")));
        match (name, value) {
            (_, Value::Null) => Ok(()),
            ("product" | "jurisdiction" | "supersedes", value) => {
                let Some(list) = list(value) else {
                    return wrong("a word or a list of words");
                };
                self.lists.push((name, list));
                Ok(())
            }
            ("trust", Value::String(word)) => {
                let trusts = [Trust::Approved, Trust::Editorial, Trust::Unverified];
                let trust = trusts
                    .into_iter()
                    .find(|t| t.as_str() == word.trim().to_lowercase());
                if trust.is_none() {
                    return wrong("approved, editorial or unverified");
                }
                self.trust = trust;
                Ok(())
            }
            ("trust", _) => wrong("approved, editorial or unverified"),
            (_, value) => match text(value) {
                Some(text) => {
                    self.texts.push((name, text));
                    Ok(())
                }
                None => wrong("text"),
            },
        }
    }

    fn unknown(
        &mut self,
        written: &str,
        flat: &str,
        value: &Value,
        others: Others,
        map: &Map<String, Value>,
    ) -> Result<(), DocumentError> {
        let near = NAMES
            .into_iter()
            .map(|name| (strsim::damerau_levenshtein(flat, name), name))
            .min()
            .filter(|(steps, name)| *steps <= 2 && name.len() > 3)
            .map(|(_, name)| name);
        let both = ALSO.iter().any(|(also, _)| *also == flat);
        if both {
            let known = ALSO
                .iter()
                .find(|(also, _)| *also == flat)
                .map_or("", |a| a.1);
            let ours = map.iter().find(|(key, _)| self::flat(key) == known);
            let same = ours.and_then(|(_, v)| text(v)) == text(value);
            if known == "valid_to" && !same {
                return Err(DocumentError(format!(
                    "{written} and valid_to say different things; keep one"
                )));
            }
            return Ok(());
        }
        let weighs = matches!(near, Some("valid_from" | "valid_to" | "trust"))
            || others != Others::Expected && ENDS.iter().any(|part| flat.contains(part));
        let name = crate::text::hidden::visible_line(written);
        let meant = near.map_or(String::new(), |near| format!("; did you mean {near}?"));
        if weighs && !value.is_null() {
            return Err(DocumentError(format!(
                "{name}: not a field that is known, and it may say how long the document holds or how far it is trusted{}",
                if meant.is_empty() {
                    "; use valid_from, valid_to or trust"
                } else {
                    &meant
                }
            )));
        }
        match others {
            Others::Refused => Err(DocumentError(format!(
                "{name}: not a field that is known{meant}"
            ))),
            Others::Expected => Ok(()),
            Others::Told if flat == "draft" && *value == Value::Bool(true) => {
                self.trust = Some(Trust::Unverified);
                self.tell(
                    written,
                    "the document is a draft",
                    "taken as unverified".into(),
                );
                Ok(())
            }
            Others::Told => {
                self.tell(
                    written,
                    &format!("not a field that is known{meant}"),
                    "left aside".into(),
                );
                Ok(())
            }
        }
    }

    /// Days of validity are dates; a time of day behind one is dropped.
    fn dates(&mut self) -> Result<(), DocumentError> {
        for (name, text) in &mut self.texts {
            if !matches!(*name, "valid_from" | "valid_to") {
                continue;
            }
            let day = match text.get(..10) {
                Some(day) if text[10..].is_empty() || text[10..].starts_with(['T', ' ', 't']) => {
                    day
                }
                _ => text.as_str(),
            };
            if chrono::NaiveDate::parse_from_str(day, "%Y-%m-%d").is_err() || day.len() != 10 {
                return Err(DocumentError(
                    "valid_from and valid_to are dates, YYYY-MM-DD".into(),
                ));
            }
            *text = day.to_owned();
        }
        Ok(())
    }

    pub fn apply(self, document: &mut Document) {
        for (name, text) in self.texts {
            match name {
                "id" => document.id = text,
                "title" => document.title = text,
                "section" => document.section = text,
                "url" => document.url = text,
                "published_date" => document.published_date = text,
                "source" => document.source = text,
                "valid_from" => document.valid_from = Some(text),
                "valid_to" => document.valid_to = Some(text),
                _ => {}
            }
        }
        for (name, list) in self.lists {
            match name {
                "product" => document.product = list,
                "supersedes" => document.supersedes = list,
                _ => document.jurisdiction = list,
            }
        }
        if let Some(trust) = self.trust {
            document.trust = trust;
        }
        document.remarks.extend(self.remarks);
    }
}

/// `Valid-To`, `validTo` and `valid to` are `valid_to`.
fn flat(name: &str) -> String {
    let mut flat = String::with_capacity(name.len() + 2);
    let mut small_before = false;
    for c in name.trim().chars() {
        if c.is_uppercase() && small_before {
            flat.push('_');
        }
        small_before = c.is_lowercase();
        match c {
            '-' | ' ' | '.' => flat.push('_'),
            c => flat.extend(c.to_lowercase()),
        }
    }
    flat
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().to_owned()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    }
}

fn list(value: &Value) -> Option<Vec<String>> {
    let all = match value {
        Value::Array(all) => all.iter().filter(|v| !v.is_null()).map(text).collect(),
        one => text(one).map(|one| vec![one]),
    };
    all.map(|all: Vec<String>| all.into_iter().filter(|s| !s.is_empty()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(value: Value) -> Result<Document, DocumentError> {
        let Value::Object(map) = value else {
            panic!("no object")
        };
        let mut document = Document::default();
        DocumentFields::read(&map, Others::Told)?.apply(&mut document);
        Ok(document)
    }

    #[test]
    fn an_end_of_validity_is_read_under_any_name_or_refused() {
        for name in [
            "valid_to",
            "valid_until",
            "Valid-Until",
            "expiryDate",
            "expires",
        ] {
            let document = read(json!({name: "2027-01-01T00:00:00Z"})).unwrap();
            assert_eq!(document.valid_to.as_deref(), Some("2027-01-01"), "{name}");
        }
        for value in [
            json!({"valid_untill_when": "2027-01-01"}),
            json!({"vaild_to": "2027-01-01"}),
            json!({"trsut": "unverified"}),
            json!({"valid_to": "1 May"}),
            json!({"valid_to": "2027-01-01", "expires": "2026-01-01"}),
            json!({"trust": "high"}),
        ] {
            assert!(read(value.clone()).is_err(), "{value}");
        }
    }

    #[test]
    fn other_names_are_told_with_what_may_be_meant() {
        let document = read(json!({"titel": "Fees", "tags": ["a"], "draft": true})).unwrap();
        let said: Vec<String> = document.remarks.iter().map(ToString::to_string).collect();
        assert!(
            said.iter()
                .any(|s| s.contains("titel") && s.contains("title")),
            "{said:?}"
        );
        assert!(said.iter().any(|s| s.starts_with("tags")), "{said:?}");
        assert_eq!(document.trust, Trust::Unverified);
    }
}
