//! A customer's data: erase it, say until when it must stay, or hold it for the law. What was decided stays on record.

use crate::deliver::FileTransport;
use crate::domain::person::Action;
use crate::domain::review::one_line;
use crate::error::{Error, Kind, Result};
use crate::ledger::checkpoint::sign_note;
use crate::ledger::erasure::{Standing, Word};
use crate::ledger::log::Key;
use crate::ledger::payload::{CustodyPayload, Payload};
use crate::ledger::{AuditLog, EntryKind, Ledger, NewEntry};
use crate::service::audit::archive;
use crate::service::check::personal;
use crate::service::delivery::carriers::OUTBOX;
use crate::service::home::workspace::{Workspace, now};
use crate::service::optout::Contacts;
use crate::service::review::queue;
use chrono::{NaiveDate, Utc};
use std::collections::BTreeSet;

/// Fewest and most characters of a reason.
const REASON: std::ops::RangeInclusive<usize> = 10..=500;

/// What was done.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Done {
    pub subject: String,
    pub seq: u64,
    /// Delivered messages that were taken out of the outbox.
    pub files: usize,
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
    let word = Word {
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
    Ok(Done {
        subject,
        seq: receipts.first().map_or(0, |receipt| receipt.seq),
        files,
    })
}

/// A reason as it goes on record for ever: long enough, on one line, and nobody's data.
///
/// # Errors
/// It is not.
pub(in crate::service) fn reason_on_record(workspace: &Workspace, reason: &str) -> Result<String> {
    let reason = reason_of(reason)?;
    personal::none_in("reason", &reason, &workspace.allow, None)?;
    Ok(reason)
}

pub(in crate::service) fn reason_of(reason: &str) -> Result<String> {
    let reason = one_line(reason);
    if REASON.contains(&reason.chars().count()) {
        Ok(reason)
    } else {
        Err(Error::new(
            Kind::Input,
            format!(
                "a reason has {} to {} characters",
                REASON.start(),
                REASON.end()
            ),
        )
        .fix("name the request or the law, and nothing that is personal"))
    }
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

/// What stands on a customer's data.
/// Whether an entry says that a customer was erased.
pub(in crate::service) fn is_erased(log: &dyn AuditLog, subject: &str) -> bool {
    standing(log, subject).is_ok_and(|standing| standing.erased)
}

pub(in crate::service) fn standing(log: &dyn AuditLog, subject: &str) -> Result<Standing> {
    let row = log.one(Key::Standing(subject))?;
    row.map_or_else(
        || Ok(Standing::default()),
        |row| {
            serde_json::from_slice(&row).map_err(|e| {
                Error::new(Kind::Ledger, format!("what stands on {subject}: {e}"))
                    .fix("run `echovoice audit verify`")
            })
        },
    )
}

/// The day until which a customer's data may be used for nothing, if there is one today.
///
/// # Errors
/// The ledger cannot be read.
pub(in crate::service) fn restricted(ledger: &Ledger, customer: &str) -> Result<Option<String>> {
    let Some(subject) = ledger.pseudonym(customer)? else {
        return Ok(None);
    };
    let until = standing(ledger.log().as_ref(), &subject)?.until;
    let last = NaiveDate::parse_from_str(&until, "%Y-%m-%d").ok();
    Ok(last
        .is_some_and(|last| last >= Utc::now().date_naive())
        .then_some(until))
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
