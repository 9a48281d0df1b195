//! The hand-over of what was approved: once, within the time that the approval allows.

use super::workspace::{Workspace, now};
use super::{assets, erasure, history, queue, review};
use crate::deliver::{Carrier, Envelope, FileCarrier};
use crate::domain::delivery::{Delivery, DeliveryStatus};
use crate::domain::digest::Digest;
use crate::domain::jurisdiction::Channel;
use crate::domain::person::{Action, Role};
use crate::domain::run::Run;
use crate::error::{Error, Kind, Result};
use crate::ledger::review::is_before;
use crate::ledger::summary::RunSummary;
use crate::ledger::{EntryKind, NewEntry};
use crate::pipeline::why_held;
use chrono::{DateTime, FixedOffset, Utc};
use serde_json::json;

/// Most messages that are looked at together.
const AT_ONCE: usize = 200;

fn held(reason: String) -> Delivery {
    Delivery {
        status: DeliveryStatus::Held,
        message_id: None,
        timestamp: None,
        reason: Some(reason),
    }
}

/// Hands an approved message over and records it. Safe to call again after a crash: the file's name is the content's
/// hash, the entry's id is the decision's.
pub(super) fn deliver(workspace: &Workspace, run: &Run, approved: &RunSummary) -> Result<Delivery> {
    workspace.allow(Action::Deliver)?;
    let ledger = workspace.ledger()?;
    let variant = run
        .variant(&approved.variant)
        .ok_or_else(|| Error::new(Kind::NotFound, "the variant is gone"))?;
    let artifact = variant.artifact(&run.salt);
    if Digest::parse(&approved.artifact) != Some(artifact) {
        return Err(Error::new(
            Kind::NotAllowed,
            "the stored text is not the approved one; nothing was delivered",
        ));
    }
    let time = now();
    if is_before(&approved.expires, &time) {
        review::expire(workspace, approved)?;
        return Ok(held(
            "the approval lapsed before it was used; the run waits for a review again".into(),
        ));
    }
    if let Some(until) = erasure::restricted(ledger, &run.profile.id)? {
        return Ok(held(format!(
            "the customer's data is restricted until {until}"
        )));
    }
    if is_before(&time, &approved.send_after) {
        return Ok(held(format!(
            "the decision can be withdrawn until {}",
            approved.send_after
        )));
    }
    let decision = approved.decided_at;
    let moment: DateTime<FixedOffset> = Utc::now().fixed_offset();
    let channel = variant.meta.channel;
    let jurisdiction = run.profile.jurisdiction.clone().unwrap_or_default();
    if let Some(reason) = why_held(&run.profile, channel, &jurisdiction, moment) {
        return Ok(held(reason));
    }
    let to = match channel {
        Channel::Email => run.profile.email.as_deref(),
        Channel::Sms | Channel::Push => run.profile.phone.as_deref(),
    };
    let Some(to) = to else {
        return Ok(held(format!("the profile has no address for {channel}")));
    };
    let brand = &workspace.templates.brand;
    let unsubscribe = format!("{}/unsubscribe", brand.link);
    let carrier = FileCarrier::new(&workspace.home.join("outbox"));
    let id = carrier
        .deliver(&Envelope {
            run: &run.id,
            variant,
            artifact,
            to,
            from: &brand.from,
            unsubscribe: &unsubscribe,
            at: moment,
            logo: assets::logo(),
        })
        .map_err(|e| Error::new(Kind::Io, e.to_string()))?;
    let mut entry = NewEntry::new(
        format!("delivery/{decision}"),
        EntryKind::Delivery,
        "system",
        Role::System,
        &time,
    )
    .run(&run.id)
    .with("status", "delivered")
    .with("artifact", artifact.to_string())
    .with("channel", channel.as_str())
    .with("message_id", id.as_str())
    .with("decision", json!(decision));
    entry.customer = Some(run.profile.id.clone());
    workspace.write(entry)?;
    Ok(Delivery {
        status: DeliveryStatus::Delivered,
        message_id: Some(id),
        timestamp: Some(time),
        reason: None,
    })
}

/// Delivers what was approved but not handed over (held, or cut off by a crash). Returns what went out.
///
/// # Errors
/// The ledger cannot be read.
pub fn deliver_approved(workspace: &Workspace, limit: usize) -> Result<Vec<(String, Delivery)>> {
    let mut out = Vec::new();
    for summary in queue::open(workspace, queue::List::Approved, limit)? {
        // A customer who was erased meanwhile gets nothing.
        let Ok(run) = history::load(workspace, &summary.run) else {
            continue;
        };
        let delivery = deliver(workspace, &run, &summary)?;
        out.push((summary.run, delivery));
    }
    Ok(out)
}

/// Hands over what could be withdrawn until now, or lapses what was not used in time. Returns how many went out.
///
/// # Errors
/// The ledger or the outbox refused.
pub fn deliver_due(workspace: &Workspace) -> Result<usize> {
    let time = now();
    let mut count = 0;
    for summary in queue::open(workspace, queue::List::Approved, AT_ONCE)? {
        let waited = !summary.send_after.is_empty() && !is_before(&time, &summary.send_after);
        if !waited && !is_before(&summary.expires, &time) {
            continue;
        }
        if let Ok(run) = history::load(workspace, &summary.run) {
            let delivery = deliver(workspace, &run, &summary)?;
            count += usize::from(delivery.status == DeliveryStatus::Delivered);
        }
    }
    Ok(count)
}
