//! The hand-over of what was approved: once, within the time that the approval allows.
//!
//! A carrier that is not ours is told of in the ledger before it is asked, and after it answered. Should this program be
//! cut off in between, the record says so: a carrier that knows messages by their id is asked again, and for one that
//! does not, a person looks and says what became of it. So nothing is sent twice, and nothing is lost unseen.

use crate::deliver::{
    DeliverError, Envelope, Handed, ResendEffect, Transport, can_be_reached, message_id,
};
use crate::domain::delivery::{Delivery, DeliveryStatus};
use crate::domain::digest::Digest;
use crate::domain::jurisdiction::Channel;
use crate::domain::person::{Action, Role};
use crate::domain::run::Run;
use crate::domain::variant::Variant;
use crate::error::{Error, Kind, Result};
use crate::ledger::NewEntry;
use crate::ledger::keys::random;
use crate::ledger::payload::coded::{Code as _, HandoverStatus, HoldScope};
use crate::ledger::payload::{DeliveryPayload, Payload};
use crate::ledger::review::is_before;
use crate::ledger::summary::RunSummary;
use crate::pipeline::why_held;
use crate::service::audit::data_rights;
use crate::service::canary::reveal;
use crate::service::home::assets;
use crate::service::home::workspace::{Workspace, now};
use crate::service::review::recent::{self, Over};
use crate::service::review::standing::NotNow;
use crate::service::review::{history, queue, standing};
use crate::service::run::offers;
use crate::service::{optout, review};
use chrono::{DateTime, FixedOffset, SecondsFormat, TimeDelta, Utc};

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
    /// Whether it can be addressed so.
    address: std::result::Result<(), DeliverError>,
    carrier: &'r dyn Transport,
    moment: DateTime<FixedOffset>,
}

/// Whether it may go out now, or why not.
fn ready<'r>(
    workspace: &'r Workspace,
    run: &'r Run,
    approved: &RunSummary,
) -> Result<std::result::Result<Ready<'r>, NotNow>> {
    reveal::is_never_sent(run)?;
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
        if carrier.custody() == ResendEffect::Unknown {
            return Ok(Err(format!(
                "a hand-over was begun at {} and its end is not on record: look in the mail server's log for the \
                 message id that begins with {}, then `echovoice deliver --settle {} --sent` or `--not-sent`",
                approved.begun, approved.run, approved.run
            )
            .into()));
        }
    }
    if approved.refused {
        let why = if approved.why.is_empty() {
            "the carrier refused it; withdraw the decision, or correct the profile and start a new run"
        } else {
            &approved.why
        };
        return Ok(Err(why.into()));
    }
    if let Some(remark) = run.profile.blocking() {
        return Ok(Err(remark.to_string().into()));
    }
    if let Some(until) = data_rights::restricted(workspace.ledger()?, &run.profile.id)? {
        return Ok(Err(format!(
            "the customer's data is restricted until {until}"
        )
        .into()));
    }
    if is_before(&time, &approved.send_after) {
        return Ok(Err(format!(
            "the decision can be withdrawn until {}",
            approved.send_after
        )
        .into()));
    }
    if optout::is_listed(workspace, &run.profile)? {
        return Ok(Err("the recipient is on the opt-out list".into()));
    }
    let jurisdiction = run.profile.jurisdiction.clone().unwrap_or_default();
    if let Some(reason) = why_held(&run.profile, channel, &jurisdiction, moment) {
        return Ok(Err(reason.into()));
    }
    if let Some(reason) = offers::why_over(workspace, run, variant, moment.date_naive()) {
        return Ok(Err(reason.into()));
    }
    if let Some(reason) = standing::why_held(workspace, run, variant, moment.date_naive())? {
        return Ok(Err(reason));
    }
    let to = match channel {
        Channel::Email => run.profile.email.as_deref(),
        Channel::Sms | Channel::Push => run.profile.phone.as_deref(),
    };
    let to = to.unwrap_or_default();
    Ok(Ok(Ready {
        run,
        variant,
        artifact,
        to,
        address: can_be_reached(channel, to),
        carrier,
        moment,
    }))
}

