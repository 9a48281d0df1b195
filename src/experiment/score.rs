//! The score of each variant and the winner among those that may go out.

use super::anytime::{self, Guess};
use super::assign::{self, ExperimentGroup};
use super::outcome::{Belief, Happened, Outcomes};
use super::plan::{ExperimentPlan, PlannedExperiment};
use super::posterior::{self, Posterior};
use crate::domain::analysis::{Analysis, Arm, Experiment, RuleCost, Winner};
use crate::domain::finding::{Disposition, Finding, Verdict};
use chrono::NaiveDate;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// Fields the scorer reads. Fixed here, recorded with every run: no prohibited basis is among them. The customer's number
/// says nothing but the group that its hash falls into.
pub const FEATURES_READ: [&str; 4] = ["segment", "channel", "variant type", "user_id"];

/// Weights in per cent: response, relevance, freshness, safety. They sum to 100.
const WEIGHTS: [u32; 4] = [40, 20, 10, 30];
/// A response rate of 25 % fills its part of the score.
const FULL_RESPONSE_BP: u32 = 2_500;
/// Customers of a hundred in the control group, where no experiment says how many.
const CONTROL_PCT: u32 = 10;

/// An approved disclosure in a body, as bytes of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlacedDisclosure<'c> {
    pub id: &'c str,
    pub start: usize,
}

/// One variant as the scorer sees it.
pub struct ScoreCandidate<'c> {
    pub id: &'c str,
    pub kind: &'c str,
    pub body: &'c str,
    pub disclosures: Vec<PlacedDisclosure<'c>>,
    pub verdict: &'c Verdict,
    /// Mean relevance of the citations it uses, in basis points.
    pub relevance_bp: u32,
    pub freshness_bp: u32,
}

/// For whom, and when.
#[derive(Clone, Copy)]
pub struct Setting<'s> {
    pub segment: &'s str,
    pub channel: &'s str,
    pub customer: &'s str,
    pub seed: u64,
    pub day: NaiveDate,
}

/// Scores all variants and picks the winner: what an experiment assigned to this customer, or passing before needing
/// review, then by score, then by the chance of being answered most, then by name. Neither a type that was stopped nor weaker disclosures win.
pub fn analyze(
    candidates: &[ScoreCandidate<'_>],
    outcomes: &Outcomes,
    plan: &ExperimentPlan,
    setting: Setting<'_>,
) -> Analysis {
    let test = plan.test(setting.segment, setting.channel, setting.day);
    let kinds = candidates.iter().map(|c| c.kind);
    let tried = test.iter().flat_map(|test| test.arms.keys());
    let believed: BTreeMap<&str, Believed> = kinds
        .chain(tried.map(String::as_str))
        .map(|kind| (kind, believed(kind, outcomes, plan, setting)))
        .collect();
    let beliefs: Vec<&Believed> = candidates.iter().map(|c| &believed[c.kind]).collect();
    let open: Vec<usize> = (0..candidates.len())
        .filter(|i| candidates[*i].verdict.disposition != Disposition::Block)
        .collect();
    let rates: Vec<Posterior> = open.iter().map(|i| beliefs[*i].belief.responded).collect();
    let chances = if open.is_empty() {
        Vec::new()
    } else {
        posterior::best_bp(&rates)
    };
    let beside: Vec<&ScoreCandidate<'_>> = open.iter().map(|i| &candidates[*i]).collect();
    let arms: Vec<Arm> = candidates
        .iter()
        .zip(&beliefs)
        .enumerate()
        .map(|(index, (candidate, believed))| {
            let at = open.iter().position(|i| *i == index);
            Arm {
                best_bp: at.map_or(0, |at| chances[at]),
                weaker: at.and_then(|_| candidate.weaker(&beside)),
                ..arm(candidate, believed, plan)
            }
        })
        .collect();
    let may_win: Vec<usize> = open
        .iter()
        .copied()
        .filter(|i| arms[*i].stopped.is_none())
        .collect();
    let equals: Vec<usize> = may_win
        .iter()
        .copied()
        .filter(|i| arms[*i].weaker.is_none())
        .collect();
    // Where each says less than another in one point, none wins by it.
    let among = if equals.is_empty() { &may_win } else { &equals };
    let mut experiment = experiment(test, candidates, &believed, setting);
    let rank = |i: &usize| {
        (
            candidates[*i].verdict.disposition,
            Reverse(arms[*i].score_bp),
            // Between equal scores the likelier one.
            Reverse(arms[*i].best_bp),
            candidates[*i].id,
        )
    };
    let best = among.iter().copied().min_by_key(|i| rank(i));
    let assigned = experiment
        .arm
        .as_ref()
        .and_then(|kind| among.iter().copied().find(|i| candidates[*i].kind == kind));
    if let (Some(kind), None) = (&experiment.arm, assigned) {
        experiment.set_aside = Some(why_not(kind, &arms));
    }
    let best = best.filter(|_| !experiment.holds_out());
    let winner = assigned.or(best).map(|i| Winner {
        variant_id: arms[i].variant_id.clone(),
        reason: reason(i, &arms, candidates, &open, &experiment),
        score_bp: arms[i].score_bp,
        confidence_bp: arms[i].best_bp,
    });
    let total = u32::try_from(candidates.len()).unwrap_or(0);
    Analysis {
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
        experiment,
        arms,
    }
}

/// What is believed of a type of message, and why it is not proposed any more, if so.
struct Believed {
    belief: Belief,
    stopped: Option<String>,
}

fn believed(
    kind: &str,
    outcomes: &Outcomes,
    plan: &ExperimentPlan,
    setting: Setting<'_>,
) -> Believed {
    let place = (kind, setting.segment, setting.channel);
    let belief = outcomes.belief(plan, place, setting.day);
    Believed {
        stopped: stopped(&belief, plan),
        belief,
    }
}

/// What an arm's own text and outcomes come to.
fn arm(candidate: &ScoreCandidate<'_>, believed: &Believed, plan: &ExperimentPlan) -> Arm {
    let belief = &believed.belief;
    let (low_bp, high_bp) = belief.responded.interval_bp();
    let expected = belief.responded.mean_bp();
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
        sent: belief.counts.sent,
        responded: belief.counts.responded,
        relevance_bp: candidate.relevance_bp,
        freshness_bp: candidate.freshness_bp,
        safety_bp: candidate.verdict.score_bp,
        score_bp: parts
            .iter()
            .zip(WEIGHTS)
            .map(|(part, weight)| part * weight / 100)
            .sum(),
        best_bp: 0,
        worth_cents: worth_cents(belief, plan),
        prominence_bp: candidate.prominence_bp(),
        weaker: None,
        stopped: believed.stopped.clone(),
        costs: costs(candidate.verdict),
    }
}

