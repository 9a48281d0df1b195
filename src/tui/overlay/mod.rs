//! What stands over a screen: a file each, and the question before quitting.

pub mod ask;
pub mod brief;
pub mod charts;
pub mod check;
pub mod choose;
pub mod compare;
pub mod customer_data;
pub mod decide;
pub mod dismiss;
pub mod edit;
pub mod form;
pub mod policies;
pub mod received;
pub mod tour;

use super::model::{Model, Overlay, Screen};
use super::view::{KeyHints, Pane, lines, pane, popup};
use crate::service::review::filter::Filter;
use crate::service::review::run_filter::RunFilter;
use crossterm::event::{KeyCode, KeyEvent};
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::Line;
use ratatui::widgets::Clear;

pub fn draw(frame: &mut Frame<'_>, area: Rect, model: &Model, overlay: &Overlay) {
    match overlay {
        Overlay::Decide(dialog) => decide::draw(frame, area, model, dialog),
        Overlay::Brief(shown) => brief::draw(frame, area, model, shown),
        Overlay::Received(shown) => received::draw(frame, area, model, shown),
        Overlay::Edit(editor) => edit::draw(frame, area, model, editor),
        Overlay::Dismiss(dialog) => dismiss::draw(frame, area, model, dialog),
        Overlay::CustomerData(dialog) => customer_data::draw(frame, area, model, dialog),
        Overlay::Policies(open) => policies::draw(frame, area, model, open),
        Overlay::Ask(question) => ask::draw(frame, area, model, question),
        Overlay::Help(commands) => choose::help(frame, area, model, commands),
        Overlay::Palette(commands) => choose::palette(frame, area, model, commands),
        Overlay::Picker(picker) => choose::picker(frame, area, model, picker),
        Overlay::Within(within) => choose::within(frame, area, model, within),
        Overlay::Packs(packs) => choose::packs(frame, area, model, packs),
        Overlay::Form(form) => form::draw(frame, area, model, form),
        Overlay::Compare(open) => compare::draw(frame, area, model, open),
        Overlay::Charts(open) => charts::draw(frame, area, model, open),
        Overlay::FileAsked(asked) => check::file(frame, area, model, asked),
        Overlay::Checked(shown) => check::verdict(frame, area, model, shown),
        Overlay::Tour(at) => tour::draw(frame, area, model, at),
        Overlay::Filter => filter_words(frame, area, model),
        Overlay::Quit => {
            let at = popup(frame, area, 60, 5);
            let words = if model.busy {
                " A run is going on. What is recorded stays."
            } else {
                " What was typed here and not recorded would be lost."
            };
            let inside = pane(frame, at, "Quit", "", (model, Pane::Over));
            lines(
                frame,
                inside,
                vec![
                    Line::raw(words),
                    Line::raw(""),
                    Line::raw(" y quits, any other key goes back."),
                ],
                0,
            );
        }
    }
}

/// The words that can be asked for, above the line in which they are typed.
fn filter_words(frame: &mut Frame<'_>, area: Rect, model: &Model) {
    let words = match model.screen {
        Screen::Audit => Filter::WORDS,
        _ => RunFilter::WORDS,
    };
    let [_, foot] = Layout::vertical([Constraint::Min(0), Constraint::Length(4)]).areas(area);
    frame.render_widget(Clear, foot);
    let title = "What can be asked for";
    let inside = pane(frame, foot, title, "", (model, Pane::Part(true)));
    let text = words.map(|line| Line::raw(format!(" {line}")));
    lines(frame, inside, text.to_vec(), 0);
}

/// Rows of one page key.
const PAGE: usize = 10;

/// Where a text that stands over the screen is scrolled to by a key, no further than the last frame's end of it.
pub(in crate::tui) fn scroll(model: &Model, at: usize, key: &KeyEvent) -> usize {
    let last = model.drawn.borrow().over_text.map_or(0, |text| text.last);
    let at = at.min(last);
    let next = match key.code {
        KeyCode::Up | KeyCode::Char('k') => at.saturating_sub(1),
        KeyCode::Down | KeyCode::Char('j') => at + 1,
        KeyCode::PageUp => at.saturating_sub(PAGE),
        KeyCode::PageDown | KeyCode::Char(' ') => at + PAGE,
        KeyCode::Home | KeyCode::Char('g') => 0,
        KeyCode::End | KeyCode::Char('G') => last,
        _ => at,
    };
    next.min(last)
}

/// The keys of what stands on top, for the footer: how to leave it comes last.
pub fn keys(overlay: &Overlay) -> KeyHints {
    match overlay {
        Overlay::Decide(_) => decide::KEYS,
        Overlay::Brief(_) => brief::KEYS,
        Overlay::Received(_) => received::KEYS,
        Overlay::Edit(_) => edit::KEYS,
        Overlay::Dismiss(_) => &[("Enter", "records it"), ("Esc", "leaves it")],
        Overlay::CustomerData(_) => customer_data::KEYS,
        Overlay::Ask(_) => &[("Enter", "does it"), ("Esc", "leaves it")],
        Overlay::Policies(_) => &[
            ("Up/Down", "rule"),
            ("PgDn", "more of it"),
            ("w", "what would the draft change"),
            ("Esc", "back"),
        ],
        Overlay::Help(_) | Overlay::Palette(_) => &[("Enter", "runs it"), ("Esc", "closes")],
        Overlay::Picker(_) => &[
            ("Enter", "starts"),
            ("Ctrl-E", "changes it first"),
            ("Ctrl-N", "types one in"),
            ("Esc", "closes"),
        ],
        Overlay::Within(_) => &[("Enter", "starts"), ("Esc", "back")],
        Overlay::Form(_) => &[
            ("Ctrl-R", "starts the run"),
            ("Tab", "next"),
            ("Left/Right", "choose"),
            ("Ctrl-S", "keeps it"),
            ("Esc", "leaves"),
        ],
        Overlay::Packs(_) => &[("Enter", "shows"), ("Esc", "closes")],
        Overlay::Compare(_) => &[
            ("Tab", "what to change"),
            ("Left/Right", "change it"),
            ("Up/Down", "scroll"),
            ("Esc", "closes"),
        ],
        Overlay::Charts(_) => &[
            ("Left/Right", "page"),
            ("Up/Down", "scroll"),
            ("Esc", "closes"),
        ],
        Overlay::FileAsked(_) => &[("Enter", "checks it"), ("Esc", "closes")],
        Overlay::Checked(_) => &[
            ("Up/Down", "finding"),
            ("Tab", "words, parts, rules"),
            ("PgDn", "more"),
            ("r", "again"),
            ("M", "another"),
            ("Esc", "back"),
        ],
        Overlay::Tour(_) => &[
            ("Enter", "goes on"),
            ("Left", "goes back"),
            ("Esc", "ends the tour"),
        ],
        Overlay::Filter => &[],
        Overlay::Quit => &[("y", "quits"), ("any other key", "goes back")],
    }
}
