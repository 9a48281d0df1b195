//! Stage 5: scores, winner, experiment.

use super::node::{PipelineStage, StageContext, StageError};
use super::ports::Scorer;
use crate::domain::analysis::Analysis;
use crate::domain::citation::Retrieved;
use crate::domain::run::GateResult;
use crate::domain::segment::Segment;
use crate::domain::variant::Variant;

pub(super) struct AnalyzeNode<'p>(pub &'p dyn Scorer);

impl PipelineStage for AnalyzeNode<'_> {
    type In<'i> = (&'i [Variant], &'i [GateResult], &'i Retrieved, &'i Segment);
    type Out = Analysis;

    fn run(
        &self,
        context: &StageContext<'_>,
        (variants, gate, retrieved, segment): Self::In<'_>,
    ) -> Result<Analysis, StageError> {
        Ok(self.0.score(context, variants, gate, retrieved, segment))
    }
}
