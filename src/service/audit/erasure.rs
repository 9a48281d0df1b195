//! A customer's data: erase it, say until when it must stay, or hold it for the law. What was decided stays on record.

use crate::deliver::FileTransport;
use crate::domain::decision::{DecisionKind, ReviewState};
use crate::domain::person::Action;
use crate::domain::review::Act;
use crate::error::{Error, Kind, Result};
use crate::ledger::checkpoint::sign_note;
use crate::ledger::erasure::Word as CustodyWord;
use crate::ledger::log::Key;
use crate::ledger::payload::{CustodyPayload, Payload};
use crate::ledger::{EntryKind, Ledger, NewEntry};
use crate::service::audit::archive;
use crate::service::audit::data_rights::standing;
use crate::service::audit::reason::reason_on_record;
use crate::service::delivery::carriers::OUTBOX;
use crate::service::home::workspace::{Workspace, now};
use crate::service::optout::Contacts;
use crate::service::review::decide::{self, DecisionWord};
use crate::service::review::queue::{self, RunList, RunSummary};
use crate::service::review::{self, ReviewStep};
use chrono::NaiveDate;
use std::collections::BTreeSet;

/// Runs read at once.
const STEP: usize = 500;

/// What was done.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Done {
    pub subject: String,
    pub seq: u64,
    /// Delivered messages that were taken out of the outbox.
    pub files: usize,
    /// Runs that waited, or were approved and not sent, and are rejected now.
    pub ended: usize,
}

/// What is asked.
#[derive(Clone, Copy, Debug)]
pub enum Ask<'a> {
    /// Destroy the customer's key now.
    Erase,
    /// The data must stay until this day, for the reason given.
    Defer(&'a str),
    Hold,
    Lift,
}

/// Does what is asked about a customer, named by their own id, by pseudonym, address or number.
///
/// # Errors
/// Not allowed, unknown, held, erased already, or the ledger refused.
pub fn about(workspace: &Workspace, customer: &str, ask: Ask<'_>, reason: &str) -> Result<Done> {
    workspace.allow(Action::ManageData)?;
    let key = workspace.signing_key()?;
    let ledger = workspace.ledger()?;
    let reason = reason_on_record(workspace, reason)?;
    let until = match ask {
        Ask::Defer(day) => {
            NaiveDate::parse_from_str(day, "%Y-%m-%d").map_err(|_| {
                Error::new(Kind::Input, "--defer-until is not a day").fix("write it as 2028-12-31")
            })?;
            Some(day)
        }
        _ => None,
    };
    let subject = subject_of(workspace, customer)?;
    let kind = match ask {
        Ask::Erase => EntryKind::ErasureExecuted,
        Ask::Defer(_) => EntryKind::ErasureDeferred,
        Ask::Hold => EntryKind::HoldSet,
        Ask::Lift => EntryKind::HoldLifted,
    };
    standing(ledger.log().as_ref(), &subject)?
        .follows(kind, &subject)
        .map_err(|why| Error::of(Kind::NotAllowed, why))?;
    let person = &workspace.person;
    let time = now();
    let word = CustodyWord {
        kind,
        subject: &subject,
        until,
        reason: &reason,
    };
    let said = CustodyPayload {
        subject: Some(subject.clone()),
        until: until.map(str::to_owned),
        reason: Some(reason.clone()),
        note: Some(sign_note(&word.note(&time), &person.name, &key)),
        ..CustodyPayload::default()
    };
    let said = match ask {
        Ask::Erase => Payload::ErasureExecuted(said),
        Ask::Defer(_) => Payload::ErasureDeferred(said),
        Ask::Hold => Payload::HoldSet(said),
        Ask::Lift => Payload::HoldLifted(said),
    };
    let id = format!("data/{}/{subject}/{time}", kind.as_str());
    let entry = NewEntry::new(id, said, &person.name, person.role, &time);
    let (pending, files) = match ask {
        Ask::Erase => {
            // Words in the open go first: should the ledger refuse, the erasure can be asked for again.
            if let Some(id) = ledger.customer_of(&subject)? {
                workspace.transient.forget(&id)?;
            }
            let files = forget_messages(workspace, ledger, std::slice::from_ref(&subject))?;
            archive::forget(workspace)?;
            (ledger.erase(vec![subject.clone()], vec![entry]), files)
        }
        _ => (ledger.append(vec![entry]), 0),
    };
    let receipts = pending.wait()?;
    if matches!(ask, Ask::Erase) {
        // Once more: another process may have filed them meanwhile.
        archive::forget(workspace)?;
    }
    let ended = match ask {
        Ask::Erase => end_open_runs(workspace, std::slice::from_ref(&subject)),
        _ => 0,
    };
    Ok(Done {
        subject,
        ended,
        seq: receipts.first().map_or(0, |receipt| receipt.seq),
        files,
    })
}

