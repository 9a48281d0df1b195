//! The first line: the screens, who acts, and how the record stands.

use crate::tui::model::{Model, Screen};
use crate::tui::text::{cut, safe};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;
use unicode_width::UnicodeWidthStr as _;

/// Least cells of a name that is cut.
const NAME: usize = 6;

pub fn draw(frame: &mut Frame<'_>, area: Rect, model: &Model) {
    let width = usize::from(area.width);
    let (titles, right) = laid_out(model, width);
    let mut spans: Vec<Span<'_>> = titles
        .into_iter()
        .map(|(screen, title)| match screen {
            Some(screen) if screen != model.screen => Span::styled(title, model.theme.dim()),
            Some(_) => Span::styled(title, model.theme.focus()),
            None => Span::styled(title, model.theme.title()),
        })
        .collect();
    let taken = |spans: &[Span<'_>]| spans.iter().map(Span::width).sum::<usize>();
    let gap = width.saturating_sub(taken(&spans) + taken(&right));
    spans.push(Span::raw(" ".repeat(gap)));
    spans.extend(right);
    frame.render_widget(Paragraph::new(Line::from(spans)), area);
}

/// How the record stands, in its style; whether that is nothing to be told before who acts.
fn record(model: &Model) -> (String, Style, bool) {
    let (words, style, quiet) = match (&model.chain.report, model.chain.verifying) {
        _ if model.refused.is_some() => {
            let style = model.theme.block();
            ("NOTHING RECORDED".to_owned(), style, false)
        }
        (_, true) => ("chain …".to_owned(), model.theme.dim(), false),
        (Some(report), _) if report.ok => {
            let words = format!("chain OK {}", report.entries);
            (words, model.theme.ok(), true)
        }
        (Some(report), _) => {
            let words = match report.first_bad {
                Some(seq) => format!("CHAIN BAD at {seq}"),
                None => "NOT IN ORDER".to_owned(),
            };
            (words, model.theme.block(), false)
        }
        (None, _) => {
            let words = format!("{} entries", model.chain.size);
            (words, model.theme.dim(), true)
        }
    };
    let mut told = words;
    for (is, what) in [
        (model.chain.through_another, " shared"),
        (model.chain.store_down, " store down"),
    ] {
        if is {
            told.push_str(what);
        }
    }
    let quiet = quiet && !model.chain.through_another && !model.chain.store_down;
    (told, style, quiet)
}

/// The pieces at the left and those at the right. Who acts, and that it is a demo person, is always said; what is wrong
/// with the record too; a mere count of entries where there is room. The program's name goes first, then those of the other
/// screens; the person's own name is cut last.
fn laid_out(model: &Model, width: usize) -> (Vec<(Option<Screen>, String)>, Vec<Span<'static>>) {
    let (told, style, quiet) = record(model);
    let name = safe(&model.person.name);
    let demo = if model.person.demo { " (demo)" } else { "" };
    let right = |name: &str, told: &str| {
        let mut spans = vec![Span::raw(name.to_owned())];
        if !demo.is_empty() {
            spans.push(Span::styled(demo, model.theme.dim()));
        }
        if !told.is_empty() {
            spans.push(Span::raw("  "));
            spans.push(Span::styled(told.to_owned(), style));
        }
        spans.push(Span::raw(" "));
        spans
    };
    let mut rights = vec![right(&name, &told)];
    if quiet {
        rights.push(right(&name, ""));
    }
    let taken = |spans: &[Span<'_>]| spans.iter().map(Span::width).sum::<usize>();
    for tabs in Tabs::ALL {
        let titles = titles(model, width, tabs);
        let left: usize = titles.iter().map(|(_, title)| title.width()).sum();
        if let Some(right) = rights.iter().find(|r| left + taken(r) <= width) {
            return (titles, right.clone());
        }
    }
    let titles = titles(model, width, Tabs::Numbers);
    let left: usize = titles.iter().map(|(_, title)| title.width()).sum();
    let told = if quiet { "" } else { told.as_str() };
    let room = width.saturating_sub(left + taken(&right("", told)));
    // On the narrowest screens what is wrong with the record stands alone.
    let who = if room >= NAME || told.is_empty() {
        right(&cut(&name, room), told)
    } else {
        let told = cut(told, width.saturating_sub(left + 1));
        vec![Span::styled(told, style), Span::raw(" ")]
    };
    (titles, who)
}

/// How much of the screens is said, the most first.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tabs {
    /// Their names, after that of the program.
    Program,
    Names,
    /// Their names, close together.
    Close,
    /// The chosen one by its name, the others by their numbers.
    Numbers,
}

impl Tabs {
    const ALL: [Self; 4] = [Self::Program, Self::Names, Self::Close, Self::Numbers];
}

/// What the header's left holds, piece by piece, and the screen that each stands for.
fn titles(model: &Model, width: usize, tabs: Tabs) -> Vec<(Option<Screen>, String)> {
    // On a narrow screen who acts is worth more than whose program it is.
    let program = match tabs {
        Tabs::Program if width >= 90 => " EchoVoice ",
        _ => " ",
    };
    let mut titles = vec![(None, program.to_owned())];
    for (number, screen) in (1..).zip(Screen::ALL) {
        let name = screen.title();
        let title = match tabs {
            Tabs::Close if screen == model.screen => format!("[{number} {name}]"),
            _ if screen == model.screen => format!("[{number} {name}] "),
            Tabs::Close => format!(" {number} {name} "),
            Tabs::Program | Tabs::Names => format!(" {number} {name}  "),
            Tabs::Numbers => format!(" {number}  "),
        };
        titles.push((Some(screen), title));
    }
    titles
}

/// The pieces of the header by width in cells.
pub fn tabs(model: &Model) -> Vec<(Option<Screen>, usize)> {
    let (titles, _) = laid_out(model, usize::from(model.size.0));
    titles
        .into_iter()
        .map(|(screen, title)| (screen, title.width()))
        .collect()
}
