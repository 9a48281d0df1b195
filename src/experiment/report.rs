//! How an experiment stands: counts and intervals of its arms over time, and what may be said of them by now.

use super::anytime::{ArmTally, Guess, bound, interval, ln_better, ln_mismatch};
use super::numbers::{bp, ppm, real};
use super::outcome::{Belief, Happened, OutcomeCounts, Outcomes};
use super::plan::{ExperimentPlan, NOTHING, PlannedExperiment};
use super::posterior;
use super::score::{stopped, worth_cents};
use chrono::NaiveDate;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Points in time of a series, at most.
const POINTS: usize = 12;

/// The chance that a split as meant is called a mismatch, ever.
const MISMATCH: f64 = 0.01;

/// An arm's response rate as it stood on a day. Basis points.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Point {
    pub day: NaiveDate,
    pub sent: u64,
    pub responded: u64,
    pub rate_bp: u32,
    /// The true rate is inside at every moment, with the plan's chance of error.
    pub low_bp: u32,
    pub high_bp: u32,
}

/// An arm by now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ArmReport {
    #[serde(rename = "type")]
    pub kind: String,
    #[serde(flatten)]
    pub counts: OutcomeCounts,
    /// Response rate with the interval that holds at every moment. Basis points.
    pub rate_bp: u32,
    pub low_bp: u32,
    pub high_bp: u32,
    /// Mean and 90 % interval of the posterior, old outcomes counting for less.
    pub expected_bp: u32,
    pub expected_low_bp: u32,
    pub expected_high_bp: u32,
    pub best_bp: u32,
    /// Of a thousand messages, in hundredths of the firm's money.
    pub worth_cents: i64,
    /// Complaints and opt-outs in a million messages, at least and at most.
    pub complained_ppm: (u32, u32),
    pub opted_out_ppm: (u32, u32),
    pub stopped: Option<String>,
    /// Share of the messages that it was meant to have, where that is fixed, in basis points.
    pub share_bp: Option<u32>,
    pub points: Vec<Point>,
}

/// What may be said by now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Conclusion {
    /// Nothing yet: sending goes on.
    Open,
    /// One arm has more responses than each other. The experiment may end.
    Best {
        #[serde(rename = "type")]
        kind: String,
    },
}

/// Conversions of those who got a message beside those of whom an experiment sends nothing. Rates in basis points, with
/// the intervals that hold at every look.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Lift {
    pub sent: u64,
    pub sent_converted: u64,
    pub sent_bp: (u32, u32, u32),
    pub held_out: u64,
    pub held_out_converted: u64,
    pub held_out_bp: (u32, u32, u32),
    /// Whether it may be said that messages bring more conversions.
    pub more: bool,
}

/// An experiment, or what is known of a segment over a channel where none is planned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ExperimentReport {
    pub id: String,
    pub segment: String,
    pub channel: String,
    /// How arms are assigned, and since when; none where no experiment is planned.
    pub assignment: Option<&'static str>,
    pub since: Option<NaiveDate>,
    pub until: Option<NaiveDate>,
    pub control: Option<String>,
    /// The chance, in basis points, that what is said here is ever false.
    pub error_bp: u32,
    pub says: Conclusion,
    /// What messages change, where some customers get none.
    pub lift: Option<Lift>,
    /// Messages were not split as meant, with how unlikely that is by chance.
    pub mismatch: Option<String>,
    pub arms: Vec<ArmReport>,
}

/// All experiments, and all segments with outcomes that none is planned for, as of a day.
pub fn reports(
    outcomes: &Outcomes,
    plan: &ExperimentPlan,
    day: NaiveDate,
) -> Vec<ExperimentReport> {
    let planned: BTreeSet<(&str, &str)> = plan
        .tests
        .iter()
        .map(|test| (test.segment.as_str(), test.channel.as_str()))
        .collect();
    let others = outcomes
        .places()
        .into_iter()
        .filter(|place| !planned.contains(place))
        .map(|place| report(outcomes, plan, place, None, day));
    plan.tests
        .iter()
        .map(|test| {
            let place = (test.segment.as_str(), test.channel.as_str());
            report(outcomes, plan, place, Some(test), day)
        })
        .chain(others)
        .collect()
}

/// Counts of each type by the day that the messages were sent.
type Days<'o> = BTreeMap<&'o str, BTreeMap<NaiveDate, OutcomeCounts>>;

