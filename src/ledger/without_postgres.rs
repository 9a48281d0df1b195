//! What stands for a ledger in PostgreSQL where the program was built without it: nothing of it can be made.

use super::log::{AuditLog, Batch, Head, Key, LogError, Page};
use super::tree::{Hash, NodeId};
use crate::built;
use crate::domain::digest::Digest;

pub use super::database::{CONNECTIONS, DatabasePlace};

/// Version of the tables that this program knows: none.
pub const VERSION: i32 = 0;

/// A ledger in a database: there is none.
pub enum PostgresLog {}

/// Lines of a batch that this process has taken: there are none.
pub struct TakenLines {
    pub lines: Vec<u64>,
}

fn absent() -> LogError {
    LogError::Retry(built::without("PostgreSQL", "postgres"))
}

/// # Errors
/// Always.
pub fn migrate(_: &DatabasePlace, _: Option<&str>) -> Result<i32, LogError> {
    Err(absent())
}

impl PostgresLog {
    /// # Errors
    /// Always.
    pub fn open(_: &DatabasePlace) -> Result<Self, LogError> {
        Err(absent())
    }

    pub fn offer(&self, _: &Digest, _: &[u64]) -> Result<(), LogError> {
        match *self {}
    }

    pub fn take(&self, _: &Digest, _: usize) -> Result<Option<TakenLines>, LogError> {
        match *self {}
    }

    pub fn progress(&self, _: &Digest) -> Result<(u64, u64), LogError> {
        match *self {}
    }
}

impl TakenLines {
    pub fn done(self) -> Result<(), LogError> {
        Err(absent())
    }
}

impl AuditLog for PostgresLog {
    fn append(&self, _: &Batch) -> Result<(), LogError> {
        match *self {}
    }

    fn head(&self) -> Result<Head, LogError> {
        match *self {}
    }

    fn get(&self, _: &[Key<'_>]) -> Result<Vec<Option<Vec<u8>>>, LogError> {
        match *self {}
    }

    fn page(&self, _: Page<'_>) -> Result<Vec<(u64, Vec<u8>)>, LogError> {
        match *self {}
    }

    fn hashes(&self, _: &[NodeId]) -> Result<Vec<Option<Hash>>, LogError> {
        match *self {}
    }
}
