//! One entry: an event, who caused it, and the hashes of what it is about.

use super::canonical;
use super::checkpoint::{NoteError, open_note};
use super::keys::PublicKey;
pub use super::kind::EntryKind;
use super::payload::{EntryData, Payload};
use crate::domain::decision::DecisionKind;
use crate::domain::digest::Digest;
use crate::domain::person::Role;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Largest entry in bytes: tlog-tiles bundles have a 16-bit length.
pub const MAX_ENTRY_BYTES: usize = 65_535;

/// An entry before it has a place in the log.
#[derive(Clone, Debug)]
pub struct NewEntry {
    /// Unique: appending the same id twice writes once.
    pub id: String,
    /// RFC 3339, UTC.
    pub time: String,
    pub actor: String,
    pub role: Role,
    pub run: Option<String>,
    /// The customer's own id; the log stores a random pseudonym instead.
    pub customer: Option<String>,
    pub engine: Option<String>,
    pub pack: Option<Digest>,
    pub input: Option<Digest>,
    /// What it says, and by that its kind. No personal data, no floats.
    pub data: EntryData,
    /// Stored in the clear, named by hash.
    pub blobs: Vec<(String, Vec<u8>)>,
    /// Sealed under the customer's key; needs `customer`.
    pub sealed: Vec<(String, Vec<u8>)>,
    /// The run's last entry as the writer knew it: refused if there is a later one.
    pub unchanged_since: Option<u64>,
}

impl NewEntry {
    /// `data` is a payload, or a kind that says nothing more.
    pub fn new(
        id: impl Into<String>,
        data: impl Into<EntryData>,
        actor: &str,
        role: Role,
        time: &str,
    ) -> Self {
        Self {
            id: id.into(),
            time: time.to_owned(),
            actor: actor.to_owned(),
            role,
            run: None,
            customer: None,
            engine: None,
            pack: None,
            input: None,
            data: data.into(),
            blobs: Vec::new(),
            sealed: Vec::new(),
            unchanged_since: None,
        }
    }

    #[must_use]
    pub fn run(mut self, run: &str) -> Self {
        self.run = Some(run.to_owned());
        self
    }

    /// What happened.
    pub fn kind(&self) -> EntryKind {
        self.data.payload.kind()
    }
}

/// A sealed value: a commitment that survives erasure, and the blob that does not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sealed {
    /// Hash of the stored ciphertext.
    pub blob: Digest,
    /// `SHA-256(salt32 ‖ plaintext)`; the salt is inside the ciphertext.
    pub commit: Digest,
}

/// An entry: what it says, where it stands in the record, and what it is about.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(from = "Stored")]
pub struct Entry {
    pub actor: String,
    pub blobs: BTreeMap<String, Digest>,
    /// What it says, and by that its kind.
    pub data: EntryData,
    pub engine: Option<String>,
    pub id: String,
    pub input: Option<Digest>,
    pub pack: Option<Digest>,
    pub prev: String,
    pub role: Role,
    pub run: Option<String>,
    pub sealed: BTreeMap<String, Sealed>,
    pub seq: u64,
    pub subject: Option<String>,
    pub time: String,
    pub v: u32,
}

/// An entry as its bytes are read: the data's fields are known once the kind is.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    actor: String,
    #[serde(default)]
    blobs: BTreeMap<String, Digest>,
    #[serde(default)]
    data: Map<String, Value>,
    engine: Option<String>,
    id: String,
    input: Option<Digest>,
    pack: Option<Digest>,
    prev: String,
    role: Role,
    run: Option<String>,
    #[serde(default)]
    sealed: BTreeMap<String, Sealed>,
    seq: u64,
    subject: Option<String>,
    time: String,
    #[serde(rename = "type")]
    kind: EntryKind,
    v: u32,
}

impl From<Stored> for Entry {
    fn from(stored: Stored) -> Self {
        Self {
            actor: stored.actor,
            blobs: stored.blobs,
            data: EntryData::read(stored.kind, stored.data),
            engine: stored.engine,
            id: stored.id,
            input: stored.input,
            pack: stored.pack,
            prev: stored.prev,
            role: stored.role,
            run: stored.run,
            sealed: stored.sealed,
            seq: stored.seq,
            subject: stored.subject,
            time: stored.time,
            v: stored.v,
        }
    }
}

/// An entry as its bytes are written. The fields stand in the order of their names: so RFC 8785 wants them.
#[derive(Serialize)]
struct WrittenEntry<'e> {
    actor: &'e str,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    blobs: &'e BTreeMap<String, Digest>,
    #[serde(skip_serializing_if = "EntryData::is_empty")]
    data: &'e EntryData,
    #[serde(skip_serializing_if = "Option::is_none")]
    engine: Option<&'e str>,
    id: &'e str,
    #[serde(skip_serializing_if = "Option::is_none")]
    input: Option<Digest>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pack: Option<Digest>,
    prev: &'e str,
    role: Role,
    #[serde(skip_serializing_if = "Option::is_none")]
    run: Option<&'e str>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    sealed: &'e BTreeMap<String, Sealed>,
    seq: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<&'e str>,
    time: &'e str,
    #[serde(rename = "type")]
    kind: EntryKind,
    v: u32,
}

impl Serialize for Entry {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        WrittenEntry {
            actor: &self.actor,
            blobs: &self.blobs,
            data: &self.data,
            engine: self.engine.as_deref(),
            id: &self.id,
            input: self.input,
            pack: self.pack,
            prev: &self.prev,
            role: self.role,
            run: self.run.as_deref(),
            sealed: &self.sealed,
            seq: self.seq,
            subject: self.subject.as_deref(),
            time: &self.time,
            kind: self.kind(),
            v: self.v,
        }
        .serialize(serializer)
    }
}

