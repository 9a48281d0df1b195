//! What the one who writes is asked for, and what becomes of it.

use super::entry::NewEntry;
use super::log::{Blob, LogError};
use super::vault::{Closed, Vault};
use crate::domain::digest::Digest;
use std::sync::mpsc::SyncSender;
use std::sync::{Arc, RwLock};

/// Changes when somebody is erased.
pub type SharedVault = Arc<RwLock<Vault>>;

/// Where an entry ended up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    pub seq: u64,
    /// SHA-256 of the entry's bytes.
    pub hash: Digest,
}

pub(super) type AppendAnswer = Result<Vec<Receipt>, Arc<LogError>>;

/// What of an entry needs no place in the log: done on the threads of those who ask, not on the one that writes.
pub(super) struct ReadyEntry {
    pub blobs: Vec<(String, Blob)>,
    pub closed: Vec<(String, Closed)>,
}

impl ReadyEntry {
    /// Takes the bytes of an entry, hashes, packs and salts them.
    pub fn of(entry: &mut NewEntry) -> Result<Self, LogError> {
        let blobs = std::mem::take(&mut entry.blobs);
        let sealed = std::mem::take(&mut entry.sealed);
        let close = |(field, plaintext): (String, Vec<u8>)| {
            // What lies beside a profile (the mark of a planted test) must not be told by its length.
            let closed = match field.as_str() {
                "profile" => Closed::of_a_common_length(&plaintext)?,
                _ => Closed::new(&plaintext)?,
            };
            Ok((field, closed))
        };
        let closed: std::io::Result<_> = sealed.into_iter().map(close).collect();
        Ok(Self {
            blobs: blobs
                .into_iter()
                .map(|(name, bytes)| (name, Blob::open(bytes)))
                .collect(),
            closed: closed.map_err(|e| LogError::Retry(e.to_string()))?,
        })
    }
}

/// Something to be written, together or not at all.
pub(super) struct Job {
    /// Entries that another process writes keep their bytes.
    pub entries: Vec<(NewEntry, Option<ReadyEntry>)>,
    /// Pseudonyms of customers whose keys go with this job.
    pub erase: Vec<String>,
    pub answer: SyncSender<AppendAnswer>,
}
