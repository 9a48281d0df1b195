//! Where a customer stands, and why we think so.

use serde::{Deserialize, Serialize};

/// Outcome of the segment stage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Segment {
    pub segment: String,
    pub use_case: String,
    pub use_case_label: String,
    pub funnel_stage: String,
    pub intent_level: String,
    pub reasons: Vec<String>,
    /// Every profile field the table looked at: the proof that no other was used.
    pub features_read: Vec<String>,
    /// Product that the use case is about, if it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product: Option<String>,
    /// Words that the use case adds to the search for citations.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub query_terms: Vec<String>,
}