/// Expected worth of a thousand messages, in hundredths of the firm's money.
pub(super) fn worth_cents(belief: &Belief, plan: &ExperimentPlan) -> i64 {
    let worth = plan.worth;
    let each = [
        (belief.responded, worth.responded),
        (belief.converted, worth.converted),
        (belief.complained, worth.complained),
        (belief.opted_out, worth.opted_out),
    ];
    let one: f64 = each.iter().map(|(rate, worth)| rate.mean() * worth).sum();
    #[expect(
        clippy::cast_possible_truncation,
        reason = "rounded; a sum of money for a thousand messages"
    )]
    let cents = (one * 100_000.0).round() as i64;
    cents
}

/// Which guardrail the type's outcomes are beyond, if they are, with a chance of error of the plan's.
pub(super) fn stopped(belief: &Belief, plan: &ExperimentPlan) -> Option<String> {
    let guard = plan.guardrail;
    [
        (Happened::Complained, guard.complained_pct, "complaints"),
        (Happened::OptedOut, guard.opted_out_pct, "opt-outs"),
    ]
    .into_iter()
    .find_map(|(what, limit, name)| {
        let seen = belief.so_far.tally(what);
        let capital = anytime::ln_above(seen, limit / 100.0, Guess::HARM);
        (capital > anytime::bound(plan.alpha)).then(|| {
            format!(
                "{} {name} to {} messages: above the guardrail of {limit}%",
                seen.hits, seen.sent
            )
        })
    })
}

/// What each rule's findings cost: the score without them, less the score.
fn costs(verdict: &Verdict) -> Vec<RuleCost> {
    let mut by_rule: BTreeMap<&str, (u32, bool)> = BTreeMap::new();
    for finding in &verdict.findings {
        let (cost, blocks) = by_rule.entry(&finding.rule).or_default();
        *cost += finding.cost_bp();
        *blocks |= finding.disposition == Disposition::Block;
    }
    let all: u32 = verdict.findings.iter().map(Finding::cost_bp).sum();
    let mut costs: Vec<RuleCost> = by_rule
        .into_iter()
        .filter(|(_, (cost, _))| *cost > 0)
        .map(|(rule, (cost, blocks))| RuleCost {
            rule: rule.to_owned(),
            cost_bp: (10_000_u32.saturating_sub(all - cost) - verdict.score_bp) * WEIGHTS[3] / 100,
            blocks,
        })
        .collect();
    costs.sort_by_key(|cost| (Reverse(cost.blocks), Reverse(cost.cost_bp)));
    costs
}

