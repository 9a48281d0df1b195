//! Words under a cursor, with undo; and the editor of a variant, which is checked as it is typed.

use crate::domain::finding::{Disposition, Finding, Part, Verdict};
use crate::domain::run::Run;
use crate::service::check::mend::Mended;
use crate::tui::view::KeyHints;
use unicode_segmentation::{GraphemeCursor, UnicodeSegmentation as _};

mod keys;
mod view;

pub(in crate::tui) use keys::{edit_key, mend, paste};
pub use view::draw;

/// What can be done while it is open, for the footer.
pub const KEYS: KeyHints = &[
    ("Ctrl-S", "keep"),
    ("Ctrl-F", "fix"),
    ("Ctrl-N", "next finding"),
    ("Ctrl-Z", "undo"),
    ("Tab", "part"),
    ("Esc", "leave"),
];

/// Longest text that can be typed, in bytes; a message is far shorter.
const MOST_BYTES: usize = 64 << 10;
/// Steps that can be taken back.
const MOST_UNDO: usize = 500;

/// A text and a cursor on a character border. Moves go by what a reader takes for one character.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Buffer {
    text: String,
    at: usize,
}

impl Buffer {
    pub fn new(text: &str) -> Self {
        Self {
            at: text.len(),
            text: text.to_owned(),
        }
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    /// The cursor's byte.
    pub fn at(&self) -> usize {
        self.at
    }

    pub fn insert(&mut self, c: char) -> bool {
        if self.text.len() + c.len_utf8() > MOST_BYTES {
            return false;
        }
        self.text.insert(self.at, c);
        self.at += c.len_utf8();
        true
    }

    /// The cursor goes to a byte, or to the character border before it.
    fn go_to(&mut self, at: usize) {
        self.at = self.text.floor_char_boundary(at.min(self.text.len()));
    }

    /// Puts words in as a whole, or not at all.
    pub fn insert_all(&mut self, words: &str) -> bool {
        if words.is_empty() || self.text.len() + words.len() > MOST_BYTES {
            return false;
        }
        self.text.insert_str(self.at, words);
        self.at += words.len();
        true
    }

    fn before(&self) -> Option<usize> {
        GraphemeCursor::new(self.at, self.text.len(), true)
            .prev_boundary(&self.text, 0)
            .ok()
            .flatten()
    }

    fn behind(&self) -> Option<usize> {
        GraphemeCursor::new(self.at, self.text.len(), true)
            .next_boundary(&self.text, 0)
            .ok()
            .flatten()
    }

    pub fn backspace(&mut self) -> bool {
        let Some(from) = self.before() else {
            return false;
        };
        self.text.replace_range(from..self.at, "");
        self.at = from;
        true
    }

    pub fn delete(&mut self) -> bool {
        let Some(to) = self.behind() else {
            return false;
        };
        self.text.replace_range(self.at..to, "");
        true
    }

    pub fn left(&mut self) {
        self.at = self.before().unwrap_or(0);
    }

    pub fn right(&mut self) {
        self.at = self.behind().unwrap_or(self.text.len());
    }

    fn line_start(&self) -> usize {
        self.text[..self.at].rfind('\n').map_or(0, |i| i + 1)
    }

    fn line_end(&self) -> usize {
        self.text[self.at..]
            .find('\n')
            .map_or(self.text.len(), |i| self.at + i)
    }

    pub fn home(&mut self) {
        self.at = self.line_start();
    }

    pub fn end(&mut self) {
        self.at = self.line_end();
    }

    /// The same column of the line above or below.
    pub fn vertical(&mut self, down: bool) {
        let start = self.line_start();
        let column = self.text[start..self.at].graphemes(true).count();
        let (from, to) = if down {
            let end = self.line_end();
            if end == self.text.len() {
                self.at = end;
                return;
            }
            let to = self.text[end + 1..]
                .find('\n')
                .map_or(self.text.len(), |i| end + 1 + i);
            (end + 1, to)
        } else {
            if start == 0 {
                self.at = 0;
                return;
            }
            let from = self.text[..start - 1].rfind('\n').map_or(0, |i| i + 1);
            (from, start - 1)
        };
        self.at = from
            + self.text[from..to]
                .graphemes(true)
                .take(column)
                .map(str::len)
                .sum::<usize>();
    }
}

/// Which words are being changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EditorField {
    Subject,
    Body,
}

/// The editor of one variant. What it holds is not recorded until it is saved.
#[derive(Clone, Debug)]
pub struct Editor {
    pub run: String,
    pub variant: String,
    pub subject: Buffer,
    pub body: Buffer,
    pub field: EditorField,
    /// Counts changes: an answer to an older one is dropped.
    pub generation: u64,
    /// The verdict on the words as they are, or on slightly older ones while a check runs.
    pub verdict: Option<Verdict>,
    pub finding_at: usize,
    /// Changed words are thrown away only when asked twice.
    pub asked: bool,
    /// A save is on its way.
    pub sent: bool,
    pub problem: Option<String>,
    /// A fix that was found for the words as they are: shown before it is made.
    pub offer: Option<Box<Mended>>,
    before: (String, String),
    undo: Vec<(Buffer, Buffer)>,
    redo: Vec<(Buffer, Buffer)>,
}

