//! What becomes of a run beside its decisions: claimed, commented, escalated, withdrawn, recalled, lapsed. Who may, and
//! what is signed.

use super::entry::{Entry, EntryKind};
use super::payload::{ActPayload, Payload};
use super::roster::Roster;
use super::rules::{Refusal, RunRefusal};
use super::summary::RunSummary;
use crate::domain::decision::StateRefusal;
use crate::domain::person::RoleRefusal;
use crate::domain::person::{Action, Role};
use crate::domain::review::Act;
use chrono::DateTime;

/// A word about a run, as it is signed.
#[derive(Clone, Copy, Debug)]
pub struct Word<'w> {
    pub act: Act,
    pub run: &'w str,
    /// Whom the run is given to.
    pub to: Option<&'w str>,
    pub reason: &'w str,
}

impl Word<'_> {
    /// The text that is signed.
    pub fn note(&self, time: &str) -> String {
        format!(
            "echovoice/review/v1\naction {}\nrun {}\nto {}\nreason {}\ntime {time}\n",
            self.act,
            self.run,
            self.to.unwrap_or("none"),
            self.reason
        )
    }
}

/// The act that an entry records; `None` for an entry of another kind, or of no known act.
pub fn act_of(entry: &Entry) -> Option<Act> {
    match entry.kind() {
        EntryKind::Assigned => {
            let how = entry.payload().act()?.how.as_ref()?.known()?;
            let takes = [Act::Claim, Act::Release, Act::Assign, Act::Escalate];
            takes.contains(&how).then_some(how)
        }
        EntryKind::Comment => Some(Act::Comment),
        EntryKind::Withdrawn => Some(Act::Withdraw),
        EntryKind::Recall => Some(Act::Recall),
        EntryKind::Expired => Some(Act::Expire),
        EntryKind::Reopened => Some(Act::Reopen),
        _ => None,
    }
}

/// What the entry says that records an act.
pub fn payload_of(act: Act, said: ActPayload) -> Payload {
    match act {
        Act::Claim | Act::Release | Act::Assign | Act::Escalate => {
            let how = Some(act.into());
            Payload::Assigned(ActPayload { how, ..said })
        }
        Act::Comment => Payload::Comment(said),
        Act::Withdraw => Payload::Withdrawn(said),
        Act::Recall => Payload::Recall(said),
        Act::Expire => Payload::Expired(said),
        Act::Reopen => Payload::Reopened(said),
    }
}

/// A person may not do it to a run: by their role, by its state, or by what others did.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReviewRefusal {
    #[error(transparent)]
    Role(#[from] RoleRefusal),
    #[error(transparent)]
    State(#[from] StateRefusal),
    #[error("you have claimed this run already")]
    ClaimedAlready,
    #[error("nobody has claimed this run")]
    NotClaimed,
    #[error("{0} has claimed this run; they can release it, or a principal can")]
    ClaimedBy(String),
    #[error("{0} has claimed this run; only they or a principal can release it")]
    OnlyTheyRelease(String),
    #[error("this run was escalated already")]
    EscalatedAlready,
    #[error("this run was escalated; a principal decides it")]
    Escalated,
    #[error(
        "the message may have been handed over already; settle that first: `echovoice deliver --settle`"
    )]
    HandedOver,
    #[error("{0} decided this run; only they or a principal can withdraw it")]
    OnlyTheyWithdraw(String),
    #[error("{0} changed these words and may not approve them; a colleague must")]
    OwnWords(String),
    #[error("this needs a second person; {0} signed first")]
    SamePerson(String),
    #[error("what waits for a second person is variant {0}")]
    OtherVariant(String),
    #[error("an approval lapses by time, not by a person")]
    LapsedByPerson,
    #[error("an approval was called lapsed before its time")]
    LapsedTooEarly,
}

/// Whether a person may do it to this run now.
///
/// # Errors
/// They may not.
pub fn may(run: &RunSummary, act: Act, person: &str, role: Role) -> Result<(), ReviewRefusal> {
    let action = match act {
        Act::Comment => Action::Comment,
        Act::Assign => Action::Assign,
        Act::Expire if run.begun.is_empty() => {
            run.state.act(act)?;
            return Ok(());
        }
        Act::Reopen => Action::Reopen,
        _ => Action::Decide,
    };
    role.may(action)?;
    run.state.act(act)?;
    let principal = role == Role::Principal;
    match act {
        Act::Claim if run.claimed == person => Err(ReviewRefusal::ClaimedAlready),
        Act::Claim => run.is_free_for(person, role),
        Act::Release if run.claimed.is_empty() => Err(ReviewRefusal::NotClaimed),
        Act::Release if run.claimed != person && !principal => {
            Err(ReviewRefusal::OnlyTheyRelease(run.claimed.clone()))
        }
        Act::Escalate if run.escalated => Err(ReviewRefusal::EscalatedAlready),
        Act::Withdraw | Act::Expire if !run.begun.is_empty() => Err(ReviewRefusal::HandedOver),
        Act::Withdraw if run.decided_by != person && !principal => {
            Err(ReviewRefusal::OnlyTheyWithdraw(run.decided_by.clone()))
        }
        _ => Ok(()),
    }
}

/// Checks an entry of this family against what went before; the number of signatures checked comes back.
///
/// # Errors
/// The entry breaks a rule.
pub fn check(entry: &Entry, people: &Roster, run: &RunSummary) -> Result<u64, Refusal> {
    let act = act_of(entry).ok_or(RunRefusal::UnknownAct)?;
    if act == Act::Expire {
        if entry.role != Role::System {
            return Err(ReviewRefusal::LapsedByPerson.into());
        }
        if run.expires.is_empty() || is_before(&entry.time, &run.expires) {
            return Err(ReviewRefusal::LapsedTooEarly.into());
        }
        may(run, act, &entry.actor, entry.role)?;
        return Ok(0);
    }
    let by = people.acting(entry)?;
    may(run, act, &entry.actor, by.role)?;
    let said = entry.payload().act().ok_or(RunRefusal::UnknownAct)?;
    let word = Word {
        act,
        run: &run.run,
        to: said.to.as_deref(),
        reason: said.reason.as_deref().unwrap_or_default(),
    };
    entry.is_signed(&by.key, &word.note(&entry.time))?;
    Ok(1)
}

/// Whether one time lies before another; false if either is none.
pub fn is_before(a: &str, b: &str) -> bool {
    let read = |text| DateTime::parse_from_rfc3339(text).ok();
    read(a).zip(read(b)).is_some_and(|(a, b)| a < b)
}
