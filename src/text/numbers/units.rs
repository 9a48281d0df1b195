//! What stands before and behind a figure and says what it counts.

use super::Unit;
use super::figure::CountedUnit;
use regex::Regex;
use std::sync::LazyLock;

/// Codes of ISO 4217 that are read as money.
const CODES: &str = "USD|EUR|GBP|CHF|JPY|CAD|AUD|NZD|SEK|NOK|DKK|PLN|CZK|HUF|RON|BGN|ISK|TRY|RUB|UAH|INR|PKR|BDT|LKR|CNY|RMB|HKD|SGD|TWD|KRW|THB|MYR|IDR|PHP|VND|ILS|AED|SAR|QAR|KWD|BHD|OMR|JOD|TND|EGP|MAD|ZAR|NGN|KES|GHS|BRL|MXN|ARS|CLP|COP|PEN";
const SIGNS: &str = "$£€¥₹₩₽₺₪₫₴₦฿₱₡₲₵₸₼₾";
/// Words and signs of money behind a figure.
const NAMES: &str = "dollars?|bucks|pounds(?: sterling)?|quid|euros?|francs?|rupees?|yen|yuan|pesos?|kronor|kroner|krone|krona|zloty|dirhams?|kr|zł|Kč|Ft|lei";

struct UnitPatterns {
    before: Regex,
    percent: Regex,
    points: Regex,
    /// A share of a price: "half off", "a third off", "half price".
    off: Regex,
    grand: Regex,
    time: Regex,
    cents: Regex,
    money: Regex,
    scale: Regex,
    letter: Regex,
}

#[expect(
    clippy::expect_used,
    reason = "constant patterns, covered by every test of this folder"
)]
static PATTERNS: LazyLock<UnitPatterns> = LazyLock::new(|| {
    let new = |pattern: String| Regex::new(&pattern).expect("constant pattern");
    UnitPatterns {
        before: new(format!(
            r"(?i:(?:US|CA|AU|NZ|HK|[ACRS])?[{SIGNS}]|(?:^|[^\p{{L}}\d])(?:{CODES}|Rs\.?|kr\.?|Fr\.|zł))[ \u{{A0}}]?\z"
        )),
        percent: new(
            r"\A(?i:[ \u{A0}]?%(?:[ \u{A0}-]?(?:age[ -])?points?\b)?|[\s\u{A0}-]?(?:percentage[\s-]points?|per[\s\u{A0}-]?cent)\b|[\s\u{A0}-]?pct\b\.?|[ \u{A0}]?(?:pp|ppts?)\b)"
                .into(),
        ),
        points: new(r"\A(?i:[ \u{A0}]?[‰‱]|[\s\u{A0}-]?(?:basis[\s-]points?|bps?|per mille)\b)".into()),
        off: new(r"\A(?i:[\s-](?:off|price)\b)".into()),
        grand: new(r"\A(?i: grand\b)".into()),
        time: new(
            r"\A(?i:[\s\u{A0}-]?(?:(?:business|calendar|working|consecutive|full)[ \u{A0}-])?(days?|weeks?|fortnights?|months?|mths?|mos?|years?|yrs?)\b)"
                .into(),
        ),
        cents: new(r"\A(?i:[\s\u{A0}-]?(?:cents?|pence|penny|pennies)\b|[ \u{A0}]?¢|p\b)".into()),
        money: new(format!(
            r"\A(?:[\s\u{{A0}}-]?(?:(?i:{NAMES}|{CODES})\b)|[ \u{{A0}}]?[{SIGNS}])"
        )),
        scale: new(
            r"\A(?i:[\s\u{A0}-]?(?:(hundred)|(thousand)|(lakhs?|lacs?)|(million\b|mio\b\.?)|(crores?)|(billion\b|mrd\b\.?)|(trillion))(?:\b|\.?))"
                .into(),
        ),
        letter: new(r"\A(?i:[ \u{A0}]?(?:(k)|(mm|mn|m)|(bn|b)|(tn))\b)".into()),
    }
});

/// Longest sign of money before a figure, in bytes, with its space and the letter before it.
const BEFORE: usize = 12;

/// The money sign or code that ends at `start`: where it begins, and how its figures are read.
pub(super) fn currency_before(
    text: &str,
    start: usize,
    from: usize,
) -> Option<(usize, CountedUnit)> {
    let low = text
        .floor_char_boundary(start.saturating_sub(BEFORE))
        .max(from);
    let window = text.get(low..start)?;
    let hit = PATTERNS.before.find(window)?;
    let sign = hit.as_str();
    // A code is found with the character before it.
    let lead = sign
        .chars()
        .next()
        .filter(|c| !c.is_alphabetic() && !SIGNS.contains(*c))
        .map_or(0, char::len_utf8);
    Some((low + hit.start() + lead, places(sign)))
}

