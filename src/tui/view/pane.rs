//! Panes: a line on top with the name, one line to the next pane, and a box round what floats. Which has the focus is
//! told by weight and colour.

use crate::tui::drawn::DrawnPane;
use crate::tui::model::Model;
use crate::tui::text::{cut, safe};
use crate::tui::theme::Theme;
use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::symbols::merge::MergeStrategy;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, BorderType, Borders};
use unicode_width::UnicodeWidthStr as _;

/// What a pane is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pane {
    /// One of the panes of a screen, by its place for Tab.
    Screen(usize),
    /// Beside the chosen one of several in the same place: it has no focus of its own.
    Beside(usize),
    /// The only pane of a screen.
    Alone,
    /// A part of what fills the screen and stands over it; whether it has the focus.
    Part(bool),
    /// Something that floats over the screen, in a box.
    Over,
}

impl Pane {
    fn has_focus(self, model: &Model) -> bool {
        match self {
            Self::Screen(place) => model.pane == place,
            Self::Alone | Self::Over => true,
            Self::Beside(_) => false,
            Self::Part(focused) => focused,
        }
    }

    fn is_over(self) -> bool {
        matches!(self, Self::Part(_) | Self::Over)
    }

    /// Its place for Tab.
    fn place(self) -> Option<usize> {
        match self {
            Self::Screen(place) | Self::Beside(place) => Some(place),
            Self::Alone => Some(0),
            Self::Part(_) | Self::Over => None,
        }
    }
}

/// The name of a pane, and the state of what it shows: a word in its style.
#[derive(Clone, Debug)]
pub struct PaneTitle {
    name: String,
    state: Option<(String, Style)>,
}

impl PaneTitle {
    /// A name with a state beside it.
    pub fn with(name: &str, (word, style): (&str, Style)) -> Self {
        Self {
            name: name.to_owned(),
            state: Some((word.to_owned(), style)),
        }
    }
}

impl From<&str> for PaneTitle {
    fn from(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            state: None,
        }
    }
}

impl From<&String> for PaneTitle {
    fn from(name: &String) -> Self {
        Self::from(name.as_str())
    }
}

/// A pane with its name and, at the right, what is to be known of it in small print. Returns the inside, and leaves
/// word of it for the mouse and the plain mode. The column right of the inside is free for the mark of a pane that
/// scrolls on.
pub fn pane(
    frame: &mut Frame<'_>,
    area: Rect,
    title: impl Into<PaneTitle>,
    right: &str,
    (model, which): (&Model, Pane),
) -> Rect {
    let title = title.into();
    let focused = which.has_focus(model);
    let named = PaneHead {
        title: &title,
        right,
        focused,
    };
    let inside = if which == Pane::Over {
        boxed(frame, area, &named, &model.theme)
    } else {
        open(frame, area, &named, &model.theme)
    };
    let mut drawn = model.drawn.borrow_mut();
    // What stands over something hides its rows.
    drawn
        .rows
        .retain(|(row, _)| !which.is_over() || !row.intersects(area));
    let state = title.state.map(|(word, _)| format!("  {word}"));
    drawn.panes.push(DrawnPane {
        title: safe(&format!("{}{}", title.name, state.unwrap_or_default())),
        right: right.to_owned(),
        inside,
        over: which.is_over(),
        place: which.place(),
    });
    inside
}

/// What stands on the line of a pane.
struct PaneHead<'n> {
    title: &'n PaneTitle,
    right: &'n str,
    focused: bool,
}

impl PaneHead<'_> {
    /// Name and state, cut to what there is room for.
    fn left(&self, most: usize, theme: &Theme) -> Line<'static> {
        let state = self.title.state.as_ref();
        let taken = state.map_or(0, |(word, _)| word.width() + 2);
        let name = cut(&self.title.name, most.saturating_sub(taken + 2));
        let mut spans = Vec::new();
        if !name.is_empty() {
            let style = if self.focused {
                theme.title()
            } else {
                Style::default()
            };
            spans.push(Span::styled(format!(" {name} "), style));
        }
        if let Some((word, style)) = state.filter(|_| taken < most) {
            spans.push(Span::raw(" "));
            spans.push(Span::styled(word.clone(), *style));
            spans.push(Span::raw(" "));
        }
        Line::from(spans)
    }

    /// The small print, where there is room for it beside the name.
    fn right(&self, room: usize, theme: &Theme) -> Option<Line<'static>> {
        let fits = !self.right.is_empty() && room > self.right.width() + 2;
        fits.then(|| Line::styled(format!(" {} ", self.right), theme.dim()))
    }
}

