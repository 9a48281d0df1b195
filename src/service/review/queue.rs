//! What waits, and what was done: pages of run summaries.

use crate::domain::decision::ReviewState;
use crate::error::{Error, Kind, Result};
use crate::ledger::AuditLog;
use crate::ledger::log::{Key, Page};
use crate::service::audit::told::Titles;
use crate::service::home::workspace::Workspace;
use crate::service::review::run_filter::RunFilter;

pub use crate::ledger::log::RunList;

pub use crate::ledger::summary::RunSummary;

/// Runs read at once.
const STEP: usize = 500;

/// Newest runs that started below `before`.
///
/// # Errors
/// The ledger cannot be read.
pub fn page(workspace: &Workspace, before: u64, limit: usize) -> Result<Vec<RunSummary>> {
    summaries(workspace, Page::Runs { before, limit })
}

fn summaries(workspace: &Workspace, page: Page<'_>) -> Result<Vec<RunSummary>> {
    let rows = workspace.log()?.page(page)?;
    Ok(rows
        .iter()
        .filter_map(|(_, bytes)| serde_json::from_slice(bytes).ok())
        .collect())
}

/// Every run, newest first, one page in memory at a time.
///
/// # Errors
/// The ledger cannot be read, or `each` refuses.
pub(in crate::service) fn every(
    log: &dyn AuditLog,
    each: &mut dyn FnMut(&RunSummary) -> Result<()>,
) -> Result<()> {
    let mut before = u64::MAX;
    loop {
        let rows = log.page(Page::Runs {
            before,
            limit: STEP,
        })?;
        for (seq, row) in &rows {
            before = *seq;
            let run = serde_json::from_slice(row)
                .map_err(|e| Error::new(Kind::Ledger, format!("the list of runs: {e}")))?;
            each(&run)?;
        }
        if rows.len() < STEP {
            return Ok(());
        }
    }
}

/// The summary of one run.
///
/// # Errors
/// The ledger cannot be read.
pub fn summary(workspace: &Workspace, run: &str) -> Result<Option<RunSummary>> {
    Ok(workspace
        .log()?
        .one(Key::Run(run))?
        .and_then(|bytes| serde_json::from_slice(&bytes).ok()))
}

/// One run that must be there.
///
/// # Errors
/// There is none of that name, or the ledger cannot be read.
pub fn known(workspace: &Workspace, run: &str) -> Result<RunSummary> {
    summary(workspace, run)?.ok_or_else(|| {
        Error::new(
            Kind::NotFound,
            format!("there is no run {}", crate::text::hidden::visible_line(run)),
        )
        .fix("list them with `echovoice queue list` or `echovoice audit list`")
    })
}

/// Runs with which something is still to be done, most urgent first.
///
/// # Errors
/// The ledger cannot be read.
pub fn open(workspace: &Workspace, list: RunList, limit: usize) -> Result<Vec<RunSummary>> {
    open_after(workspace, list, None, limit)
}

/// Those that follow a run which is on the list.
///
/// # Errors
/// The ledger cannot be read.
pub fn open_after(
    workspace: &Workspace,
    list: RunList,
    last: Option<&RunSummary>,
    limit: usize,
) -> Result<Vec<RunSummary>> {
    let place = last.and_then(RunSummary::place);
    let page = Page::Open {
        list,
        after: place.as_ref().map(|(place, seq)| (place.as_str(), *seq)),
        limit,
    };
    summaries(workspace, page)
}

/// Each run of a list, most urgent first, so many read at once, as long as `each` wants more.
///
/// # Errors
/// The ledger cannot be read; or what `each` returns.
pub(in crate::service) fn each_open(
    workspace: &Workspace,
    list: RunList,
    at_once: usize,
    each: &mut dyn FnMut(RunSummary) -> Result<bool>,
) -> Result<()> {
    let mut last: Option<RunSummary> = None;
    loop {
        let page = open_after(workspace, list, last.as_ref(), at_once)?;
        let whole = page.len() == at_once;
        last = page.last().cloned();
        for summary in page {
            if !each(summary)? {
                return Ok(());
            }
        }
        if !whole {
            return Ok(());
        }
    }
}

/// How many runs a list holds.
///
/// # Errors
/// The ledger cannot be read.
pub fn count_open(workspace: &Workspace, list: RunList) -> Result<usize> {
    let mut count = 0;
    each_open(workspace, list, STEP, &mut |_| {
        count += 1;
        Ok(true)
    })?;
    Ok(count)
}

/// Every run there is.
///
/// # Errors
/// The ledger cannot be read.
pub fn count_all(workspace: &Workspace) -> Result<usize> {
    let log = workspace.log()?;
    // A store that counts its rows is not walked through.
    if let Some(counts) = log.counts()? {
        return Ok(usize::try_from(counts.runs).unwrap_or(usize::MAX));
    }
    let (mut count, mut before) = (0, u64::MAX);
    loop {
        let rows = log.page(Page::Runs {
            before,
            limit: STEP,
        })?;
        count += rows.len();
        match rows.last() {
            Some((seq, _)) if rows.len() == STEP => before = *seq,
            _ => return Ok(count),
        }
    }
}

/// Runs that a filter lets through, of all there are on the list (`None`: all runs, newest first), and how many more.
///
/// # Errors
/// The ledger cannot be read.
pub fn find(
    workspace: &Workspace,
    list: Option<RunList>,
    (filter, titles): (&RunFilter, &Titles),
    limit: usize,
) -> Result<(Vec<RunSummary>, usize)> {
    let (mut found, mut more) = (Vec::new(), 0);
    let mut take = |run: &RunSummary| {
        if !filter.matches(run, titles) {
            return;
        }
        if found.len() < limit {
            found.push(run.clone());
        } else {
            more += 1;
        }
    };
    match list {
        Some(list) => each_open(workspace, list, STEP, &mut |run| {
            take(&run);
            Ok(true)
        })?,
        None => every(workspace.log()?.as_ref(), &mut |run| {
            take(run);
            Ok(())
        })?,
    }
    Ok((found, more))
}

/// Titles of the rules of the packs in force, by their ids.
pub fn titles(workspace: &Workspace) -> Titles {
    let rules = workspace.packs.iter().flat_map(|pack| &pack.rules);
    let titled = rules.filter(|rule| !rule.title.is_empty());
    titled
        .map(|rule| (rule.id.clone(), rule.title.clone()))
        .collect()
}

/// Counts over a page of runs, for the queue's right pane.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Today {
    pub approved: usize,
    pub rejected: usize,
    pub overridden: usize,
    pub waiting: usize,
    /// Approved, and held with a reason on record.
    pub held: usize,
    /// Rules that blocked most, with how often.
    pub rules: Vec<(String, u64)>,
}

/// Sums up runs.
pub fn today(runs: &[RunSummary]) -> Today {
    let mut today = Today::default();
    for run in runs.iter().filter(|run| run.state != ReviewState::Tested) {
        match run.state {
            ReviewState::Approved | ReviewState::Delivered => today.approved += 1,
            ReviewState::Rejected => today.rejected += 1,
            state if state.is_open() => today.waiting += 1,
            _ => {}
        }
        today.held += usize::from(run.state == ReviewState::Approved && !run.held.is_empty());
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
