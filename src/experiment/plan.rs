//! The plan of the experiments, as data: what counts and for how long, who is sent what, and when an arm is stopped.

use crate::text::table::{self, TomlDate, TomlError};
use chrono::NaiveDate;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// What those get who are held out, in the place of a type of message.
pub const NOTHING: &str = "nothing";

/// How an experiment chooses among its arms.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Assignment {
    /// Everybody gets what scores best.
    #[default]
    Best,
    /// A share of the customers each, by a hash of the customer.
    Fixed,
    /// Each arm as often as it is likely to be the best (Thompson, *Biometrika* 25, 1933).
    Thompson,
}

impl Assignment {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Best => "best",
            Self::Fixed => "fixed",
            Self::Thompson => "thompson",
        }
    }
}

/// What it is worth that something happens to one message, in the firm's money. What does harm is below zero.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Worth {
    /// An answer.
    pub responded: f64,
    /// A sale.
    pub converted: f64,
    /// A complaint.
    pub complained: f64,
    /// An opt-out.
    pub opted_out: f64,
}

impl Default for Worth {
    fn default() -> Self {
        Self {
            responded: 1.0,
            converted: 0.0,
            complained: 0.0,
            opted_out: 0.0,
        }
    }
}

/// Rates, in per cent, above which an arm is stopped.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Guardrail {
    /// Complaints.
    pub complained_pct: f64,
    /// Opt-outs.
    pub opted_out_pct: f64,
}

impl Default for Guardrail {
    fn default() -> Self {
        // Mailbox providers throttle senders from three complaints in a thousand (Google, “Email sender guidelines”).
        Self {
            complained_pct: 0.3,
            opted_out_pct: 2.0,
        }
    }
}

/// An experiment on one segment over one channel. Its arms are types of message.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlannedExperiment {
    /// A name of its own.
    pub id: String,
    /// The segment that it is about.
    pub segment: String,
    /// The channel.
    pub channel: String,
    /// First day.
    pub since: TomlDate,
    /// Last day.
    pub until: Option<TomlDate>,
    /// How arms are chosen: a share each, as likely as they are the best, or the best.
    #[serde(default)]
    pub assignment: Assignment,
    /// The arm that the others are compared with, and that the control group gets.
    pub control: String,
    /// Customers of a hundred that always get the control.
    #[serde(default = "a_tenth")]
    pub control_pct: u32,
    /// And those that get nothing at all.
    #[serde(default)]
    pub holdout_pct: u32,
    /// Type, and its share among those that are not in the control group.
    pub arms: BTreeMap<String, u32>,
}

fn a_tenth() -> u32 {
    10
}

impl PlannedExperiment {
    fn covers(&self, segment: &str, channel: &str, day: NaiveDate) -> bool {
        let day = TomlDate(day);
        self.segment == segment
            && self.channel == channel
            && self.since <= day
            && self.until.is_none_or(|until| day <= until)
    }

    /// Chances of the arms among those that get a message, the control group included; `None` where they are not fixed.
    pub fn shares(&self) -> Option<BTreeMap<&str, f64>> {
        if self.assignment != Assignment::Fixed {
            return None;
        }
        let all: u32 = self.arms.values().sum();
        let control = f64::from(self.control_pct) / f64::from((100 - self.holdout_pct).max(1));
        let mut shares: BTreeMap<&str, f64> = self
            .arms
            .iter()
            .map(|(arm, part)| {
                (
                    arm.as_str(),
                    (1.0 - control) * f64::from(*part) / f64::from(all),
                )
            })
            .collect();
        *shares.entry(self.control.as_str()).or_default() += control;
        shares.retain(|_, share| *share > 0.0);
        Some(shares)
    }

    fn check(&self) -> Result<(), TomlError> {
        let wrong = |what: &str| Err(format!("experiment {}: {what}", self.id).into());
        if self.control_pct > 100 || self.holdout_pct > 100 - self.control_pct {
            return wrong("`control_pct` and `holdout_pct` are shares of a hundred");
        }
        if self.arms.contains_key(NOTHING) {
            return wrong("no arm is called `nothing`; `holdout_pct` says who gets none");
        }
        if self.arms.values().all(|share| *share == 0) {
            return wrong("`arms` needs a type with its share");
        }
        if !self.arms.contains_key(&self.control) {
            return wrong(
                "`control` is one of its arms (with the share 0 if only the control group gets it)",
            );
        }
        Ok(())
    }
}

#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
struct PlanFile {
    /// Days after which an outcome counts half; 0 forgets nothing.
    half_life_days: u32,
    /// Days until a message counts.
    wait_days: u32,
    /// The chance, in per cent, that a statement about an experiment is ever false.
    error_pct: f64,
    /// What it is worth that something happens to one message.
    worth: Worth,
    /// Rates, in per cent, above which a type is not proposed any more.
    guardrail: Guardrail,
    /// The experiments.
    experiment: Vec<PlannedExperiment>,
}

