//! What waits, how long, why.

use crate::service::review::queue::{RunSummary, today};
use crate::tui::model::{Model, Screen, Sort};
use crate::tui::text::{column, safe, wrap};
use crate::tui::view::{Pane, halves, lines, pane, rows, scrolled, split};
use chrono::DateTime;
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};

pub fn draw(frame: &mut Frame<'_>, area: Rect, model: &Model) {
    let [top, bottom] = halves(area, Screen::Queue);
    let shown = model.shown_runs();
    let (title, sort) = match model.sort {
        Sort::Waiting => ("Waiting for a decision", "most urgent first"),
        Sort::Newest => ("Runs", "newest first"),
    };
    let right = format!(
        "{} of {}   {sort}{}",
        shown.len(),
        model.listed().len(),
        if model.filter.is_empty() {
            String::new()
        } else {
            format!("   filter: {}", safe(&model.filter))
        }
    );
    let inside = pane(frame, top, title, &right, (model, Pane::Screen(0)));
    if shown.is_empty() {
        lines(frame, inside, nothing(model), 0);
    } else {
        let [head, list] =
            Layout::vertical([Constraint::Length(1), Constraint::Min(1)]).areas(inside);
        let width = inside.width;
        let title = format!(
            "     {} {} {} {} {} {}{}",
            column("RUN", 12),
            column("SEGMENT", 19),
            column("BY", 5),
            column("VARIANTS", 15),
            column("STATE", 9),
            column("DUE", 7),
            more(width, ("WITH", "STARTED")),
        );
        frame.render_widget(Line::styled(title, model.theme.dim()), head);
        let table = shown.iter().map(|run| row(model, run, width)).collect();
        rows(frame, list, table, model.queue_at, model);
    }
    let [left, right] = split(bottom, 3, 2);
    detail(frame, left, model);
    sums(frame, right, model);
}

fn nothing(model: &Model) -> Vec<Line<'static>> {
    if !model.listed().is_empty() {
        return vec![Line::raw("  No run matches the filter; Esc clears it.")];
    }
    let mut words = vec![
        Line::raw("  Nothing waits."),
        Line::raw(""),
        Line::raw("  Press n to take a profile through the pipeline."),
    ];
    if !model.runs.is_empty() {
        words.push(Line::raw("  Press s to list all runs, newest first."));
    }
    words
}

fn row(model: &Model, run: &RunSummary, width: u16) -> Line<'static> {
    let mark = if model.marked.contains(&run.run) {
        "* "
    } else {
        "  "
    };
    let due = due(&run.due, &model.now);
    let late = due.starts_with("LATE") && run.state.is_open();
    let mut spans = vec![
        Span::raw(mark),
        Span::raw(column(&run.run, 12)),
        Span::raw(" "),
        Span::raw(column(&run.segment, 19)),
        Span::raw(" "),
        Span::raw(column(&run.channel, 5)),
        Span::raw(" "),
        Span::raw(column(
            &format!("{} ok {} ! {} x", run.passed, run.review, run.blocked),
            15,
        )),
        Span::raw(" "),
        Span::raw(column(run.state.as_str(), 9)),
        Span::raw(" "),
        Span::styled(
            column(if run.state.is_open() { &due } else { "" }, 7),
            if late {
                model.theme.warn()
            } else {
                Style::default()
            },
        ),
    ];
    let started = run.started.get(5..16).unwrap_or("").replace('T', " ");
    spans.push(Span::raw(more(width, (&run.claimed, &started))));
    Line::from(spans)
}

/// The columns that wider screens have room for: who has it, and since when it waits.
fn more(width: u16, (with, started): (&str, &str)) -> String {
    match width {
        0..92 => String::new(),
        92..106 => format!(" {}", column(with, 12)),
        _ => format!(" {} {}", column(with, 16), column(started, 11)),
    }
}

/// The time that is left, in the largest unit that says enough: `3h`, `LATE 2d`; empty without a due time.
fn due(due: &str, now: &str) -> String {
    let read = |text| DateTime::parse_from_rfc3339(text).ok();
    let Some((due, now)) = read(due).zip(read(now)) else {
        return String::new();
    };
    let minutes = (due - now).num_minutes();
    let span = match minutes.abs() {
        m if m < 60 => format!("{m}m"),
        m if m < 48 * 60 => format!("{}h", m / 60),
        m => format!("{}d", (m / 60 / 24).min(99)),
    };
    if minutes < 0 {
        format!("LATE {span}")
    } else {
        span
    }
}

