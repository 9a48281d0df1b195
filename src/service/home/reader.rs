//! A home's record opened to read, whoever writes it meanwhile.

use crate::error::{Error, Kind, Result};
use crate::ledger::AuditLog;
use crate::ledger::redb::{OpenError, RedbLog};
use crate::service::home::{database, ownership};
use std::path::Path;
use std::sync::Arc;

/// The record of a home; none before its first entry.
///
/// # Errors
/// It cannot be read.
pub fn record_of(home: &Path) -> Result<Option<Arc<dyn AuditLog>>> {
    if let Some(log) = database::open(home)? {
        return Ok(Some(log));
    }
    let path = home.join("ledger.redb");
    if path.exists() {
        return Ok(Some(Arc::new(read_only(&path)?)));
    }
    Ok(None)
}

/// A ledger to read, whoever writes it meanwhile.
pub(in crate::service) fn read_only(path: &Path) -> Result<RedbLog> {
    match RedbLog::open_read_only(path) {
        Err(OpenError::Unclean) if path.parent().is_some_and(ownership::is_only_read) => {
            RedbLog::open_untouched(path)
        }
        // The last writer was cut off. Opening for writing closes the file properly, and needs no repair to speak of:
        // every commit left the file whole.
        Err(OpenError::Unclean) => {
            drop(RedbLog::open(path).map_err(|e| unreadable(path, &e))?);
            RedbLog::open_read_only(path)
        }
        other => other,
    }
    .map_err(|e| unreadable(path, &e))
}

pub(in crate::service) fn unreadable(path: &Path, error: &OpenError) -> Error {
    match error {
        OpenError::Locked => Error::new(Kind::Locked, "the ledger is locked by another process")
            .at(path.display().to_string())
            .fix("try again when it is closed"),
        other => Error::new(
            Kind::Ledger,
            format!("the ledger cannot be opened: {other}"),
        )
        .at(path.display().to_string())
        .fix("keep the file as it is, and restore the ledger from a backup"),
    }
}
