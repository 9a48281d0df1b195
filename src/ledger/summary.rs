//! One line a run, derived from its entries: what the queue and the audit screen list. Rebuilt and compared by verify.

use super::act::act_of;
use super::entry::{Entry, EntryKind};
use super::log::RunList;
use super::payload::coded::{Code, Coded, HandoverStatus, HoldScope};
use super::payload::field::ByName;
use super::payload::{ActPayload, DecisionPayload, DeliveryPayload, Payload};
use crate::domain::decision::{DecisionKind, ReviewState};
use crate::domain::person::Role;
use crate::domain::review::Act;
use crate::ledger::refusal::ReviewRefusal;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The due time of what has none, in the list of what waits.
const NEVER: &str = "9999";

/// The state of a run as the log tells it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunSummary {
    pub run: String,
    /// Sequence number of `run.started`.
    pub seq: u64,
    pub started: String,
    pub updated: String,
    pub by: String,
    pub subject: String,
    pub segment: String,
    pub channel: String,
    pub jurisdiction: String,
    pub passed: u64,
    pub review: u64,
    pub blocked: u64,
    pub winner: String,
    pub state: ReviewState,
    pub revision: u64,
    /// The decision's words: kind, variant, person.
    pub decision: String,
    pub decided_by: String,
    pub variant: String,
    pub artifact: String,
    pub reason: String,
    /// Rules that blocked, with how often.
    pub rules: Vec<(String, u64)>,
    /// Rules that ask for a person, with how often.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub asks: Vec<(String, u64)>,
    /// What it is about, as the segment table calls the product; empty where none is known.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub product: String,
    /// Everybody who changed the text: none of them may approve it.
    pub makers: Vec<String>,
    pub last: u64,
    /// RFC 3339; when the policy says the run is to be decided.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub due: String,
    /// Variants that need the approval of two persons, with why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub two: Vec<(String, String)>,
    /// The policy lets its winner be decided together with those of other runs.
    #[serde(default, skip_serializing_if = "is_false")]
    pub bulk: bool,
    /// Who has taken it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub claimed: String,
    /// Only a principal decides it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub escalated: bool,
    #[serde(default, skip_serializing_if = "is_zero")]
    pub comments: u64,
    /// Sequence number of the decision that stands.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub decided_at: u64,
    /// RFC 3339; nothing is sent before.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub send_after: String,
    /// RFC 3339; nothing is sent later.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub expires: String,
    /// RFC 3339; a hand-over was begun then, and how it ended is not on record.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub begun: String,
    /// Hand-overs that failed since the decision, and when the last one did.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub tries: u64,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub tried: String,
    /// The carrier refused it, and will again.
    #[serde(default, skip_serializing_if = "is_false")]
    pub refused: bool,
    /// RFC 3339; approved, and since then held with a reason that is on record.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub held: String,
    /// That reason.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub why: String,
    /// The reason is the carrier's, as it is set up, and no fault of the message.
    #[serde(default, skip_serializing_if = "is_false")]
    pub setting: bool,
    /// RFC 3339; it is looked at again then.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub until: String,
    /// What else was under way for the same customer, or sent to them, when it began.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub again: String,
}

fn is_false(value: &bool) -> bool {
    !value
}

fn is_zero(value: &u64) -> bool {
    *value == 0
}

impl RunSummary {
    /// A run that has just started.
    pub fn start(entry: &Entry) -> Option<Self> {
        let Payload::RunStarted(started) = entry.payload() else {
            return None;
        };
        Some(Self {
            run: entry.run.clone()?,
            seq: entry.seq,
            started: entry.time.clone(),
            updated: entry.time.clone(),
            by: entry.actor.clone(),
            subject: entry.subject.clone().unwrap_or_default(),
            segment: String::new(),
            channel: started.channel.clone().unwrap_or_default(),
            jurisdiction: started.jurisdiction.clone().unwrap_or_default(),
            passed: 0,
            review: 0,
            blocked: 0,
            winner: String::new(),
            state: ReviewState::Running,
            revision: 1,
            decision: String::new(),
            decided_by: String::new(),
            variant: String::new(),
            artifact: String::new(),
            reason: String::new(),
            rules: Vec::new(),
            asks: Vec::new(),
            product: String::new(),
            makers: Vec::new(),
            last: entry.seq,
            due: String::new(),
            two: Vec::new(),
            bulk: false,
            claimed: String::new(),
            escalated: false,
            comments: 0,
            decided_at: 0,
            send_after: String::new(),
            expires: String::new(),
            begun: String::new(),
            tries: 0,
            tried: String::new(),
            refused: false,
            held: String::new(),
            why: String::new(),
            setting: false,
            until: String::new(),
            again: started.again.clone().unwrap_or_default(),
        })
    }

