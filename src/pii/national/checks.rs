//! Check digits that several schemes share.

use super::token::NationalIdToken;
use chrono::NaiveDate;

/// The sum of digits times weights, from the first digit on.
pub(super) fn weighted(token: &NationalIdToken<'_>, weights: &[u32]) -> u32 {
    weights
        .iter()
        .enumerate()
        .map(|(at, weight)| token.digit(at) * weight)
        .sum()
}

/// All signs are the same.
pub(super) fn is_uniform(token: &NationalIdToken<'_>) -> bool {
    token.plain().iter().all(|b| *b == token.plain()[0])
}

/// Whether there is such a day in some century: 1800, 1900 or 2000.
pub(super) fn is_day(year: u64, month: u64, day: u64) -> bool {
    let (Ok(year), Ok(month), Ok(day)) = (
        i32::try_from(year),
        u32::try_from(month),
        u32::try_from(day),
    ) else {
        return false;
    };
    [1800, 1900, 2000]
        .iter()
        .any(|century| NaiveDate::from_ymd_opt(century + year, month, day).is_some())
}

/// ISO/IEC 7064, MOD 11,10: a pure system for digits with one check digit.
pub(super) fn mod_11_10(token: &NationalIdToken<'_>) -> bool {
    let mut product = 10;
    for at in 0..token.len() - 1 {
        let sum = (token.digit(at) + product) % 10;
        product = if sum == 0 { 20 } else { sum * 2 } % 11;
    }
    (11 - product) % 10 == token.digit(token.len() - 1)
}

/// Verhoeff's check over the dihedral group of order 10 (J. Verhoeff, Error Detecting Decimal Codes, 1969).
pub(super) fn verhoeff(token: &NationalIdToken<'_>) -> bool {
    const SHIFT: [u32; 10] = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];
    let times = |a: u32, b: u32| match (a < 5, b < 5) {
        (true, true) => (a + b) % 5,
        (true, false) => 5 + (a + b - 5) % 5,
        (false, true) => 5 + (a - b) % 5,
        (false, false) => (a + 5 - b) % 5,
    };
    let permuted = |mut digit: u32, place: usize| {
        for _ in 0..place % 8 {
            digit = SHIFT[digit as usize];
        }
        digit
    };
    (0..token.len()).fold(0, |check, place| {
        times(check, permuted(token.digit(token.len() - 1 - place), place))
    }) == 0
}

/// EAN-13 (GS1 General Specifications): weights 1 and 3.
pub(super) fn ean_13(token: &NationalIdToken<'_>) -> bool {
    weighted(token, &[1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1]).is_multiple_of(10)
}
