//! Numbers in text: money, percentages, durations, dates, counts, as integers.

use chrono::NaiveDate;
use regex::Regex;
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;

/// What a number measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Unit {
    /// Major units × 10,000, whatever the currency.
    Money,
    /// Per cent × 10,000 (`9.5%` is 95,000).
    Percent,
    /// Days × 10,000.
    Days,
    /// Weeks × 10,000.
    Weeks,
    /// Months × 10,000.
    Months,
    /// Years × 10,000.
    Years,
    /// Days since 1970-01-01.
    Date,
    /// A calendar year on its own.
    Year,
    /// Anything else × 10,000.
    Count,
}

/// A number found in a text. `start..end` are bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quantity {
    pub unit: Unit,
    pub value: i64,
    pub start: usize,
    pub end: usize,
}

const MONTHS: &str = "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?";

struct Patterns {
    iso_date: Regex,
    long_date: Regex,
    us_date: Regex,
    number: Regex,
    words: Regex,
}

/// The patterns are constants, so a failure to compile is a defect that every test shows.
#[expect(
    clippy::expect_used,
    reason = "constant patterns, covered by every test of this file"
)]
static PATTERNS: LazyLock<Patterns> = LazyLock::new(|| {
    let new = |pattern: &str| Regex::new(pattern).expect("constant pattern");
    Patterns {
        iso_date: new(r"\b(\d{4})-(\d{2})-(\d{2})\b"),
        long_date: new(&format!(
            r"(?i)\b(\d{{1,2}})(?:st|nd|rd|th)?\s+({MONTHS})\.?,?\s+(\d{{4}})\b"
        )),
        us_date: new(&format!(
            r"(?i)\b({MONTHS})\.?\s+(\d{{1,2}})(?:st|nd|rd|th)?(?:,\s*|\s+)(\d{{4}})\b"
        )),
        number: new(concat!(
            r"(?i)(?P<cur>US\$|[$£€]|\b(?:USD|GBP|EUR)\s?)?(?P<num>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)",
            r"(?P<scale>\s?(?:million|billion|thousand|bn|m|k)\b)?",
            r"(?P<unit>\s?%|\s?(?:percent|per cent|percentage points?|basis points?)\b|[\s-]?(?:business |calendar |working )?(?:days?|weeks?|months?|years?|yrs?|mos?)\b|[\s-](?:dollars?|pounds|euros?|USD|GBP|EUR|cents?)\b)?"
        )),
        words: new(concat!(
            r"(?i)\b(?P<num>one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|eighteen|twenty-four|thirty-six)",
            r"(?P<unit>\s?(?:percent|per cent)\b|[\s-](?:days?|weeks?|months?|years?)\b|[\s-](?:dollars?|pounds|euros?)\b)"
        )),
    }
});

/// All numbers of a text in reading order. Numbers inside words (`B2B`, `401k`), link addresses and citation marks
/// are not numbers.
pub fn quantities(text: &str) -> Vec<Quantity> {
    let mut found: Vec<Quantity> = Vec::new();
    if !text.bytes().any(|b| b.is_ascii_digit()) && !text.is_ascii() {
        return found;
    }
    let p = &*PATTERNS;
    let has_digit = text.bytes().any(|b| b.is_ascii_digit());
    if has_digit {
        for c in p.iso_date.captures_iter(text) {
            push_date(&mut found, &c, int(&c[1]), int(&c[2]), int(&c[3]));
        }
        for c in p.long_date.captures_iter(text) {
            push_date(&mut found, &c, int(&c[3]), month(&c[2]), int(&c[1]));
        }
        for c in p.us_date.captures_iter(text) {
            push_date(&mut found, &c, int(&c[3]), month(&c[1]), int(&c[2]));
        }
        let dates = found.len();
        for c in p.number.captures_iter(text) {
            let (Some(whole), Some(num)) = (c.get(0), c.name("num")) else {
                continue;
            };
            if found[..dates]
                .iter()
                .any(|d| whole.start() < d.end && d.start < whole.end())
                || inside_word(text, whole.start(), num.end(), whole.end())
            {
                continue;
            }
            // "401k" and "10m" are names; "$10k" is an amount
            let lettered = c
                .name("scale")
                .is_some_and(|s| s.as_str().trim().len() == 1);
            if lettered && c.name("cur").is_none() {
                continue;
            }
            if let Some(quantity) = read_number(&c, whole.start(), whole.end()) {
                found.push(quantity);
            }
        }
    }
    for c in p.words.captures_iter(text) {
        let (Some(whole), Some(unit)) = (c.get(0), c.name("unit")) else {
            continue;
        };
        if let Some(n) = word_number(&c["num"]) {
            let (unit, factor) = unit_of(unit.as_str());
            found.push(Quantity {
                unit,
                value: n * 10_000 * factor,
                start: whole.start(),
                end: whole.end(),
            });
        }
    }
    found.sort_by_key(|q| (q.start, q.end));
    found
}

