//! Figures in digits, with what stands before and behind them.

use super::figure::{self, Counts, Meaning};
use super::numerals::Numerals;
use super::plain::GROUP_SPACE;
use super::units::{self, After};
use super::{Quantity, UNREADABLE, Unit};
use regex::Regex;
use std::sync::LazyLock;

#[expect(
    clippy::expect_used,
    reason = "constant patterns, covered by every test of this folder"
)]
static LINK: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?i)(?:\b[a-z][a-z0-9+.-]{1,9}://|\bwww\.)[^\s<>"]+"#).expect("constant pattern")
});

#[expect(
    clippy::expect_used,
    reason = "constant patterns, covered by every test of this folder"
)]
static HALF: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\A(?i:\s+and\s+(?:(?:a|one)[\s-](?:(half)|(third)|(quarter))|three[\s-](quarters)))\b")
        .expect("constant pattern")
});

/// Denominators that people write: `9 1/2`, `6 7/8`.
const DENOMINATORS: [i64; 10] = [2, 3, 4, 5, 6, 8, 10, 16, 32, 100];

/// A figure as found, before ranges share their units.
struct Found {
    quantity: Quantity,
    /// What a word behind it multiplied it by.
    scale: i64,
    /// Has a unit of its own.
    marked: bool,
}

struct Lexer<'t> {
    text: &'t str,
    numerals: Numerals,
    /// Ranges that hold no figures: dates and links.
    skipped: Vec<(usize, usize)>,
    /// Where the last figure with its unit ended.
    taken: usize,
}

/// The figures of a text in its plain spelling, in reading order.
pub(super) fn figures(text: &str, numerals: Numerals, dates: &[Quantity]) -> Vec<Quantity> {
    let mut skipped: Vec<(usize, usize)> = dates.iter().map(|d| (d.start, d.end)).collect();
    skipped.extend(LINK.find_iter(text).map(|l| (l.start(), l.end())));
    skipped.sort_unstable();
    let mut lexer = Lexer {
        text,
        numerals,
        skipped,
        taken: 0,
    };
    let mut found: Vec<Found> = Vec::new();
    let mut at = 0;
    let mut skip = 0;
    while let Some(step) = text[at..].find(|c: char| c.is_ascii_digit() || vulgar(c).is_some()) {
        at += step;
        while lexer.skipped.get(skip).is_some_and(|(_, end)| *end <= at) {
            skip += 1;
        }
        if let Some((start, end)) = lexer.skipped.get(skip)
            && *start <= at
        {
            at = *end;
            continue;
        }
        at = lexer.one(at, &mut found);
    }
    share_units(text, &mut found);
    found.into_iter().map(|f| f.quantity).collect()
}

