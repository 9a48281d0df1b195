//! What waits, how long, why.

use crate::service::audit::told::title;
use crate::service::review::queue::{RunSummary, today};
use crate::tui::columns::{self, QueueColumn, due, finding, variants, worst_rule};
use crate::tui::model::{Model, Screen, Sort};
use crate::tui::text::{column, safe, wrap};
use crate::tui::view::{Pane, halves, lines, pane, rows_of, scrolled, split};
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use std::collections::BTreeMap;

pub fn draw(frame: &mut Frame<'_>, area: Rect, model: &Model) {
    let [top, bottom] = halves(area, Screen::Queue);
    let shown = model.shown_runs();
    let title = match model.sort {
        Sort::Waiting => "Waiting for a decision",
        Sort::Newest => "Runs",
    };
    let right = right_of(model, shown.len());
    let inside = pane(frame, top, title, &right, (model, Pane::Screen(0)));
    if shown.is_empty() {
        lines(frame, inside, nothing(model), 0);
    } else {
        let [head, list] =
            Layout::vertical([Constraint::Length(1), Constraint::Min(1)]).areas(inside);
        let columns = model.columns.shown(columns::room(inside.width));
        frame.render_widget(heads(model, &columns), head);
        rows_of(frame, list, &shown, model.queue_at, model, |run| {
            row(model, run, &columns)
        });
    }
    let [left, right] = split(bottom, 3, 2);
    detail(frame, left, model, shown.get(model.queue_at).copied());
    sums(frame, right, model);
}

/// How many are shown of how many there are, in which order, and what was looked for.
fn right_of(model: &Model, shown: usize) -> String {
    let all = model.count();
    let count = match &model.found {
        Some((_, 0)) => format!("{shown} found of {}", grouped(all)),
        Some((_, more)) => format!("first {shown} found of {}", grouped(shown + more)),
        None if all > model.listed().len() => {
            format!("first {} of {}", grouped(shown), grouped(all))
        }
        None if shown < all => format!("{shown} of {}", grouped(all)),
        None => grouped(all),
    };
    let sort = match (model.columns.sort, model.sort) {
        (Some((column, false)), _) => format!("by {}", column.name()),
        (Some((column, true)), _) => format!("by {}, turned", column.name()),
        (None, Sort::Waiting) => "most urgent first".to_owned(),
        (None, Sort::Newest) => "newest first".to_owned(),
    };
    if model.filter().is_empty() {
        format!("{count}   {sort}")
    } else {
        format!("{count}   filter: {}", safe(model.filter()))
    }
}

/// A number as people read it: 3,639.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// The columns' names; the chosen one stands out, and the one that is sorted by has its mark.
fn heads(model: &Model, columns: &[(QueueColumn, u16)]) -> Line<'static> {
    let mut spans = vec![Span::raw("     ")];
    for (one, width) in columns {
        let mark = match model.columns.sort {
            Some((by, false)) if by == *one => "^",
            Some((by, true)) if by == *one => "v",
            _ => "",
        };
        let name = format!("{}{mark}", one.name().to_uppercase());
        let style = if model.columns.at == Some(*one) {
            model.theme.title()
        } else {
            model.theme.dim()
        };
        spans.push(Span::styled(column(&name, usize::from(*width)), style));
        spans.push(Span::raw(" "));
    }
    Line::from(spans)
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

fn row(model: &Model, run: &RunSummary, columns: &[(QueueColumn, u16)]) -> Line<'static> {
    let mark = if model.marked.contains(&run.run) {
        "* "
    } else {
        "  "
    };
    let mut spans = vec![Span::raw(mark)];
    for (one, width) in columns {
        let words = one.says(run, &model.titles, &model.now);
        let style = match one {
            QueueColumn::Due if words.starts_with("LATE") => model.theme.warn(),
            QueueColumn::Finding if words.starts_with("x ") => model.theme.block(),
            QueueColumn::Finding if words.starts_with("! ") => model.theme.warn(),
            _ => Style::default(),
        };
        spans.push(Span::styled(column(&words, usize::from(*width)), style));
        spans.push(Span::raw(" "));
    }
    Line::from(spans)
}

fn detail(frame: &mut Frame<'_>, area: Rect, model: &Model, run: Option<&RunSummary>) {
    let Some(run) = run else {
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
        pair("finding", &finding(run, &model.titles)),
        pair("product", &run.product),
        pair("customer", &run.subject),
        pair("where", &run.jurisdiction),
        pair("started by", &run.by),
        pair("try", &run.revision.to_string()),
        pair("variants", &variants(run)),
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
    for (name, rules) in [("blocked by", &run.rules), ("to look at", &run.asks)] {
        for (rule, count) in rules {
            let title = title(rule, &model.titles);
            text.push(pair(name, &format!("{title} ({count})  {rule}")));
        }
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
    let width = usize::from(inside.width).saturating_sub(9);
    let groups = same(model);
    if !groups.is_empty() {
        text.push(Line::styled(
            " what waits, by finding (f)",
            model.theme.dim(),
        ));
    }
    for (words, count) in groups.iter().take(12) {
        text.push(Line::raw(format!(" {} {count:4}", column(words, width))));
    }
    if !groups.is_empty() && !sums.rules.is_empty() {
        text.push(Line::raw(""));
    }
    text.push(Line::styled(" rules that blocked most", model.theme.dim()));
    for (rule, count) in sums.rules.iter().take(8) {
        let title = title(rule, &model.titles);
        text.push(Line::raw(format!(" {} {count:4}", column(title, width))));
    }
    scrolled(frame, inside, text, (model, 2));
}

/// Runs that wait with the same worst finding, most of a kind first.
fn same(model: &Model) -> Vec<(String, usize)> {
    let mut groups: BTreeMap<String, usize> = BTreeMap::new();
    for run in &model.waiting {
        let words = match worst_rule(run) {
            Some(rule) => title(rule, &model.titles),
            None => "clear",
        };
        *groups.entry(words.to_owned()).or_default() += 1;
    }
    let mut groups: Vec<(String, usize)> = groups.into_iter().collect();
    groups.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
    groups
}
