//! `opt_out.txt` in the home: a copy of the hashes on record, one a line. The record is what counts; the copy is compared
//! with it, and what only the copy knows is taken into the record: the list of an earlier version, of a person's own
//! hand, or of a ledger that was restored from before.

use super::who::Who;
use super::{Because, OptOutBatch, Origin, entry, entry_id, key, on_record, walk};
use crate::error::{Error, Kind, Result};
use crate::files;
use crate::ledger::payload::OptOutPayload;
use crate::ledger::suppression::{SuppressionKey, id_of_hash};
use crate::service::home::workspace::Workspace;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

/// The form of what an earlier version's list held.
pub(super) const FORMER: &str = "former";

/// What the lines of keyed hashes begin with.
const MARK: &str = "v2 ";

/// Size and time of the last change.
type State = (u64, SystemTime);

/// Copies that were taken over as they are.
static SEEN: Mutex<BTreeMap<PathBuf, State>> = Mutex::new(BTreeMap::new());

fn file(home: &Path) -> PathBuf {
    home.join("opt_out.txt")
}

fn seen() -> MutexGuard<'static, BTreeMap<PathBuf, State>> {
    SEEN.lock().unwrap_or_else(PoisonError::into_inner)
}

fn state(path: &Path) -> Option<State> {
    let data = fs::metadata(path).ok()?;
    Some((data.len(), data.modified().ok()?))
}

fn failed(path: &Path) -> impl Fn(io::Error) -> Error {
    let place = path.display().to_string();
    move |e| {
        Error::new(Kind::Io, format!("the opt-out list: {e}"))
            .at(place.clone())
            .fix("nothing is sent until it can be read")
    }
}

fn read(home: &Path) -> Result<Option<String>> {
    let path = file(home);
    match fs::read(&path) {
        Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(failed(&path)(e)),
    }
}

/// Adds hashes to the copy. A last line without its end never joins what comes.
pub(super) fn extend(home: &Path, hashes: &[String]) -> Result<()> {
    if hashes.is_empty() {
        return Ok(());
    }
    let path = file(home);
    let io = failed(&path);
    let was_seen = state(&path).is_none_or(|state| seen().get(&path) == Some(&state));
    let mut out = files::append(&path).map_err(&io)?;
    let length = out.metadata().map_err(&io)?.len();
    let mut last = [b'\n'];
    if length > 0 {
        out.seek(SeekFrom::End(-1))
            .and_then(|_| out.read_exact(&mut last))
            .map_err(&io)?;
    }
    let mut text = String::from(if last == [b'\n'] { "" } else { "\n" });
    for hash in hashes {
        text.push_str(MARK);
        text.push_str(hash);
        text.push('\n');
    }
    out.write_all(text.as_bytes()).map_err(&io)?;
    out.sync_all().map_err(&io)?;
    // What this process wrote itself it need not read again.
    if let Some(now) = state(&path).filter(|now| was_seen && now.0 == length + text.len() as u64) {
        seen().insert(path.clone(), now);
    }
    Ok(())
}

/// Lines of the copy that are neither hashes nor name anybody.
fn strange(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let lines = (1..).zip(text.lines().map(str::trim));
    lines.filter(|(_, line)| {
        let hash = line.strip_prefix(MARK).unwrap_or(line);
        !line.is_empty() && !line.starts_with('#') && id_of_hash(hash).is_none()
    })
}

/// Takes into the record what the copy holds and the record does not. Cheap while the copy does not change.
pub(super) fn take_over(workspace: &Workspace) -> Result<()> {
    let path = file(&workspace.home);
    let Some(now) = state(&path) else {
        return Ok(());
    };
    if seen().get(&path) == Some(&now) {
        return Ok(());
    }
    let text = read(&workspace.home)?.unwrap_or_default();
    take(workspace, &text)?;
    if let Some(now) = state(&path) {
        seen().insert(path, now);
    }
    Ok(())
}

