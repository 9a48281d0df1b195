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

/// Reads the rows of every entry; how many blobs there were.
pub(super) fn check(log: &dyn AuditLog, named: &Receiver<Named>) -> Check<u64> {
    let mut count = 0;
    for (seq, id, digests) in named {
        let bad = |problem: &str| Bad {
            seq,
            problem: problem.to_owned(),
        };
        for digest in digests {
            let missing = "a blob is missing, and no erasure explains it";
            let blob = read(log, Key::Blob(&digest), seq, missing)?;
            if Digest::of(&blob) != digest {
                return Err(bad("a blob was changed"));
            }
            count += 1;
        }
        let row = read(log, Key::Id(&id), seq, "the entry's id is not indexed")?;
        if row != seq.to_be_bytes() {
            return Err(bad("the entry's id points elsewhere"));
        }
    }
    Ok(count)
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
