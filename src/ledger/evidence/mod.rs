//! What leaves the house as proof: exports with tiles, receipts of one entry, and the way back from an export into a
//! new log. `assets/evidence/FORMAT.md` states the bytes.

mod export;
mod proof;
mod restore;
mod tiles;

pub use export::{Exported, Span, export};
pub use proof::{Receipt, receipt};
pub use restore::{RestoreError, restore};
