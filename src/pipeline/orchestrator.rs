//! Runs stages one by one: timing, a guard against panics, cancellation, and word to whoever watches.

use super::analyze::AnalyzeNode;
use super::event::RunEvent;
use super::generate::GenerateNode;
use super::node::{PipelineStage, StageContext, StageError};
use super::ports::{Ports, VariantBrief};
use super::retrieve::RetrieveNode;
use super::safety::SafetyNode;
use super::segment::SegmentNode;
use crate::domain::finding::Disposition;
use crate::domain::run::{Run, Stage, StageStatus};
use crate::domain::variant::{Authored, Variant};
use chrono::DateTime;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

/// A stage that did not come to its end. The run keeps what it has and can be stepped again.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{stage}: {reason}")]
pub struct StageFailure {
    pub stage: Stage,
    pub reason: String,
}

/// Steps runs over the ports.
#[derive(Clone)]
pub struct Orchestrator {
    ports: Arc<Ports>,
}

impl Orchestrator {
    pub fn new(ports: Arc<Ports>) -> Self {
        Self { ports }
    }

    pub fn ports(&self) -> &Ports {
        &self.ports
    }

    /// Runs the next stage. `Ok(None)`: nothing is left but a person's decision.
    ///
    /// # Errors
    /// The stage failed or panicked, or the run was cancelled.
    pub fn step(
        &self,
        run: &mut Run,
        cancel: &AtomicBool,
        watch: &mut dyn FnMut(RunEvent),
    ) -> Result<Option<Stage>, StageFailure> {
        let Some(stage) = run.next_stage() else {
            return Ok(None);
        };
        if cancel.load(Ordering::Relaxed) {
            return Err(StageFailure {
                stage,
                reason: "cancelled".into(),
            });
        }
        run.status[stage.index()] = StageStatus::Running;
        watch(RunEvent::Started { stage });
        let started = Instant::now();
        let outcome = catch_unwind(AssertUnwindSafe(|| self.run_stage(run, stage, watch)))
            .unwrap_or(Err(StageError::Stopped));
        let micros = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
        match outcome {
            Ok(()) => {
                run.status[stage.index()] = StageStatus::Done { micros };
                watch(RunEvent::Done {
                    stage,
                    micros,
                    summary: summary(run, stage),
                });
                Ok(Some(stage))
            }
            Err(error) => {
                let reason = error.to_string();
                run.status[stage.index()] = StageStatus::Failed {
                    reason: reason.clone(),
                };
                watch(RunEvent::Failed {
                    stage,
                    reason: reason.clone(),
                });
                Err(StageFailure { stage, reason })
            }
        }
    }

