//! Numbers in text: money, percentages, durations, dates, counts, as integers.
//!
//! One reader for messages, facts, citations and documents. A figure that can be read in two ways is both (`also`); one
//! whose signs fit no way of writing is [`UNREADABLE`]: whoever compares takes the reading that counts less in favour.

mod dates;
mod figure;
mod fraction;
mod lexer;
mod notes;
mod numerals;
mod plain;
mod ranges;
mod units;
mod words;

pub use numerals::Numerals;

use chrono::NaiveDate;
use plain::Plain;
use serde::{Deserialize, Serialize};

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

/// The value of a figure that cannot be read (`$1.23.4`, more digits than money has). It equals nothing.
pub const UNREADABLE: i64 = i64::MIN;

/// A number found in a text. `start..end` are bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quantity {
    pub unit: Unit,
    pub value: i64,
    /// Another value that the same figure can have: `€5.000` to somebody whose place is not known.
    pub also: Option<i64>,
    /// Written in words.
    pub is_worded: bool,
    /// Struck out: said, and not in force.
    pub is_struck: bool,
    pub start: usize,
    pub end: usize,
}

impl Quantity {
    pub fn new(unit: Unit, value: i64, start: usize, end: usize) -> Self {
        Self {
            unit,
            value,
            also: None,
            is_worded: false,
            is_struck: false,
            start,
            end,
        }
    }

    /// Whether it has one value, and that one is in force: only then is anything computed from it.
    pub fn is_clear(&self) -> bool {
        self.also.is_none() && !self.is_struck && self.value != UNREADABLE
    }
}

/// All numbers of a text in reading order, wherever its reader lives.
pub fn quantities(text: &str) -> Vec<Quantity> {
    quantities_in(text, Numerals::Unknown)
}

/// All numbers of a text in reading order, as its reader writes them. Numbers inside words (`B2B`, `401k`), link
/// addresses, citation and footnote marks are not numbers.
pub fn quantities_in(text: &str, numerals: Numerals) -> Vec<Quantity> {
    let plain = Plain::of(text);
    let spelled = plain.mapped.text();
    let mut found = dates::dates(spelled);
    let figures = lexer::figures(spelled, numerals, &found);
    found.extend(figures);
    found.sort_by_key(|q| (q.start, q.end));
    let worded = worded(spelled, &found);
    found.extend(worded);
    found.sort_by_key(|q| (q.start, q.end));
    for quantity in &mut found {
        quantity.is_struck = plain.is_struck(quantity.start, quantity.end);
        (quantity.start, quantity.end) = plain.mapped.original(quantity.start, quantity.end);
    }
    found
}

/// Numbers in words, where no figure has taken the words.
fn worded(text: &str, taken: &[Quantity]) -> Vec<Quantity> {
    let mut next = 0;
    let mut found: Vec<Quantity> = Vec::new();
    let mut alone: Option<usize> = None;
    for word in words::worded(text) {
        while taken.get(next).is_some_and(|q| q.end <= word.start) {
            next += 1;
        }
        if taken.get(next).is_some_and(|q| q.start < word.end) {
            continue;
        }
        let after = units::unit_after(text, word.end).or_else(|| {
            word.is_share
                .then(|| units::off_after(text, word.end))
                .flatten()
        });
        if word.is_share && after.is_none() {
            continue;
        }
        let mut quantity = match after {
            None => Quantity::new(Unit::Count, word.value, word.start, word.end),
            Some(u) => Quantity::new(
                u.unit,
                word.value
                    .checked_mul(u.times)
                    .map_or(UNREADABLE, |v| v / u.by),
                word.start,
                u.end,
            ),
        };
        quantity.is_worded = true;
        // "five to seven percent"
        if let (Some(index), Some(unit)) = (alone.take(), after) {
            let first: &mut Quantity = &mut found[index];
            let between = text[first.end..quantity.start].trim();
            if matches!(between, "to" | "or" | "-" | "–") && quantity.start - first.end < 8 {
                first.unit = unit.unit;
                first.value = first
                    .value
                    .checked_mul(unit.times)
                    .map_or(UNREADABLE, |v| v / unit.by);
            }
        }
        if after.is_none() {
            alone = Some(found.len());
        }
        found.push(quantity);
    }
    found
}