fn places(sign: &str) -> CountedUnit {
    let three = ["KWD", "BHD", "OMR", "JOD", "TND"]
        .iter()
        .any(|code| sign.to_ascii_uppercase().contains(code));
    if three {
        CountedUnit::ThreePlaces
    } else {
        CountedUnit::Money
    }
}

/// A unit behind a figure.
#[derive(Clone, Copy, Debug)]
pub(super) struct After {
    pub unit: Unit,
    /// The value is that many times over …
    pub times: i64,
    /// … and divided by this.
    pub by: i64,
    pub end: usize,
    pub three_places: bool,
}

impl After {
    pub fn counts(&self) -> CountedUnit {
        match self.unit {
            Unit::Money if self.three_places => CountedUnit::ThreePlaces,
            Unit::Money => CountedUnit::Money,
            Unit::Percent => CountedUnit::Percent,
            _ => CountedUnit::Other,
        }
    }
}

/// The unit that begins at `at`, which is the end of a figure.
pub(super) fn unit_after(text: &str, at: usize) -> Option<After> {
    let rest = &text[at..];
    let p = &*PATTERNS;
    let after = |unit, times, by, length: usize| After {
        unit,
        times,
        by,
        end: at + length,
        three_places: false,
    };
    if let Some(hit) = p.percent.find(rest) {
        return Some(after(Unit::Percent, 1, 1, hit.end()));
    }
    if let Some(hit) = p.points.find(rest) {
        let by = if hit.as_str().contains('‰')
            || hit.as_str().to_ascii_lowercase().ends_with("mille")
        {
            10
        } else {
            100
        };
        return Some(after(Unit::Percent, 1, by, hit.end()));
    }
    if let Some(hit) = p.time.captures(rest) {
        let word = hit[1].to_ascii_lowercase();
        let (unit, times) = match word.as_bytes() {
            [b'd', ..] => (Unit::Days, 1),
            [b'w', ..] => (Unit::Weeks, 1),
            [b'f', ..] => (Unit::Weeks, 2),
            [b'm', ..] => (Unit::Months, 1),
            _ => (Unit::Years, 1),
        };
        return Some(after(unit, times, 1, hit[0].len()));
    }
    if let Some(hit) = p.grand.find(rest) {
        return Some(after(Unit::Money, 1_000, 1, hit.end()));
    }
    if let Some(hit) = p.cents.find(rest) {
        return Some(after(Unit::Money, 1, 100, hit.end()));
    }
    let hit = p.money.find(rest)?;
    let length = hit.end();
    // `12 $20` are two figures: a sign right before a digit is that one's.
    let sign = hit.as_str().ends_with(|c| SIGNS.contains(c));
    if sign && rest[length..].starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    Some(After {
        three_places: places(hit.as_str()) == CountedUnit::ThreePlaces,
        ..after(Unit::Money, 1, 1, length)
    })
}

/// What a share of a price in words ("half off") is in per cent: where its words end.
pub(super) fn off_after(text: &str, at: usize) -> Option<After> {
    let hit = PATTERNS.off.find(&text[at..])?;
    Some(After {
        unit: Unit::Percent,
        times: 100,
        by: 1,
        end: at + hit.end(),
        three_places: false,
    })
}

/// A word behind a figure that makes it larger: what to multiply by, and where it ends.
pub(super) fn scale_after(text: &str, at: usize) -> Option<(i64, usize)> {
    const SCALES: [i64; 7] = [
        100,
        1_000,
        100_000,
        1_000_000,
        10_000_000,
        1_000_000_000,
        1_000_000_000_000,
    ];
    let hit = PATTERNS.scale.captures(&text[at..])?;
    let which = (1..=7).find(|i| hit.get(*i).is_some())?;
    Some((SCALES[which - 1], at + hit[0].len()))
}

/// The same as a letter (`$10k`), which is a scale of money only: `401k` and `10m` are names.
pub(super) fn letter_after(text: &str, at: usize) -> Option<(i64, usize)> {
    const SCALES: [i64; 4] = [1_000, 1_000_000, 1_000_000_000, 1_000_000_000_000];
    let hit = PATTERNS.letter.captures(&text[at..])?;
    let which = (1..=4).find(|i| hit.get(*i).is_some())?;
    Some((SCALES[which - 1], at + hit[0].len()))
}
