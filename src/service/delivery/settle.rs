//! A hand-over that was begun and whose end nobody saw: a person looks, and says what became of it.

use crate::deliver::message_id;
use crate::domain::digest::Digest;
use crate::domain::person::Action;
use crate::error::{Error, Kind, Result};
use crate::ledger::NewEntry;
use crate::ledger::checkpoint::sign_note;
use crate::ledger::payload::coded::{Code as _, Coded, HandoverStatus};
use crate::ledger::payload::{DeliveryPayload, Payload};
use crate::ledger::rules::acts;
use crate::service::audit::reason;
use crate::service::canary::reveal;
use crate::service::delivery::handover::{counted_as, new_id};
use crate::service::home::workspace::{Workspace, now};
use crate::service::review::{history, queue};

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
    let reason = reason::reason_on_record(workspace, reason)?;
    let decision = summary.decided_at;
    let (status, entry_id) = if sent {
        let id = format!("delivery/{decision}");
        (HandoverStatus::Delivered, id)
    } else {
        let id = new_id(decision, HandoverStatus::Failed)?;
        (HandoverStatus::Failed, id)
    };
    let (person, key, time) = (&workspace.person, workspace.signing_key()?, now());
    let what = (summary.artifact.as_str(), decision);
    let note = acts::settling(id, &status.word(), what, &reason).note(&time);
    let mut said = DeliveryPayload {
        status: Some(status.into()),
        artifact: Some(Coded::written(&summary.artifact)),
        decision: Some(decision),
        settled: Some(reason),
        note: Some(sign_note(&note, &person.name, &key)),
        ..DeliveryPayload::default()
    };
    if sent {
        let artifact = Digest::parse(&summary.artifact).unwrap_or(Digest([0; 32]));
        said.message_id = Some(message_id(id, &summary.variant, &artifact));
        said.channel = Some(summary.channel.clone());
        if let Ok(run) = history::load(workspace, &summary.run)
            && let Some(variant) = run.variant(&summary.variant)
        {
            said = counted_as(said, &run, variant);
        }
    } else {
        said.is_final = Some(false);
    }
    let said = Payload::Delivery(said);
    let mut entry = NewEntry::new(entry_id, said, &person.name, person.role, &time).run(id);
    entry.unchanged_since = Some(summary.last);
    workspace.write(entry).map(drop)
}
