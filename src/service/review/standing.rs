//! Whether the documents that a message rests on still stand as they were when they were cited.

use crate::domain::citation::{Citation, Retrieved};
use crate::domain::review::Act;
use crate::domain::run::Run;
use crate::domain::variant::{Source, Variant};
use crate::error::{Error, Kind, Result};
use crate::knowledge::KnowledgeBase;
use crate::ledger::log::Key;
use crate::service::audit::Entry;
use crate::service::home::workspace::Workspace;
use crate::service::review::{self, ReviewStep};
use chrono::NaiveDate;
use serde::Serialize;

/// A cited passage that is no longer as it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Moved {
    pub id: String,
    pub title: String,
    /// What became of it: `expired on 2026-01-31`.
    pub how: String,
}

impl Moved {
    /// In one line.
    pub fn said(&self) -> String {
        let title = if self.title.is_empty() {
            &self.id
        } else {
            &self.title
        };
        format!("“{title}” ({}) {}", self.id, self.how)
    }
}

/// What became of cited passages in a knowledge base, on a day.
///
/// # Errors
/// The knowledge base cannot be read.
pub fn moved<'c>(
    base: &KnowledgeBase,
    citations: impl Iterator<Item = &'c Citation>,
    day: NaiveDate,
) -> Result<Vec<Moved>> {
    let failed = |e: crate::knowledge::KnowledgeError| Error::of(Kind::Io, e);
    let mut all = Vec::new();
    for cited in citations {
        let now = base.by_id(&cited.id).map_err(failed)?;
        let ended = |end: &Option<String>| {
            let end = NaiveDate::parse_from_str(end.as_deref()?, "%Y-%m-%d").ok()?;
            (end < day).then_some(end)
        };
        let how = match &now {
            None => Some("is no longer in the knowledge base".to_owned()),
            Some(now) if now.text != cited.redacted_text => {
                Some("reads otherwise than when it was cited".to_owned())
            }
            Some(now) => match (ended(&now.valid_to), base.superseded_by(&now.doc, day)) {
                (Some(end), _) => Some(format!("expired on {end}")),
                (None, Some(by)) => Some(format!("was superseded by {by}")),
                (None, None) if now.trust <= cited.trust => None,
                (None, None) => Some(format!("is now an {} source", now.trust.as_str())),
            },
        };
        if let Some(how) = how {
            all.push(Moved {
                id: cited.id.clone(),
                title: cited.title.clone(),
                how,
            });
        }
    }
    Ok(all)
}

/// What was found in the firm's own knowledge base: of a search service nothing is known here.
fn from_here(retrieved: &Retrieved) -> &[Citation] {
    match retrieved.service {
        None => &retrieved.citations,
        Some(_) => &[],
    }
}

/// What a variant cites.
fn cited<'r>(run: &'r Run, variant: &'r Variant) -> impl Iterator<Item = &'r Citation> {
    let found = run.retrieved.iter().flat_map(from_here);
    found.filter(move |citation| {
        variant
            .sentences
            .iter()
            .any(|s| matches!(&s.source, Source::Citation { id } if *id == citation.id))
    })
}

/// Why a message that is approved does not go out now.
pub(in crate::service) enum NotNow {
    Because(String),
    /// A source changed since it was cited; the approval may be sent back.
    SourceChanged(String),
}

impl NotNow {
    /// In words.
    pub fn reason(self) -> String {
        match self {
            Self::Because(reason) | Self::SourceChanged(reason) => reason,
        }
    }
}

impl<T: Into<String>> From<T> for NotNow {
    fn from(reason: T) -> Self {
        Self::Because(reason.into())
    }
}

/// Why an approved message waits, where a pack asks that its sources stand: one of them changed since it was cited.
///
/// # Errors
/// The knowledge base cannot be read.
pub(in crate::service) fn why_held(
    workspace: &Workspace,
    run: &Run,
    variant: &Variant,
    day: NaiveDate,
) -> Result<Option<NotNow>> {
    if !workspace.review.sources_stand.unwrap_or(false) {
        return Ok(None);
    }
    let Some(base) = &workspace.knowledge else {
        return Ok(Some(
            "a pack asks that its sources stand as they were cited, and the knowledge base is not open".into(),
        ));
    };
    let moved = moved(base, cited(run, variant), day)?;
    Ok(moved.first().map(|first| {
        NotNow::SourceChanged(format!(
            "a source changed since it was cited: {}",
            first.said()
        ))
    }))
}

/// Sends an approval whose source changed back to review, where who acts may do that; otherwise it waits for somebody
/// who takes the decision back. Any other reason is handed on as it is.
pub(in crate::service) fn sent_back(workspace: &Workspace, run: &Run, why: NotNow) -> String {
    let reason = match why {
        NotNow::SourceChanged(reason) => reason,
        NotNow::Because(reason) => return reason,
    };
    let said = ReviewStep {
        act: Act::Reopen,
        to: None,
        reason: &reason,
    };
    match review::act(workspace, &run.id, said) {
        Ok(_) => format!(
            "{reason}; the run waits for a review again: have it retrieve anew, or reject it"
        ),
        // Not sent either way: who may not send it back is told what to do.
        Err(_) => format!(
            "{reason}; take the decision back with `echovoice queue withdraw {}`",
            run.id
        ),
    }
}

/// What became of the passages that a run cites, by its entries: for the record, without the customer's data.
///
/// # Errors
/// The ledger or the knowledge base cannot be read.
pub fn of_entries(
    record: &Workspace,
    base: &KnowledgeBase,
    entries: &[Entry],
    day: NaiveDate,
) -> Result<Vec<Moved>> {
    let newest = entries
        .iter()
        .rev()
        .find_map(|entry| entry.blobs.get("retrieved"));
    let Some(digest) = newest else {
        return Ok(Vec::new());
    };
    let bytes = record.log()?.one(Key::Blob(digest))?;
    let retrieved: Retrieved = bytes
        .and_then(|bytes| serde_json::from_slice(&bytes).ok())
        .unwrap_or_default();
    moved(base, from_here(&retrieved).iter(), day)
}

/// As [`of_entries`], of a run that is loaded: what it cites.
pub fn of_run(workspace: &Workspace, run: &Run) -> Vec<Moved> {
    let now = workspace.as_of().date_naive();
    let (Some(base), Some(retrieved)) = (&workspace.knowledge, &run.retrieved) else {
        return Vec::new();
    };
    // Whoever looks at the run is told where the knowledge base cannot be read.
    moved(base, from_here(retrieved).iter(), now).unwrap_or_default()
}