/// The customer's place in the experiment that runs, if one does.
fn experiment(
    test: Option<&PlannedExperiment>,
    candidates: &[ScoreCandidate<'_>],
    believed: &BTreeMap<&str, Believed>,
    setting: Setting<'_>,
) -> Experiment {
    let Setting {
        segment,
        channel,
        customer,
        seed,
        ..
    } = setting;
    let Some(test) = test else {
        let test_id = format!("{segment}/{channel}");
        return Experiment {
            group: assign::group(&test_id, customer, CONTROL_PCT, 0)
                .as_str()
                .to_owned(),
            control_variant: candidates.first().map(|c| c.id.to_owned()),
            test_id,
            assignment: None,
            arm: None,
            set_aside: None,
        };
    };
    let open = |kind: &str| believed[kind].stopped.is_none();
    let rate = |kind: &str| believed[kind].belief.responded;
    let group = assign::group(&test.id, customer, test.control_pct, test.holdout_pct);
    let arm = match group {
        ExperimentGroup::Control => Some(test.control.as_str()),
        ExperimentGroup::HeldOut => None,
        ExperimentGroup::Treatment => assign::arm(test, customer, seed, &open, &rate),
    };
    Experiment {
        test_id: test.id.clone(),
        group: group.as_str().to_owned(),
        control_variant: candidates
            .iter()
            .find(|c| c.kind == test.control)
            .map(|c| c.id.to_owned()),
        assignment: Some(test.assignment.as_str().to_owned()),
        arm: arm.map(str::to_owned),
        set_aside: None,
    }
}

/// Why the type that was assigned is not what wins.
fn why_not(kind: &str, arms: &[Arm]) -> String {
    match arms.iter().find(|arm| arm.kind == kind) {
        None => format!("no variant is {kind}"),
        Some(arm) if arm.stopped.is_some() => format!("{kind} was stopped"),
        Some(Arm {
            weaker: Some(weaker),
            ..
        }) => format!("{kind} {weaker}"),
        Some(_) => format!("{kind} is blocked"),
    }
}

/// Why this one wins.
fn reason(
    winner: usize,
    arms: &[Arm],
    candidates: &[ScoreCandidate<'_>],
    open: &[usize],
    experiment: &Experiment,
) -> String {
    let arm = &arms[winner];
    let light = if candidates[winner].verdict.disposition == Disposition::Pass {
        "passes every check"
    } else {
        "needs a look at its findings"
    };
    let test = &experiment.test_id;
    let is_assigned =
        experiment.set_aside.is_none() && experiment.arm.as_deref() == Some(arm.kind.as_str());
    let why = match (&experiment.assignment, experiment.group.as_str()) {
        (Some(_), "control") if is_assigned => {
            format!("what the control group of {test} gets")
        }
        (Some(how), _) if is_assigned => format!("assigned to this customer by {test} ({how})"),
        _ => format!("best score of {} that may go out", open.len()),
    };
    let passed_over = open
        .iter()
        .map(|i| &arms[*i])
        .filter(|other| !is_assigned && other.score_bp > arm.score_bp)
        .find_map(|other| {
            let why = other.stopped.as_ref().or(other.weaker.as_ref())?;
            Some(format!("; {} scores more, but {why}", other.variant_id))
        })
        .unwrap_or_default();
    let likelier = open
        .iter()
        .map(|i| (*i, &arms[*i]))
        .filter(|(_, other)| other.best_bp > arm.best_bp)
        .max_by_key(|(_, other)| other.best_bp)
        .map(|(i, other)| {
            let (id, sure) = (&other.variant_id, other.best_bp / 100);
            let points = |arm: &Arm| format!("{}.{:02}", arm.score_bp / 100, arm.score_bp % 100);
            let scores = format!("{} to {}", points(arm), points(other));
            let why = if is_assigned {
                "this one was assigned"
            } else if candidates[i].verdict.disposition != candidates[winner].verdict.disposition {
                "it needs a look at its findings"
            } else if other.stopped.is_some() || other.weaker.is_some() {
                "it may not win"
            } else {
                "fit to the customer, fresh sources and safety count too"
            };
            format!("; {id} is likelier to be answered most ({sure}%), but {why} (score {scores})")
        })
        .unwrap_or_default();
    let passed_over = format!("{passed_over}{likelier}");
    format!(
        "{light}; {why}: expected response {}.{:02}%, from {} answers to {} messages{passed_over}",
        arm.expected_response_bp / 100,
        arm.expected_response_bp % 100,
        arm.responded,
        arm.sent
    )
}
