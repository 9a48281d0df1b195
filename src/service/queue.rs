//! What waits, and what was done: pages of run summaries.

use super::workspace::Workspace;
use crate::domain::decision::ReviewState;
use crate::error::Result;
use crate::ledger::log::{Key, Page};

pub use crate::ledger::summary::RunSummary;

/// Newest runs that started below `before`.
///
/// # Errors
/// The ledger cannot be read.
pub fn page(workspace: &Workspace, before: u64, limit: usize) -> Result<Vec<RunSummary>> {
    let rows = workspace.log()?.page(Page::Runs { before, limit })?;
    Ok(rows
        .iter()
        .filter_map(|(_, bytes)| serde_json::from_slice(bytes).ok())
        .collect())
}

/// The summary of one run.
///
/// # Errors
/// The ledger cannot be read.
pub fn summary(workspace: &Workspace, run: &str) -> Result<Option<RunSummary>> {
    Ok(workspace
        .log()?
        .get(Key::Run(run))?
        .and_then(|bytes| serde_json::from_slice(&bytes).ok()))
}

/// Counts over a page of runs, for the queue's right pane.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Today {
    pub approved: usize,
    pub rejected: usize,
    pub overridden: usize,
    pub waiting: usize,
    /// Rules that blocked most, with how often.
    pub rules: Vec<(String, u64)>,
}

/// Sums up runs.
pub fn today(runs: &[RunSummary]) -> Today {
    let mut today = Today::default();
    for run in runs {
        match run.state {
            ReviewState::Approved | ReviewState::Delivered => today.approved += 1,
            ReviewState::Rejected => today.rejected += 1,
            state if state.is_open() => today.waiting += 1,
            _ => {}
        }
        today.overridden += usize::from(run.decision == "override");
        for (rule, n) in &run.rules {
            match today.rules.iter_mut().find(|(known, _)| known == rule) {
                Some((_, count)) => *count += n,
                None => today.rules.push((rule.clone(), *n)),
            }
        }
    }
    today
        .rules
        .sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
    today
}