fn read_number(c: &regex::Captures<'_>, start: usize, mut end: usize) -> Option<Quantity> {
    let digits = c["num"].replace(',', "");
    let mut value = crate::domain::facts::decimal_ten_thousandths(&digits)?;
    if let Some(scale) = c.name("scale") {
        value = value.checked_mul(match scale.as_str().trim().to_ascii_lowercase().as_str() {
            "k" | "thousand" => 1_000,
            "m" | "million" => 1_000_000,
            _ => 1_000_000_000,
        })?;
    }
    let (mut unit, mut factor) = (Unit::Count, 1);
    if let Some(mark) = c.name("unit") {
        (unit, factor) = unit_of(mark.as_str());
    }
    if c.name("cur").is_some() {
        // "$89 months" does not exist: what follows an amount is not its unit
        if unit != Unit::Money
            && let Some(mark) = c.name("unit")
        {
            end = mark.start();
        }
        unit = Unit::Money;
        factor = 1;
    } else if unit == Unit::Count && digits.len() == 4 && (19_000_000..=21_000_000).contains(&value)
    {
        return Some(Quantity {
            unit: Unit::Year,
            value: value / 10_000,
            start,
            end,
        });
    }
    let value = if factor == 0 {
        value / 100
    } else {
        value.checked_mul(factor)?
    };
    Some(Quantity {
        unit,
        value,
        start,
        end,
    })
}

/// The unit and what to multiply by; a factor of 0 divides by 100 (cents, basis points).
fn unit_of(mark: &str) -> (Unit, i64) {
    let mark = mark
        .trim_start_matches([' ', '-', '\n'])
        .to_ascii_lowercase();
    let last = mark.rsplit(' ').next().unwrap_or("");
    match last {
        "%" | "percent" | "cent" if !mark.starts_with("cents") && mark != "cent" => {
            (Unit::Percent, 1)
        }
        "point" | "points" if mark.starts_with("basis") => (Unit::Percent, 0),
        "point" | "points" => (Unit::Percent, 1),
        w if w.starts_with("day") => (Unit::Days, 1),
        w if w.starts_with("week") => (Unit::Weeks, 1),
        w if w.starts_with("mo") => (Unit::Months, 1),
        w if w.starts_with('y') => (Unit::Years, 1),
        "cent" | "cents" => (Unit::Money, 0),
        _ => (Unit::Money, 1),
    }
}

fn inside_word(text: &str, start: usize, num_end: usize, end: usize) -> bool {
    let before = text[..start].chars().next_back();
    let after = text[end..].chars().next();
    let glued_before = before
        .is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | '#' | '/' | '=' | '@'))
        || before == Some('[')
        || before == Some('.')
            && text[..start]
                .chars()
                .nth_back(1)
                .is_some_and(char::is_alphanumeric)
        || before == Some('-')
            && text[..start]
                .chars()
                .nth_back(1)
                .is_some_and(char::is_alphabetic);
    let glued_after = end == num_end
        && after.is_some_and(|c| c.is_alphabetic() || c == '_' || c == '/' || c == ':')
        && !text[end..].starts_with("th")
        && !text[end..].starts_with("st")
        && !text[end..].starts_with("nd")
        && !text[end..].starts_with("rd");
    glued_before || glued_after
}

