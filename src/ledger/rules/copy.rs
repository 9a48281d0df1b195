//! An older or other copy of the record than others saw is taken for the right one, by somebody who signs for it.

use crate::domain::person::Action;
use crate::ledger::entry::Entry;
use crate::ledger::payload::CopyPayload;
use crate::ledger::refusal::Refusal;
use crate::ledger::roster::Roster;

/// The text that is signed: size and root of what others saw.
pub fn note(size: u64, root: &str, reason: &str, time: &str) -> String {
    format!(
        "echovoice/copy/v1\naction accept\nsize {size}\nroot {root}\nreason {reason}\ntime {time}\n"
    )
}

/// Checks an entry of this kind; one signature was checked.
///
/// # Errors
/// They may not, or signed for something else.
pub(super) fn check(entry: &Entry, said: &CopyPayload, people: &Roster) -> Result<u64, Refusal> {
    let by = people.acting(entry)?;
    by.role.may(Action::ReplaceKey)?;
    let root = said.root.as_deref().unwrap_or_default();
    let reason = said.reason.as_deref().unwrap_or_default();
    let said = note(said.size.unwrap_or(0), root, reason, &entry.time);
    entry.is_signed(&by.key, &said)?;
    Ok(1)
}
