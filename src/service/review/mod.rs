//! What becomes of a run beside its decision: claim, release, assign, escalate, comment, withdraw, recall, re-review.

pub mod brief;
pub mod customer;
pub mod days;
pub mod decide;
pub mod filter;
pub mod history;
pub mod queue;
pub(in crate::service) mod recent;
pub mod rendering;
pub mod run_filter;
pub mod standing;

use crate::deliver::FileTransport;
use crate::domain::decision::ReviewState;
use crate::domain::person::{Action, Person, Role};
use crate::domain::review::{Act, MOST_REASON, one_line};
use crate::error::{Error, Kind, Result};
use crate::ledger::NewEntry;
use crate::ledger::act;
use crate::ledger::checkpoint::sign_note;
use crate::ledger::entry::Entry;
use crate::ledger::log::Page;
use crate::ledger::payload::ActPayload;
use crate::ledger::payload::coded::Coded;
use crate::ledger::review::Word;
use crate::ledger::summary::RunSummary;
use crate::service::check::personal;
use crate::service::delivery::carriers::OUTBOX;
use crate::service::home::workspace::{Workspace, now};
use crate::service::users::people;
use serde::Serialize;

pub use crate::ledger::review::may;

/// What a person does to a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReviewStep<'s> {
    pub act: Act,
    /// Whom the run is given to.
    pub to: Option<&'s str>,
    pub reason: &'s str,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Done {
    pub run: String,
    pub seq: u64,
    pub state: ReviewState,
    /// Of a recall: messages that were still in the outbox, and were taken out.
    pub stopped: usize,
}

/// A comment on a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Comment {
    pub time: String,
    pub by: String,
    pub text: String,
}

/// Does something to a run, signed by the acting person.
///
/// # Errors
/// Not allowed, not possible in this state, or the ledger refused.
pub fn act(workspace: &Workspace, id: &str, said: ReviewStep<'_>) -> Result<Done> {
    // Nothing leaves the outbox unless it can be recorded.
    workspace.ledger()?;
    let summary = queue::known(workspace, id)?;
    let person = &workspace.person;
    may(&summary, said.act, &person.name, person.role)
        .map_err(|why| Error::of(Kind::NotAllowed, why))?;
    let reason = reason_of(workspace, id, said)?;
    let to = match said.act {
        Act::Assign => Some(receiver(workspace, said.to)?),
        _ => None,
    };
    let key = workspace.signing_key()?;
    let stopped = match said.act {
        // First out of the outbox: should the ledger refuse, nothing worse has happened than a message not sent.
        Act::Recall => FileTransport::new(&workspace.home.join(OUTBOX))
            .forget(id)
            .map_err(|e| Error::of(Kind::Io, e))?,
        _ => 0,
    };
    let time = now();
    let word = Word {
        act: said.act,
        run: id,
        to: to.as_deref(),
        reason: &reason,
    };
    let recalls = said.act == Act::Recall;
    let payload = ActPayload {
        note: Some(sign_note(&word.note(&time), &person.name, &key)),
        reason: (!reason.is_empty()).then(|| reason.clone()),
        to: to.clone(),
        stopped: recalls.then_some(stopped as u64),
        artifact: recalls.then(|| Coded::written(&summary.artifact)),
        ..ActPayload::default()
    };
    let by = (person.name.as_str(), person.role);
    let entry = entry(&summary, (said.act, payload), by, &time);
    let seq = workspace.write(entry)?;
    let state = queue::known(workspace, id)?.state;
    Ok(Done {
        run: id.to_owned(),
        seq,
        state,
        stopped,
    })
}

/// Records that an approval was not used in time: the run waits for a review again.
///
/// # Errors
/// The ledger refused.
pub(super) fn expire(workspace: &Workspace, summary: &RunSummary) -> Result<()> {
    let lapsed = (Act::Expire, ActPayload::default());
    let entry = entry(summary, lapsed, ("system", Role::System), &now());
    workspace.write(entry).map(drop)
}

fn entry(
    summary: &RunSummary,
    (act, said): (Act, ActPayload),
    (name, role): (&str, Role),
    time: &str,
) -> NewEntry {
    let id = format!("{}/{act}/{}/{name}", summary.run, summary.last);
    let said = act::payload_of(act, said);
    let mut entry = NewEntry::new(id, said, name, role, time).run(&summary.run);
    // A comment harms nobody who acted meanwhile.
    entry.unchanged_since = (act != Act::Comment).then_some(summary.last);
    entry
}

/// The reason in one line, long enough and without personal data.
fn reason_of(workspace: &Workspace, run: &str, said: ReviewStep<'_>) -> Result<String> {
    let reason = one_line(said.reason);
    let (length, least) = (reason.chars().count(), said.act.least_reason());
    if length < least || length > MOST_REASON {
        return Err(Error::new(
            Kind::Input,
            format!(
                "{} needs {least} to {MOST_REASON} characters of reason; it has {length}",
                said.act
            ),
        ));
    }
    if !reason.is_empty() {
        let profile = history::load(workspace, run).ok().map(|run| run.profile);
        personal::none_in("reason", &reason, &workspace.allow, profile.as_ref())?;
    }
    Ok(reason)
}

/// Everybody who may decide, to give a run to.
///
/// # Errors
/// The ledger cannot be read.
pub fn colleagues(workspace: &Workspace) -> Result<Vec<String>> {
    let roster = people::list(workspace.log()?.as_ref())?;
    let fit = |p: &Person| p.active && p.role.may(Action::Decide).is_ok();
    Ok(roster.into_iter().filter(fit).map(|p| p.name).collect())
}

/// Somebody who may decide.
fn receiver(workspace: &Workspace, name: Option<&str>) -> Result<String> {
    let name = name.unwrap_or_default();
    let known = colleagues(workspace)?;
    if known.iter().any(|known| known == name) {
        return Ok(name.to_owned());
    }
    Err(Error::new(
        Kind::Input,
        format!(
            "a run cannot be given to {}",
            crate::text::hidden::visible_line(name)
        ),
    )
    .fix(format!("name one of: {}", known.join(", "))))
}

/// What was said about a run, oldest first.
///
/// # Errors
/// The ledger cannot be read.
pub fn comments(workspace: &Workspace, run: &str) -> Result<Vec<Comment>> {
    let rows = workspace.log()?.page(Page::OfRun { run })?;
    Ok(rows
        .iter()
        .filter_map(|(_, bytes)| Entry::from_bytes(bytes).ok())
        .filter(|entry| act::act_of(entry).is_some())
        .filter_map(|entry| {
            let reason = entry.payload().act()?.reason.clone();
            Some(Comment {
                text: reason?,
                time: entry.time,
                by: entry.actor,
            })
        })
        .collect())
}
