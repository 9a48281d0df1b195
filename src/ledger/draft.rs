//! A batch under construction: entries in their places, and the rows that are derived from them.

use super::entry::{Entry, EntryKind};
use super::log::{AuditLog, Batch, Key, LogError};
use super::roster::row_after;
use super::summary::RunSummary;
use super::tree::{self, Frontier, Hash};
use crate::domain::digest::Digest;
use std::collections::BTreeMap;

/// A batch under construction.
pub(super) struct Draft {
    pub inner: Batch,
    summaries: BTreeMap<String, RunSummary>,
}

/// How far a draft had come, to undo a refused job.
pub(super) struct Mark {
    counts: [usize; 7],
    summaries: BTreeMap<String, RunSummary>,
}

impl Draft {
    pub fn new(expected: u64) -> Self {
        Self {
            inner: Batch {
                expected,
                ..Batch::default()
            },
            summaries: BTreeMap::new(),
        }
    }

    pub fn id(&self, id: &str) -> Option<u64> {
        self.inner
            .ids
            .iter()
            .find(|(known, _)| known == id)
            .map(|(_, seq)| *seq)
    }

    pub fn entry(&self, seq: u64) -> Option<&[u8]> {
        let index = usize::try_from(seq.checked_sub(self.inner.expected)?).ok()?;
        self.inner.entries.get(index).map(Vec::as_slice)
    }

    pub fn mark(&self) -> Mark {
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
            ],
            summaries: self.summaries.clone(),
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
        self.summaries.clone_from(&mark.summaries);
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
            self.inner.nodes.push((id, hash));
        });
        let hash = Digest::of(&bytes).0;
        self.inner.ids.push((entry.id.clone(), entry.seq));
        self.inner.entries.push(bytes);
        Ok(hash)
    }

    /// The batch, ready to be stored under its checkpoint.
    pub fn finish(self, last: Hash, checkpoint: String) -> Batch {
        Batch {
            last,
            checkpoint,
            runs: self
                .summaries
                .into_iter()
                .map(|(run, s)| (run, s.seq, to_json(&s)))
                .collect(),
            ..self.inner
        }
    }

    /// Derived rows: runs and people.
    fn index(&mut self, log: &dyn AuditLog, entry: &Entry) -> Result<(), LogError> {
        if let Some(run) = &entry.run {
            self.inner.of_run.push((run.clone(), entry.seq));
            if entry.kind == EntryKind::RunStarted {
                if let Some(summary) = RunSummary::start(entry) {
                    self.summaries.insert(run.clone(), summary);
                }
            } else {
                if !self.summaries.contains_key(run)
                    && let Some(bytes) = log.get(Key::Run(run))?
                {
                    let summary = serde_json::from_slice(&bytes)
                        .map_err(|e| LogError::Damaged(e.to_string()))?;
                    self.summaries.insert(run.clone(), summary);
                }
                if let Some(summary) = self.summaries.get_mut(run) {
                    summary.apply(entry);
                }
            }
        }
        if let Some(name) = entry.text("name").filter(|_| entry.kind.is_about_people()) {
            let known = match self.inner.people.iter().rev().find(|(n, _)| n == name) {
                Some((_, row)) => Some(row.clone()),
                None => log.get(Key::Person(name))?,
            };
            self.inner.people.extend(row_after(entry, known.as_deref()));
        }
        Ok(())
    }
}

fn to_json(summary: &RunSummary) -> Vec<u8> {
    // A struct of strings and integers always serialises.
    serde_json::to_vec(summary).unwrap_or_default()
}