/// A box round all of it.
fn boxed(frame: &mut Frame<'_>, area: Rect, named: &PaneHead<'_>, theme: &Theme) -> Rect {
    let most = usize::from(area.width).saturating_sub(4);
    let left = named.left(most, theme);
    let right = named.right(most.saturating_sub(left.width()), theme);
    let mut block = Block::new()
        .borders(Borders::ALL)
        .border_type(BorderType::Thick)
        .border_style(theme.focus())
        .title(left);
    if let Some(right) = right {
        block = block.title(right.right_aligned());
    }
    let inside = block.inner(area);
    frame.render_widget(block, area);
    inside
}

/// A line on top, and one to the left where another pane stands there: between two panes there is one line.
fn open(frame: &mut Frame<'_>, area: Rect, named: &PaneHead<'_>, theme: &Theme) -> Rect {
    let screen = frame.area();
    let area = area.intersection(screen);
    if area.is_empty() {
        return area;
    }
    let (style, across, down) = if named.focused {
        (theme.focus(), "━", "┃")
    } else {
        (theme.dim(), "─", "│")
    };
    let beside = u16::from(area.x > screen.x);
    let buffer = frame.buffer_mut();
    for x in area.left() + beside..area.right() {
        buffer[(x, area.y)].set_symbol(across).set_style(style);
        meet(buffer, (x, area.y), LineFrom::Above);
    }
    if beside == 1 {
        for y in area.top()..area.bottom() {
            let symbol = match (y == area.y, named.focused) {
                (true, true) => "┏",
                (true, false) => "┌",
                (false, _) => down,
            };
            buffer[(area.x, y)].set_symbol(symbol).set_style(style);
            meet(buffer, (area.x, y), LineFrom::Left);
        }
        meet(buffer, (area.x, area.y), LineFrom::Above);
    }
    // A line that was there before and is met by the end of this one.
    if area.right() < screen.right() {
        let (x, y) = (area.right(), area.y);
        if matches!(buffer[(x, y)].symbol(), "│" | "┃" | "┌" | "┏") {
            meet(buffer, (x, y), LineFrom::Left);
        }
    }
    let most = usize::from(area.width - beside).saturating_sub(2);
    let left = named.left(most, theme);
    let taken = left.width();
    if let Some(right) = named.right(most.saturating_sub(taken), theme) {
        let at = area.right() - 1 - u16::try_from(right.width()).unwrap_or(0);
        buffer.set_line(at, area.y, &right, area.right() - at);
    }
    let from = area.x + beside + 1;
    if from < area.right() {
        buffer.set_line(from, area.y, &left, area.right() - from);
    }
    Rect {
        x: area.x + beside,
        y: area.y + 1,
        width: area.width.saturating_sub(beside + 1),
        height: area.height - 1,
    }
}

/// Where a line may come from.
#[derive(Clone, Copy)]
enum LineFrom {
    Left,
    Above,
}

/// Joins the line of a cell with the one that ends at it.
fn meet(buffer: &mut Buffer, (x, y): (u16, u16), from: LineFrom) {
    let before = match from {
        LineFrom::Left => x.checked_sub(1).map(|x| (x, y)),
        LineFrom::Above => y.checked_sub(1).map(|y| (x, y)),
    };
    let Some(before) = before.filter(|at| buffer.area.contains((*at).into())) else {
        return;
    };
    let arm = match (from, buffer[before].symbol()) {
        (LineFrom::Left, "─") => "╴",
        (LineFrom::Left, "━") => "╸",
        (LineFrom::Above, "│" | "┌" | "┬" | "├" | "┼") => "╵",
        (LineFrom::Above, "┃" | "┏" | "┳" | "┣" | "╋" | "┲" | "┢") => "╹",
        _ => return,
    };
    let cell = &mut buffer[(x, y)];
    let joined = MergeStrategy::Exact.merge(cell.symbol(), arm).to_owned();
    cell.set_symbol(&joined);
}
