//! What is in force in a home, as the record has it: packs, and the texts behind every run, each by its hash. A genesis
//! begins it, activations and an administrator's word change it.

use super::acts::{self, Lines};
use super::format::adopted;
use crate::domain::digest::Digest;
use crate::ledger::entry::{Entry, EntryKind};
use crate::ledger::log::{AuditLog, Key, LogError};
use crate::ledger::payload::InForcePayload;
use crate::ledger::payload::field::TextList;
use crate::ledger::roster::Roster;
use crate::ledger::rules::Refusal;

/// What is in force may not change so.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InForceRefusal {
    #[error("{0} activated a pack of their own")]
    OwnPack(String),
    #[error("it does not say what is in force")]
    NotSaid,
    #[error("a pack without its hash")]
    NoHash,
    #[error("what is in force does not follow from what was")]
    DoesNotFollow,
}

/// What is in force, and how often it changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InForce {
    pub lines: Vec<String>,
    pub changes: u64,
}

/// The id of the n-th change, from 1 on.
pub fn change_id(number: u64) -> String {
    format!("state/{number}")
}

/// The line of a pack.
pub fn line_of(pack: &str, digest: &str) -> String {
    format!("{}{digest}", start_of(pack))
}

fn start_of(pack: &str) -> String {
    format!("policies/active/{pack}.toml ")
}

/// What is in force after an entry, a line each, `PATH HASH`, in the order of their bytes.
fn lines_of(entry: &Entry) -> Vec<String> {
    let state = entry.payload().state();
    state.map_or_else(Vec::new, TextList::all)
}

/// A change as it is signed.
#[derive(Clone, Copy, Debug)]
pub struct Word<'w> {
    /// `activate`, `deactivate` or `accept`.
    pub action: &'w str,
    pub pack: Option<&'w str>,
    pub digest: Option<&'w str>,
    /// All that is in force afterwards.
    pub lines: &'w [String],
    pub reason: Option<&'w str>,
}

impl Word<'_> {
    /// What is signed.
    pub fn lines(&self) -> Lines {
        let state = Digest::of(self.lines.join("\n").as_bytes());
        Lines::new("state")
            .with("action", self.action)
            .with("pack", self.pack.unwrap_or("none"))
            .with("digest", self.digest.unwrap_or("none"))
            .with("state", state.to_string())
            .with("reason", self.reason.unwrap_or("none"))
    }
}

/// What a log says is in force; none where it says nothing of it.
///
/// # Errors
/// The log cannot be read.
pub fn stated(log: &dyn AuditLog) -> Result<Option<InForce>, LogError> {
    let read = |seq: u64| {
        let bytes = log.one(Key::Entry(seq))?;
        let entry = bytes.map(|bytes| Entry::read(&bytes)).transpose()?;
        Ok::<_, LogError>(entry)
    };
    let mut changes = 0;
    let mut newest = match log.seq_of(&adopted(3))? {
        Some(seq) => read(seq)?,
        None => read(0)?.filter(|first| first.kind() == EntryKind::LogGenesis),
    };
    while let Some(seq) = log.seq_of(&change_id(changes + 1))? {
        newest = read(seq)?;
        changes += 1;
    }
    let says = newest.filter(|entry| entry.data.names("state"));
    Ok(says.map(|entry| InForce {
        lines: lines_of(&entry),
        changes,
    }))
}

impl InForce {
    /// The state that a genesis, or the rules of format 3, begin with.
    pub(super) fn begin(&mut self, entry: &Entry) {
        self.lines = lines_of(entry);
    }

    /// What is in force after a pack was activated, with its hash, or deactivated.
    pub fn after(&self, pack: &str, digest: Option<&str>) -> Vec<String> {
        let start = start_of(pack);
        let rest = self.lines.iter().filter(|line| !line.starts_with(&start));
        let mut lines: Vec<String> = rest.cloned().collect();
        lines.extend(digest.map(|digest| line_of(pack, digest)));
        lines.sort();
        lines
    }

    /// Takes over what an entry says, whose rules were checked before.
    pub(super) fn recall(&mut self, entry: &Entry) {
        match entry.kind() {
            EntryKind::LogGenesis | EntryKind::LogRules => self.begin(entry),
            EntryKind::PackActivated | EntryKind::HomeAccepted => {
                (self.lines, self.changes) = (lines_of(entry), self.changes + 1);
            }
            _ => {}
        }
    }

    /// Takes a change in; one signature was checked.
    pub(super) fn apply(
        &mut self,
        entry: &Entry,
        said: &InForcePayload,
        people: &Roster,
    ) -> Result<u64, Refusal> {
        let (lines, number) = (lines_of(entry), self.changes + 1);
        if said.state.is_none() || lines.iter().any(String::is_empty) {
            return Err(InForceRefusal::NotSaid.into());
        }
        let action = said.action.as_deref().unwrap_or("none");
        let (pack, digest) = (said.pack.as_deref(), said.digest.as_deref());
        let after = if entry.kind() == EntryKind::PackActivated {
            let put = match action {
                "activate" => Some(digest.ok_or(InForceRefusal::NoHash)?),
                _ => None,
            };
            self.after(pack.unwrap_or_default(), put)
        } else {
            let mut sorted = lines.clone();
            sorted.sort();
            sorted.dedup();
            sorted
        };
        if entry.id != change_id(number) || lines != after {
            return Err(InForceRefusal::DoesNotFollow.into());
        }
        let reason = said.reason.as_deref();
        let word = Word {
            action,
            pack,
            digest,
            lines: &lines,
            reason,
        };
        let signatures = acts::signed(entry, people, &word.lines())?;
        (self.lines, self.changes) = (lines, number);
        Ok(signatures)
    }
}
