//! What the database's errors mean to whoever asked. Its words are passed on only where they hold no stored values.

use crate::ledger::log::LogError;
use deadpool_postgres::PoolError;
use tokio_postgres::Error;
use tokio_postgres::error::SqlState;

/// No connection: nothing was sent.
pub(super) fn pool_error(error: &PoolError) -> LogError {
    match error {
        PoolError::Backend(error) => match error.as_db_error() {
            Some(_) => said(error),
            None => LogError::Retry(format!("the database cannot be reached ({})", cause(error))),
        },
        PoolError::Timeout(_) => LogError::Retry("the database does not answer".into()),
        other => LogError::Retry(other.to_string()),
    }
}

/// What the server said, before anything was committed. A connection that broke has committed nothing either.
pub(super) fn said(error: &Error) -> LogError {
    let Some(db) = error.as_db_error() else {
        return LogError::Retry(format!(
            "the database's connection broke ({})",
            cause(error)
        ));
    };
    let code = db.code();
    // `message` names tables and roles; `detail` would hold values.
    let message = db.message().to_owned();
    let moved = [
        SqlState::T_R_SERIALIZATION_FAILURE,
        SqlState::T_R_DEADLOCK_DETECTED,
        SqlState::UNIQUE_VIOLATION,
    ];
    if moved.contains(code) {
        LogError::Fenced(message)
    } else if [SqlState::DISK_FULL, SqlState::OUT_OF_MEMORY].contains(code) {
        LogError::Full(message)
    } else if [SqlState::UNDEFINED_TABLE, SqlState::INVALID_SCHEMA_NAME].contains(code) {
        LogError::Retry(format!(
            "{message}; make the ledger's tables with `echovoice database migrate`"
        ))
    } else if [SqlState::DATA_CORRUPTED, SqlState::INDEX_CORRUPTED].contains(code) {
        LogError::Damaged(message.into())
    } else {
        LogError::Retry(message)
    }
}

/// The innermost reason: the outer ones only say that there was one.
pub(super) fn cause(error: &Error) -> String {
    let mut inner: &dyn std::error::Error = error;
    while let Some(source) = inner.source() {
        inner = source;
    }
    inner.to_string()
}
