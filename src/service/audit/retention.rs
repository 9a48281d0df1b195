//! Data whose time is over: who is due, and the disposal, which one person proposes and another carries out.

use crate::domain::person::Action;
use crate::error::{Error, Kind, Result};
use crate::ledger::checkpoint::sign_note;
use crate::ledger::entry::Entry;
use crate::ledger::erasure::{Word, many, subjects_of};
use crate::ledger::log::Key;
use crate::ledger::payload::{CustodyPayload, Payload};
use crate::ledger::{EntryKind, NewEntry};
use crate::rules::Pack;
use crate::service::audit::archive;
use crate::service::audit::data_rights::standing;
use crate::service::audit::erasure::{end_open_runs, forget_messages};
use crate::service::audit::reason::reason_on_record;
use crate::service::home::workspace::{Workspace, now};
use crate::service::review::queue;
use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt;

/// Most customers in one proposal: an entry has an end.
const MOST: usize = 2_000;

/// A customer whose data is due for disposal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Due {
    pub subject: String,
    /// RFC 3339.
    pub last_run: String,
    pub runs: u64,
}

/// What a disposal came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Disposed {
    pub seq: u64,
    pub customers: usize,
    /// Named in the proposal, and kept: held, erased or active since.
    pub kept: usize,
    /// Delivered messages that were taken out of the outbox.
    pub files: usize,
    /// Runs that waited, or were approved and not sent, and are rejected now.
    pub ended: usize,
}

/// How long a pack has data kept, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RetentionTerm {
    pub pack: String,
    pub days: u32,
    pub why: Option<String>,
    /// The longest line of all packs in force: data fall due by it.
    pub holds: bool,
}

impl fmt::Display for RetentionTerm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} days by {}", self.days, self.pack)?;
        match &self.why {
            Some(why) => write!(f, " ({why})"),
            None => Ok(()),
        }
    }
}

/// What the packs in force ask for, the longest first.
pub fn lines(workspace: &Workspace) -> Vec<RetentionTerm> {
    let most = workspace.review.retention_days;
    let of = |pack: &Pack| {
        let review = &pack.review;
        review.retention_days.map(|days| RetentionTerm {
            pack: pack.head.id.clone(),
            days,
            why: review.retention_why.clone(),
            holds: Some(days) == most,
        })
    };
    let mut lines: Vec<RetentionTerm> = workspace.packs.iter().filter_map(of).collect();
    lines.sort_by(|a, b| b.days.cmp(&a.days).then(a.pack.cmp(&b.pack)));
    lines
}

/// Customers without a run for longer than the policy keeps their data, longest first. Whoever is under a legal hold,
/// deferred or erased is not among them.
///
/// # Errors
/// No pack says how long data is kept, or the ledger cannot be read.
pub fn due(workspace: &Workspace) -> Result<Vec<Due>> {
    let days = workspace.review.retention_days.ok_or_else(|| {
        Error::new(
            Kind::NotFound,
            "no pack in force says how long data is kept",
        )
        .fix("set retention_days under [review] in a pack, then activate it")
    })?;
    let edge = Utc::now() - TimeDelta::days(i64::from(days));
    let log = workspace.log()?.as_ref();
    let mut last: BTreeMap<String, Due> = BTreeMap::new();
    queue::every(log, &mut |run| {
        // Newest first: the first run of a customer is their last.
        let due = last.entry(run.subject.clone()).or_insert_with(|| Due {
            subject: run.subject.clone(),
            last_run: run.updated.clone(),
            runs: 0,
        });
        due.runs += 1;
        if run.updated > due.last_run {
            due.last_run.clone_from(&run.updated);
        }
        Ok(())
    })?;
    let today = Utc::now().date_naive().to_string();
    let mut over = Vec::new();
    for due in last.into_values() {
        let old = DateTime::parse_from_rfc3339(&due.last_run).is_ok_and(|time| time < edge);
        if !old || due.subject.is_empty() {
            continue;
        }
        let standing = standing(log, &due.subject)?;
        if !standing.held && !standing.erased && standing.until <= today {
            over.push(due);
        }
    }
    over.sort_by(|a, b| a.last_run.cmp(&b.last_run));
    Ok(over)
}