impl Lexer<'_> {
    /// Reads the figure at `at`, and says where to go on.
    fn one(&mut self, at: usize, found: &mut Vec<Found>) -> usize {
        let text = self.text;
        if let Some(end) = self.clock(at) {
            return end;
        }
        // `.5%` and `$.50`
        let point = text[..at].ends_with('.')
            && at > self.taken
            && !text[..at - 1].ends_with(|c: char| c.is_alphanumeric() || c == '.');
        let first = if point { at - 1 } else { at };
        let (start, before) = match units::currency_before(text, first, self.taken) {
            Some((start, counts)) => (start, Some(counts)),
            None => (first, None),
        };
        let run = self.run(at, before.is_some());
        let digits = &text[at..run];
        let mut end = run;
        let mut added = 0;
        let mut share = None;
        if let Some((part, after)) = self.part(run, digits) {
            (added, end) = (part, after);
        } else if let Some((value, after)) = self.fraction(at, run) {
            (share, end) = (Some(value), after);
        }
        let raised_from = end;
        end += text[end..]
            .chars()
            .take_while(|c| is_raised(*c))
            .map(char::len_utf8)
            .sum::<usize>();
        let raised = &text[raised_from..end];
        let figure_end = raised_from;
        let (mut scale, mut scaled_end) = (1, figure_end);
        if let Some((by, after)) = units::scale_after(text, end) {
            (scale, scaled_end) = (by, after);
        } else if let Some((by, after)) = units::letter_after(text, end)
            && (before.is_some() || money_behind(text, after))
        {
            (scale, scaled_end) = (by, after);
        }
        let unit_at = if scale > 1 { scaled_end } else { end };
        let bracketed = text[..start].ends_with('(') && text[unit_at..].starts_with(')');
        let after = units::unit_after(text, unit_at)
            .or_else(|| {
                bracketed
                    .then(|| units::unit_after(text, unit_at + 1))
                    .flatten()
            })
            // "50p" is money, "720p" is not.
            .filter(|u| text[unit_at..u.end] != *"p" || digits.len() < 3);
        let counts = before.unwrap_or_else(|| after.map_or(Counts::Other, |u| u.counts()));
        let marked = matches!(counts, Counts::Money | Counts::ThreePlaces | Counts::Percent);
        // A fraction alone, `½` or `1/2`, is a number only with its unit.
        let share_alone = share.is_some() || digits.chars().all(|c| vulgar(c).is_some());
        if share_alone && after.is_none() && before.is_none()
            || !marked && self.is_name(start, scaled_end, after, bracketed, digits)
        {
            return run.max(at + 1);
        }
        let meaning = match share {
            Some(value) => Meaning::One(value),
            None if share_alone => Meaning::One(0),
            None if point => figure::decimals(digits),
            None => figure::read(digits, self.numerals, counts),
        };
        if meaning == Meaning::None && !marked {
            return self.list(at, run, after, found);
        }
        let end = after.map_or(scaled_end, |u| u.end);
        self.push(start, end, digits, meaning, added, scale, before, after, raised, found);
        self.taken = found.last().map_or(end, |f| f.quantity.end).max(run);
        self.taken
    }

    fn push(
        &self,
        start: usize,
        end: usize,
        digits: &str,
        meaning: Meaning,
        added: i64,
        scale: i64,
        before: Option<Counts>,
        after: Option<After>,
        raised: &str,
        found: &mut Vec<Found>,
    ) {
        let (mut unit, mut times, mut by) = after.map_or((Unit::Count, 1, 1), |u| (u.unit, u.times, u.by));
        let mut end = end;
        if before.is_some() {
            // `$89 months` does not exist: what follows an amount is not its unit.
            if unit != Unit::Money {
                end = after.map_or(end, |_| end_without_unit(self.text, start, digits, scale, end));
            }
            (unit, times, by) = (Unit::Money, 1, 1);
        }
        let worth = |value: i64| -> i64 {
            value
                .checked_add(added)
                .and_then(|v| v.checked_mul(scale))
                .and_then(|v| v.checked_mul(times))
                .map_or(UNREADABLE, |v| v / by)
        };
        let (value, mut also) = match meaning {
            Meaning::One(value) => (worth(value), None),
            Meaning::Two(one, two) => (worth(one), Some(worth(two))),
            Meaning::None => (UNREADABLE, None),
        };
        // `$9⁹⁹`: two small digits are cents as well as they are a note.
        if let (Unit::Money, None, Some(cents)) = (unit, also, cents(raised))
            && digits.bytes().all(|b| b.is_ascii_digit())
            && scale == 1
        {
            also = value.checked_add(cents * 100);
        }
        let whole = digits.len() == 4 && digits.bytes().all(|b| b.is_ascii_digit());
        let is_year = unit == Unit::Count
            && whole
            && scale == 1
            && added == 0
            && (19_000_000..=21_000_000).contains(&value);
        let mut quantity = Quantity::new(unit, value, start, end);
        quantity.also = also;
        if is_year {
            quantity.unit = Unit::Year;
            quantity.value /= 10_000;
        }
        found.push(Found {
            quantity,
            scale,
            marked: unit != Unit::Count || is_year,
        });
    }

    /// Where the digits with the signs between them end.
    fn run(&self, at: usize, is_money: bool) -> usize {
        let text = self.text;
        let digits = |from: usize| from + text[from..].bytes().take_while(u8::is_ascii_digit).count();
        if text[at..].chars().next().is_some_and(|c| vulgar(c).is_some()) {
            return at + text[at..].chars().next().map_or(1, char::len_utf8);
        }
        let mut end = digits(at);
        loop {
            let Some(sign) = text[end..].chars().next() else {
                return end;
            };
            let next = end + sign.len_utf8();
            let stop = digits(next);
            if stop == next {
                return end;
            }
            let joins = match sign {
                '.' | ',' | '\'' | '٫' | '٬' | '·' => true,
                ' ' | GROUP_SPACE => {
                    let three = stop - next == 3;
                    let head = text[at..end].split([' ', GROUP_SPACE]).next().map_or(0, str::len);
                    let grouped = (1..=3).contains(&head)
                        && text[at..end].bytes().all(|b| b.is_ascii_digit() || !b.is_ascii() || b == b' ');
                    // A plain space parts words as well: it needs money around it, or a place that writes so.
                    three
                        && grouped
                        && !text[stop..].starts_with(|c: char| c.is_alphanumeric())
                        && (sign == GROUP_SPACE
                            || is_money
                            || self.numerals == Numerals::Comma
                            || money_behind(text, self.decimals(stop)))
                }
                _ => false,
            };
            if !joins {
                return end;
            }
            end = stop;
        }
    }

    /// Behind decimals that may follow at `at`.
    fn decimals(&self, at: usize) -> usize {
        let rest = &self.text[at..];
        match rest.strip_prefix([',', '.']) {
            Some(more) => {
                let digits = more.bytes().take_while(u8::is_ascii_digit).count();
                if digits > 0 { at + 1 + digits } else { at }
            }
            None => at,
        }
    }

    /// The fraction behind a whole number: `9½`, `9 ½`, `9 1/2`, `9-1/2`, `9 and a half`.
    fn part(&self, at: usize, digits: &str) -> Option<(i64, usize)> {
        if !digits.bytes().all(|b| b.is_ascii_digit()) {
            // `½` begins a figure itself.
            let alone = digits.chars().next().and_then(vulgar)?;
            return Some((alone, at));
        }
        let rest = &self.text[at..];
        let space = rest.chars().next().filter(|c| matches!(*c, ' ' | GROUP_SPACE | '-'));
        let from = at + space.map_or(0, char::len_utf8);
        if let Some(c) = self.text[from..].chars().next()
            && let Some(value) = vulgar(c)
        {
            return Some((value, from + c.len_utf8()));
        }
        if space.is_some()
            && let Some((value, end)) = ratio(self.text, from)
        {
            return Some((value, end));
        }
        let hit = HALF.captures(rest)?;
        let value = match (hit.get(1), hit.get(2), hit.get(3)) {
            (Some(_), ..) => 5_000,
            (_, Some(_), _) => 3_333,
            (_, _, Some(_)) => 2_500,
            _ => 7_500,
        };
        Some((value, at + hit[0].len()))
    }

    /// A fraction that is the figure: `1/2`, `3⁄4`, and the words of what it is a part of ("1/2 of 1").
    fn fraction(&self, at: usize, run: usize) -> Option<(i64, usize)> {
        let (value, end) = ratio(self.text, at)?;
        if end <= run || self.text[..at].ends_with('/') {
            return None;
        }
        let rest = &self.text[end..];
        let of = [" of a", " of one", " of 1"]
            .iter()
            .find(|words| rest.len() >= words.len() && rest.is_char_boundary(words.len()) && rest[..words.len()].eq_ignore_ascii_case(words));
        Some((value, end + of.map_or(0, |words| words.len())))
    }

    /// `10:30`: a time of day, whole.
    fn clock(&self, at: usize) -> Option<usize> {
        let rest = self.text[at..].as_bytes();
        let digits = rest.iter().take_while(|b| b.is_ascii_digit()).count();
        let minutes = |from: usize| {
            rest.get(from) == Some(&b':')
                && rest.get(from + 1).is_some_and(u8::is_ascii_digit)
                && rest.get(from + 2).is_some_and(u8::is_ascii_digit)
                && !rest.get(from + 3).is_some_and(u8::is_ascii_digit)
        };
        if digits > 2 || !minutes(digits) || self.text[..at].ends_with(['$', '£', '€']) {
            return None;
        }
        let end = digits + 3;
        Some(at + if minutes(end) { end + 3 } else { end })
    }

    /// Figures inside words (`B2B`, `401k`), links, paths, citation and footnote marks count nothing.
    fn is_name(
        &self,
        start: usize,
        end: usize,
        after: Option<After>,
        bracketed: bool,
        digits: &str,
    ) -> bool {
        let mut behind = self.text[..start].chars().rev();
        let (before, second) = (behind.next(), behind.next());
        // "price(1)": a note.
        if bracketed && after.is_none() && digits.len() <= 2 {
            return second.is_some_and(|c| !c.is_whitespace());
        }
        if before.is_some_and(|c| matches!(c, '_' | '#' | '/' | '=' | '@' | '[')) {
            return true;
        }
        if after.is_some() {
            return false;
        }
        let next = self.text[end..].chars().next();
        let glued_before = before.is_some_and(char::is_alphanumeric)
            || before == Some('.') && second.is_some_and(char::is_alphanumeric)
            || before == Some('-') && second.is_some_and(char::is_alphabetic);
        let ordinal = ["th", "st", "nd", "rd"]
            .iter()
            .any(|ending| self.text[end..].starts_with(ending));
        let glued_after = next.is_some_and(|c| c.is_alphabetic() || matches!(c, '_' | '/' | ':')) && !ordinal;
        glued_before || glued_after
    }

    /// Figures that only commas part, `12,24,36 months`: one each, the unit is everyone's. Anything else is a name.
    fn list(
        &mut self,
        at: usize,
        run: usize,
        after: Option<After>,
        found: &mut Vec<Found>,
    ) -> usize {
        let digits = &self.text[at..run];
        if !digits.bytes().all(|b| b.is_ascii_digit() || b == b',') {
            return run;
        }
        let mut from = at;
        for part in digits.split(',') {
            let stop = from + part.len();
            let meaning = figure::read(part, self.numerals, Counts::Other);
            if meaning != Meaning::None {
                let end = if stop == run { after.map_or(stop, |u| u.end) } else { stop };
                self.push(from, end, part, meaning, 0, 1, None, after, "", found);
            }
            from = stop + 1;
        }
        self.taken = after.map_or(run, |u| u.end);
        self.taken
    }
}

