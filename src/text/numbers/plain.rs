//! The text with its figures in one spelling: digits of all scripts, spaces, dashes and per cent signs, with the way back.

use crate::text::hidden::is_default_ignorable;
use crate::text::mapped::{Mapped, decimal_digit};
use unicode_normalization::char::is_combining_mark;

/// A space that parts the thousands of a figure and never words: no-break, narrow no-break, thin and figure space.
pub(super) const GROUP_SPACE: char = '\u{A0}';

pub(super) struct Plain {
    pub mapped: Mapped,
    /// Byte ranges of the plain text that are struck out.
    pub struck: Vec<(usize, usize)>,
}

impl Plain {
    pub fn of(source: &str) -> Self {
        let mut struck = Vec::new();
        let mapped = if source.is_ascii() {
            Mapped::identity(source)
        } else {
            spell(source, &mut struck)
        };
        tildes(mapped.text(), &mut struck);
        // In order and without overlaps, so that a range is found without looking at all.
        struck.sort_unstable();
        struck.dedup_by(|later, earlier| {
            let over = later.0 <= earlier.1;
            if over {
                earlier.1 = earlier.1.max(later.1);
            }
            over
        });
        Self { mapped, struck }
    }

    pub fn is_struck(&self, start: usize, end: usize) -> bool {
        let next = self.struck.partition_point(|(_, b)| *b <= start);
        self.struck.get(next).is_some_and(|(a, _)| *a < end)
    }
}

/// Invisible characters and marks are left out, as a reader does: `5\u{200b}0` shows 50.
fn spell(source: &str, struck: &mut Vec<(usize, usize)>) -> Mapped {
    let mut out = Mapped::builder(source.len());
    let mut last = 0;
    let mut raised_from = None;
    for (at, c) in source.char_indices() {
        if let Some(digit) = raised_digit(c) {
            let from = *raised_from.get_or_insert(at);
            if is_figure(source, from) {
                last = out.text().len();
                out.push(digit, at, at + c.len_utf8());
                continue;
            }
        } else {
            raised_from = None;
        }
        if matches!(c, '\u{335}'..='\u{338}') {
            let end = out.text().len();
            match struck.last_mut() {
                // Neighbours are one range.
                Some(range) if range.1 == last => range.1 = end,
                _ => struck.push((last, end)),
            }
            continue;
        }
        if is_default_ignorable(c) || is_combining_mark(c) {
            continue;
        }
        last = out.text().len();
        out.push(plain_char(c), at, at + c.len_utf8());
    }
    out
}

/// Longest figure in raised digits that is looked at, in characters.
const LONGEST_RAISED: usize = 12;

/// Raised digits that are the figure itself, `⁵⁰%` or `$⁹⁹`, and no note behind something.
fn is_figure(source: &str, from: usize) -> bool {
    let before = source[..from].chars().next_back();
    if before.is_some_and(|c| matches!(c, '$' | '£' | '€' | '¥' | '₹')) {
        return true;
    }
    let apart = before.is_none_or(|c| c.is_whitespace() || matches!(c, '(' | '-' | '–' | '—'));
    let behind = source[from..]
        .chars()
        .take(LONGEST_RAISED)
        .find(|c| raised_digit(*c).is_none() && !c.is_whitespace());
    apart && behind.is_some_and(|c| matches!(c, '%' | '％' | '٪' | '﹪' | '€' | '£'))
}

fn raised_digit(c: char) -> Option<char> {
    Some(match c {
        '⁰' => '0',
        '¹' => '1',
        '²' => '2',
        '³' => '3',
        '⁴' => '4',
        '⁵' => '5',
        '⁶' => '6',
        '⁷' => '7',
        '⁸' => '8',
        '⁹' => '9',
        _ => return None,
    })
}

fn plain_char(c: char) -> char {
    if let Some(digit) = decimal_digit(c) {
        return digit;
    }
    match c {
        '\u{A0}' | '\u{202F}' | '\u{2007}'..='\u{200A}' => GROUP_SPACE,
        '\u{1680}' | '\u{2000}'..='\u{2006}' | '\u{205F}' | '\u{3000}' => ' ',
        '\u{2018}' | '\u{2019}' | '\u{201B}' | '\u{2BC}' => '\'',
        '\u{2010}' | '\u{2011}' | '\u{FE63}' => '-',
        '\u{2012}'..='\u{2015}' | '\u{2212}' | '\u{FE58}' => '–',
        '٪' | '﹪' => '%',
        '\u{2215}' => '\u{2044}',
        // Full-width forms of ASCII.
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
        '￥' => '¥',
        '￡' => '£',
        '￠' => '¢',
        _ => c,
    }
}

/// `~~$9~~`, within a paragraph.
fn tildes(text: &str, struck: &mut Vec<(usize, usize)>) {
    let mut open: Option<usize> = None;
    for (at, mark) in text.match_indices("~~") {
        match open {
            Some(start) if !text[start..at].contains("\n\n") => {
                struck.push((start, at));
                open = None;
            }
            _ => open = Some(at + mark.len()),
        }
    }
}
