//! What became of messages that went out: counts by type, segment, channel, test and day.

use super::anytime::{ArmTally, Guess};
use super::numbers::weight;
use super::plan::ExperimentPlan;
use super::posterior::Posterior;
use crate::domain::digest::Digest;
use crate::text::table::{self, TomlDate, TomlError};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Most messages of one row: more is a slip, and no sum of rows comes near what a number holds.
const MOST: u64 = 1_000_000_000_000;

/// Messages, and how many of them each thing happened to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OutcomeCounts {
    pub sent: u64,
    /// Clicked or converted.
    pub responded: u64,
    #[serde(skip_serializing_if = "is_zero")]
    pub converted: u64,
    #[serde(skip_serializing_if = "is_zero")]
    pub complained: u64,
    #[serde(skip_serializing_if = "is_zero")]
    pub opted_out: u64,
}

fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// Something that can happen to a message, and is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Happened {
    Responded,
    Converted,
    Complained,
    OptedOut,
}

impl Happened {
    pub const ALL: [Self; 4] = [
        Self::Responded,
        Self::Converted,
        Self::Complained,
        Self::OptedOut,
    ];
}

impl OutcomeCounts {
    pub fn of(&self, what: Happened) -> u64 {
        match what {
            Happened::Responded => self.responded,
            Happened::Converted => self.converted,
            Happened::Complained => self.complained,
            Happened::OptedOut => self.opted_out,
        }
    }

    pub fn tally(&self, what: Happened) -> ArmTally {
        ArmTally {
            sent: self.sent,
            hits: self.of(what),
        }
    }

    /// Both together.
    pub fn add(&mut self, other: &Self) {
        self.sent = self.sent.saturating_add(other.sent);
        self.responded = self.responded.saturating_add(other.responded);
        self.converted = self.converted.saturating_add(other.converted);
        self.complained = self.complained.saturating_add(other.complained);
        self.opted_out = self.opted_out.saturating_add(other.opted_out);
    }

    fn times(&self, weight: u64) -> Self {
        Self {
            sent: self.sent.saturating_mul(weight),
            responded: self.responded.saturating_mul(weight),
            converted: self.converted.saturating_mul(weight),
            complained: self.complained.saturating_mul(weight),
            opted_out: self.opted_out.saturating_mul(weight),
        }
    }

    fn problem(&self) -> Option<&'static str> {
        if self.sent > MOST {
            return Some("more messages than there can be");
        }
        let more = Happened::ALL.iter().any(|what| self.of(*what) > self.sent);
        more.then_some("more answers than messages")
    }
}

/// Messages that are counted together. The order of the fields is the order of the rows.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutcomeGroup {
    pub segment: String,
    pub channel: String,
    #[serde(rename = "type")]
    pub kind: String,
    /// The test that they were part of, if they were.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub test: Option<String>,
    /// When they were sent. What has no day does not age.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub day: Option<NaiveDate>,
}

/// A row of a file. Not flattened: what is not known shall be told.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OutcomeRow {
    /// The type of message.
    #[serde(rename = "type")]
    kind: String,
    /// The segment that it was sent to.
    segment: String,
    /// How it was sent.
    channel: String,
    /// The experiment that it was part of.
    test: Option<String>,
    /// When it was sent; what has no day does not age.
    day: Option<TomlDate>,
    /// How many were sent.
    sent: u64,
    /// How many were clicked or converted.
    responded: u64,
    /// How many converted.
    #[serde(default)]
    converted: u64,
    /// How many complained.
    #[serde(default)]
    complained: u64,
    /// How many opted out.
    #[serde(default)]
    opted_out: u64,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct OutcomeFile {
    /// Entries of the ledger that are counted in it, where it comes from one.
    #[serde(default)]
    entries: u64,
    /// The rows.
    #[serde(default)]
    outcome: Vec<OutcomeRow>,
}

/// A row as it is written.
#[derive(Serialize)]
struct WrittenOutcomeRow<'o> {
    #[serde(flatten)]
    cell: &'o OutcomeGroup,
    #[serde(flatten)]
    counts: &'o OutcomeCounts,
}

#[derive(Serialize)]
struct WrittenOutcomeFile<'o> {
    entries: u64,
    outcome: Vec<WrittenOutcomeRow<'o>>,
}

/// Outcome counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcomes {
    pub(super) cells: BTreeMap<OutcomeGroup, OutcomeCounts>,
    /// Entries of the ledger that are counted in them.
    pub entries: u64,
}

impl Outcomes {
    /// # Errors
    /// Not TOML of this shape, a day that is none, or more answers than messages.
    pub fn parse(text: &str) -> Result<Self, TomlError> {
        let file: OutcomeFile = table::read(text)?;
        let mut outcomes = Self {
            entries: file.entries,
            ..Self::default()
        };
        for row in file.outcome {
            let counts = OutcomeCounts {
                sent: row.sent,
                responded: row.responded,
                converted: row.converted,
                complained: row.complained,
                opted_out: row.opted_out,
            };
            if let Some(problem) = counts.problem() {
                return Err(format!("{} to {}: {problem}", row.kind, row.segment).into());
            }
            let cell = OutcomeGroup {
                segment: row.segment,
                channel: row.channel,
                kind: row.kind,
                test: row.test,
                day: row.day.map(|day| day.0),
            };
            outcomes.cells.entry(cell).or_default().add(&counts);
        }
        Ok(outcomes)
    }

    /// As [`Outcomes::parse`] reads it.
    ///
    /// # Errors
    /// It cannot be written as TOML.
    pub fn to_toml(&self) -> Result<String, toml::ser::Error> {
        let outcome = self
            .cells
            .iter()
            .map(|(cell, counts)| WrittenOutcomeRow { cell, counts })
            .collect();
        let written = WrittenOutcomeFile {
            entries: self.entries,
            outcome,
        };
        toml::to_string(&written)
    }

