//! What becomes of a run beside its decisions: claimed, commented, escalated, withdrawn, recalled, lapsed. Who may, and
//! what is signed.

use super::act::act_of;
use super::entry::Entry;
use super::roster::Roster;
use super::summary::RunSummary;
use crate::domain::person::{Action, Role};
use crate::domain::review::Act;
use crate::ledger::refusal::{Refusal, ReviewRefusal, RunRefusal};
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
