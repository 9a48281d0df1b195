//! What is handed to a stranger: exports with a binder to read, receipts, and a restore that verifies equal.

mod binder;
mod cells;
mod chart;
mod page;

use crate::error::{Error, Kind, Result};
use crate::files;
use crate::ledger::evidence::{self, Commitment, Receipt, Span};
use crate::ledger::keys::PublicKey;
use crate::ledger::log::Key;
use crate::ledger::payload::{ExportPayload, Payload};
use crate::ledger::redb::RedbLog;
use crate::ledger::summary::RunSummary;
use crate::ledger::verify::verify;
use crate::ledger::{AuditLog, NewEntry};
use crate::service::audit::quality::{self, ReviewQuality};
use crate::service::audit::witness;
use crate::service::home::database;
use crate::service::home::reader::read_only;
use crate::service::home::workspace::{Workspace, now};
use crate::service::review::days::stretch;
use crate::service::review::queue::titles;
use crate::service::users::people;
use std::fs;
use std::io;
use std::path::Path;

use page::Cover;

pub use crate::ledger::evidence::Exported;
pub use binder::Stats;
pub use chart::{Chart, Counted};

const VERIFIER: &str = include_str!("../../../../assets/evidence/verify.py");
const RULES: &str = include_str!("../../../../assets/evidence/rules.py");
const FORMAT: &str = include_str!("../../../../assets/evidence/FORMAT.md");

fn unwritable(folder: &Path) -> impl Fn(io::Error) -> Error {
    let place = folder.display().to_string();
    move |e| Error::of(Kind::Io, e).at(place.clone())
}

/// A period of the command line.
fn span(since: Option<&str>, until: Option<&str>) -> Result<Span> {
    let now = chrono::Utc::now();
    let read = |text: &str| {
        stretch(&text.to_lowercase(), now).map_err(|problem| {
            Error::new(Kind::Input, format!("--since and --until: {problem}"))
                .because(problem)
                .fix("write 2026-11-23, yesterday or 2026-11-23T10:00:00Z")
        })
    };
    // A day that is named as the last one is in it.
    let span = Span {
        since: since.map(read).transpose()?.map(|day| day.from),
        until: until.map(read).transpose()?.map(|day| day.to),
    };
    if let (Some(from), Some(to)) = (span.since, span.until)
        && to < from
    {
        return Err(Error::new(
            Kind::Input,
            "--since and --until: the period ends before it begins",
        )
        .fix("turn the two days round"));
    }
    Ok(span)
}

/// Whether an export from this home goes on its record: not without the log's key, and not where nothing is written.
pub fn is_put_on_record(home: &Path) -> bool {
    home.join("keys").join("log.key").exists()
        && !crate::service::home::ownership::is_only_read(home)
}

/// Exports a period, or everything, into a new folder: evidence, the verifier, and a binder to read.
///
/// # Errors
/// The folder is not empty or cannot be written, or the ledger cannot be read.
pub fn export(
    workspace: &Workspace,
    since: Option<&str>,
    until: Option<&str>,
    folder: &Path,
    progress: &mut dyn FnMut(&'static str, u64, u64),
) -> Result<Exported> {
    let span = span(since, until)?;
    if fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(Error::new(Kind::Input, "the folder is not empty")
            .at(folder.display().to_string())
            .fix("export into a new folder: --out DIR"));
    }
    let log = workspace.log()?.as_ref();
    // A restored home may have no key: what it holds is in the export that it came from.
    let key = people::log_key(&workspace.home.join("keys"), false).map_err(|e| {
        e.fix("it signs for all that an export holds: bring keys/log.key from its backup")
    })?;
    let own = put_on_record(workspace, &span, (since, until))?;
    let own = own.as_ref().map(|(commitment, seq)| (commitment, *seq));
    let mut told = |done, of| progress("writing entries", done, of);
    let done = evidence::export_on_record(log, &key.public(), (&span, own), folder, &mut told)
        .map_err(|e| Error::of(Kind::Io, e).at(folder.display().to_string()))?;
    let io = unwritable(folder);
    for (name, text) in [
        ("verify.py", VERIFIER),
        ("rules.py", RULES),
        ("FORMAT.md", FORMAT),
    ] {
        files::write(&folder.join(name), text).map_err(&io)?;
    }
    let cover = Cover::of(workspace, &now())?;
    let binder = folder.join("binder");
    let counts = binder::write(log, &span, &binder)?;
    let page = page::write(&counts, &span, &cover, &log.head()?.checkpoint);
    files::write(&binder.join("index.html"), page).map_err(unwritable(&binder))?;
    if let Some(note) = witness::cosigned(&workspace.home) {
        files::write(&folder.join("cosigned"), note).map_err(&io)?;
    }
    evidence::seal(folder, &done, &span, &key).map_err(&io)?;
    Ok(done)
}

