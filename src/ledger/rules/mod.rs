//! What may follow what: the rules by which verify judges, and by which the writer takes entries, its own and others'.
//!
//! A record says which rules it was written under: those of a format (1 to 3) hold until its genesis, or a later
//! `log.rules`, names a later one. `assets/evidence/FORMAT.md` states them for strangers.

pub mod acts;
mod admission;
pub mod canary;
pub mod clock;
pub mod copy;
mod decision;
mod format;
pub mod in_force;
pub mod token;

use super::act;
use super::entry::{Entry, EntryKind};
use super::erasure::Erasures;
use super::payload::coded::{Coded, HandoverStatus};
use super::payload::{DeliveryPayload, InForcePayload, Payload};
use super::review::{self, is_before};
use super::roster::Roster;
use super::summary::RunSummary;
use crate::domain::decision::ReviewState;
use crate::domain::person::{Action, Role};
use crate::ledger::refusal::{ActorRefusal, DeliveryRefusal, InForceRefusal, Refusal, RunRefusal};
pub(in crate::ledger) use admission::Admission;
use clock::Clock;
pub use decision::Judged;
pub use format::{FORMAT, NEWEST, Stated, adopted, names_format, stated};
use in_force::InForce;
use std::collections::{BTreeMap, BTreeSet};

/// A run, and what was judged of it.
#[derive(Clone, Debug)]
pub struct Case {
    pub summary: RunSummary,
    pub judged: Judged,
}

/// Everything that the rules go by.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    /// Which formats were named so far, and where.
    stated: Stated,
    pub clock: Clock,
    pub people: Roster,
    pub erasures: Erasures,
    pub runs: BTreeMap<String, Case>,
    /// `(run, artifact)` that were released by a decision.
    released: BTreeSet<(String, String)>,
    pub in_force: InForce,
    /// Who acts with which token; nobody any more with one that was revoked.
    tokens: BTreeMap<String, Option<String>>,
}

impl Rules {
    /// Whether the rules of format 2 hold by now.
    pub fn two(&self) -> bool {
        self.stated.level() >= 2
    }

    /// Whether those of format 3 do.
    pub fn three(&self) -> bool {
        self.stated.level() >= 3
    }

    /// The level of the rules that held for an entry.
    pub fn level_at(&self, seq: u64) -> u8 {
        self.stated.level_at(seq)
    }

    /// Which rules the entries were written under, in words.
    pub fn says(&self, size: u64) -> String {
        self.stated.says(size)
    }

    /// Takes an entry in; the number of signatures checked comes back.
    ///
    /// # Errors
    /// The entry breaks a rule.
    pub fn apply(&mut self, entry: &Entry) -> Result<u64, Refusal> {
        self.stated.apply(entry)?;
        if names_format(entry) && self.three() {
            self.in_force.begin(entry);
        }
        let mut signatures = 0;
        if self.two() {
            self.named(entry)?;
            signatures += self.clock.apply(entry, &self.people)?;
        } else {
            self.clock.note(entry);
        }
        signatures += self.people.apply(entry)?;
        signatures += self.erasures.apply(entry, &self.people)?;
        if let Some(subject) = &entry.subject
            && self.erasures.is_erased(subject)
            && entry.kind() == EntryKind::RunStarted
        {
            return Err(RunRefusal::OfErased.into());
        }
        if self.two() {
            self.state(entry)?;
        }
        signatures += match entry.payload() {
            Payload::Decision(said) | Payload::Override(said) => self.decision(entry, said)?,
            Payload::PackActivated(said)
            | Payload::HomeAccepted(said)
            | Payload::StateProposed(said) => self.put_in_force(entry, said)?,
            Payload::TokenMade(said) | Payload::TokenRevoked(said) => {
                token::check(entry, said, &self.people, &mut self.tokens)?
            }
            Payload::FindingDismissed(said) if self.three() => {
                self.people.acting(entry)?.role.may(Action::Decide)?;
                let lines = acts::dismissal(entry.run.as_deref(), said);
                acts::signed(entry, &self.people, &lines)?
            }
            Payload::Delivery(said) => self.delivery(entry, said)?,
            Payload::CanaryRevealed(said) => self.revealed(entry, said)?,
            Payload::CopyAccepted(said) => copy::check(entry, said, &self.people)?,
            Payload::Assigned(_) if act::act_of(entry).is_none() => {
                return Err(RunRefusal::UnknownAct.into());
            }
            _ if act::act_of(entry).is_some() => self.act(entry)?,
            _ => 0,
        };
        self.follow(entry);
        Ok(signatures)
    }

    /// The run after its next entry.
    fn follow(&mut self, entry: &Entry) {
        let Some(run) = &entry.run else {
            return;
        };
        if entry.kind() == EntryKind::RunStarted {
            if let Some(summary) = RunSummary::start(entry) {
                let mut judged = Judged::default();
                judged.follow(entry);
                self.runs.insert(run.clone(), Case { summary, judged });
            }
        } else if let Some(case) = self.runs.get_mut(run) {
            case.summary.apply(entry);
            case.judged.follow(entry);
        }
    }

    /// Whether an entry's name and role are the log's own, or those of somebody enrolled; and the log itself enrols
    /// people in its genesis alone.
    fn named(&self, entry: &Entry) -> Result<(), Refusal> {
        let own = entry.kind().is_the_programs();
        if entry.role != Role::System {
            if self.three() && own {
                let (kind, actor) = (entry.kind(), entry.actor.clone());
                return Err(ActorRefusal::OfTheProgram { kind, actor }.into());
            }
            self.people.acting(entry)?;
            return Ok(());
        }
        if entry.actor != "system" {
            return Err(ActorRefusal::AsTheLog(entry.actor.clone()).into());
        }
        let besides = matches!(
            entry.kind(),
            EntryKind::KeyEnrolled | EntryKind::Delivery | EntryKind::CanaryRevealed
        );
        if self.three() && !own && !besides {
            return Err(ActorRefusal::OfAPerson(entry.kind()).into());
        }
        if entry.kind() == EntryKind::KeyEnrolled && entry.seq > self.stated.genesis {
            return Err(ActorRefusal::LateEnrolment.into());
        }
        Ok(())
    }

