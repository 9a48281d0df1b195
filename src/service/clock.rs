//! A person's word that the machine's clock is right again, after the record saw it jump back.

use super::workspace::{Workspace, now};
use super::{erasure, personal};
use crate::domain::person::Action;
use crate::error::{Error, Kind, Result};
use crate::ledger::checkpoint::sign_note;
use crate::ledger::rules::clock;
use crate::ledger::{AuditLog, EntryKind, NewEntry};

/// The jump of the clock that holds decisions, if one does: its entry.
///
/// # Errors
/// The ledger cannot be read.
pub fn jump(workspace: &Workspace) -> Result<Option<u64>> {
    let log: &dyn AuditLog = workspace.log()?.as_ref();
    let mut last = None;
    for number in 1.. {
        match log.seq_of(&clock::jump_id(number))? {
            Some(seq) => last = Some(seq),
            None => break,
        }
    }
    match last {
        Some(seq) if log.seq_of(&clock::confirmed_id(seq))?.is_none() => Ok(Some(seq)),
        _ => Ok(None),
    }
}

/// Confirms the time since the last jump; the entry's number comes back.
///
/// # Errors
/// Not allowed, no jump waits for it, or the ledger refused.
pub fn confirm(workspace: &Workspace, reason: &str) -> Result<u64> {
    workspace.allow(Action::Decide)?;
    let key = workspace.signing_key()?;
    let reason = erasure::reason_of(reason)?;
    personal::none_in("reason", &reason, &workspace.allow, None)?;
    let jump = jump(workspace)?.ok_or_else(|| {
        Error::new(
            Kind::Input,
            "the clock has not jumped, or its time was confirmed already",
        )
    })?;
    let (person, time) = (&workspace.person, now());
    let note = clock::note(jump, &reason, &time);
    let entry = NewEntry::new(
        clock::confirmed_id(jump),
        EntryKind::ClockConfirmed,
        &person.name,
        person.role,
        &time,
    )
    .with("reason", reason.as_str())
    .with("note", sign_note(&note, &person.name, &key));
    workspace.write(entry)
}