    /// The context that stages of this run see.
    ///
    /// # Errors
    /// The pinned time is not a time.
    pub fn context<'r>(&self, run: &'r Run) -> Result<StageContext<'r>, StageError> {
        let as_of =
            DateTime::parse_from_rfc3339(&run.pins.as_of).map_err(StageError::PinnedTime)?;
        let jurisdiction = run.profile.jurisdiction.clone().unwrap_or_default();
        let product = run.segment.as_ref().and_then(|s| s.product.as_deref());
        let day = as_of.date_naive();
        let mut facts = self.ports.facts.facts(product, &jurisdiction, day);
        // What the segment was made from is for the policies to judge.
        if let Some(segment) = &run.segment {
            facts.set("segment_fields", segment.features_read.clone());
        }
        Ok(StageContext {
            profile: &run.profile,
            pins: &run.pins,
            as_of,
            channel: run.profile.channel.unwrap_or_default(),
            facts,
            jurisdiction,
        })
    }

    /// A variant written anew after it was refused for these reasons, by who can.
    ///
    /// # Errors
    /// An earlier stage has no result.
    pub fn write_anew(
        &self,
        run: &Run,
        variant: &str,
        refused: &[(String, String)],
        watch: &mut dyn FnMut(RunEvent),
    ) -> Result<Option<(Variant, Authored)>, StageError> {
        let context = self.context(run)?;
        let (Some(segment), Some(retrieved)) = (&run.segment, &run.retrieved) else {
            return Err(StageError::NoInput);
        };
        let brief = VariantBrief::of(&context, segment, retrieved);
        let writer = &self.ports.writer;
        Ok(writer.write_anew(&brief, variant, refused, &mut telling(watch)))
    }

    fn run_stage(
        &self,
        run: &mut Run,
        stage: Stage,
        watch: &mut dyn FnMut(RunEvent),
    ) -> Result<(), StageError> {
        let context = self.context(run)?;
        match stage {
            Stage::Segment => {
                let out = SegmentNode(self.ports.segmenter.as_ref()).run(&context, ())?;
                run.segment = Some(out);
            }
            Stage::Retrieve => {
                let segment = run.segment.as_ref().ok_or(StageError::NoInput)?;
                let out = RetrieveNode(self.ports.retriever.as_ref()).run(&context, segment)?;
                run.retrieved = Some(out);
            }
            Stage::Generate => {
                let (segment, retrieved) = run
                    .segment
                    .as_ref()
                    .zip(run.retrieved.as_ref())
                    .ok_or(StageError::NoInput)?;
                let input = (segment, retrieved, &mut telling(watch) as &mut _);
                let out = GenerateNode(self.ports.writer.as_ref()).run(&context, input)?;
                (run.variants, run.authored) = (Some(out.0), out.1);
            }
            Stage::Safety => {
                let (variants, retrieved) = run
                    .variants
                    .as_ref()
                    .zip(run.retrieved.as_ref())
                    .ok_or(StageError::NoInput)?;
                let out =
                    SafetyNode(self.ports.gate.as_ref()).run(&context, (variants, retrieved))?;
                run.gate = Some(out);
            }
            Stage::Analyze => {
                let (variants, gate) = run
                    .variants
                    .as_ref()
                    .zip(run.gate.as_ref())
                    .ok_or(StageError::NoInput)?;
                let (retrieved, segment) = run
                    .retrieved
                    .as_ref()
                    .zip(run.segment.as_ref())
                    .ok_or(StageError::NoInput)?;
                let out = AnalyzeNode(self.ports.scorer.as_ref())
                    .run(&context, (variants, gate, retrieved, segment))?;
                run.analysis = Some(out);
            }
            Stage::Deliver => {
                return Err(StageError::WaitsForDecision);
            }
        }
        Ok(())
    }
}

/// Tells whoever watches what a model has written so far.
fn telling(watch: &mut dyn FnMut(RunEvent)) -> impl FnMut(&str) {
    |words| {
        let words = words.to_owned();
        watch(RunEvent::Writing { words });
    }
}

/// One line about what a stage gave.
pub fn summary(run: &Run, stage: Stage) -> String {
    match stage {
        Stage::Segment => run
            .segment
            .as_ref()
            .map(|s| format!("{}, {} intent", s.segment, s.intent_level)),
        Stage::Retrieve => run.retrieved.as_ref().map(|r| {
            let found = r.citations.len() + r.below.len();
            let kept = match (r.citations.len(), &r.first_query) {
                (0, Some(_)) => "none relevant, asked twice".to_owned(),
                (0, None) => "none relevant".to_owned(),
                (kept, _) => format!("{kept} kept"),
            };
            let fallback = if r.fallback.is_some() {
                ", FALLBACK index"
            } else {
                ""
            };
            format!("{found} found, {kept}{fallback}")
        }),
        Stage::Generate => run.variants.as_ref().map(|v| match &run.authored {
            Some(Authored {
                fallback: Some(_), ..
            }) => format!("{} variants, FALLBACK templates", v.len()),
            Some(_) => format!("{} variants, by a model", v.len()),
            None => format!("{} variants", v.len()),
        }),
        Stage::Safety => run.gate.as_ref().map(|g| {
            let count = |d: Disposition| g.iter().filter(|r| r.verdict.disposition == d).count();
            let all = [
                (count(Disposition::Pass), "clear"),
                (count(Disposition::Review), "review"),
                (count(Disposition::Block), "blocked"),
            ];
            let said = all.iter().filter(|(n, _)| *n > 0);
            let said: Vec<String> = said.map(|(n, words)| format!("{n} {words}")).collect();
            said.join(", ")
        }),
        Stage::Analyze => run.analysis.as_ref().map(|a| match &a.winner {
            Some(w) => format!("winner {} (best: {}%)", w.variant_id, w.confidence_bp / 100),
            None => a.why_none(),
        }),
        Stage::Deliver => run.delivery.as_ref().map(|d| d.status.as_str().to_owned()),
    }
    .unwrap_or_default()
}
