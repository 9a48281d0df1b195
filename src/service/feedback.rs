//! What became of messages that went out: recorded once each, and counted for the scorer of the runs to come.

use super::workspace::{Workspace, now};
use super::{history, optout, queue, rows, tally};
use crate::domain::decision::ReviewState;
use crate::domain::person::Action;
use crate::error::{Error, Kind, Result};
use crate::experiment::NOTHING;
use crate::ledger::handle::Pending;
use crate::ledger::log::Key;
use crate::ledger::summary::RunSummary;
use crate::ledger::{Entry, EntryKind, NewEntry};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;

/// Characters of a run's id: a message's id begins with it.
const RUN_ID: usize = 12;

/// Entries that may be under way at once.
const AT_ONCE: usize = 500;

/// What happened to a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    Sent,
    Opened,
    Clicked,
    Converted,
    Complained,
    OptedOut,
}

impl Event {
    /// What counts as a response: the reader did what the message is for.
    const RESPONSES: [Self; 2] = [Self::Clicked, Self::Converted];

    fn as_str(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Opened => "opened",
            Self::Clicked => "clicked",
            Self::Converted => "converted",
            Self::Complained => "complained",
            Self::OptedOut => "opted_out",
        }
    }

    fn entry_id(self, run: &str) -> String {
        format!("feedback/{run}/{}", self.as_str())
    }
}

/// Something that happened to a message, as it is told.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Told {
    /// The message's id, or the run's.
    id: String,
    event: Event,
    /// RFC 3339.
    at: Option<String>,
}

/// The sum of what was told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    pub new: usize,
    /// On record already.
    pub known: usize,
    /// Lines that gave nothing, and why.
    pub wrong: Vec<(usize, String)>,
}

/// Imports outcomes from JSON lines or CSV with the columns `id`, `event` and `at`. Importing a file again changes
/// nothing.
///
/// # Errors
/// Not allowed, the file cannot be read, or the ledger refused.
pub fn import(workspace: &Workspace, path: &Path) -> Result<Sum> {
    let rows = rows::read(path, &path.display().to_string())?;
    let all = rows.map(|(line, row)| match row {
        Err(error) if error.kind == Kind::Io => Err(error),
        // What cannot be read is no outcome either.
        row => Ok((line, told(row.unwrap_or_default()))),
    });
    take(workspace, all.collect::<Result<_>>()?)
}

/// Records outcomes, each with its line. What is on record already stays as it is. Who opted out is put on the opt-out
/// list.
///
/// # Errors
/// Not allowed, or the ledger refused.
pub fn take(workspace: &Workspace, told: Vec<(usize, Result<Told>)>) -> Result<Sum> {
    workspace.allow(Action::Deliver)?;
    let mut desk = Desk {
        workspace,
        pending: Vec::new(),
        taken: BTreeSet::new(),
    };
    let mut sum = Sum::default();
    for (line, told) in told {
        match told.and_then(|told| desk.record(&told)) {
            Ok(true) => sum.new += 1,
            Ok(false) => sum.known += 1,
            Err(error) if error.kind == Kind::Ledger => return Err(error),
            Err(error) => sum.wrong.push((line, error.what)),
        }
    }
    desk.settle()?;
    tally::count(workspace)?;
    Ok(sum)
}

/// An outcome, if the value is one.
///
/// # Errors
/// It is none.
pub fn told(value: Value) -> Result<Told> {
    serde_json::from_value(value).map_err(|_| {
        Error::new(
            Kind::Input,
            "not an outcome: id, event (sent, opened, clicked, converted, complained, opted_out) and at",
        )
    })
}

/// Takes outcomes one by one, several of them under way.
struct Desk<'w> {
    workspace: &'w Workspace,
    pending: Vec<Pending>,
    /// Ids of the entries that were added here.
    taken: BTreeSet<String>,
}

impl Desk<'_> {
    fn settle(&mut self) -> Result<()> {
        for pending in self.pending.drain(..) {
            pending.wait()?;
        }
        Ok(())
    }

    fn is_on_record(&self, id: &str) -> Result<bool> {
        Ok(self.taken.contains(id) || self.workspace.log()?.seq_of(id)?.is_some())
    }

    /// Records one event; `false` if it was there already.
    fn record(&mut self, told: &Told) -> Result<bool> {
        if told
            .at
            .as_ref()
            .is_some_and(|at| chrono::DateTime::parse_from_rfc3339(at).is_err())
        {
            return Err(Error::new(
                Kind::Input,
                "`at` is not a time like 2026-11-23T10:00:00Z",
            ));
        }
        let workspace = self.workspace;
        let run = told.id.get(..RUN_ID).unwrap_or(&told.id);
        let summary = queue::known(workspace, run)?;
        match (summary.state, told.event) {
            // What was called back was in somebody's hands all the same.
            (ReviewState::Delivered | ReviewState::Recalled, _)
            | (ReviewState::HeldOut, Event::Converted) => {}
            (ReviewState::HeldOut, _) => {
                let why = "the customer was held out and got no message; only `converted` counts";
                return Err(Error::new(Kind::Input, why));
            }
            _ => return Err(Error::new(Kind::Input, "the message was not delivered")),
        }
        let id = told.event.entry_id(run);
        if self.is_on_record(&id)? {
            return Ok(false);
        }
        if told.event == Event::OptedOut {
            let profile = history::load(workspace, run)?.profile;
            let who = [Some(profile.id), profile.email, profile.phone];
            let who: Vec<String> = who.into_iter().flatten().collect();
            optout::add(workspace, &who)?;
        }
        let entry = self.entry(told, id.clone(), &summary)?;
        self.taken.insert(id);
        let ledger = workspace.ledger()?;
        self.pending.push(ledger.append(vec![entry]));
        if self.pending.len() >= AT_ONCE {
            self.settle()?;
        }
        Ok(true)
    }

    fn entry_of(&self, id: &str) -> Result<Option<Entry>> {
        let log = self.workspace.log()?;
        let Some(seq) = log.seq_of(id)? else {
            return Ok(None);
        };
        let bytes = log.one(Key::Entry(seq))?;
        Ok(bytes.and_then(|bytes| Entry::read(&bytes).ok()))
    }

    /// The event, with all that counting needs.
    fn entry(&self, told: &Told, id: String, summary: &RunSummary) -> Result<NewEntry> {
        let workspace = self.workspace;
        let person = &workspace.person;
        let mut entry = NewEntry::new(id, EntryKind::Feedback, &person.name, person.role, &now())
            .run(&summary.run)
            .with("event", told.event.as_str());
        if let Some(at) = &told.at {
            entry = entry.with("at", at.as_str());
        }
        let held_out = summary.state == ReviewState::HeldOut;
        let of = if held_out {
            format!("{}/1/analyze", summary.run)
        } else {
            format!("delivery/{}", summary.decided_at)
        };
        if let Some(of) = self.entry_of(&of)? {
            for name in ["type", "segment", "channel", "test"] {
                if let Some(text) = of.text(name) {
                    entry = entry.with(name, text);
                }
            }
            if let Some(test) = of.text("holdout") {
                entry = entry.with("type", NOTHING).with("test", test);
            }
            entry = entry.with("sent", of.time.get(..10).unwrap_or_default());
        }
        if Event::RESPONSES.contains(&told.event) {
            let mut is_first = true;
            for event in Event::RESPONSES {
                is_first &= !self.is_on_record(&event.entry_id(&summary.run))?;
            }
            entry = entry.with("first", is_first);
        }
        entry.customer = workspace.ledger()?.customer_of(&summary.subject)?;
        Ok(entry)
    }
}
