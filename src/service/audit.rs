//! Reading the record: entries, runs as they were, verification.

use super::filter::Filter;
use super::people;
use super::workspace::Workspace;
use crate::error::{Error, Kind, Result};
use crate::ledger::log::{Key, Page};
use crate::ledger::verify;
use chrono::DateTime;

pub use crate::ledger::entry::Entry;
pub use crate::ledger::verify::Report;

/// Entries read at once by a filter.
const STEP: usize = 500;

/// Newest entries below a sequence number.
///
/// # Errors
/// The ledger cannot be read.
pub fn entries(workspace: &Workspace, before: u64, limit: usize) -> Result<Vec<Entry>> {
    let rows = workspace.log()?.page(Page::Entries { before, limit })?;
    rows.iter()
        .map(|(seq, bytes)| {
            Entry::from_bytes(bytes).map_err(|e| {
                Error::new(Kind::Ledger, format!("entry {seq}: {e}"))
                    .fix("run `echovoice audit verify`")
            })
        })
        .collect()
}

/// Newest entries below a sequence number that a filter lets through. Without a word of time the whole log is read
/// until there are enough.
///
/// # Errors
/// The ledger cannot be read.
pub fn matching(
    workspace: &Workspace,
    filter: &Filter,
    mut before: u64,
    limit: usize,
) -> Result<Vec<Entry>> {
    let mut found = Vec::new();
    let earliest = filter.earliest();
    loop {
        let page = entries(
            workspace,
            before,
            if filter.is_empty() { limit } else { STEP },
        )?;
        let Some(last) = page.last() else {
            return Ok(found);
        };
        before = last.seq;
        let over = earliest.is_some_and(|earliest| {
            DateTime::parse_from_rfc3339(&last.time).is_ok_and(|time| time < earliest)
        });
        for entry in page.into_iter().filter(|entry| filter.matches(entry)) {
            found.push(entry);
            if found.len() == limit {
                return Ok(found);
            }
        }
        if over {
            return Ok(found);
        }
    }
}

/// All entries of a run, oldest first; or the one entry with this sequence number.
///
/// # Errors
/// There is no such run or entry.
pub fn show(workspace: &Workspace, what: &str) -> Result<Vec<Entry>> {
    let log = workspace.log()?;
    let rows = match what.parse::<u64>() {
        Ok(seq) => log
            .get(Key::Entry(seq))?
            .map(|bytes| vec![(seq, bytes)])
            .unwrap_or_default(),
        Err(_) => log.page(Page::OfRun { run: what })?,
    };
    if rows.is_empty() {
        return Err(Error::new(
            Kind::NotFound,
            format!(
                "no run or entry {}",
                crate::text::hidden::visible_line(what)
            ),
        )
        .fix("list them with `echovoice audit list`"));
    }
    rows.iter()
        .map(|(seq, bytes)| {
            Entry::from_bytes(bytes)
                .map_err(|e| Error::new(Kind::Ledger, format!("entry {seq}: {e}")))
        })
        .collect()
}

/// Reads everything back and says what holds.
///
/// # Errors
/// The ledger or the log's key cannot be read.
pub fn verify(workspace: &Workspace, pin: Option<&str>) -> Result<Report> {
    let key = people::log_public(&workspace.home)?;
    Ok(verify::verify(workspace.log()?.as_ref(), &key, pin)?)
}

/// The newest signed checkpoint, for keeping elsewhere.
///
/// # Errors
/// The ledger cannot be read.
pub fn checkpoint(workspace: &Workspace) -> Result<String> {
    Ok(workspace.log()?.head()?.checkpoint)
}
