//! Raised and lowered text: footnote marks that never join a figure, and what is read on: ordinals, powers, fractions, cents.

/// How a text stands to its line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Raised {
    No,
    Up,
    Down,
    /// A link to a place on the page, which footnote marks are.
    Anchor,
}

/// A longer raised text is no mark, in bytes of the source.
pub const LONGEST: usize = 60;

/// What becomes of a raised text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RaisedText {
    /// It is read on as it stands.
    Plain,
    As(String),
}

/// How a raised text is written behind what stands already. `following` is the text that comes next.
pub fn written(
    text: &str,
    raised: Raised,
    before: &str,
    following: impl FnOnce() -> String,
) -> RaisedText {
    let trimmed = text.trim();
    let last = before.chars().next_back();
    let digits = !trimmed.is_empty() && trimmed.bytes().all(|b| b.is_ascii_digit());
    if raised == Raised::Anchor {
        let behind_text = last.is_some_and(|c| !c.is_whitespace());
        return if behind_text && digits && trimmed.len() <= 3 {
            RaisedText::As(small(trimmed, true))
        } else {
            RaisedText::Plain
        };
    }
    if digits {
        return RaisedText::As(number(trimmed, raised, before, last, following));
    }
    match trimmed {
        "TM" => return RaisedText::As("™".into()),
        "SM" => return RaisedText::As("℠".into()),
        "R" => return RaisedText::As("®".into()),
        _ => {}
    }
    let is_list = trimmed.chars().any(|c| c.is_ascii_digit())
        && trimmed.chars().all(|c| {
            c.is_ascii_digit()
                || matches!(c, ',' | ' ' | '(' | ')' | '[' | ']' | '*' | '-' | '–' | '.')
        });
    if is_list {
        // `1,2` and `(1)`.
        let shown: String = trimmed.chars().filter(|c| *c != ' ').collect();
        return RaisedText::As(small(&shown, raised != Raised::Down));
    }
    let behind_figure = last.is_some_and(|c| c.is_ascii_digit() || c == '%');
    let mut letters = trimmed.chars();
    let (first, second) = (letters.next(), letters.next());
    let letter = second.is_none() && first.is_some_and(|c| c.is_ascii_lowercase());
    if letter && behind_figure {
        return RaisedText::As(format!(" [{trimmed}]"));
    }
    let ordinal = matches!(
        trimmed.to_ascii_lowercase().as_str(),
        "st" | "nd" | "rd" | "th" | "er" | "e" | "o" | "a"
    );
    if behind_figure && !ordinal && first.is_some_and(char::is_alphabetic) && trimmed.contains(' ')
    {
        return RaisedText::As(format!(" {trimmed}"));
    }
    RaisedText::Plain
}

fn number(
    digits: &str,
    raised: Raised,
    before: &str,
    last: Option<char>,
    following: impl FnOnce() -> String,
) -> String {
    if matches!(last, Some('/' | '\u{2044}')) && raised == Raised::Down {
        return digits.to_owned();
    }
    if raised == Raised::Up {
        let next = following();
        if next.starts_with(['/', '\u{2044}']) {
            let apart = last.is_some_and(|c| c.is_ascii_digit());
            return format!("{}{digits}", if apart { " " } else { "" });
        }
        if digits.len() == 2 && is_whole_price(before) && is_cents(digits) {
            return format!(".{digits}");
        }
    }
    small(digits, raised == Raised::Up)
}

/// Two raised digits behind a whole price: cents, when no list of notes goes so far.
fn is_cents(digits: &str) -> bool {
    digits == "00" || digits.parse::<u8>().is_ok_and(|n| n >= 25)
}

fn is_whole_price(before: &str) -> bool {
    let figure = before.trim_end_matches(|c: char| c.is_ascii_digit() || c == ',');
    figure.len() < before.len() && figure.trim_end().ends_with(['$', '£', '€', '¥', '₹'])
}

/// Digits as the small figures of Unicode, which are no digits to those who read figures.
fn small(text: &str, up: bool) -> String {
    const UP: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    const DOWN: [char; 10] = ['₀', '₁', '₂', '₃', '₄', '₅', '₆', '₇', '₈', '₉'];
    text.chars()
        .map(|c| {
            c.to_digit(10)
                .and_then(|d| (if up { UP } else { DOWN }).get(d as usize).copied())
                .unwrap_or(c)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(before: &str, text: &str, following: &str) -> String {
        match written(text, Raised::Up, before, || following.to_owned()) {
            RaisedText::Plain => text.to_owned(),
            RaisedText::As(text) => text,
        }
    }

    #[test]
    fn a_mark_joins_no_figure_and_an_ordinal_is_read_on() {
        assert_eq!(after("$100", "1", " a month"), "¹");
        assert_eq!(after("the 10", "th", " day"), "th");
        assert_eq!(after("9", "1", "/2%"), " 1");
        assert_eq!(after("$9", "99", " only"), ".99");
        assert_eq!(after("$500", "12", " only"), "¹²");
        assert_eq!(after("5%", "a", ""), " [a]");
        assert_eq!(after("Plan", "TM", ""), "™");
    }
}
