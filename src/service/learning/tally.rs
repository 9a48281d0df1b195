//! The counts that the ledger comes to: messages that were handed over, and what became of them.

use crate::error::{Error, Kind, Result};
use crate::experiment::{NOTHING, OutcomeCounts, OutcomeGroup, Outcomes};
use crate::ledger::log::Page;
use crate::ledger::payload::Payload;
use crate::ledger::payload::coded::HandoverStatus;
use crate::ledger::{Entry, EntryKind};
use crate::service::home::workspace::Workspace;
use crate::service::learning::measured::{self, FoundTable, MEASURED};

/// Entries read at once.
const PAGE: usize = 2_000;

/// Counts what was added to the ledger since the last time, puts the counts where the next start reads them, and scores the
/// runs to come by them.
///
/// # Errors
/// The ledger cannot be read, or the home cannot be written.
pub(in crate::service) fn count(workspace: &Workspace) -> Result<()> {
    let _one = workspace.learned.counting();
    let failed = |e: Box<dyn std::error::Error + Send + Sync>| {
        let place = workspace.home.join(MEASURED);
        Error::of(Kind::Io, e).at(place.display().to_string())
    };
    let before = match measured::read(&workspace.home)? {
        FoundTable::Ours(text) => Outcomes::parse(&text).map_err(|e| {
            failed(e.into()).fix("delete the file; `echovoice feedback import` makes it anew")
        })?,
        FoundTable::None | FoundTable::Strange => Outcomes::default(),
    };
    let counted = follow(workspace, before)?;
    let text = counted.to_toml().map_err(|e| failed(e.into()))?;
    measured::write(&workspace.home, &text)?;
    // What is counted need not be looked for.
    workspace.learned.has_looked(counted.entries);
    workspace.learned.measure(counted);
    Ok(())
}

/// Takes up what other processes were told of messages since the last look: runs that start from now on are scored by it.
///
/// # Errors
/// The ledger cannot be read, or the home cannot be written.
pub fn keep_up(workspace: &Workspace) -> Result<()> {
    let size = workspace.log()?.head()?.size;
    let looked = workspace.learned.looked_through(size);
    let mut told = false;
    let mut look = |entry: &Entry| {
        told = entry.kind() == EntryKind::Feedback;
        !told
    };
    walk(workspace, (looked, size), &mut look)?;
    if told {
        return count(workspace);
    }
    workspace.learned.has_looked(size);
    Ok(())
}

/// The counts with all entries that they have not seen. Those of a longer log are of another one: all is counted anew.
fn follow(workspace: &Workspace, before: Outcomes) -> Result<Outcomes> {
    let size = workspace.log()?.head()?.size;
    let mut counts = if before.entries > size {
        Outcomes::default()
    } else {
        before
    };
    let seen = std::mem::replace(&mut counts.entries, size);
    walk(workspace, (seen, size), &mut |entry| {
        take(&mut counts, entry);
        true
    })?;
    Ok(counts)
}

/// Reads the entries from `from` to before `to`, newest first, as long as `each` wants more.
fn walk(
    workspace: &Workspace,
    (from, to): (u64, u64),
    each: &mut dyn FnMut(&Entry) -> bool,
) -> Result<()> {
    let log = workspace.log()?;
    let mut before = to;
    while before > from {
        let left = usize::try_from(before - from).unwrap_or(PAGE);
        let rows = log.page(Page::Entries {
            before,
            limit: PAGE.min(left),
        })?;
        let Some((last, _)) = rows.last() else { break };
        before = *last;
        for (_, bytes) in rows.iter().take_while(|(seq, _)| *seq >= from) {
            let entry = Entry::read(bytes).map_err(|e| Error::of(Kind::Ledger, e))?;
            if !each(&entry) {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// Counts what an entry adds, if it adds anything.
fn take(counts: &mut Outcomes, entry: &Entry) {
    if let Some((cell, what)) = counted(entry) {
        counts.count(cell, &what);
    }
}

/// What an entry adds: a message that was handed over, or something that happened to one.
fn counted(entry: &Entry) -> Option<(OutcomeGroup, OutcomeCounts)> {
    let mut counts = OutcomeCounts::default();
    let (day, kind, test, (segment, channel)) = match entry.payload() {
        Payload::Delivery(sent) if sent.is(HandoverStatus::Delivered) => {
            counts.sent = 1;
            let group = (&sent.segment, &sent.channel);
            let kind = sent.message_kind.clone()?;
            (entry.time.as_str(), kind, sent.test.clone(), group)
        }
        // Of several tries at a customer who is sent nothing, the first one counts.
        Payload::AnalyticsDone(draw) if entry.id.ends_with("/1/analyze") => {
            counts.sent = 1;
            let group = (&draw.segment, &draw.channel);
            let test = Some(draw.holdout.clone()?);
            (entry.time.as_str(), NOTHING.to_owned(), test, group)
        }
        Payload::Feedback(told) => {
            match told.event.as_deref()? {
                "clicked" => {}
                "converted" => counts.converted = 1,
                "complained" => counts.complained = 1,
                "opted_out" => counts.opted_out = 1,
                _ => return None,
            }
            // The first of a click and a conversion is the response.
            counts.responded = u64::from(told.first == Some(true));
            let group = (&told.segment, &told.channel);
            let kind = told.message_kind.clone()?;
            (told.sent.as_deref()?, kind, told.test.clone(), group)
        }
        _ => return None,
    };
    let cell = OutcomeGroup {
        segment: segment.clone()?,
        channel: channel.clone()?,
        kind,
        test,
        day: Some(day.get(..10)?.parse().ok()?),
    };
    Some((cell, counts))
}

/// What entries come to, as they are stored: for the bench.
#[doc(hidden)]
pub fn outcomes_of(entries: &[Vec<u8>]) -> Outcomes {
    let mut counts = Outcomes::default();
    for entry in entries.iter().filter_map(|bytes| Entry::read(bytes).ok()) {
        take(&mut counts, &entry);
    }
    counts
}
