//! What may follow what: the rules by which verify judges, and by which the writer takes entries, its own and others'.
//!
//! A record says which rules it was written under: those of format 1 hold until its genesis, or a later `log.rules`,
//! names format 2. `assets/evidence/FORMAT.md` states them for strangers.

mod admission;
pub mod clock;
pub mod copy;
mod decision;

use super::entry::{Entry, EntryKind};
use super::erasure::Erasures;
use super::log::{AuditLog, Key, LogError};
use super::review::{self, is_before};
use super::roster::Roster;
use super::summary::RunSummary;
use crate::domain::decision::ReviewState;
use crate::domain::person::{Action, Role};
pub(in crate::ledger) use admission::Admission;
use clock::Clock;
pub use decision::Judged;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// The format of a record under the rules of this version.
pub const FORMAT: &str = "echovoice-ledger/2";
/// The id of the entry by which an older record goes over to them.
pub const ADOPTED: &str = "rules/2";

/// In an entry's data: the hash of a new customer's wrapped key, of all customers' keys as they were wrapped then, and
/// the name of the key that they lie under.
pub const ONE: &str = "customer_key";
pub const ALL: &str = "customers";
pub const EPOCH: &str = "epoch";

/// A run, and what was judged of it.
#[derive(Clone, Debug)]
pub struct Case {
    pub summary: RunSummary,
    pub judged: Judged,
}

/// Everything that the rules go by.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    /// The first entry under the rules of format 2.
    since: Option<u64>,
    /// The last of the first entries, in which the log itself enrols people.
    genesis: u64,
    pub clock: Clock,
    pub people: Roster,
    pub erasures: Erasures,
    pub runs: BTreeMap<String, Case>,
    /// `(run, artifact)` that were released by a decision.
    released: BTreeSet<(String, String)>,
}

/// Since which entry a record stands under the rules of format 2, and where its genesis ends.
///
/// # Errors
/// The log cannot be read.
pub fn stated(log: &dyn AuditLog) -> Result<Option<(u64, u64)>, LogError> {
    let entry = |seq| {
        let bytes = log.one(Key::Entry(seq))?;
        let read = |bytes: Vec<u8>| Entry::read(&bytes).map_err(LogError::Damaged);
        bytes.map(read).transpose()
    };
    if let Some(first) = entry(0)?
        && first.kind == EntryKind::LogGenesis
        && first.text("format") == Some(FORMAT)
    {
        return Ok(Some((0, ends_at(&first))));
    }
    match log.seq_of(ADOPTED)? {
        Some(seq) => Ok(Some((seq, 0))),
        None => Ok(None),
    }
}

/// Whether the rules of format 2 hold from this entry on.
pub fn names_format(entry: &Entry) -> bool {
    matches!(entry.kind, EntryKind::LogGenesis | EntryKind::LogRules)
        && entry.text("format") == Some(FORMAT)
}

/// The number of the last entry of a genesis.
fn ends_at(genesis: &Entry) -> u64 {
    let people = genesis.data.get("people").and_then(Value::as_u64);
    people.unwrap_or(0)
}

impl Rules {
    /// Whether the rules of format 2 hold by now.
    pub fn two(&self) -> bool {
        self.since.is_some()
    }

    /// Which rules the entries were written under, in words.
    pub fn says(&self, size: u64) -> String {
        match self.since {
            Some(0) => format!("all {size} entries under the rules of {FORMAT}"),
            Some(since) => format!(
                "entries 0 to {} under the rules of echovoice-ledger/1, {since} to {} under those of {FORMAT}",
                since.saturating_sub(1),
                size.saturating_sub(1)
            ),
            None => format!(
                "all {size} entries under the rules of echovoice-ledger/1, which bind less: decisions are not held against \
                 the gate's, and times are not checked"
            ),
        }
    }

    /// Takes an entry in; the number of signatures checked comes back.
    ///
    /// # Errors
    /// The entry breaks a rule: a sentence to show.
    pub fn apply(&mut self, entry: &Entry) -> Result<u64, String> {
        self.format(entry)?;
        let mut signatures = 0;
        if self.two() {
            self.named(entry)?;
            signatures += self.clock.apply(entry, &self.people)?;
        } else {
            self.clock.note(entry);
        }
        signatures += self.people.apply(entry)?;
        signatures += self.erasures.apply(entry, &self.people)?;
        if let Some(subject) = &entry.subject
            && self.erasures.is_erased(subject)
            && entry.kind == EntryKind::RunStarted
        {
            return Err("a run under the name of a customer who was erased".into());
        }
        if self.two() {
            self.state(entry)?;
        }
        signatures += match entry.kind {
            EntryKind::Decision | EntryKind::Override => self.decision(entry)?,
            EntryKind::PackActivated => self.activation(entry)?,
            EntryKind::Delivery => self.delivery(entry)?,
            EntryKind::CopyAccepted => copy::check(entry, &self.people)?,
            _ if review::act_of(entry).is_some() => self.act(entry)?,
            _ => 0,
        };
        self.follow(entry);
        Ok(signatures)
    }

