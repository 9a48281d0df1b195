//! The scorer behind its port: what each variant carries, and what was learned from the messages before.

use crate::domain::analysis::Analysis;
use crate::domain::citation::Retrieved;
use crate::domain::run::GateResult;
use crate::domain::segment::Segment;
use crate::domain::variant::{Source, Variant};
use crate::experiment::{self, PlacedDisclosure, ScoreCandidate, Setting};
use crate::generate::Templates;
use crate::pipeline::node::StageContext;
use crate::pipeline::ports::Scorer;
use crate::service::learning::learned::Learned;
use chrono::NaiveDate;
use std::sync::Arc;

pub(in crate::service) struct DeskScorer {
    pub learned: Arc<Learned>,
    pub templates: Arc<Templates>,
}

impl DeskScorer {
    /// Approved disclosures that a body has word by word, whoever wrote it.
    fn carried(&self, body: &str) -> Vec<PlacedDisclosure<'_>> {
        let known = self.templates.disclosures.iter();
        known
            .filter_map(|disclosure| {
                Some(PlacedDisclosure {
                    id: &disclosure.id,
                    start: body.find(disclosure.text.trim())?,
                })
            })
            .collect()
    }
}

/// A citation loses a tenth of its freshness for each half year since publication.
fn freshness_bp(published: &str, day: NaiveDate) -> u32 {
    let Ok(date) = NaiveDate::parse_from_str(published, "%Y-%m-%d") else {
        return 5_000;
    };
    let halves = u32::try_from((day - date).num_days().max(0) / 182).unwrap_or(10);
    10_000_u32.saturating_sub(halves * 1_000)
}

/// Relevance of the best citation that was found; a variant without citations has [`NO_CITATION_BP`].
const BEST_CITATION_BP: i64 = 7_500;
const NO_CITATION_BP: u32 = 7_000;

/// Relevance of a citation, by how near its score comes to the best.
fn nearness_bp(score: i64, best: i64) -> u32 {
    let share = (score.max(0) * BEST_CITATION_BP)
        .checked_div(best.max(1))
        .unwrap_or(0);
    u32::try_from(share.min(BEST_CITATION_BP)).unwrap_or(0)
}

impl Scorer for DeskScorer {
    fn score(
        &self,
        context: &StageContext<'_>,
        variants: &[Variant],
        gate: &[GateResult],
        retrieved: &Retrieved,
        segment: &Segment,
    ) -> Analysis {
        let best = retrieved.citations.first().map_or(0, |c| c.score);
        let day = context.as_of.date_naive();
        let candidates: Vec<ScoreCandidate<'_>> = variants
            .iter()
            .filter_map(|variant| {
                let verdict = &gate.iter().find(|g| g.variant_id == variant.id)?.verdict;
                let used: Vec<_> = variant
                    .sentences
                    .iter()
                    .filter_map(|s| match &s.source {
                        Source::Citation { id } => retrieved.citations.iter().find(|c| c.id == *id),
                        _ => None,
                    })
                    .collect();
                let mean = |values: Vec<u32>, none: u32| {
                    let n = u32::try_from(values.len()).unwrap_or(0);
                    values.iter().sum::<u32>().checked_div(n).unwrap_or(none)
                };
                Some(ScoreCandidate {
                    id: &variant.id,
                    kind: &variant.meta.kind,
                    body: &variant.body,
                    disclosures: self.carried(&variant.body),
                    verdict,
                    relevance_bp: mean(
                        used.iter().map(|c| nearness_bp(c.score, best)).collect(),
                        NO_CITATION_BP,
                    ),
                    freshness_bp: mean(
                        used.iter()
                            .map(|c| freshness_bp(&c.published_date, day))
                            .collect(),
                        10_000,
                    ),
                })
            })
            .collect();
        experiment::analyze(
            &candidates,
            &self.learned.at(&context.pins.assets),
            &self.learned.plan,
            Setting {
                segment: &segment.segment,
                channel: context.channel.as_str(),
                customer: &context.profile.id,
                seed: context.pins.seed,
                day,
            },
        )
    }
}
