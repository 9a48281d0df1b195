//! Postal addresses and dates of birth.

use super::context::{Cue, NumberContext};
use super::{HitReason, PiiHit, PiiKind};
use regex::Regex;
use std::sync::LazyLock;

#[expect(clippy::expect_used, reason = "constant patterns, covered by tests")]
static STREET: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"^\d{1,6}[A-Za-z]?,? (?:(?:N|S|E|W|NE|NW|SE|SW|North|South|East|West)\.? )?(?:[A-Z0-9][\w'.-]*,? ){1,4}?",
        r"(?:Street|St|Avenue|Ave|Road|Rd|Boulevard|Blvd|Lane|Ln|Drive|Dr|Court|Ct|Place|Pl|Terrace|Ter|Way|Square|Sq|",
        r"Parkway|Pkwy|Circle|Cir|Highway|Hwy|Close|Crescent|Gardens|Grove|Quay|Row|Trail|Mews|Alley|Plaza)\b\.?",
        r"(?:,? (?:Apt|Apartment|Suite|Ste|Unit|Floor|Fl|#)\.? ?[\w-]{1,6})?",
        r"(?:,? [A-Z][A-Za-z'.-]+(?: [A-Z][A-Za-z'.-]+){0,2})?(?:,? [A-Z]{2},? \d{5}(?:-\d{4})?|,? [A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2})?"
    ))
    .expect("constant pattern")
});

#[expect(clippy::expect_used, reason = "constant patterns, covered by tests")]
static BOX: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)(?:p\.? ?o\.? ?box|post office box) $").expect("constant pattern")
});

#[expect(clippy::expect_used, reason = "constant patterns, covered by tests")]
static BOX_TAIL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^\d{1,6}(?:,? [A-Z][A-Za-z'.-]+(?: [A-Z][A-Za-z'.-]+){0,2})?(?:,? [A-Z]{2},? \d{5}(?:-\d{4})?)?")
        .expect("constant pattern")
});

#[expect(clippy::expect_used, reason = "constant patterns, covered by tests")]
static DATE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?i)^(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.](?:\d{4}|\d{2})",
        r"|\d{1,2}(?:st|nd|rd|th)? (?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?,? \d{4})\b"
    ))
    .expect("constant pattern")
});

#[expect(clippy::expect_used, reason = "constant patterns, covered by tests")]
static MONTH_BEFORE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.? $")
        .expect("constant pattern")
});

/// How far an address may reach, in bytes.
const REACH: usize = 110;

/// A street address or PO box whose number stands at `start`. `context` is asked for only when the shape fits.
pub fn address(
    text: &str,
    start: usize,
    context: impl FnOnce() -> NumberContext,
) -> Option<PiiHit> {
    let found = address_shape(text, start)?;
    let context = context();
    let numbered = context.near(Cue::Other) && context.is_nearest(Cue::Version);
    (!numbered).then_some(found)
}

fn address_shape(text: &str, start: usize) -> Option<PiiHit> {
    let before = &text[super::context::floor(text, start.saturating_sub(20))..start];
    let window = &text[start..super::context::floor(text, (start + REACH).min(text.len()))];
    if (before.ends_with('x') || before.ends_with("x ") || before.ends_with("X "))
        && let Some(lead) = BOX.find(before)
        && let Some(tail) = BOX_TAIL.find(window)
    {
        return Some(PiiHit {
            start: start - (before.len() - lead.start()),
            end: start + tail.end(),
            kind: PiiKind::Address,
            score: 70,
            reason: HitReason::Shape,
        });
    }
    // The number is followed by a capitalised word (or another number as in "5 42nd Street").
    let bytes = window.as_bytes();
    let digits = bytes.iter().take_while(|b| b.is_ascii_digit()).count();
    let at_word = bytes.get(digits..digits + 3).is_some_and(|next| {
        let space = usize::from(next[0] != b' ');
        next[space] == b' '
            || next[0] == b' ' && (next[1].is_ascii_uppercase() || next[1].is_ascii_digit())
    });
    if digits > 6
        || !at_word
        || start > 0
            && (text.as_bytes()[start - 1].is_ascii_alphanumeric()
                || matches!(text.as_bytes()[start - 1], b'.' | b'$' | b',' | b'-' | b'/'))
    {
        return None;
    }
    let line = window.split('\n').next().unwrap_or(window);
    let found = STREET.find(line)?;
    Some(PiiHit {
        start,
        end: start + found.end(),
        kind: PiiKind::Address,
        score: 60,
        reason: HitReason::Shape,
    })
}

/// Whether the digits at `start..end` can be the day of a date at all: a sign or a month behind, or a month before.
pub fn may_be_day(text: &str, start: usize, end: usize) -> bool {
    const MONTHS: [[u8; 3]; 12] = [
        *b"jan", *b"feb", *b"mar", *b"apr", *b"may", *b"jun", *b"jul", *b"aug", *b"sep", *b"oct",
        *b"nov", *b"dec",
    ];
    let bytes = text.as_bytes();
    let is_month = |from: usize| {
        bytes
            .get(from..from + 3)
            .is_some_and(|word| MONTHS.iter().any(|month| word.eq_ignore_ascii_case(month)))
    };
    match bytes.get(end) {
        Some(b'/' | b'.') => return true,
        Some(b' ') if is_month(end + 1) => return true,
        _ => {}
    }
    let Some(space) = start.checked_sub(1).filter(|at| bytes[*at] == b' ') else {
        return false;
    };
    let word = bytes[..space]
        .iter()
        .rev()
        .take(10)
        .take_while(|b| b.is_ascii_alphabetic() || **b == b'.')
        .count();
    word >= 3 && is_month(space - word)
}

/// A date that the words before it call somebody's birth.
pub fn birth_date(text: &str, start: usize) -> Option<PiiHit> {
    birth_date_in(text, start, &NumberContext::around(text, start, start))
}

pub fn birth_date_in(text: &str, start: usize, context: &NumberContext) -> Option<PiiHit> {
    if !context.before(Cue::Birth) {
        return None;
    }
    let window = &text[start..super::context::floor(text, (start + 30).min(text.len()))];
    if let Some(found) = DATE.find(window) {
        return Some(PiiHit {
            start,
            end: start + found.end(),
            kind: PiiKind::Dob,
            score: 80,
            reason: HitReason::Context,
        });
    }
    // "March 15, 1989"
    let before = &text[super::context::floor(text, start.saturating_sub(12))..start];
    let month = MONTH_BEFORE.find(before)?;
    let tail = window
        .split(|c: char| {
            !(c.is_ascii_digit() || matches!(c, ',' | ' ' | 't' | 'h' | 's' | 'n' | 'd' | 'r'))
        })
        .next()?;
    let digits = tail.bytes().filter(u8::is_ascii_digit).count();
    (5..=6).contains(&digits).then(|| PiiHit {
        start: start - (before.len() - month.start()),
        end: start + tail.trim_end().trim_end_matches(',').len(),
        kind: PiiKind::Dob,
        score: 80,
        reason: HitReason::Context,
    })
}
