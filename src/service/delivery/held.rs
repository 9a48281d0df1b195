//! What was approved and has not gone out: how much, since when, and what stands in its way.

use crate::error::Result;
use crate::ledger::review::is_before;
use crate::ledger::summary::RunSummary;
use crate::service::delivery::handover::every_approved;
use crate::service::home::workspace::{Workspace, now};
use serde::Serialize;
use std::collections::BTreeMap;

/// Most runs that are looked at: more are told as that many.
const MOST: usize = 10_000;

/// Most reasons that are told.
const REASONS: usize = 5;

/// Approved messages that wait although their decision can no longer be withdrawn.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Held {
    pub count: usize,
    /// RFC 3339; of the one that has waited longest.
    pub since: Option<String>,
    /// Of those, how many a carrier did not take, or can never take.
    pub not_taken: usize,
    /// Reasons on record, the most frequent first, with how many messages each holds.
    pub reasons: Vec<Reason>,
    /// Why a carrier takes nothing as it is set up, if one does not.
    #[serde(skip)]
    pub settings: Vec<String>,
}

/// A reason and how many messages it holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reason {
    pub reason: String,
    pub count: usize,
}

/// Looks through what was approved.
///
/// # Errors
/// The ledger cannot be read.
pub fn look(workspace: &Workspace) -> Result<Held> {
    let mut held = Held::default();
    let mut reasons: BTreeMap<String, usize> = BTreeMap::new();
    let (time, mut seen) = (now(), 0);
    every_approved(workspace, &mut |run| {
        seen += 1;
        if run.send_after.is_empty() || !is_before(&time, &run.send_after) {
            held.take(&run);
            if !run.why.is_empty() {
                *reasons.entry(run.why).or_default() += 1;
            }
        }
        Ok(seen < MOST)
    })?;
    let mut reasons: Vec<Reason> = reasons
        .into_iter()
        .map(|(reason, count)| Reason { reason, count })
        .collect();
    reasons.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.reason.cmp(&b.reason)));
    reasons.truncate(REASONS);
    held.reasons = reasons;
    Ok(held)
}

impl Held {
    fn take(&mut self, run: &RunSummary) {
        self.count += 1;
        self.not_taken += usize::from(run.tries > 0);
        let since = if run.held.is_empty() {
            &run.updated
        } else {
            &run.held
        };
        if self
            .since
            .as_ref()
            .is_none_or(|first| is_before(since, first))
        {
            self.since = Some(since.clone());
        }
        if run.setting && !self.settings.contains(&run.why) {
            self.settings.push(run.why.clone());
        }
    }

    /// One line for people: how many wait, since when, and where it is told why. None if none do.
    pub fn told(&self) -> Option<String> {
        let since = self.since.as_deref()?;
        let since = since.get(..19).unwrap_or(since);
        let messages = match self.count {
            1 => "1 approved message waits".to_owned(),
            more => format!("{more} approved messages wait"),
        };
        Some(format!(
            "{messages} since {since}Z, {} of them not taken by their carrier: `echovoice deliver --dry-run` says why",
            self.not_taken
        ))
    }
}
