//! Fractions: behind a whole number, alone, as one character, and in words behind digits.

use super::plain::GROUP_SPACE;
use regex::Regex;
use std::sync::LazyLock;

#[expect(
    clippy::expect_used,
    reason = "constant patterns, covered by every test of this folder"
)]
static HALF: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"\A(?i:\s+and\s+(?:(?:a|one)[\s-](?:(half)|(third)|(quarter))|three[\s-](quarters)))\b",
    )
    .expect("constant pattern")
});

/// Denominators that people write: `9 1/2`, `6 7/8`.
const DENOMINATORS: [i64; 10] = [2, 3, 4, 5, 6, 8, 10, 16, 32, 100];

/// The fraction behind a whole number: `9½`, `9 ½`, `9 1/2`, `9-1/2`, `9 and a half`.
pub(super) fn part(text: &str, at: usize, digits: &str) -> Option<(i64, usize)> {
    if !digits.bytes().all(|b| b.is_ascii_digit()) {
        // `½` begins a figure itself.
        let alone = digits.chars().next().and_then(vulgar)?;
        return Some((alone, at + of_one(&text[at..])));
    }
    let rest = &text[at..];
    let space = rest
        .chars()
        .next()
        .filter(|c| matches!(*c, ' ' | GROUP_SPACE | '-'));
    let from = at + space.map_or(0, char::len_utf8);
    if let Some(c) = text[from..].chars().next()
        && let Some(value) = vulgar(c)
    {
        return Some((value, from + c.len_utf8()));
    }
    if space.is_some()
        && let Some((value, end)) = ratio(text, from)
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
pub(super) fn fraction(text: &str, at: usize, run: usize) -> Option<(i64, usize)> {
    let (value, end) = ratio(text, at)?;
    if end <= run || text[..at].ends_with('/') {
        return None;
    }
    Some((value, end + of_one(&text[end..])))
}

/// Bytes of the words that say what a fraction is a part of: "½ of a per cent".
fn of_one(rest: &str) -> usize {
    [" of a", " of one", " of 1"]
        .iter()
        .find(|words| {
            rest.get(..words.len())
                .is_some_and(|head| head.eq_ignore_ascii_case(words))
        })
        .map_or(0, |words| words.len())
}

/// `1/2` or `1⁄2` at `at`: the value and where it ends.
fn ratio(text: &str, at: usize) -> Option<(i64, usize)> {
    let digits = |from: usize| from + text[from..].bytes().take_while(u8::is_ascii_digit).count();
    let over = digits(at);
    let sign = text[over..]
        .chars()
        .next()
        .filter(|c| matches!(c, '/' | '\u{2044}'))?;
    let from = over + sign.len_utf8();
    let end = digits(from);
    let (top, bottom): (i64, i64) = (text[at..over].parse().ok()?, text[from..end].parse().ok()?);
    let goes_on =
        text[end..].starts_with(|c: char| matches!(c, '/' | '\u{2044}') || c.is_alphabetic());
    (top > 0 && top < bottom && DENOMINATORS.contains(&bottom) && !goes_on)
        .then(|| (top * 10_000 / bottom, end))
}

/// The value of a fraction that is one character, in ten-thousandths.
pub(super) fn vulgar(c: char) -> Option<i64> {
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
