//! What becomes of a run beside its decisions: claimed, commented, escalated, withdrawn, recalled, lapsed. Who may, and
//! what is signed.

use super::checkpoint::open_note;
use super::entry::{Entry, EntryKind};
use super::roster::Roster;
use super::summary::RunSummary;
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
    match entry.kind {
        EntryKind::Assigned => [Act::Claim, Act::Release, Act::Assign, Act::Escalate]
            .into_iter()
            .find(|act| entry.text("how") == Some(act.as_str())),
        EntryKind::Comment => Some(Act::Comment),
        EntryKind::Withdrawn => Some(Act::Withdraw),
        EntryKind::Recall => Some(Act::Recall),
        EntryKind::Expired => Some(Act::Expire),
        EntryKind::Reopened => Some(Act::Reopen),
        _ => None,
    }
}

/// The kind of entry that records an act.
pub fn kind_of(act: Act) -> EntryKind {
    match act {
        Act::Claim | Act::Release | Act::Assign | Act::Escalate => EntryKind::Assigned,
        Act::Comment => EntryKind::Comment,
        Act::Withdraw => EntryKind::Withdrawn,
        Act::Recall => EntryKind::Recall,
        Act::Expire => EntryKind::Expired,
        Act::Reopen => EntryKind::Reopened,
    }
}

/// Whether a person may do it to this run now.
///
/// # Errors
/// A sentence to show.
pub fn may(run: &RunSummary, act: Act, person: &str, role: Role) -> Result<(), String> {
    let action = match act {
        Act::Comment => Action::Comment,
        Act::Assign => Action::Assign,
        Act::Expire if run.begun.is_empty() => return run.state.act(act).map(drop),
        Act::Reopen => Action::Reopen,
        _ => Action::Decide,
    };
    role.may(action)?;
    run.state.act(act)?;
    let principal = role == Role::Principal;
    match act {
        Act::Claim if run.claimed == person => Err("you have claimed this run already".into()),
        Act::Claim => run.is_free_for(person, role),
        Act::Release if run.claimed.is_empty() => Err("nobody has claimed this run".into()),
        Act::Release if run.claimed != person && !principal => Err(format!(
            "{} has claimed this run; only they or a principal can release it",
            run.claimed
        )),
        Act::Escalate if run.escalated => Err("this run was escalated already".into()),
        Act::Withdraw | Act::Expire if !run.begun.is_empty() => Err(
            "the message may have been handed over already; settle that first: `echovoice deliver --settle`".into(),
        ),
        Act::Withdraw if run.decided_by != person && !principal => Err(format!(
            "{} decided this run; only they or a principal can withdraw it",
            run.decided_by
        )),
        _ => Ok(()),
    }
}

/// Checks an entry of this family against what went before; the number of signatures checked comes back.
///
/// # Errors
/// The entry breaks a rule: a sentence for the verifier's report.
pub fn check(entry: &Entry, people: &Roster, run: &RunSummary) -> Result<u64, String> {
    let act = act_of(entry).ok_or("an unknown act")?;
    if act == Act::Expire {
        if entry.role != Role::System {
            return Err("an approval lapses by time, not by a person".into());
        }
        if run.expires.is_empty() || is_before(&entry.time, &run.expires) {
            return Err("an approval was called lapsed before its time".into());
        }
        return may(run, act, &entry.actor, entry.role).map(|()| 0);
    }
    let by = people.acting(entry)?;
    may(run, act, &entry.actor, by.role)?;
    let word = Word {
        act,
        run: &run.run,
        to: entry.text("to"),
        reason: entry.text("reason").unwrap_or_default(),
    };
    let note = entry.text("note").ok_or("it has no signed note")?;
    if open_note(note, &by.key)? != word.note(&entry.time) {
        return Err("the signed note says something else than the entry".into());
    }
    Ok(1)
}

/// Whether one time lies before another; false if either is none.
pub fn is_before(a: &str, b: &str) -> bool {
    let read = |text| DateTime::parse_from_rfc3339(text).ok();
    read(a).zip(read(b)).is_some_and(|(a, b)| a < b)
}
