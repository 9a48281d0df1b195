//! The record: entries, one in full, and what the chain proves.

use crate::domain::digest::Digest;
use crate::service::audit::Entry;
use crate::service::review::brief::reason_of;
use crate::tui::model::{Model, Screen};
use crate::tui::text::{column, cut, safe, wrap};
use crate::tui::view::{Pane, halves, lines, pane, rows, scrolled, split};
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::Line;

pub fn draw(frame: &mut Frame<'_>, area: Rect, model: &Model) {
    let [top, bottom] = halves(area, Screen::Audit);
    let shown = model.shown_entries();
    let right = format!(
        "newest first   {} of {}{}",
        shown.len(),
        model.entries.len(),
        if model.filter.is_empty() {
            String::new()
        } else {
            format!("   filter: {}", safe(&model.filter))
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
        // A narrow screen keeps room for the reason: it is what a reader looks for.
        let (time, who, what_width) = match inside.width {
            0..90 => (11, 12, 16),
            _ => (19, 14, 20),
        };
        frame.render_widget(
            Line::styled(
                format!(
                    "   {} {:>5}  {} {} {} REASON",
                    column("TIME (UTC)", time),
                    "SEQ",
                    column("WHO", who),
                    column("WHAT", what_width),
                    column("RUN", 12)
                ),
                model.theme.dim(),
            ),
            head,
        );
        let room = usize::from(list.width).saturating_sub(27 + time + who + what_width);
        let table = shown
            .iter()
            .map(|e| {
                let from = if time < 19 { 5 } else { 0 };
                let moment = e
                    .time
                    .get(from..from + time)
                    .unwrap_or("")
                    .replace('T', " ");
                Line::raw(format!(
                    "{} {:>5}  {} {} {} {}",
                    column(&moment, time),
                    e.seq,
                    column(&e.actor, who),
                    column(&what(e), what_width),
                    column(e.run.as_deref().unwrap_or(""), 12),
                    cut(&why(e), room)
                ))
            })
            .collect();
        rows(frame, list, table, model.entry_at, model);
    }
    let [left, right] = split(bottom, 5, 4);
    entry(frame, left, model, shown.get(model.entry_at).copied());
    chain(frame, right, model);
}

/// What the person said: the code, and their own words.
fn why(entry: &Entry) -> String {
    let code = entry.text("code").unwrap_or_default();
    let said = reason_of(entry).unwrap_or_default();
    match (code, said) {
        (code, "") => code.to_owned(),
        ("", said) => said.to_owned(),
        (code, said) => format!("{code}: {said}"),
    }
}

/// The event in a reader's words.
fn what(entry: &Entry) -> String {
    match (entry.text("kind"), entry.text("variant")) {
        (Some(kind), Some(variant)) => format!("{} {variant}", kind.to_uppercase()),
        _ => entry.kind.as_str().to_owned(),
    }
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
    pair("what", &what(entry));
    pair("by", &format!("{} ({})", entry.actor, entry.role));
    let why = why(entry);
    if !why.is_empty() {
        pair("why", &why);
    }
    if let Some(subject) = &entry.subject {
        pair("customer", subject);
    }
    for (key, value) in &entry.data {
        if matches!(key.as_str(), "note" | "pins" | "kind" | "variant") {
            continue;
        }
        let shown = value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned);
        if !shown.is_empty() {
            pair(key, &shown);
        }
    }
    for (name, digest) in &entry.blobs {
        pair(name, &digest.to_string());
    }
    for (name, sealed) in &entry.sealed {
        pair(name, &format!("sealed, {}", sealed.commit.short()));
    }
    if let Some(pack) = entry.pack {
        pair("rules", &pack.short());
    }
    pair("prev", &entry.prev);
    if let Ok(bytes) = entry.to_bytes() {
        pair("this", &Digest::of(&bytes).to_string());
    }
    if let Some(note) = entry.text("note") {
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
