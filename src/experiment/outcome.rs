//! What became of messages that went out: counts by type, segment and channel.

use super::posterior::Posterior;
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    #[serde(rename = "type")]
    kind: String,
    segment: String,
    channel: String,
    sent: u64,
    responded: u64,
}

/// Outcome counts.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outcomes {
    #[serde(default)]
    outcome: Vec<Row>,
}

impl Outcomes {
    /// # Errors
    /// Not TOML of this shape, or more answers than messages.
    pub fn parse(text: &str) -> Result<Self, String> {
        let outcomes: Self = toml::from_str(text).map_err(|e| e.message().to_owned())?;
        match outcomes.outcome.iter().find(|row| row.responded > row.sent) {
            Some(row) => Err(format!(
                "{} to {}: more answers than messages",
                row.kind, row.segment
            )),
            None => Ok(outcomes),
        }
    }

    /// Both together.
    #[must_use]
    pub fn with(mut self, other: Self) -> Self {
        self.outcome.extend(other.outcome);
        self
    }

    /// The posterior for one arm: Beta(1, 19) before any outcome, a mean of 5 %, worth twenty messages.
    pub fn posterior(&self, kind: &str, segment: &str, channel: &str) -> (Posterior, u64, u64) {
        let (sent, responded) = self
            .outcome
            .iter()
            .filter(|row| row.kind == kind && row.segment == segment && row.channel == channel)
            .fold((0, 0), |(s, r), row| (s + row.sent, r + row.responded));
        (
            Posterior::new(responded + 1, sent - responded + 19),
            sent,
            responded,
        )
    }
}
