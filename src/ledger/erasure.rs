//! What may become of a customer's data: holds, deferrals, disposals, erasures, and who says so.

use super::checkpoint::open_note;
use super::entry::{Entry, EntryKind};
use super::roster::Roster;
use crate::domain::digest::Digest;
use crate::domain::person::Action;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// A word about customers' data, as it is signed.
#[derive(Clone, Copy, Debug)]
pub struct Word<'w> {
    pub kind: EntryKind,
    /// The customer's pseudonym; of a proposed disposal, [`many`] customers.
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

/// How many customers, by pseudonym, are named in what is signed.
pub fn many(subjects: &[String]) -> String {
    format!(
        "{} customers {}",
        subjects.len(),
        Digest::of(subjects.join("\n").as_bytes())
    )
}

/// What stands on a customer's data. Rebuilt and compared by verify.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    pub held: bool,
    pub erased: bool,
    /// Until this day the data stays, and is used for nothing; empty: no such day.
    pub until: String,
}

impl Standing {
    /// The customer whose standing an entry changes. A proposal changes nobody's.
    pub fn of(entry: &Entry) -> Option<&str> {
        let changes = entry.kind.is_about_erasure() && entry.kind != EntryKind::DisposalProposed;
        entry.text("subject").filter(|_| changes)
    }

    /// What stands after an entry.
    pub fn apply(&mut self, entry: &Entry) {
        match entry.kind {
            EntryKind::HoldSet => self.held = true,
            EntryKind::HoldLifted => self.held = false,
            EntryKind::ErasureExecuted => self.erased = true,
            EntryKind::ErasureDeferred => {
                entry
                    .text("until")
                    .unwrap_or_default()
                    .clone_into(&mut self.until);
            }
            _ => {}
        }
    }

    /// Whether this may follow what was said so far.
    ///
    /// # Errors
    /// A sentence to show.
    pub fn follows(&self, kind: EntryKind, subject: &str) -> Result<(), String> {
        if self.erased {
            return Err(format!("the data of {subject} was erased already"));
        }
        match (kind, self.held) {
            (EntryKind::ErasureExecuted, true) => Err(format!(
                "a legal hold stands on {subject}: lift it first, or defer the erasure"
            )),
            (EntryKind::HoldSet, true) => Err(format!("a legal hold stands on {subject} already")),
            (EntryKind::HoldLifted, false) => Err(format!("no legal hold stands on {subject}")),
            _ => Ok(()),
        }
    }
}

/// A disposal that somebody proposed.
#[derive(Clone, Debug)]
struct Proposal {
    by: String,
    subjects: BTreeSet<String>,
}

/// Holds, proposals and erasures so far.
#[derive(Clone, Debug, Default)]
pub struct Erasures {
    standing: BTreeMap<String, Standing>,
    proposals: BTreeMap<u64, Proposal>,
}

impl Erasures {
    pub fn is_erased(&self, subject: &str) -> bool {
        self.standing.get(subject).is_some_and(|s| s.erased)
    }

    /// Every customer about whose data something was said.
    pub fn standing(&self) -> &BTreeMap<String, Standing> {
        &self.standing
    }

    /// Takes over what stands on a customer's data.
    pub(super) fn know(&mut self, subject: &str, standing: Standing) {
        self.standing.insert(subject.to_owned(), standing);
    }

    /// Takes over a proposed disposal, from an entry that was taken in long ago.
    pub(super) fn recall(&mut self, entry: &Entry) {
        if entry.kind == EntryKind::DisposalProposed {
            let proposal = Proposal {
                by: entry.actor.clone(),
                subjects: subjects_of(entry).into_iter().collect(),
            };
            self.proposals.insert(entry.seq, proposal);
        }
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
        if entry.kind == EntryKind::DisposalProposed {
            let subjects = subjects_of(entry);
            if many(&subjects) != subject {
                return Err("the signed note names other customers than the entry".into());
            }
            self.recall(entry);
            return Ok(1);
        }
        if let Some(seq) = entry.data.get("disposal").and_then(Value::as_u64) {
            let proposal = self.proposals.get(&seq).ok_or("no disposal was proposed")?;
            if proposal.by == entry.actor {
                return Err(format!("{} disposed of what they proposed", entry.actor));
            }
            if !proposal.subjects.contains(subject) {
                return Err("the disposal that was proposed names another customer".into());
            }
        }
        let standing = self.standing.entry(subject.to_owned()).or_default();
        standing.follows(entry.kind, subject)?;
        standing.apply(entry);
        Ok(1)
    }
}

/// Customers that a proposed disposal names.
pub fn subjects_of(entry: &Entry) -> Vec<String> {
    let list = entry.data.get("subjects").and_then(Value::as_array);
    let names = list.into_iter().flatten().filter_map(Value::as_str);
    names.map(str::to_owned).collect()
}
