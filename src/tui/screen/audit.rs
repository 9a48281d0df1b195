//! The record: entries, one in full, and what the chain proves.

use crate::domain::decision::DecisionKind;
use crate::domain::digest::Digest;
use crate::service::audit::{Entry, told};
use crate::tui::model::{Model, Screen};
use crate::tui::text::{column, cut, safe, wrap};
use crate::tui::view::{ColumnWish, Pane, halves, lines, pane, rows_of, scrolled, split, widths};
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr as _;

pub fn draw(frame: &mut Frame<'_>, area: Rect, model: &Model) {
    let [top, bottom] = halves(area, Screen::Audit);
    let shown = model.shown_entries();
    let right = format!(
        "newest first   {} of {}{}",
        shown.len(),
        model.chain.size.max(model.entries.len() as u64),
        if model.filter().is_empty() {
            String::new()
        } else {
            format!("   filter: {}", safe(model.filter()))
        }
    );
    let inside = pane(frame, top, "Entries", &right, (model, Pane::Screen(0)));
    if shown.is_empty() {
        lines(
            frame,
            inside,
            vec![Line::raw("  No entries, or none that match the filter.")],
            0,
        );
    } else {
        let [head, list] =
            Layout::vertical([Constraint::Length(1), Constraint::Min(1)]).areas(inside);
        let width = usize::from(inside.width).saturating_sub(3);
        // A day and a minute say enough where there is little room.
        let (from, to) = if width < 90 { (5, 16) } else { (0, 19) };
        let [what, why, run] = room(model, &shown, width.saturating_sub(to - from + 8));
        let reason_of = |words: &str| match why {
            0 => String::new(),
            _ => format!("  {}", column(words, why)),
        };
        let named = format!(
            "   {} {:>5}  {}{}  RUN",
            column("TIME (UTC)", to - from),
            "SEQ",
            column("WHAT WAS DONE", what),
            reason_of("REASON"),
        );
        frame.render_widget(Line::styled(named, model.theme.dim()), head);
        rows_of(frame, list, &shown, model.entry_at, model, |e| {
            let time = e.time.get(from..to).unwrap_or("").replace('T', " ");
            let small = format!("{} {:>5}  ", column(&time, to - from), e.seq);
            let reason = told::why(e).unwrap_or_default();
            let id = cut(e.run.as_deref().unwrap_or(""), run);
            Line::from(vec![
                Span::styled(small, model.theme.dim()),
                Span::styled(
                    column(&told::what(e, &model.titles), what),
                    said_in(model, e),
                ),
                Span::raw(format!("{}  ", reason_of(&reason))),
                Span::styled(id, model.theme.dim()),
            ])
        });
    }
    let [left, right] = split(bottom, 5, 4);
    entry(frame, left, model, shown.get(model.entry_at).copied());
    chain(frame, right, model);
}

/// The widths of what was done, why, and the run, of those that are listed.
fn room(model: &Model, shown: &[&Entry], width: usize) -> [usize; 3] {
    let widest = |says: &dyn Fn(&Entry) -> usize| shown.iter().map(|e| says(e)).max().unwrap_or(0);
    let what = widest(&|e| told::what(e, &model.titles).width());
    // Why comes in a column of its own where anybody said why.
    let why = widest(&|e| told::why(e).unwrap_or_default().width());
    let run = widest(&|e| e.run.as_deref().unwrap_or("").width());
    let given = widths(
        width.saturating_sub(if why > 0 { 4 } else { 2 }),
        &[
            ColumnWish::down_to(24, what.max("WHAT WAS DONE".len())),
            ColumnWish::down_to(12, if why > 0 { why.max("REASON".len()) } else { 0 }),
            ColumnWish::fixed(run.min(12)),
        ],
    );
    [given[0], given[1], given[2]]
}

/// Decisions stand out, each in the colour of what it comes to; its words say which it is.
fn said_in(model: &Model, entry: &Entry) -> Style {
    if !told::is_decision(entry.kind()) {
        return Style::default();
    }
    let colour = match entry.decision() {
        Some(DecisionKind::Approve) => model.theme.ok(),
        Some(DecisionKind::Reject) => model.theme.stopped(),
        Some(DecisionKind::Override | DecisionKind::RequestChanges) => model.theme.asks(),
        None => Style::default(),
    };
    model.theme.title().patch(colour)
}

fn entry(frame: &mut Frame<'_>, area: Rect, model: &Model, entry: Option<&Entry>) {
    let Some(entry) = entry else {
        pane(frame, area, "Entry", "", (model, Pane::Screen(1)));
        return;
    };
    let inside = pane(
        frame,
        area,
        &format!("Entry {}", entry.seq),
        "",
        (model, Pane::Screen(1)),
    );
    let width = usize::from(inside.width).saturating_sub(13);
    let mut text = Vec::new();
    let mut pair = |name: &str, value: &str, style: Style| {
        for (index, line) in wrap(value, width).into_iter().enumerate() {
            let name = column(if index == 0 { name } else { "" }, 12);
            text.push(Line::from(vec![
                Span::styled(format!(" {name}"), model.theme.dim()),
                Span::styled(line, style),
            ]));
        }
    };
    for (name, value) in told::lines(entry, &model.titles) {
        pair(&name, &value, Style::default());
    }
    let small = model.theme.dim();
    if let Some(note) = entry.note() {
        pair("signed", note, small);
    }
    if let Ok(bytes) = entry.to_bytes() {
        pair("this", &Digest::of(&bytes).to_string(), small);
    }
    pair("prev", &entry.prev, small);
    scrolled(frame, inside, text, (model, 1));
}

fn chain(frame: &mut Frame<'_>, area: Rect, model: &Model) {
    let inside = pane(frame, area, "Chain", "", (model, Pane::Screen(2)));
    let width = usize::from(inside.width).saturating_sub(2);
    let mut text: Vec<Line<'_>> = Vec::new();
    let mut say = |words: &str, style: Style| {
        let wrapped = wrap(words, width).into_iter();
        text.extend(
            wrapped.map(|line| Line::from(vec![Span::raw(" "), Span::styled(line, style)])),
        );
    };
    let (plain, small) = (Style::default(), model.theme.dim());
    match (&model.chain.report, model.chain.verifying) {
        (_, true) => say("verifying …", plain),
        (None, _) => {
            let size = model.chain.size;
            say(
                &format!("{size} entries, not verified in this session."),
                plain,
            );
            say("v reads every byte back and checks it.", plain);
        }
        (Some(report), _) => {
            match report.wrong() {
                None => say(
                    &format!("OK  verified {} of {}", report.entries, report.entries),
                    model.theme.ok(),
                ),
                Some(wrong) => say(&wrong, model.theme.block()),
            }
            say(
                &format!("{} blobs, {} signatures", report.blobs, report.signatures),
                plain,
            );
            say("", plain);
            say("what this proves", model.theme.title());
            say(&report.proves, plain);
            say("", plain);
            say(&format!("root      {}", report.root), small);
        }
    }
    scrolled(frame, inside, text, (model, 2));
}
