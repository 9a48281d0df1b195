//! A run of digits: its groups, what stands between and round them, and a hit in it.

use super::context::{self, Distances, NumberContext};
use super::{HitReason, PiiHit, PiiKind};
use std::cell::Cell;
use std::ops::Deref;

/// A group of digits inside a run: bytes of the text.
#[derive(Clone, Copy, Debug)]
pub(super) struct DigitGroup {
    pub(super) start: usize,
    pub(super) end: usize,
}

/// Longest run looked at as one, in groups. A longer one is looked at in pieces.
const MAX_GROUPS: usize = 24;

/// Lengths of the groups of a run: on the stack, since every number asks for them.
#[derive(Clone, Copy)]
pub(super) struct Lengths {
    values: [usize; MAX_GROUPS],
    len: usize,
}

impl Deref for Lengths {
    type Target = [usize];

    fn deref(&self) -> &[usize] {
        &self.values[..self.len]
    }
}

/// A run of digit groups that separators hold together. One is made a text and read again at each number, so that
/// its buffers are made once.
pub struct DigitRun<'a> {
    pub(super) text: &'a str,
    pub(super) groups: Vec<DigitGroup>,
    digits: Vec<u8>,
    /// Index into `digits` where each group starts.
    at: Vec<usize>,
    /// The last window read before a number, by the number's start; recognisers ask for the same one in turn.
    before: Cell<(usize, Distances)>,
    /// The last window read behind a number, by the number's end.
    behind: Cell<(usize, Distances)>,
}

fn is_separator(b: u8) -> bool {
    matches!(b, b' ' | b'-' | b'.' | b'(' | b')' | b'/' | b'\n' | b'\r')
}

impl<'a> DigitRun<'a> {
    pub fn new(text: &'a str) -> Self {
        let none = (usize::MAX, Distances::default());
        Self {
            text,
            groups: Vec::with_capacity(MAX_GROUPS),
            digits: Vec::with_capacity(64),
            at: Vec::with_capacity(MAX_GROUPS),
            before: Cell::new(none),
            behind: Cell::new(none),
        }
    }

    /// Reads the run whose first digit stands at `start`.
    pub fn read(&mut self, start: usize) {
        let bytes = self.text.as_bytes();
        self.groups.clear();
        self.digits.clear();
        self.at.clear();
        let mut at = start;
        while at < bytes.len() && self.groups.len() < MAX_GROUPS {
            let from = at;
            while at < bytes.len() && bytes[at].is_ascii_digit() {
                at += 1;
            }
            self.at.push(self.digits.len());
            self.digits.extend_from_slice(&bytes[from..at]);
            self.groups.push(DigitGroup {
                start: from,
                end: at,
            });
            let mut next = at;
            while next < bytes.len() && next - at < 3 && is_separator(bytes[next]) {
                next += 1;
            }
            if next == at || next >= bytes.len() || !bytes[next].is_ascii_digit() {
                break;
            }
            at = next;
        }
    }

    /// The words round the groups from `first` to `last`.
    pub(super) fn context(&self, first: usize, last: usize) -> NumberContext {
        let (start, end) = (self.groups[first].start, self.groups[last].end);
        if self.before.get().0 != start {
            self.before.set((start, context::before(self.text, start)));
        }
        if self.behind.get().0 != end {
            self.behind.set((end, context::behind(self.text, end)));
        }
        NumberContext::of(self.before.get().1, self.behind.get().1)
    }

    /// Where the search for the next run goes on.
    pub fn end(&self) -> usize {
        self.groups.last().map_or(0, |g| g.end)
    }

    pub(super) fn separator(&self, after: usize) -> &str {
        match (self.groups.get(after), self.groups.get(after + 1)) {
            (Some(a), Some(b)) => &self.text[a.end..b.start],
            _ => "",
        }
    }

    pub(super) fn slice(&self, first: usize, last: usize) -> &[u8] {
        let from = self.at[first];
        let to = self.at.get(last + 1).copied().unwrap_or(self.digits.len());
        &self.digits[from..to]
    }

    /// How many digits the run has from a group on.
    pub(super) fn digits_from(&self, first: usize) -> usize {
        self.digits.len() - self.at[first]
    }

    pub(super) fn lengths(&self, first: usize, last: usize) -> Lengths {
        let mut lengths = Lengths {
            values: [0; MAX_GROUPS],
            len: last + 1 - first,
        };
        for (length, group) in lengths.values.iter_mut().zip(&self.groups[first..=last]) {
            *length = group.end - group.start;
        }
        lengths
    }

    pub(super) fn byte_before(&self, first: usize) -> Option<u8> {
        self.groups[first]
            .start
            .checked_sub(1)
            .map(|i| self.text.as_bytes()[i])
    }

    pub(super) fn byte_after(&self, last: usize) -> Option<u8> {
        self.text.as_bytes().get(self.groups[last].end).copied()
    }

    /// Whether the number is glued to letters, or to digits of a decimal.
    pub(super) fn stands_alone(&self, first: usize, last: usize) -> bool {
        let before_ok = self
            .byte_before(first)
            .is_none_or(|b| !(b.is_ascii_alphanumeric() || matches!(b, b'_' | b'$' | b'#')))
            || self.literal_escape(first);
        let after_ok = self
            .byte_after(last)
            .is_none_or(|b| !(b.is_ascii_alphanumeric() || matches!(b, b'_' | b'%')));
        before_ok && after_ok
    }

    /// A literal `\n`, `\t` or `\r` of JSON right before the number.
    pub(super) fn literal_escape(&self, first: usize) -> bool {
        let start = self.groups[first].start;
        start >= 2
            && self.text.as_bytes()[start - 2] == b'\\'
            && matches!(self.text.as_bytes()[start - 1], b'n' | b't' | b'r')
    }

    pub(super) fn last_within(&self, first: usize, end: usize) -> usize {
        (first..self.groups.len())
            .take_while(|i| self.groups[*i].start < end)
            .last()
            .unwrap_or(first)
    }

    pub(super) fn hit(
        &self,
        first: usize,
        last: usize,
        kind: PiiKind,
        score: u8,
        reason: HitReason,
    ) -> (usize, PiiHit) {
        let hit = PiiHit {
            start: self.groups[first].start,
            end: self.groups[last].end,
            kind,
            score,
            reason,
        };
        (last, hit)
    }
}
