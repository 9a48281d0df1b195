//! The embedded backend. The only place that knows redb.
//!
//! Rules from measuring redb 4.6: quick repair on every commit (reopening after a kill takes milliseconds), a small
//! cache, creation under a temporary name, table types of integers and bytes only, short read transactions. After an
//! I/O error the file is closed and opened again, and what it then holds says whether the commit took.
//!
//! Of some damage redb makes no error but a panic. None leaves this room: it is told as the damage that it is.

mod append;
mod backup;
mod caught;
mod codec;
mod errors;
mod overlay;
mod raw;
mod tables;

use super::log::{AuditLog, Batch, Counts, Head, Key, LogError, Page};
use super::tree::{Hash, NodeId};
pub use caught::is_caught;
use caught::{broken, caught};
pub use errors::OpenError;
use raw::{Opener, Raw};
use std::path::Path;

/// A ledger file.
pub struct RedbLog(Option<Raw>);

/// Opens a file, whatever is wrong with it.
fn opened(open: impl FnOnce() -> Result<Raw, OpenError>) -> Result<RedbLog, OpenError> {
    let raw = caught(open).unwrap_or_else(|| Err(OpenError::Damaged(broken().into())));
    Ok(RedbLog(Some(raw?)))
}

impl RedbLog {
    /// Opens the ledger for writing; makes it if there is none.
    ///
    /// # Errors
    /// Locked by another process, unreadable, or not a ledger.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        opened(|| Raw::open(path))
    }

    /// Opens a ledger wherever it lies; makes its tables if there are none.
    ///
    /// # Errors
    /// It cannot be opened, or is not a ledger.
    pub fn on(opener: Opener) -> Result<Self, OpenError> {
        opened(|| Raw::on(opener))
    }

    /// Opens the ledger to read and follow, beside a writer.
    ///
    /// # Errors
    /// There is no ledger, or it cannot be read.
    pub fn open_read_only(path: &Path) -> Result<Self, OpenError> {
        opened(|| Raw::open_read_only(path))
    }

    /// Opens a ledger to read whose last writer was cut off, and leaves the file as it is: what closing it properly
    /// would write is kept in memory.
    ///
    /// # Errors
    /// There is no ledger, or it cannot be read.
    pub fn open_untouched(path: &Path) -> Result<Self, OpenError> {
        opened(|| Raw::open_untouched(path))
    }

    /// Writes everything as it is now into a new ledger file.
    ///
    /// # Errors
    /// The file is there already or cannot be written, or this ledger cannot be read.
    pub fn copy_to(&self, path: &Path) -> Result<(), OpenError> {
        let damaged = || Err(OpenError::Damaged(broken().into()));
        let copy = |raw: &Raw| caught(|| raw.copy_to(path)).unwrap_or_else(damaged);
        self.0.as_ref().map_or_else(damaged, copy)
    }

    fn ask<T>(&self, job: impl FnOnce(&Raw) -> Result<T, LogError>) -> Result<T, LogError> {
        let damaged = || Err(LogError::Damaged(broken().into()));
        let Some(raw) = &self.0 else {
            return damaged();
        };
        let done = caught(|| job(raw)).unwrap_or_else(damaged);
        done.map_err(|error| match error {
            // Who only reads loses nothing, and need not look what became of it.
            LogError::Retry(why) | LogError::Unknown(why) if raw.is_only_read() => {
                LogError::Damaged(format!("it cannot be read ({why})").into())
            }
            other => other,
        })
    }
}

impl AuditLog for RedbLog {
    fn append(&self, batch: &Batch) -> Result<(), LogError> {
        self.ask(|raw| raw.append(batch))
    }

    fn head(&self) -> Result<Head, LogError> {
        self.ask(Raw::head)
    }

    fn get(&self, keys: &[Key<'_>]) -> Result<Vec<Option<Vec<u8>>>, LogError> {
        self.ask(|raw| raw.get(keys))
    }

    fn page(&self, page: Page<'_>) -> Result<Vec<(u64, Vec<u8>)>, LogError> {
        self.ask(|raw| raw.page(page))
    }

    fn hashes(&self, nodes: &[NodeId]) -> Result<Vec<Option<Hash>>, LogError> {
        self.ask(|raw| raw.hashes(nodes))
    }

    fn counts(&self) -> Result<Option<Counts>, LogError> {
        self.ask(Raw::counts)
    }
}

impl Drop for RedbLog {
    fn drop(&mut self) {
        // Closing a damaged file may end as reading it does. There is nothing left to tell it to.
        let raw = self.0.take();
        let _ = caught(|| drop(raw));
    }
}
