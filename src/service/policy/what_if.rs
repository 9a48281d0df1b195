//! What a pack would change: recorded runs, judged once more under it, against today's packs.

use super::super::review::{self, ReviewStep};
use super::Pack;
use crate::domain::decision::ReviewState;
use crate::domain::finding::{Disposition, Verdict};
use crate::domain::review::Act;
use crate::domain::run::{GateResult, Run};
use crate::domain::variant::Variant;
use crate::error::{Error, Kind, Result};
use crate::pipeline::ports::Gate as _;
use crate::pipeline::{KnownFacts, LayeredGate, message_of};
use crate::service::home::workspace::Workspace;
use crate::service::review::history;
use crate::service::review::queue::{self, RunSummary};
use serde::Serialize;
use std::collections::BTreeSet;

/// One verdict that would be another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Changed {
    pub run: String,
    pub variant: String,
    /// Where the run stands: an approved message that would now be blocked has to be looked at again.
    pub state: String,
    /// The variant is the one that was approved.
    pub approved: bool,
    pub before: Disposition,
    pub after: Disposition,
    /// Rules that would speak and did not.
    pub gained: Vec<String>,
    /// Rules that spoke and would not.
    pub lost: Vec<String>,
}

/// What was replayed, and what came out otherwise.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct WhatIf {
    pub runs: usize,
    pub variants: usize,
    pub changed: Vec<Changed>,
    /// Runs whose data was erased or that have no messages: they cannot be replayed.
    pub skipped: usize,
    /// Variants that today's packs already judge otherwise than the record does.
    pub drifted: usize,
}

impl Changed {
    /// Whether an approval that stands would not be given so under the pack.
    pub fn undoes_an_approval(&self) -> bool {
        self.approved && self.after > self.before && self.after >= Disposition::Review
    }
}

/// Which runs are replayed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    All,
    /// Those whose approval stands: not sent yet, or delivered and not recalled.
    Approved,
}

/// Replays the newest `limit` runs. Reads; writes nothing.
///
/// # Errors
/// The pack or those in force do not compile, or the ledger cannot be read.
pub fn what_if(
    workspace: &Workspace,
    pack: &Pack,
    (which, limit): (Which, usize),
    progress: &mut dyn FnMut(usize, usize),
) -> Result<WhatIf> {
    workspace.rules()?;
    let candidate = LayeredGate::new(
        super::book_with(workspace, std::slice::from_ref(pack))?,
        workspace.allow.clone(),
    );
    let today = LayeredGate::new(workspace.book.clone(), workspace.allow.clone());
    let mut report = WhatIf::default();
    let mut before = u64::MAX;
    while report.runs + report.skipped < limit {
        let page = queue::page(workspace, before, 256.min(limit))?;
        let Some(last) = page.last() else { break };
        before = last.seq;
        for summary in &page {
            if report.runs + report.skipped == limit {
                break;
            }
            let stands = matches!(
                summary.state,
                ReviewState::Approved | ReviewState::Delivered
            );
            if which == Which::Approved && !stands {
                continue;
            }
            let Ok(recorded) = history::load(workspace, &summary.run) else {
                report.skipped += 1;
                continue;
            };
            if recorded.variants.is_none() || recorded.gate.is_none() {
                report.skipped += 1;
                continue;
            }
            report.runs += 1;
            progress(report.runs, limit);
            replay(
                workspace,
                &recorded,
                summary,
                &today,
                &candidate,
                &mut report,
            )?;
        }
    }
    Ok(report)
}

fn replay(
    workspace: &Workspace,
    recorded: &Run,
    summary: &RunSummary,
    today: &LayeredGate,
    candidate: &LayeredGate,
    report: &mut WhatIf,
) -> Result<()> {
    let context = workspace
        .orchestrator()?
        .context(recorded)
        .map_err(|e| Error::of(Kind::Stage, e))?;
    let citations = recorded
        .retrieved
        .as_ref()
        .map(|r| r.citations.clone())
        .unwrap_or_default();
    let known = KnownFacts::of(&context, citations.into());
    for variant in recorded.variants.iter().flatten() {
        report.variants += 1;
        let message = message_of(&context, &known, variant);
        let (now, then) = (today.check(&message), candidate.check(&message));
        let drifted = recorded
            .verdict(&variant.id)
            .is_some_and(|v| v.disposition != now.disposition);
        report.drifted += usize::from(drifted);
        let (spoke, would) = (speaking(&now), speaking(&then));
        if now.disposition != then.disposition || spoke != would {
            report.changed.push(Changed {
                run: recorded.id.clone(),
                variant: variant.id.clone(),
                state: summary.state.as_str().to_owned(),
                approved: summary.variant == variant.id
                    && matches!(
                        summary.state,
                        ReviewState::Approved | ReviewState::Delivered
                    ),
                before: now.disposition,
                after: then.disposition,
                gained: would.difference(&spoke).cloned().collect(),
                lost: spoke.difference(&would).cloned().collect(),
            });
        }
    }
    Ok(())
}

/// A run as it would be judged under a pack. Reads; writes nothing. The winner is left open: it is chosen from what
/// passes.
///
/// # Errors
/// The pack does not compile, or the run has no messages yet.
pub fn under(workspace: &Workspace, pack: &Pack, run: &Run) -> Result<Run> {
    let gate = LayeredGate::new(
        super::book_with(workspace, std::slice::from_ref(pack))?,
        workspace.allow.clone(),
    );
    let context = workspace
        .orchestrator()?
        .context(run)
        .map_err(|e| Error::of(Kind::Stage, e))?;
    let citations = run.retrieved.as_ref().map(|r| r.citations.clone());
    let known = KnownFacts::of(&context, citations.unwrap_or_default().into());
    let mut judged = run.clone();
    judged.analysis = None;
    judged.gate = run.variants.as_ref().map(|variants| {
        let judge = |variant: &Variant| GateResult {
            variant_id: variant.id.clone(),
            verdict: gate.check(&message_of(&context, &known, variant)),
        };
        variants.iter().map(judge).collect()
    });
    if judged.gate.is_none() {
        return Err(Error::new(Kind::Input, "the run has no messages yet").fix("run it on first"));
    }
    Ok(judged)
}

/// Sends approvals that would not be given so back to review; what is delivered gets a comment. How many of each.
///
/// # Errors
/// Not allowed, or the ledger refused.
pub fn reopen(workspace: &Workspace, pack: &Pack, report: &WhatIf) -> Result<(usize, usize)> {
    let (mut reopened, mut delivered) = (0, 0);
    let version = format!("{} {}", pack.head.id, pack.head.version);
    for change in report.changed.iter().filter(|c| c.undoes_an_approval()) {
        let words = format!(
            "under {version} variant {} would come to {}: {}",
            change.variant,
            change.after.as_str(),
            change.gained.join(", ")
        );
        let sent = queue::known(workspace, &change.run)?.state == ReviewState::Delivered;
        let act = if sent { Act::Comment } else { Act::Reopen };
        let said = ReviewStep {
            act,
            to: None,
            reason: &words,
        };
        review::act(workspace, &change.run, said)?;
        if sent {
            delivered += 1;
        } else {
            reopened += 1;
        }
    }
    Ok((reopened, delivered))
}

/// Rules that ask for a person or block.
fn speaking(verdict: &Verdict) -> BTreeSet<String> {
    verdict
        .findings
        .iter()
        .filter(|f| f.disposition >= Disposition::Review)
        .map(|f| f.rule.clone())
        .collect()
}