/// Hands an approved message over and records it. Safe to call again after a crash, and in several processes.
pub(in crate::service) fn deliver(
    workspace: &Workspace,
    run: &Run,
    approved: &RunSummary,
) -> Result<Delivery> {
    workspace.allow(Action::Deliver)?;
    reveal::is_never_sent(run)?;
    if approved.begun.is_empty() && is_before(&approved.expires, &now()) {
        review::expire(workspace, approved)?;
        return Ok(held(
            "the approval lapsed before it was used; the run waits for a review again".into(),
        ));
    }
    let ready = match ready(workspace, run, approved)? {
        Ok(ready) => ready,
        Err(reason) => return Ok(held(standing::sent_back(workspace, run, reason))),
    };
    if let Err(error) = &ready.address {
        return not_taken(workspace, &ready, approved, error);
    }
    let turn = workspace.recent.turn();
    if let Some(over) = recent::why_over(workspace, run, ready.variant.meta.channel)? {
        return over_cap(workspace, &ready, approved, over);
    }
    let ours = ready.carrier.custody() == ResendEffect::Ours;
    if !ours {
        if approved.begun.is_empty() {
            begin(workspace, &ready, approved)?;
        }
        // It counts from here on, and the carrier may take its time.
        drop(turn);
    }
    match hand_over(workspace, &ready) {
        Ok(handed) => delivered(workspace, &ready, approved.decided_at, &handed),
        Err(DeliverError::Lost(why)) => Ok(held(format!(
            "the message was sent off and the answer was lost ({why}); it is settled, not sent again"
        ))),
        Err(error) => not_taken(workspace, &ready, approved, &error),
    }
}

/// It waits until its customer may be sent another one; that is on record once.
fn over_cap(
    workspace: &Workspace,
    ready: &Ready<'_>,
    approved: &RunSummary,
    over: Over,
) -> Result<Delivery> {
    if approved.why != over.reason {
        let said = DeliveryPayload {
            reason: Some(over.reason.clone()),
            scope: Some(HoldScope::Message.into()),
            until: Some(over.until),
            ..said(ready, HandoverStatus::Held, approved.decided_at)
        };
        let mut entry = entry(
            ready,
            said,
            new_id(approved.decided_at, HandoverStatus::Held)?,
        );
        entry.unchanged_since = Some(approved.last);
        workspace.write(entry)?;
    }
    Ok(held(over.reason))
}

/// It is held, with the reason on record; other messages go on.
fn not_taken(
    workspace: &Workspace,
    ready: &Ready<'_>,
    approved: &RunSummary,
    error: &DeliverError,
) -> Result<Delivery> {
    let scope = if error.is_of_the_carrier() {
        HoldScope::Carrier
    } else {
        HoldScope::Message
    };
    let said = DeliveryPayload {
        reason: Some(error.to_string()),
        is_final: Some(error.is_final()),
        scope: Some(scope.into()),
        ..said(ready, HandoverStatus::Failed, approved.decided_at)
    };
    let id = new_id(approved.decided_at, HandoverStatus::Failed)?;
    let entry = entry(ready, said, id);
    workspace.write(entry).map_err(|refused| {
        let what = format!(
            "the decision is on record; the message was not handed over ({error}), and that is not on record: {}",
            refused.what
        );
        refused.saying(what)
    })?;
    Ok(held(error.to_string()))
}

/// It went out, and the ledger could not say so.
fn unrecorded(refused: Error, ready: &Ready<'_>, handed: &Handed) -> Error {
    let then = match ready.carrier.custody() {
        ResendEffect::Ours => "the next hand-over finds it, makes no second one, and records it",
        ResendEffect::KnownById => {
            "the next hand-over names it by the same id, by which it is known there, and records it"
        }
        ResendEffect::Unknown => {
            "it is not sent a second time: say so with `echovoice deliver --settle RUN --sent`"
        }
    };
    let what = format!(
        "the decision is on record; message {} was handed over, and that is not on record: {}; {then}",
        handed.id, refused.what
    );
    refused.saying(what)
}

