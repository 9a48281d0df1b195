//! A person's word that the machine's clock is right again, after the record saw it jump back.

use crate::domain::person::Action;
use crate::error::{Error, Kind, Result};
use crate::ledger::NewEntry;
use crate::ledger::checkpoint::sign_note;
use crate::ledger::payload::{ClockConfirmedPayload, Payload};
use crate::ledger::rules::clock;
use crate::service::audit::reason;
use crate::service::home::workspace::{Workspace, now};

/// The jump of the clock that holds decisions, if one does: its entry.
///
/// # Errors
/// The ledger cannot be read.
pub fn jump(workspace: &Workspace) -> Result<Option<u64>> {
    let (_, jump) = clock::jumps(workspace.log()?.as_ref())?;
    Ok(jump)
}

/// Confirms the time since the last jump; the entry's number comes back.
///
/// # Errors
/// Not allowed, no jump waits for it, or the ledger refused.
pub fn confirm(workspace: &Workspace, reason: &str) -> Result<u64> {
    workspace.allow(Action::Decide)?;
    let key = workspace.signing_key()?;
    let reason = reason::reason_on_record(workspace, reason)?;
    let jump = jump(workspace)?.ok_or_else(|| {
        Error::new(
            Kind::Input,
            "the clock has not jumped, or its time was confirmed already",
        )
    })?;
    let (person, time) = (&workspace.person, now());
    let note = clock::note(jump, &reason, &time);
    let said = Payload::ClockConfirmed(ClockConfirmedPayload {
        reason: Some(reason),
        note: Some(sign_note(&note, &person.name, &key)),
    });
    let id = clock::confirmed_id(jump);
    let entry = NewEntry::new(id, said, &person.name, person.role, &time);
    workspace.write(entry)
}