fn take(workspace: &Workspace, text: &str) -> Result<()> {
    let key = key(workspace)?;
    let copied: Vec<&str> = text
        .lines()
        .filter_map(|line| line.trim().strip_prefix(MARK))
        .collect();
    // Lines are written after their entries, so that the last one stands for all: the copy is of this record.
    let newest: Vec<String> = copied
        .last()
        .and_then(|hash| id_of_hash(hash))
        .into_iter()
        .collect();
    let is_of_this = on_record(workspace, &newest)?.iter().all(Option::is_some);
    let mut ids = BTreeMap::new();
    for (line, text) in (1..).zip(text.lines().map(str::trim)) {
        if is_of_this && text.starts_with(MARK) {
            continue;
        }
        for (form, id) in ids_of(&key, text) {
            ids.entry(id).or_insert((line, form));
        }
    }
    let all: Vec<String> = ids.keys().cloned().collect();
    let there = on_record(workspace, &all)?;
    let mut batch = OptOutBatch::new(workspace);
    let origin = Origin {
        because: Because::Asked,
        via: "former list",
        file: Some("opt_out.txt"),
    };
    for ((id, (line, form)), _) in ids.iter().zip(there).filter(|(_, there)| there.is_none()) {
        let line: usize = *line;
        let said = OptOutPayload {
            line: Some(line as u64),
            ..origin.said(form)
        };
        batch.add(entry(workspace, id, said))?;
    }
    let copied: BTreeSet<&str> = copied.into_iter().collect();
    batch.hashes.retain(|hash| !copied.contains(hash.as_str()));
    batch.finish()
}

/// The entries of a line: a keyed hash is its own, a hash of an earlier version has one, and so has a person by name.
fn ids_of(key: &SuppressionKey, line: &str) -> Vec<(&'static str, String)> {
    if let Some(id) = line.strip_prefix(MARK).and_then(id_of_hash) {
        return vec![("unknown", id)];
    }
    if id_of_hash(line).is_some() {
        return vec![(FORMER, key.entry_id(FORMER, line))];
    }
    if line.is_empty() || line.starts_with('#') {
        return Vec::new();
    }
    let who = Who::any(line).unwrap_or_default();
    let readings = who.0.iter();
    readings
        .map(|reading| (reading.0.as_str(), entry_id(key, reading)))
        .collect()
}

/// How the copy in the home stands to the record.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Comparison {
    /// Entries on record.
    pub on_record: usize,
    /// Entries that the copy lacks, if there is a copy.
    pub not_in_copy: usize,
    /// Lines of the copy that the record does not know.
    pub not_on_record: usize,
    /// Lines of the copy that could not be read.
    pub unread: Vec<usize>,
}

impl Comparison {
    /// One line of words.
    pub fn says(&self) -> String {
        let mut says = format!("{} on record", self.on_record);
        if self.not_in_copy > 0 {
            says.push_str(&format!(
                "; opt_out.txt lacks {} of them (the record counts)",
                self.not_in_copy
            ));
        }
        if self.not_on_record > 0 {
            says.push_str(&format!(
                "; opt_out.txt holds {} that the record does not know: `echovoice opt-out count` takes them in",
                self.not_on_record
            ));
        }
        if !self.unread.is_empty() {
            says.push_str(&format!(
                "; lines of opt_out.txt that were not read, and hold nobody: {:?}",
                self.unread
            ));
        }
        says
    }

    /// Whether nobody is missing on record.
    pub fn is_whole(&self) -> bool {
        self.not_on_record == 0 && self.unread.is_empty()
    }
}

/// Compares the copy with the record.
///
/// # Errors
/// The record or the copy cannot be read.
pub fn compare(workspace: &Workspace) -> Result<Comparison> {
    let mut record = BTreeSet::new();
    walk(workspace, &mut |entry, _| {
        record.insert(entry.id.clone());
    })?;
    let mut found = Comparison {
        on_record: record.len(),
        ..Comparison::default()
    };
    let Some(text) = read(&workspace.home)? else {
        found.not_in_copy = record.len();
        return Ok(found);
    };
    // A copy beside a home without the log's key can be read no further.
    let Ok(key) = key(workspace) else {
        return Ok(found);
    };
    let mut copy = BTreeSet::new();
    for line in text.lines().map(str::trim) {
        copy.extend(ids_of(&key, line).into_iter().map(|(_, id)| id));
    }
    found.not_in_copy = record.difference(&copy).count();
    found.not_on_record = copy.difference(&record).count();
    found.unread = strange(&text)
        .filter(|(_, line)| Who::any(line).is_err())
        .map(|(number, _)| number)
        .collect();
    Ok(found)
}
