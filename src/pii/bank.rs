//! British bank details: a sort code alone is a branch's, with an account beside it somebody's.

use super::digit_run::DigitRun;
use super::{HitReason, PiiHit, PiiKind};

/// Bytes between a sort code and its account number.
const REACH: usize = 60;
/// Bytes before a sort code in which the words must stand.
const BEFORE: usize = 24;

/// A sort code (three pairs of digits, after the words) and an account number of eight digits close behind or before it.
/// Pay.UK, "Bank and building society sort codes and account numbers".
pub(super) fn sort_code(run: &DigitRun<'_>, first: usize) -> Option<(usize, PiiHit)> {
    let last = first + 2;
    if run.groups.len() <= last || *run.lengths(first, last) != [2, 2, 2] {
        return None;
    }
    let (a, b) = (run.separator(first), run.separator(first + 1));
    if a != b || !matches!(a, "-" | " ") {
        return None;
    }
    let (start, end) = (run.groups[first].start, run.groups[last].end);
    let from = run.text.floor_char_boundary(start.saturating_sub(BEFORE));
    let before = run.text[from..start].to_ascii_lowercase();
    if !(before.contains("sort code")
        || before.contains("sort-code")
        || before.contains("sortcode"))
    {
        return None;
    }
    let to = run
        .text
        .ceil_char_boundary((end + REACH).min(run.text.len()));
    let from = run.text.floor_char_boundary(start.saturating_sub(REACH));
    let behind = account(&run.text[end..to]);
    if behind.is_none() && account(&run.text[from..start]).is_none() {
        return None;
    }
    // What names the one leads to the other: both are taken as one.
    let whole = behind.filter(|(at, _)| {
        let between = &run.text[end..end + at];
        *at <= 30
            && !between.contains(['\n', '.', ';'])
            && !between.contains(|c: char| c.is_ascii_digit())
    });
    let hit = PiiHit {
        start,
        end: whole.map_or(end, |(_, close)| end + close),
        kind: PiiKind::Account,
        score: 85,
        reason: HitReason::Context,
    };
    Some((run.last_within(first, hit.end), hit))
}

/// Eight digits that stand alone.
fn account(text: &str) -> Option<(usize, usize)> {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let digits = bytes[at..]
            .iter()
            .take_while(|b| b.is_ascii_digit())
            .count();
        if digits == 8 {
            return Some((at, at + 8));
        }
        at += digits.max(1);
    }
    None
}
