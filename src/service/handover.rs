//! The hand-over of what was approved: once, within the time that the approval allows.
//!
//! A carrier that is not ours is told of in the ledger before it is asked, and after it answered. Should this program be
//! cut off in between, the record says so: a carrier that knows messages by their id is asked again, and for one that
//! does not, a person looks and says what became of it. So nothing is sent twice, and nothing is lost unseen.

use super::workspace::{Workspace, now};
use super::{assets, erasure, history, offers, optout, personal, queue, review};
use crate::deliver::{Carrier, Custody, DeliverError, Envelope, Handed, message_id};
use crate::domain::delivery::{Delivery, DeliveryStatus};
use crate::domain::digest::Digest;
use crate::domain::jurisdiction::Channel;
use crate::domain::person::{Action, Role};
use crate::domain::run::Run;
use crate::domain::variant::Variant;
use crate::error::{Error, Kind, Result};
use crate::ledger::keys::random;
use crate::ledger::review::is_before;
use crate::ledger::summary::RunSummary;
use crate::ledger::{EntryKind, NewEntry};
use crate::pipeline::why_held;
use chrono::{DateTime, FixedOffset, SecondsFormat, TimeDelta, Utc};
use serde_json::json;

/// Most messages that are looked at together.
const AT_ONCE: usize = 200;

/// A hand-over that was begun may still be under way for so long.
const UNDER_WAY: TimeDelta = TimeDelta::minutes(2);

/// Longest pause between two tries.
const LONGEST_PAUSE: TimeDelta = TimeDelta::hours(1);

fn held(reason: String) -> Delivery {
    Delivery {
        status: DeliveryStatus::Held,
        message_id: None,
        timestamp: None,
        reason: Some(reason),
    }
}

/// A message that may go out now.
struct Ready<'r> {
    run: &'r Run,
    variant: &'r Variant,
    artifact: Digest,
    to: &'r str,
    carrier: &'r dyn Carrier,
    moment: DateTime<FixedOffset>,
}

/// Whether it may go out now, or why not.
fn ready<'r>(
    workspace: &'r Workspace,
    run: &'r Run,
    approved: &RunSummary,
) -> Result<std::result::Result<Ready<'r>, String>> {
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
    let channel = variant.meta.channel;
    let carrier = workspace.carriers.of(channel);
    let time = now();
    let moment: DateTime<FixedOffset> = Utc::now().fixed_offset();
    if !approved.begun.is_empty() {
        let since = DateTime::parse_from_rfc3339(&approved.begun).ok();
        if since.is_some_and(|since| moment - since < UNDER_WAY) {
            return Ok(Err("it is being handed over".into()));
        }
        if carrier.custody() == Custody::Unknown {
            return Ok(Err(format!(
                "a hand-over was begun at {} and its end is not on record: look in the mail server's log for the \
                 message id that begins with {}, then `echovoice deliver --settle {} --sent` or `--not-sent`",
                approved.begun, approved.run, approved.run
            )));
        }
    }
    if approved.refused {
        return Ok(Err("the carrier refused it; withdraw the decision, or correct the profile and start a new run".into()));
    }
    if let Some(until) = erasure::restricted(workspace.ledger()?, &run.profile.id)? {
        return Ok(Err(format!(
            "the customer's data is restricted until {until}"
        )));
    }
    if is_before(&time, &approved.send_after) {
        return Ok(Err(format!(
            "the decision can be withdrawn until {}",
            approved.send_after
        )));
    }
    if optout::is_listed(workspace, &run.profile)? {
        return Ok(Err("the recipient is on the opt-out list".into()));
    }
    let jurisdiction = run.profile.jurisdiction.clone().unwrap_or_default();
    if let Some(reason) = why_held(&run.profile, channel, &jurisdiction, moment) {
        return Ok(Err(reason));
    }
    if let Some(reason) = offers::why_over(workspace, run, variant, moment.date_naive()) {
        return Ok(Err(reason));
    }
    let to = match channel {
        Channel::Email => run.profile.email.as_deref(),
        Channel::Sms | Channel::Push => run.profile.phone.as_deref(),
    };
    let Some(to) = to else {
        return Ok(Err(format!("the profile has no address for {channel}")));
    };
    Ok(Ok(Ready {
        run,
        variant,
        artifact,
        to,
        carrier,
        moment,
    }))
}