/// The end of an amount whose following word is not its unit.
fn end_without_unit(text: &str, start: usize, digits: &str, scale: i64, end: usize) -> usize {
    let Some(at) = text[start..end].find(digits).map(|i| start + i + digits.len()) else {
        return end;
    };
    if scale == 1 {
        return at;
    }
    units::scale_after(text, at)
        .or_else(|| units::letter_after(text, at))
        .map_or(at, |(_, after)| after)
}

fn money_behind(text: &str, at: usize) -> bool {
    units::unit_after(text, at).is_some_and(|u| matches!(u.unit, Unit::Money | Unit::Percent))
}

/// `1/2` or `1⁄2` at `at`: the value and where it ends.
fn ratio(text: &str, at: usize) -> Option<(i64, usize)> {
    let digits = |from: usize| from + text[from..].bytes().take_while(u8::is_ascii_digit).count();
    let over = digits(at);
    let sign = text[over..].chars().next().filter(|c| matches!(c, '/' | '\u{2044}'))?;
    let from = over + sign.len_utf8();
    let end = digits(from);
    let (top, bottom): (i64, i64) = (text[at..over].parse().ok()?, text[from..end].parse().ok()?);
    let goes_on = text[end..].starts_with(|c: char| matches!(c, '/' | '\u{2044}') || c.is_alphabetic());
    (top > 0 && top < bottom && DENOMINATORS.contains(&bottom) && !goes_on)
        .then(|| (top * 10_000 / bottom, end))
}

