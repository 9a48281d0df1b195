//! Marks of footnotes behind a figure, which are no part of it.

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
        '₀'..='₉' => i64::from(u32::from(c) - 0x2080),
        _ => return None,
    })
}

/// Bytes of the marks of notes, several with commas between them (`¹,²`).
pub(super) fn raised_run(text: &str) -> usize {
    let mut end = 0;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let parted = c == ',' && end > 0 && chars.peek().is_some_and(|n| is_raised(*n));
        if !is_raised(c) && !parted {
            break;
        }
        end += c.len_utf8();
    }
    end
}

/// Two raised digits as hundredths, if no list of notes goes so far.
pub(super) fn cents(raised: &str) -> Option<i64> {
    let digits: Vec<i64> = raised.chars().map(raised_digit).collect::<Option<_>>()?;
    match digits.as_slice() {
        [tens, ones] => Some(tens * 10 + ones).filter(|n| *n == 0 || *n >= 25),
        _ => None,
    }
}
