//! A person's decision, signed, and what follows from it: delivery, once.

use super::workspace::{Workspace, now};
use super::{assets, personal, queue, run};
use crate::deliver::{Carrier, Envelope, FileCarrier};
use crate::domain::decision::{DecisionKind, Draft, ReviewState};
use crate::domain::delivery::{Delivery, DeliveryStatus};
use crate::domain::digest::Digest;
use crate::domain::jurisdiction::Channel;
use crate::domain::person::{Action, Role};
use crate::domain::run::Run;
use crate::error::{Error, Kind, Result};
use crate::ledger::checkpoint::sign_note;
use crate::ledger::summary::RunSummary;
use crate::ledger::{EntryKind, NewEntry};
use crate::pipeline::why_held;
use chrono::{DateTime, FixedOffset, Utc};
use serde_json::json;

/// What a person says, before it is bound to hashes.
#[derive(Clone, Debug)]
pub struct Word<'w> {
    pub run: &'w str,
    pub variant: &'w str,
    pub kind: DecisionKind,
    pub reason: &'w str,
    pub code: Option<&'w str>,
    /// The hash of the text that was on the screen. If the stored text is another one, the decision is refused.
    pub seen: Option<Digest>,
}

/// The decision and what became of the message.
#[derive(Clone, Debug)]
pub struct Outcome {
    pub seq: u64,
    pub state: ReviewState,
    pub delivery: Delivery,
}

fn refused(why: impl Into<String>) -> Error {
    Error::new(Kind::NotAllowed, why)
}

/// Records a decision. With an approval the message is handed over, unless something forbids it at this moment.
///
/// # Errors
/// Not allowed, not possible in this state, the text has changed, or the ledger refused. Then nothing was delivered.
pub fn decide(workspace: &Workspace, word: &Word<'_>) -> Result<Outcome> {
    workspace.allow(if word.kind == DecisionKind::Override {
        Action::Override
    } else {
        Action::Decide
    })?;
    let ledger = workspace.ledger.as_ref().ok_or_else(|| {
        Error::new(
            Kind::Ledger,
            "the ledger is not open, so nothing can be decided",
        )
    })?;
    let key = workspace.signing_key()?;
    personal::none_in("reason", word.reason, &workspace.allow)?;
    let run = run::load(workspace, word.run)?;
    let summary = queue::summary(workspace, word.run)?
        .ok_or_else(|| Error::new(Kind::NotFound, format!("there is no run {}", word.run)))?;
    let state = summary.state.after(word.kind).map_err(refused)?;
    if word.kind.releases() && summary.makers.contains(&workspace.person.name) {
        return Err(refused(format!(
            "{} changed these words and may not approve them; a colleague must",
            workspace.person.name
        )));
    }
    if summary.state == ReviewState::SecondSignature
        && word.kind.releases()
        && summary.decided_by == workspace.person.name
    {
        return Err(refused(
            "an override needs a second person; you signed first",
        ));
    }
    if summary.state == ReviewState::SecondSignature
        && word.kind.releases()
        && summary.variant != word.variant
    {
        return Err(refused(format!(
            "the override that waits is for variant {}",
            summary.variant
        )));
    }
    let draft = draft(&run, word)?;
    let verdict = run.verdict(word.variant).ok_or_else(|| {
        Error::new(
            Kind::NotFound,
            format!("variant {} was never checked", word.variant),
        )
    })?;
    draft.check(verdict).map_err(refused)?;
    let time = now();
    let note = sign_note(&draft.note(&time), &workspace.person.name, key);
    let entry_kind = if word.kind == DecisionKind::Override {
        EntryKind::Override
    } else {
        EntryKind::Decision
    };
    let mut entry = NewEntry::new(
        format!(
            "{}/{}/decision/{}/{}",
            run.id, run.revision, summary.last, workspace.person.name
        ),
        entry_kind,
        &workspace.person.name,
        workspace.person.role,
        &time,
    )
    .run(&run.id)
    .with("kind", word.kind.as_str())
    .with("variant", word.variant)
    .with("artifact", draft.artifact.to_string())
    .with("verdict", draft.verdict.to_string())
    .with("code", word.code.unwrap_or(""))
    .with("note", note);
    if word.kind == DecisionKind::Override {
        let against: Vec<&str> = verdict
            .findings
            .iter()
            .filter(|f| f.disposition == crate::domain::finding::Disposition::Block)
            .map(|f| f.rule.as_str())
            .collect();
        entry = entry.with("against", against);
    }
    entry.customer = Some(run.profile.id.clone());
    entry.pack = Some(run.pins.pack);
    let receipts = ledger.append(vec![entry]).wait()?;
    let seq = receipts.first().map_or(0, |r| r.seq);
    let delivery = match state {
        ReviewState::Approved => deliver(workspace, &run, word.variant, draft.artifact, seq)?,
        ReviewState::Rejected => status(DeliveryStatus::Rejected),
        ReviewState::ChangesRequested => status(DeliveryStatus::ChangesRequested),
        _ => status(DeliveryStatus::AwaitingApproval),
    };
    let state = queue::summary(workspace, word.run)?.map_or(state, |s| s.state);
    Ok(Outcome {
        seq,
        state,
        delivery,
    })
}

