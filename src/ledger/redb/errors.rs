//! What redb's errors mean to whoever asked.

use crate::ledger::log::LogError;

/// Why a ledger file could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process owns it.
    #[error("another process has this ledger open")]
    Locked,
    /// Its last writer was cut off, and a reader may not close it for them.
    #[error("it was not closed; open it for writing once")]
    Unclean,
    #[error("{0}")]
    Other(String),
}

pub(super) fn open_error(error: redb::DatabaseError) -> OpenError {
    match error {
        redb::DatabaseError::DatabaseAlreadyOpen => OpenError::Locked,
        redb::DatabaseError::RepairAborted => OpenError::Unclean,
        other => OpenError::Other(other.to_string()),
    }
}

pub(super) fn retry(error: impl std::fmt::Display) -> LogError {
    LogError::Retry(error.to_string())
}

pub(super) fn storage(error: &redb::StorageError) -> LogError {
    match error {
        redb::StorageError::Io(io) if io.kind() == std::io::ErrorKind::StorageFull => {
            LogError::Full(io.to_string())
        }
        redb::StorageError::Io(io) => LogError::Unknown(io.to_string()),
        redb::StorageError::Corrupted(what) => LogError::Damaged(what.clone()),
        other => LogError::Retry(other.to_string()),
    }
}

pub(super) fn commit_error(error: redb::CommitError) -> LogError {
    match error {
        redb::CommitError::Storage(inner) => storage(&inner),
        other => LogError::Unknown(other.to_string()),
    }
}

/// An error of a table within a transaction.
pub(super) fn table(error: &redb::TableError) -> LogError {
    match error {
        redb::TableError::Storage(inner) => storage(inner),
        other => retry(other),
    }
}

/// A transaction that could not begin.
pub(super) fn transaction(error: &redb::TransactionError) -> LogError {
    match error {
        redb::TransactionError::Storage(inner) => storage(inner),
        other => retry(other),
    }
}
