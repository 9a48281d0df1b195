//! A planted test is opened right after the decision that it was for, or ended undecided by a principal. The record held
//! the hash of its text from the beginning, so nobody invents one afterwards; and nothing of it is ever sent.

use super::Rules;
use super::acts::{self, Lines};
use crate::domain::canary::{CanaryMark, OpenedText, TestOutcome};
use crate::domain::decision::{DecisionKind, ReviewState};
use crate::domain::person::{Action, Role};
use crate::ledger::entry::{Entry, NewEntry};
use crate::ledger::payload::coded::Coded;
use crate::ledger::payload::{CanaryPayload, Payload};
use crate::ledger::refusal::{CanaryFault, Refusal};
use crate::ledger::summary::RunSummary;

/// The mark that an entry opens.
///
/// # Errors
/// It is none.
pub fn mark_of(said: &CanaryPayload) -> Result<CanaryMark, CanaryFault> {
    let text = |text: &Option<String>, name| text.clone().ok_or(CanaryFault::Missing(name));
    let expect = said.expect.as_ref().and_then(Coded::known);
    Ok(CanaryMark {
        expect: expect.ok_or(CanaryFault::Missing("expect"))?,
        variant: text(&said.variant, "variant")?,
        planted_by: text(&said.planted_by, "planted_by")?,
        why: text(&said.why, "why")?,
        nonce: text(&said.nonce, "nonce")?,
    })
}

/// The words that an entry opens.
///
/// # Errors
/// It lacks some.
pub fn words_of(said: &CanaryPayload) -> Result<OpenedText<'_>, CanaryFault> {
    Ok(OpenedText {
        channel: part(said.channel.as_deref(), "channel")?,
        subject: part(said.subject.as_deref(), "subject")?,
        body: part(said.body.as_deref(), "body")?,
        html: part(said.html.as_deref(), "html")?,
    })
}

fn part<'s>(text: Option<&'s str>, name: &'static str) -> Result<&'s str, CanaryFault> {
    text.ok_or(CanaryFault::Missing(name))
}

/// What the entry says that opens a test.
pub fn opening(mark: &CanaryMark, words: &OpenedText<'_>, outcome: TestOutcome) -> CanaryPayload {
    CanaryPayload {
        expect: Some(mark.expect.into()),
        variant: Some(mark.variant.clone()),
        planted_by: Some(mark.planted_by.clone()),
        why: Some(mark.why.clone()),
        nonce: Some(mark.nonce.clone()),
        channel: Some(words.channel.to_owned()),
        subject: Some(words.subject.to_owned()),
        body: Some(words.body.to_owned()),
        html: Some(words.html.to_owned()),
        outcome: Some(outcome.into()),
        ..CanaryPayload::default()
    }
}

/// The entry that opens a test.
pub fn reveal(run: &str, (by, role): (&str, Role), time: &str, said: CanaryPayload) -> NewEntry {
    let id = format!("{run}/canary");
    NewEntry::new(id, Payload::CanaryRevealed(said), by, role, time).run(run)
}

/// What a principal signs who ends a test before its review did.
pub fn ending(run: &str, reason: &str) -> Lines {
    Lines::new("canary")
        .with("action", "end")
        .with("run", run)
        .with("reason", reason)
}

/// Whether the decision that stands ended the review, so that a test is over.
pub fn is_over(state: ReviewState) -> bool {
    use ReviewState as S;
    matches!(state, S::Approved | S::Rejected | S::ChangesRequested)
}

/// What a run's last decision comes to; `None` without one that ended the review as the run's last entry.
fn decided(run: &RunSummary, mark: &CanaryMark, artifact: &str) -> Option<TestOutcome> {
    let kind = DecisionKind::named(&run.decision)?;
    let follows = run.decided_at > 0 && run.last == run.decided_at && is_over(run.state);
    follows.then(|| mark.outcome(kind, run.artifact == artifact))
}

/// What a test comes to that is ended while it waits: what the first of two persons signed stands.
pub fn ended(run: &RunSummary, mark: &CanaryMark, artifact: &str) -> TestOutcome {
    match (run.state, DecisionKind::named(&run.decision)) {
        (ReviewState::SecondApproval | ReviewState::SecondSignature, Some(kind)) => {
            mark.outcome(kind, run.artifact == artifact)
        }
        _ => TestOutcome::NotDecided,
    }
}

impl Rules {
    /// A planted test is over: nothing of its run is released any more. The number of signatures checked comes back.
    pub(super) fn revealed(&mut self, entry: &Entry, said: &CanaryPayload) -> Result<u64, Refusal> {
        let signatures = self.opens(entry, said)?;
        self.released
            .retain(|(released, _)| Some(released) != entry.run.as_ref());
        Ok(signatures)
    }

    /// Whether a planted test may be opened.
    fn opens(&self, entry: &Entry, said: &CanaryPayload) -> Result<u64, Refusal> {
        use CanaryFault as F;
        if !self.three() {
            return Err(F::OlderRules.into());
        }
        let case = entry.run.as_ref().and_then(|run| self.runs.get(run));
        let case = case.ok_or(F::UnknownRun)?;
        let run = &case.summary;
        if run.state == ReviewState::Tested {
            return Err(F::Twice.into());
        }
        let mark = mark_of(said)?;
        if mark.planted_by != run.by || case.judged.started_as() != Some(Role::Principal) {
            return Err(F::Planter.into());
        }
        let words = words_of(said)?;
        let artifact = mark
            .artifact(&words)
            .ok_or(F::Missing("nonce"))?
            .to_string();
        if case.judged.first_artifact(&mark.variant) != Some(&artifact) {
            return Err(F::Commitment.into());
        }
        let outcome = said.outcome.as_ref().ok_or(F::Missing("outcome"))?.known();
        if entry.role == Role::System {
            let follows = decided(run, &mark, &artifact).ok_or(F::NoDecision)?;
            if run.decided_by == mark.planted_by {
                return Err(F::OwnTest(run.decided_by.clone()).into());
            }
            return Ok((outcome == Some(follows)).then_some(0).ok_or(F::Outcome)?);
        }
        let by = self.people.acting(entry)?;
        by.role.may(Action::PlantTests)?;
        if !run.state.is_open() {
            return Err(F::NotWaiting.into());
        }
        if outcome != Some(ended(run, &mark, &artifact)) {
            return Err(F::Outcome.into());
        }
        let reason = said.reason.as_deref().unwrap_or_default();
        acts::signed(entry, &self.people, &ending(&run.run, reason))
    }
}