fn report(
    outcomes: &Outcomes,
    plan: &ExperimentPlan,
    (segment, channel): (&str, &str),
    test: Option<&PlannedExperiment>,
    day: NaiveDate,
) -> ExperimentReport {
    // Only messages that the experiment assigned count for it.
    let mut days = Days::new();
    for (cell, counts) in outcomes.of(segment, channel) {
        let is_part = test.is_none_or(|test| cell.test.as_deref() == Some(test.id.as_str()));
        if is_part && plan.age(cell.day, day).is_some() {
            let of_kind = days.entry(&cell.kind).or_default();
            // What has no day was there before the first.
            let sent_on = cell.day.unwrap_or(NaiveDate::MIN);
            of_kind.entry(sent_on).or_default().add(counts);
        }
    }
    let nothing = days.remove(NOTHING);
    for kind in test.iter().flat_map(|test| test.arms.keys()) {
        days.entry(kind).or_default();
    }
    let dates: BTreeSet<NaiveDate> = days.values().flat_map(|d| d.keys().copied()).collect();
    let shown = thinned(&dates);
    let shares = test.and_then(PlannedExperiment::shares);
    let beliefs: Vec<Belief> = days
        .keys()
        .map(|kind| outcomes.belief(plan, (kind, segment, channel), day))
        .collect();
    let rates: Vec<_> = beliefs.iter().map(|belief| belief.responded).collect();
    let best = posterior::best_bp(&rates);
    let arms: Vec<ArmReport> = days
        .iter()
        .zip(&beliefs)
        .zip(best)
        .map(|(((kind, of_kind), belief), best_bp)| {
            let share = shares.as_ref().and_then(|shares| shares.get(kind));
            standing(
                kind,
                of_kind,
                &shown,
                (belief, best_bp, share.copied()),
                plan,
            )
        })
        .collect();
    ExperimentReport {
        id: test.map_or_else(|| format!("{segment}/{channel}"), |test| test.id.clone()),
        segment: segment.to_owned(),
        channel: channel.to_owned(),
        assignment: test.map(|test| test.assignment.as_str()),
        since: test.map(|test| test.since.0),
        until: test.and_then(|test| Some(test.until?.0)),
        control: test.map(|test| test.control.clone()),
        error_bp: bp(plan.alpha),
        says: says(&arms, &days, &dates, plan),
        lift: nothing.map(|nothing| lift(&days, &nothing, plan)),
        mismatch: shares.and_then(|shares| mismatch(&arms, &shares)),
        arms,
    }
}

/// A rate, between the ends of the interval that holds the true one at every look. Basis points.
fn rate_bp(seen: ArmTally, guess: Guess, plan: &ExperimentPlan) -> (u32, u32, u32) {
    let (low, high) = interval(seen, guess, plan.alpha);
    (bp(low), bp(seen.rate()), bp(high))
}

fn lift(
    days: &Days<'_>,
    nothing: &BTreeMap<NaiveDate, OutcomeCounts>,
    plan: &ExperimentPlan,
) -> Lift {
    let mut dates: BTreeMap<NaiveDate, (ArmTally, ArmTally)> = BTreeMap::new();
    for (date, counts) in days.values().flatten() {
        let pair = dates.entry(*date).or_default();
        pair.0.add(counts.tally(Happened::Converted));
    }
    for (date, counts) in nothing {
        let pair = dates.entry(*date).or_default();
        pair.1.add(counts.tally(Happened::Converted));
    }
    let (mut sent, mut held_out) = (ArmTally::default(), ArmTally::default());
    for (with, without) in dates.values() {
        sent.add(*with);
        held_out.add(*without);
    }
    let rate = |seen: ArmTally| rate_bp(seen, Guess::CONVERSION, plan);
    let capital = ln_better(dates.values().copied(), Guess::CONVERSION);
    Lift {
        sent: sent.sent,
        sent_converted: sent.hits,
        sent_bp: rate(sent),
        held_out: held_out.sent,
        held_out_converted: held_out.hits,
        held_out_bp: rate(held_out),
        more: capital > bound(plan.alpha),
    }
}

