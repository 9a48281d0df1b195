//! The five screens.

pub mod audit;
pub mod citations;
mod evidence;
pub mod queue;
pub mod review;
pub mod safety;

use super::theme::Theme;
use crate::domain::finding::Disposition;
use ratatui::style::Style;

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