/// Stored bytes are no entry.
#[derive(Debug, thiserror::Error)]
pub enum EntryError {
    #[error("not an entry: {0}")]
    Unreadable(#[source] serde_json::Error),
    #[error("not in canonical form")]
    NotCanonical,
}

/// The signed note of an entry does not stand for what the entry says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoteRefusal {
    #[error("it has no signed note")]
    None,
    #[error(transparent)]
    Signature(#[from] NoteError),
    #[error("the signed note says something else than the entry")]
    SaysElse,
}

impl Entry {
    /// The stored bytes.
    ///
    /// # Errors
    /// Something in `data` has no canonical form.
    pub fn to_bytes(&self) -> Result<Vec<u8>, canonical::NotCanonical> {
        self.data.check()?;
        let mut names = self.blobs.keys().chain(self.sealed.keys());
        if !names.all(|name| name.is_ascii()) {
            return Err(canonical::NotCanonical::Key);
        }
        if self.seq >= 1 << 53 {
            return Err(canonical::NotCanonical::TooLarge);
        }
        // Strings, numbers and maps with text keys always serialise.
        Ok(serde_json::to_vec(self).unwrap_or_default())
    }

    /// Reads stored bytes to show them. Whether they are in the exact form is for [`Entry::from_bytes`] and verify.
    ///
    /// # Errors
    /// They are no entry.
    pub fn read(bytes: &[u8]) -> Result<Self, EntryError> {
        serde_json::from_slice(bytes).map_err(EntryError::Unreadable)
    }

    /// Reads stored bytes. Only the exact canonical form is accepted.
    ///
    /// # Errors
    /// They are no entry, or one in another form.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, EntryError> {
        let entry = Self::read(bytes)?;
        match entry.to_bytes() {
            Ok(again) if again == bytes => Ok(entry),
            _ => Err(EntryError::NotCanonical),
        }
    }

    /// Whether its note says exactly this, in the hand of who holds the key.
    ///
    /// # Errors
    /// There is no such note, or it says something else.
    pub fn is_signed(&self, key: &PublicKey, says: &str) -> Result<(), NoteRefusal> {
        let note = self.note().ok_or(NoteRefusal::None)?;
        if open_note(note, key)? == says {
            Ok(())
        } else {
            Err(NoteRefusal::SaysElse)
        }
    }

    /// What happened.
    pub fn kind(&self) -> EntryKind {
        self.data.payload.kind()
    }

    pub fn payload(&self) -> &Payload {
        &self.data.payload
    }

    /// What was signed, if somebody signed it.
    pub fn note(&self) -> Option<&str> {
        self.payload().note()
    }

    /// The reason in its signed note, which may stand nowhere else.
    pub fn signed_reason(&self) -> Option<&str> {
        reason_in(self.note()?)
    }

    /// Whether somebody decided about a verdict.
    pub fn is_decision(&self) -> bool {
        let decided = self.payload().decision();
        decided.is_some_and(|decided| decided.verdict.is_some() && decided.kind.is_some())
    }

    /// What was decided; none for another entry, or a word that is no decision.
    pub fn decision(&self) -> Option<DecisionKind> {
        self.payload().decision()?.kind.as_ref()?.known()
    }
}

/// The reason that a signed text gives, in a line of its own.
pub fn reason_in(note: &str) -> Option<&str> {
    note.lines().find_map(|line| line.strip_prefix("reason "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_entry_is_written_in_canonical_form() {
        let mut entry = Entry {
            actor: "a\u{1}\u{e9}\"".into(),
            blobs: BTreeMap::from([
                ("z".to_owned(), Digest::of(b"z")),
                ("b".to_owned(), Digest::of(b"b")),
            ]),
            data: EntryKind::GateResult.into(),
            engine: Some("e".into()),
            id: "i".into(),
            input: Some(Digest::of(b"i")),
            pack: Some(Digest::of(b"p")),
            prev: "0".into(),
            role: Role::System,
            run: Some("r".into()),
            sealed: BTreeMap::from([(
                "f".to_owned(),
                Sealed {
                    blob: Digest::of(b"1"),
                    commit: Digest::of(b"2"),
                },
            )]),
            seq: 7,
            subject: Some("s".into()),
            time: "t".into(),
            v: 1,
        };
        let data = |said: Value| {
            EntryData::read(EntryKind::GateResult, said.as_object().cloned().unwrap())
        };
        // Fields of the kind, one of another type than its own, and some that no version knows.
        entry.data = data(json!({
            "z": 1, "a": {"y": [true, null], "x": "w"}, "passed": 2, "two": {"B": 1, "A": "why"},
            "verdict": 7, "hard": ["A", 5], "customer_key": "k",
        }));
        let bytes = entry.to_bytes().unwrap();
        let sorted = canonical::bytes(&serde_json::to_value(&entry).unwrap()).unwrap();
        assert_eq!(bytes, sorted);
        assert_eq!(Entry::from_bytes(&bytes).unwrap(), entry);
        for (said, refused) in [
            (json!({"f": 0.5}), canonical::NotCanonical::Float),
            (json!({"hard": [0.5]}), canonical::NotCanonical::Float),
            (
                json!({"passed": 1_u64 << 53}),
                canonical::NotCanonical::TooLarge,
            ),
            (json!({"\u{e9}": 1}), canonical::NotCanonical::Key),
            (
                json!({"two": {"\u{e9}": "why"}}),
                canonical::NotCanonical::Key,
            ),
        ] {
            entry.data = data(said);
            assert_eq!(entry.to_bytes(), Err(refused));
        }
    }
}
