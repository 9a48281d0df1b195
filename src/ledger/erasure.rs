//! What may become of a customer's data: holds, deferrals, erasures, and who says so.

use super::checkpoint::open_note;
use super::entry::{Entry, EntryKind};
use super::roster::Roster;
use crate::domain::person::Action;
use std::collections::BTreeSet;

/// A word about a customer's data, as it is signed.
#[derive(Clone, Copy, Debug)]
pub struct Word<'w> {
    pub kind: EntryKind,
    /// The customer's pseudonym.
    pub subject: &'w str,
    /// Last day of a deferral.
    pub until: Option<&'w str>,
    pub reason: &'w str,
}

impl Word<'_> {
    /// The text that is signed.
    pub fn note(&self, time: &str) -> String {
        format!(
            "echovoice/data/v1\naction {}\nsubject {}\nuntil {}\nreason {}\ntime {time}\n",
            self.kind.as_str(),
            self.subject,
            self.until.unwrap_or("none"),
            self.reason
        )
    }
}

/// Holds and erasures so far.
#[derive(Clone, Debug, Default)]
pub struct Erasures {
    held: BTreeSet<String>,
    erased: BTreeSet<String>,
}

impl Erasures {
    /// Whether a legal hold stands.
    pub fn is_held(&self, subject: &str) -> bool {
        self.held.contains(subject)
    }

    pub fn is_erased(&self, subject: &str) -> bool {
        self.erased.contains(subject)
    }

    /// Takes an entry in; the number of signatures checked comes back.
    ///
    /// # Errors
    /// The entry breaks a rule: a sentence for the verifier's report.
    pub fn apply(&mut self, entry: &Entry, people: &Roster) -> Result<u64, String> {
        if !entry.kind.is_about_erasure() {
            return Ok(0);
        }
        let by = people.acting(entry)?;
        by.role.may(Action::ManageData)?;
        let subject = entry.text("subject").ok_or("it names no customer")?;
        let word = Word {
            kind: entry.kind,
            subject,
            until: entry.text("until"),
            reason: entry.text("reason").unwrap_or_default(),
        };
        let note = entry.text("note").ok_or("it has no signed note")?;
        if open_note(note, &by.key)? != word.note(&entry.time) {
            return Err("the signed note says something else than the entry".into());
        }
        self.follows(entry.kind, subject)?;
        match entry.kind {
            EntryKind::HoldSet => self.held.insert(subject.to_owned()),
            EntryKind::HoldLifted => self.held.remove(subject),
            EntryKind::ErasureExecuted => self.erased.insert(subject.to_owned()),
            _ => true,
        };
        Ok(1)
    }

    /// Whether this may follow what was said so far.
    ///
    /// # Errors
    /// A sentence to show.
    pub fn follows(&self, kind: EntryKind, subject: &str) -> Result<(), String> {
        if self.is_erased(subject) {
            return Err(format!("the data of {subject} was erased already"));
        }
        match (kind, self.is_held(subject)) {
            (EntryKind::ErasureExecuted, true) => Err(format!(
                "a legal hold stands on {subject}: lift it first, or defer the erasure"
            )),
            (EntryKind::HoldSet, true) => Err(format!("a legal hold stands on {subject} already")),
            (EntryKind::HoldLifted, false) => Err(format!("no legal hold stands on {subject}")),
            _ => Ok(()),
        }
    }
}