    /// The run after its next entry.
    fn follow(&mut self, entry: &Entry) {
        let Some(run) = &entry.run else {
            return;
        };
        if entry.kind == EntryKind::RunStarted {
            if let Some(summary) = RunSummary::start(entry) {
                let judged = Judged::default();
                self.runs.insert(run.clone(), Case { summary, judged });
            }
        } else if let Some(case) = self.runs.get_mut(run) {
            case.summary.apply(entry);
            case.judged.follow(entry);
        }
    }

    /// Which rules hold from here on.
    fn format(&mut self, entry: &Entry) -> Result<(), String> {
        match entry.kind {
            EntryKind::LogGenesis if entry.seq > 0 => Err("a second genesis".into()),
            EntryKind::LogGenesis if entry.text("format") == Some(FORMAT) => {
                (self.since, self.genesis) = (Some(0), ends_at(entry));
                Ok(())
            }
            EntryKind::LogRules => {
                if self.two() || entry.text("format") != Some(FORMAT) || entry.id != ADOPTED {
                    return Err("other rules than those that hold".into());
                }
                self.since = Some(entry.seq);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Whether an entry's name and role are the log's own, or those of somebody enrolled; and the log itself enrols
    /// people in its genesis alone.
    fn named(&self, entry: &Entry) -> Result<(), String> {
        if entry.role != Role::System {
            return self.people.acting(entry).map(drop);
        }
        if entry.actor != "system" {
            return Err(format!("{} acted as the log itself", entry.actor));
        }
        if entry.kind == EntryKind::KeyEnrolled && entry.seq > self.genesis {
            return Err(
                "only its first entries enrol people by the log itself; an admin must sign".into(),
            );
        }
        Ok(())
    }

    /// Whether a run stands so that this may come next.
    fn state(&self, entry: &Entry) -> Result<(), String> {
        let case = entry.run.as_ref().and_then(|run| self.runs.get(run));
        let state = case.map(|case| case.summary.state);
        match entry.kind {
            EntryKind::RunStarted if state.is_some() => Err("a run that was started before".into()),
            EntryKind::RunStarted => entry.role.may(Action::StartRun),
            EntryKind::Revision => {
                entry.role.may(Action::StartRun)?;
                state.ok_or("a revision of an unknown run")?.revise()
            }
            kind if kind.stage().is_some() || kind == EntryKind::StageFailed => {
                match state.ok_or("a stage of an unknown run")? {
                    ReviewState::Running | ReviewState::Failed => Ok(()),
                    _ => Err("a stage of a run that has ended".into()),
                }
            }
            _ => Ok(()),
        }
    }

    /// A word about a run; a release that it ends is gone.
    fn act(&mut self, entry: &Entry) -> Result<u64, String> {
        let case = entry.run.as_ref().and_then(|run| self.runs.get(run));
        let run = &case.ok_or("a word about an unknown run")?.summary;
        let signatures = review::check(entry, &self.people, run)?;
        let after = review::act_of(entry).and_then(|act| run.state.act(act).ok());
        if after == Some(ReviewState::Waiting) {
            let name = run.run.clone();
            self.released.retain(|(released, _)| *released != name);
        }
        Ok(signatures)
    }

    /// A hand-over follows a release of the same content, within its time.
    fn delivery(&mut self, entry: &Entry) -> Result<u64, String> {
        let run = entry.run.clone().unwrap_or_default();
        let summary = self.runs.get(&run).map(|case| &case.summary);
        let artifact = entry.text("artifact").unwrap_or_default();
        let status = entry.text("status").unwrap_or_default();
        if matches!(status, "begun" | "delivered") && self.two() {
            entry.role.may(Action::Deliver)?;
            let run = summary.ok_or("a delivery of an unknown run")?;
            let decision = entry.data.get("decision").and_then(Value::as_u64);
            if run.state != ReviewState::Approved
                || run.artifact != artifact
                || decision != Some(run.decided_at)
            {
                return Err("a delivery without an earlier approval of the same content".into());
            }
        }
        match status {
            "begun"
                if summary.is_none_or(|run| {
                    run.state != ReviewState::Approved || !run.begun.is_empty()
                }) =>
            {
                return Err("a hand-over was begun without an approval, or twice".into());
            }
            "delivered" => {
                if summary.is_some_and(|run| {
                    // What was begun in time may be settled later.
                    let begun = !run.begun.is_empty();
                    let sent = if begun { &run.begun } else { &entry.time };
                    is_before(sent, &run.send_after) || is_before(&run.expires, sent)
                }) {
                    return Err("a delivery outside the time that its approval allows".into());
                }
                let pair = (run, artifact.to_owned());
                if !self.released.remove(&pair) {
                    return Err("a delivery without an earlier approval of the same content".into());
                }
            }
            _ => {}
        }
        Ok(0)
    }

    /// A pack comes into force through somebody who may, and who did not write it.
    fn activation(&self, entry: &Entry) -> Result<u64, String> {
        self.people.acting(entry)?;
        entry.role.may(Action::ManagePolicy)?;
        if entry.text("author") == Some(entry.actor.as_str()) {
            return Err(format!("{} activated a pack of their own", entry.actor));
        }
        Ok(0)
    }
}
