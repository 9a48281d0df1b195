//! One entry: an event, who caused it, and the hashes of what it is about.

use super::canonical;
use super::checkpoint::{NoteError, open_note};
use super::keys::PublicKey;
use crate::domain::decision::DecisionKind;
use crate::domain::digest::Digest;
use crate::domain::person::Role;
use crate::domain::run::Stage;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Largest entry in bytes: tlog-tiles bundles have a 16-bit length.
pub const MAX_ENTRY_BYTES: usize = 65_535;

macro_rules! kinds {
    ($($variant:ident => $text:literal),+ $(,)?) => {
        /// What happened.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum EntryKind { $(#[serde(rename = $text)] $variant),+ }
        impl EntryKind {
            /// Every kind.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];
            /// The name in the entry's `type`.
            pub fn as_str(self) -> &'static str { match self { $(Self::$variant => $text),+ } }
        }
    };
}

kinds! {
    LogGenesis => "log.genesis",
    LogRules => "log.rules",
    ClockJump => "clock.jump",
    ClockConfirmed => "clock.confirmed",
    CopyAccepted => "copy.accepted",
    KeyEnrolled => "key.enrolled",
    KeyRevoked => "key.revoked",
    RoleGranted => "role.granted",
    KeyProposed => "key.proposed",
    PackActivated => "pack.activated",
    HomeAccepted => "home.accepted",
    StateProposed => "state.proposed",
    TokenMade => "token.made",
    TokenRevoked => "token.revoked",
    KbIndexed => "kb.indexed",
    RunStarted => "run.started",
    SegmentDone => "segment.done",
    RetrieveDone => "retrieve.done",
    VariantGenerated => "variant.generated",
    GateResult => "gate.result",
    FindingDismissed => "finding.dismissed",
    AnalyticsDone => "analytics.done",
    StageFailed => "stage.failed",
    Revision => "revision",
    Decision => "decision",
    Override => "override",
    Assigned => "assigned",
    Comment => "comment",
    Withdrawn => "withdrawn",
    Recall => "recall",
    Expired => "expired",
    Reopened => "reopened",
    CanaryRevealed => "canary.revealed",
    Delivery => "delivery",
    Feedback => "feedback",
    OptOut => "opt_out",
    Rerun => "rerun",
    HoldSet => "hold.set",
    HoldLifted => "hold.lifted",
    ErasureDeferred => "erasure.deferred",
    ErasureExecuted => "erasure.executed",
    DisposalProposed => "disposal.proposed",
    Export => "export",
    VerifyDone => "verify.done",
}

impl EntryKind {
    /// The stage whose output it holds.
    pub fn stage(self) -> Option<Stage> {
        match self {
            Self::SegmentDone => Some(Stage::Segment),
            Self::RetrieveDone => Some(Stage::Retrieve),
            Self::VariantGenerated => Some(Stage::Generate),
            Self::GateResult => Some(Stage::Safety),
            Self::AnalyticsDone => Some(Stage::Analyze),
            _ => None,
        }
    }

    /// Whether it says what becomes of a customer's data.
    pub fn is_about_erasure(self) -> bool {
        matches!(
            self,
            Self::HoldSet
                | Self::HoldLifted
                | Self::ErasureDeferred
                | Self::ErasureExecuted
                | Self::DisposalProposed
        )
    }

    /// Whether nobody but the program itself writes it.
    pub fn is_the_programs(self) -> bool {
        self.stage().is_some()
            || matches!(
                self,
                Self::LogGenesis
                    | Self::LogRules
                    | Self::ClockJump
                    | Self::StageFailed
                    | Self::Expired
            )
    }

    /// Whether it changes which packs and texts are in force, or proposes to.
    pub fn is_about_what_is_in_force(self) -> bool {
        matches!(
            self,
            Self::PackActivated | Self::HomeAccepted | Self::StateProposed
        )
    }

    /// Whether it changes who may do what.
    pub fn is_about_people(self) -> bool {
        matches!(
            self,
            Self::KeyEnrolled | Self::KeyRevoked | Self::RoleGranted | Self::KeyProposed
        )
    }
}

