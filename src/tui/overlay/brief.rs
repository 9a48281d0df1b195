//! What is told of a run beside itself, on one page: the customer, what was said, what changed since the last approved
//! text of the template, what was left out.

use crate::service::review::brief::{Approved, Brief, CustomerCard};
use crate::text::diff;
use crate::tui::card::pair;
use crate::tui::drawn::OverText;
use crate::tui::effect::Effect;
use crate::tui::model::Model;
use crate::tui::overlay::scroll;
use crate::tui::text::{StyledRange, marked, safe};
use crate::tui::view::{KeyHints, Pane, lines, pane, popup};
use crossterm::event::{KeyCode, KeyEvent};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Clear;
use std::ops::Range;

/// What can be done while it is open, for the footer.
pub const KEYS: KeyHints = &[
    ("Up/Down PgDn", "scroll"),
    ("Left/Right", "other variants"),
    ("Esc", "closes"),
];

/// Earlier messages that are listed.
const EARLIER: usize = 12;

#[derive(Clone, Debug, Default)]
pub struct BriefPage {
    pub scroll: usize,
}

pub(in crate::tui) fn brief_key(
    model: &mut Model,
    shown: &mut BriefPage,
    key: &KeyEvent,
) -> (bool, Vec<Effect>) {
    match key.code {
        KeyCode::Esc | KeyCode::Char('q' | 'i') => return (false, Vec::new()),
        KeyCode::Left | KeyCode::Char('h') => crate::tui::movement::sideways(model, -1),
        KeyCode::Right | KeyCode::Char('l') => crate::tui::movement::sideways(model, 1),
        _ => shown.scroll = scroll(model, shown.scroll, key),
    }
    (true, Vec::new())
}

pub fn draw(frame: &mut Frame<'_>, area: Rect, model: &Model, shown: &BriefPage) {
    // A screen of its own: nothing of another looks out beside it.
    frame.render_widget(Clear, area);
    let at = popup(frame, area, 100, area.height);
    let variant = model.variant().map_or("", |variant| variant.id.as_str());
    let title = format!("The customer, and what is told of variant {variant}");
    let inside = pane(frame, at, &title, "", (model, Pane::Over));
    let width = usize::from(inside.width).saturating_sub(2);
    let text = match model.told() {
        None => vec![Line::raw(" reading the record …")],
        Some(told) => page(model, told, width),
    };
    let last = text.len().saturating_sub(usize::from(inside.height));
    model.drawn.borrow_mut().over_text = Some(OverText { last });
    lines(frame, inside, text, shown.scroll);
}

fn page<'l>(model: &Model, told: &Brief, width: usize) -> Vec<Line<'l>> {
    let mut text = Vec::new();
    let head = |words: &str| Line::styled(format!(" {words}"), model.theme.title());
    text.push(head("The customer"));
    text.extend(customer(&told.customer, width));
    text.push(Line::raw(""));
    text.push(head("What was said about this run"));
    let mut said = model.said().peekable();
    if said.peek().is_none() {
        text.push(Line::raw(" Nothing yet."));
    }
    for said in said {
        text.extend(pair("", &said.sentence(), width));
    }
    let Some(variant) = model.variant() else {
        return text;
    };
    text.push(Line::raw(""));
    text.push(head(
        "What changed since the last approved text of this template",
    ));
    match told.approved_of(&variant.id) {
        None => text.push(Line::raw(" No text of this template was approved before.")),
        Some(before) => text.extend(changes(
            model,
            before,
            (&variant.subject, &variant.body),
            width,
        )),
    }
    text.push(Line::raw(""));
    text.push(head("What was left out"));
    let left = told
        .left_out
        .iter()
        .filter(|left| left.variant == variant.id);
    let left: Vec<&String> = left.flat_map(|left| &left.says).collect();
    if left.is_empty() {
        let words = match variant.meta.made_by.as_str() {
            "template" => " Nothing: every sentence of the template is said.",
            _ => " Not known: these words were not made from the template alone.",
        };
        text.push(Line::raw(words));
    }
    for words in left {
        text.extend(pair("", words, width));
    }
    text
}

fn customer<'l>(card: &CustomerCard, width: usize) -> Vec<Line<'l>> {
    let known = |text: &str| match text {
        "" => "not known".to_owned(),
        text => text.to_owned(),
    };
    let mut text = Vec::new();
    let mut say = |name: &str, words: &str| text.extend(pair(name, words, width));
    let in_record = card.pseudonym.as_deref().unwrap_or("not on record");
    say(
        "number",
        &format!("{}  (in the record: {in_record})", card.number),
    );
    say("name", &known(&card.name));
    say("place", &known(&card.place));
    say("language", &known(&card.language));
    say("age", &known(&card.age));
    for (index, (channel, said)) in card.consents.iter().enumerate() {
        let name = if index == 0 { "consent" } else { "" };
        say(name, &format!("{channel:10} {said}"));
    }
    let out = card.opted_out.as_deref();
    say(
        "opt-out",
        &out.map_or("none".to_owned(), |where_| format!("OPTED OUT: {where_}")),
    );
    say("hours", &card.hours);
    if let Some(why) = &card.held_now {
        say("now", &format!("would be held: {why}"));
    }
    for remark in &card.remarks {
        say("remark", remark);
    }
    if card.earlier.is_empty() {
        say("earlier", "no other run of this customer");
    }
    for (index, run) in card.earlier.iter().take(EARLIER).enumerate() {
        let name = if index == 0 { "earlier" } else { "" };
        let day = run.time.get(..10).unwrap_or("");
        let words = format!(
            "{day}  {} by {}  {}",
            run.run,
            run.channel,
            run.state.in_words()
        );
        say(name, &words);
    }
    if card.earlier.len() > EARLIER {
        say(
            "",
            &format!("and {} before these", card.earlier.len() - EARLIER),
        );
    }
    text
}

/// The lines that differ, each with its sign, what changed in them marked.
fn changes<'l>(
    model: &Model,
    before: &Approved,
    (subject, body): (&str, &str),
    width: usize,
) -> Vec<Line<'l>> {
    let day = before.time.get(..10).unwrap_or("");
    let from = format!("{day}, run {}, decided by {}", before.run, before.by);
    let mut text = pair("approved", &from, width);
    let mut same = true;
    for (old, new) in [(before.subject.as_str(), subject), (&before.body, body)] {
        let (gone, come) = diff::changed(old, new);
        same &= gone.is_empty() && come.is_empty();
        text.extend(differing(old, &gone, ('-', model.theme.gone()), width));
        text.extend(differing(new, &come, ('+', model.theme.come()), width));
    }
    if same {
        text.push(Line::raw(" Nothing: word for word the same."));
    }
    text
}

fn differing<'l>(
    words: &str,
    ranges: &[Range<usize>],
    (sign, style): (char, Style),
    width: usize,
) -> Vec<Line<'l>> {
    let mut out = Vec::new();
    let mut at = 0;
    for line in words.split('\n') {
        let end = at + line.len();
        let here = ranges.iter().filter(|r| r.start <= end && r.end > at);
        let marks: Vec<StyledRange> = here
            .map(|r| (r.start.max(at) - at, r.end.min(end) - at, style))
            .filter(|(from, to, _)| from < to)
            .collect();
        if !marks.is_empty() {
            for mut shown in marked(line, &marks, width.saturating_sub(4)) {
                shown.spans.insert(0, Span::raw(safe(&format!(" {sign} "))));
                out.push(shown);
            }
        }
        at = end + 1;
    }
    out
}