    /// Runs after one more entry.
    pub fn follow(runs: &mut BTreeMap<String, Self>, entry: &Entry) {
        let Some(run) = &entry.run else {
            return;
        };
        if entry.kind() != EntryKind::RunStarted {
            if let Some(summary) = runs.get_mut(run) {
                summary.apply(entry);
            }
        } else if let Some(summary) = Self::start(entry) {
            runs.insert(run.clone(), summary);
        }
    }

    /// Its place in the lists of what is open, if it is: most urgent first, then oldest.
    pub fn place(&self) -> Option<(String, u64)> {
        let (list, time) = match self.state {
            state if state.is_open() => (RunList::Waiting, &self.due),
            ReviewState::Approved => (RunList::Approved, &self.expires),
            _ => return None,
        };
        let time = if time.is_empty() { NEVER } else { time };
        Some((format!("{}{time}", list.prefix()), self.seq))
    }

    /// Why a variant needs the approval of two persons, if it does.
    pub fn two_for(&self, variant: &str) -> Option<&str> {
        let mut named = self.two.iter();
        named
            .find(|(known, _)| known == variant)
            .map(|(_, why)| why.as_str())
    }

    /// Whether nobody else has it, and it was not left to a principal.
    ///
    /// # Errors
    /// Somebody else has it, or it was.
    pub fn is_free_for(&self, person: &str, role: Role) -> Result<(), ReviewRefusal> {
        if !self.claimed.is_empty() && self.claimed != person {
            return Err(ReviewRefusal::ClaimedBy(self.claimed.clone()));
        }
        if self.escalated && role != Role::Principal {
            return Err(ReviewRefusal::Escalated);
        }
        Ok(())
    }

    /// Whether a person may decide this variant so, and the state that follows.
    ///
    /// # Errors
    /// They may not.
    pub fn may_decide(
        &self,
        kind: DecisionKind,
        variant: &str,
        (person, role): (&str, Role),
    ) -> Result<ReviewState, ReviewRefusal> {
        let state = self.state.after(kind, self.two_for(variant).is_some())?;
        self.is_free_for(person, role)?;
        if !kind.releases() {
            return Ok(state);
        }
        if self.makers.iter().any(|maker| maker == person) {
            return Err(ReviewRefusal::OwnWords(person.to_owned()));
        }
        if self.state.is_half_signed() {
            if self.decided_by == person {
                return Err(ReviewRefusal::SamePerson(person.to_owned()));
            }
            if self.variant != variant {
                return Err(ReviewRefusal::OtherVariant(self.variant.clone()));
            }
        }
        Ok(state)
    }

    /// The run after one more entry.
    pub fn apply(&mut self, entry: &Entry) {
        self.updated.clone_from(&entry.time);
        self.last = entry.seq;
        if let (Some(act), Some(said)) = (act_of(entry), entry.payload().act()) {
            self.act(act, said, &entry.actor);
            return;
        }
        match entry.payload() {
            Payload::SegmentDone(done) => {
                self.segment = done.segment.clone().unwrap_or_default();
                self.product = done.product.clone().unwrap_or_default();
            }
            Payload::GateResult(gate) => {
                self.passed = gate.passed.unwrap_or(0);
                self.review = gate.review.unwrap_or(0);
                self.blocked = gate.blocked.unwrap_or(0);
                self.rules = gate.rules.as_ref().map_or_else(Vec::new, ByName::counts);
                self.asks = gate.reviews.as_ref().map_or_else(Vec::new, ByName::counts);
                self.two = gate.two.as_ref().map_or_else(Vec::new, ByName::pairs);
            }
            Payload::AnalyticsDone(done) => {
                self.winner = done.winner.clone().unwrap_or_default();
                let held_out = done.holdout.as_ref().is_some_and(|test| !test.is_empty());
                self.state = if held_out {
                    ReviewState::HeldOut
                } else {
                    ReviewState::Waiting
                };
                if self.due.is_empty() {
                    self.due = done.due.clone().unwrap_or_default();
                }
                self.bulk = done.bulk == Some(true);
            }
            Payload::CanaryRevealed(_) => {
                self.state = ReviewState::Tested;
                self.claimed.clear();
                self.no_hand_over();
            }
            Payload::StageFailed(failure) => {
                self.state = ReviewState::Failed;
                self.reason = failure.reason.clone().unwrap_or_default();
            }
            Payload::Revision(revision) => {
                self.revision = revision.revision.unwrap_or(0);
                self.state = ReviewState::Running;
                if let Some(maker) = &revision.maker
                    && !self.makers.contains(maker)
                {
                    self.makers.push(maker.clone());
                }
            }
            Payload::Decision(decision) | Payload::Override(decision) => {
                self.decide(decision, entry);
            }
            Payload::Delivery(delivery) => self.hand_over(delivery, entry),
            _ => {}
        }
    }

