//! A person's decision, signed, and what follows from it.

use crate::domain::decision::{DecisionDraft, DecisionKind, ReviewState, Terms};
use crate::domain::delivery::{Delivery, DeliveryStatus};
use crate::domain::digest::Digest;
use crate::domain::finding::Disposition;
use crate::domain::person::Action;
use crate::domain::run::Run;
use crate::error::{Error, Kind, Result};
use crate::ledger::checkpoint::sign_note;
use crate::ledger::log::Page;
use crate::ledger::payload::coded::Coded;
use crate::ledger::payload::field::{ByName, TextList};
use crate::ledger::payload::{DecisionPayload, Payload};
use crate::ledger::rules::canary::is_over;
use crate::ledger::summary::RunSummary;
use crate::ledger::{Entry, NewEntry};
use crate::service::audit::data_rights;
use crate::service::canary::reveal;
use crate::service::check::personal;
use crate::service::delivery::handover;
use crate::service::home::workspace::{Workspace, now};
use crate::service::review::{history, queue};
use crate::service::run::record::later;
use std::collections::BTreeMap;

/// What a person says, before it is bound to hashes.
#[derive(Clone, Debug)]
pub struct DecisionWord<'w> {
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
    /// What the reviewer is told of a planted test that this ended.
    pub test: Option<String>,
}

fn refused(why: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::of(Kind::NotAllowed, why)
}

/// Records a decision. With an approval the message is handed over, unless something forbids it at this moment.
///
/// # Errors
/// Not allowed, not possible in this state, the text has changed, or the ledger refused. Then nothing was delivered.
pub fn decide(workspace: &Workspace, word: &DecisionWord<'_>) -> Result<Outcome> {
    sign(workspace, word, None)
}

/// Decides many runs by one word, each by its winner and with a signature of its own. What cannot be decided so is
/// left for a person to look at; why is said.
///
/// # Errors
/// Neither approve nor reject.
pub fn decide_together(
    workspace: &Workspace,
    runs: &[String],
    kind: DecisionKind,
    (reason, code): (&str, Option<&str>),
) -> Result<Vec<(String, Result<Outcome>)>> {
    if !matches!(kind, DecisionKind::Approve | DecisionKind::Reject) {
        return Err(Error::new(
            Kind::Input,
            "runs are approved or rejected together, nothing else",
        ));
    }
    let batch = format!("{} {}", workspace.person.name, now());
    let one = |id: &str| {
        let summary = queue::known(workspace, id)?;
        stands_together(&summary).map_err(refused)?;
        let word = DecisionWord {
            run: id,
            variant: &summary.winner,
            kind,
            reason,
            code,
            seen: None,
        };
        sign(workspace, &word, Some(&batch))
    };
    Ok(runs.iter().map(|id| (id.clone(), one(id))).collect())
}

/// A run is looked at by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TogetherRefusal {
    #[error(
        "its winner has a remark, needs two persons, or the policy lets nothing be decided together"
    )]
    Alone,
    #[error("it does not wait for a decision")]
    NotWaiting,
    #[error("it was escalated")]
    Escalated,
}

/// Whether a run may be decided together with others.
///
/// # Errors
/// It may not.
pub fn stands_together(run: &RunSummary) -> std::result::Result<(), TogetherRefusal> {
    if !run.bulk {
        Err(TogetherRefusal::Alone)
    } else if !run.state.is_open() {
        Err(TogetherRefusal::NotWaiting)
    } else if run.escalated {
        Err(TogetherRefusal::Escalated)
    } else {
        Ok(())
    }
}

