//! Dates with day, month and year.

use super::{Quantity, Unit, days};
use chrono::NaiveDate;
use regex::{Captures, Regex};
use std::sync::LazyLock;

const MONTHS: &str = "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?";

struct DatePatterns {
    iso: Regex,
    long: Regex,
    us: Regex,
    dotted: Regex,
}

#[expect(
    clippy::expect_used,
    reason = "constant patterns, covered by every test of this folder"
)]
static PATTERNS: LazyLock<DatePatterns> = LazyLock::new(|| {
    let new = |pattern: &str| Regex::new(pattern).expect("constant pattern");
    DatePatterns {
        iso: new(r"\b(\d{4})-(\d{2})-(\d{2})\b"),
        long: new(&format!(
            r"(?i)\b(\d{{1,2}})(?:st|nd|rd|th|\.)?[\s\u{{A0}}]+(?:day of |of )?({MONTHS})\.?,?[\s\u{{A0}}]+(\d{{4}})\b"
        )),
        us: new(&format!(
            r"(?i)\b({MONTHS})\.?[\s\u{{A0}}]+(?:the )?(\d{{1,2}})(?:st|nd|rd|th)?(?:,\s*|\s+)(\d{{4}})\b"
        )),
        dotted: new(r"\b(\d{1,2})\.[ \u{A0}]?(\d{1,2})\.[ \u{A0}]?((?:19|20)\d{2})\b"),
    }
});

/// The dates of a text, none over another.
pub(super) fn dates(text: &str) -> Vec<Quantity> {
    let mut found = Vec::new();
    let p = &*PATTERNS;
    for c in p.iso.captures_iter(text) {
        push(&mut found, &c, int(&c[1]), int(&c[2]), int(&c[3]));
    }
    for c in p.long.captures_iter(text) {
        push(&mut found, &c, int(&c[3]), month(&c[2]), int(&c[1]));
    }
    for c in p.us.captures_iter(text) {
        push(&mut found, &c, int(&c[3]), month(&c[1]), int(&c[2]));
    }
    for c in p.dotted.captures_iter(text) {
        push(&mut found, &c, int(&c[3]), int(&c[2]), int(&c[1]));
    }
    found.sort_by_key(|q| q.start);
    found.dedup_by(|later, earlier| later.start < earlier.end);
    found
}

fn push(found: &mut Vec<Quantity>, c: &Captures<'_>, year: i32, month: u32, day: u32) {
    if let (Some(whole), Some(date)) = (c.get(0), NaiveDate::from_ymd_opt(year, month, day)) {
        found.push(Quantity::new(
            Unit::Date,
            days(date),
            whole.start(),
            whole.end(),
        ));
    }
}

fn int<T: std::str::FromStr + Default>(digits: &str) -> T {
    digits.parse().unwrap_or_default()
}

fn month(name: &str) -> u32 {
    const NAMES: [&str; 12] = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ];
    let name = name.to_ascii_lowercase();
    NAMES
        .iter()
        .position(|short| name.starts_with(short))
        .map_or(0, |index| u32::try_from(index).unwrap_or(0) + 1)
}
