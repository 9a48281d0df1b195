//! The document that tells what can be asked for, as it is handed out.

/// What this interface is, for machines.
pub(super) const OPENAPI: &str = include_str!("../../assets/openapi.json");