/// Hands an approved message over and records it. Safe to call again after a crash, and in several processes.
pub(super) fn deliver(workspace: &Workspace, run: &Run, approved: &RunSummary) -> Result<Delivery> {
    workspace.allow(Action::Deliver)?;
    if approved.begun.is_empty() && is_before(&approved.expires, &now()) {
        review::expire(workspace, approved)?;
        return Ok(held(
            "the approval lapsed before it was used; the run waits for a review again".into(),
        ));
    }
    let ready = match ready(workspace, run, approved)? {
        Ok(ready) => ready,
        Err(reason) => return Ok(held(reason)),
    };
    let ours = ready.carrier.custody() == Custody::Ours;
    if !ours && approved.begun.is_empty() {
        begin(workspace, &ready, approved)?;
    }
    match hand_over(workspace, &ready) {
        Ok(handed) => delivered(workspace, &ready, approved.decided_at, &handed),
        Err(error) if ours => Err(Error::new(Kind::Io, error.to_string())),
        Err(DeliverError::Lost(why)) => Ok(held(format!(
            "the message was sent off and the answer was lost ({why}); it is settled, not sent again"
        ))),
        Err(error) => {
            let is_final = !matches!(error, DeliverError::Later(_));
            let entry = entry(&ready, "failed", approved.decided_at)?
                .with("reason", error.to_string())
                .with("final", is_final);
            workspace.write(entry)?;
            Ok(held(error.to_string()))
        }
    }
}

fn hand_over(
    workspace: &Workspace,
    ready: &Ready<'_>,
) -> std::result::Result<Handed, DeliverError> {
    let brand = &workspace.templates.brand;
    let id = message_id(&ready.run.id, &ready.variant.id, &ready.artifact);
    // Who it is that wants no more is told by the message's own id, which names nobody.
    let unsubscribe = format!("{}/unsubscribe?m={id}", brand.link);
    ready.carrier.deliver(&Envelope {
        run: &ready.run.id,
        variant: ready.variant,
        artifact: ready.artifact,
        to: ready.to,
        from: &brand.from,
        unsubscribe: &unsubscribe,
        at: ready.moment,
        logo: assets::logo(),
    })
}

/// An entry about this hand-over that is new each time.
fn entry(ready: &Ready<'_>, status: &str, decision: u64) -> Result<NewEntry> {
    Ok(about(ready, status, decision, new_id(decision, status)?))
}

/// The id of an entry about a decision's hand-over that no other has.
fn new_id(decision: u64, status: &str) -> Result<String> {
    let failed = |e: std::io::Error| Error::new(Kind::Io, e.to_string());
    let once = hex::encode(random::<8>().map_err(failed)?);
    Ok(format!("delivery/{decision}/{status}/{once}"))
}

fn about(ready: &Ready<'_>, status: &str, decision: u64, id: String) -> NewEntry {
    let mut entry = NewEntry::new(id, EntryKind::Delivery, "system", Role::System, &now())
        .run(&ready.run.id)
        .with("status", status)
        .with("artifact", ready.artifact.to_string())
        .with("channel", ready.variant.meta.channel.as_str())
        .with("decision", json!(decision));
    entry.customer = Some(ready.run.profile.id.clone());
    entry
}

/// Says that the carrier is about to be asked: only one process can, for the run as it stands.
fn begin(workspace: &Workspace, ready: &Ready<'_>, approved: &RunSummary) -> Result<()> {
    let mut entry = entry(ready, "begun", approved.decided_at)?;
    entry.unchanged_since = Some(approved.last);
    workspace.write(entry).map(drop)
}

/// What kind of message it is, and which experiment it counts for.
fn counted_as(mut entry: NewEntry, run: &Run, variant: &Variant) -> NewEntry {
    let kind = variant.meta.kind.as_str();
    entry = entry.with("type", kind);
    if let Some(segment) = &run.segment {
        entry = entry.with("segment", segment.segment.as_str());
    }
    match run.analysis.as_ref().and_then(|a| a.counts(&variant.id)) {
        Some(test) => entry.with("test", test),
        None => entry,
    }
}

