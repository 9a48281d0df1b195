//! What the pipeline needs from outside, as traits.

use super::node::{RetrievalError, StageContext};
use crate::domain::analysis::Analysis;
use crate::domain::citation::Retrieved;
use crate::domain::facts::Facts;
use crate::domain::finding::Verdict;
use crate::domain::jurisdiction::{Channel, Jurisdiction};
use crate::domain::message::Message;
use crate::domain::profile::Profile;
use crate::domain::run::GateResult;
use crate::domain::segment::Segment;
use crate::domain::variant::{Authored, Variant};
use chrono::NaiveDate;

pub trait Segmenter: Send + Sync {
    fn segment(&self, profile: &Profile, day: NaiveDate) -> Segment;
}

/// What to look for, and for whom.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RetrievalQuery {
    pub text: String,
    pub jurisdiction: Jurisdiction,
    pub product: Option<String>,
    pub day: NaiveDate,
    pub limit: usize,
}

pub trait Retriever: Send + Sync {
    /// # Errors
    /// The index cannot be read.
    fn retrieve(&self, query: &RetrievalQuery) -> Result<Retrieved, RetrievalError>;
}

/// What variants are made from.
pub struct VariantBrief<'b> {
    pub profile: &'b Profile,
    pub segment: &'b Segment,
    pub retrieved: &'b Retrieved,
    pub facts: &'b Facts,
    pub channel: Channel,
    pub jurisdiction: &'b Jurisdiction,
}

impl<'b> VariantBrief<'b> {
    /// What the first two stages of a run give.
    pub(super) fn of(
        context: &'b StageContext<'_>,
        segment: &'b Segment,
        retrieved: &'b Retrieved,
    ) -> Self {
        Self {
            profile: context.profile,
            segment,
            retrieved,
            facts: &context.facts,
            channel: context.channel,
            jurisdiction: &context.jurisdiction,
        }
    }
}

pub trait VariantWriter: Send + Sync {
    /// The variants, and what a model was asked for them. `tell` hears what it has written so far. None, where no
    /// template fits.
    fn write(
        &self,
        brief: &VariantBrief<'_>,
        tell: &mut dyn FnMut(&str),
    ) -> (Vec<Variant>, Option<Authored>);

    /// One variant anew, after it was refused for these reasons: why, and what would help. `None` from who always
    /// writes the same.
    fn write_anew(
        &self,
        brief: &VariantBrief<'_>,
        variant: &str,
        refused: &[(String, String)],
        tell: &mut dyn FnMut(&str),
    ) -> Option<(Variant, Authored)> {
        let _ = (brief, variant, refused, tell);
        None
    }
}

pub trait Gate: Send + Sync {
    /// All layers, never stopping at the first finding.
    fn check(&self, message: &Message) -> Verdict;
}

pub trait Scorer: Send + Sync {
    fn score(
        &self,
        context: &StageContext<'_>,
        variants: &[Variant],
        gate: &[GateResult],
        retrieved: &Retrieved,
        segment: &Segment,
    ) -> Analysis;
}

/// Facts of products and brand for a recipient, as they hold on a day.
pub trait FactBook: Send + Sync {
    fn facts(&self, product: Option<&str>, recipient: &Jurisdiction, day: NaiveDate) -> Facts;
}

/// Everything together.
pub struct Ports {
    pub segmenter: Box<dyn Segmenter>,
    pub retriever: Box<dyn Retriever>,
    pub writer: Box<dyn VariantWriter>,
    pub gate: Box<dyn Gate>,
    pub scorer: Box<dyn Scorer>,
    pub facts: Box<dyn FactBook>,
}
