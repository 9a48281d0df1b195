//! What is in force in this home, held against the record: packs, and the texts behind every run. A file that was changed
//! past the program is told, and nothing runs under it until an administrator has said that it is right.

use crate::domain::digest::Digest;
use crate::domain::person::Action;
use crate::error::{Error, Kind, Result};
use crate::ledger::checkpoint::sign_note;
use crate::ledger::log::Key;
use crate::ledger::payload::{InForcePayload, Payload};
use crate::ledger::rules::in_force::{self, InForce, Word, line_of};
use crate::ledger::{AuditLog, Entry, NewEntry};
use crate::service::audit::erasure::reason_on_record;
use crate::service::home::layout;
use crate::service::home::texts::Texts;
use crate::service::home::workspace::{Workspace, now};
use crate::service::policy::Shelf;
use std::collections::BTreeMap;
use std::path::Path;

/// What is in force here, a line each: `PATH HASH`, in order.
///
/// # Errors
/// The list of packs in force, or a text, cannot be read.
pub(in crate::service) fn here(home: &Path, texts: &Texts) -> Result<Vec<String>> {
    let packs = Shelf::of(home).list()?;
    let packs = packs
        .iter()
        .map(|pack| line_of(&pack.id, &pack.digest.to_string()));
    let texts = texts.bound();
    let texts = texts.map(|(name, text)| format!("{name} {}", Digest::of(text.as_bytes())));
    let mut lines: Vec<String> = packs.chain(texts).collect();
    lines.sort();
    Ok(lines)
}

/// What differs between the record and this home, in words; none if nothing does.
///
/// # Errors
/// The record or the home cannot be read.
pub(in crate::service) fn difference(
    log: &dyn AuditLog,
    here: &[String],
) -> Result<Option<String>> {
    let Some(recorded) = in_force::stated(log)? else {
        return Ok(Some("the record does not say what is in force".into()));
    };
    let split = |lines: &[String]| -> BTreeMap<String, String> {
        let lines = lines.iter().filter_map(|line| line.rsplit_once(' '));
        lines
            .map(|(path, hash)| (path.to_owned(), hash.to_owned()))
            .collect()
    };
    let (recorded, here) = (split(&recorded.lines), split(here));
    let mut says = Vec::new();
    for (path, hash) in &here {
        match recorded.get(path) {
            None => says.push(format!("{path} is not on record")),
            Some(known) if known != hash => says.push(format!("{path} was changed")),
            Some(_) => {}
        }
    }
    let gone = recorded.keys().filter(|path| !here.contains_key(*path));
    says.extend(gone.map(|path| format!("{path} is on record, and not in force here")));
    Ok((!says.is_empty()).then(|| says.join("; ")))
}

/// Refuses to work under what the record does not have in force.
///
/// # Errors
/// Something differs: what, and how to go on.
pub(in crate::service) fn check(home: &Path, log: &dyn AuditLog, here: &[String]) -> Result<()> {
    match difference(log, here)? {
        None => Ok(()),
        Some(says) => Err(Error::new(
            Kind::Changed,
            format!("what is in force here is not what the record says: {says}"),
        )
        .at(home.display().to_string())
        .fix("bring the files back, or an administrator puts on record what is there now: `echovoice --as NAME policy accept --reason …`")),
    }
}

/// Whether this home is as the record says: one line of words.
///
/// # Errors
/// It is not, or cannot be read.
pub fn compare(workspace: &Workspace) -> Result<String> {
    let is_copy = layout::is_only_read(&workspace.home);
    if is_copy && !Shelf::of(&workspace.home).has_list() {
        return Ok("no packs lie here: a copy of the record alone".into());
    }
    let texts = Texts::read(&workspace.home, is_copy)?;
    let here = here(&workspace.home, &texts)?;
    match difference(workspace.log()?.as_ref(), &here)? {
        None => Ok(format!("{} packs and texts, as on record", here.len())),
        Some(says) => Err(Error::new(Kind::Refused, says)),
    }
}

/// Puts on record what is in force in this home now; the entry's number comes back. The home is open with
/// [`Workspace::open_to_accept`].
///
/// # Errors
/// Not allowed, nothing differs, or the ledger refused.
pub fn accept(workspace: &Workspace, reason: &str) -> Result<u64> {
    workspace.allow(Action::AcceptHome)?;
    let reason = reason_on_record(workspace, reason)?;
    let lines = here(&workspace.home, &Texts::read(&workspace.home, false)?)?;
    if difference(workspace.log()?.as_ref(), &lines)?.is_none() {
        let what = "what is in force here is what the record says; there is nothing to accept";
        return Err(Error::new(Kind::Input, what));
    }
    let word = Word {
        action: "accept",
        pack: None,
        digest: None,
        lines: &lines,
        reason: Some(&reason),
    };
    let said = Payload::HomeAccepted;
    write(workspace, word, InForcePayload::default(), said, Vec::new())
}

/// Puts a pack in force on record, or takes it out of force; the entry's number comes back.
///
/// # Errors
/// Somebody else changed what is in force meanwhile, or the ledger refused.
pub(in crate::service) fn change(
    workspace: &Workspace,
    (action, pack, digest): (&str, &str, &str),
    said: InForcePayload,
    blobs: Vec<(String, Vec<u8>)>,
) -> Result<u64> {
    let before = recorded(workspace)?;
    let lines = before.after(pack, Some(digest).filter(|_| action == "activate"));
    let word = Word {
        action,
        pack: Some(pack),
        digest: Some(digest),
        lines: &lines,
        reason: None,
    };
    write(workspace, word, said, Payload::PackActivated, blobs)
}

fn recorded(workspace: &Workspace) -> Result<InForce> {
    Ok(in_force::stated(workspace.log()?.as_ref())?.unwrap_or_default())
}

/// Writes a signed change; `said` is what it says beside what is signed.
fn write(
    workspace: &Workspace,
    word: Word<'_>,
    said: InForcePayload,
    kind: fn(InForcePayload) -> Payload,
    blobs: Vec<(String, Vec<u8>)>,
) -> Result<u64> {
    let key = workspace.signing_key()?;
    let (person, time) = (&workspace.person, now());
    let id = in_force::change_id(recorded(workspace)?.changes + 1);
    let note = sign_note(&word.lines().note(&time), &person.name, &key);
    let said = InForcePayload {
        action: Some(word.action.to_owned()),
        pack: word.pack.map(str::to_owned),
        digest: word.digest.map(str::to_owned),
        state: Some(word.lines.iter().map(String::as_str).collect()),
        reason: word.reason.map(str::to_owned),
        note: Some(note.clone()),
        ..said
    };
    let mut entry = NewEntry::new(id, kind(said), &person.name, person.role, &time);
    entry.blobs = blobs;
    let seq = workspace.write(entry)?;
    // An id is written once: somebody else may have taken this number.
    let written = workspace.log()?.one(Key::Entry(seq))?;
    let written = written.and_then(|bytes| Entry::read(&bytes).ok());
    if written.is_some_and(|entry| entry.note() == Some(&note)) {
        return Ok(seq);
    }
    Err(Error::new(
        Kind::Changed,
        "somebody else changed what is in force meanwhile; nothing was changed here",
    )
    .fix("look at it, and try again"))
}