/// Who is meant by an id, a pseudonym, an address or a number.
fn subject_of(workspace: &Workspace, customer: &str) -> Result<String> {
    let ledger = workspace.ledger()?;
    if ledger.log().one(Key::Pseudonym(customer))?.is_some() {
        return Ok(customer.to_owned());
    }
    let mut meant: BTreeSet<String> = ledger.pseudonym(customer)?.into_iter().collect();
    let contacts = Contacts::named(customer);
    if !contacts.is_empty() {
        meant.extend(archive::customers_with(workspace, &contacts)?);
    }
    match (meant.len(), meant.pop_first()) {
        (1, Some(one)) => Ok(one),
        (_, Some(first)) => {
            let all: Vec<String> = std::iter::once(first).chain(meant).collect();
            Err(Error::new(
                Kind::Input,
                format!("{} customers have it: {}", all.len(), all.join(", ")),
            )
            .fix("look at their runs with `audit list customer:PSEUDONYM`, and name each by its pseudonym"))
        }
        (_, None) => Err(Error::new(Kind::NotFound, "the ledger knows no such customer").fix(
            "give the id of the profile, its address or number, or the pseudonym that `audit show` prints",
        )),
    }
}

/// Takes what was delivered to a customer out of the outbox.
pub(in crate::service) fn forget_messages(
    workspace: &Workspace,
    ledger: &Ledger,
    subjects: &[String],
) -> Result<usize> {
    let carrier = FileTransport::new(&workspace.home.join(OUTBOX));
    let mut files = 0;
    queue::every(ledger.log().as_ref(), &mut |run| {
        if subjects.contains(&run.subject) {
            files += carrier
                .forget(&run.run)
                .map_err(|e| Error::of(Kind::Io, e))?;
        }
        Ok(())
    })?;
    Ok(files)
}

/// Why the runs of an erased customer end.
const ENDED: &str = "the customer's data was erased: nobody can read this message any more";

/// Rejects what still waits for a person, or for its hour, of customers who were erased; how many runs that were comes
/// back. The erasure is on record: nothing that fails from here on takes its answer away, and a run that cannot be ended
/// so, as a hand-over of it may be under way, is left as it is.
pub(in crate::service) fn end_open_runs(workspace: &Workspace, subjects: &[String]) -> usize {
    let mut open = Vec::new();
    for list in [RunList::Waiting, RunList::Approved] {
        // What was found before the record could not be read on is ended all the same.
        let _ = queue::each_open(workspace, list, STEP, &mut |run| {
            if subjects.contains(&run.subject) {
                open.push(run);
            }
            Ok(true)
        });
    }
    let ended = open.iter().filter(|run| end(workspace, run).is_ok());
    ended.count()
}

/// Takes back what stands in the way of a rejection, then rejects.
fn end(workspace: &Workspace, run: &RunSummary) -> Result<()> {
    let id = run.run.as_str();
    let first = |act| {
        let said = ReviewStep {
            act,
            to: None,
            reason: ENDED,
        };
        review::act(workspace, id, said)
    };
    if run.state == ReviewState::Approved {
        first(Act::Withdraw)?;
    } else if !run.claimed.is_empty() && run.claimed != workspace.person.name {
        first(Act::Release)?;
    }
    let word = DecisionWord {
        run: id,
        // Where none won, any of them stands for the run.
        variant: &run.winner,
        kind: DecisionKind::Reject,
        reason: ENDED,
        code: None,
        seen: None,
    };
    decide::decide(workspace, &word).map(drop)
}
