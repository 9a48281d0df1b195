//! One line a run, derived from its entries: what the queue and the audit screen list. Rebuilt and compared by verify.

use super::entry::{Entry, EntryKind};
use super::log::List;
use super::review::{ReviewRefusal, act_of};
use crate::domain::decision::{DecisionKind, ReviewState};
use crate::domain::person::Role;
use crate::domain::review::Act;
use serde::{Deserialize, Serialize};
use serde_json::Value;
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
        Some(Self {
            run: entry.run.clone()?,
            seq: entry.seq,
            started: entry.time.clone(),
            updated: entry.time.clone(),
            by: entry.actor.clone(),
            subject: entry.subject.clone().unwrap_or_default(),
            segment: String::new(),
            channel: entry.text("channel").unwrap_or_default().to_owned(),
            jurisdiction: entry.text("jurisdiction").unwrap_or_default().to_owned(),
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
            again: entry.text("again").unwrap_or_default().to_owned(),
        })
    }

    /// Runs after one more entry.
    pub fn follow(runs: &mut BTreeMap<String, Self>, entry: &Entry) {
        let Some(run) = &entry.run else {
            return;
        };
        if entry.kind != EntryKind::RunStarted {
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
            state if state.is_open() => (List::Waiting, &self.due),
            ReviewState::Approved => (List::Approved, &self.expires),
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
        let text = |key: &str| entry.text(key).unwrap_or_default().to_owned();
        let number = |key: &str| entry.data.get(key).and_then(Value::as_u64).unwrap_or(0);
        self.updated.clone_from(&entry.time);
        self.last = entry.seq;
        if let Some(act) = act_of(entry) {
            self.act(act, entry);
            return;
        }
        match entry.kind {
            EntryKind::SegmentDone => {
                self.segment = text("segment");
                self.product = text("product");
            }
            EntryKind::GateResult => {
                (self.passed, self.review, self.blocked) =
                    (number("passed"), number("review"), number("blocked"));
                self.rules = pairs(entry, "rules", |v| v.as_u64().unwrap_or(0));
                self.asks = pairs(entry, "reviews", |v| v.as_u64().unwrap_or(0));
                self.two = pairs(entry, "two", |v| v.as_str().unwrap_or_default().to_owned());
            }
            EntryKind::AnalyticsDone => {
                self.winner = text("winner");
                self.state = if text("holdout").is_empty() {
                    ReviewState::Waiting
                } else {
                    ReviewState::HeldOut
                };
                if self.due.is_empty() {
                    self.due = text("due");
                }
                self.bulk = entry.data.get("bulk").and_then(Value::as_bool) == Some(true);
            }
            EntryKind::CanaryRevealed => {
                self.state = ReviewState::Tested;
                self.claimed.clear();
                self.no_hand_over();
            }
            EntryKind::StageFailed => {
                self.state = ReviewState::Failed;
                self.reason = text("reason");
            }
            EntryKind::Revision => {
                self.revision = number("revision");
                self.state = ReviewState::Running;
                if let Some(maker) = entry.text("maker")
                    && !self.makers.iter().any(|m| m == maker)
                {
                    self.makers.push(maker.to_owned());
                }
            }
            EntryKind::Decision | EntryKind::Override => {
                self.variant = text("variant");
                let two = self.two_for(&self.variant).is_some();
                if let Some(Ok(state)) = entry.decision().map(|kind| self.state.after(kind, two)) {
                    self.state = state;
                }
                self.decision = text("kind");
                self.artifact = text("artifact");
                self.decided_by.clone_from(&entry.actor);
                self.decided_at = entry.seq;
                self.reason = text("code");
                // Whoever comes next may take it.
                self.claimed.clear();
                self.send_after = text("send_after");
                self.expires = text("expires");
                self.no_hand_over();
            }
            EntryKind::Delivery => match text("status").as_str() {
                "delivered" => {
                    self.state = ReviewState::Delivered;
                    self.begun.clear();
                    self.no_hold();
                }
                "begun" => self.begun.clone_from(&entry.time),
                "failed" => {
                    self.begun.clear();
                    self.tries += 1;
                    self.tried.clone_from(&entry.time);
                    self.refused = entry.data.get("final").and_then(Value::as_bool) == Some(true);
                    self.hold(entry);
                }
                "held" => self.hold(entry),
                _ => {}
            },
            _ => {}
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
    fn hold(&mut self, entry: &Entry) {
        let Some(scope) = entry.text("scope") else {
            return;
        };
        if self.held.is_empty() {
            self.held.clone_from(&entry.time);
        }
        self.setting = scope == "carrier";
        let text = |name: &str| entry.text(name).unwrap_or_default();
        text("reason").clone_into(&mut self.why);
        text("until").clone_into(&mut self.until);
    }

    fn act(&mut self, act: Act, entry: &Entry) {
        let Ok(state) = self.state.act(act) else {
            return;
        };
        self.state = state;
        match act {
            Act::Claim => self.claimed.clone_from(&entry.actor),
            Act::Release => self.claimed.clear(),
            Act::Assign => entry
                .text("to")
                .unwrap_or_default()
                .clone_into(&mut self.claimed),
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

/// An object of the entry's data as pairs.
fn pairs<T>(entry: &Entry, name: &str, read: impl Fn(&Value) -> T) -> Vec<(String, T)> {
    let object = entry.data.get(name).and_then(Value::as_object);
    object.map_or_else(Vec::new, |map| {
        map.iter().map(|(k, v)| (k.clone(), read(v))).collect()
    })
}