fn sign(workspace: &Workspace, word: &DecisionWord<'_>, batch: Option<&str>) -> Result<Outcome> {
    workspace.allow(if word.kind == DecisionKind::Override {
        Action::Override
    } else {
        Action::Decide
    })?;
    workspace.signing_key()?;
    let summary = queue::known(workspace, word.run)?;
    if data_rights::is_erased(workspace.log()?.as_ref(), &summary.subject) {
        return unread(workspace, word, &summary);
    }
    let run = history::load(workspace, word.run)?;
    reveal::may_decide(&run, &workspace.person.name)?;
    personal::none_in("reason", word.reason, &workspace.allow, Some(&run.profile))?;
    let state = allowed(workspace, word, &summary)?;
    let mut draft = draft(&run, word)?;
    // As the gate's entry names it: an older version may have written the same verdict in other bytes.
    if let Some(recorded) = on_record(workspace, word.run)?.verdict {
        draft.verdict = recorded;
    }
    let verdict = run.verdict(word.variant).ok_or_else(|| {
        Error::new(
            Kind::NotFound,
            format!("variant {} was never checked", word.variant),
        )
    })?;
    draft.check(verdict).map_err(refused)?;
    let time = now();
    let approved = state == ReviewState::Approved;
    let minutes = workspace.review.withdraw_minutes.filter(|m| *m > 0);
    let hours = workspace.review.approval_hours;
    let terms = Terms {
        send_after: minutes.filter(|_| approved).map(later),
        expires: hours.filter(|_| approved).map(|h| later(60 * h)),
        bulk: batch.map(str::to_owned),
        proven_by: workspace.proven_by(),
    };
    let is_override = word.kind == DecisionKind::Override;
    let blocks = verdict.findings.iter();
    let blocks = blocks.filter(|finding| finding.disposition == Disposition::Block);
    let against = is_override.then(|| blocks.map(|finding| finding.rule.as_str()).collect());
    let mut entry = signed(workspace, &draft, (terms, against), &summary, &time)?;
    entry.customer = Some(run.profile.id.clone());
    let opened = if is_over(state) {
        reveal::opened(&run, (word.kind, &draft.artifact), &time)?
    } else {
        None
    };
    let (test, told) = opened.unzip();
    // A test is opened in the same commit as its decision, or neither is written.
    let entries = std::iter::once(entry).chain(test).collect();
    let seq = workspace.write_together(entries)?;
    let delivery = match state {
        _ if told.is_some() => Delivery {
            reason: told.clone(),
            ..status(DeliveryStatus::NothingToSend)
        },
        ReviewState::Approved => handover::after_decision(workspace, &run),
        ReviewState::Rejected => status(DeliveryStatus::Rejected),
        ReviewState::ChangesRequested => status(DeliveryStatus::ChangesRequested),
        _ => status(DeliveryStatus::AwaitingApproval),
    };
    // The decision is on record: nothing that fails from here on takes its answer away.
    let state = queue::known(workspace, word.run).map_or(state, |run| run.state);
    Ok(Outcome {
        seq,
        state,
        delivery,
        test: told,
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

/// Whether the person may take this decision now, and the state that follows.
fn allowed(
    workspace: &Workspace,
    word: &DecisionWord<'_>,
    summary: &RunSummary,
) -> Result<ReviewState> {
    let person = &workspace.person;
    summary
        .may_decide(word.kind, word.variant, (&person.name, person.role))
        .map_err(refused)
}

/// The decision's entry, signed. `against`: the blocks that an override goes against.
fn signed(
    workspace: &Workspace,
    draft: &DecisionDraft,
    (terms, against): (Terms, Option<TextList>),
    summary: &RunSummary,
    time: &str,
) -> Result<NewEntry> {
    let person = &workspace.person;
    let note = sign_note(
        &draft.note(&terms, time),
        &person.name,
        &workspace.signing_key()?,
    );
    let said = DecisionPayload {
        kind: Some(draft.kind.into()),
        variant: Some(draft.variant.clone()),
        artifact: Some(draft.artifact.into()),
        verdict: Some(draft.verdict.into()),
        code: Some(draft.code.clone().unwrap_or_default()),
        send_after: terms.send_after,
        expires: terms.expires,
        bulk: terms.bulk,
        proven_by: Some(terms.proven_by.to_owned()),
        against,
        note: Some(note),
    };
    let said = if draft.kind == DecisionKind::Override {
        Payload::Override(said)
    } else {
        Payload::Decision(said)
    };
    let (run, revision, last) = (&summary.run, summary.revision, summary.last);
    let id = format!("{run}/{revision}/decision/{last}/{}", person.name);
    let mut entry = NewEntry::new(id, said, &person.name, person.role, time).run(run);
    entry.pack = Some(draft.pack);
    entry.unchanged_since = Some(last);
    Ok(entry)
}

/// Rejects a run whose customer's data was erased: nobody can read its words any more, so that what the record says
/// of them is signed, and nothing but a rejection is possible. Without a variant the first one stands for the run.
fn unread(workspace: &Workspace, word: &DecisionWord<'_>, summary: &RunSummary) -> Result<Outcome> {
    if word.kind != DecisionKind::Reject {
        return Err(refused(ErasedRefusal));
    }
    personal::none_in("reason", word.reason, &workspace.allow, None)?;
    let state = allowed(workspace, word, summary)?;
    let recorded = on_record(workspace, word.run)?;
    let mut judged = recorded.artifacts.iter();
    let named = judged.find(|(id, _)| word.variant.is_empty() || *id == word.variant);
    let (Some((variant, artifact)), Some(verdict), Some(pack)) =
        (named, recorded.verdict, recorded.pack)
    else {
        return Err(Error::new(
            Kind::NotFound,
            format!("run {} has no judged variant {}", word.run, word.variant),
        ));
    };
    let draft = DecisionDraft {
        run: word.run.to_owned(),
        variant: variant.clone(),
        artifact: *artifact,
        verdict,
        pack,
        kind: word.kind,
        reason: word.reason.trim().to_owned(),
        code: word.code.map(str::to_owned),
    };
    draft.is_worded().map_err(refused)?;
    let terms = Terms {
        send_after: None,
        expires: None,
        bulk: None,
        proven_by: workspace.proven_by(),
    };
    let entry = signed(workspace, &draft, (terms, None), summary, &now())?;
    let seq = workspace.write(entry)?;
    Ok(Outcome {
        seq,
        state,
        delivery: status(DeliveryStatus::Rejected),
        test: None,
    })
}

/// What the record says in the clear of the newest texts of a run.
#[derive(Default)]
struct OnRecord {
    artifacts: BTreeMap<String, Digest>,
    verdict: Option<Digest>,
    pack: Option<Digest>,
}

fn on_record(workspace: &Workspace, run: &str) -> Result<OnRecord> {
    let mut found = OnRecord::default();
    for (_, bytes) in workspace.log()?.page(Page::OfRun { run })? {
        let entry = Entry::read(&bytes).map_err(|e| Error::of(Kind::Ledger, e))?;
        match entry.payload() {
            Payload::VariantGenerated(written) => {
                let texts = written.artifacts.iter().flat_map(ByName::texts);
                found.artifacts = texts
                    .filter_map(|(variant, hash)| Some((variant, Digest::parse(&hash)?)))
                    .collect();
            }
            Payload::GateResult(gate) => {
                found.verdict = gate.verdict.as_ref().and_then(Coded::known);
                found.pack = entry.pack;
            }
            _ => {}
        }
    }
    Ok(found)
}

/// What cannot be read cannot be released.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the customer's data was erased, and the message with it: it can only be rejected")]
pub struct ErasedRefusal;

fn draft(run: &Run, word: &DecisionWord<'_>) -> Result<DecisionDraft> {
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
        let what = "the text has changed since it was shown; look at it again";
        return Err(Error::new(Kind::Changed, what).at(run.id.clone()));
    }
    Ok(DecisionDraft {
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
