//! The frame round every screen: header, body, footer, overlays.

use super::model::{Model, Overlay, Screen};
use super::text::{cut, safe};
use super::{overlay, screen};
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, BorderType, Borders, Clear, Paragraph};

/// Smallest size that is drawn.
pub const LEAST: (u16, u16) = (40, 12);
/// Below this width panes stack.
pub const NARROW: u16 = 90;

/// Draws the model. Any size is fine.
pub fn draw(frame: &mut Frame<'_>, model: &Model) {
    let area = frame.area();
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
}

fn header(frame: &mut Frame<'_>, area: Rect, model: &Model) {
    let width = usize::from(area.width);
    let mut spans = vec![Span::styled(" EchoVoice ", model.theme.title())];
    for (number, screen) in (1..).zip(Screen::ALL) {
        let title = if width >= 78 {
            format!("{number} {}", screen.title())
        } else {
            format!("{number}")
        };
        if screen == model.screen {
            spans.push(Span::styled(
                format!("[{number} {}]", screen.title()),
                model.theme.title(),
            ));
        } else {
            spans.push(Span::raw(format!(" {title} ")));
        }
        spans.push(Span::raw(" "));
    }
    let (chain, style) = match (&model.chain.report, model.chain.verifying) {
        (_, true) => ("chain …".to_owned(), model.theme.dim()),
        (Some(report), _) if report.ok => {
            (format!("chain OK {}", report.entries), model.theme.ok())
        }
        (Some(report), _) => (
            format!("CHAIN BAD at {}", report.first_bad.unwrap_or(0)),
            model.theme.block(),
        ),
        (None, _) => (format!("chain ? {}", model.chain.size), model.theme.dim()),
    };
    let chain = if model.chain.through_another {
        format!("{chain} shared")
    } else {
        chain
    };
    let left: usize = spans.iter().map(Span::width).sum();
    // What there is room for: who and chain, or the chain alone.
    let name = safe(&model.person.name);
    let demo = if model.person.demo { " (demo)" } else { "" };
    for who in [
        format!("{name}{demo}  "),
        format!("{name}  "),
        String::new(),
    ] {
        let right = who.chars().count() + chain.chars().count() + 1;
        if left + right < width {
            spans.push(Span::raw(" ".repeat(width - left - right)));
            spans.push(Span::raw(who));
            spans.push(Span::styled(chain, style));
            break;
        }
    }
    frame.render_widget(Paragraph::new(Line::from(spans)), area);
}

fn footer(frame: &mut Frame<'_>, area: Rect, model: &Model) {
    let width = usize::from(area.width);
    if let Some(Overlay::Filter) = model.overlays.last() {
        let line = format!(" filter> {}_   Enter keep   Esc clear", safe(&model.filter));
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
    let mut hints: Vec<String> = Vec::new();
    for scope in [model.screen.scope(), super::keymap::Scope::Everywhere] {
        let mut named: Vec<&str> = Vec::new();
        for row in model.keys.rows() {
            let binding = row.binding;
            if binding.scope == scope && !binding.hint.is_empty() && !named.contains(&binding.hint)
            {
                named.push(binding.hint);
                hints.push(format!("{} {}", row.key, binding.hint));
            }
        }
    }
    let mut line = String::new();
    for hint in hints {
        if line.chars().count() + hint.chars().count() + 4 > width {
            break;
        }
        line.push(' ');
        line.push_str(&hint);
        line.push_str("  ");
    }
    frame.render_widget(Paragraph::new(Span::styled(line, model.theme.dim())), area);
}

/// A bordered pane. The focused one has a thick border and its name in capitals. Returns the inside.
pub fn pane(frame: &mut Frame<'_>, area: Rect, title: &str, right: &str, focused: bool) -> Rect {
    let most = usize::from(area.width).saturating_sub(4);
    let title = cut(title, most);
    // The name's first word alone: ids keep their letters.
    let name = match title.split_once(' ') {
        _ if !focused => title,
        Some((first, rest)) => format!("{} {rest}", first.to_uppercase()),
        None => title.to_uppercase(),
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

/// Lines from the top, or from the chosen one on where it and what belongs to it would lie below the area.
pub fn lines_in_sight(frame: &mut Frame<'_>, area: Rect, text: Vec<Line<'_>>, chosen: usize) {
    let hidden = chosen + 6 > usize::from(area.height);
    lines(frame, area, text, if hidden { chosen } else { 0 });
}

/// Rows with the chosen one marked and in sight.
pub fn rows(frame: &mut Frame<'_>, area: Rect, rows: Vec<Line<'_>>, at: usize, model: &Model) {
    let height = usize::from(area.height).max(1);
    let first = at
        .saturating_sub(height - 1)
        .max(if at >= height { at + 1 - height } else { 0 });
    let shown: Vec<Line<'_>> = rows
        .into_iter()
        .enumerate()
        .skip(first)
        .take(height)
        .map(|(index, row)| {
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

/// An area of at most this size in the middle, never outside the frame.
pub fn popup(frame: &mut Frame<'_>, area: Rect, width: u16, height: u16) -> Rect {
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
    if area.width < NARROW {
        Layout::vertical(parts).areas(area)
    } else {
        Layout::horizontal(parts).areas(area)
    }
}