fn delivered(
    workspace: &Workspace,
    ready: &Ready<'_>,
    decision: u64,
    handed: &Handed,
) -> Result<Delivery> {
    let mut entry = about(ready, "delivered", decision, format!("delivery/{decision}"))
        .with("message_id", handed.id.as_str());
    if let Some(provider) = &handed.provider {
        entry = entry.with("provider", provider.as_str());
    }
    entry = counted_as(entry, ready.run, ready.variant);
    let time = entry.time.clone();
    workspace.write(entry)?;
    Ok(Delivery {
        status: DeliveryStatus::Delivered,
        message_id: Some(handed.id.clone()),
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
        match deliver(workspace, &run, &summary) {
            // Another process has it.
            Err(error) if error.kind == Kind::Changed => {}
            delivery => out.push((summary.run, delivery?)),
        }
    }
    Ok(out)
}

/// What [`deliver_approved`] would do now: runs, and why they would be held, if they would.
///
/// # Errors
/// The ledger cannot be read.
pub fn rehearse(workspace: &Workspace, limit: usize) -> Result<Vec<(String, Option<String>)>> {
    let mut out = Vec::new();
    for summary in queue::open(workspace, queue::List::Approved, limit)? {
        let Ok(run) = history::load(workspace, &summary.run) else {
            continue;
        };
        let why = if is_before(&summary.expires, &now()) && summary.begun.is_empty() {
            Some("the approval has lapsed; it would go back to review".into())
        } else {
            ready(workspace, &run, &summary)?.err()
        };
        out.push((summary.run, why));
    }
    Ok(out)
}

/// Hands over what could be withdrawn until now, tries again what was not taken, and lapses what was not used in time.
/// Returns how many went out.
///
/// # Errors
/// The ledger or the outbox refused.
pub fn deliver_due(workspace: &Workspace) -> Result<usize> {
    let time = now();
    let mut count = 0;
    for summary in queue::open(workspace, queue::List::Approved, AT_ONCE)? {
        let waited = !summary.send_after.is_empty() && !is_before(&time, &summary.send_after);
        let first = waited && summary.tries == 0;
        if !first && !is_due_again(&summary, &time) && !is_before(&summary.expires, &time) {
            continue;
        }
        if let Ok(run) = history::load(workspace, &summary.run) {
            match deliver(workspace, &run, &summary) {
                Err(error) if error.kind == Kind::Changed => {}
                delivery => count += usize::from(delivery?.status == DeliveryStatus::Delivered),
            }
        }
    }
    Ok(count)
}

/// Whether what was not taken is tried again: after a minute, two, four, and so on.
fn is_due_again(summary: &RunSummary, time: &str) -> bool {
    let cut_off = !summary.begun.is_empty();
    if summary.refused || summary.tries == 0 && !cut_off {
        return false;
    }
    let since = if cut_off {
        &summary.begun
    } else {
        &summary.tried
    };
    let doublings = u32::try_from(summary.tries.saturating_sub(1)).unwrap_or(u32::MAX);
    let pause = TimeDelta::minutes(2_i64.saturating_pow(doublings.min(10))).min(LONGEST_PAUSE);
    let pause = if cut_off { UNDER_WAY } else { pause };
    DateTime::parse_from_rfc3339(since).is_ok_and(|since| {
        let due = (since + pause).to_rfc3339_opts(SecondsFormat::Micros, true);
        !is_before(time, &due)
    })
}

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
    let reason = erasure::reason_of(reason)?;
    personal::none_in("reason", &reason, &workspace.allow, None)?;
    let decision = summary.decided_at;
    let (status, entry_id) = if sent {
        ("delivered", format!("delivery/{decision}"))
    } else {
        ("failed", new_id(decision, "failed")?)
    };
    let person = &workspace.person;
    let mut entry = NewEntry::new(
        entry_id,
        EntryKind::Delivery,
        &person.name,
        person.role,
        &now(),
    )
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
