//! One line a run, derived from its entries: what the queue and the audit screen list. Rebuilt and compared by verify.

use super::entry::{Entry, EntryKind};
use crate::domain::decision::{DecisionKind, ReviewState};
use serde::{Deserialize, Serialize};
use serde_json::Value;

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
    /// Everybody who changed the text: none of them may approve it.
    pub makers: Vec<String>,
    pub last: u64,
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
            makers: Vec::new(),
            last: entry.seq,
        })
    }

    /// The run after one more entry.
    pub fn apply(&mut self, entry: &Entry) {
        let text = |key: &str| entry.text(key).unwrap_or_default().to_owned();
        let number = |key: &str| entry.data.get(key).and_then(Value::as_u64).unwrap_or(0);
        self.updated.clone_from(&entry.time);
        self.last = entry.seq;
        match entry.kind {
            EntryKind::SegmentDone => self.segment = text("segment"),
            EntryKind::GateResult => {
                (self.passed, self.review, self.blocked) =
                    (number("passed"), number("review"), number("blocked"));
                self.rules = entry
                    .data
                    .get("rules")
                    .and_then(Value::as_object)
                    .map(|map| {
                        map.iter()
                            .map(|(k, v)| (k.clone(), v.as_u64().unwrap_or(0)))
                            .collect()
                    })
                    .unwrap_or_default();
            }
            EntryKind::AnalyticsDone => {
                self.winner = text("winner");
                self.state = ReviewState::Waiting;
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
                let kind = entry
                    .data
                    .get("kind")
                    .and_then(|k| serde_json::from_value::<DecisionKind>(k.clone()).ok());
                if let Some(Ok(state)) = kind.map(|k| self.state.after(k)) {
                    self.state = state;
                }
                self.decision = text("kind");
                self.variant = text("variant");
                self.artifact = text("artifact");
                self.decided_by.clone_from(&entry.actor);
                self.reason = text("code");
            }
            EntryKind::Delivery if text("status") == "delivered" => {
                self.state = ReviewState::Delivered;
            }
            _ => {}
        }
    }
}
