//! The record: entries, one in full, and what the chain proves.

use crate::domain::digest::Digest;
use crate::service::audit::{Entry, told};
use crate::tui::model::{Model, Screen};
use crate::tui::text::{column, cut, safe, wrap};
use crate::tui::view::{Pane, halves, lines, pane, rows_of, scrolled, split};
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};

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
        let words = width.saturating_sub(to - from + 6 + 2 + 14);
        // Why comes in a column of its own where anybody said why.
        let room = if shown.iter().any(|e| told::why(e).is_some()) {
            words * 2 / 5
        } else {
            0
        };
        let words = words - room;
        let named = format!(
            "   {} {:>5}  {}{} RUN",
            column("TIME (UTC)", to - from),
            "SEQ",
            column("WHAT WAS DONE", words),
            column(" REASON", room),
        );
        frame.render_widget(Line::styled(named, model.theme.dim()), head);
        rows_of(frame, list, &shown, model.entry_at, model, |e| {
            let time = e.time.get(from..to).unwrap_or("").replace('T', " ");
            let style = if told::is_decision(e.kind()) {
                model.theme.title()
            } else {
                Style::default()
            };
            Line::from(vec![
                Span::raw(format!("{} {:>5}  ", column(&time, to - from), e.seq)),
                Span::styled(column(&told::what(e, &model.titles), words), style),
                Span::raw(column(
                    &format!(" {}", told::why(e).unwrap_or_default()),
                    room,
                )),
                Span::raw(format!(" {}", cut(e.run.as_deref().unwrap_or(""), 12))),
            ])
        });
    }
    let [left, right] = split(bottom, 5, 4);
    entry(frame, left, model, shown.get(model.entry_at).copied());
    chain(frame, right, model);
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
    let mut pair = |name: &str, value: &str| {
        for (index, line) in wrap(value, width).into_iter().enumerate() {
            text.push(Line::raw(format!(
                " {}{line}",
                column(if index == 0 { name } else { "" }, 12)
            )));
        }
    };
    for (name, value) in told::lines(entry, &model.titles) {
        pair(&name, &value);
    }
    pair("prev", &entry.prev);
    if let Ok(bytes) = entry.to_bytes() {
        pair("this", &Digest::of(&bytes).to_string());
    }
    if let Some(note) = entry.note() {
        pair("signed", note);
    }
    scrolled(frame, inside, text, (model, 1));
}

fn chain(frame: &mut Frame<'_>, area: Rect, model: &Model) {
    let inside = pane(frame, area, "Chain", "", (model, Pane::Screen(2)));
    let width = usize::from(inside.width).saturating_sub(2);
    let mut text: Vec<Line<'_>> = Vec::new();
    let mut say = |words: &str| {
        text.extend(
            wrap(words, width)
                .into_iter()
                .map(|l| Line::raw(format!(" {l}"))),
        );
    };
    match (&model.chain.report, model.chain.verifying) {
        (_, true) => say("verifying …"),
        (None, _) => {
            say(&format!(
                "{} entries, not verified in this session.",
                model.chain.size
            ));
            say("v reads every byte back and checks it.");
        }
        (Some(report), _) => {
            match report.wrong() {
                None => say(&format!(
                    "verified  {} of {}   OK",
                    report.entries, report.entries
                )),
                Some(wrong) => say(&wrong),
            }
            say(&format!(
                "{} blobs, {} signatures",
                report.blobs, report.signatures
            ));
            say(&format!("root      {}", report.root));
            say("");
            say("what this proves");
            say(&report.proves);
        }
    }
    scrolled(frame, inside, text, (model, 2));
}
