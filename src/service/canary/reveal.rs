//! The end of a planted test: opened with the decision that it was for, or by a principal before there is one.

use crate::domain::canary::{Canary, CanaryMark, OpenedText, TestOutcome, told};
use crate::domain::decision::DecisionKind;
use crate::domain::digest::Digest;
use crate::domain::person::{Action, Role};
use crate::domain::review::one_line;
use crate::domain::run::Run;
use crate::error::{Error, Kind, Result};
use crate::ledger::NewEntry;
use crate::ledger::checkpoint::sign_note;
use crate::ledger::entry::Entry;
use crate::ledger::log::Key;
use crate::ledger::payload::CanaryPayload;
use crate::ledger::rules::canary::{ended, ending, opening, reveal};
use crate::service::audit::reason;
use crate::service::home::workspace::{Workspace, now};
use crate::service::review::queue::RunSummary;
use crate::service::review::{history, queue};
use serde_json::Value;

/// What a run's sealed input says of a planted test.
///
/// # Errors
/// It says something that cannot be read: nobody decides or sends such a run.
pub(in crate::service) fn mark_in(sealed: &Value) -> Result<Option<CanaryMark>> {
    let mark = &sealed["canary"];
    if mark.is_null() {
        return Ok(None);
    }
    let read = serde_json::from_value(mark.clone()).map_err(|_| {
        Error::new(
            Kind::Ledger,
            "a part of the run's sealed input cannot be read",
        )
        .fix("a newer version may have written it; `echovoice audit verify` says more")
    })?;
    Ok(Some(read))
}

/// The mark of a run as it lies sealed; none of an erased customer's.
pub(super) fn sealed_mark(workspace: &Workspace, row: &RunSummary) -> Result<Option<CanaryMark>> {
    let ledger = workspace.ledger()?;
    let bytes = ledger.log().one(Key::Entry(row.seq))?;
    let Some(entry) = bytes.and_then(|bytes| Entry::read(&bytes).ok()) else {
        return Ok(None);
    };
    let sealed = ledger.open_sealed(&entry, "profile")?;
    let sealed = sealed.and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok());
    sealed.as_ref().map_or(Ok(None), mark_in)
}

/// Whoever planted a test knows its answer.
pub(in crate::service) fn may_decide(run: &Run, person: &str) -> Result<()> {
    match &run.canary {
        Some(canary) if canary.mark.planted_by == person => Err(Error::new(
            Kind::NotAllowed,
            format!("{person} planted this test and knows its answer"),
        )
        .fix("leave it to a colleague, or end it: `echovoice canary end RUN`")),
        _ => Ok(()),
    }
}

/// Nothing planted is ever handed over.
pub(in crate::service) fn is_never_sent(run: &Run) -> Result<()> {
    match run.canary {
        Some(_) => Err(Error::new(
            Kind::NotAllowed,
            "this was a planted test of reviewers; nothing of it is ever sent",
        )),
        None => Ok(()),
    }
}

/// The entry that opens a test beside the decision that ends its review, and what the reviewer is told.
pub(in crate::service) fn opened(
    run: &Run,
    (kind, artifact): (DecisionKind, &Digest),
    time: &str,
) -> Result<Option<(NewEntry, String)>> {
    let Some(canary) = &run.canary else {
        return Ok(None);
    };
    let words = words_of(canary)?;
    let same = canary.mark.artifact(&words).as_ref() == Some(artifact);
    let outcome = canary.mark.outcome(kind, same);
    let said = opening(&canary.mark, &words, outcome);
    let mut entry = reveal(&run.id, ("system", Role::System), time, said);
    entry.customer = Some(run.profile.id.clone());
    Ok(Some((entry, told(canary.mark.expect, outcome))))
}

fn words_of(canary: &Canary) -> Result<OpenedText<'_>> {
    let none = || Error::new(Kind::Ledger, "the run has no text that could be decided");
    canary.text.as_ref().map(OpenedText::of).ok_or_else(none)
}

/// Ends a test that waits: as not decided, or as what the first of two persons signed.
///
/// # Errors
/// Not allowed, it is none or over, or the ledger refused.
pub fn end(workspace: &Workspace, id: &str, reason: &str) -> Result<(u64, TestOutcome)> {
    workspace.allow(Action::PlantTests)?;
    let (run, summary) = (history::load(workspace, id)?, queue::known(workspace, id)?);
    // Who did not plant a test does not learn of it by asking.
    let own = run.canary.as_ref();
    let own = own.filter(|canary| canary.mark.planted_by == workspace.person.name);
    let Some(canary) = own else {
        return Err(
            Error::new(Kind::Input, format!("run {id} is no test that you planted"))
                .fix("list them with `echovoice canary list`"),
        );
    };
    if !summary.state.is_open() {
        let what = format!(
            "this test does not wait: it is {}",
            summary.state.in_words()
        );
        return Err(Error::new(Kind::NotAllowed, what));
    }
    let reason = reason::reason_on_record(workspace, &one_line(reason))?;
    let (person, key, time) = (&workspace.person, workspace.signing_key()?, now());
    let words = words_of(canary)?;
    let artifact = canary.mark.artifact(&words).map(|hash| hash.to_string());
    let outcome = ended(&summary, &canary.mark, &artifact.unwrap_or_default());
    let note = ending(id, &reason).note(&time);
    let said = CanaryPayload {
        reason: Some(reason),
        note: Some(sign_note(&note, &person.name, &key)),
        ..opening(&canary.mark, &words, outcome)
    };
    let mut entry = reveal(id, (&person.name, person.role), &time, said);
    entry.customer = Some(run.profile.id.clone());
    entry.unchanged_since = Some(summary.last);
    Ok((workspace.write(entry)?, outcome))
}
