//! A passage of the knowledge base that may carry a statement.

use serde::{Deserialize, Serialize};

/// A score in ten-thousandths as a decimal, for showing.
#[expect(clippy::cast_precision_loss, reason = "scores are small")]
pub fn decimal(e4: i64) -> f64 {
    e4 as f64 / 10_000.0
}

/// How far a source is trusted to carry claims.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Default)]
#[serde(rename_all = "lowercase")]
pub enum Trust {
    /// Terms, disclosures, product records.
    Approved,
    /// Editorial pages: guides, questions and answers.
    #[default]
    Editorial,
    /// Somebody's words: reviews, testimonials, blog posts. Carries no claim by itself.
    Unverified,
}

impl Trust {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Approved => "approved",
            Self::Editorial => "editorial",
            Self::Unverified => "unverified",
        }
    }
}

/// Personal data that was taken out of a citation: where in the redacted text, and of what kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Redaction {
    pub start: usize,
    pub end: usize,
    pub kind: String,
}

/// A word of the query and the word of the passage that is most like it in its place, by the model.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NearWord {
    pub asked: String,
    pub found: String,
    /// Cosine of the two × 10,000.
    pub likeness: i64,
    /// What it gives to the likeness of the words × 10,000.
    pub share: i64,
}

/// Scores are in ten-thousandths, so that records hold no floats.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Citation {
    pub id: String,
    pub title: String,
    pub section: String,
    pub redacted_text: String,
    pub url: String,
    pub published_date: String,
    pub source: String,
    pub trust: Trust,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_to: Option<String>,
    /// The document that stands in its place by now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub superseded_by: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub product: Vec<String>,
    /// BM25 × 10,000.
    pub bm25: i64,
    /// Cosine × 10,000; `None` when the model was not available.
    pub cosine: Option<i64>,
    /// Fused score × 10,000.
    pub score: i64,
    /// The score of a search service × 10,000, and its rank there; only of passages that came from one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service_score: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service_rank: Option<u32>,
    pub rank_bm25: Option<u32>,
    pub rank_cosine: Option<u32>,
    /// BM25 share by query term, × 10,000, greatest first. Older records name stems, newer ones the query's words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub terms: Vec<(String, i64)>,
    /// Words of the query, each with the passage's words of the same stem, in small letters.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub same_words: Vec<(String, Vec<String>)>,
    /// How like the query's words are to words of the passage in their place × 10,000; only where they were compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub late: Option<i64>,
    /// Which words that were, greatest share first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub near_words: Vec<NearWord>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub redactions: Vec<Redaction>,
}

/// Outcome of the retrieve stage.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retrieved {
    pub query: String,
    /// The query before it, which found nothing relevant enough.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_query: Option<String>,
    /// Best first, above the relevance floor. Empty is an answer.
    pub citations: Vec<Citation>,
    /// Just below the cut or the floor, best first.
    pub below: Vec<Citation>,
    /// How many candidates the filters left out, by reason.
    pub left_out: Vec<(String, u32)>,
    /// The relevance floor in ten-thousandths.
    pub floor: i64,
    /// Share of the cosine in the fused score, in ten-thousandths.
    pub cosine_share: i64,
    /// The likeness of single words is added to the fused score with this share, in ten-thousandths; none where words
    /// were not compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub late_share: Option<i64>,
    /// BM25 that counts fully, and the best cosine, with which it is brought to the cosine's scale; × 10,000. Not in
    /// older records.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub full_bm25: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub best_cosine: Option<i64>,
    /// The model could not be used; ranks are BM25's alone.
    pub degraded: bool,
    /// Hash over passages and model; of a search service, over the passages that it gave.
    pub snapshot: String,
    /// Host and index of the search service that answered; none is the embedded index.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// Why the embedded index was asked instead of the search service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fallback: Option<String>,
}
