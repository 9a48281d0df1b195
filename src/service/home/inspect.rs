//! What `doctor` looks at one by one in a home: rights, keys, the vault, tokens, packs in force, the outbox, the ledger.

use crate::error::{Error, Kind, Result};
use crate::ledger::checkpoint::Checkpoint;
use crate::ledger::keyfile::KeyFile;
use crate::ledger::vault::Vault;
use crate::ledger::{AuditLog, tail};
use crate::service::audit;
use crate::service::delivery::carriers::OUTBOX;
use crate::service::home::layout;
use crate::service::home::workspace::{Workspace, now};
use crate::service::policy::Shelf;
use crate::service::users::{people, tokens};
use std::fs;
use std::path::Path;

/// What a check says: how it stands, or what is wrong and what to do.
pub(in crate::service) type Says = Result<String>;

/// What is wrong in a home, and what to do.
pub(in crate::service) fn wrong(what: impl Into<String>) -> Error {
    Error::new(Kind::Refused, what)
}

/// Entries that are all read back; of a longer record only the end is, which takes no time.
const ALL: u64 = 20_000;

/// Whose the home is, and who else may read or write what is secret in it.
pub(in crate::service) fn rights(home: &Path) -> Says {
    let wrong = layout::open_to_others(home);
    if wrong.is_empty() {
        Ok("keys, vault, ledger and outbox are their owner's alone".into())
    } else {
        let place = home.display();
        Err(self::wrong(format!(
            "{}; run `chmod -R go-rwx {place}`, and see whether somebody was there",
            wrong.join("; ")
        )))
    }
}

/// Whether the log's key signed the record, and people's keys are those of the roster.
pub(in crate::service) fn keys(home: &Path, log: Option<&dyn AuditLog>) -> Says {
    let folder = home.join("keys");
    let key = people::log_public(home)?;
    if let Some(log) = log {
        let head = log.head()?;
        if head.size > 0 {
            Checkpoint::open(&head.checkpoint, &key).map_err(|e| {
                self::wrong(format!("keys/log.key is not what this ledger was signed with ({e}); restore it from its backup")).because(e)
            })?;
        }
    }
    let can_write = folder.join("log.key").exists();
    let (mut people, mut wrong) = (0, Vec::new());
    for entry in fs::read_dir(&folder)
        .map_err(|e| Error::of(Kind::Io, e))?
        .flatten()
    {
        let file = entry.file_name().to_string_lossy().into_owned();
        let Some(name) = file.strip_suffix(".key").filter(|name| *name != "log") else {
            continue;
        };
        people += 1;
        match KeyFile::load(&entry.path()) {
            Err(e) => wrong.push(format!("{file}: {e}")),
            Ok(KeyFile::Plain(key)) => {
                let known = log.and_then(|log| people::key_on_roster(log, name));
                if known.is_some_and(|known| known != key.public()) {
                    wrong.push(format!("{file} is not the key that the roster names"));
                }
            }
            Ok(KeyFile::Locked(_)) => {}
        }
    }
    if !wrong.is_empty() {
        wrong.sort();
        return Err(self::wrong(format!(
            "{}; restore keys/ from its backup",
            wrong.join("; ")
        )));
    }
    Ok(if can_write {
        format!("the log's, and {people} of people")
    } else {
        format!(
            "the log's public key alone: the record can be read and verified, not written; {people} of people"
        )
    })
}