/// The days to show: the last one, and others evenly before it.
fn thinned(days: &BTreeSet<NaiveDate>) -> Vec<NaiveDate> {
    let all: Vec<NaiveDate> = days.iter().copied().collect();
    let step = all.len().div_ceil(POINTS).max(1);
    let mut shown: Vec<NaiveDate> = all.iter().rev().step_by(step).copied().collect();
    shown.reverse();
    shown
}

fn standing(
    kind: &str,
    of_kind: &BTreeMap<NaiveDate, OutcomeCounts>,
    shown: &[NaiveDate],
    (belief, best_bp, share): (&Belief, u32, Option<f64>),
    plan: &ExperimentPlan,
) -> ArmReport {
    let mut counts = OutcomeCounts::default();
    let mut left = of_kind.iter().peekable();
    let mut points = Vec::new();
    for day in shown {
        while let Some((_, more)) = left.next_if(|(at, _)| *at <= day) {
            counts.add(more);
        }
        let seen = counts.tally(Happened::Responded);
        let (low_bp, rate_bp, high_bp) = rate_bp(seen, Guess::RESPONSE, plan);
        points.push(Point {
            day: *day,
            sent: seen.sent,
            responded: seen.hits,
            rate_bp,
            low_bp,
            high_bp,
        });
    }
    let seen = counts.tally(Happened::Responded);
    let (low_bp, rate_bp, high_bp) = rate_bp(seen, Guess::RESPONSE, plan);
    let harm = |what: Happened| {
        let (low, high) = interval(counts.tally(what), Guess::HARM, plan.alpha);
        (ppm(low), ppm(high))
    };
    let (expected_low_bp, expected_high_bp) = belief.responded.interval_bp();
    ArmReport {
        kind: kind.to_owned(),
        counts,
        rate_bp,
        low_bp,
        high_bp,
        expected_bp: belief.responded.mean_bp(),
        expected_low_bp,
        expected_high_bp,
        best_bp,
        worth_cents: worth_cents(belief, plan),
        complained_ppm: harm(Happened::Complained),
        opted_out_ppm: harm(Happened::OptedOut),
        stopped: stopped(belief, plan),
        share_bp: share.map(bp),
        points,
    }
}

/// Whether one arm may be called the best: against each other one, with the plan's chance of error for all pairs together.
fn says(
    arms: &[ArmReport],
    days: &Days<'_>,
    dates: &BTreeSet<NaiveDate>,
    plan: &ExperimentPlan,
) -> Conclusion {
    let running: Vec<&ArmReport> = arms.iter().filter(|arm| arm.stopped.is_none()).collect();
    let pairs = real((arms.len() * arms.len().saturating_sub(1)) as u64);
    let bound = bound(plan.alpha / pairs);
    let on = |arm: &ArmReport, date: &NaiveDate| {
        let counts = days.get(arm.kind.as_str()).and_then(|days| days.get(date));
        counts.map_or_else(ArmTally::default, |c| c.tally(Happened::Responded))
    };
    let beats_all = |arm: &ArmReport| {
        running
            .iter()
            .filter(|other| other.kind != arm.kind)
            .all(|other| {
                let pair = dates.iter().map(|date| (on(arm, date), on(other, date)));
                ln_better(pair, Guess::RESPONSE) > bound
            })
    };
    match running
        .iter()
        .find(|arm| running.len() > 1 && beats_all(arm))
    {
        Some(arm) => Conclusion::Best {
            kind: arm.kind.clone(),
        },
        None => Conclusion::Open,
    }
}

