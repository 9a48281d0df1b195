//! How well reviewers review, from the open record alone: what they decided, how they did in planted tests, how long an item
//! took, how far they agree, and which rules they go against.

mod figures;
mod tally;

use crate::error::Result;
use crate::ledger::evidence::Span;
use crate::service::audit::entries;
use crate::service::home::workspace::Workspace;
use serde::Serialize;
use tally::ReviewTally;

pub use figures::{ItemTimes, Proportion};

/// Entries read at once.
const STEP: u64 = 500;

/// Newest entries that the desk counts: all of a large record would keep its reader waiting.
pub const NEWEST: u64 = 20_000;

/// Longest time for one item, in minutes; whoever took longer may have been away.
pub const SESSION: i64 = 30;

/// How a time is measured: there is no entry for the opening of an item.
pub const HOW_TIMED: &str = "Time per item: from the later of two facts on record (the run came to wait; the reviewer's own act before) to \
                             the decision. Over 30 minutes may be absence: not measured. Decided together with others: not measured.";

/// What reviewers did in planted tests. Of several decisions of one reviewer about one test the last
/// counts, or the one that released it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct TestScore {
    pub seen: u64,
    pub caught: u64,
    pub missed: u64,
    pub passed: u64,
    pub false_alarms: u64,
    /// Another text of the run was decided.
    pub other_text: u64,
}

/// One reviewer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReviewerQuality {
    pub name: String,
    /// Without planted tests.
    pub decisions: u64,
    pub approvals: u64,
    pub rejections: u64,
    pub overrides: u64,
    pub changes_requested: u64,
    pub tests: TestScore,
    /// Violations that were caught, of those that were decided.
    pub caught: Option<Proportion>,
    /// Clean texts that were held up, of those that were decided.
    pub false_alarms: Option<Proportion>,
    pub time: Option<ItemTimes>,
    /// Decisions whose time is not measured.
    pub not_timed: u64,
    /// Rules that the reviewer went against.
    pub rules: Vec<RuleAgainst>,
}

/// How often a rule's findings were overridden, and called a false alarm.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RuleAgainst {
    pub rule: String,
    pub overridden: u64,
    pub dismissed: u64,
}

/// How far reviewers agree.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ReviewerAgreement {
    /// Second persons who signed what the first had signed. They saw who signed, and why.
    pub second_persons: Option<Proportion>,
    /// Pairs of reviewers who decided the same planted message alike, neither knowing of the other.
    pub tests: Option<Proportion>,
    /// The same without what chance gives (pooled over pairs), in hundredths of a per cent; none of few pairs.
    pub kappa_bp: Option<i32>,
}

/// How well reviewers review.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ReviewQuality {
    /// Who sees others' figures; everybody else sees their own alone.
    pub of_all: bool,
    /// Entries that were not looked at, since they are older than those that were.
    pub older: u64,
    pub reviewers: Vec<ReviewerQuality>,
    pub agreement: ReviewerAgreement,
    pub how_timed: &'static str,
}

/// Over the decisions of a time; `newest`: of so many entries alone.
///
/// # Errors
/// The ledger cannot be read.
pub(in crate::service) fn within(
    workspace: &Workspace,
    span: &Span,
    newest: Option<u64>,
) -> Result<ReviewQuality> {
    let size = workspace.log()?.head()?.size;
    let first = newest.map_or(0, |newest| size.saturating_sub(newest));
    let mut gathered = ReviewTally::default();
    let mut from = first;
    while from < size {
        let before = (from + STEP).min(size);
        let limit = usize::try_from(before - from).unwrap_or(usize::MAX);
        for entry in entries(workspace, before, limit)?.iter().rev() {
            gathered.take(entry);
        }
        from = before;
    }
    let mut all = gathered.sum_up(|time| span.holds(time));
    all.older = first;
    all.of_all = workspace.person.role.sees_others_reviews();
    if !all.of_all {
        all.reviewers
            .retain(|one| one.name == workspace.person.name);
    }
    Ok(all)
}

/// Over the newest entries, for the desk.
///
/// # Errors
/// The ledger cannot be read.
pub fn of_newest(workspace: &Workspace) -> Result<ReviewQuality> {
    within(workspace, &Span::default(), Some(NEWEST))
}
