//! A step of the tour, at the foot of the screen that it is about.

use crate::tui::model::Model;
use crate::tui::text::wrap;
use crate::tui::tour::{STEPS, Tour};
use crate::tui::view::{Pane, lines, pane};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::Clear;

pub fn draw(frame: &mut Frame<'_>, area: Rect, model: &Model, tour: &Tour) {
    let step = &STEPS[tour.step.min(STEPS.len() - 1)];
    let width = area.width.min(88);
    let words = wrap(step.words, usize::from(width).saturating_sub(4));
    let height = u16::try_from(words.len() + 4)
        .unwrap_or(area.height)
        .min(area.height);
    let at = Rect {
        x: area.x + (area.width - width) / 2,
        y: area.y + area.height - height,
        width,
        height,
    };
    frame.render_widget(Clear, at);
    let count = format!("{} of {}", tour.step + 1, STEPS.len());
    let inside = pane(frame, at, step.title, &count, (model, Pane::Over));
    let mut text: Vec<Line<'_>> = words
        .into_iter()
        .map(|l| Line::raw(format!(" {l}")))
        .collect();
    text.push(Line::raw(""));
    text.push(Line::styled(
        " Enter goes on   Left goes back   Esc ends the tour; it is not shown again",
        model.theme.dim(),
    ));
    lines(frame, inside, text, 0);
}
