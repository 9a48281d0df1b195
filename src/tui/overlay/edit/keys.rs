//! Keys of the variant's editor. Pure, as `update` is.

use super::{Buffer, Editor, EditorField};
use crate::tui::effect::Effect;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// `(stays open, effects)`.
type EditorResponse = (bool, Vec<Effect>);

/// The check of the words as they are now.
pub(in crate::tui) fn recheck(editor: &Editor) -> Effect {
    Effect::Recheck {
        generation: editor.generation,
        variant: editor.variant.clone(),
        subject: editor.subject.text().to_owned(),
        body: editor.body.text().to_owned(),
    }
}

pub(in crate::tui) fn edit_key(editor: &mut Editor, key: &KeyEvent) -> EditorResponse {
    if editor.sent {
        return (true, Vec::new());
    }
    let control = key.modifiers.contains(KeyModifiers::CONTROL);
    let changed = match key.code {
        KeyCode::Esc => {
            if !editor.changed() || editor.asked {
                return (false, Vec::new());
            }
            editor.asked = true;
            editor.problem = Some(
                "the words were changed: Esc again throws them away, Ctrl-S keeps them".into(),
            );
            return (true, Vec::new());
        }
        KeyCode::Char('s') if control => return save(editor),
        KeyCode::Char('f') if control => return (true, mend(editor)),
        KeyCode::Char('z') if control => editor.undo(),
        KeyCode::Char('y') if control => editor.redo(),
        KeyCode::Char('n') if control => {
            editor.offer = None;
            let count = editor.findings().len().max(1);
            editor.finding_at = (editor.finding_at + 1) % count;
            editor.go_to_finding();
            false
        }
        KeyCode::Char(_) if control => false,
        KeyCode::Char(c) if !c.is_control() => editor.edit(|b| b.insert(c)),
        KeyCode::Enter => match editor.field {
            EditorField::Body => editor.edit(|b| b.insert('\n')),
            EditorField::Subject => {
                editor.field = EditorField::Body;
                false
            }
        },
        KeyCode::Backspace => editor.edit(Buffer::backspace),
        KeyCode::Delete => editor.edit(Buffer::delete),
        KeyCode::Tab | KeyCode::BackTab => {
            editor.field = match editor.field {
                EditorField::Subject => EditorField::Body,
                EditorField::Body => EditorField::Subject,
            };
            false
        }
        other => {
            let buffer = editor.buffer();
            match other {
                KeyCode::Left => buffer.left(),
                KeyCode::Right => buffer.right(),
                KeyCode::Up => buffer.vertical(false),
                KeyCode::Down => buffer.vertical(true),
                KeyCode::Home => buffer.home(),
                KeyCode::End => buffer.end(),
                _ => {}
            }
            false
        }
    };
    let effects = if changed {
        vec![recheck(editor)]
    } else {
        Vec::new()
    };
    (true, effects)
}

/// Puts pasted words in, as one change; a subject has one line. `None` while the words are being saved.
pub(in crate::tui) fn paste(
    editor: &mut Editor,
    text: &str,
    one_line: &str,
) -> Option<Vec<Effect>> {
    if editor.sent {
        return None;
    }
    let words = match editor.field {
        EditorField::Subject => one_line.to_owned(),
        EditorField::Body => crate::tui::paste::lines(text),
    };
    // What does not fit is not put in by half.
    if editor.edit(|buffer| buffer.insert_all(&words)) {
        return Some(vec![recheck(editor)]);
    }
    editor.problem = Some("nothing was pasted: the text would be too long".into());
    Some(Vec::new())
}

/// Makes the fix that is offered; where none is, asks for the nearest words that clear the chosen finding.
pub(in crate::tui) fn mend(editor: &mut Editor) -> Vec<Effect> {
    if let Some(offer) = editor.offer.take() {
        editor.take(*offer);
        return Vec::new();
    }
    match editor.finding().cloned() {
        Some(finding) => vec![Effect::Mend {
            generation: editor.generation,
            variant: editor.variant.clone(),
            subject: editor.subject.text().to_owned(),
            body: editor.body.text().to_owned(),
            finding: Box::new(finding),
        }],
        None => {
            editor.problem = Some("there is no finding to fix".into());
            Vec::new()
        }
    }
}

fn save(editor: &mut Editor) -> EditorResponse {
    if !editor.changed() {
        return (false, Vec::new());
    }
    editor.sent = true;
    let effect = Effect::SaveEdit {
        variant: editor.variant.clone(),
        subject: editor.subject.text().to_owned(),
        body: editor.body.text().to_owned(),
    };
    (true, vec![effect])
}
