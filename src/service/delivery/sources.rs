//! Approvals that wait, held against the knowledge base of today.

use crate::domain::digest::Digest;
use crate::error::Result;
use crate::service::home::workspace::Workspace;
use crate::service::review::standing::{self, sent_back};
use crate::service::review::{history, queue};
use chrono::NaiveDate;
use serde::Serialize;
use std::sync::{Mutex, PoisonError};

/// Approvals read at once.
const AT_ONCE: usize = 100;

/// An approval whose source changed, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ChangedApproval {
    pub run: String,
    /// In words: why, and what is to be done.
    pub said: String,
}

/// Which day and which passages approvals were last held against, by this process.
#[derive(Debug, Default)]
pub struct LastLook(Mutex<Option<(NaiveDate, Digest)>>);

impl LastLook {
    /// Whether approvals were looked at that day with these passages.
    fn was(&self, day: NaiveDate, snapshot: Digest) -> bool {
        let last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *last == Some((day, snapshot))
    }

    fn is_now(&self, day: NaiveDate, snapshot: Digest) {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *last = Some((day, snapshot));
    }
}

/// Looks at every approval that waits, where a pack asks that sources stand: once a day, and whenever the knowledge base
/// is another. Those whose source changed go back to review at once, and not only when their time to go out has come.
///
/// # Errors
/// The ledger or the knowledge base cannot be read.
pub fn look_at_approvals(workspace: &Workspace) -> Result<Vec<ChangedApproval>> {
    let mut changed = Vec::new();
    let Some(base) = &workspace.knowledge else {
        return Ok(changed);
    };
    let day = workspace.as_of().date_naive();
    if !workspace.review.sources_stand.unwrap_or(false)
        || workspace.last_look.was(day, base.snapshot())
    {
        return Ok(changed);
    }
    queue::each_open(
        workspace,
        queue::RunList::Approved,
        AT_ONCE,
        &mut |summary| {
            // What has begun to go out is settled, and what cannot be read any more does not go out.
            let run = match history::load(workspace, &summary.run) {
                Ok(run) if summary.begun.is_empty() => run,
                _ => return Ok(true),
            };
            if let Some(variant) = run.variant(&summary.variant)
                && let Some(why) = standing::why_held(workspace, &run, variant, day)?
            {
                changed.push(ChangedApproval {
                    run: run.id.clone(),
                    said: sent_back(workspace, &run, why),
                });
            }
            Ok(true)
        },
    )?;
    workspace.last_look.is_now(day, base.snapshot());
    Ok(changed)
}