/// Who takes what out of the house is on record before it is out, wherever there is a record to write; so the export
/// holds its own entry, and what is restored from it is all that was seen here. Of a period the entry says what the export
/// owes, and its number comes back.
fn put_on_record(
    workspace: &Workspace,
    span: &Span,
    (since, until): (Option<&str>, Option<&str>),
) -> Result<Option<(Commitment, u64)>> {
    let Ok(ledger) = workspace.ledger() else {
        if span.is_everything() {
            return Ok(None);
        }
        return Err(Error::new(
            Kind::Input,
            "an export of a period goes on record, so that nothing of its runs can be left out of it; this home is only read",
        )
        .fix("export everything, without --since and --until, or from the home that is written"));
    };
    let (time, person) = (now(), &workspace.person);
    let mut said = ExportPayload {
        since: since.map(str::to_owned),
        until: until.map(str::to_owned),
        ..ExportPayload::default()
    };
    let mut owed = None;
    if !span.is_everything() {
        let commitment = Commitment::now(ledger.log().as_ref(), span)?;
        said = commitment.on(said);
        owed = Some(commitment);
    }
    let id = format!("export/{}/{time}", person.name);
    let said = Payload::Export(said);
    let entry = NewEntry::new(id, said, &person.name, person.role, &time);
    let receipts = ledger.append(vec![entry]).wait()?;
    let seq = receipts.first().map(|receipt| receipt.seq);
    Ok(owed.zip(seq))
}

/// Counts over a period, or everything: verdicts, block reasons, decisions, times, overrides.
///
/// # Errors
/// The ledger cannot be read.
pub fn stats(workspace: &Workspace, since: Option<&str>, until: Option<&str>) -> Result<Stats> {
    let span = span(since, until)?;
    binder::stats(workspace.log()?.as_ref(), &span, &titles(workspace))
}

/// How well reviewers review, over the decisions of a period, or all.
///
/// # Errors
/// The ledger cannot be read.
pub fn quality(
    workspace: &Workspace,
    since: Option<&str>,
    until: Option<&str>,
) -> Result<ReviewQuality> {
    quality::within(workspace, &span(since, until)?, None)
}

/// The receipt of a run's last decision.
///
/// # Errors
/// There is no such run, or nobody has decided about it.
pub fn prove(workspace: &Workspace, run: &str) -> Result<Receipt> {
    let log = workspace.log()?;
    let unknown = || {
        Error::new(
            Kind::NotFound,
            format!(
                "no decision about {}",
                crate::text::hidden::visible_line(run)
            ),
        )
        .fix("list runs with `echovoice audit list`")
    };
    let row = log.one(Key::Run(run))?.ok_or_else(unknown)?;
    let summary: RunSummary =
        serde_json::from_slice(&row).map_err(|e| Error::of(Kind::Ledger, e))?;
    let entries = crate::service::audit::show(workspace, run)?;
    let decision = entries
        .iter()
        .rev()
        .find(|entry| !summary.decided_by.is_empty() && entry.note().is_some())
        .ok_or_else(unknown)?;
    Ok(evidence::receipt(log.as_ref(), decision.seq)?)
}

