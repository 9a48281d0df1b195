//! A batch under construction: entries in their places, and the rows that are derived from them.

use super::entry::{Entry, EntryKind};
use super::erasure::DataStanding;
use super::log::{AuditLog, Batch, Key, LogError};
use super::roster::row_after;
use super::summary::RunSummary;
use super::tree::{self, Frontier, Hash};
use super::vault::Subject;
use crate::domain::digest::Digest;
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};

/// A batch under construction.
pub(super) struct Draft {
    pub inner: Batch,
    /// Runs that the batch touches, each with how the log has it.
    runs: BTreeMap<String, Touched>,
    /// Runs as they were when the job under way began, if it touched them.
    undo: BTreeMap<String, Option<RunSummary>>,
    /// Customers whom the log knows.
    met: HashMap<String, Subject>,
    /// Ids that the log has already.
    recalled: HashMap<String, u64>,
    /// People as the log has them, or has them not.
    people: HashMap<String, Option<Vec<u8>>>,
    /// All customers' rows as an erasure leaves them.
    pub customers: Option<Digest>,
}

struct Touched {
    stored: Option<RunSummary>,
    now: Option<RunSummary>,
}

/// How far a draft had come, to undo a refused job.
pub(super) struct Mark {
    counts: [usize; 8],
}

impl Draft {
    pub fn new(expected: u64) -> Self {
        Self {
            inner: Batch {
                expected,
                ..Batch::default()
            },
            runs: BTreeMap::new(),
            undo: BTreeMap::new(),
            met: HashMap::new(),
            recalled: HashMap::new(),
            people: HashMap::new(),
            customers: None,
        }
    }

    pub fn id(&self, id: &str) -> Option<u64> {
        self.inner
            .ids
            .iter()
            .find(|(known, _)| known == id)
            .map(|(_, seq)| *seq)
            .or_else(|| self.recalled.get(id).copied())
    }

    /// The log has this id already.
    pub fn recall(&mut self, id: &str, seq: u64) {
        self.recalled.insert(id.to_owned(), seq);
    }

    /// A run as the log has it.
    pub fn touch(&mut self, run: &str, row: Option<&[u8]>) -> Result<(), LogError> {
        let stored: Option<RunSummary> = row
            .map(serde_json::from_slice)
            .transpose()
            .map_err(|e| LogError::Damaged(e.into()))?;
        let now = stored.clone();
        self.runs.insert(run.to_owned(), Touched { stored, now });
        Ok(())
    }

    pub fn entry(&self, seq: u64) -> Option<&[u8]> {
        let index = usize::try_from(seq.checked_sub(self.inner.expected)?).ok()?;
        self.inner.entries.get(index).map(Vec::as_slice)
    }

    pub fn met(&self, customer: &str) -> Option<&Subject> {
        self.met.get(customer)
    }

    pub fn meet(&mut self, customer: &str, subject: Subject) {
        self.met.insert(customer.to_owned(), subject);
    }

    /// Remembers this place: a job begins.
    pub fn mark(&mut self) -> Mark {
        self.undo.clear();
        let b = &self.inner;
        Mark {
            counts: [
                b.entries.len(),
                b.nodes.len(),
                b.blobs.len(),
                b.ids.len(),
                b.of_run.len(),
                b.people.len(),
                b.subjects.len(),
                b.standing.len(),
            ],
        }
    }

    pub fn back_to(&mut self, mark: &Mark) {
        let b = &mut self.inner;
        b.entries.truncate(mark.counts[0]);
        b.nodes.truncate(mark.counts[1]);
        b.blobs.truncate(mark.counts[2]);
        b.ids.truncate(mark.counts[3]);
        b.of_run.truncate(mark.counts[4]);
        b.people.truncate(mark.counts[5]);
        b.subjects.truncate(mark.counts[6]);
        b.standing.truncate(mark.counts[7]);
        for (run, before) in std::mem::take(&mut self.undo) {
            if let Some(touched) = self.runs.get_mut(&run) {
                touched.now = before;
            }
        }
    }

    /// Adds an entry, its place in the tree and the rows derived from it. The hash of its bytes comes back.
    pub fn put(
        &mut self,
        log: &dyn AuditLog,
        entry: &Entry,
        bytes: Vec<u8>,
        frontier: &mut Frontier,
    ) -> Result<Hash, LogError> {
        self.index(log, entry)?;
        frontier.push(tree::leaf(&bytes), |id, hash| {
            // A leaf is the hash of its entry, which is there.
            if id.level > 0 {
                self.inner.nodes.push((id, hash));
            }
        });
        let hash = Digest::of(&bytes).0;
        self.inner.ids.push((entry.id.clone(), entry.seq));
        self.inner.entries.push(bytes);
        Ok(hash)
    }

