//! The append-only record: what is written, how it is hashed, sealed, signed, stored and checked.
//!
//! One sequencer thread turns entries into batches; a batch is chained, hashed into an RFC 6962 tree, covered by a
//! signed checkpoint and stored in one transaction. Personal data lives only in the encrypted vault.

pub mod act;
pub mod canonical;
pub mod checkpoint;
pub mod cosignature;
mod database;
mod draft;
pub mod entry;
pub mod erasure;
pub mod evidence;
pub mod handle;
pub mod job;
pub mod keyfile;
pub mod keys;
mod kind;
pub mod log;
pub mod memory;
mod pack;
pub mod payload;
mod placing;
#[cfg(feature = "postgres")]
pub mod postgres;
#[cfg(not(feature = "postgres"))]
#[path = "without_postgres.rs"]
pub mod postgres;
pub mod redb;
pub mod refusal;
pub mod review;
pub mod roster;
pub mod rules;
mod sequencer;
pub mod share;
pub mod summary;
pub mod suppression;
pub mod tail;
pub mod tree;
pub mod vault;
pub mod verify;

pub use entry::{Entry, EntryKind, NewEntry};
pub use handle::Ledger;
pub use job::Receipt;
pub use log::{AuditLog, LogError};
