//! Where a customer stands, and why we think so.

use serde::{Deserialize, Serialize};

/// What a campaign wants of its customers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Goal {
    Acquire,
    Activate,
    Retain,
    WinBack,
}

impl Goal {
    pub const ALL: [Self; 4] = [Self::Acquire, Self::Activate, Self::Retain, Self::WinBack];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Acquire => "acquire",
            Self::Activate => "activate",
            Self::Retain => "retain",
            Self::WinBack => "win_back",
        }
    }

    /// In a sentence.
    pub fn words(self) -> &'static str {
        match self {
            Self::WinBack => "win back",
            other => other.as_str(),
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        let name = text.trim().to_lowercase().replace([' ', '-'], "_");
        Self::ALL.into_iter().find(|goal| goal.as_str() == name)
    }
}

/// Outcome of the segment stage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Segment {
    pub segment: String,
    pub use_case: String,
    pub use_case_label: String,
    pub funnel_stage: String,
    pub intent_level: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub goal: Option<Goal>,
    /// The segmenter whose rule matched; none where only the rule for everybody did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub segmenter: Option<String>,
    pub reasons: Vec<String>,
    /// Every profile field the table looked at: the proof that no other was used.
    pub features_read: Vec<String>,
    /// Product that the use case is about, if it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product: Option<String>,
    /// Words that the use case adds to the search for citations.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub query_terms: Vec<String>,
    /// What the documents are asked for at this stage of the funnel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ask: Option<String>,
}