    /// The batch, ready to be stored under its checkpoint.
    pub fn finish(mut self, last: Hash, checkpoint: String) -> Batch {
        for (run, Touched { stored, now }) in self.runs {
            let place = |summary: &Option<RunSummary>| summary.as_ref().and_then(RunSummary::place);
            let (before, after) = (place(&stored), place(&now));
            if before != after {
                self.inner.closed.extend(before);
                self.inner.opened.extend(after);
            }
            if let Some(summary) = now {
                let row = to_json(&summary);
                self.inner.runs.push((run, summary.seq, row));
            }
        }
        Batch {
            last,
            checkpoint,
            ..self.inner
        }
    }

    /// Somebody's row, with the entries of this batch.
    pub fn person(&mut self, log: &dyn AuditLog, name: &str) -> Result<Option<Vec<u8>>, LogError> {
        if let Some((_, row)) = self.inner.people.iter().rev().find(|(n, _)| n == name) {
            return Ok(Some(row.clone()));
        }
        if let Some(row) = self.people.get(name) {
            return Ok(row.clone());
        }
        let row = log.one(Key::Person(name))?;
        self.people.insert(name.to_owned(), row.clone());
        Ok(row)
    }

    /// What stands on a customer's data, with the entries of this batch.
    pub fn standing(
        &self,
        log: &dyn AuditLog,
        subject: &str,
    ) -> Result<Option<DataStanding>, LogError> {
        let row = match self.inner.standing.iter().rev().find(|(s, _)| s == subject) {
            Some((_, row)) => Some(row.clone()),
            None => log.one(Key::Standing(subject))?,
        };
        row.map(|row| serde_json::from_slice(&row))
            .transpose()
            .map_err(|e| LogError::Damaged(e.into()))
    }

    /// A run as it stands, with the entries of this batch.
    pub fn run(
        &mut self,
        log: &dyn AuditLog,
        run: &str,
    ) -> Result<&mut Option<RunSummary>, LogError> {
        if !self.runs.contains_key(run) {
            self.touch(run, log.one(Key::Run(run))?.as_deref())?;
        }
        self.runs
            .get_mut(run)
            .map(|touched| &mut touched.now)
            .ok_or_else(|| LogError::Damaged("a run was lost".into()))
    }

    /// Keeps a run as it was when the job began, once a job.
    fn remember(&mut self, log: &dyn AuditLog, run: &str) -> Result<(), LogError> {
        if !self.undo.contains_key(run) {
            let before = self.run(log, run)?.clone();
            self.undo.insert(run.to_owned(), before);
        }
        Ok(())
    }

    /// Refuses what was written for a run as it no longer is.
    pub fn is_unchanged(
        &mut self,
        log: &dyn AuditLog,
        run: &str,
        since: u64,
    ) -> Result<(), LogError> {
        match self.run(log, run)? {
            Some(summary) if summary.last == since => Ok(()),
            _ => Err(LogError::Moved),
        }
    }

    /// Derived rows: runs and people.
    fn index(&mut self, log: &dyn AuditLog, entry: &Entry) -> Result<(), LogError> {
        if let Some(run) = &entry.run {
            self.inner.of_run.push((run.clone(), entry.seq));
            self.remember(log, run)?;
            let now = self.run(log, run)?;
            if entry.kind() == EntryKind::RunStarted {
                *now = RunSummary::start(entry);
            } else if let Some(summary) = now {
                summary.apply(entry);
            }
        }
        if let Some(subject) = DataStanding::of(entry) {
            let mut standing = self.standing(log, subject)?.unwrap_or_default();
            standing.apply(entry);
            let row = to_json(&standing);
            self.inner.standing.push((subject.to_owned(), row));
        }
        if let Some(name) = entry.payload().person().and_then(|p| p.name.as_deref()) {
            let known = self.person(log, name)?;
            self.inner.people.extend(row_after(entry, known.as_deref()));
        }
        Ok(())
    }
}

fn to_json(row: &impl Serialize) -> Vec<u8> {
    // A struct of strings and integers always serialises.
    serde_json::to_vec(row).unwrap_or_default()
}