fn detail(frame: &mut Frame<'_>, area: Rect, model: &Model) {
    let shown = model.shown_runs();
    let Some(run) = shown.get(model.queue_at) else {
        pane(frame, area, "Run", "", (model, Pane::Screen(1)));
        return;
    };
    let inside = pane(
        frame,
        area,
        &format!("{}  {}", run.run, run.segment),
        &run.channel,
        (model, Pane::Screen(1)),
    );
    let pair = |name: &str, value: &str| {
        Line::from(vec![
            Span::styled(format!(" {name:11}"), model.theme.dim()),
            Span::raw(safe(value)),
        ])
    };
    let width = usize::from(inside.width).saturating_sub(2);
    let mut text = said(model, run, width);
    text.extend([
        pair("customer", &run.subject),
        pair("where", &run.jurisdiction),
        pair("started by", &run.by),
        pair("try", &run.revision.to_string()),
        pair(
            "variants",
            &format!(
                "{} ok, {} to look at, {} blocked",
                run.passed, run.review, run.blocked
            ),
        ),
        pair(
            "winner",
            if run.winner.is_empty() {
                "none"
            } else {
                &run.winner
            },
        ),
    ]);
    if !run.decision.is_empty() {
        text.push(pair(
            "decision",
            &format!("{} {} by {}", run.decision, run.variant, run.decided_by),
        ));
    }
    if !run.again.is_empty() {
        text.push(pair("again", &run.again));
    }
    if !run.why.is_empty() {
        let since = run.held.get(..16).unwrap_or("").replace('T', " ");
        text.push(pair("held", &format!("since {since}: {}", run.why)));
    }
    if !run.due.is_empty() {
        let words = match due(&run.due, &model.now) {
            late if late.starts_with("LATE") => format!("{}  {late}", run.due),
            left => format!("{}  {left} left", run.due),
        };
        text.push(pair("due", &words));
    }
    if !run.claimed.is_empty() {
        text.push(pair("with", &run.claimed));
    }
    if run.escalated {
        text.push(pair("escalated", "a principal decides"));
    }
    for (variant, why) in &run.two {
        text.push(pair("two sign", &format!("{variant}: {why}")));
    }
    if run.comments > 0 {
        text.push(pair(
            "comments",
            &format!("{}  (o reads them)", run.comments),
        ));
    }
    for (rule, count) in &run.rules {
        text.push(pair("blocked by", &format!("{rule} ({count})")));
    }
    scrolled(frame, inside, text, (model, 1));
}

/// What was said about the chosen run, newest first, on top of what is known of it.
fn said<'l>(model: &Model, run: &RunSummary, width: usize) -> Vec<Line<'l>> {
    let told = model
        .queue_said
        .as_ref()
        .filter(|(id, _, _)| *id == run.run);
    let said = told.into_iter().flat_map(|(_, _, said)| said);
    said.filter(|said| said.counts())
        .take(3)
        .flat_map(|said| wrap(&said.sentence(), width))
        .map(|line| Line::styled(format!(" {line}"), model.theme.title()))
        .collect()
}

fn sums(frame: &mut Frame<'_>, area: Rect, model: &Model) {
    let inside = pane(frame, area, "So far", "", (model, Pane::Screen(2)));
    let sums = today(&model.runs);
    let waiting = model.waiting.len().max(sums.waiting);
    let number = |name: &str, n: usize| Line::raw(format!(" {name:12}{n:5}"));
    let mut text = vec![
        number("waiting", waiting),
        number("approved", sums.approved),
        number("rejected", sums.rejected),
        number("overridden", sums.overridden),
    ];
    if sums.held > 0 {
        text.push(number("held", sums.held));
    }
    text.push(Line::raw(""));
    text.push(Line::styled(" rules that blocked most", model.theme.dim()));
    let width = usize::from(inside.width).saturating_sub(9);
    for (rule, count) in sums.rules.iter().take(8) {
        text.push(Line::raw(format!(" {} {count:4}", column(rule, width))));
    }
    scrolled(frame, inside, text, (model, 2));
}