/// An entry before it has a place in the log.
#[derive(Clone, Debug)]
pub struct NewEntry {
    /// Unique: appending the same id twice writes once.
    pub id: String,
    /// RFC 3339, UTC.
    pub time: String,
    pub actor: String,
    pub role: Role,
    pub kind: EntryKind,
    pub run: Option<String>,
    /// The customer's own id; the log stores a random pseudonym instead.
    pub customer: Option<String>,
    pub engine: Option<String>,
    pub pack: Option<Digest>,
    pub input: Option<Digest>,
    /// No personal data, no floats.
    pub data: Map<String, Value>,
    /// Stored in the clear, named by hash.
    pub blobs: Vec<(String, Vec<u8>)>,
    /// Sealed under the customer's key; needs `customer`.
    pub sealed: Vec<(String, Vec<u8>)>,
    /// The run's last entry as the writer knew it: refused if there is a later one.
    pub unchanged_since: Option<u64>,
}

impl NewEntry {
    pub fn new(
        id: impl Into<String>,
        kind: EntryKind,
        actor: &str,
        role: Role,
        time: &str,
    ) -> Self {
        Self {
            id: id.into(),
            time: time.to_owned(),
            actor: actor.to_owned(),
            role,
            kind,
            run: None,
            customer: None,
            engine: None,
            pack: None,
            input: None,
            data: Map::new(),
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

    #[must_use]
    pub fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.data.insert(key.to_owned(), value.into());
        self
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

/// An entry as stored. The fields stand in the order of their names: so they are written, and so RFC 8785 wants them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    pub actor: String,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub blobs: BTreeMap<String, Digest>,
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub data: Map<String, Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub engine: Option<String>,
    pub id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input: Option<Digest>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pack: Option<Digest>,
    pub prev: String,
    pub role: Role,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub sealed: BTreeMap<String, Sealed>,
    pub seq: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    pub time: String,
    #[serde(rename = "type")]
    pub kind: EntryKind,
    pub v: u32,
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
        canonical::check_map(&self.data)?;
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
        let note = self.text("note").ok_or(NoteRefusal::None)?;
        if open_note(note, key)? == says {
            Ok(())
        } else {
            Err(NoteRefusal::SaysElse)
        }
    }

    /// The reason in its signed note, which may stand nowhere else.
    pub fn signed_reason(&self) -> Option<&str> {
        reason_in(self.text("note")?)
    }

    /// What was decided; none for another entry, or a word that is no decision.
    pub fn decision(&self) -> Option<DecisionKind> {
        DecisionKind::deserialize(self.data.get("kind")?).ok()
    }

    pub fn text(&self, key: &str) -> Option<&str> {
        self.data.get(key).and_then(Value::as_str)
    }

    /// A text of its data, or `none`: as notes say it.
    pub fn or_none(&self, key: &str) -> &str {
        self.text(key).unwrap_or("none")
    }
}

/// The reason that a signed text gives, in a line of its own.
pub fn reason_in(note: &str) -> Option<&str> {
    note.lines().find_map(|line| line.strip_prefix("reason "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_written_in_canonical_form() {
        let mut entry = Entry {
            actor: "a\u{1}\u{e9}\"".into(),
            blobs: BTreeMap::from([
                ("z".to_owned(), Digest::of(b"z")),
                ("b".to_owned(), Digest::of(b"b")),
            ]),
            data: Map::new(),
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
            kind: EntryKind::GateResult,
            v: 1,
        };
        entry.data.insert("z".into(), 1.into());
        entry
            .data
            .insert("a".into(), serde_json::json!({"y": [true, null], "x": "w"}));
        let bytes = entry.to_bytes().unwrap();
        let sorted = canonical::bytes(&serde_json::to_value(&entry).unwrap()).unwrap();
        assert_eq!(bytes, sorted);
        assert_eq!(Entry::from_bytes(&bytes).unwrap(), entry);
        entry.data.insert("f".into(), serde_json::json!(0.5));
        assert_eq!(entry.to_bytes(), Err(canonical::NotCanonical::Float));
    }
}
