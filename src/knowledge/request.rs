//! What is asked of a knowledge base.

use super::ways::Ways;
use crate::domain::jurisdiction::Jurisdiction;
use chrono::NaiveDate;

/// What may be found.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Request {
    pub query: String,
    /// Recipient's jurisdiction: only passages that speak to it.
    pub jurisdiction: Option<Jurisdiction>,
    /// Product: only passages about it, or about none.
    pub product: Option<String>,
    /// Only passages valid on this day.
    pub day: Option<NaiveDate>,
    /// Without such a day, the one on which it is looked: passages that others stand in place of are marked.
    pub as_of: Option<NaiveDate>,
    pub limit: usize,
    pub mode: Mode,
    /// Whether to leave out what is not relevant enough.
    pub floor: bool,
    pub ways: Ways,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mode {
    /// Words alone.
    Bm25,
    /// Meaning alone: to measure what each gives.
    Cosine,
    /// Words and meaning, fused.
    Rerank,
}