    /// Whether this is somebody on the roster, and somebody else: a model or the rules themselves are neither.
    fn is_another(&self, maker: Option<&str>, actor: &str) -> bool {
        maker.is_some_and(|maker| maker != actor && self.people.get(maker).is_some())
    }

    /// Whether a run stands so that this may come next.
    fn state(&self, entry: &Entry) -> Result<(), Refusal> {
        let kind = entry.kind();
        let stage = kind.stage().is_some() || kind == EntryKind::StageFailed;
        if !stage && !matches!(kind, EntryKind::RunStarted | EntryKind::Revision) {
            return Ok(());
        }
        let run = entry.run.as_ref().ok_or(RunRefusal::None)?;
        let state = self.runs.get(run).map(|case| case.summary.state);
        entry.role.may(Action::StartRun)?;
        match (entry.payload(), state) {
            (Payload::RunStarted(_), None) => Ok(()),
            (Payload::RunStarted(_), Some(_)) => Err(RunRefusal::StartedBefore.into()),
            (Payload::Revision(said), _)
                if self.three() && self.is_another(said.maker.as_deref(), &entry.actor) =>
            {
                Err(RunRefusal::RevisionForAnother.into())
            }
            (Payload::Revision(_), state) => {
                Ok(state.ok_or(RunRefusal::RevisionOfUnknown)?.revise()?)
            }
            (_, Some(ReviewState::Running | ReviewState::Failed)) => Ok(()),
            (_, Some(_)) => Err(RunRefusal::StageAfterEnd.into()),
            (_, None) => Err(RunRefusal::StageOfUnknown.into()),
        }
    }

    /// A word about a run; a release that it ends is gone.
    fn act(&mut self, entry: &Entry) -> Result<u64, Refusal> {
        let case = entry.run.as_ref().and_then(|run| self.runs.get(run));
        let run = &case.ok_or(RunRefusal::ActOnUnknown)?.summary;
        let signatures = review::check(entry, &self.people, run)?;
        let after = act::act_of(entry).and_then(|act| run.state.act(act).ok());
        if after == Some(ReviewState::Waiting) {
            let name = run.run.clone();
            self.released.retain(|(released, _)| *released != name);
        }
        Ok(signatures)
    }

    /// A hand-over follows a release of the same content, within its time.
    fn delivery(&mut self, entry: &Entry, said: &DeliveryPayload) -> Result<u64, Refusal> {
        use HandoverStatus as S;
        let run = entry.run.clone().unwrap_or_default();
        let summary = self.runs.get(&run).map(|case| &case.summary);
        let artifact = said.artifact.as_ref().map_or("", Coded::as_str);
        let status = said.status.as_ref().and_then(Coded::known);
        let mut signatures = 0;
        if self.three() {
            entry.role.may(Action::Deliver)?;
            if summary.is_none() || status.is_none() {
                return Err(DeliveryRefusal::Unknown.into());
            }
            // What the program hands over it says itself; what a person says of it they sign for.
            if entry.role != Role::System {
                let lines = acts::settlement(entry.run.as_deref(), said);
                signatures = acts::signed(entry, &self.people, &lines)?;
            }
        }
        if matches!(status, Some(S::Begun | S::Delivered)) && self.two() {
            entry.role.may(Action::Deliver)?;
            let run = summary.ok_or(DeliveryRefusal::OfUnknown)?;
            if run.state != ReviewState::Approved
                || run.artifact != artifact
                || said.decision != Some(run.decided_at)
            {
                return Err(DeliveryRefusal::NotApproved.into());
            }
        }
        match status {
            Some(S::Begun)
                if summary.is_none_or(|run| {
                    run.state != ReviewState::Approved || !run.begun.is_empty()
                }) =>
            {
                return Err(DeliveryRefusal::BegunTwice.into());
            }
            Some(S::Delivered) => {
                if summary.is_some_and(|run| {
                    // What was begun in time may be settled later.
                    let begun = !run.begun.is_empty();
                    let sent = if begun { &run.begun } else { &entry.time };
                    is_before(sent, &run.send_after) || is_before(&run.expires, sent)
                }) {
                    return Err(DeliveryRefusal::OutOfTime.into());
                }
                let pair = (run, artifact.to_owned());
                if !self.released.remove(&pair) {
                    return Err(DeliveryRefusal::NotApproved.into());
                }
            }
            _ => {}
        }
        Ok(signatures)
    }

    /// A pack comes into force through somebody who may, and who did not write it; all that is in force is accepted by an
    /// administrator. Either may be proposed first.
    fn put_in_force(&mut self, entry: &Entry, said: &InForcePayload) -> Result<u64, Refusal> {
        self.people.acting(entry)?;
        if in_force::is_of_pack(entry, said) {
            entry.role.may(Action::ManagePolicy)?;
            if said.author.as_ref() == Some(&entry.actor) {
                return Err(InForceRefusal::OwnPack(entry.actor.clone()).into());
            }
        } else {
            entry.role.may(Action::AcceptHome)?;
        }
        if entry.kind() == EntryKind::PackActivated && !self.three() {
            return Ok(0);
        }
        self.in_force.apply(entry, said, &self.people)
    }
}
