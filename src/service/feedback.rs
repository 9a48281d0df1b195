//! What became of messages that went out: recorded once each, and counted for the scorer of the runs to come.

use super::workspace::{Workspace, now};
use super::{history, optout, queue};
use crate::domain::decision::ReviewState;
use crate::domain::person::Action;
use crate::error::{Error, Kind, Result};
use crate::experiment::Outcomes;
use crate::ledger::log::{Key, Page};
use crate::ledger::{Entry, EntryKind, NewEntry};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{BufRead as _, BufReader};
use std::path::Path;

/// The counts that the ledger's feedback comes to, beside the home's own `outcomes.toml`.
pub(super) const MEASURED: &str = "outcomes.measured.toml";

/// Characters of a run's id: a message's id begins with it.
const RUN_ID: usize = 12;

/// Entries read at once.
const PAGE: usize = 1_000;

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

    /// Whether the reader did what the message is for.
    fn is_response(word: &str) -> bool {
        matches!(word, "clicked" | "converted")
    }
}

/// A line of a file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    /// The message's id, or the run's.
    id: String,
    event: Event,
    /// RFC 3339.
    at: Option<String>,
}

/// The sum of an import.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    pub new: usize,
    /// On record already.
    pub known: usize,
    /// Lines that gave nothing, and why.
    pub wrong: Vec<(usize, String)>,
}

/// Imports outcomes from JSON lines or CSV with the columns `id`, `event` and `at`. Importing a file again changes
/// nothing. Who opted out is put on the opt-out list.
///
/// # Errors
/// Not allowed, the file cannot be read, or the ledger refused.
pub fn import(workspace: &Workspace, path: &Path) -> Result<Sum> {
    workspace.allow(Action::Deliver)?;
    let mut sum = Sum::default();
    for (line, row) in rows(path)? {
        let outcome = row.and_then(|row| record(workspace, &row));
        match outcome {
            Ok(true) => sum.new += 1,
            Ok(false) => sum.known += 1,
            Err(error) if error.kind == Kind::Ledger => return Err(error),
            Err(error) => sum.wrong.push((line, error.what)),
        }
    }
    count(workspace)?;
    Ok(sum)
}

fn rows(path: &Path) -> Result<Vec<(usize, Result<Row>)>> {
    let place = path.display().to_string();
    let failed = |e: std::io::Error| {
        Error::new(Kind::Io, e.to_string())
            .at(place.clone())
            .fix("check the path")
    };
    let wrong = || {
        Error::new(
            Kind::Input,
            "not an outcome: id, event (sent, opened, clicked, converted, complained, opted_out) and at",
        )
    };
    let file = File::open(path).map_err(failed)?;
    if path
        .extension()
        .is_some_and(|e| e.eq_ignore_ascii_case("csv"))
    {
        let mut reader = csv::ReaderBuilder::new()
            .trim(csv::Trim::All)
            .from_reader(BufReader::new(file));
        return Ok((2..)
            .zip(reader.deserialize::<Row>())
            .map(|(line, row)| (line, row.map_err(|_| wrong())))
            .collect());
    }
    let mut rows = Vec::new();
    for (line, text) in (1..).zip(BufReader::new(file).lines()) {
        let text = text.map_err(failed)?;
        if !text.trim().is_empty() {
            rows.push((line, serde_json::from_str(&text).map_err(|_| wrong())));
        }
    }
    Ok(rows)
}

/// Records one event; `false` if it was there already.
fn record(workspace: &Workspace, row: &Row) -> Result<bool> {
    if row
        .at
        .as_ref()
        .is_some_and(|at| chrono::DateTime::parse_from_rfc3339(at).is_err())
    {
        return Err(Error::new(
            Kind::Input,
            "`at` is not a time like 2026-11-23T10:00:00Z",
        ));
    }
    let run = row.id.get(..RUN_ID).unwrap_or(&row.id);
    let summary = queue::known(workspace, run)?;
    if summary.state != ReviewState::Delivered {
        return Err(Error::new(Kind::Input, "the message was not delivered"));
    }
    let id = format!("feedback/{run}/{}", row.event.as_str());
    if workspace.log()?.one(Key::Id(&id))?.is_some() {
        return Ok(false);
    }
    let loaded = history::load(workspace, run)?;
    let kind = loaded
        .variant(&summary.variant)
        .map_or_else(String::new, |variant| variant.meta.kind.clone());
    if row.event == Event::OptedOut {
        let profile = &loaded.profile;
        let who = [
            Some(&profile.id),
            profile.email.as_ref(),
            profile.phone.as_ref(),
        ];
        let who: Vec<String> = who.into_iter().flatten().cloned().collect();
        optout::add(workspace, &who)?;
    }
    let time = now();
    let person = &workspace.person;
    let mut entry = NewEntry::new(id, EntryKind::Feedback, &person.name, person.role, &time)
        .run(run)
        .with("event", row.event.as_str())
        .with("type", kind)
        .with("segment", summary.segment.as_str())
        .with("channel", summary.channel.as_str());
    if let Some(at) = &row.at {
        entry = entry.with("at", at.as_str());
    }
    entry.customer = Some(loaded.profile.id);
    workspace.write(entry)?;
    Ok(true)
}

/// A row of the counts.
#[derive(Serialize)]
struct Counted<'c> {
    #[serde(rename = "type")]
    kind: &'c str,
    segment: &'c str,
    channel: &'c str,
    sent: usize,
    responded: usize,
}

/// Messages of one type, segment and channel: those that anything is known of, and those that were answered.
type Arms = BTreeMap<(String, String, String), (BTreeSet<String>, BTreeSet<String>)>;

/// Counts all feedback on record anew, and puts it where the next start reads it.
fn count(workspace: &Workspace) -> Result<()> {
    let log = workspace.log()?;
    let mut arms = Arms::new();
    let mut before = u64::MAX;
    loop {
        let rows = log.page(Page::Entries {
            before,
            limit: PAGE,
        })?;
        let Some((last, _)) = rows.last() else { break };
        before = *last;
        for entry in rows
            .iter()
            .filter_map(|(_, bytes)| Entry::from_bytes(bytes).ok())
        {
            if entry.kind == EntryKind::Feedback {
                let text = |name: &str| entry.text(name).unwrap_or_default().to_owned();
                let arm = arms
                    .entry((text("type"), text("segment"), text("channel")))
                    .or_default();
                let run = entry.run.clone().unwrap_or_default();
                if Event::is_response(&text("event")) {
                    arm.1.insert(run.clone());
                }
                arm.0.insert(run);
            }
        }
    }
    let outcome: Vec<Counted<'_>> = arms
        .iter()
        .map(|((kind, segment, channel), (sent, responded))| Counted {
            kind,
            segment,
            channel,
            sent: sent.len(),
            responded: responded.len(),
        })
        .collect();
    let path = workspace.home.join(MEASURED);
    let failed = |e: &dyn std::fmt::Display| {
        Error::new(Kind::Io, e.to_string()).at(path.display().to_string())
    };
    let text = toml::to_string(&BTreeMap::from([("outcome", outcome)])).map_err(|e| failed(&e))?;
    // What is written can be read, or nothing is written.
    Outcomes::parse(&text).map_err(|e| failed(&e))?;
    let aside = path.with_extension("new");
    fs::write(&aside, text)
        .and_then(|()| fs::rename(&aside, &path))
        .map_err(|e| failed(&e))
}
