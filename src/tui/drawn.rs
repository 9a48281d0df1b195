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
}

/// Everything that was drawn.
#[derive(Clone, Debug, Default)]
pub struct Drawn {
    pub panes: Vec<DrawnPane>,
    /// Rows of lists that are in sight, each with its place in the list.
    pub rows: Vec<(Rect, usize)>,
    /// How far the focused pane can be scrolled.
    pub last_line: usize,
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