/// The log's public key, base64.
///
/// # Errors
/// It cannot be read.
pub fn log_key(workspace: &Workspace) -> Result<String> {
    Ok(people::log_public(&workspace.home)?.to_text())
}

/// Whether a ledger lies there: an empty file, or one without an entry, is none.
fn holds_entries(path: &Path) -> Result<bool> {
    match fs::metadata(path) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(e) => return Err(unwritable(path)(e)),
        Ok(data) if data.len() == 0 => return Ok(false),
        Ok(_) => {}
    }
    // What cannot be read may be a ledger that was damaged: it is not written over.
    Ok(!matches!(read_only(path).map(|log| log.head()), Ok(Ok(head)) if head.size == 0))
}

/// An export whose files are whole may still hold what nobody was allowed to write.
fn keeps_the_rules(log: &dyn AuditLog, key: &PublicKey) -> Result<()> {
    let report = verify(log, key, None).map_err(|e| Error::of(Kind::Refused, e))?;
    match (report.problem, report.first_bad) {
        (None, _) => Ok(()),
        (Some(problem), seq) => Err(Error::new(
            Kind::Refused,
            format!(
                "entry {}: {problem}; nothing was restored",
                seq.unwrap_or(0)
            ),
        )),
    }
}

/// Restores an export of everything into a home that has no ledger. Keys are in no export: the log's key, people's
/// keys and the vault's come from their own backup; without them the ledger can be read and verified, no more.
///
/// # Errors
/// The home has a ledger already, or the export is not whole.
pub fn restore(
    home: &Path,
    folder: &Path,
    progress: &mut dyn FnMut(&'static str, u64, u64),
) -> Result<u64> {
    let path = home.join("ledger.redb");
    let database = database::open(home)?;
    let used = match &database {
        Some(log) => log.head()?.size > 0,
        None => holds_entries(&path)?,
    };
    if used {
        return Err(Error::new(Kind::Input, "this home has a ledger already")
            .at(home.display().to_string())
            .fix("restore into a new one: --home DIR, or another schema"));
    }
    let unfit = |file: &str, problem: String| {
        Error::new(Kind::Input, problem).at(folder.join(file).display().to_string())
    };
    let key = evidence::read_text(&folder.join("log.pub"))
        .map_err(|e| unfit("log.pub", e.to_string()))
        .and_then(|text| {
            PublicKey::parse(text.trim()).ok_or_else(|| unfit("log.pub", "not a key".into()))
        })?;
    let subjects = evidence::read_customers(folder)
        .map_err(|e| unfit(evidence::CUSTOMERS, e.to_string()).because(e))?;
    let keys = home.join("keys");
    files::folder(&keys).map_err(unwritable(&keys))?;
    let mut told = |done, of| progress("restoring entries", done, of);
    let entries = if let Some(log) = database {
        evidence::restore(folder, &key, subjects, log.as_ref(), &mut told)
            .map_err(|e| {
                unfit("", e.to_string()).fix("drop the schema and make it anew before the next try")
            })
            .and_then(|entries| {
                keeps_the_rules(log.as_ref(), &key).map_err(|why| {
                    unfit("entries.jsonl", why.to_string())
                        .fix("drop the schema: this is no record to go on with")
                })?;
                Ok(entries)
            })?
    } else {
        // Built aside: a restore that fails leaves no ledger.
        let aside = home.join("ledger.restoring");
        files::remove(&aside).map_err(unwritable(&aside))?;
        let log = RedbLog::open(&aside).map_err(|e| Error::of(Kind::Io, e))?;
        let entries = evidence::restore(folder, &key, subjects, &log, &mut told)
            .map_err(|e| unfit("", e.to_string()))?;
        keeps_the_rules(&log, &key).map_err(|why| unfit("entries.jsonl", why.to_string()))?;
        drop(log);
        fs::rename(&aside, &path).map_err(unwritable(&path))?;
        entries
    };
    let public = keys.join("log.pub");
    files::write(&public, format!("{}\n", key.to_text())).map_err(unwritable(&public))?;
    Ok(entries)
}
