//! Figures in digits, with what stands before and behind them.

use super::figure::{self, CountedUnit, FigureReading};
use super::fraction::{self, vulgar};
use super::notes;
use super::numerals::Numerals;
use super::plain::GROUP_SPACE;
use super::ranges::{self, FoundFigure};
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

/// Bytes of a figure behind which no further group is looked for: keeps hostile input linear.
const LONGEST_GROUPED: usize = 48;

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
    let mut found: Vec<FoundFigure> = Vec::new();
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
    ranges::share_units(text, &mut found);
    found.into_iter().map(|f| f.quantity).collect()
}

impl Lexer<'_> {
    /// Reads the figure at `at`, and says where to go on.
    fn one(&mut self, at: usize, found: &mut Vec<FoundFigure>) -> usize {
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
        if let Some((part, after)) = fraction::part(text, run, digits) {
            (added, end) = (part, after);
        } else if let Some((value, after)) = fraction::fraction(text, at, run) {
            (share, end) = (Some(value), after);
        }
        // `49,– €`: no cents.
        end += no_cents(&text[end..]);
        let raised_from = end;
        end += notes::raised_run(&text[end..]);
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
        let counts = before.unwrap_or_else(|| after.map_or(CountedUnit::Other, |u| u.counts()));
        let marked = matches!(
            counts,
            CountedUnit::Money | CountedUnit::ThreePlaces | CountedUnit::Percent
        );
        // A fraction alone, `½` or `1/2`, is a number only with its unit.
        let share_alone = share.is_some() || digits.chars().all(|c| vulgar(c).is_some());
        if share_alone && after.is_none() && before.is_none()
            || !marked && self.is_name(start, scaled_end, after, bracketed, digits)
        {
            return run.max(at + 1);
        }
        let meaning = match share {
            Some(value) => FigureReading::One(value),
            None if share_alone => FigureReading::One(0),
            None if point => figure::decimals(digits),
            None => figure::read(digits, self.numerals, counts),
        };
        if meaning == FigureReading::None && !marked {
            return self.list(at, run, after, found);
        }
        let end = after.map_or(scaled_end, |u| u.end);
        self.push(
            start, end, digits, meaning, added, scale, before, after, raised, found,
        );
        self.taken = found.last().map_or(end, |f| f.quantity.end).max(run);
        self.taken
    }

    fn push(
        &self,
        start: usize,
        end: usize,
        digits: &str,
        meaning: FigureReading,
        added: i64,
        scale: i64,
        before: Option<CountedUnit>,
        after: Option<After>,
        raised: &str,
        found: &mut Vec<FoundFigure>,
    ) {
        let (mut unit, mut times, mut by) =
            after.map_or((Unit::Count, 1, 1), |u| (u.unit, u.times, u.by));
        let mut end = end;
        if before.is_some() {
            // `$89 months` does not exist: what follows an amount is not its unit.
            if unit != Unit::Money {
                end = after.map_or(end, |_| {
                    end_without_unit(self.text, start, digits, scale, end)
                });
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
            FigureReading::One(value) => (worth(value), None),
            FigureReading::Two(one, two) => (worth(one), Some(worth(two))),
            FigureReading::None => (UNREADABLE, None),
        };
        // `$9⁹⁹`: two small digits are cents as well as they are a note.
        if let (Unit::Money, None, Some(cents)) = (unit, also, notes::cents(raised))
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
        found.push(FoundFigure {
            quantity,
            scale,
            marked: unit != Unit::Count || is_year,
        });
    }

    /// Where the digits with the signs between them end.
    fn run(&self, at: usize, is_money: bool) -> usize {
        let text = self.text;
        let digits =
            |from: usize| from + text[from..].bytes().take_while(u8::is_ascii_digit).count();
        if text[at..]
            .chars()
            .next()
            .is_some_and(|c| vulgar(c).is_some())
        {
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
                    let head = text[at..end]
                        .split([' ', GROUP_SPACE])
                        .next()
                        .map_or(0, str::len);
                    let grouped = (1..=3).contains(&head)
                        && text[at..end]
                            .bytes()
                            .all(|b| b.is_ascii_digit() || !b.is_ascii() || b == b' ');
                    // A plain space parts words as well: it needs money around it, or a place that writes so.
                    three
                        && end - at < LONGEST_GROUPED
                        && grouped
                        && !text[stop..].starts_with(|c: char| c.is_alphanumeric())
                        && (sign == GROUP_SPACE
                            // No number of its own begins with a nought.
                            || text[next..].starts_with('0')
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

    /// `10:30`: a time of day, whole.
    fn clock(&self, at: usize) -> Option<usize> {
        let rest = &self.text.as_bytes()[at..];
        let digits = rest.iter().take_while(|b| b.is_ascii_digit()).count();
        let minutes = |from: usize| {
            rest.get(from) == Some(&b':')
                && rest.get(from + 1).is_some_and(u8::is_ascii_digit)
                && rest.get(from + 2).is_some_and(u8::is_ascii_digit)
                && !rest.get(from + 3).is_some_and(u8::is_ascii_digit)
        };
        if digits > 2 || !minutes(digits) || self.text[..at].ends_with(['$', '£', '€', ':']) {
            return None;
        }
        let end = at + digits + 3;
        let end = if minutes(digits + 3) { end + 3 } else { end };
        // `1:30` alone may be a ratio: a time says so, or has two digits for its hour.
        let number = |from: usize, to: usize| self.text[from..to].parse::<u32>().unwrap_or(99);
        let fits = number(at, at + digits) <= 24 && number(at + digits + 1, at + digits + 3) < 60;
        let before = self.text[..at].trim_end_matches([' ', GROUP_SPACE]);
        let before = &before[before.floor_char_boundary(before.len().saturating_sub(8))..];
        let said = before
            .rsplit(|c: char| !c.is_alphanumeric())
            .next()
            .is_some_and(|word| {
                [
                    "at", "by", "until", "till", "from", "before", "after", "around", "to",
                ]
                .contains(&word.to_ascii_lowercase().as_str())
            });
        let behind = self.text[end..].trim_start_matches([' ', GROUP_SPACE]);
        let half = ["am", "pm", "a.m", "p.m", "h ", "uhr", "o'clock"]
            .iter()
            .any(|mark| {
                behind
                    .get(..mark.len())
                    .is_some_and(|head| head.eq_ignore_ascii_case(mark))
            });
        (fits && (digits == 2 || said || half)).then_some(end)
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
        // `4.5/5` is a grade, `24/7` a name.
        let graded = next == Some('/') && digits.contains(['.', ',']);
        let glued_after = !graded
            && next.is_some_and(|c| c.is_alphabetic() || matches!(c, '_' | '/' | ':'))
            && !ordinal;
        glued_before || glued_after
    }

    /// Figures that only commas part, `12,24,36 months`: one each, the unit is everyone's. Anything else is a name.
    fn list(
        &mut self,
        at: usize,
        run: usize,
        after: Option<After>,
        found: &mut Vec<FoundFigure>,
    ) -> usize {
        let digits = &self.text[at..run];
        if !digits.bytes().all(|b| b.is_ascii_digit() || b == b',') {
            return run;
        }
        let mut from = at;
        for part in digits.split(',') {
            let stop = from + part.len();
            let meaning = figure::read(part, self.numerals, CountedUnit::Other);
            if meaning != FigureReading::None {
                let end = if stop == run {
                    after.map_or(stop, |u| u.end)
                } else {
                    stop
                };
                self.push(from, end, part, meaning, 0, 1, None, after, "", found);
            }
            from = stop + 1;
        }
        self.taken = after.map_or(run, |u| u.end);
        self.taken
    }
}

/// Bytes of the dash that stands for no cents.
fn no_cents(rest: &str) -> usize {
    [",–", ".–", ",--", ",-", ".-"]
        .iter()
        .find(|mark| rest.starts_with(**mark))
        .filter(|mark| !rest[mark.len()..].starts_with(|c: char| c.is_alphanumeric()))
        .map_or(0, |mark| mark.len())
}

/// The end of an amount whose following word is not its unit.
fn end_without_unit(text: &str, start: usize, digits: &str, scale: i64, end: usize) -> usize {
    let Some(at) = text[start..end]
        .find(digits)
        .map(|i| start + i + digits.len())
    else {
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
