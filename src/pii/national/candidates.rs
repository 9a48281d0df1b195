//! Where identifiers may stand in a text: digits and letters that are written as one, with the signs between them.

use super::scheme;
use super::token::{MOST, NationalIdToken};
use crate::pii::digit_run::DigitRun;

/// Fewest signs of any scheme.
const LEAST: usize = 8;

fn is_joint(b: u8) -> bool {
    matches!(b, b' ' | b'-' | b'.' | b'/' | b'+')
}

/// The candidates that begin with the group `first`, or with the letters right before it.
pub(super) fn tokens<'t>(run: &DigitRun<'t>, first: usize) -> Vec<NationalIdToken<'t>> {
    let bytes = run.text.as_bytes();
    let digits = run.groups[first].start;
    let long = run.digits_from(first) >= LEAST;
    let lettered = is_lettered(run, first);
    if !long && !lettered {
        return Vec::new();
    }
    let mut found = Vec::new();
    let start = if lettered {
        lead(bytes, digits)
    } else {
        Some(digits)
    };
    let Some(start) = start else {
        return found;
    };
    // Right behind another number of the same run it is that one's rest.
    let continues = |at: usize| {
        at >= 2
            && is_joint(bytes[at - 1])
            && bytes[at - 1] != b'/'
            && bytes[at - 2].is_ascii_alphanumeric()
            && bytes[at - 2].is_ascii_digit()
    };
    let glued = start.checked_sub(1).map(|at| bytes[at]);
    if glued
        .is_some_and(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'$' | b'+' | b'@' | b'='))
        || continues(start)
    {
        return found;
    }
    let (mut signs, mut letters) = (0, 0);
    let mut at = start;
    while at < bytes.len() && signs < MOST {
        let b = bytes[at];
        if b.is_ascii_alphanumeric() {
            if b.is_ascii_alphabetic() && at > digits && !lettered {
                break;
            }
            letters |= u32::from(b.is_ascii_alphabetic()) << signs;
            signs += 1;
            at += 1;
            let next = bytes.get(at).copied();
            if next.is_some_and(|b| b.is_ascii_alphanumeric() || b == b'_') {
                continue;
            }
            if signs >= LEAST && scheme::has_shape((signs, letters)) && ends(bytes, at) {
                found.push(NationalIdToken::of(run.text, start, at));
            }
        } else if is_joint(b)
            && bytes
                .get(at + 1)
                .is_some_and(|next| joins(*next, bytes, at))
        {
            at += 1;
        } else {
            break;
        }
    }
    found
}

/// Whether what stands behind a joint belongs to the same identifier: a digit, or letters in capitals that end there.
fn joins(next: u8, bytes: &[u8], joint: usize) -> bool {
    if next.is_ascii_digit() {
        return true;
    }
    let letters = bytes[joint + 1..]
        .iter()
        .take_while(|b| b.is_ascii_alphabetic())
        .count();
    let whole = bytes
        .get(joint + 1 + letters)
        .is_none_or(|b| !b.is_ascii_alphanumeric());
    next.is_ascii_uppercase() && letters <= 2 && whole
}

/// No further digits, no decimals, no share.
fn ends(bytes: &[u8], at: usize) -> bool {
    match bytes.get(at) {
        Some(b'%' | b'@') => false,
        Some(b) if is_joint(*b) || matches!(b, b',' | b':') => {
            bytes.get(at + 1).is_none_or(|next| !next.is_ascii_digit())
        }
        _ => true,
    }
}

/// Letters touch the group, or two capitals stand right before a pair of digits.
fn is_lettered(run: &DigitRun<'_>, first: usize) -> bool {
    let bytes = run.text.as_bytes();
    let group = run.groups[first];
    let letter = |at: Option<usize>| {
        at.and_then(|at| bytes.get(at))
            .is_some_and(u8::is_ascii_alphabetic)
    };
    let upper = |at: Option<usize>| {
        at.and_then(|at| bytes.get(at))
            .is_some_and(u8::is_ascii_uppercase)
    };
    let joint = |at: Option<usize>| {
        at.and_then(|at| bytes.get(at))
            .is_some_and(|b| is_joint(*b))
    };
    let last = run.groups[run.groups.len() - 1].end;
    letter(group.start.checked_sub(1))
        || letter(Some(group.end))
        || letter(Some(last))
        || joint(group.start.checked_sub(1))
            && upper(group.start.checked_sub(2))
            && group.end - group.start <= 7
        || joint(Some(last)) && upper(Some(last + 1))
}

/// Where the letters before the digits begin; none if they are a word that is longer, or hold digits themselves.
fn lead(bytes: &[u8], digits: usize) -> Option<usize> {
    let mut start = digits;
    let letters = |from: usize| {
        bytes[..from]
            .iter()
            .rev()
            .take(7)
            .take_while(|b| b.is_ascii_alphabetic())
            .count()
    };
    let glued = letters(start);
    if glued > 0 {
        start -= glued;
        return (glued <= 6 && (start == 0 || !bytes[start - 1].is_ascii_alphanumeric()))
            .then_some(start);
    }
    // "AB 12 34 56 C", "X-1234567-L"
    if start >= 2 && matches!(bytes[start - 1], b' ' | b'-') {
        let apart = letters(start - 1);
        let word = &bytes[start - 1 - apart..start - 1];
        let free = start - 1 - apart == 0 || !bytes[start - 2 - apart].is_ascii_alphanumeric();
        if (1..=2).contains(&apart) && free && word.iter().all(u8::is_ascii_uppercase) {
            start -= apart + 1;
        }
    }
    Some(start)
}
