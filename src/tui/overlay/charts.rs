//! The charts, drawn with plain characters so that they read the same everywhere.

use crate::tui::charts::{ChartPage, Charts, bar, days, interval, newest, percent, reasons, times};
use crate::tui::model::Model;
use crate::tui::text::{column, cut};
use crate::tui::view::{Pane, lines, pane, popup};
use crate::tui::{experiments, quality};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

pub fn draw(frame: &mut Frame<'_>, area: Rect, model: &Model, charts: &Charts) {
    let at = popup(frame, area, 120, 44);
    let names = ChartPage::ALL.map(|page| {
        if page == charts.page {
            format!("[{}]", page.title())
        } else {
            page.title().to_owned()
        }
    });
    let title = format!("Charts   {}", names.join("   "));
    let inside = pane(frame, at, &title, "left/right", (model, Pane::Over));
    let width = usize::from(inside.width).saturating_sub(2);
    let text = page(model, charts.page, width);
    let text = text
        .into_iter()
        .map(|line| Line::raw(format!(" {}", cut(&line, width))))
        .collect();
    lines(frame, inside, text, charts.scroll);
}

/// A page as lines, for the screen and for the plain mode.
pub fn page(model: &Model, page: ChartPage, width: usize) -> Vec<String> {
    match page {
        ChartPage::Variants => variants(model, width),
        ChartPage::Stages => stages(model, width),
        ChartPage::Blocks => blocks(model, width),
        ChartPage::Experiments => experiments::pages(&model.experiments, width),
        ChartPage::Reviewers => match &model.quality {
            Some(all) => quality::lines(all, width),
            None => vec!["The record is being counted …".into()],
        },
    }
}

fn variants(model: &Model, width: usize) -> Vec<String> {
    let Some(analysis) = model.run.as_ref().and_then(|run| run.analysis.as_ref()) else {
        return vec!["No run is open that was run on to its end.".into()];
    };
    let winner = analysis.winner.as_ref().map(|w| w.variant_id.as_str());
    let room = width.saturating_sub(34).min(60);
    let mut out = vec!["What the score is made of (each part from 0 to 100)".to_owned()];
    for arm in &analysis.arms {
        let mark = if winner == Some(arm.variant_id.as_str()) {
            "winner"
        } else {
            ""
        };
        out.push(String::new());
        out.push(format!("{}  {}  {mark}", arm.variant_id, arm.kind));
        for (name, bp) in [
            ("score", arm.score_bp),
            ("relevance", arm.relevance_bp),
            ("freshness", arm.freshness_bp),
            ("safety", arm.safety_bp),
            ("best with", arm.best_bp),
            // Only who carries a disclosure has it near or far.
            ("disclosed", arm.prominence_bp.unwrap_or(0)),
        ] {
            let value = bp / 100;
            out.push(format!(
                "   {} {value:>4} {}",
                column(name, 12),
                bar(u64::from(bp), 10_000, room)
            ));
        }
    }
    for arm in &analysis.arms {
        let remarks = arm.remarks();
        if !remarks.is_empty() {
            out.push(String::new());
            out.push(arm.variant_id.clone());
            out.extend(remarks.into_iter().map(|remark| format!("   {remark}")));
        }
    }
    let most = analysis
        .arms
        .iter()
        .map(|arm| arm.high_bp)
        .max()
        .unwrap_or(0);
    out.push(String::new());
    out.push(format!(
        "Expected replies: 90 % interval of the posterior, o is its mean; the line ends at {}",
        percent(most)
    ));
    out.push(String::new());
    for arm in &analysis.arms {
        let line = interval(
            (arm.low_bp, arm.expected_response_bp, arm.high_bp),
            most,
            room,
        );
        out.push(format!(
            "   {}  {} {line}",
            arm.variant_id,
            column(&percent(arm.expected_response_bp), 10)
        ));
        out.push(format!(
            "      {} to {}, from {} sent and {} replies on record",
            percent(arm.low_bp),
            percent(arm.high_bp),
            arm.sent,
            arm.responded
        ));
    }
    out
}

fn millis(micros: u64) -> String {
    format!("{}.{} ms", micros / 1_000, micros % 1_000 / 100)
}

fn stages(model: &Model, width: usize) -> Vec<String> {
    let times = times(model.run.as_ref(), &model.entries);
    let most = times
        .iter()
        .flat_map(|t| [t.own.unwrap_or(0), t.p95])
        .max()
        .unwrap_or(0);
    let room = width.saturating_sub(36).min(60);
    let mut out = vec![
        "This run beside the newest entries on record: their median, and what 95 of 100 keep"
            .to_owned(),
    ];
    for t in &times {
        out.push(String::new());
        out.push(format!("{}  ({} on record)", t.stage, t.count));
        let mut row = |name: &str, value: Option<u64>| {
            let shown = value.map_or("-".to_owned(), millis);
            out.push(format!(
                "   {} {shown:>11}  {}",
                column(name, 10),
                bar(value.unwrap_or(0), most, room)
            ));
        };
        row("this run", t.own);
        row("median", (t.count > 0).then_some(t.median));
        row("95 of 100", (t.count > 0).then_some(t.p95));
    }
    out
}

fn blocks(model: &Model, width: usize) -> Vec<String> {
    let days = days(&model.runs);
    if days.is_empty() {
        return vec!["No run is on record yet.".into()];
    }
    let shown = newest(&days, 14);
    let most = shown.iter().map(|day| day.runs).max().unwrap_or(0) as u64;
    let room = width.saturating_sub(34).min(60);
    let mut out = vec![format!(
        "The newest {} runs by day: # had a blocked variant, . had none",
        model.runs.len()
    )];
    out.push(String::new());
    for day in shown {
        let all = bar(day.runs as u64, most, room).len();
        let blocked = bar(day.blocked as u64, most, room).len();
        out.push(format!(
            "{}  {:>5} of {:<5} {}{}",
            day.day,
            day.blocked,
            day.runs,
            "#".repeat(blocked),
            ".".repeat(all.saturating_sub(blocked))
        ));
    }
    let reasons = reasons(&days);
    if reasons.is_empty() {
        out.push(String::new());
        out.push("No rule blocked.".into());
        return out;
    }
    let columns = newest(shown, width.saturating_sub(46) / 4);
    let mut heads = String::new();
    for day in columns {
        heads.push_str(&format!("{:>4}", day.day.get(8..10).unwrap_or("")));
    }
    out.push(String::new());
    out.push(format!(
        "{} {:>6} {heads}",
        column("Rules that blocked, by day", 38),
        "all"
    ));
    for (rule, count) in reasons.iter().take(12) {
        let mut cells = String::new();
        for day in columns {
            match day.rules.get(rule) {
                Some(count) => cells.push_str(&format!("{count:>4}")),
                None => cells.push_str("   ."),
            }
        }
        out.push(format!("{} {count:>6} {cells}", column(rule, 38)));
    }
    out
}
