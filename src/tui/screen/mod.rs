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
    match disposition {
        Disposition::Block => ("BLOCK", theme.block()),
        Disposition::Review => ("WARN", theme.warn()),
        Disposition::Info | Disposition::Pass => ("ok", theme.ok()),
    }
}
