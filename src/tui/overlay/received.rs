//! The message as its recipient gets it, by the channel: a mail with its head, its page read out, and the way to the real
//! rendering; a text message in the segments that are sent; a push message cut where phones cut it.

use crate::domain::jurisdiction::Channel;
use crate::domain::run::Run;
use crate::domain::variant::Variant;
use crate::text::html::{as_read, preview_line};
use crate::text::sms::{self, Coding};
use crate::tui::card::pair;
use crate::tui::drawn::OverText;
use crate::tui::effect::Effect;
use crate::tui::model::Model;
use crate::tui::overlay::scroll;
use crate::tui::text::{safe, wrap};
use crate::tui::view::{KeyHints, Pane, lines, pane, popup};
use crossterm::event::{KeyCode, KeyEvent};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::Clear;
use unicode_segmentation::UnicodeSegmentation as _;

/// What can be done while it is open, for the footer.
pub const KEYS: KeyHints = &[
    ("Up/Down PgDn", "scroll"),
    ("Enter", "opens the browser"),
    ("Left/Right", "variants"),
    ("Esc", "closes"),
];

/// Characters of a mail's beginning that an inbox list shows where the mail names no preview line.
const PREVIEW: usize = 100;

/// Where phones cut a push message, about: on a locked screen, and unfolded.
const CUTS: [(usize, &str); 2] = [
    (178, "an iPhone shows about so much (4 lines)"),
    (240, "Android, unfolded, shows about so much"),
];

#[derive(Clone, Debug, Default)]
pub struct Received {
    pub scroll: usize,
}

pub(in crate::tui) fn received_key(
    model: &mut Model,
    shown: &mut Received,
    key: &KeyEvent,
) -> (bool, Vec<Effect>) {
    match key.code {
        KeyCode::Esc | KeyCode::Char('q' | 'r') => return (false, Vec::new()),
        KeyCode::Left | KeyCode::Char('h') => turn(model, shown, -1),
        KeyCode::Right | KeyCode::Char('l') => turn(model, shown, 1),
        KeyCode::Enter => return (true, open_rendering(model)),
        _ => shown.scroll = scroll(model, shown.scroll, key),
    }
    (true, Vec::new())
}

fn turn(model: &mut Model, shown: &mut Received, by: isize) {
    crate::tui::movement::sideways(model, by);
    shown.scroll = 0;
}

/// The page of a mail in the system's browser; what has no page has nothing to open.
fn open_rendering(model: &mut Model) -> Vec<Effect> {
    let page = model.variant().filter(|variant| variant.html.is_some());
    match page.map(|variant| variant.id.clone()) {
        Some(id) => {
            model.status = Some(("opening it in the browser …".into(), false));
            vec![Effect::OpenRendering(id)]
        }
        None => {
            model.status = Some(("there is no page to open: it is plain text".into(), true));
            Vec::new()
        }
    }
}

pub fn draw(frame: &mut Frame<'_>, area: Rect, model: &Model, shown: &Received) {
    // A screen of its own: nothing of another looks out beside it.
    frame.render_widget(Clear, area);
    let at = popup(frame, area, 100, area.height);
    let both = model.run.as_ref().zip(model.variant());
    let title = both.map_or("As received".to_owned(), |(_, variant)| {
        format!(
            "As received  variant {} by {}",
            variant.id, variant.meta.channel
        )
    });
    let inside = pane(frame, at, &title, "", (model, Pane::Over));
    let width = usize::from(inside.width).saturating_sub(2);
    let text = both.map_or_else(Vec::new, |(run, variant)| {
        message(model, run, variant, width)
    });
    let last = text.len().saturating_sub(usize::from(inside.height));
    model.drawn.borrow_mut().over_text = Some(OverText { last });
    lines(frame, inside, text, shown.scroll);
}

fn message<'l>(model: &Model, run: &Run, variant: &Variant, width: usize) -> Vec<Line<'l>> {
    let from = model
        .told()
        .map_or("not known yet", |told| told.from.as_str());
    let mut text = pair("from", from, width);
    let none = "none in the profile";
    match variant.meta.channel {
        Channel::Email => {
            let to = run.profile.email.as_deref().unwrap_or(none);
            text.extend(pair("to", to, width));
            text.extend(pair("subject", &variant.subject, width));
            text.extend(mail(model, variant, width));
        }
        Channel::Sms => {
            let to = run.profile.phone.as_deref().unwrap_or(none);
            text.extend(pair("to", to, width));
            text.extend(texts(model, variant, width));
        }
        Channel::Push => text.extend(push(model, variant, width)),
    }
    text
}

fn plain<'l>(words: &str, width: usize) -> impl Iterator<Item = Line<'l>> {
    let wrapped = wrap(words, width).into_iter();
    wrapped.map(|line| Line::raw(format!(" {line}")))
}

fn note<'l>(model: &Model, words: &str) -> Line<'l> {
    Line::styled(format!(" -- {} --", safe(words)), model.theme.dim())
}

fn mail<'l>(model: &Model, variant: &Variant, width: usize) -> Vec<Line<'l>> {
    let Some(html) = &variant.html else {
        let mut text = vec![note(model, "plain text alone")];
        text.extend(plain(&variant.body, width));
        return text;
    };
    let hidden = preview_line(html);
    let read = as_read(html);
    let first: String = read.split_whitespace().collect::<Vec<_>>().join(" ");
    let preview = match hidden.as_str() {
        "" => format!(
            "none named; an inbox shows the beginning: {} …",
            first.graphemes(true).take(PREVIEW).collect::<String>()
        ),
        hidden => hidden.to_owned(),
    };
    let mut text = pair("preheader", &preview, width);
    text.push(note(
        model,
        "the page, read out: images by their words, links with their targets",
    ));
    text.extend(plain(&read, width));
    text.push(note(model, "the plain text that goes with it"));
    text.extend(plain(&variant.body, width));
    text
}

fn texts<'l>(model: &Model, variant: &Variant, width: usize) -> Vec<Line<'l>> {
    let counted = sms::parts(&variant.body);
    let mut text = pair("sent as", &counted.in_words(), width);
    if counted.coding == Coding::Ucs2 {
        let found = sms::outside_gsm(&variant.body).into_iter();
        let found: Vec<String> = found.map(|c| format!("{c} (U+{:04X})", c as u32)).collect();
        let words = format!("not in the GSM alphabet: {}", found.join(", "));
        text.extend(pair("because", &words, width));
    }
    let segments = sms::segments(&variant.body);
    let count = segments.len();
    for (number, segment) in (1..).zip(segments) {
        text.push(note(model, &format!("segment {number} of {count}")));
        text.extend(plain(segment, width));
    }
    text
}

fn push<'l>(model: &Model, variant: &Variant, width: usize) -> Vec<Line<'l>> {
    let mut text = Vec::new();
    let clusters: Vec<&str> = variant.body.graphemes(true).collect();
    let count = format!("{} characters", clusters.len());
    text.extend(pair("length", &count, width));
    let mut from = 0;
    for (cut, words) in CUTS {
        if clusters.len() > cut {
            text.extend(plain(&clusters[from..cut].concat(), width));
            text.push(note(model, words));
            from = cut;
        }
    }
    text.extend(plain(&clusters[from..].concat(), width));
    text
}
