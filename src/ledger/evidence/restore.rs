//! From an export of the whole log back into a new one, every byte checked on the way.

use super::export::blob_path;
use super::manifest::{self, Manifest};
use super::plain;
use crate::domain::digest::Digest;
use crate::ledger::checkpoint::Checkpoint;
use crate::ledger::draft::Draft;
use crate::ledger::entry::{Entry, MAX_ENTRY_BYTES};
use crate::ledger::keys::PublicKey;
use crate::ledger::log::{AuditLog, Blob, Cause, LogError};
use crate::ledger::payload::coded::Coded;
use crate::ledger::rules::names_format;
use crate::ledger::tree::{Frontier, Hash};
use crate::ledger::vault::Subject;
use std::io::{self, BufReader};
use std::path::Path;

/// Why an export could not be taken back. What was read before is in the new log, which is not to be used.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    #[error("{file}: {problem}")]
    Unfit {
        file: String,
        #[source]
        problem: Cause,
    },
    #[error(transparent)]
    Log(#[from] LogError),
}

fn unfit(file: impl Into<String>, problem: impl Into<Cause>) -> RestoreError {
    RestoreError::Unfit {
        file: file.into(),
        problem: problem.into(),
    }
}

/// Reads an export into an empty log; the number of entries comes back. `subjects` are the customers' wrapped keys.
///
/// # Errors
/// The export is not whole, does not hang together, or the log cannot be written.
pub fn restore(
    folder: &Path,
    key: &PublicKey,
    subjects: Vec<([u8; 32], Subject)>,
    log: &dyn AuditLog,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<u64, RestoreError> {
    let newest = read_note(&folder.join("checkpoint"))?;
    let newest = Checkpoint::open(&newest, key).map_err(|e| unfit("checkpoint", e))?;
    let manifest = Manifest::read(folder, key).map_err(|e| unfit(manifest::NAME, e))?;
    if let Some(manifest) = &manifest {
        manifest
            .holds(folder, newest.size)
            .map_err(|(file, problem)| unfit(file, problem))?;
    }
    let name = "entries.jsonl";
    let file = plain::open(&folder.join(name)).map_err(|e| unfit(name, e))?;
    let mut lines = BufReader::new(file);
    let mut frontier = Frontier::default();
    let mut last: Hash = [0; 32];
    let mut last_epoch = None;
    let mut batch = Draft::new(0);
    batch.inner.subjects = subjects;
    for seq in 0..newest.size {
        let place = || format!("{name}:{}", seq + 1);
        let line = plain::line(&mut lines, MAX_ENTRY_BYTES as u64 + 1);
        let bytes = line.map_err(|e| unfit(place(), e))?.ok_or_else(|| {
            unfit(
                place(),
                "the export ends here; only an export of everything can be restored",
            )
        })?;
        let entry = Entry::from_bytes(&bytes).map_err(|e| unfit(place(), e))?;
        if manifest.is_none() && names_format(&entry) {
            return Err(unfit(
                manifest::NAME,
                "it is missing, and records of this format are not exported without",
            ));
        }
        if entry.seq != seq || entry.prev != hex::encode(last) {
            return Err(unfit(
                place(),
                "it does not follow the entry before; only an export of everything can be restored",
            ));
        }
        for digest in entry
            .blobs
            .values()
            .chain(entry.sealed.values().map(|sealed| &sealed.blob))
        {
            let path = blob_path(digest);
            match plain::read(&folder.join(&path)) {
                Ok(blob) if Digest::of(&blob) == *digest => {
                    batch.inner.blobs.push(Blob::open(blob));
                }
                Ok(_) => return Err(unfit(path, "it is not the blob that the entry names")),
                Err(e) if e.kind() == io::ErrorKind::NotFound => {}
                Err(e) => return Err(unfit(path, e)),
            }
        }
        // The key of the vault must be the one that the entries name last.
        if let Some(epoch) = entry.data.keys.epoch.as_ref().and_then(Coded::known) {
            last_epoch = Some(epoch);
        }
        last = batch.put(log, &entry, bytes, &mut frontier)?;
        let note = folder.join("checkpoints").join((seq + 1).to_string());
        if note.exists() {
            let note = read_note(&note)?;
            let here = format!("checkpoints/{}", seq + 1);
            let checkpoint = Checkpoint::open(&note, key).map_err(|e| unfit(&here, e))?;
            if checkpoint.size != frontier.size() || checkpoint.root != frontier.root() {
                return Err(unfit(here, "it does not fit the entries"));
            }
            let mut full = std::mem::replace(&mut batch, Draft::new(seq + 1));
            if seq + 1 == newest.size {
                full.inner.epoch = last_epoch;
            }
            log.append(&full.finish(last, note))?;
            progress(seq + 1, newest.size);
        }
    }
    if !batch.inner.entries.is_empty() || frontier.root() != newest.root {
        return Err(unfit("checkpoint", "it does not cover the last entries"));
    }
    Ok(newest.size)
}

fn read_note(path: &Path) -> Result<String, RestoreError> {
    plain::read_text(path).map_err(|e| unfit(path.display().to_string(), e))
}
