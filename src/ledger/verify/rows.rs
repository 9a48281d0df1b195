//! The rows that belong to entries, read on a thread of their own while the entries are walked.

use crate::domain::digest::Digest;
use crate::ledger::log::{AuditLog, Key};
use std::sync::mpsc::Receiver;

/// Stop at the first thing that is wrong.
pub(super) struct Bad {
    pub seq: u64,
    pub problem: String,
}

pub(super) type Check<T = ()> = Result<T, Bad>;

/// Rows that belong to an entry: its id's, and the blobs that it names.
pub(super) type Named = (u64, String, Vec<Digest>);

/// Entries whose rows may wait for the thread that reads them.
pub(super) const AHEAD: usize = 1_024;

/// Entries whose rows are asked for together: a database answers many as fast as one.
const TOGETHER: usize = 64;

/// Reads the rows of every entry; how many blobs there were.
pub(super) fn check(log: &dyn AuditLog, named: &Receiver<Named>) -> Check<u64> {
    let mut count = 0;
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
                        seq: entry.0,
                        problem: error.to_string(),
                    })?,
                };
                row_is_right(entry.0, key, row)?;
            }
            count += entry.2.len() as u64;
        }
    }
    Ok(count)
}

/// The blobs that an entry names, then its id.
fn keys_of((_, id, digests): &Named) -> impl Iterator<Item = Key<'_>> {
    digests.iter().map(Key::Blob).chain([Key::Id(id)])
}

fn row_is_right(seq: u64, key: Key<'_>, row: Option<Vec<u8>>) -> Check {
    let problem = match (key, row) {
        (Key::Blob(_), None) => "a blob is missing, and no erasure explains it",
        (Key::Blob(digest), Some(blob)) if Digest::of(&blob) != *digest => "a blob was changed",
        (Key::Blob(_), Some(_)) => return Ok(()),
        (_, None) => "the entry's id is not indexed",
        (_, Some(row)) if row != seq.to_be_bytes() => "the entry's id points elsewhere",
        (_, Some(_)) => return Ok(()),
    };
    Err(Bad {
        seq,
        problem: problem.to_owned(),
    })
}

pub(super) fn read(log: &dyn AuditLog, key: Key<'_>, seq: u64, missing: &str) -> Check<Vec<u8>> {
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
