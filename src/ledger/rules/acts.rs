//! What a person signs for beside decisions, reviews, people and data: each has its own lines, and one form.

use crate::ledger::entry::Entry;
use crate::ledger::payload::coded::Coded;
use crate::ledger::payload::{DeliveryPayload, DismissalPayload};
use crate::ledger::refusal::Refusal;
use crate::ledger::roster::Roster;

/// The lines of a signed note: what it is about, and each name with its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lines {
    about: &'static str,
    lines: Vec<(&'static str, String)>,
}

impl Lines {
    pub(super) fn new(about: &'static str) -> Self {
        let lines = Vec::new();
        Self { about, lines }
    }

    #[must_use]
    pub(super) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.lines.push((name, value.into()));
        self
    }

    /// The text that is signed.
    pub fn note(&self, time: &str) -> String {
        let mut text = format!("echovoice/{}/v1\n", self.about);
        for (name, value) in &self.lines {
            text.push_str(&format!("{name} {value}\n"));
        }
        text + &format!("time {time}\n")
    }
}

/// What somebody signs who says that a finding is none.
pub fn dismissal(run: Option<&str>, said: &DismissalPayload) -> Lines {
    let or_none = |said: &Option<String>| said.as_deref().unwrap_or("none").to_owned();
    let (variant, rule) = (or_none(&said.variant), or_none(&said.rule));
    let version = or_none(&said.version);
    dismissing(run.unwrap_or("none"), (&variant, &rule, &version))
}

/// The same before there is an entry: variant, rule and its version.
pub fn dismissing(run: &str, (variant, rule, version): (&str, &str, &str)) -> Lines {
    Lines::new("finding")
        .with("action", "dismiss")
        .with("run", run)
        .with("variant", variant)
        .with("rule", rule)
        .with("version", version)
}

/// What somebody signs who says what became of a hand-over.
pub fn settlement(run: Option<&str>, said: &DeliveryPayload) -> Lines {
    settling(
        run.unwrap_or("none"),
        said.status.as_ref().map_or("none", Coded::as_str),
        (
            said.artifact.as_ref().map_or("none", Coded::as_str),
            said.decision.unwrap_or(0),
        ),
        said.settled.as_deref().unwrap_or("none"),
    )
}

/// The same before there is an entry: its status, what was handed over under which decision, and how that is known.
pub fn settling(run: &str, status: &str, (artifact, decision): (&str, u64), reason: &str) -> Lines {
    Lines::new("delivery")
        .with("status", status)
        .with("run", run)
        .with("artifact", artifact)
        .with("decision", decision.to_string())
        .with("reason", reason)
}

/// Whether an entry's note says exactly this, in the hand of who made it; one signature was checked.
///
/// # Errors
/// They may not act, or signed for something else.
pub fn signed(entry: &Entry, people: &Roster, lines: &Lines) -> Result<u64, Refusal> {
    let by = people.acting(entry)?;
    entry.is_signed(&by.key, &lines.note(&entry.time))?;
    Ok(1)
}
