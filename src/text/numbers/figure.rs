//! One figure in digits: where its thousands and its decimals are.

use super::numerals::Numerals;
use super::plain::GROUP_SPACE;

/// What a figure in digits can mean, in ten-thousandths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FigureReading {
    One(i64),
    /// It can be read in two ways.
    Two(i64, i64),
    /// The signs between its digits fit no way of writing.
    None,
}

/// What the figure counts: prices have no third decimal, rates may have one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum CountedUnit {
    Money,
    /// Money of a currency with three decimals (Kuwait, Bahrain, Oman, Jordan, Tunisia).
    ThreePlaces,
    Percent,
    Other,
}

/// Signs that only ever part thousands.
fn is_group_sign(c: char) -> bool {
    matches!(c, '\'' | '٬' | ' ' | GROUP_SPACE)
}

/// Signs that only ever part decimals.
fn is_decimal_sign(c: char) -> bool {
    matches!(c, '٫' | '·')
}

/// Reads digits with signs between them: it begins and ends with a digit.
pub(super) fn read(run: &str, numerals: Numerals, counts: CountedUnit) -> FigureReading {
    let signs: Vec<(usize, char)> = run
        .char_indices()
        .filter(|(_, c)| !c.is_ascii_digit())
        .collect();
    let decimals_at = match decimal_sign(run, &signs, numerals, counts) {
        Ok(at) => at,
        Err(Unclear::Both) => {
            let (Some(whole), Some(parted)) = (value(run, None), value(run, Some(signs[0].0)))
            else {
                return FigureReading::None;
            };
            return FigureReading::Two(whole, parted);
        }
        Err(Unclear::Neither) => return FigureReading::None,
    };
    value(run, decimals_at).map_or(FigureReading::None, FigureReading::One)
}

/// Digits behind a point that nothing stands before.
pub(super) fn decimals(digits: &str) -> FigureReading {
    crate::domain::facts::decimal_ten_thousandths(&format!("0.{digits}"))
        .map_or(FigureReading::None, FigureReading::One)
}

enum Unclear {
    Both,
    Neither,
}

/// The byte of the sign before the decimals, none if all signs part thousands.
fn decimal_sign(
    run: &str,
    signs: &[(usize, char)],
    numerals: Numerals,
    counts: CountedUnit,
) -> Result<Option<usize>, Unclear> {
    let Some((at, last)) = signs.last().copied() else {
        return Ok(None);
    };
    let before = &signs[..signs.len() - 1];
    let once = before.iter().all(|(_, c)| *c != last);
    let grouped = |end: usize| has_groups(&run[..end]);
    if is_decimal_sign(last) {
        return if once && grouped(at) {
            Ok(Some(at))
        } else {
            Err(Unclear::Neither)
        };
    }
    if is_group_sign(last) || !once {
        return if grouped(run.len()) {
            Ok(None)
        } else {
            Err(Unclear::Neither)
        };
    }
    if !before.is_empty() {
        // Another sign parts the thousands, so this one parts the decimals: `1.234,5`, `5 000,50`.
        return if grouped(at) {
            Ok(Some(at))
        } else {
            Err(Unclear::Neither)
        };
    }
    let three = run.len() - at - last.len_utf8() == 3;
    if !three || at > 3 || run.starts_with('0') {
        return Ok(Some(at));
    }
    let thousands = Ok(None);
    let decimals = Ok(Some(at));
    let both = Err(Unclear::Both);
    match (counts, last, numerals) {
        (CountedUnit::ThreePlaces, ..) => both,
        (_, ',', Numerals::Point) => thousands,
        (CountedUnit::Percent, ',', _) => both,
        (_, ',', _) => thousands,
        (_, _, Numerals::Point) => decimals,
        (CountedUnit::Money, _, Numerals::Comma) => thousands,
        (CountedUnit::Percent, _, Numerals::Unknown) => decimals,
        _ => both,
    }
}

/// Whether the digits stand in groups: of three, or as in India two and at last three.
fn has_groups(whole: &str) -> bool {
    let groups: Vec<&str> = whole.split(|c: char| !c.is_ascii_digit()).collect();
    let (first, rest) = (groups[0], &groups[1..]);
    let Some((last, middle)) = rest.split_last() else {
        return true;
    };
    let one_sign = whole
        .chars()
        .filter(|c| !c.is_ascii_digit())
        .collect::<std::collections::BTreeSet<_>>()
        .len()
        == 1;
    let western = first.len() <= 3 && rest.iter().all(|g| g.len() == 3);
    let indian = first.len() <= 2
        && !middle.is_empty()
        && middle.iter().all(|g| g.len() == 2)
        && last.len() == 3
        && whole.contains(',');
    one_sign && (western || indian)
}

/// The digits as ten-thousandths; decimals behind `at`. Digits past the fourth place are cut off.
fn value(run: &str, at: Option<usize>) -> Option<i64> {
    let (whole, fraction) = match at {
        Some(at) => (&run[..at], &run[at..]),
        None => (run, ""),
    };
    let digits = |text: &str| -> String { text.chars().filter(char::is_ascii_digit).collect() };
    crate::domain::facts::decimal_ten_thousandths(&format!(
        "{}.{}",
        digits(whole),
        digits(fraction)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_and_decimals_of_all_places() {
        use CountedUnit::{Money, Other, Percent};
        use FigureReading::{None, One, Two};
        use Numerals::{Comma, Point, Unknown};
        let e4 = 10_000;
        for (run, numerals, counts, meaning) in [
            ("2,000", Point, Money, One(2_000 * e4)),
            ("1,234.56", Unknown, Money, One(12_345_600)),
            ("1.234,56", Point, Money, One(12_345_600)),
            ("1.234.567", Point, Money, One(1_234_567 * e4)),
            ("5,00,000", Point, Money, One(500_000 * e4)),
            ("1,23,45,678.50", Point, Money, One(123_456_785_000)),
            ("2'000.00", Unknown, Money, One(2_000 * e4)),
            ("5\u{A0}000,50", Comma, Money, One(50_005_000)),
            ("5.000", Comma, Money, One(5_000 * e4)),
            ("5.000", Point, Money, One(5 * e4)),
            ("5.000", Unknown, Money, Two(5_000 * e4, 5 * e4)),
            ("5,000", Comma, Money, One(5_000 * e4)),
            ("9,5", Comma, Percent, One(95_000)),
            ("9,5", Point, Percent, One(95_000)),
            ("6.875", Point, Percent, One(68_750)),
            ("6.875", Comma, Percent, Two(6_875 * e4, 68_750)),
            ("1,000", Unknown, Percent, Two(1_000 * e4, e4)),
            ("0.125", Comma, Percent, One(1_250)),
            ("9٫5", Point, Percent, One(95_000)),
            ("1٬234٫5", Point, Other, One(12_345_000)),
            ("1.2.3", Point, Other, None),
            ("1,2,3", Point, Other, None),
            ("1.23,4.5", Point, Other, None),
            ("99999999999999999999", Point, Other, None),
        ] {
            assert_eq!(read(run, numerals, counts), meaning, "{run}");
        }
    }
}
