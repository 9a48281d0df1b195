//! The score of each variant and the winner among those that may go out.

use super::assign::assign;
use super::outcome::Outcomes;
use super::posterior;
use crate::domain::analysis::{Analysis, Arm, Experiment, Winner};
use crate::domain::finding::{Disposition, Verdict};

/// Fields the scorer reads. Fixed here, recorded with every run: no prohibited basis is among them.
pub const FEATURES_READ: [&str; 3] = ["segment", "channel", "variant type"];

/// Weights in per cent: response, relevance, freshness, safety. They sum to 100.
const WEIGHTS: [u32; 4] = [40, 20, 10, 30];
/// A response rate of 25 % fills its part of the score.
const FULL_RESPONSE_BP: u32 = 2_500;

/// One variant as the scorer sees it.
pub struct Candidate<'c> {
    pub id: &'c str,
    pub kind: &'c str,
    pub verdict: &'c Verdict,
    /// Mean relevance of the citations it uses, in basis points.
    pub relevance_bp: u32,
    pub freshness_bp: u32,
}

/// Scores all variants and picks the winner: passing before needing review, then by score, then by name.
pub fn analyze(
    candidates: &[Candidate<'_>],
    outcomes: &Outcomes,
    segment: &str,
    channel: &str,
    customer: &str,
    seed: u64,
) -> Analysis {
    let posteriors: Vec<_> = candidates
        .iter()
        .map(|c| outcomes.posterior(c.kind, segment, channel))
        .collect();
    let open: Vec<usize> = (0..candidates.len())
        .filter(|i| candidates[*i].verdict.disposition != Disposition::Block)
        .collect();
    let chances = if open.is_empty() {
        Vec::new()
    } else {
        posterior::best_bp(&open.iter().map(|i| posteriors[*i].0).collect::<Vec<_>>())
    };
    let arms: Vec<Arm> = candidates
        .iter()
        .enumerate()
        .map(|(index, candidate)| {
            let (posterior, sent, responded) = &posteriors[index];
            let (low_bp, high_bp) = posterior.interval_bp();
            let expected = posterior.mean_bp();
            let response = (expected * 10_000 / FULL_RESPONSE_BP).min(10_000);
            let parts = [
                response,
                candidate.relevance_bp,
                candidate.freshness_bp,
                candidate.verdict.score_bp,
            ];
            Arm {
                variant_id: candidate.id.to_owned(),
                kind: candidate.kind.to_owned(),
                expected_response_bp: expected,
                low_bp,
                high_bp,
                sent: *sent,
                responded: *responded,
                relevance_bp: candidate.relevance_bp,
                freshness_bp: candidate.freshness_bp,
                safety_bp: candidate.verdict.score_bp,
                score_bp: parts
                    .iter()
                    .zip(WEIGHTS)
                    .map(|(part, weight)| part * weight / 100)
                    .sum(),
                best_bp: open
                    .iter()
                    .position(|i| *i == index)
                    .map_or(0, |at| chances[at]),
            }
        })
        .collect();
    let rank = |i: &usize| {
        (
            candidates[*i].verdict.disposition,
            std::cmp::Reverse(arms[*i].score_bp),
            candidates[*i].id,
        )
    };
    let winner = open.iter().min_by_key(|i| rank(i)).map(|i| {
        let (arm, verdict) = (&arms[*i], candidates[*i].verdict);
        let light = if verdict.disposition == Disposition::Pass { "passes every check" } else { "needs a look at its findings" };
        Winner {
            variant_id: arm.variant_id.clone(),
            reason: format!(
                "{light}; best score of {} that may go out: expected response {}.{:02}%, from {} answers to {} messages",
                open.len(),
                arm.expected_response_bp / 100,
                arm.expected_response_bp % 100,
                arm.responded,
                arm.sent
            ),
            score_bp: arm.score_bp,
            confidence_bp: arm.best_bp,
        }
    });
    let total = u32::try_from(candidates.len()).unwrap_or(0);
    let test_id = format!("{segment}/{channel}");
    Analysis {
        experiment: Experiment {
            group: assign(&test_id, customer, seed).to_owned(),
            control_variant: candidates.first().map(|c| c.id.to_owned()),
            test_id,
        },
        winner,
        avg_safety_bp: candidates
            .iter()
            .map(|c| c.verdict.score_bp)
            .sum::<u32>()
            .checked_div(total)
            .unwrap_or(0),
        total_candidates: total,
        blocked_count: total - u32::try_from(open.len()).unwrap_or(0),
        features_read: FEATURES_READ.iter().map(|f| (*f).to_owned()).collect(),
        arms,
    }
}