/// Whether the messages were split otherwise than meant, so that the arms' customers may differ in more than the message.
fn mismatch(arms: &[ArmReport], shares: &BTreeMap<&str, f64>) -> Option<String> {
    let counted: Vec<(&str, u64, f64)> = arms
        .iter()
        .filter_map(|arm| {
            let kind = arm.kind.as_str();
            Some((kind, arm.counts.sent, *shares.get(kind)?))
        })
        .collect();
    let counts: Vec<u64> = counted.iter().map(|(_, count, _)| *count).collect();
    let shares: Vec<f64> = counted.iter().map(|(.., share)| *share).collect();
    (ln_mismatch(&counts, &shares) > bound(MISMATCH)).then(|| {
        let all = real(counts.iter().sum());
        let parts: Vec<String> = counted
            .iter()
            .map(|(kind, count, share)| format!("{kind} {count} of {:.0} meant", share * all))
            .collect();
        format!(
            "the messages were not split as meant ({}); find out why before the rates are compared",
            parts.join(", ")
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcomes(rows: &[(&str, u64, u64, u64)]) -> Outcomes {
        let mut text = String::new();
        for (kind, sent, responded, complained) in rows {
            for day in ["2026-10-05", "2026-10-12", "2026-10-19", "2026-11-20"] {
                text.push_str(&format!(
                    "[[outcome]]\ntype = \"{kind}\"\nsegment = \"S\"\nchannel = \"email\"\ntest = \"t\"\nday = \"{day}\"\n\
                     sent = {sent}\nresponded = {responded}\ncomplained = {complained}\n"
                ));
            }
        }
        Outcomes::parse(&text).unwrap()
    }

    fn plan(assignment: &str) -> ExperimentPlan {
        ExperimentPlan::parse(&format!(
            "[[experiment]]\nid = \"t\"\nsegment = \"S\"\nchannel = \"email\"\nsince = \"2026-10-01\"\n\
             assignment = \"{assignment}\"\ncontrol = \"a\"\ncontrol_pct = 0\narms = {{ a = 1, b = 1 }}\n"
        ))
        .unwrap()
    }

    fn of(rows: &[(&str, u64, u64, u64)], assignment: &str) -> ExperimentReport {
        let day = "2026-11-23".parse().unwrap();
        reports(&outcomes(rows), &plan(assignment), day).remove(0)
    }

    #[test]
    fn an_arm_is_called_best_only_when_the_outcomes_carry_it() {
        let clear = of(&[("a", 1_000, 40, 0), ("b", 1_000, 90, 0)], "fixed");
        assert_eq!(clear.says, Conclusion::Best { kind: "b".into() });
        // The messages of the last days are still on their way.
        assert_eq!(clear.arms[0].counts.sent, 3_000);
        assert_eq!(clear.arms[0].points.len(), 3);
        let widths: Vec<u32> = clear.arms[0]
            .points
            .iter()
            .map(|p| p.high_bp - p.low_bp)
            .collect();
        assert!(widths[1] < widths[0], "{widths:?}");
        assert_eq!(clear.mismatch, None);
        let close = of(&[("a", 1_000, 50, 0), ("b", 1_000, 60, 0)], "fixed");
        assert_eq!(close.says, Conclusion::Open);
    }

    #[test]
    fn what_messages_change_shows_beside_those_who_get_none() {
        let mut known = outcomes(&[("a", 1_000, 50, 0), ("nothing", 1_000, 0, 0)]);
        let converted = |known: &mut Outcomes, kind: &str, count: u64| {
            for (cell, counts) in &mut known.cells {
                if cell.kind == kind {
                    counts.converted = count;
                }
            }
        };
        let lift = |known: &Outcomes| {
            let report = reports(known, &plan("fixed"), "2026-11-23".parse().unwrap()).remove(0);
            assert!(report.arms.iter().all(|arm| arm.kind != "nothing"));
            report.lift.unwrap()
        };
        converted(&mut known, "a", 40);
        converted(&mut known, "nothing", 8);
        let found = lift(&known);
        assert_eq!(
            (found.sent, found.sent_converted, found.held_out),
            (3_000, 120, 3_000)
        );
        assert!(found.more);
        converted(&mut known, "nothing", 38);
        assert!(!lift(&known).more);
        assert_eq!(of(&[("a", 1_000, 50, 0)], "fixed").lift, None);
    }

    #[test]
    fn a_split_that_was_not_meant_and_an_arm_that_does_harm_are_told() {
        let uneven = of(&[("a", 1_000, 50, 0), ("b", 1_400, 70, 0)], "fixed");
        assert!(uneven.mismatch.unwrap().contains("a 3000 of 3600 meant"));
        assert_eq!(
            of(&[("a", 1_000, 50, 0), ("b", 1_400, 70, 0)], "thompson").mismatch,
            None
        );
        let harmful = of(&[("a", 1_000, 50, 0), ("b", 1_000, 150, 15)], "fixed");
        assert!(
            harmful.arms[1]
                .stopped
                .as_ref()
                .unwrap()
                .contains("60 complaints")
        );
        assert_eq!(
            harmful.says,
            Conclusion::Open,
            "an arm that was stopped is not the best"
        );
    }
}