/// The value of a fraction that is one character, in ten-thousandths.
fn vulgar(c: char) -> Option<i64> {
    Some(match c {
        '¼' => 2_500,
        '½' => 5_000,
        '¾' => 7_500,
        '⅐' => 1_428,
        '⅑' => 1_111,
        '⅒' => 1_000,
        '⅓' => 3_333,
        '⅔' => 6_666,
        '⅕' => 2_000,
        '⅖' => 4_000,
        '⅗' => 6_000,
        '⅘' => 8_000,
        '⅙' => 1_666,
        '⅚' => 8_333,
        '⅛' => 1_250,
        '⅜' => 3_750,
        '⅝' => 6_250,
        '⅞' => 8_750,
        _ => return None,
    })
}

/// Marks of notes that stand raised behind a figure and are no part of it.
fn is_raised(c: char) -> bool {
    raised_digit(c).is_some() || matches!(c, '*' | '†' | '‡' | '§' | '¶' | 'ª' | 'º' | '⁺' | '⁎')
}

fn raised_digit(c: char) -> Option<i64> {
    Some(match c {
        '⁰' => 0,
        '¹' => 1,
        '²' => 2,
        '³' => 3,
        '⁴'..='⁹' => i64::from(u32::from(c) - 0x2070),
        _ => return None,
    })
}