impl Default for PlanFile {
    fn default() -> Self {
        Self {
            half_life_days: 180,
            wait_days: 7,
            error_pct: 5.0,
            worth: Worth::default(),
            guardrail: Guardrail::default(),
            experiment: Vec::new(),
        }
    }
}

/// The plan.
#[derive(Clone, Debug, PartialEq)]
pub struct ExperimentPlan {
    /// Days after which an outcome counts half; 0 forgets nothing.
    pub half_life_days: u32,
    /// Days until what was sent counts: its reader had the time to answer.
    pub wait_days: u32,
    /// The chance that a statement about an experiment is ever false.
    pub alpha: f64,
    pub worth: Worth,
    pub guardrail: Guardrail,
    pub tests: Vec<PlannedExperiment>,
}

impl ExperimentPlan {
    /// # Errors
    /// Not TOML of this shape, or a plan that contradicts itself.
    pub fn parse(text: &str) -> Result<Self, TomlError> {
        let file: PlanFile = table::read(text)?;
        let share = |pct: f64| pct > 0.0 && pct < 100.0;
        let guard = file.guardrail;
        if ![file.error_pct, guard.complained_pct, guard.opted_out_pct]
            .into_iter()
            .all(share)
        {
            return Err("`error_pct` and the guardrails are between 0 and 100".into());
        }
        let worth = file.worth;
        let known = [
            worth.responded,
            worth.converted,
            worth.complained,
            worth.opted_out,
        ];
        if !known.iter().all(|worth| worth.is_finite()) {
            return Err("[worth] holds sums of money".into());
        }
        if file.wait_days == 0 {
            return Err("`wait_days` is at least 1: what is sent on a day may not depend on that day's answers".into());
        }
        let mut ids = BTreeSet::new();
        for test in &file.experiment {
            test.check()?;
            if !ids.insert(test.id.as_str()) {
                return Err(format!("experiment {} is there twice", test.id).into());
            }
        }
        Ok(Self {
            half_life_days: file.half_life_days,
            wait_days: file.wait_days,
            alpha: file.error_pct / 100.0,
            worth,
            guardrail: guard,
            tests: file.experiment,
        })
    }

    /// The experiment that a customer of this segment is part of: the first one that covers the day.
    pub fn test(&self, segment: &str, channel: &str, day: NaiveDate) -> Option<&PlannedExperiment> {
        self.tests
            .iter()
            .find(|test| test.covers(segment, channel, day))
    }

    /// Days that a message has been out, if it counts already.
    pub(super) fn age(&self, sent: Option<NaiveDate>, day: NaiveDate) -> Option<u32> {
        let Some(sent) = sent else { return Some(0) };
        let age = u32::try_from((day - sent).num_days()).ok()?;
        (age >= self.wait_days).then_some(age)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEST: &str = "[[experiment]]\nid = \"t\"\nsegment = \"S\"\nchannel = \"email\"\nsince = \"2026-10-01\"\n";

    #[test]
    fn a_plan_that_contradicts_itself_is_told() {
        for (wrong, says) in [
            ("control = \"a\"\narms = { b = 1 }\n", "control"),
            ("control = \"a\"\narms = { a = 0 }\n", "arms"),
            (
                "control = \"a\"\ncontrol_pct = 101\narms = { a = 1 }\n",
                "control_pct",
            ),
            (
                "control = \"a\"\nholdout_pct = 91\narms = { a = 1 }\n",
                "holdout_pct",
            ),
            (
                "control = \"a\"\narms = { a = 1, nothing = 1 }\n",
                "nothing",
            ),
            (
                "control = \"a\"\nuntil = \"soon\"\narms = { a = 1 }\n",
                "dates",
            ),
        ] {
            let slip = ExperimentPlan::parse(&format!("{TEST}{wrong}")).unwrap_err();
            let problem = slip.problem;
            assert!(problem.contains(says), "{problem}");
        }
        assert!(ExperimentPlan::parse("error_pct = 0").is_err());
        assert!(ExperimentPlan::parse("worth = { responded = nan }").is_err());
        let good = format!("{TEST}control = \"a\"\narms = {{ a = 1 }}\n");
        assert!(
            ExperimentPlan::parse(&format!("{good}{good}"))
                .unwrap_err()
                .problem
                .contains("twice")
        );
    }

    #[test]
    fn shares_are_those_of_all_customers_and_days_are_kept() {
        let text = format!(
            "{TEST}until = \"2026-10-31\"\nassignment = \"fixed\"\ncontrol = \"a\"\ncontrol_pct = 10\narms = {{ a = 1, b = 2 }}\n"
        );
        let plan = ExperimentPlan::parse(&text).unwrap();
        let day = |text: &str| text.parse().unwrap();
        let test = plan.test("S", "email", day("2026-10-31")).unwrap();
        let shares = test.shares().unwrap();
        assert!((shares["a"] - 0.4).abs() < 1e-9 && (shares["b"] - 0.6).abs() < 1e-9);
        for (segment, at) in [
            ("S", "2026-11-01"),
            ("S", "2026-09-30"),
            ("T", "2026-10-02"),
        ] {
            assert_eq!(plan.test(segment, "email", day(at)), None);
        }
    }
}
