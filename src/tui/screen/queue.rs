//! What waits, how long, why.

use super::light;
use crate::domain::finding::Disposition;
use crate::service::audit::told::title;
use crate::service::review::queue::{RunSummary, today};
use crate::tui::columns::{
    self, QueueColumn, clear_ones, due, finding, state_of, variants, worst_rule,
};
use crate::tui::model::{Model, Screen, Sort};
use crate::tui::text::{column, safe, wrap};
use crate::tui::view::{Pane, PaneTitle, halves, is_read, lines, pane, rows_of, scrolled};
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use std::collections::BTreeMap;
use unicode_width::UnicodeWidthStr as _;

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
        let columns = fitted(model, &shown, inside.width);
        let gap = columns::gap(columns::room(inside.width));
        frame.render_widget(heads(model, &columns, gap), head);
        rows_of(frame, list, &shown, model.queue_at, model, |run| {
            row(model, run, &columns, gap)
        });
    }
    // What is known of a run is short: it stands beside the sums on every screen.
    let parts = [Constraint::Fill(3), Constraint::Fill(2)];
    let [left, right] = if is_read(area) {
        Layout::vertical(parts).areas(bottom)
    } else {
        Layout::horizontal(parts).areas(bottom)
    };
    detail(frame, left, model, shown.get(model.queue_at).copied());
    sums(frame, right, model);
}

/// The columns, each as wide as what is listed needs.
fn fitted(model: &Model, shown: &[&RunSummary], inside: u16) -> Vec<(QueueColumn, usize)> {
    let widest = |column: QueueColumn| {
        let cells = shown.iter();
        let widths = cells.map(|run| column.says(run, &model.titles, &model.now).width());
        widths.max().unwrap_or(0)
    };
    model.columns.fitted(columns::room(inside), widest)
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
fn heads(model: &Model, columns: &[(QueueColumn, usize)], gap: usize) -> Line<'static> {
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
        spans.push(Span::styled(column(&name, *width), style));
        spans.push(Span::raw(" ".repeat(gap)));
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

fn row(
    model: &Model,
    run: &RunSummary,
    columns: &[(QueueColumn, usize)],
    gap: usize,
) -> Line<'static> {
    let mark = if model.marked.contains(&run.run) {
        "* "
    } else {
        "  "
    };
    let mut spans = vec![Span::raw(mark)];
    for (one, width) in columns {
        let words = one.says(run, &model.titles, &model.now);
        let shown = column(&words, *width);
        match one {
            QueueColumn::Finding => spans.extend(with_state(model, run, shown)),
            QueueColumn::Due if words.starts_with("LATE") => {
                spans.push(Span::styled(shown, model.theme.warn()));
            }
            QueueColumn::Run | QueueColumn::Customer | QueueColumn::Started => {
                spans.push(Span::styled(shown, model.theme.dim()));
            }
            _ => spans.push(Span::raw(shown)),
        }
        spans.push(Span::raw(" ".repeat(gap)));
    }
    Line::from(spans)
}

/// The worst finding: its state in the state's style, what was found as it is.
fn with_state(model: &Model, run: &RunSummary, shown: String) -> Vec<Span<'static>> {
    let (word, disposition) = state_of(run);
    let clear = clear_ones(run).unwrap_or_default();
    let (clear, rest) = match shown.strip_prefix(&clear) {
        Some(rest) => (clear, rest),
        None => (String::new(), shown.as_str()),
    };
    let (between, rest) = match rest.strip_prefix(", ") {
        Some(rest) => (", ", rest),
        None => ("", rest),
    };
    let (state, rest) = match rest.strip_prefix(word) {
        Some(rest) => (word, rest),
        None => ("", rest),
    };
    let style = |disposition| light(&model.theme, disposition).1;
    let rest = rest.to_owned();
    vec![
        Span::styled(clear, style(Disposition::Pass)),
        Span::raw(between),
        Span::styled(state, style(disposition)),
        Span::raw(rest),
    ]
}

