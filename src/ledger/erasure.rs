//! What may become of a customer's data: holds, deferrals, disposals, erasures, and who says so.

use super::entry::{Entry, EntryKind};
use super::payload::field::TextList;
use super::payload::{CustodyPayload, Payload};
use super::roster::Roster;
use crate::domain::digest::Digest;
use crate::domain::person::Action;
use crate::ledger::refusal::{DataRefusal, Refusal};
use serde::{Deserialize, Serialize};
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
pub struct DataStanding {
    pub held: bool,
    pub erased: bool,
    /// Until this day the data stays, and is used for nothing; empty: no such day.
    pub until: String,
}

impl DataStanding {
    /// The customer whose standing an entry changes. A proposal changes nobody's.
    pub fn of(entry: &Entry) -> Option<&str> {
        let custody = entry.payload().custody()?;
        let subject = custody.subject.as_deref();
        subject.filter(|_| entry.kind() != EntryKind::DisposalProposed)
    }

    /// What stands after an entry.
    pub fn apply(&mut self, entry: &Entry) {
        match entry.payload() {
            Payload::HoldSet(_) => self.held = true,
            Payload::HoldLifted(_) => self.held = false,
            Payload::ErasureExecuted(_) => self.erased = true,
            Payload::ErasureDeferred(deferral) => {
                self.until = deferral.until.clone().unwrap_or_default();
            }
            _ => {}
        }
    }

    /// Whether this may follow what was said so far.
    ///
    /// # Errors
    /// It may not.
    pub fn follows(&self, kind: EntryKind, subject: &str) -> Result<(), DataRefusal> {
        let subject = || subject.to_owned();
        if self.erased {
            return Err(DataRefusal::Erased(subject()));
        }
        match (kind, self.held) {
            (EntryKind::ErasureExecuted, true) => Err(DataRefusal::Held(subject())),
            (EntryKind::HoldSet, true) => Err(DataRefusal::HeldAlready(subject())),
            (EntryKind::HoldLifted, false) => Err(DataRefusal::NotHeld(subject())),
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
    standing: BTreeMap<String, DataStanding>,
    proposals: BTreeMap<u64, Proposal>,
}

impl Erasures {
    pub fn is_erased(&self, subject: &str) -> bool {
        self.standing.get(subject).is_some_and(|s| s.erased)
    }

    /// Every customer about whose data something was said.
    pub fn standing(&self) -> &BTreeMap<String, DataStanding> {
        &self.standing
    }

    /// Takes over what stands on a customer's data.
    pub(super) fn know(&mut self, subject: &str, standing: DataStanding) {
        self.standing.insert(subject.to_owned(), standing);
    }

    /// Takes over a proposed disposal, from an entry that was taken in long ago.
    pub(super) fn recall(&mut self, entry: &Entry) {
        if let Payload::DisposalProposed(proposed) = entry.payload() {
            let proposal = Proposal {
                by: entry.actor.clone(),
                subjects: subjects_of(proposed).into_iter().collect(),
            };
            self.proposals.insert(entry.seq, proposal);
        }
    }

    /// Takes an entry in; the number of signatures checked comes back.
    ///
    /// # Errors
    /// The entry breaks a rule.
    pub fn apply(&mut self, entry: &Entry, people: &Roster) -> Result<u64, Refusal> {
        let Some(said) = entry.payload().custody() else {
            return Ok(0);
        };
        let by = people.acting(entry)?;
        by.role.may(Action::ManageData)?;
        let subject = said.subject.as_deref().ok_or(DataRefusal::NoCustomer)?;
        let word = Word {
            kind: entry.kind(),
            subject,
            until: said.until.as_deref(),
            reason: said.reason.as_deref().unwrap_or_default(),
        };
        entry.is_signed(&by.key, &word.note(&entry.time))?;
        if entry.kind() == EntryKind::DisposalProposed {
            let subjects = subjects_of(said);
            if many(&subjects) != subject {
                return Err(DataRefusal::OtherCustomers.into());
            }
            self.recall(entry);
            return Ok(1);
        }
        if let Some(seq) = said.disposal {
            let proposal = (self.proposals.get(&seq)).ok_or(DataRefusal::NotProposed)?;
            if proposal.by == entry.actor {
                return Err(DataRefusal::ProposedByTheSame(entry.actor.clone()).into());
            }
            if !proposal.subjects.contains(subject) {
                return Err(DataRefusal::OtherCustomer.into());
            }
        }
        let standing = self.standing.entry(subject.to_owned()).or_default();
        standing.follows(entry.kind(), subject)?;
        standing.apply(entry);
        Ok(1)
    }
}

/// Customers that a proposed disposal names.
pub fn subjects_of(proposed: &CustodyPayload) -> Vec<String> {
    let subjects = proposed.subjects.iter().flat_map(TextList::iter);
    subjects.map(str::to_owned).collect()
}
