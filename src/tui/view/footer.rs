//! The last line: the keys of what is on top, each standing out from what it does; above it, what just happened.

use crate::tui::keymap::{DeskCommand, KeyScope};
use crate::tui::model::{Model, Overlay};
use crate::tui::overlay;
use crate::tui::text::{cut, safe, wrap};
use crate::tui::theme::Theme;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;
use unicode_width::UnicodeWidthStr as _;

/// Keys and what they do, in the order in which there is room for them; the last one is how to leave.
pub type KeyHints = &'static [(&'static str, &'static str)];

/// Most lines of what just happened.
const SAID: usize = 3;

/// A key in the footer.
struct Hint {
    key: String,
    words: &'static str,
    /// It is said whatever else there is no room for.
    kept: bool,
}

impl Hint {
    fn width(&self) -> usize {
        self.key.width() + self.words.width() + 4
    }
}

/// What just happened, or what holds everything up: the lines above the footer.
pub fn said(model: &Model, width: u16) -> Vec<Line<'static>> {
    let width = usize::from(width).saturating_sub(4);
    let (words, style) = match (&model.status, &model.refused) {
        (Some((text, true)), _) => (format!("! {text}"), model.theme.warn()),
        (Some((text, false)), _) => (text.clone(), Style::default()),
        (None, Some(refused)) => (
            format!("! nothing is recorded, decided or sent: {refused}"),
            model.theme.warn(),
        ),
        (None, None) => return Vec::new(),
    };
    let mut wrapped = wrap(&safe(&words), width);
    if wrapped.len() > SAID {
        let rest = wrapped.split_off(SAID - 1).join(" ");
        wrapped.push(cut(&rest, width));
    }
    let line = |words: String| Line::from(vec![Span::raw(" "), Span::styled(words, style)]);
    wrapped.into_iter().map(line).collect()
}

pub fn draw(frame: &mut Frame<'_>, area: Rect, model: &Model) {
    let width = usize::from(area.width);
    let line = match model.overlays.last() {
        Some(Overlay::Filter) => filter(model, width),
        Some(over) => {
            let keys = overlay::keys(over);
            let last = keys.len().saturating_sub(1);
            let hints = keys.iter().enumerate().map(|(at, (key, words))| Hint {
                key: (*key).to_owned(),
                words,
                kept: at == last,
            });
            hinted(hints.collect(), width, &model.theme)
        }
        None => hinted(hints(model), width, &model.theme),
    };
    frame.render_widget(Paragraph::new(line), area);
}

/// What is typed into the filter; its end stays in sight.
fn filter(model: &Model, width: usize) -> Line<'static> {
    let keys = [("Enter", "keep"), ("Esc", "clear")].map(|(key, words)| Hint {
        key: key.to_owned(),
        words,
        kept: true,
    });
    let keys = hinted(keys.into(), width, &model.theme);
    let head = " filter> ";
    let typed = safe(model.filter());
    let room = width.saturating_sub(head.width() + keys.width() + 2);
    let skip = typed.chars().count().saturating_sub(room);
    let tail: String = typed.chars().skip(skip).collect();
    let mut spans = vec![
        Span::styled(head, model.theme.title()),
        Span::raw(format!("{tail}_ ")),
    ];
    spans.extend(keys.spans);
    Line::from(spans)
}

/// The keys of the screen; how to decide, to find the other keys and to leave is always said.
fn hints(model: &Model) -> Vec<Hint> {
    let mut hints: Vec<Hint> = Vec::new();
    for scope in [model.screen.scope(), KeyScope::Everywhere] {
        let mut named: Vec<&str> = Vec::new();
        for row in model.keys.rows() {
            let binding = row.binding;
            if binding.scope == scope && !binding.hint.is_empty() && !named.contains(&binding.hint)
            {
                named.push(binding.hint);
                hints.push(Hint {
                    key: row.key.clone(),
                    words: binding.hint,
                    kept: matches!(
                        binding.command,
                        DeskCommand::Decide | DeskCommand::Help | DeskCommand::Quit
                    ),
                });
            }
        }
    }
    hints
}

/// As many keys as there is room for, those that are kept first of all. None is cut.
fn hinted(hints: Vec<Hint>, width: usize, theme: &Theme) -> Line<'static> {
    let kept = hints.iter().filter(|hint| hint.kept);
    let mut room = width.saturating_sub(kept.map(Hint::width).sum());
    let mut full = false;
    let mut spans = Vec::new();
    for hint in hints {
        full |= !hint.kept && hint.width() > room;
        if hint.kept || !full {
            room -= if hint.kept { 0 } else { hint.width() };
            spans.push(Span::raw(" "));
            spans.push(Span::styled(hint.key, theme.focus()));
            spans.push(Span::styled(format!(" {}  ", hint.words), theme.dim()));
        }
    }
    Line::from(spans)
}
