//! The frame round every screen: header, body, footer, overlays.

use super::drawn::{Drawn, DrawnPane};
use super::keymap::DeskCommand;
use super::model::{Model, Overlay, Screen};
use super::text::{cut, safe};
use super::{ascii, overlay, screen};
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, BorderType, Borders, Clear, Paragraph};

/// Smallest size that is drawn.
pub const LEAST: (u16, u16) = (40, 12);
/// Below this width panes stack.
pub const NARROW: u16 = 90;
/// From this height on a frame is no screen any more. A third of it still is none.
const READ: u16 = 100;

/// What a pane is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pane {
    /// One of the panes of a screen, by its place for Tab.
    Screen(usize),
    /// The only pane of a screen.
    Alone,
    /// Something over the screen.
    Over,
}

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
    let [head, body, foot] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Min(1),
        Constraint::Length(1),
    ])
    .areas(area);
    header(frame, head, model);
    match model.screen {
        Screen::Queue => screen::queue::draw(frame, body, model),
        Screen::Review => screen::review::draw(frame, body, model),
        Screen::Citations => screen::citations::draw(frame, body, model),
        Screen::Safety => screen::safety::draw(frame, body, model),
        Screen::Audit => screen::audit::draw(frame, body, model),
    }
    footer(frame, foot, model);
    for over in &model.overlays {
        overlay::draw(frame, body, model, over);
    }
    ascii::simplify(frame.buffer_mut(), model.theme.charset);
}

fn header(frame: &mut Frame<'_>, area: Rect, model: &Model) {
    let width = usize::from(area.width);
    let mut spans: Vec<Span<'_>> = titles(model, width)
        .into_iter()
        .map(|(screen, title)| match screen {
            Some(screen) if screen != model.screen => Span::raw(title),
            _ => Span::styled(title, model.theme.title()),
        })
        .collect();
    let (chain, style) = match (&model.chain.report, model.chain.verifying) {
        _ if model.refused.is_some() => ("NOTHING RECORDED".to_owned(), model.theme.block()),
        (_, true) => ("chain …".to_owned(), model.theme.dim()),
        (Some(report), _) if report.ok => {
            (format!("chain OK {}", report.entries), model.theme.ok())
        }
        (Some(report), _) => (
            match report.first_bad {
                Some(seq) => format!("CHAIN BAD at {seq}"),
                None => "NOT IN ORDER".to_owned(),
            },
            model.theme.block(),
        ),
        (None, _) => (format!("{} entries", model.chain.size), model.theme.dim()),
    };
    let shared = if model.chain.through_another {
        " shared"
    } else {
        ""
    };
    let store = if model.chain.store_down {
        " store down"
    } else {
        ""
    };
    let chain = format!("{chain}{shared}{store}");
    let left: usize = spans.iter().map(Span::width).sum();
    // What there is room for. Who acts goes before a count of entries, and what is wrong with the record before both.
    let name = safe(&model.person.name);
    let demo = if model.person.demo { " (demo)" } else { "" };
    let is_quiet = model.refused.is_none()
        && !model.chain.verifying
        && !model.chain.store_down
        && !model.chain.through_another
        && model.chain.report.as_ref().is_none_or(|report| report.ok);
    let (full, short) = (format!("{name}{demo}"), name.clone());
    let mut choices = vec![(format!("{full}  "), chain.as_str())];
    if is_quiet {
        choices.extend([(full, ""), (short, "")]);
    } else {
        choices.push((format!("{short}  "), chain.as_str()));
    }
    choices.push((String::new(), chain.as_str()));
    for (who, chain) in choices {
        let right = who.chars().count() + chain.chars().count() + 1;
        if left + right <= width {
            spans.push(Span::raw(" ".repeat(width - left - right)));
            spans.push(Span::raw(who));
            spans.push(Span::styled(chain.to_owned(), style));
            break;
        }
    }
    frame.render_widget(Paragraph::new(Line::from(spans)), area);
}

/// What the header's left holds, piece by piece, and the screen that each stands for.
fn titles(model: &Model, width: usize) -> Vec<(Option<Screen>, String)> {
    // On a narrow screen who acts is worth more than whose program it is.
    let program = if width < 90 { " " } else { " EchoVoice " };
    let mut titles = vec![(None, program.to_owned())];
    for (number, screen) in (1..).zip(Screen::ALL) {
        let title = if screen == model.screen {
            format!("[{number} {}] ", screen.title())
        } else if width >= 78 {
            format!(" {number} {}  ", screen.title())
        } else {
            format!(" {number}  ")
        };
        titles.push((Some(screen), title));
    }
    titles
}

/// The pieces of the header by width in cells.
pub(super) fn tabs(model: &Model) -> Vec<(Option<Screen>, usize)> {
    titles(model, usize::from(model.size.0))
        .into_iter()
        .map(|(screen, title)| (screen, title.chars().count()))
        .collect()
}

/// The upper and the lower part of a screen.
pub fn halves(area: Rect, screen: Screen) -> [Rect; 2] {
    let (upper, lower) = match screen {
        Screen::Queue | Screen::Review => (5, 4),
        Screen::Citations | Screen::Safety | Screen::Audit => (4, 5),
    };
    Layout::vertical([Constraint::Fill(upper), Constraint::Fill(lower)]).areas(area)
}

