//! The frame round every screen: header, body, what just happened, footer, and what stands over it.

mod footer;
mod header;
mod list;
mod pane;
mod table;

pub use footer::KeyHints;
pub use list::{lines, lines_in_sight, row_at, rows, rows_of, scrolled};
pub use pane::{Pane, PaneTitle, pane};
pub use table::{ColumnWish, widths};

pub(super) use header::tabs;

use super::drawn::Drawn;
use super::model::{Model, Screen};
use super::text::cut;
use super::{ascii, overlay, screen};
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::widgets::{Clear, Paragraph};

/// Smallest size that is drawn.
pub const LEAST: (u16, u16) = (40, 12);
/// Below this width panes stack.
pub const NARROW: u16 = 90;
/// From this height on a frame is no screen any more. A third of it still is none.
const READ: u16 = 100;

/// What is seen until the home is open.
pub fn opening(frame: &mut Frame<'_>) {
    let area = frame.area();
    frame.render_widget(Paragraph::new(" EchoVoice   opening …"), area);
}

/// Draws the model. Any size is fine.
pub fn draw(frame: &mut Frame<'_>, model: &Model) {
    let area = frame.area();
    *model.drawn.borrow_mut() = Drawn::default();
    if area.width < LEAST.0 || area.height < LEAST.1 {
        let words = format!(
            "{}x{} is too small; {}x{} is needed (q quits)",
            area.width, area.height, LEAST.0, LEAST.1
        );
        frame.render_widget(Paragraph::new(cut(&words, usize::from(area.width))), area);
        return;
    }
    let said = footer::said(model, area.width);
    let [head, body, told, foot] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Min(1),
        Constraint::Length(u16::try_from(said.len()).unwrap_or(1)),
        Constraint::Length(1),
    ])
    .areas(area);
    header::draw(frame, head, model);
    match model.screen {
        Screen::Queue => screen::queue::draw(frame, body, model),
        Screen::Review => screen::review::draw(frame, body, model),
        Screen::Citations => screen::citations::draw(frame, body, model),
        Screen::Safety => screen::safety::draw(frame, body, model),
        Screen::Audit => screen::audit::draw(frame, body, model),
    }
    for over in &model.overlays {
        overlay::draw(frame, body, model, over);
    }
    frame.render_widget(Paragraph::new(said), told);
    footer::draw(frame, foot, model);
    ascii::simplify(frame.buffer_mut(), model.theme.charset);
}

/// The upper and the lower part of a screen.
pub fn halves(area: Rect, screen: Screen) -> [Rect; 2] {
    let (upper, lower) = match screen {
        Screen::Queue | Screen::Review => (5, 4),
        Screen::Citations | Screen::Safety | Screen::Audit => (4, 5),
    };
    Layout::vertical([Constraint::Fill(upper), Constraint::Fill(lower)]).areas(area)
}

/// Whether the frame is not for a screen but to be read line by line: then everything lies below each other and has
/// all the room it wants.
pub fn is_read(area: Rect) -> bool {
    area.height >= READ
}

/// An area of at most this size in the middle, never outside the frame.
pub fn popup(frame: &mut Frame<'_>, area: Rect, width: u16, height: u16) -> Rect {
    let (width, height) = if is_read(area) {
        (area.width, area.height)
    } else {
        (width, height)
    };
    let (width, height) = (width.min(area.width), height.min(area.height));
    let at = Rect {
        x: area.x + (area.width - width) / 2,
        y: area.y + (area.height - height) / 2,
        width,
        height,
    };
    frame.render_widget(Clear, beside(at, area));
    at
}

/// An area and the column to its left and right: no line of the screen below stands beside its own.
pub fn beside(at: Rect, within: Rect) -> Rect {
    let left = at.x.saturating_sub(1).max(within.x);
    let right = (at.right() + 1).min(within.right());
    Rect {
        x: left,
        width: right - left,
        ..at
    }
}

/// Side by side on wide screens, stacked on narrow ones.
pub fn split(area: Rect, left: u16, right: u16) -> [Rect; 2] {
    let parts = [Constraint::Fill(left), Constraint::Fill(right)];
    if area.width < NARROW || is_read(area) {
        Layout::vertical(parts).areas(area)
    } else {
        Layout::horizontal(parts).areas(area)
    }
}
