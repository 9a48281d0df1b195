//! Reading the record: entries, runs as they were, verification.

pub mod archive;
pub mod clock;
pub(in crate::service) mod data_rights;
pub mod erasure;
pub mod evidence;
pub mod quality;
pub(in crate::service) mod reason;
pub mod retention;
pub mod told;
pub mod witness;

use crate::error::{Error, Kind, Result};
use crate::ledger::AuditLog as _;
use crate::ledger::log::{Key, Page};
use crate::ledger::vault::Vault;
use crate::ledger::verify;
use crate::service::home::database;
use crate::service::home::reader::read_only;
use crate::service::home::workspace::Workspace;
use crate::service::review::filter::Filter;
use crate::service::users::people;
use std::path::Path;
use std::time::Duration;

pub use crate::ledger::entry::Entry;
pub use crate::ledger::verify::Report;

/// Whether a panic of this thread comes back as an error: a damaged ledger's.
pub use crate::ledger::redb::is_caught as is_told_otherwise;

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
            Entry::read(bytes).map_err(|e| {
                Error::new(Kind::Ledger, format!("entry {seq}: {e}"))
                    .fix("run `echovoice audit verify`")
            })
        })
        .collect()
}

pub use crate::service::audit::archive::matching;

/// How often a follower looks.
const LOOK: Duration = Duration::from_millis(300);

/// Hands on new entries from a sequence number on, as they come, until the process ends.
///
/// # Errors
/// The ledger cannot be read.
pub fn follow(
    workspace: &Workspace,
    filter: &Filter,
    mut from: u64,
    each: &mut dyn FnMut(&Entry),
) -> Result<()> {
    loop {
        let size = workspace.log()?.head()?.size;
        while from < size {
            let before = (from + STEP as u64).min(size);
            let limit = usize::try_from(before - from).unwrap_or(STEP);
            for entry in entries(workspace, before, limit)?.iter().rev() {
                if filter.matches(entry, false) {
                    each(entry);
                }
            }
            from = before;
        }
        std::thread::sleep(LOOK);
    }
}

/// Copies the ledger of a home, whoever writes it meanwhile; the number of entries comes back.
///
/// # Errors
/// There is no ledger, or the copy cannot be written.
pub fn backup(home: &Path, file: &Path) -> Result<u64> {
    if database::place(home)?.is_some() {
        return Err(
            Error::new(Kind::Input, "this home's ledger is in a database")
                .fix("copy its schema with pg_dump, or write it out with `echovoice audit export`"),
        );
    }
    let path = home.join("ledger.redb");
    let log = read_only(&path)?;
    log.copy_to(file).map_err(|e| {
        Error::new(Kind::Io, format!("the copy cannot be written: {e}"))
            .at(file.display().to_string())
            .fix("name a new file in a folder that can be written")
    })?;
    Ok(read_only(file)?.head()?.size)
}

/// All entries of a run, oldest first; or the one entry with this sequence number.
///
/// # Errors
/// There is no such run or entry.
pub fn show(workspace: &Workspace, what: &str) -> Result<Vec<Entry>> {
    let log = workspace.log()?;
    let rows = match what.parse::<u64>() {
        Ok(seq) => log
            .one(Key::Entry(seq))?
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

/// A customer's pseudonym in the record, if the record knows them.
pub fn subject(workspace: &Workspace, customer: &str) -> Option<String> {
    workspace.ledger().ok()?.pseudonym(customer).ok()?
}

/// Reads everything back and says what holds.
///
/// # Errors
/// The ledger or the log's key cannot be read.
pub fn verify(workspace: &Workspace, pin: Option<&str>) -> Result<Report> {
    let key = people::log_public(&workspace.home)?;
    let file = workspace.home.join("vault.key");
    let vault = Vault::if_there(&file)
        .map_err(|e| Error::of(Kind::Io, e).at(file.display().to_string()))?;
    let log = workspace.log()?.as_ref();
    let mut report = verify::verify_with(log, &key, pin, vault.as_ref())?;
    // What others saw counts without anybody asking for it.
    if report.ok
        && let Some(why) = witness::disagreement(&workspace.home, log, &key)?
    {
        report.ok = false;
        report.first_bad = Some(report.entries);
        report.proves = "The entries hang together, and others saw another record.".into();
        report.problem = Some(why);
    }
    if report.ok {
        // Where it cannot be kept, `doctor` says so.
        let _ = witness::remember(&workspace.home, &key, &log.head()?.checkpoint);
    }
    Ok(report)
}

/// The newest signed checkpoint, for keeping elsewhere.
///
/// # Errors
/// The ledger cannot be read.
pub fn checkpoint(workspace: &Workspace) -> Result<String> {
    Ok(workspace.log()?.head()?.checkpoint)
}