fn status(status: DeliveryStatus) -> Delivery {
    Delivery {
        status,
        message_id: None,
        timestamp: None,
        reason: None,
    }
}

fn draft(run: &Run, word: &Word<'_>) -> Result<Draft> {
    let variant = run.variant(word.variant).ok_or_else(|| {
        let known: Vec<&str> = run
            .variants
            .iter()
            .flatten()
            .map(|v| v.id.as_str())
            .collect();
        Error::new(
            Kind::NotFound,
            format!(
                "run {} has no variant {}",
                run.id,
                crate::text::hidden::visible_line(word.variant)
            ),
        )
        .fix(format!("it has {}", known.join(", ")))
    })?;
    let artifact = variant.artifact(&run.salt);
    if word.seen.is_some_and(|seen| seen != artifact) {
        return Err(
            refused("the text has changed since it was shown; look at it again").at(run.id.clone()),
        );
    }
    Ok(Draft {
        run: run.id.clone(),
        variant: word.variant.to_owned(),
        artifact,
        verdict: run
            .verdict_digest()
            .ok_or_else(|| Error::new(Kind::NotFound, "the run has no verdict yet"))?,
        pack: run.pins.pack,
        kind: word.kind,
        reason: word.reason.trim().to_owned(),
        code: word.code.map(str::to_owned),
    })
}

/// Hands an approved message over and records it. Safe to call again after a crash: the file's name is the content's
/// hash, the entry's id is the decision's.
fn deliver(
    workspace: &Workspace,
    run: &Run,
    variant: &str,
    artifact: Digest,
    decision: u64,
) -> Result<Delivery> {
    workspace.allow(Action::Deliver)?;
    let ledger = workspace
        .ledger
        .as_ref()
        .ok_or_else(|| Error::new(Kind::Ledger, "the ledger is not open"))?;
    let variant = run
        .variant(variant)
        .ok_or_else(|| Error::new(Kind::NotFound, "the variant is gone"))?;
    if variant.artifact(&run.salt) != artifact {
        return Err(refused(
            "the stored text is not the approved one; nothing was delivered",
        ));
    }
    let moment: DateTime<FixedOffset> = Utc::now().fixed_offset();
    let channel = variant.meta.channel;
    let jurisdiction = run.profile.jurisdiction.clone().unwrap_or_default();
    if let Some(reason) = why_held(&run.profile, channel, &jurisdiction, moment) {
        return Ok(Delivery {
            status: DeliveryStatus::Held,
            message_id: None,
            timestamp: None,
            reason: Some(reason),
        });
    }
    let to = match channel {
        Channel::Email => run.profile.email.as_deref(),
        Channel::Sms | Channel::Push => run.profile.phone.as_deref(),
    };
    let Some(to) = to else {
        return Ok(Delivery {
            status: DeliveryStatus::Held,
            message_id: None,
            timestamp: None,
            reason: Some(format!("the profile has no address for {channel}")),
        });
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
    let time = now();
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
    ledger.append(vec![entry]).wait()?;
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
    let open: Vec<RunSummary> = queue::page(workspace, u64::MAX, limit)?
        .into_iter()
        .filter(|s| s.state == ReviewState::Approved)
        .collect();
    let mut out = Vec::new();
    for summary in open {
        let (Ok(run), Some(artifact)) = (
            run::load(workspace, &summary.run),
            Digest::parse(&summary.artifact),
        ) else {
            continue;
        };
        let delivery = deliver(workspace, &run, &summary.variant, artifact, summary.last)?;
        out.push((summary.run, delivery));
    }
    Ok(out)
}