impl Editor {
    /// Opens on a variant's words and verdict.
    pub fn open(run: &Run, variant: &str) -> Option<Self> {
        let words = run.variant(variant)?;
        Some(Self {
            run: run.id.clone(),
            variant: words.id.clone(),
            subject: Buffer::new(&words.subject),
            body: Buffer::new(&words.body),
            field: EditorField::Body,
            generation: 0,
            verdict: run.verdict(variant).cloned(),
            finding_at: 0,
            asked: false,
            sent: false,
            problem: None,
            offer: None,
            before: (words.subject.clone(), words.body.clone()),
            undo: Vec::new(),
            redo: Vec::new(),
        })
    }

    pub fn changed(&self) -> bool {
        self.subject.text != self.before.0 || self.body.text != self.before.1
    }

    /// The words under the cursor.
    pub fn buffer(&mut self) -> &mut Buffer {
        match self.field {
            EditorField::Subject => &mut self.subject,
            EditorField::Body => &mut self.body,
        }
    }

    /// Makes a change that can be taken back. `true` when something changed and a check is due.
    pub fn edit(&mut self, change: impl FnOnce(&mut Buffer) -> bool) -> bool {
        let before = (self.subject.clone(), self.body.clone());
        if !change(self.buffer()) {
            return false;
        }
        self.undo.push(before);
        if self.undo.len() > MOST_UNDO {
            self.undo.remove(0);
        }
        self.redo.clear();
        self.touched()
    }

    fn touched(&mut self) -> bool {
        self.generation += 1;
        (self.asked, self.problem, self.offer) = (false, None, None);
        true
    }

    pub fn undo(&mut self) -> bool {
        let Some(words) = self.undo.pop() else {
            return false;
        };
        self.redo.push((self.subject.clone(), self.body.clone()));
        (self.subject, self.body) = words;
        self.touched()
    }

    pub fn redo(&mut self) -> bool {
        let Some(words) = self.redo.pop() else {
            return false;
        };
        self.undo.push((self.subject.clone(), self.body.clone()));
        (self.subject, self.body) = words;
        self.touched()
    }

    /// What asks for a person or blocks, strictest first. The HTML part is made from the body and not shown twice.
    pub fn findings(&self) -> Vec<&Finding> {
        self.verdict
            .iter()
            .flat_map(|v| &v.findings)
            .filter(|f| f.disposition >= Disposition::Review && f.part != Part::Html)
            .collect()
    }

    /// The cursor goes to the words of the chosen finding, so that they are in sight.
    pub fn go_to_finding(&mut self) {
        let place = self.finding().map(|f| (f.part, f.start));
        match place {
            Some((Part::Subject, at)) => {
                self.field = EditorField::Subject;
                self.subject.go_to(at);
            }
            Some((Part::Body, at)) => {
                self.field = EditorField::Body;
                self.body.go_to(at);
            }
            _ => {}
        }
    }

    pub fn finding(&self) -> Option<&Finding> {
        let found = self.findings();
        found
            .get(self.finding_at.min(found.len().checked_sub(1)?))
            .copied()
    }

    /// Makes the fix that is offered, as one change that can be taken back.
    pub fn take(&mut self, mended: Mended) {
        let Mended {
            subject,
            body,
            verdict,
            ..
        } = &mended;
        let before = (self.subject.clone(), self.body.clone());
        for (buffer, words) in [
            (&mut self.subject, subject.as_str()),
            (&mut self.body, body.as_str()),
        ] {
            if buffer.text != words {
                let same = buffer
                    .text
                    .bytes()
                    .rev()
                    .zip(words.bytes().rev())
                    .take_while(|(a, b)| a == b)
                    .count();
                // The cursor goes where the words changed.
                let at = words.floor_char_boundary(words.len() - same);
                *buffer = Buffer {
                    text: words.to_owned(),
                    at,
                };
            }
        }
        self.undo.push(before);
        self.redo.clear();
        self.touched();
        self.verdict = Some(verdict.clone());
        self.finding_at = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_cursor_goes_by_what_a_reader_sees() {
        let mut buffer = Buffer::new("e\u{301}a👩\u{200d}👧\nxy");
        buffer.home();
        buffer.vertical(false);
        buffer.right();
        assert_eq!(buffer.at(), "e\u{301}".len());
        buffer.right();
        assert!(buffer.delete());
        assert_eq!(buffer.text(), "e\u{301}a\nxy");
        buffer.vertical(true);
        assert!(buffer.insert('!'));
        assert_eq!(buffer.text(), "e\u{301}a\nxy!");
    }

    proptest! {
        #[test]
        fn any_moves_keep_the_cursor_on_a_border(text in "[a é\u{301}👩\u{200d}👧\n]{0,20}", moves in prop::collection::vec(0u8..9, 0..40)) {
            let mut buffer = Buffer::new(&text);
            for step in moves {
                match step {
                    0 => buffer.left(), 1 => buffer.right(), 2 => buffer.home(), 3 => buffer.end(),
                    4 => buffer.vertical(true), 5 => buffer.vertical(false),
                    6 => { buffer.backspace(); } 7 => { buffer.delete(); }
                    _ => { buffer.insert('é'); }
                }
                prop_assert!(buffer.text().is_char_boundary(buffer.at()));
            }
        }
    }
}
