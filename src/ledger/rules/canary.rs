//! A planted test is opened right after the decision that it was for, or ended undecided by a principal. The record held
//! the hash of its text from the beginning, so nobody invents one afterwards; and nothing of it is ever sent.

use super::acts::{self, Lines};
use super::{Refusal, Rules};
use crate::domain::canary::{CanaryMark, Expectation, OpenedText, TestOutcome};
use crate::domain::decision::{DecisionKind, ReviewState};
use crate::domain::person::{Action, Role};
use crate::ledger::entry::{Entry, EntryKind, NewEntry};
use crate::ledger::summary::RunSummary;

/// Why an entry opens no planted test.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CanaryFault {
    #[error("a planted test under rules that know none")]
    OlderRules,
    #[error("a planted test of an unknown run")]
    UnknownRun,
    #[error("a planted test that is over already")]
    Twice,
    #[error("a planted test that says no {0}, or none that is known")]
    Missing(&'static str),
    #[error("a test that was not planted by the principal who started the run")]
    Planter,
    #[error("a planted test that does not open what the run's text committed to")]
    Commitment,
    #[error("a planted test is opened right after the decision that ends its review")]
    NoDecision,
    #[error("{0} decided a test of their own")]
    OwnTest(String),
    #[error("a planted test came to something else than its entry says")]
    Outcome,
    #[error("only a test that waits is ended")]
    NotWaiting,
}

/// The mark that an entry opens.
///
/// # Errors
/// It is none.
pub fn mark_of(entry: &Entry) -> Result<CanaryMark, CanaryFault> {
    let text = |name| text(entry, name).map(str::to_owned);
    let expect = Expectation::parse(&text("expect")?);
    Ok(CanaryMark {
        expect: expect.ok_or(CanaryFault::Missing("expect"))?,
        variant: text("variant")?,
        planted_by: text("planted_by")?,
        why: text("why")?,
        nonce: text("nonce")?,
    })
}

fn text<'e>(entry: &'e Entry, name: &'static str) -> Result<&'e str, CanaryFault> {
    entry.text(name).ok_or(CanaryFault::Missing(name))
}

/// The entry that opens a test.
pub fn reveal(
    run: &str,
    (by, role): (&str, Role),
    time: &str,
    (mark, words, outcome): (&CanaryMark, &OpenedText<'_>, TestOutcome),
) -> NewEntry {
    let id = format!("{run}/canary");
    NewEntry::new(id, EntryKind::CanaryRevealed, by, role, time)
        .run(run)
        .with("expect", mark.expect.as_str())
        .with("variant", mark.variant.as_str())
        .with("planted_by", mark.planted_by.as_str())
        .with("why", mark.why.as_str())
        .with("nonce", mark.nonce.as_str())
        .with("channel", words.channel)
        .with("subject", words.subject)
        .with("body", words.body)
        .with("html", words.html)
        .with("outcome", outcome.as_str())
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
    pub(super) fn revealed(&mut self, entry: &Entry) -> Result<u64, Refusal> {
        let signatures = self.opens(entry)?;
        self.released
            .retain(|(released, _)| Some(released) != entry.run.as_ref());
        Ok(signatures)
    }

    /// Whether a planted test may be opened.
    fn opens(&self, entry: &Entry) -> Result<u64, Refusal> {
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
        let mark = mark_of(entry)?;
        if mark.planted_by != run.by || case.judged.started_as() != Some(Role::Principal) {
            return Err(F::Planter.into());
        }
        let words = OpenedText {
            channel: text(entry, "channel")?,
            subject: text(entry, "subject")?,
            body: text(entry, "body")?,
            html: text(entry, "html")?,
        };
        let artifact = mark
            .artifact(&words)
            .ok_or(F::Missing("nonce"))?
            .to_string();
        if case.judged.first_artifact(&mark.variant) != Some(&artifact) {
            return Err(F::Commitment.into());
        }
        let outcome = TestOutcome::parse(text(entry, "outcome")?);
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
        let reason = entry.text("reason").unwrap_or_default();
        acts::signed(entry, &self.people, &ending(&run.run, reason))
    }
}
