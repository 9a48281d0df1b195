//! What stands over a screen: a file each, and the question before quitting.

mod ask;
pub mod charts;
mod check;
mod choose;
mod compare;
mod decide;
mod dismiss;
mod edit;
mod form;
mod policies;
mod tour;

use super::model::{Model, Overlay, Screen};
use super::view::{Pane, lines, pane, popup};
use crate::service::review::filter::Filter;
use crate::service::review::run_filter::RunFilter;
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::Line;
use ratatui::widgets::Clear;

pub fn draw(frame: &mut Frame<'_>, area: Rect, model: &Model, overlay: &Overlay) {
    match overlay {
        Overlay::Decide(dialog) => decide::draw(frame, area, model, dialog),
        Overlay::Edit(editor) => edit::draw(frame, area, model, editor),
        Overlay::Dismiss(dialog) => dismiss::draw(frame, area, model, dialog),
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
            let at = popup(frame, area, 52, 5);
            let inside = pane(frame, at, "Quit", "", (model, Pane::Over));
            lines(
                frame,
                inside,
                vec![
                    Line::raw(" A run is going on. What is recorded stays."),
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
    let [_, foot] = Layout::vertical([Constraint::Min(0), Constraint::Length(5)]).areas(area);
    frame.render_widget(Clear, foot);
    let inside = pane(
        frame,
        foot,
        "What can be asked for",
        "",
        (model, Pane::Over),
    );
    let text = words.map(|line| Line::raw(format!(" {line}")));
    lines(frame, inside, text.to_vec(), 0);
}
