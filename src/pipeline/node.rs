//! The shape of a stage: one input, one output, and a context that holds no clock and no chance.

use crate::domain::facts::Facts;
use crate::domain::jurisdiction::{Channel, Jurisdiction};
use crate::domain::profile::Profile;
use crate::domain::run::Pins;
use chrono::{DateTime, FixedOffset};

/// What every stage may know.
pub struct StageContext<'c> {
    pub profile: &'c Profile,
    pub pins: &'c Pins,
    pub as_of: DateTime<FixedOffset>,
    pub channel: Channel,
    pub jurisdiction: Jurisdiction,
    /// Product, firm and brand facts for this recipient; known once the segment is.
    pub facts: Facts,
}

/// The index cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("the search index cannot be read ({0}); delete the index folder and start again")]
pub struct RetrievalError(#[source] pub Box<dyn std::error::Error + Send + Sync>);

/// A stage that could not do its work, in words for a person. Holds no customer data.
#[derive(Debug, thiserror::Error)]
pub enum StageError {
    #[error("the stage stopped unexpectedly (a defect); its input is kept, try again or report it")]
    Stopped,
    #[error("the pinned time is not RFC 3339")]
    PinnedTime(#[source] chrono::ParseError),
    #[error("an earlier stage has no result; re-run from there")]
    NoInput,
    #[error(transparent)]
    Retrieval(#[from] RetrievalError),
    #[error(
        "no template is written for {use_case} over {channel}; add one to templates/variants.toml"
    )]
    NoTemplate { use_case: String, channel: Channel },
    #[error("delivery waits for a person's decision")]
    WaitsForDecision,
}

/// A stage.
pub trait PipelineStage {
    type In<'i>;
    type Out;

    /// # Errors
    /// The stage could not do its work.
    fn run(&self, context: &StageContext<'_>, input: Self::In<'_>)
    -> Result<Self::Out, StageError>;
}
