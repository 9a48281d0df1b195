//! Customers' own ids, as lists and tables carry them.

use super::ContactError;
use super::clean::{bare, seen, without_comment};

/// Longest id of a list, in characters.
const MOST: usize = 128;

/// Signs that ids hold besides letters and digits.
const SIGNS: &str = "-_.:/#|+=~{}";

/// Words that stand where somebody should be named, and name nobody.
const NOBODY: [&str; 24] = [
    "n/a",
    "na",
    "#n/a",
    "none",
    "null",
    "nil",
    "nan",
    "undefined",
    "unknown",
    "missing",
    "empty",
    "blank",
    "yes",
    "no",
    "true",
    "false",
    "id",
    "email",
    "e-mail",
    "mail",
    "phone",
    "address",
    "unsubscribed",
    "total",
];

/// The form in which ids are compared: without capitals, and without the `.0` and the quotes that spreadsheets and data
/// frames give them. Any text has one.
pub fn comparable_id(text: &str) -> String {
    let seen = seen(text).unwrap_or_else(|_| text.trim().to_owned());
    let text = seen.strip_prefix("=\"").unwrap_or(&seen);
    let text = bare(text).to_lowercase();
    match text.split_once('.') {
        Some((whole, rest)) if all_digits(whole) && !rest.is_empty() && is_zeros(rest) => {
            whole.to_owned()
        }
        _ => text,
    }
}

/// Reads an id from a list, with a comment behind it.
///
/// # Errors
/// It can be no id: it is empty, of several words, or stands for nobody.
pub fn id_in_list(text: &str) -> Result<String, ContactError> {
    let seen = seen(text)?;
    let id = comparable_id(without_comment(&seen));
    if is_nobody(&id) {
        return Err(ContactError::Empty);
    }
    let of_signs = id.chars().all(|c| c.is_alphanumeric() || SIGNS.contains(c));
    let is_tag = id.contains("{{") || id.contains("://") || id.starts_with('+');
    if !of_signs || is_tag || id.chars().count() > MOST || is_date(&id) || is_rounded(&id) {
        return Err(ContactError::NotAnId);
    }
    Ok(id)
}

/// Whether a cell names nobody: it is empty, or says so.
pub fn is_nobody(text: &str) -> bool {
    let text = text.trim();
    !text.chars().any(char::is_alphanumeric) || NOBODY.contains(&text.to_lowercase().as_str())
}

/// Whether it is a day, with or without a time, and so nobody's id or number.
pub fn is_date(text: &str) -> bool {
    let day = text
        .trim()
        .split([' ', 'T', 't'])
        .next()
        .unwrap_or_default();
    let Some(sign) = day.chars().find(|c| !c.is_ascii_digit()) else {
        return false;
    };
    let parts: Vec<&str> = day.split(sign).collect();
    let [first, second, third] = parts[..] else {
        return false;
    };
    let is_number = |part: &str, most: u32| {
        (1..=2).contains(&part.len()) && part.parse().is_ok_and(|n: u32| (1..=most).contains(&n))
    };
    let is_year =
        |part: &str| part.len() == 4 && (part.starts_with("19") || part.starts_with("20"));
    "-/.".contains(sign)
        && (is_year(first) && is_number(second, 12) && is_number(third, 31)
            || is_number(first, 31) && is_number(second, 31) && is_year(third))
}

/// Whether a spreadsheet has rounded it: `1.0234E+10`. Its last digits are lost.
fn is_rounded(text: &str) -> bool {
    text.split_once("e+").is_some_and(|(number, power)| {
        all_digits(&number.replace(['.', ','], "")) && all_digits(power)
    })
}

fn all_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

fn is_zeros(text: &str) -> bool {
    text.bytes().all(|b| b == b'0')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_the_same_however_a_table_writes_it() {
        for text in [
            "10234",
            "10234.0",
            " 10234.00 ",
            "\"10234\"",
            "'10234",
            "=\"10234\"",
            "\u{FEFF}10234",
        ] {
            assert_eq!(comparable_id(text), "10234", "{text:?}");
        }
        assert_eq!(comparable_id("C-Å1"), comparable_id("c-å1"));
        assert_ne!(comparable_id("20012345678"), comparable_id("10012345678"));
        assert_eq!(comparable_id("1.5"), "1.5");
    }

    #[test]
    fn what_names_nobody_is_no_id() {
        for text in [
            "C-1042",
            "10234.0",
            "amara",
            "c-1  # asked by phone",
            "{550e8400-e29b-41d4-a716-446655440000}",
        ] {
            assert!(id_in_list(text).is_ok(), "{text:?}");
        }
        for text in [
            "",
            "---",
            "n/a",
            "NULL",
            "two words",
            "???",
            "{{id}}",
            "*|ID|*",
            "https://x.example/1",
            "2026-11-29",
            "29.11.2026",
            "11/29/2026 10:00",
            "1.0234E+10",
            "email",
        ] {
            assert!(id_in_list(text).is_err(), "{text:?}");
        }
    }
}
