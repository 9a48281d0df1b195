//! The counts that the ledger comes to: messages that were handed over, and what became of them.

use super::learned::MEASURED;
use super::workspace::Workspace;
use crate::error::{Error, Kind, Result};
use crate::experiment::{Cell, Counts, NOTHING, Outcomes};
use crate::ledger::log::Page;
use crate::ledger::{Entry, EntryKind};
use std::{fs, io};

/// Entries read at once.
const PAGE: usize = 2_000;

/// Counts what was added to the ledger since the last time, puts the counts where the next start reads them, and scores the
/// runs to come by them.
///
/// # Errors
/// The ledger cannot be read, or the home cannot be written.
pub(super) fn count(workspace: &Workspace) -> Result<()> {
    let _one = workspace.learned.counting();
    let path = workspace.home.join(MEASURED);
    let failed = |e: &dyn std::fmt::Display| {
        Error::new(Kind::Io, e.to_string()).at(path.display().to_string())
    };
    let before = match fs::read_to_string(&path) {
        Ok(text) => Outcomes::parse(&text).map_err(|e| {
            failed(&e).fix("delete the file; `echovoice feedback import` makes it anew")
        })?,
        Err(e) if e.kind() == io::ErrorKind::NotFound => Outcomes::default(),
        Err(e) => return Err(failed(&e)),
    };
    let counted = follow(workspace, before)?;
    let text = counted.to_toml().map_err(|e| failed(&e))?;
    let aside = path.with_extension("new");
    fs::write(&aside, &text)
        .and_then(|()| fs::rename(&aside, &path))
        .map_err(|e| failed(&e))?;
    workspace.learned.measure(text, counted);
    Ok(())
}

/// Takes up what other processes were told of messages since the last look: runs that start from now on are scored by it.
///
/// # Errors
/// The ledger cannot be read, or the home cannot be written.
pub fn keep_up(workspace: &Workspace) -> Result<()> {
    let size = workspace.log()?.head()?.size;
    let looked = workspace.learned.looked_through(size);
    if size > looked && has_feedback(workspace, looked, size)? {
        count(workspace)?;
    }
    workspace.learned.has_looked(size);
    Ok(())
}

/// Whether somebody was told what became of a message, among the entries from `from` to before `to`.
fn has_feedback(workspace: &Workspace, from: u64, to: u64) -> Result<bool> {
    let log = workspace.log()?;
    let mut before = to;
    loop {
        let rows = log.page(Page::Entries {
            before,
            limit: PAGE,
        })?;
        for (seq, bytes) in &rows {
            if *seq < from {
                return Ok(false);
            }
            before = *seq;
            if Entry::read(bytes).is_ok_and(|entry| entry.kind == EntryKind::Feedback) {
                return Ok(true);
            }
        }
        if rows.is_empty() {
            return Ok(false);
        }
    }
}

/// The counts with all entries that they have not seen. Those of a longer log are of another one: all is counted anew.
fn follow(workspace: &Workspace, mut counts: Outcomes) -> Result<Outcomes> {
    let log = workspace.log()?;
    let mut before = u64::MAX;
    let mut seen = counts.entries;
    loop {
        let rows = log.page(Page::Entries {
            before,
            limit: PAGE,
        })?;
        let Some((newest, _)) = rows.first() else {
            return Ok(counts);
        };
        if before == u64::MAX {
            if seen > newest + 1 {
                (seen, counts) = (0, Outcomes::default());
            }
            counts.entries = newest + 1;
        }
        for (seq, bytes) in &rows {
            if *seq < seen {
                return Ok(counts);
            }
            before = *seq;
            let entry = Entry::read(bytes).map_err(|e| Error::new(Kind::Ledger, e))?;
            if let Some((cell, what)) = counted(&entry) {
                counts.count(cell, &what);
            }
        }
    }
}

/// What an entry adds: a message that was handed over, or something that happened to one.
fn counted(entry: &Entry) -> Option<(Cell, Counts)> {
    let mut counts = Counts::default();
    let day = match entry.kind {
        EntryKind::Delivery if entry.text("status") == Some("delivered") => {
            counts.sent = 1;
            entry.time.as_str()
        }
        // Of several tries at a customer who is sent nothing, the first one counts.
        EntryKind::AnalyticsDone if entry.id.ends_with("/1/analyze") => {
            counts.sent = 1;
            return Some((
                Cell {
                    segment: entry.text("segment")?.to_owned(),
                    channel: entry.text("channel")?.to_owned(),
                    kind: NOTHING.to_owned(),
                    test: Some(entry.text("holdout")?.to_owned()),
                    day: Some(entry.time.get(..10)?.parse().ok()?),
                },
                counts,
            ));
        }
        EntryKind::Feedback => {
            match entry.text("event")? {
                "clicked" => {}
                "converted" => counts.converted = 1,
                "complained" => counts.complained = 1,
                "opted_out" => counts.opted_out = 1,
                _ => return None,
            }
            // The first of a click and a conversion is the response.
            let is_first = entry.data.get("first").and_then(serde_json::Value::as_bool);
            counts.responded = u64::from(is_first == Some(true));
            entry.text("sent")?
        }
        _ => return None,
    };
    let text = |name: &str| entry.text(name).map(str::to_owned);
    let cell = Cell {
        segment: text("segment")?,
        channel: text("channel")?,
        kind: text("type")?,
        test: text("test"),
        day: Some(day.get(..10)?.parse().ok()?),
    };
    Some((cell, counts))
}

/// How many entries of a log of this many outcomes are counted in a second, for the bench: entries as they are stored.
#[doc(hidden)]
pub fn outcomes_of(entries: &[Vec<u8>]) -> Outcomes {
    let mut counts = Outcomes::default();
    for (cell, what) in entries
        .iter()
        .filter_map(|bytes| Entry::read(bytes).ok())
        .filter_map(|entry| counted(&entry))
    {
        counts.count(cell, &what);
    }
    counts
}