fn hand_over(
    workspace: &Workspace,
    ready: &Ready<'_>,
) -> std::result::Result<Handed, DeliverError> {
    let brand = &workspace.templates.brand;
    let id = message_id(&ready.run.id, &ready.variant.id, &ready.artifact);
    // Who it is that wants no more is told by the message's own id, which names nobody.
    let unsubscribe = format!("{}/unsubscribe?m={id}", brand.link);
    let logo = assets::logo_of(&workspace.home, brand).map_err(|e| {
        DeliverError::Setting(format!(
            "the brand's logo (brand/logo.svg) cannot be read: {e}"
        ))
    })?;
    ready.carrier.deliver(&Envelope {
        run: &ready.run.id,
        variant: ready.variant,
        artifact: ready.artifact,
        to: ready.to,
        from: &brand.from,
        unsubscribe: &unsubscribe,
        at: ready.moment,
        logo: &logo,
    })
}

/// The id of an entry about a decision's hand-over that no other has.
pub(in crate::service) fn new_id(decision: u64, status: HandoverStatus) -> Result<String> {
    let failed = |e: std::io::Error| Error::of(Kind::Io, e);
    let once = hex::encode(random::<8>().map_err(failed)?);
    Ok(format!("delivery/{decision}/{}/{once}", status.word()))
}

/// What every entry about this hand-over says.
fn said(ready: &Ready<'_>, status: HandoverStatus, decision: u64) -> DeliveryPayload {
    DeliveryPayload {
        status: Some(status.into()),
        artifact: Some(ready.artifact.into()),
        channel: Some(ready.variant.meta.channel.as_str().to_owned()),
        decision: Some(decision),
        ..DeliveryPayload::default()
    }
}

fn entry(ready: &Ready<'_>, said: DeliveryPayload, id: String) -> NewEntry {
    let said = Payload::Delivery(said);
    let mut entry = NewEntry::new(id, said, "system", Role::System, &now()).run(&ready.run.id);
    entry.customer = Some(ready.run.profile.id.clone());
    entry
}

/// Says that the carrier is about to be asked: only one process can, for the run as it stands.
fn begin(workspace: &Workspace, ready: &Ready<'_>, approved: &RunSummary) -> Result<()> {
    let decision = approved.decided_at;
    let said = said(ready, HandoverStatus::Begun, decision);
    let mut entry = entry(ready, said, new_id(decision, HandoverStatus::Begun)?);
    entry.unchanged_since = Some(approved.last);
    workspace.write(entry).map(drop)
}

/// What kind of message it is, and which experiment it counts for.
pub(in crate::service) fn counted_as(
    said: DeliveryPayload,
    run: &Run,
    variant: &Variant,
) -> DeliveryPayload {
    let segment = run.segment.as_ref();
    let analysis = run.analysis.as_ref();
    DeliveryPayload {
        message_kind: Some(variant.meta.kind.as_str().to_owned()),
        segment: segment.map(|segment| segment.segment.as_str().to_owned()),
        test: analysis.and_then(|a| a.counts(&variant.id)).map(Into::into),
        ..said
    }
}

fn delivered(
    workspace: &Workspace,
    ready: &Ready<'_>,
    decision: u64,
    handed: &Handed,
) -> Result<Delivery> {
    let said = DeliveryPayload {
        message_id: Some(handed.id.clone()),
        provider: handed.provider.clone(),
        ..said(ready, HandoverStatus::Delivered, decision)
    };
    let said = counted_as(said, ready.run, ready.variant);
    let entry = entry(ready, said, format!("delivery/{decision}"));
    let time = entry.time.clone();
    workspace
        .write(entry)
        .map_err(|refused| unrecorded(refused, ready, handed))?;
    Ok(Delivery {
        status: DeliveryStatus::Delivered,
        message_id: Some(handed.id.clone()),
        timestamp: Some(time),
        reason: None,
    })
}

