//! Pieces of a page written out as text that still knows where it comes from.

use super::entities::decode;
use super::flow::FlowPiece;
use crate::text::mapped::Mapped;
use crate::text::marks::{self, Raised, RaisedText};

/// Text as a browser sets it: white space joined, a blank line between blocks, a line break for `br`.
pub(super) struct HtmlTextWriter<'s> {
    source: &'s str,
    out: Mapped,
    last: Option<char>,
    before_last: Option<char>,
}

impl<'s> HtmlTextWriter<'s> {
    pub fn new(source: &'s str, capacity: usize) -> Self {
        Self {
            source,
            out: Mapped::builder(capacity),
            last: None,
            before_last: None,
        }
    }

    pub fn finish(self) -> Mapped {
        self.out
    }

    fn push(&mut self, c: char, start: usize, end: usize) {
        self.out.push(c, start, end);
        self.before_last = self.last;
        self.last = Some(c);
    }

    /// A character of a text: white space is one space, and none at the beginning of a line.
    fn set(&mut self, c: char, start: usize, end: usize, keeps_lines: bool) {
        if c == '\u{2044}' && self.last.is_some_and(|last| last.is_ascii_digit()) {
            // The slash of a fraction.
            self.push('/', start, end);
        } else if !c.is_ascii_whitespace() {
            // An invisible null reaches no reader.
            if c != '\0' {
                self.push(c, start, end);
            }
        } else if keeps_lines {
            self.push(c, start, end);
        } else if self.last.is_some_and(|last| !matches!(last, ' ' | '\n')) {
            self.push(' ', start, end);
        }
    }

    pub fn line(&mut self, at: (usize, usize)) {
        if self.last.is_some() && !(self.last == Some('\n') && self.before_last == Some('\n')) {
            self.push('\n', at.0, at.1);
        }
    }

    pub fn is_empty(&self) -> bool {
        self.last.is_none()
    }

    /// A text that stands for mark-up at a place.
    pub fn literal(&mut self, text: &str, at: (usize, usize)) {
        for c in text.chars() {
            self.push(c, at.0, at.1);
        }
    }

    pub fn block(&mut self, at: (usize, usize)) {
        self.line(at);
        self.line(at);
    }

    /// `following` is the text that comes next, for marks.
    pub fn piece(&mut self, piece: &FlowPiece, following: impl FnOnce() -> String) {
        match piece {
            FlowPiece::Break { at, line: true, .. } => self.line(*at),
            FlowPiece::Break { at, .. } => self.block(*at),
            FlowPiece::Sign { at, sign } => self.push(*sign, at.0, at.1),
            FlowPiece::Text {
                at,
                raw,
                keeps_lines,
                raised,
                ..
            } => {
                if *raised != Raised::No && at.1 - at.0 <= marks::LONGEST {
                    let text = decoded(self.source, *at);
                    let written = marks::written(&text, *raised, self.out.text(), following);
                    if let RaisedText::As(text) = written {
                        for c in text.chars() {
                            self.push(c, at.0, at.1);
                        }
                        return;
                    }
                }
                self.text(*at, *raw, *keeps_lines);
            }
        }
    }

    fn text(&mut self, at: (usize, usize), raw: bool, keeps_lines: bool) {
        let source = self.source;
        if raw {
            for (index, c) in source[at.0..at.1].char_indices() {
                let start = at.0 + index;
                self.set(c, start, start + c.len_utf8(), keeps_lines);
            }
        } else {
            decode(source, at, false, |c, start, end| {
                self.set(c, start, end, keeps_lines);
            });
        }
    }
}

pub(super) fn decoded(source: &str, at: (usize, usize)) -> String {
    let mut text = String::with_capacity(at.1 - at.0);
    decode(source, at, false, |c, _, _| text.push(c));
    text
}
