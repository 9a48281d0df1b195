//! How the experiments stand, in lines: for the charts, the plain desk and the command line.

use super::overlay::charts::{interval, percent};
use super::text::{column, wrap};
use crate::service::learning::experiments::{ArmReport, Conclusion, ExperimentReport, Lift};

/// The experiments one after the other.
pub fn pages(reports: &[ExperimentReport], width: usize) -> Vec<String> {
    if reports.is_empty() {
        return vec!["No outcome is on record, and no experiment is planned.".into()];
    }
    let mut out = Vec::new();
    for report in reports {
        if !out.is_empty() {
            out.push(String::new());
        }
        out.extend(lines(report, width));
    }
    out
}

fn short(bp: u32) -> String {
    format!("{}.{:02}", bp / 100, bp % 100)
}

fn money(cents: i64) -> String {
    let sign = if cents < 0 { "-" } else { "" };
    format!("{sign}{}.{:02}", cents.abs() / 100, cents.abs() % 100)
}

/// One in so many of a thousand, from parts of a million.
fn of_a_thousand(ppm: u32) -> String {
    format!("{}.{}", ppm / 1_000, ppm % 1_000 / 100)
}

/// An experiment: what may be said, the arms, the harm that they do, and how the rates went.
pub fn lines(report: &ExperimentReport, width: usize) -> Vec<String> {
    let mut out = vec![format!(
        "{}   {} over {}",
        report.id, report.segment, report.channel
    )];
    match (report.assignment, &report.since, &report.control) {
        (Some(how), Some(since), Some(control)) => {
            let until = report
                .until
                .as_ref()
                .map_or_else(String::new, |until| format!(" until {until}"));
            out.push(format!(
                "planned   since {since}{until}, assignment {how}, control {control}"
            ));
        }
        _ => out.push("planned   nothing: everybody gets what scores best".into()),
    }
    let error = percent(report.error_bp);
    let mut say = |name: &str, words: &str| {
        let lines = wrap(words, width.saturating_sub(10).max(20));
        for (at, line) in lines.into_iter().enumerate() {
            let name = if at == 0 { name } else { "" };
            out.push(format!("{name:<10}{line}"));
        }
    };
    match &report.says {
        Conclusion::Best { kind } => say(
            "says",
            &format!(
                "{kind} is answered more than each other. The chance that this is ever said of equal arms is {error}, however often one looks"
            ),
        ),
        Conclusion::Open => say(
            "says",
            &format!(
                "nothing yet: no arm is ahead of every other (chance of error {error}, however often one looks)"
            ),
        ),
    }
    if matches!(report.assignment, None | Some("best")) {
        say(
            "note",
            "who was sent what was not left to chance: the arms' readers may differ in more than the message",
        );
    }
    if let Some(mismatch) = &report.mismatch {
        say("SPLIT", mismatch);
    } else if report.arms.iter().any(|arm| arm.share_bp.is_some()) {
        say("split", "as meant");
    }
    for arm in &report.arms {
        if let Some(why) = &arm.stopped {
            say("STOPPED", &format!("{}: {why}", arm.kind));
        }
    }
    out.push(String::new());
    out.push(format!(
        "{} {:>7} {:>8} {:>8} {:>16} {:>5} {:>11}",
        column("arm", 13),
        "sent",
        "answers",
        "rate",
        format!("within ({})", sure(report)),
        "best",
        "1,000 worth"
    ));
    for arm in &report.arms {
        let within = format!("{} to {}", short(arm.low_bp), percent(arm.high_bp));
        out.push(format!(
            "{} {:>7} {:>8} {:>8} {within:>16} {:>3} % {:>11}",
            column(&arm.kind, 13),
            arm.counts.sent,
            arm.counts.responded,
            percent(arm.rate_bp),
            arm.best_bp / 100,
            money(arm.worth_cents),
        ));
    }
    out.push(String::new());
    out.push(format!(
        "Complaints and opt-outs (of a thousand messages, within, {})",
        sure(report)
    ));
    for arm in &report.arms {
        let within =
            |(low, high): (u32, u32)| format!("{} to {}", of_a_thousand(low), of_a_thousand(high));
        out.push(format!(
            "{} {:>7} ({}) {:>5} ({})",
            column(&arm.kind, 13),
            arm.counts.complained,
            within(arm.complained_ppm),
            arm.counts.opted_out,
            within(arm.opted_out_ppm),
        ));
    }
    if let Some(lift) = &report.lift {
        out.extend(against_nothing(lift));
    }
    out.extend(over_time(report, width));
    out
}