    fn decide(&mut self, decision: &DecisionPayload, entry: &Entry) {
        self.variant = decision.variant.clone().unwrap_or_default();
        let two = self.two_for(&self.variant).is_some();
        if let Some(Ok(state)) = entry.decision().map(|kind| self.state.after(kind, two)) {
            self.state = state;
        }
        self.decision = written(decision.kind.as_ref());
        self.artifact = written(decision.artifact.as_ref());
        self.decided_by.clone_from(&entry.actor);
        self.decided_at = entry.seq;
        self.reason = decision.code.clone().unwrap_or_default();
        // Whoever comes next may take it.
        self.claimed.clear();
        self.send_after = decision.send_after.clone().unwrap_or_default();
        self.expires = decision.expires.clone().unwrap_or_default();
        self.no_hand_over();
    }

    fn hand_over(&mut self, delivery: &DeliveryPayload, entry: &Entry) {
        match delivery.status.as_ref().and_then(Coded::known) {
            Some(HandoverStatus::Delivered) => {
                self.state = ReviewState::Delivered;
                self.begun.clear();
                self.no_hold();
            }
            Some(HandoverStatus::Begun) => self.begun.clone_from(&entry.time),
            Some(HandoverStatus::Failed) => {
                self.begun.clear();
                self.tries += 1;
                self.tried.clone_from(&entry.time);
                self.refused = delivery.is_final == Some(true);
                self.hold(delivery, &entry.time);
            }
            Some(HandoverStatus::Held) => self.hold(delivery, &entry.time),
            None => {}
        }
    }

    /// Nothing of an earlier decision's hand-over counts for the next.
    fn no_hand_over(&mut self) {
        self.begun.clear();
        self.tried.clear();
        (self.tries, self.refused) = (0, false);
        self.no_hold();
    }

    fn no_hold(&mut self) {
        self.held.clear();
        self.why.clear();
        self.until.clear();
        self.setting = false;
    }

    /// Why it is held; entries of before there was a `scope` say it to people alone.
    fn hold(&mut self, delivery: &DeliveryPayload, time: &str) {
        let Some(scope) = &delivery.scope else {
            return;
        };
        if self.held.is_empty() {
            time.clone_into(&mut self.held);
        }
        self.setting = scope.known() == Some(HoldScope::Carrier);
        self.why = delivery.reason.clone().unwrap_or_default();
        self.until = delivery.until.clone().unwrap_or_default();
    }

    fn act(&mut self, act: Act, said: &ActPayload, actor: &str) {
        let Ok(state) = self.state.act(act) else {
            return;
        };
        self.state = state;
        match act {
            Act::Claim => actor.clone_into(&mut self.claimed),
            Act::Release => self.claimed.clear(),
            Act::Assign => self.claimed = said.to.clone().unwrap_or_default(),
            Act::Escalate => {
                self.escalated = true;
                self.claimed.clear();
            }
            Act::Comment => self.comments += 1,
            Act::Withdraw | Act::Expire | Act::Reopen => {
                self.decision.clear();
                self.decided_by.clear();
                self.decided_at = 0;
                self.artifact.clear();
                self.variant.clear();
                self.send_after.clear();
                self.expires.clear();
                self.no_hand_over();
                act.as_str().clone_into(&mut self.reason);
            }
            Act::Recall => act.as_str().clone_into(&mut self.reason),
        }
    }
}

/// A word as it was written; empty where there is none.
fn written<T: Code>(word: Option<&Coded<T>>) -> String {
    word.map_or_else(String::new, |word| word.as_str().to_owned())
}
