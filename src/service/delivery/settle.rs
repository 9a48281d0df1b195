//! A hand-over that was begun and whose end nobody saw: a person looks, and says what became of it.

use crate::deliver::message_id;
use crate::domain::digest::Digest;
use crate::domain::person::Action;
use crate::error::{Error, Kind, Result};
use crate::ledger::checkpoint::sign_note;
use crate::ledger::rules::acts;
use crate::ledger::{EntryKind, NewEntry};
use crate::service::audit::erasure;
use crate::service::canary::reveal;
use crate::service::delivery::handover::{counted_as, new_id};
use crate::service::home::workspace::{Workspace, now};
use crate::service::review::{history, queue};
use serde_json::json;

/// A person looked, and says what became of a hand-over whose end is not on record.
///
/// # Errors
/// Not allowed, nothing is to be settled, or the ledger refused.
pub fn settle(workspace: &Workspace, id: &str, sent: bool, reason: &str) -> Result<()> {
    workspace.allow(Action::Deliver)?;
    let summary = queue::known(workspace, id)?;
    if summary.begun.is_empty() {
        return Err(Error::new(Kind::Input, "there is nothing to settle")
            .at(id.to_owned())
            .fix("only a hand-over that was begun and whose end is not on record is settled"));
    }
    if let Ok(run) = history::load(workspace, id) {
        reveal::is_never_sent(&run)?;
    }
    let reason = erasure::reason_on_record(workspace, reason)?;
    let decision = summary.decided_at;
    let (status, entry_id) = if sent {
        ("delivered", format!("delivery/{decision}"))
    } else {
        ("failed", new_id(decision, "failed")?)
    };
    let (person, key, time) = (&workspace.person, workspace.signing_key()?, now());
    let what = (summary.artifact.as_str(), decision);
    let note = acts::settling(id, status, what, &reason).note(&time);
    let mut entry = NewEntry::new(
        entry_id,
        EntryKind::Delivery,
        &person.name,
        person.role,
        &time,
    )
    .with("note", sign_note(&note, &person.name, &key))
    .run(id)
    .with("status", status)
    .with("artifact", summary.artifact.as_str())
    .with("decision", json!(decision))
    .with("settled", reason.as_str());
    if sent {
        let artifact = Digest::parse(&summary.artifact).unwrap_or(Digest([0; 32]));
        let id = message_id(id, &summary.variant, &artifact);
        entry = entry
            .with("message_id", id)
            .with("channel", summary.channel.as_str());
        if let Ok(run) = history::load(workspace, &summary.run)
            && let Some(variant) = run.variant(&summary.variant)
        {
            entry = counted_as(entry, &run, variant);
        }
    } else {
        entry = entry.with("final", false);
    }
    entry.unchanged_since = Some(summary.last);
    workspace.write(entry).map(drop)
}