/// Hands over one of many; none if there is nothing to tell. What is wrong with one holds no other up.
fn one_of_many(workspace: &Workspace, approved: &RunSummary) -> Result<Option<Delivery>> {
    workspace.allow(Action::Deliver)?;
    // A customer who was erased meanwhile gets nothing.
    let Ok(run) = history::load(workspace, &approved.run) else {
        return Ok(None);
    };
    match deliver(workspace, &run, approved) {
        Ok(delivery) => Ok(Some(delivery)),
        // Another process has it.
        Err(error) if error.kind == Kind::Changed => Ok(None),
        Err(error) if is_of_all(&error) => Err(error),
        Err(error) => Ok(Some(held(error.to_string()))),
    }
}

/// Whether no message can be handed over: nothing can be recorded, or the opt-out list cannot be read.
fn is_of_all(error: &Error) -> bool {
    matches!(error.kind, Kind::Ledger | Kind::Locked | Kind::Io)
}

/// Hands over what was just approved. The decision is on record, so whatever stands in the way holds the message, and no
/// error takes the decision's answer away.
pub(in crate::service) fn after_decision(workspace: &Workspace, run: &Run) -> Delivery {
    let approved = queue::known(workspace, &run.id);
    let done = approved.and_then(|approved| deliver(workspace, run, &approved));
    done.unwrap_or_else(|error| held(error.to_string()))
}

/// Each of the approved runs that wait, most urgent first, as long as `each` wants more.
pub(in crate::service) fn every_approved(
    workspace: &Workspace,
    each: &mut dyn FnMut(RunSummary) -> Result<bool>,
) -> Result<()> {
    queue::each_open(workspace, queue::RunList::Approved, AT_ONCE, each)
}

/// Delivers what was approved but not handed over (held, or cut off by a crash), and tells what became of each run as it
/// becomes it: should the ledger refuse, what came before is told.
///
/// # Errors
/// The ledger cannot be read or written.
pub fn deliver_approved(
    workspace: &Workspace,
    limit: usize,
    each: &mut dyn FnMut(&str, Delivery),
) -> Result<()> {
    let mut count = 0;
    every_approved(workspace, &mut |summary| {
        if let Some(delivery) = one_of_many(workspace, &summary)? {
            each(&summary.run, delivery);
            count += 1;
        }
        Ok(count < limit)
    })
}

/// What [`deliver_approved`] would do now: runs, and why they would be held, if they would.
///
/// # Errors
/// The ledger cannot be read.
pub fn rehearse(workspace: &Workspace, limit: usize) -> Result<Vec<(String, Option<String>)>> {
    let mut out = Vec::new();
    for summary in queue::open(workspace, queue::RunList::Approved, limit)? {
        let Ok(run) = history::load(workspace, &summary.run) else {
            continue;
        };
        let why = if is_before(&summary.expires, &now()) && summary.begun.is_empty() {
            Some("the approval has lapsed; it would go back to review".into())
        } else {
            match ready(workspace, &run, &summary) {
                Ok(Ok(ready)) => match ready.address {
                    Err(error) => Some(error.to_string()),
                    Ok(()) => {
                        let channel = ready.variant.meta.channel;
                        recent::why_over(workspace, &run, channel)?.map(|over| over.reason)
                    }
                },
                Ok(Err(why)) => Some(why.reason()),
                Err(error) if is_of_all(&error) => return Err(error),
                Err(error) => Some(error.to_string()),
            }
        };
        out.push((summary.run, why));
    }
    Ok(out)
}

/// Hands over what could be withdrawn until now, tries again what was not taken, and lapses what was not used in time.
/// Returns how many went out. Between two messages it asks whether it goes on.
///
/// # Errors
/// The ledger refused.
pub fn deliver_due(workspace: &Workspace, goes_on: &dyn Fn() -> bool) -> Result<usize> {
    let time = now();
    let mut count = 0;
    every_approved(workspace, &mut |summary| {
        let waited = !summary.send_after.is_empty() && !is_before(&time, &summary.send_after);
        let first = waited && summary.tries == 0;
        let over = !summary.until.is_empty() && !is_before(&time, &summary.until);
        if first || over || is_due_again(&summary, &time) || is_before(&summary.expires, &time) {
            let delivery = one_of_many(workspace, &summary)?;
            count += usize::from(delivery.is_some_and(|d| d.status == DeliveryStatus::Delivered));
        }
        Ok(goes_on())
    })?;
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
