//! The five screens.

pub mod audit;
pub mod citations;
mod evidence;
mod message;
pub mod queue;
pub mod review;
pub mod safety;

pub use evidence::rules_of;

use super::text::wrap;
use super::theme::Theme;
use crate::domain::finding::Disposition;
use ratatui::style::Style;
use ratatui::text::Line;

/// What a model has written so far, told apart from what was checked.
fn being_written(words: &str, width: usize) -> Vec<Line<'static>> {
    let head = "The model is writing. Nothing of it has been checked yet:";
    std::iter::once(head)
        .chain(words.lines())
        .flat_map(|line| wrap(line, width))
        .map(|line| Line::raw(format!(" {line}")))
        .collect()
}

/// The word and style of a disposition.
pub fn light(theme: &Theme, disposition: Disposition) -> (&'static str, Style) {
    match (disposition, theme.marks) {
        (Disposition::Block, false) => ("BLOCK", theme.block()),
        (Disposition::Block, true) => ("✗ BLOCK", theme.block()),
        (Disposition::Review, false) => ("WARN", theme.warn()),
        (Disposition::Review, true) => ("! WARN", theme.warn()),
        (Disposition::Info | Disposition::Pass, false) => ("ok", theme.ok()),
        (Disposition::Info | Disposition::Pass, true) => ("✓ ok", theme.ok()),
    }
}