/// Conversions with a message and without one.
fn against_nothing(lift: &Lift) -> Vec<String> {
    let row = |name: &str, of: u64, converted: u64, (low, rate, high): (u32, u32, u32)| {
        let within = format!("{} to {}", short(low), percent(high));
        format!(
            "{} {of:>7} {converted:>8} {:>8} {within:>16}",
            column(name, 13),
            percent(rate)
        )
    };
    vec![
        String::new(),
        if lift.more {
            "Conversions: messages bring more than none does".into()
        } else {
            "Conversions: nothing can be said yet of what messages change".into()
        },
        row("a message", lift.sent, lift.sent_converted, lift.sent_bp),
        row(
            "nothing",
            lift.held_out,
            lift.held_out_converted,
            lift.held_out_bp,
        ),
    ]
}

/// How often an interval holds the true rate, at all looks together.
fn sure(report: &ExperimentReport) -> String {
    format!("{} %", 100_u32.saturating_sub(report.error_bp / 100))
}

/// The rate of each arm, and the interval that holds it at every look, day after day.
fn over_time(report: &ExperimentReport, width: usize) -> Vec<String> {
    let arms: &[ArmReport] = &report.arms;
    // What was seen on one day only has no course.
    let points = || arms.iter().flat_map(|arm| &arm.points);
    if arms.iter().all(|arm| arm.points.len() < 2) {
        return Vec::new();
    }
    // The first days know next to nothing: the line shows where the rates are.
    let most = arms
        .iter()
        .filter_map(|arm| arm.points.get(arm.points.len() / 2))
        .map(|point| point.high_bp)
        .max()
        .or_else(|| points().map(|point| point.high_bp).max())
        .unwrap_or(0);
    let room = width.saturating_sub(36).clamp(10, 60);
    let mut out = vec![
        String::new(),
        format!(
            "Rates over time: |---| holds the true rate at every look ({})",
            sure(report)
        ),
        format!("o is the rate by then, the line ends at {}", percent(most)),
    ];
    for arm in arms {
        out.push(String::new());
        out.push(arm.kind.clone());
        for point in &arm.points {
            let line = interval((point.low_bp, point.rate_bp, point.high_bp), most, room);
            let day = if point.day.to_string().len() == 10 {
                point.day.to_string()
            } else {
                "before".into()
            };
            out.push(format!(
                "  {} {:>7} sent {:>8}  {line}",
                column(&day, 10),
                point.sent,
                percent(point.rate_bp)
            ));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::{ExperimentPlan, Outcomes, reports};

    const PLAN: &str = "[[experiment]]\nid = \"t\"\nsegment = \"S\"\nchannel = \"email\"\nsince = \"2026-10-01\"\n\
        assignment = \"fixed\"\ncontrol = \"short\"\ncontrol_pct = 0\narms = { short = 1, educational = 1, social_proof = 1 }\n";

    fn shown(rows: &[(&str, &str)], width: usize) -> Vec<String> {
        let mut text = String::new();
        for (kind, counts) in rows {
            for day in ["2026-10-05", "2026-10-12", "2026-10-19"] {
                text.push_str(&format!(
                    "[[outcome]]\ntype = \"{kind}\"\nsegment = \"S\"\nchannel = \"email\"\ntest = \"t\"\nday = \"{day}\"\n{counts}\n"
                ));
            }
        }
        let outcomes = Outcomes::parse(&text).unwrap();
        let plan = ExperimentPlan::parse(PLAN).unwrap();
        pages(
            &reports(&outcomes, &plan, "2026-11-23".parse().unwrap()),
            width,
        )
    }

    #[test]
    fn everything_that_can_be_said_is_said_within_the_width() {
        let lines = shown(
            &[
                ("short", "sent = 1000\nresponded = 40"),
                ("educational", "sent = 1000\nresponded = 95\nconverted = 20"),
                (
                    "social_proof",
                    "sent = 1400\nresponded = 90\ncomplained = 20",
                ),
                ("nothing", "sent = 900\nresponded = 1\nconverted = 1"),
            ],
            76,
        );
        let text = lines.join("\n");
        for part in [
            "says      educational is answered more than each other",
            "SPLIT     the messages were not split as meant",
            "STOPPED   social_proof: 60 complaints to 4200 messages",
            "Conversions: messages bring more than none does",
            "2026-10-19    3000 sent",
        ] {
            assert!(text.contains(part), "{part}\n{text}");
        }
        let long: Vec<&String> = lines.iter().filter(|l| l.chars().count() > 76).collect();
        assert!(long.is_empty(), "{long:#?}");
    }

    #[test]
    fn an_experiment_that_has_just_begun_and_none_at_all_are_told() {
        let text = shown(&[], 76).join("\n");
        assert!(
            text.contains("nothing yet") && text.contains("split     as meant"),
            "{text}"
        );
        assert!(!text.contains("Rates over time"));
        assert_eq!(pages(&[], 76).len(), 1);
    }
}