fn footer(frame: &mut Frame<'_>, area: Rect, model: &Model) {
    let width = usize::from(area.width);
    if let Some(Overlay::Filter) = model.overlays.last() {
        let line = format!(
            " filter> {}_   Enter keep   Esc clear",
            safe(model.filter())
        );
        frame.render_widget(Paragraph::new(cut(&line, width)), area);
        return;
    }
    if let Some((text, bad)) = &model.status {
        let style = if *bad {
            model.theme.warn()
        } else {
            Style::default()
        };
        let mark = if *bad { "! " } else { "" };
        frame.render_widget(
            Paragraph::new(Span::styled(
                format!(" {mark}{}", cut(text, width.saturating_sub(4))),
                style,
            )),
            area,
        );
        return;
    }
    if let Some(over) = model.overlays.last() {
        let words = format!(" {}", overlay::keys(over));
        let line = Span::styled(cut(&words, width), model.theme.dim());
        frame.render_widget(Paragraph::new(line), area);
        return;
    }
    if let Some(refused) = &model.refused {
        let words = format!(" ! nothing is recorded, decided or sent: {}", safe(refused));
        let line = Span::styled(cut(&words, width), model.theme.warn());
        frame.render_widget(Paragraph::new(line), area);
        return;
    }
    let line = hints(model, width);
    frame.render_widget(Paragraph::new(Span::styled(line, model.theme.dim())), area);
}

/// The keys of the screen, as many as there is room for; how to decide, to find the other keys and to leave is always
/// said.
fn hints(model: &Model, width: usize) -> String {
    let mut hints: Vec<(String, bool)> = Vec::new();
    for scope in [model.screen.scope(), super::keymap::KeyScope::Everywhere] {
        let mut named: Vec<&str> = Vec::new();
        for row in model.keys.rows() {
            let binding = row.binding;
            if binding.scope == scope && !binding.hint.is_empty() && !named.contains(&binding.hint)
            {
                named.push(binding.hint);
                let kept = matches!(
                    binding.command,
                    DeskCommand::Decide | DeskCommand::Help | DeskCommand::Quit
                );
                hints.push((format!(" {} {}  ", row.key, binding.hint), kept));
            }
        }
    }
    let length = |hint: &str| hint.chars().count();
    let mut room = width.saturating_sub(
        hints
            .iter()
            .filter(|(_, kept)| *kept)
            .map(|(hint, _)| length(hint))
            .sum(),
    );
    let mut full = false;
    let mut line = String::new();
    for (hint, kept) in hints {
        full |= !kept && length(&hint) > room;
        if kept || !full {
            line.push_str(&hint);
            room -= if kept { 0 } else { length(&hint) };
        }
    }
    line
}

/// A bordered pane. The focused one has a thick border and its name in capitals. Returns the inside, and leaves word of
/// it for the mouse and the plain mode.
pub fn pane(
    frame: &mut Frame<'_>,
    area: Rect,
    title: &str,
    right: &str,
    (model, which): (&Model, Pane),
) -> Rect {
    let most = usize::from(area.width).saturating_sub(4);
    let focused = match which {
        Pane::Screen(number) => model.pane == number,
        Pane::Alone | Pane::Over => true,
    };
    let name = cut(title, most);
    // The name's first word alone: ids keep their letters.
    let name = match name.split_once(' ') {
        _ if !focused => name,
        Some((first, rest)) => format!("{} {rest}", first.to_uppercase()),
        None => name.to_uppercase(),
    };
    let mut block = Block::new().borders(Borders::ALL);
    if !name.is_empty() {
        let room = most.saturating_sub(name.chars().count() + 2);
        block = block.title(Line::from(format!(" {name} ")));
        if !right.is_empty() && room > right.chars().count() + 2 {
            block = block.title(Line::from(format!(" {right} ")).right_aligned());
        }
    }
    if focused {
        block = block
            .border_type(BorderType::Thick)
            .border_style(Style::default().add_modifier(Modifier::BOLD));
    }
    let inside = block.inner(area);
    frame.render_widget(block, area);
    let mut drawn = model.drawn.borrow_mut();
    // What stands over something hides its rows.
    drawn
        .rows
        .retain(|(row, _)| which != Pane::Over || !row.intersects(area));
    drawn.panes.push(DrawnPane {
        title: safe(title),
        right: right.to_owned(),
        inside,
        over: which == Pane::Over,
        place: match which {
            Pane::Screen(number) => Some(number),
            Pane::Alone => Some(0),
            Pane::Over => None,
        },
    });
    inside
}

/// Lines in an area, from `scroll` on.
pub fn lines(frame: &mut Frame<'_>, area: Rect, lines: Vec<Line<'_>>, scroll: usize) {
    let last = lines.len().saturating_sub(usize::from(area.height));
    let shown: Vec<Line<'_>> = lines
        .into_iter()
        .skip(scroll.min(last))
        .take(usize::from(area.height))
        .collect();
    frame.render_widget(Paragraph::new(shown), area);
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
pub fn first_row(at: usize, height: usize) -> usize {
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
    let shown = items.iter().skip(first).take(height).map(row).collect();
    rows_from(frame, area, shown, (first, at), model);
}

/// Rows in sight, the first of which is the one of this number.
fn rows_from(
    frame: &mut Frame<'_>,
    area: Rect,
    rows: Vec<Line<'_>>,
    (first, at): (usize, usize),
    model: &Model,
) {
    let shown: Vec<Line<'_>> = rows
        .into_iter()
        .zip(first..)
        .zip(area.rows())
        .map(|((row, index), place)| {
            model.drawn.borrow_mut().rows.push((place, index));
            let mut spans = vec![Span::raw(if index == at { " > " } else { "   " })];
            spans.extend(row.spans);
            let line = Line::from(spans);
            if index == at {
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
    frame.render_widget(Clear, at);
    at
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
