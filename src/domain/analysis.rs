//! Which variant should win, and how sure that is.

use serde::{Deserialize, Serialize};

/// The score of one variant, part by part. All in basis points.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arm {
    pub variant_id: String,
    pub kind: String,
    /// Mean of the posterior response rate.
    pub expected_response_bp: u32,
    /// 90 % interval of the posterior response rate.
    pub low_bp: u32,
    pub high_bp: u32,
    /// Outcomes on record for this type, segment and channel.
    pub sent: u64,
    pub responded: u64,
    pub relevance_bp: u32,
    pub freshness_bp: u32,
    pub safety_bp: u32,
    /// Weighted sum.
    pub score_bp: u32,
    /// Probability that this arm's response rate is the best of those that may go out.
    pub best_bp: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Winner {
    pub variant_id: String,
    pub reason: String,
    pub score_bp: u32,
    /// Probability of being the best arm.
    pub confidence_bp: u32,
}

/// Deterministic assignment of the customer to an experiment group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Experiment {
    pub test_id: String,
    pub group: String,
    pub control_variant: Option<String>,
}

/// Outcome of the analyze stage. No winner when nothing may go out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Analysis {
    pub winner: Option<Winner>,
    pub arms: Vec<Arm>,
    pub experiment: Experiment,
    pub avg_safety_bp: u32,
    pub total_candidates: u32,
    pub blocked_count: u32,
    /// Fields the scorer read, for the record.
    pub features_read: Vec<String>,
}