/// Two raised digits as hundredths.
fn cents(raised: &str) -> Option<i64> {
    let digits: Vec<i64> = raised.chars().map(raised_digit).collect::<Option<_>>()?;
    match digits.as_slice() {
        [tens, ones] => Some(tens * 10 + ones),
        _ => None,
    }
}

/// In a range or a choice the unit is said once: `5–7 %`, `from 5 to 7 percent`, `$5-7`, `12 or 24 months`, `€1–2 million`.
fn share_units(text: &str, found: &mut [Found]) {
    for at in (1..found.len()).rev() {
        let (head, tail) = found.split_at_mut(at);
        let (Some(first), Some(second)) = (head.last_mut(), tail.first()) else {
            continue;
        };
        if first.marked || !second.marked || !is_range(text, &first.quantity, &second.quantity) {
            continue;
        }
        if !matches!(second.quantity.unit, Unit::Date | Unit::Year) {
            let (times, by) = ratio_of(text, &second.quantity);
            first.quantity.unit = second.quantity.unit;
            let factor = if first.scale == 1 { second.scale } else { 1 };
            first.quantity.value = first
                .quantity
                .value
                .checked_mul(factor * times)
                .map_or(UNREADABLE, |v| v / by);
            first.marked = true;
        }
    }
    for at in 1..found.len() {
        let (head, tail) = found.split_at_mut(at);
        let (Some(first), Some(second)) = (head.last(), tail.first_mut()) else {
            continue;
        };
        if first.quantity.unit == Unit::Money
            && second.quantity.unit == Unit::Count
            && is_range(text, &first.quantity, &second.quantity)
        {
            second.quantity.unit = Unit::Money;
            second.marked = true;
        }
    }
}

/// What the unit behind a figure multiplies and divides by (basis points, fortnights).
fn ratio_of(text: &str, quantity: &Quantity) -> (i64, i64) {
    let figure = &text[quantity.start..quantity.end];
    let last = figure
        .rfind(|c: char| c.is_ascii_digit() || vulgar(c).is_some())
        .map_or(0, |i| i + figure[i..].chars().next().map_or(1, char::len_utf8));
    units::unit_after(figure, last).map_or((1, 1), |u| (u.times, u.by))
}

fn is_range(text: &str, first: &Quantity, second: &Quantity) -> bool {
    let Some(between) = text.get(first.end..second.start) else {
        return false;
    };
    if between.len() > 12 {
        return false;
    }
    let words = between.trim();
    matches!(words, "-" | "–" | "to" | "or" | "bis" | "…" | "..")
        || words == "and"
            && text[text.floor_char_boundary(first.start.saturating_sub(10))..first.start]
                .trim_end()
                .to_ascii_lowercase()
                .ends_with("between")
}