    /// Which counts they are, however many entries they come from; none where nothing is counted.
    pub fn version(&self) -> Option<Digest> {
        let counts: Vec<(&OutcomeGroup, &OutcomeCounts)> = self.cells.iter().collect();
        let bytes = serde_json::to_vec(&counts).ok()?;
        (!counts.is_empty()).then(|| Digest::of(&bytes))
    }

    /// Both together.
    #[must_use]
    pub fn with(mut self, other: Self) -> Self {
        for (cell, counts) in other.cells {
            self.count(cell, &counts);
        }
        self
    }

    /// Counts messages, or what happened to some.
    pub fn count(&mut self, cell: OutcomeGroup, counts: &OutcomeCounts) {
        self.cells.entry(cell).or_default().add(counts);
    }

    /// What is known of a segment over a channel, oldest first within a type.
    pub fn of<'o>(
        &'o self,
        segment: &'o str,
        channel: &'o str,
    ) -> impl Iterator<Item = (&'o OutcomeGroup, &'o OutcomeCounts)> {
        let first = OutcomeGroup {
            segment: segment.to_owned(),
            channel: channel.to_owned(),
            kind: String::new(),
            test: None,
            day: None,
        };
        self.cells
            .range(first..)
            .take_while(move |(cell, _)| cell.segment == segment && cell.channel == channel)
    }

    /// Segments and channels that anything is known of.
    pub fn places(&self) -> Vec<(&str, &str)> {
        let mut places: Vec<_> = self
            .cells
            .keys()
            .map(|cell| (cell.segment.as_str(), cell.channel.as_str()))
            .collect();
        places.dedup();
        places
    }

    /// What is believed of one type of message on a day: the posterior of each thing that can happen, old outcomes counting
    /// for less, and the plain counts.
    pub fn belief(
        &self,
        plan: &ExperimentPlan,
        (kind, segment, channel): (&str, &str, &str),
        day: NaiveDate,
    ) -> Belief {
        let (mut counts, mut so_far) = (OutcomeCounts::default(), OutcomeCounts::default());
        let mut aged = OutcomeCounts::default();
        for (cell, seen) in self.of(segment, channel).filter(|(c, _)| c.kind == kind) {
            if cell.day.is_none_or(|sent| sent <= day) {
                so_far.add(seen);
            }
            if let Some(age) = plan.age(cell.day, day) {
                counts.add(seen);
                aged.add(&seen.times(weight(age, plan.half_life_days)));
            }
        }
        let after = |what: Happened, guess: Guess| guess.after(aged.tally(what));
        Belief {
            counts,
            so_far,
            responded: after(Happened::Responded, Guess::RESPONSE),
            converted: after(Happened::Converted, Guess::CONVERSION),
            complained: after(Happened::Complained, Guess::HARM),
            opted_out: after(Happened::OptedOut, Guess::HARM),
        }
    }
}

/// What is believed of one type of message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Belief {
    /// As they are, however old, of messages whose readers had the time to answer.
    pub counts: OutcomeCounts,
    /// And of all messages: harm shows early.
    pub so_far: OutcomeCounts,
    pub responded: Posterior,
    pub converted: Posterior,
    pub complained: Posterior,
    pub opted_out: Posterior,
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROW: &str =
        "[[outcome]]\ntype = \"short\"\nsegment = \"S\"\nchannel = \"email\"\nsent = 100\n";

    #[test]
    fn rows_of_a_cell_add_up_and_come_back_as_they_were() {
        let text = format!(
            "{ROW}responded = 10\n{ROW}responded = 5\n{ROW}responded = 1\nday = \"2026-11-01\"\n"
        );
        let outcomes = Outcomes::parse(&text).unwrap();
        assert_eq!(outcomes.cells.len(), 2);
        assert_eq!(
            Outcomes::parse(&outcomes.to_toml().unwrap()).unwrap(),
            outcomes
        );
        let many = ROW.replace("sent = 100", "sent = 2000000000000");
        assert!(Outcomes::parse(&format!("{many}responded = 1\n")).is_err());
        for wrong in [
            "responded = 101",
            "responded = 1\nday = \"soon\"",
            "answered = 1",
        ] {
            assert!(
                Outcomes::parse(&format!("{ROW}{wrong}\n")).is_err(),
                "{wrong}"
            );
        }
    }

    #[test]
    fn old_outcomes_count_for_less_and_young_messages_not_yet() {
        let plan = ExperimentPlan::parse("half_life_days = 100\nwait_days = 7").unwrap();
        let day: NaiveDate = "2026-11-23".parse().unwrap();
        let at = |sent_on: &str| {
            let text = format!("{ROW}responded = 50\nday = \"{sent_on}\"\n");
            let outcomes = Outcomes::parse(&text).unwrap();
            outcomes
                .belief(&plan, ("short", "S", "email"), day)
                .responded
        };
        // 50 of 100, and the 1 of 20 of before.
        assert_eq!(at("2026-11-16").mean_bp(), 4_219);
        assert_eq!(at("2026-11-17").mean_bp(), 500);
        assert_eq!(
            at("2026-08-08"),
            Posterior::new(1_000 + 476 * 50, 19_000 + 476 * 50)
        );
        let never = ExperimentPlan::parse("half_life_days = 0").unwrap();
        let outcomes = Outcomes::parse(&format!("{ROW}responded = 50\n")).unwrap();
        let belief = outcomes.belief(&never, ("short", "S", "email"), day);
        assert_eq!(
            (belief.counts.sent, belief.responded.mean_bp()),
            (100, 4_250)
        );
    }
}
