//! The personal-data engine alone, for whoever wants only that.

pub use crate::pii::{AllowList, KnownValues, Scanner, redact};