fn push_date(found: &mut Vec<Quantity>, c: &regex::Captures<'_>, year: i32, month: u32, day: u32) {
    let Some(whole) = c.get(0) else { return };
    if found
        .iter()
        .any(|d| whole.start() < d.end && d.start < whole.end())
    {
        return;
    }
    if let Some(date) = NaiveDate::from_ymd_opt(year, month, day) {
        found.push(Quantity {
            unit: Unit::Date,
            value: days(date),
            start: whole.start(),
            end: whole.end(),
        });
    }
}

/// Days since 1970-01-01.
pub fn days(date: NaiveDate) -> i64 {
    date.signed_duration_since(NaiveDate::default()).num_days()
}

/// The first date a text holds, in any of the forms read here.
pub fn first_date(text: &str) -> Option<NaiveDate> {
    quantities(text)
        .into_iter()
        .find(|q| q.unit == Unit::Date)
        .and_then(|q| NaiveDate::default().checked_add_signed(chrono::TimeDelta::days(q.value)))
}

/// A whole number in digits or as a word, × 10,000.
pub fn count(text: &str) -> Option<i64> {
    text.parse::<i64>()
        .ok()
        .or_else(|| word_number(text))
        .and_then(|n| n.checked_mul(10_000))
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

fn word_number(word: &str) -> Option<i64> {
    Some(match word.to_ascii_lowercase().as_str() {
        "one" => 1,
        "two" => 2,
        "three" => 3,
        "four" => 4,
        "five" => 5,
        "six" => 6,
        "seven" => 7,
        "eight" => 8,
        "nine" => 9,
        "ten" => 10,
        "eleven" => 11,
        "twelve" => 12,
        "eighteen" => 18,
        "twenty" => 20,
        "twenty-four" => 24,
        "thirty-six" => 36,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(Unit, i64, &str)> {
        quantities(text)
            .into_iter()
            .map(|q| (q.unit, q.value, &text[q.start..q.end]))
            .collect()
    }

    #[test]
    fn money_rates_and_terms() {
        assert_eq!(
            read("$2,000 course: then 18 monthly payments of $107.69. 9.50% APR for 24 months."),
            [
                (Unit::Money, 20_000_000, "$2,000"),
                (Unit::Count, 180_000, "18"),
                (Unit::Money, 1_076_900, "$107.69"),
                (Unit::Percent, 95_000, "9.50%"),
                (Unit::Months, 240_000, "24 months"),
            ]
        );
        assert_eq!(
            read("Over 1.2 million customers, 50 basis points"),
            [
                (Unit::Count, 12_000_000_000, "1.2 million"),
                (Unit::Percent, 5_000, "50 basis points"),
            ]
        );
        assert_eq!(
            read("eight per cent over twelve months"),
            [
                (Unit::Percent, 80_000, "eight per cent"),
                (Unit::Months, 120_000, "twelve months"),
            ]
        );
    }

    #[test]
    fn dates_in_three_forms_are_one_day() {
        let day = days(NaiveDate::from_ymd_opt(2026, 12, 12).unwrap());
        for text in ["2026-12-12", "12 December 2026", "Dec. 12, 2026"] {
            assert_eq!(read(text), [(Unit::Date, day, text)]);
        }
        assert_eq!(read("since 1998"), [(Unit::Year, 1998, "1998")]);
    }

    #[test]
    fn numbers_inside_names_and_links_are_not_numbers() {
        assert_eq!(read("B2B 401k https://ex.co/a1 [2] ref-22 v1"), []);
    }
}
