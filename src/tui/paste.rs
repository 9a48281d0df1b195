//! What is pasted is one event: words for the field that is open, never keys. Pure, as `update` is.

use super::effect::Effect;
use super::keys::on_key;
use super::model::{Model, Overlay};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// Most characters of a paste that a field of one line takes.
const MOST: usize = 4_000;

/// Puts pasted words where somebody types; where nobody does, they are told and dropped.
pub(super) fn pasted(model: &mut Model, text: &str) -> Vec<Effect> {
    let words = one_line(text);
    let taken = match model.overlays.last_mut() {
        Some(Overlay::Decide(dialog)) => dialog.paste(&words),
        Some(Overlay::Edit(editor)) => match super::overlay::edit::paste(editor, text, &words) {
            Some(effects) => return effects,
            None => false,
        },
        Some(Overlay::Form(form)) if !form.takes_words() => false,
        Some(
            Overlay::Ask(_)
            | Overlay::Dismiss(_)
            | Overlay::CustomerData(_)
            | Overlay::Filter
            | Overlay::Help(_)
            | Overlay::Palette(_)
            | Overlay::Picker(_)
            | Overlay::Within(_)
            | Overlay::FileAsked(_)
            | Overlay::Form(_)
            | Overlay::Packs(_),
        ) => return typed(model, &words),
        _ => false,
    };
    if !taken {
        let told = "nothing was pasted: no field is open here";
        model.status = Some((told.into(), true));
    }
    Vec::new()
}

/// Types words into a field that knows its own limits. What an earlier character asked for is outdone by the last.
fn typed(model: &mut Model, words: &str) -> Vec<Effect> {
    let mut effects: Vec<Effect> = Vec::new();
    for c in words.chars() {
        for effect in on_key(model, &KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE)) {
            effects.retain(|earlier| !earlier.is_outdone_by(&effect));
            effects.push(effect);
        }
    }
    effects
}

/// Words for a field of one line: a line break is a space, other control characters are left out.
fn one_line(text: &str) -> String {
    let spaced = text.trim().replace("\r\n", " ");
    spaced
        .chars()
        .map(|c| {
            if matches!(c, '\n' | '\r' | '\t') {
                ' '
            } else {
                c
            }
        })
        .filter(|c| !c.is_control())
        .take(MOST)
        .collect()
}

/// Words for a field of several lines.
pub(super) fn lines(text: &str) -> String {
    let lines = text.replace("\r\n", "\n").replace('\r', "\n");
    let kept = |c: &char| *c == '\n' || !c.is_control();
    lines.replace('\t', " ").chars().filter(kept).collect()
}
