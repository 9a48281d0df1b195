//! How well reviewers review, in lines: for the charts, the plain desk and the command line.

use super::overlay::charts::{bar, interval};
use super::text::{column, wrap};
use crate::service::audit::quality::{
    ItemTimes, Proportion, ReviewQuality, ReviewerAgreement, ReviewerQuality,
};

/// Columns of a name, and of what stands before a chart.
const NAME: usize = 20;

/// Everything, one reviewer after the other.
pub fn lines(quality: &ReviewQuality, width: usize) -> Vec<String> {
    let mut out = Vec::new();
    let mut say = |words: &str| out.extend(wrap(words, width.max(20)));
    if !quality.of_all {
        say("Your own reviews; principals and auditors see everybody's.");
    }
    if quality.older > 0 {
        say(&format!(
            "Of the newest entries alone; {} older ones are not counted: `echovoice audit stats` counts all.",
            quality.older
        ));
    }
    if quality.reviewers.is_empty() {
        say("Nobody has decided anything yet.");
        return out;
    }
    let most = quality.reviewers.iter().map(|one| one.decisions).max();
    let name = |one: &ReviewerQuality, chart: &str| format!("{} {chart}", column(&one.name, NAME));
    let room = width.saturating_sub(NAME + 2);
    out.push("Decisions (without planted tests)".into());
    for one in &quality.reviewers {
        let said = format!("{:>5}  ", one.decisions);
        let drawn = bar(
            one.decisions,
            most.unwrap_or(0),
            room.saturating_sub(7).min(50),
        );
        out.push(name(one, &format!("{said}{drawn}")));
        let kinds = format!(
            "{} approved, {} rejected, {} overridden, {} sent back",
            one.approvals, one.rejections, one.overrides, one.changes_requested
        );
        out.push(format!("{} {kinds}", column("", NAME)));
    }
    for (heading, of) in [
        (
            "Violations caught, of those planted (0 to 100 %, | | the 95 % interval)",
            (|one| one.caught) as fn(&ReviewerQuality) -> Option<Proportion>,
        ),
        ("False alarms, of clean texts planted", |one| {
            one.false_alarms
        }),
    ] {
        out.push(String::new());
        out.push(heading.into());
        for one in &quality.reviewers {
            let Some(share) = of(one) else {
                out.push(name(one, "none decided"));
                continue;
            };
            let drawn = (share.low_bp, share.middle_bp(), share.high_bp);
            out.push(name(one, &interval(drawn, 10_000, room.min(50))));
            out.push(format!("{} {}", column("", NAME), share.in_words()));
        }
    }
    out.push(String::new());
    out.push("Time per item".into());
    for one in &quality.reviewers {
        let (first, then) = times(one);
        out.push(name(one, &first));
        out.push(format!("{} {then}", column("", NAME)));
    }
    out.extend(wrap(quality.how_timed, width.max(20)));
    out.push(String::new());
    out.push("Agreement".into());
    for words in agreement(&quality.agreement) {
        out.extend(wrap(&words, width.max(20)));
    }
    out.extend(against(quality, width));
    out
}

fn clock(seconds: i64) -> String {
    match seconds {
        0..60 => format!("{seconds} s"),
        _ => format!("{} min {:02} s", seconds / 60, seconds % 60),
    }
}

/// Median and slowest tenth, and of how many.
fn times(one: &ReviewerQuality) -> (String, String) {
    let not = one.not_timed;
    let Some(ItemTimes {
        measured,
        median_s,
        p90_s,
    }) = one.time
    else {
        return ("none measured".into(), format!("{not} not measured"));
    };
    let tenth = p90_s.map_or("too few to say more".into(), |slow| {
        format!("nine of ten within {}", clock(slow))
    });
    (
        format!("median {}, {tenth}", clock(median_s)),
        format!("{measured} measured, {not} not"),
    )
}

fn agreement(all: &ReviewerAgreement) -> Vec<String> {
    let told = |share: Option<Proportion>| share.map_or("none".to_owned(), |s| s.in_words());
    let mut out = vec![
        format!(
            "Second persons who signed what the first had signed, whom they saw: {}",
            told(all.second_persons)
        ),
        format!(
            "Pairs of reviewers who decided the same planted message alike, each alone: {}",
            told(all.tests)
        ),
    ];
    match (all.kappa_bp, all.tests) {
        (Some(kappa), _) => {
            let (sign, size) = (if kappa < 0 { "-" } else { "" }, kappa.unsigned_abs() / 100);
            out.push(format!(
                "Without what chance gives (kappa, pooled over pairs): {sign}{}.{:02}",
                size / 100,
                size % 100
            ));
        }
        (None, Some(_)) => out.push("Too few pairs, or too much alike, for a kappa.".into()),
        (None, None) => {}
    }
    out
}

/// Rules that reviewers went against, most often first.
fn against(quality: &ReviewQuality, width: usize) -> Vec<String> {
    let mut rows: Vec<(u64, String)> = Vec::new();
    for one in &quality.reviewers {
        for rule in &one.rules {
            let said = format!(
                "{:>4} overridden {:>4} dismissed  {}",
                rule.overridden, rule.dismissed, one.name
            );
            let room = width.saturating_sub(said.chars().count() + 1).clamp(10, 44);
            let line = format!("{} {said}", column(&rule.rule, room));
            rows.push((rule.overridden + rule.dismissed, line));
        }
    }
    if rows.is_empty() {
        return Vec::new();
    }
    rows.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    let heading = ["", "Rules that reviewers went against"].map(str::to_owned);
    heading
        .into_iter()
        .chain(rows.into_iter().map(|row| row.1))
        .collect()
}