fn detail(frame: &mut Frame<'_>, area: Rect, model: &Model, run: Option<&RunSummary>) {
    let Some(run) = run else {
        pane(frame, area, "Run", "", (model, Pane::Screen(1)));
        return;
    };
    let (word, disposition) = state_of(run);
    let name = match run.product.as_str() {
        "" => "The chosen run",
        product => product,
    };
    let clear = clear_ones(run);
    let (word, disposition) = match &clear {
        Some(clear) => (clear.as_str(), Disposition::Pass),
        None => (word, disposition),
    };
    let named = PaneTitle::with(name, (word, light(&model.theme, disposition).1));
    let inside = pane(frame, area, named, &run.run, (model, Pane::Screen(1)));
    let width = usize::from(inside.width).saturating_sub(2);
    let mut text = said(model, run, width);
    let mut lines = Vec::new();
    let mut pair = |name: &str, value: &str| {
        for (index, line) in wrap(value, width.saturating_sub(11))
            .into_iter()
            .enumerate()
        {
            let name = if index == 0 { name } else { "" };
            lines.push(Line::from(vec![
                Span::styled(format!(" {name:11}"), model.theme.dim()),
                Span::raw(line),
            ]));
        }
    };
    pair("finding", &finding(run, &model.titles));
    pair("customer", &run.subject);
    pair("segment", &run.segment);
    pair("where", &format!("{} by {}", run.jurisdiction, run.channel));
    pair("variants", &variants(run));
    let winner = match run.winner.as_str() {
        "" => "none",
        winner => winner,
    };
    pair("winner", winner);
    if !run.decision.is_empty() {
        let words = format!("{} {} by {}", run.decision, run.variant, run.decided_by);
        pair("decision", &words);
    }
    if !run.again.is_empty() {
        pair("again", &run.again);
    }
    if !run.why.is_empty() {
        let since = run.held.get(..16).unwrap_or("").replace('T', " ");
        pair("held", &format!("since {since}: {}", run.why));
    }
    if !run.due.is_empty() {
        let day = run.due.get(..16).unwrap_or("").replace('T', " ");
        let words = match due(&run.due, &model.now) {
            late if late.starts_with("LATE") => format!("{day}  {late}"),
            left => format!("{day}  {left} left"),
        };
        pair("due", &words);
    }
    if !run.claimed.is_empty() {
        pair("with", &run.claimed);
    }
    if run.escalated {
        pair("escalated", "a principal decides");
    }
    for (variant, why) in &run.two {
        pair("two sign", &format!("{variant}: {why}"));
    }
    if run.comments > 0 {
        pair("comments", &format!("{}  (o reads them)", run.comments));
    }
    for (name, rules) in [("blocked by", &run.rules), ("to look at", &run.asks)] {
        for (rule, count) in rules {
            pair(name, &format!("{} ({count})", title(rule, &model.titles)));
        }
    }
    pair("started by", &format!("{}, try {}", run.by, run.revision));
    text.extend(lines);
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
    let theme = &model.theme;
    let number = |name: &str, n: usize, style: Style| {
        let style = if n > 0 { style } else { theme.dim() };
        Line::styled(format!(" {name:12}{n:5}"), style)
    };
    let mut text = vec![
        number("waiting", waiting, theme.title()),
        number("approved", sums.approved, theme.ok()),
        number("rejected", sums.rejected, theme.stopped()),
        number("overridden", sums.overridden, theme.asks()),
    ];
    if sums.held > 0 {
        text.push(number("held", sums.held, theme.asks()));
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
        text.extend(counted(words, &count.to_string(), width));
    }
    if !groups.is_empty() && !sums.rules.is_empty() {
        text.push(Line::raw(""));
    }
    text.push(Line::styled(" rules that blocked most", model.theme.dim()));
    for (rule, count) in sums.rules.iter().take(8) {
        let title = title(rule, &model.titles);
        text.extend(counted(title, &count.to_string(), width));
    }
    scrolled(frame, inside, text, (model, 2));
}

/// Words and how often they came, the number beside the last line of them.
fn counted(words: &str, count: &str, width: usize) -> Vec<Line<'static>> {
    let wrapped = wrap(words, width);
    let last = wrapped.len().saturating_sub(1);
    let line = |(at, line): (usize, String)| {
        let number = if at == last {
            format!(" {count:>4}")
        } else {
            String::new()
        };
        Line::raw(format!(" {}{number}", column(&line, width)))
    };
    wrapped.into_iter().enumerate().map(line).collect()
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
