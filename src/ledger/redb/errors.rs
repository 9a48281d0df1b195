//! What redb's errors mean to whoever asked.

use crate::ledger::log::{Cause, LogError};

/// Why a ledger file could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process owns it.
    #[error("another process has this ledger open")]
    Locked,
    /// Its last writer was cut off, and a reader may not close it for them.
    #[error("it was not closed; open it for writing once")]
    Unclean,
    /// What lies there is not what was written.
    #[error("it is damaged: {0}")]
    Damaged(#[source] Cause),
    #[error("{0}")]
    Other(String),
}

impl From<LogError> for OpenError {
    fn from(error: LogError) -> Self {
        match error {
            LogError::Damaged(what) => Self::Damaged(what),
            other => Self::Other(other.to_string()),
        }
    }
}

pub(super) fn open_error(error: redb::DatabaseError) -> OpenError {
    match error {
        redb::DatabaseError::DatabaseAlreadyOpen => OpenError::Locked,
        redb::DatabaseError::RepairAborted => OpenError::Unclean,
        redb::DatabaseError::Storage(inner) => match storage(&inner) {
            LogError::Damaged(what) => OpenError::Damaged(what),
            _ => OpenError::Other(inner.to_string()),
        },
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
        // A file that ends too early, or whose head is not a ledger's.
        redb::StorageError::Io(io)
            if matches!(
                io.kind(),
                std::io::ErrorKind::UnexpectedEof | std::io::ErrorKind::InvalidData
            ) =>
        {
            LogError::Damaged(io.to_string().into())
        }
        redb::StorageError::Io(io) => LogError::Unknown(io.to_string()),
        redb::StorageError::Corrupted(what) => LogError::Damaged(what.clone().into()),
        // Somebody gave up within.
        redb::StorageError::LockPoisoned(_) => LogError::Damaged(super::caught::broken().into()),
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
        // Every ledger has all tables, from its first day or from when it was last opened to write.
        redb::TableError::TableDoesNotExist(name) => LogError::Damaged(
            format!("it has no table {name}, or is of an earlier version and was not opened to write yet")
                .into(),
        ),
        redb::TableError::TableTypeMismatch { .. }
        | redb::TableError::TypeDefinitionChanged { .. } => {
            LogError::Damaged("a table holds something else than it should".into())
        }
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