/// Proposes to dispose of what is due; the sequence number of the proposal and how many it names come back.
///
/// # Errors
/// Not allowed, nothing is due, or the ledger refused.
pub fn propose(workspace: &Workspace, reason: &str) -> Result<(u64, usize)> {
    workspace.allow(Action::ManageData)?;
    let key = workspace.signing_key()?;
    let reason = reason_on_record(workspace, reason)?;
    let subjects: Vec<String> = due(workspace)?
        .into_iter()
        .take(MOST)
        .map(|due| due.subject)
        .collect();
    if subjects.is_empty() {
        return Err(Error::new(
            Kind::NotFound,
            "nobody's data is due for disposal",
        ));
    }
    let (time, person) = (now(), &workspace.person);
    let subject = many(&subjects);
    let word = Word {
        kind: EntryKind::DisposalProposed,
        subject: &subject,
        until: None,
        reason: &reason,
    };
    let said = Payload::DisposalProposed(CustodyPayload {
        subject: Some(subject.clone()),
        subjects: Some(subjects.iter().map(String::as_str).collect()),
        reason: Some(reason.clone()),
        note: Some(sign_note(&word.note(&time), &person.name, &key)),
        ..CustodyPayload::default()
    });
    let id = format!("disposal/{}/{time}", person.name);
    let entry = NewEntry::new(id, said, &person.name, person.role, &time);
    Ok((workspace.write(entry)?, subjects.len()))
}

/// Carries out what a colleague proposed: each customer's key is destroyed. Who is no longer due is left alone.
///
/// # Errors
/// Not allowed, one's own proposal, no such proposal, or the ledger refused.
pub fn confirm(workspace: &Workspace, proposal: u64) -> Result<Disposed> {
    workspace.allow(Action::ManageData)?;
    let key = workspace.signing_key()?;
    let ledger = workspace.ledger()?;
    let entry = ledger
        .log()
        .one(Key::Entry(proposal))?
        .and_then(|bytes| Entry::from_bytes(&bytes).ok())
        .filter(|entry| matches!(entry.payload(), Payload::DisposalProposed(_)))
        .ok_or_else(|| {
            Error::new(
                Kind::NotFound,
                format!("entry {proposal} proposes no disposal"),
            )
            .fix("see `echovoice audit list what:disposal`")
        })?;
    let person = &workspace.person;
    if entry.actor == person.name {
        return Err(Error::new(
            Kind::NotAllowed,
            "a disposal needs two persons; you proposed this one",
        ));
    }
    let proposed = entry.payload().custody().cloned().unwrap_or_default();
    let named = subjects_of(&proposed);
    let still: Vec<String> = due(workspace)?
        .into_iter()
        .map(|due| due.subject)
        .filter(|subject| named.contains(subject))
        .collect();
    if still.is_empty() {
        return Err(Error::new(
            Kind::NotFound,
            "nobody whom it names is still due for disposal",
        ));
    }
    let (time, reason) = (now(), proposed.reason.unwrap_or_default());
    let entries = still
        .iter()
        .map(|subject| {
            let word = Word {
                kind: EntryKind::ErasureExecuted,
                subject,
                until: None,
                reason: &reason,
            };
            let said = Payload::ErasureExecuted(CustodyPayload {
                subject: Some(subject.clone()),
                disposal: Some(proposal),
                reason: Some(reason.clone()),
                note: Some(sign_note(&word.note(&time), &person.name, &key)),
                ..CustodyPayload::default()
            });
            let id = format!("data/erasure.executed/{subject}/{time}");
            NewEntry::new(id, said, &person.name, person.role, &time)
        })
        .collect();
    // Words in the open go first: should the ledger refuse, it can be confirmed again.
    let files = forget_messages(workspace, ledger, &still)?;
    archive::forget(workspace)?;
    let receipts = ledger.erase(still.clone(), entries).wait()?;
    archive::forget(workspace)?;
    let ended = end_open_runs(workspace, &still);
    Ok(Disposed {
        seq: receipts.first().map_or(0, |r| r.seq),
        customers: still.len(),
        kept: named.len() - still.len(),
        files,
        ended,
    })
}
