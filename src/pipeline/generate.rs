//! Stage 3: candidate messages.

use super::node::{PipelineStage, StageContext, StageError};
use super::ports::{VariantBrief, VariantWriter};
use crate::domain::citation::Retrieved;
use crate::domain::segment::Segment;
use crate::domain::variant::{Authored, Variant};

pub(super) struct GenerateNode<'p>(pub &'p dyn VariantWriter);

impl PipelineStage for GenerateNode<'_> {
    /// The last one hears what is written so far.
    type In<'i> = (&'i Segment, &'i Retrieved, &'i mut dyn FnMut(&str));
    type Out = (Vec<Variant>, Option<Authored>);

    fn run(
        &self,
        context: &StageContext<'_>,
        (segment, retrieved, tell): Self::In<'_>,
    ) -> Result<Self::Out, StageError> {
        let (variants, authored) = self
            .0
            .write(&VariantBrief::of(context, segment, retrieved), tell);
        if variants.is_empty() {
            return Err(StageError::NoTemplate {
                use_case: segment.use_case.clone(),
                channel: context.channel,
            });
        }
        Ok((variants, authored))
    }
}
