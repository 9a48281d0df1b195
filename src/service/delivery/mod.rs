//! What was approved on its way out: by whom it is carried, what holds it up, and what became of it.

pub(in crate::service) mod carriers;
pub mod handover;
pub mod held;
pub mod settle;
pub mod sources;
