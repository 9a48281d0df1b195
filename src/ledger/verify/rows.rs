//! The rows that belong to entries, read on a thread of their own while the entries are walked.

use crate::domain::digest::Digest;
use crate::ledger::log::{AuditLog, Key};
use std::collections::HashSet;
use std::sync::mpsc::Receiver;

/// Stop at the first thing that is wrong.
pub(super) struct Bad {
    pub seq: u64,
    pub problem: String,
}

impl Bad {
    /// What was refused at an entry.
    pub fn at(seq: u64, why: impl std::fmt::Display) -> Self {
        let problem = why.to_string();
        Self { seq, problem }
    }
}

pub(super) type RowCheck<T = ()> = Result<T, Bad>;

/// Rows that belong to an entry: its id's, its run's, and those of the blobs that it names.
pub(super) struct Named {
    pub seq: u64,
    pub id: String,
    pub run: Option<String>,
    pub blobs: Vec<Digest>,
}

/// How many rows entries belong to.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct RowCounts {
    /// Blobs as often as they are named.
    pub named: u64,
    /// Each of them once.
    pub blobs: u64,
    pub of_run: u64,
}

/// Entries whose rows may wait for the thread that reads them.
pub(super) const AHEAD: usize = 1_024;

/// Entries whose rows are asked for together: a database answers many as fast as one.
const TOGETHER: usize = 64;

/// Reads the rows of every entry; how many there were.
pub(super) fn check(log: &dyn AuditLog, named: &Receiver<Named>) -> RowCheck<RowCounts> {
    let mut count = RowCounts::default();
    let mut seen: HashSet<Digest> = HashSet::new();
    while let Ok(first) = named.recv() {
        let group: Vec<Named> = std::iter::once(first)
            .chain(named.try_iter().take(TOGETHER - 1))
            .collect();
        let keys: Vec<Key<'_>> = group.iter().flat_map(keys_of).collect();
        // Should they not come together, each is asked for by itself, so that the first bad one is named.
        let mut found = log.get(&keys).ok().map(Vec::into_iter);
        for entry in &group {
            for key in keys_of(entry) {
                let row = match &mut found {
                    Some(found) => found.next().flatten(),
                    None => log.one(key).map_err(|error| Bad {
                        seq: entry.seq,
                        problem: error.to_string(),
                    })?,
                };
                row_is_right(entry.seq, key, row)?;
            }
            count.named += entry.blobs.len() as u64;
            count.of_run += u64::from(entry.run.is_some());
            seen.extend(&entry.blobs);
        }
    }
    count.blobs = seen.len() as u64;
    Ok(count)
}

/// The blobs that an entry names, its run, then its id.
fn keys_of(named: &Named) -> impl Iterator<Item = Key<'_>> {
    let run = named.run.as_deref().map(|run| Key::OfRun(run, named.seq));
    (named.blobs.iter().map(Key::Blob))
        .chain(run)
        .chain([Key::Id(&named.id)])
}

fn row_is_right(seq: u64, key: Key<'_>, row: Option<Vec<u8>>) -> RowCheck {
    let problem = match (key, row) {
        (Key::Blob(_), None) => "a blob is missing, and no erasure explains it",
        (Key::Blob(digest), Some(blob)) if Digest::of(&blob) != *digest => "a blob was changed",
        (Key::Blob(_) | Key::OfRun(..), Some(_)) => return Ok(()),
        (Key::OfRun(..), None) => "the entry is not listed under its run",
        (_, None) => "the entry's id is not indexed",
        (_, Some(row)) if row != seq.to_be_bytes() => "the entry's id points elsewhere",
        (_, Some(_)) => return Ok(()),
    };
    Err(Bad {
        seq,
        problem: problem.to_owned(),
    })
}

pub(super) fn read(log: &dyn AuditLog, key: Key<'_>, seq: u64, missing: &str) -> RowCheck<Vec<u8>> {
    match log.one(key) {
        Ok(Some(bytes)) => Ok(bytes),
        Ok(None) => Err(Bad {
            seq,
            problem: missing.into(),
        }),
        Err(error) => Err(Bad {
            seq,
            problem: error.to_string(),
        }),
    }
}
