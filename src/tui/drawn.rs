//! What the last drawing put where: for the mouse, for scrolling, and for the mode that reads screens aloud.

use ratatui::layout::{Position, Rect};

/// A pane on the screen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DrawnPane {
    pub title: String,
    /// What stands at the right of the title, whether or not there was room for it.
    pub right: String,
    pub inside: Rect,
    /// It stands over the screen.
    pub over: bool,
    /// Its place for Tab, if it has one.
    pub place: Option<usize>,
}

/// The text of something over the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OverText {
    /// How far it can be scrolled: from there on its end is in view.
    pub last: usize,
}

/// Everything that was drawn.
#[derive(Clone, Debug, Default)]
pub struct Drawn {
    pub panes: Vec<DrawnPane>,
    /// Rows of lists that are in sight, each with its place in the list.
    pub rows: Vec<(Rect, usize)>,
    /// How far the focused pane can be scrolled.
    pub last_line: usize,
    /// The text of what stands over the screen, if it shows one to be read.
    pub over_text: Option<OverText>,
}

impl Drawn {
    /// The row at a position.
    pub fn row_at(&self, at: Position) -> Option<usize> {
        let rows = self.rows.iter();
        rows.rev()
            .find(|(row, _)| row.contains(at))
            .map(|(_, index)| *index)
    }
}
