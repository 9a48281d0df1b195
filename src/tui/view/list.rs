//! Lines and rows inside a pane: what does not fit is cut with a mark, and a pane that scrolls on says so.

use super::is_read;
use crate::tui::model::Model;
use crate::tui::text::cut;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;
use unicode_width::UnicodeWidthStr as _;

/// Lines in an area, from `scroll` on.
pub fn lines(frame: &mut Frame<'_>, area: Rect, lines: Vec<Line<'_>>, scroll: usize) {
    let height = usize::from(area.height);
    let width = usize::from(area.width);
    let last = lines.len().saturating_sub(height);
    let first = scroll.min(last);
    let shown: Vec<Line<'_>> = lines
        .into_iter()
        .skip(first)
        .take(height)
        .map(|line| fitted(line, width))
        .collect();
    frame.render_widget(Paragraph::new(shown), area);
    marks(frame, area, first > 0, first < last);
}

/// A line that fits, or its beginning with the mark of what was cut.
fn fitted(line: Line<'_>, width: usize) -> Line<'_> {
    if line.width() <= width {
        return line;
    }
    // Blanks that hang over are no loss.
    let words: String = line.spans.iter().map(|span| &*span.content).collect();
    if words.trim_end().width() <= width {
        return line;
    }
    let mut room = width;
    let mut spans = Vec::new();
    for span in line.spans {
        let size = span.content.width();
        if size < room {
            room -= size;
            spans.push(span);
            continue;
        }
        // One cell more than there is: it is cut even where it alone would just fit.
        let kept = cut(&format!("{}..", span.content), room);
        spans.push(Span::styled(kept, span.style));
        break;
    }
    Line {
        spans,
        style: line.style,
        alignment: line.alignment,
    }
}

/// Right of an area, where its text goes on above or below it.
fn marks(frame: &mut Frame<'_>, area: Rect, above: bool, below: bool) {
    let x = area.right();
    if area.is_empty() || x >= frame.area().right() || is_read(frame.area()) {
        return;
    }
    let places = [
        (above, area.top(), "↑"),
        (below, area.bottom().saturating_sub(1), "↓"),
    ];
    for (_, y, sign) in places.into_iter().filter(|(goes_on, ..)| *goes_on) {
        let cell = &mut frame.buffer_mut()[(x, y)];
        if matches!(cell.symbol(), " " | "│" | "┃") {
            let style = Style::default().add_modifier(Modifier::BOLD);
            cell.set_symbol(sign).set_style(style);
        }
    }
}

/// Lines of a pane that scrolls while it has the focus. How far it can is left for the next key.
pub fn scrolled(
    frame: &mut Frame<'_>,
    area: Rect,
    text: Vec<Line<'_>>,
    (model, pane): (&Model, usize),
) {
    let focused = model.pane == pane;
    if focused {
        let last = text.len().saturating_sub(usize::from(area.height));
        let mut drawn = model.drawn.borrow_mut();
        drawn.last_line = drawn.last_line.max(last);
    }
    lines(frame, area, text, if focused { model.scroll } else { 0 });
}

/// Lines from the top, or from the chosen one on where it and what belongs to it would lie below the area.
pub fn lines_in_sight(frame: &mut Frame<'_>, area: Rect, text: Vec<Line<'_>>, chosen: usize) {
    let hidden = chosen + 6 > usize::from(area.height);
    lines(frame, area, text, if hidden { chosen } else { 0 });
}

/// The first row in sight, so that the chosen one is.
fn first_row(at: usize, height: usize) -> usize {
    (at + 1).saturating_sub(height.max(1))
}

/// Rows with the chosen one marked and in sight.
pub fn rows(frame: &mut Frame<'_>, area: Rect, rows: Vec<Line<'_>>, at: usize, model: &Model) {
    rows_of(frame, area, &rows, at, model, Clone::clone);
}

/// A row for each item in sight, made only for those.
pub fn rows_of<'l, T>(
    frame: &mut Frame<'_>,
    area: Rect,
    items: &[T],
    at: usize,
    model: &Model,
    row: impl Fn(&T) -> Line<'l>,
) {
    let height = usize::from(area.height).max(1);
    let first = first_row(at, height);
    let shown: Vec<Line<'_>> = items.iter().skip(first).take(height).map(row).collect();
    let goes_on = first + shown.len() < items.len();
    rows_from(frame, area, shown, (first, at), model);
    marks(frame, area, first > 0, goes_on);
}

/// Rows in sight, the first of which is the one of this number.
fn rows_from(
    frame: &mut Frame<'_>,
    area: Rect,
    rows: Vec<Line<'_>>,
    (first, at): (usize, usize),
    model: &Model,
) {
    let width = usize::from(area.width);
    let shown: Vec<Line<'_>> = rows
        .into_iter()
        .zip(first..)
        .zip(area.rows())
        .map(|((row, index), place)| {
            row_at(place, index, model);
            let mut spans = vec![Span::raw(if index == at { " > " } else { "   " })];
            spans.extend(row.spans);
            let mut line = fitted(Line::from(spans).style(row.style), width);
            if index == at {
                // The whole row is the cursor.
                let rest = width.saturating_sub(line.width());
                line.spans.push(Span::raw(" ".repeat(rest)));
                line.patch_style(model.theme.cursor())
            } else {
                line
            }
        })
        .collect();
    frame.render_widget(Paragraph::new(shown), area);
}

/// Leaves word of a row that is drawn by other means: its number in the list.
pub fn row_at(place: Rect, index: usize, model: &Model) {
    if !place.is_empty() {
        model.drawn.borrow_mut().rows.push((place, index));
    }
}