/// Days since 1970-01-01.
pub fn days(date: NaiveDate) -> i64 {
    date.signed_duration_since(NaiveDate::default()).num_days()
}

/// The first date a text holds, in any of the forms read here.
pub fn first_date(text: &str) -> Option<NaiveDate> {
    let plain = Plain::of(text);
    let first = dates::dates(plain.mapped.text()).into_iter().next()?;
    NaiveDate::default().checked_add_signed(chrono::TimeDelta::days(first.value))
}

/// A whole number in digits or in words, × 10,000.
pub fn count(text: &str) -> Option<i64> {
    text.parse::<i64>()
        .ok()
        .or_else(|| words::whole(text))
        .and_then(|n| n.checked_mul(10_000))
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

    /// `unit value` of each number, in the place's way of writing.
    fn values(text: &str, numerals: Numerals) -> Vec<(Unit, i64)> {
        quantities_in(text, numerals)
            .into_iter()
            .map(|q| (q.unit, q.value))
            .collect()
    }

    #[test]
    fn figures_of_all_places_and_scripts() {
        use Numerals::{Comma, Point, Unknown};
        use Unit::{Count, Days, Money, Months, Percent, Weeks, Years};
        for (text, numerals, expected) in [
            ("9,5 %", Comma, vec![(Percent, 95_000)]),
            ("9,5\u{a0}%", Comma, vec![(Percent, 95_000)]),
            ("€5.000", Comma, vec![(Money, 50_000_000)]),
            ("1.234,56 €", Comma, vec![(Money, 12_345_600)]),
            ("€5\u{202f}000", Comma, vec![(Money, 50_000_000)]),
            ("5 000 €", Point, vec![(Money, 50_000_000)]),
            ("CHF 2’000.00", Unknown, vec![(Money, 20_000_000)]),
            ("2'000.00 CHF", Point, vec![(Money, 20_000_000)]),
            ("₹5,00,000", Point, vec![(Money, 5_000_000_000)]),
            (
                "Rs. 5 lakh or 2 crore rupees",
                Point,
                vec![(Money, 5_000_000_000), (Money, 200_000_000_000)],
            ),
            ("٩٫٥٪", Unknown, vec![(Percent, 95_000)]),
            ("९.५ %", Unknown, vec![(Percent, 95_000)]),
            ("９．５％", Unknown, vec![(Percent, 95_000)]),
            ("9½ %", Point, vec![(Percent, 95_000)]),
            ("9 1/2%", Point, vec![(Percent, 95_000)]),
            ("9-1/2 percent", Point, vec![(Percent, 95_000)]),
            ("9 1⁄2 %", Point, vec![(Percent, 95_000)]),
            ("½ %", Point, vec![(Percent, 5_000)]),
            ("3/4%", Point, vec![(Percent, 7_500)]),
            ("1/2 of 1%", Point, vec![(Percent, 5_000)]),
            ("2 and a half percent", Point, vec![(Percent, 25_000)]),
            (".5%", Point, vec![(Percent, 5_000)]),
            (
                "50 bps, 5 ‰, 3 pct, 7 per cent",
                Point,
                vec![
                    (Percent, 5_000),
                    (Percent, 5_000),
                    (Percent, 30_000),
                    (Percent, 70_000),
                ],
            ),
            (
                "$500¹ and $1,200² or $9*",
                Point,
                vec![(Money, 5_000_000), (Money, 12_000_000), (Money, 90_000)],
            ),
            (
                "9.5%¹ for 24 months²",
                Point,
                vec![(Percent, 95_000), (Months, 240_000)],
            ),
            ("9.5¹ %", Point, vec![(Percent, 95_000)]),
            ("5–7 %", Point, vec![(Percent, 50_000), (Percent, 70_000)]),
            (
                "from 5 to 7 percent",
                Point,
                vec![(Percent, 50_000), (Percent, 70_000)],
            ),
            (
                "between 5 and 7 percent",
                Point,
                vec![(Percent, 50_000), (Percent, 70_000)],
            ),
            (
                "$500-700",
                Point,
                vec![(Money, 5_000_000), (Money, 7_000_000)],
            ),
            (
                "12 or 24 months",
                Point,
                vec![(Months, 120_000), (Months, 240_000)],
            ),
            (
                "12,24,36 months",
                Point,
                vec![(Months, 120_000), (Months, 240_000), (Months, 360_000)],
            ),
            (
                "€1–2 million",
                Point,
                vec![(Money, 10_000), (Money, 20_000_000_000)],
            ),
            (
                "$10k, 10 m €, £3bn",
                Point,
                vec![
                    (Money, 100_000_000),
                    (Money, 100_000_000_000),
                    (Money, 30_000_000_000_000),
                ],
            ),
            (
                "50p or 25¢ or 10 cents",
                Point,
                vec![(Money, 5_000), (Money, 2_500), (Money, 1_000)],
            ),
            (
                "500 USD, USD 500, US$500, 500 dollars",
                Point,
                vec![(Money, 5_000_000); 4],
            ),
            (
                "APR9.5%Fee$3Term12 months",
                Point,
                vec![(Percent, 95_000), (Money, 30_000), (Months, 120_000)],
            ),
            (
                "five (5) business days, a fortnight is 2 weeks",
                Point,
                vec![(Count, 50_000), (Days, 50_000), (Weeks, 20_000)],
            ),
            ("at 10:30, 9:05 pm and 08:00:15", Point, vec![]),
            (
                "49,– € and 49,- EUR",
                Comma,
                vec![(Money, 490_000), (Money, 490_000)],
            ),
            ("rated 4.5/5", Point, vec![(Count, 45_000)]),
            ("1 000 people", Unknown, vec![(Count, 10_000_000)]),
            ("up 0.5pp", Point, vec![(Percent, 5_000)]),
            (
                "save ⁵⁰% or $⁹⁹, ¹ terms apply to m²",
                Point,
                vec![(Percent, 500_000), (Money, 990_000)],
            ),
            ("half a year", Point, vec![(Years, 5_000)]),
            (
                "I saw 5 people² at https://ex.co/5%/$7 (1) price(1) v1.2.3",
                Point,
                vec![(Count, 50_000), (Count, 10_000)],
            ),
        ] {
            assert_eq!(values(text, numerals), expected, "{text}");
        }
    }

    #[test]
    fn words_are_numbers_whatever_marks_stand_around_them() {
        for (text, expected) in [
            (
                "You’ll save twenty-five percent",
                vec![(Unit::Percent, 250_000)],
            ),
            (
                "Save five percent – today, José",
                vec![(Unit::Percent, 50_000)],
            ),
            (
                "two thousand dollars for sixty months",
                vec![(Unit::Money, 20_000_000), (Unit::Months, 600_000)],
            ),
            ("half a percent", vec![(Unit::Percent, 5_000)]),
            (
                "one hundred and five percent",
                vec![(Unit::Percent, 1_050_000)],
            ),
            (
                "five to seven percent",
                vec![(Unit::Percent, 50_000), (Unit::Percent, 70_000)],
            ),
            ("fifty basis points", vec![(Unit::Percent, 5_000)]),
            ("two thirds of us", vec![]),
            (
                "half off, half-price, a third off",
                vec![
                    (Unit::Percent, 500_000),
                    (Unit::Percent, 500_000),
                    (Unit::Percent, 333_300),
                ],
            ),
            ("twenty–five percent", vec![(Unit::Percent, 250_000)]),
            ("five grand", vec![(Unit::Money, 50_000_000)]),
        ] {
            assert_eq!(values(text, Numerals::Unknown), expected, "{text}");
        }
    }

    #[test]
    fn two_readings_none_and_struck_ones() {
        let one = |text: &str, numerals| quantities_in(text, numerals).remove(0);
        assert_eq!(one("€5.000", Numerals::Unknown).also, Some(50_000));
        assert_eq!(one("$9⁹⁹", Numerals::Point).also, Some(99_900));
        assert_eq!(one("$1.2.3", Numerals::Point).value, UNREADABLE);
        assert_eq!(
            one("$99999999999999999999", Numerals::Point).value,
            UNREADABLE
        );
        let struck =
            |text: &str| -> Vec<bool> { quantities(text).iter().map(|q| q.is_struck).collect() };
        assert_eq!(struck("Was ~~$9~~ now $7"), [true, false]);
        assert_eq!(struck("Was $\u{336}9\u{336} now $7"), [true, false]);
    }
}
