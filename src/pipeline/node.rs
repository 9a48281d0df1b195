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

/// A stage that could not do its work, in words for a person. Holds no customer data.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct StageError(pub String);

/// A stage.
pub trait PipelineStage {
    type In<'i>;
    type Out;

    /// # Errors
    /// The stage could not do its work.
    fn run(&self, context: &StageContext<'_>, input: Self::In<'_>)
    -> Result<Self::Out, StageError>;
}
