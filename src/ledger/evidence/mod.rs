//! What leaves the house as proof: exports with tiles, receipts of one entry, and the way back from an export into a
//! new log. `assets/evidence/FORMAT.md` states the bytes.

mod commitment;
mod customers;
mod export;
mod manifest;
mod plain;
mod proof;
mod restore;
mod span;
mod tiles;

pub use commitment::Commitment;
pub use commitment::EntriesOfRuns;
pub use customers::{CUSTOMERS, read_customers};
pub use export::{Exported, export, export_on_record};
pub use manifest::seal;
pub use plain::read_text;
pub use proof::{Receipt, consistency, receipt, root_at};
pub use restore::{RestoreError, restore};
pub use span::Span;
