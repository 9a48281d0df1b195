//! What leaves the house as proof: exports with tiles, receipts of one entry, and the way back from an export into a
//! new log. `assets/evidence/FORMAT.md` states the bytes.

mod commitment;
mod customers;
mod export;
mod manifest;
mod plain;
mod proof;
mod restore;
mod tiles;

pub use commitment::{Commitment, CommitmentRefusal, EntriesOfRuns};
pub use customers::{CUSTOMERS, read_customers};
pub use export::{Exported, Span, export, export_on_record};
pub use manifest::seal;
pub use plain::read_text;
pub use proof::{Receipt, consistency, receipt, root_at};
pub use restore::{RestoreError, restore};