/// Whether the vault's key opens the customers' keys of this ledger.
pub(in crate::service) fn vault(home: &Path, log: Option<&dyn AuditLog>) -> Says {
    let path = home.join("vault.key");
    let vault = Vault::if_there(&path)
        .map_err(|e| Error::new(Kind::Io, format!("vault.key: {e}")).because(e))?;
    if path.with_extension("key.next").exists() {
        return Err(wrong(
            "an erasure was cut off; the next command that writes finishes it",
        ));
    }
    let epoch = match log {
        Some(log) => log.head()?.epoch,
        None => None,
    };
    match (vault, epoch) {
        (None, None) => Ok("none yet; the first run makes it".into()),
        (None, Some(_)) => Err(wrong(
            "vault.key is not there: nobody's data opens; restore it from its backup",
        )),
        (Some(vault), Some(epoch)) if vault.name() != epoch => Err(wrong(
            "vault.key is of another ledger, or of before the last erasure; bring the right one",
        )),
        (Some(_), _) => Ok("its key is this ledger's".into()),
    }
}

/// Tokens that stand for somebody who may not act, or have ended.
pub(in crate::service) fn tokens(home: &Path, log: Option<&dyn AuditLog>) -> Says {
    let all = tokens::list(home)?;
    let now = now();
    let ended = all.iter().filter(|token| token.has_ended(&now)).count();
    let known = log.map(people::list).transpose()?;
    let stranded: Vec<&str> = all
        .iter()
        .filter(|token| {
            known.as_ref().is_some_and(|known| {
                !known
                    .iter()
                    .any(|person| person.name == token.person && person.active)
            })
        })
        .map(|token| token.id.as_str())
        .collect();
    if stranded.is_empty() {
        Ok(format!("{}, {ended} of them ended", all.len()))
    } else {
        Err(wrong(format!(
            "{} stand for nobody who may act; take them back: `echovoice token revoke ID`",
            stranded.join(", ")
        )))
    }
}

/// Whether each pack in force is the one that was activated.
pub(in crate::service) fn packs(home: &Path) -> Says {
    let packs = Shelf::of(home).packs()?;
    if packs.is_empty() {
        return Err(wrong(
            "no pack is in force: no rule holds; see `echovoice policy list`",
        ));
    }
    Ok(format!("{}, each as it was activated", packs.len()))
}

/// Whether the outbox can be written, and holds whole messages.
pub(in crate::service) fn outbox(home: &Path) -> Says {
    let folder = home.join(OUTBOX);
    let entries = match fs::read_dir(&folder) {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
            return Ok("empty; the first hand-over makes it".into());
        }
        found => found.map_err(|e| Error::new(Kind::Io, format!("outbox: {e}")).because(e))?,
    };
    let (mut whole, mut parts) = (0, 0);
    for entry in entries.flatten() {
        let is_part = entry.path().extension().is_some_and(|e| e == "part");
        *(if is_part { &mut parts } else { &mut whole }) += 1;
    }
    if !crate::files::may_write(&folder) {
        return Err(wrong(
            "outbox cannot be written: every message waits; give its owner back the right to",
        ));
    }
    if parts > 0 {
        return Err(wrong(format!(
            "{parts} messages are half written (.part): the hand-over was cut off; run `echovoice deliver`, then remove them"
        )));
    }
    Ok(format!("{whole} messages"))
}

/// Whether the record hangs together: all of it, or of a long one the end.
pub(in crate::service) fn ledger(workspace: &Workspace, log: &dyn AuditLog) -> Says {
    let key = people::log_public(&workspace.home)?;
    let tail = tail::check(log, &key)?;
    if let Some(counts) = log.counts()?
        && counts.entries != tail.size
        && log.head().is_ok_and(|head| head.size == tail.size)
    {
        return Err(wrong(format!(
            "the ledger is damaged: it holds {} of {} entries; restore it from a backup",
            counts.entries, tail.size
        )));
    }
    if tail.size > ALL {
        return Ok(format!(
            "{} entries, of which the last {} were read; `echovoice audit verify` reads all",
            tail.size, tail.read
        ));
    }
    let report = audit::verify(workspace, None)?;
    match report.problem {
        None => Ok(format!("{} entries, all read back", report.entries)),
        Some(problem) => Err(wrong(format!(
            "TAMPERED at entry {}: {problem}; see `echovoice audit verify`",
            report.first_bad.unwrap_or(0)
        ))),
    }
}
