//! Numbers as exports write them: `9.5%`, `$1,234.50`, `1.234,56 €`. What can be read in two ways is not read.

/// The number as a plain decimal (`1234.5`), or why it is none. `unit` is that of the vocabulary.
pub fn plain(text: &str, unit: &str) -> Result<String, &'static str> {
    let text = text.trim();
    let mut rest = text;
    let mut percent = false;
    let mut currency = None;
    loop {
        let before = rest;
        rest = rest.trim();
        for sign in [
            "US$", "$", "£", "€", "¥", "₹", "USD", "GBP", "EUR", "CAD", "AUD", "CHF",
        ] {
            let cut = rest.strip_prefix(sign).or_else(|| rest.strip_suffix(sign));
            if let Some(inner) = cut {
                if currency.is_some() {
                    return Err("two signs of money");
                }
                (rest, currency) = (inner, Some(sign));
            }
        }
        if let Some(inner) = rest.strip_suffix('%') {
            if percent {
                return Err("two signs of per cent");
            }
            (rest, percent) = (inner, true);
        }
        if rest == before {
            break;
        }
    }
    if percent && unit != "%" {
        return Err("a rate, where none belongs");
    }
    if currency.is_some() && unit != "money" {
        return Err("money, where none belongs");
    }
    let dollars = currency.is_some_and(|sign| matches!(sign, "$" | "US$" | "USD" | "£" | "GBP"));
    decimal(rest, dollars)
}

/// Separators read where they can mean one thing only. `english`: a comma parts thousands.
fn decimal(text: &str, english: bool) -> Result<String, &'static str> {
    if text.trim().is_empty() {
        return Err("not a number");
    }
    let text: String = text
        .chars()
        .filter(|c| !matches!(c, '\'' | '\u{2019}' | '\u{a0}' | '\u{202f}' | '\u{2009}'))
        .collect();
    let text = without_spaces_between_thousands(&text)?;
    let marks: Vec<(usize, char)> = text
        .char_indices()
        .filter(|(_, c)| matches!(c, '.' | ','))
        .collect();
    let kinds = |mark: char| marks.iter().filter(|(_, c)| *c == mark).count();
    let (points, commas) = (kinds('.'), kinds(','));
    let whole = match (points, commas) {
        (_, 0) if points <= 1 => text.clone(),
        // Both: the last one is the decimal mark, and it stands once.
        (1.., 1..) => {
            let last = marks.last().map_or('.', |(_, c)| *c);
            if kinds(last) > 1 {
                return Err("more than one decimal mark");
            }
            let other = if last == '.' { ',' } else { '.' };
            let head = text.split(last).next().unwrap_or("");
            grouped(head, other)?;
            text.replace(other, "").replace(last, ".")
        }
        (0, 1) => {
            let (head, tail) = text.split_once(',').unwrap_or((&text, ""));
            let short_head = (1..=3).contains(&head.trim_start_matches('-').len());
            if tail.len() == 3 && short_head && head != "0" {
                if !english {
                    return Err("a comma that may part thousands or decimals");
                }
                text.replace(',', "")
            } else {
                text.replace(',', ".")
            }
        }
        (2.., 0) => {
            grouped(&text, '.')?;
            text.replace('.', "")
        }
        _ => {
            grouped(&text, ',')?;
            text.replace(',', "")
        }
    };
    let digits = whole.strip_prefix('-').unwrap_or(&whole);
    let (head, tail) = digits.split_once('.').unwrap_or((digits, "0"));
    let are_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if !are_digits(tail) || !(are_digits(head) || head.is_empty()) {
        return Err("not a number");
    }
    let sign = if whole.starts_with('-') { "-" } else { "" };
    let head = match head.trim_start_matches('0') {
        "" => "0",
        rest => rest,
    };
    Ok(match digits.split_once('.') {
        Some(_) => format!("{sign}{head}.{tail}"),
        None => format!("{sign}{head}"),
    })
}

/// Groups of three digits behind one to three.
fn grouped(text: &str, mark: char) -> Result<(), &'static str> {
    let mut groups = text.trim_start_matches('-').split(mark);
    let first = groups.next().is_some_and(|g| (1..=3).contains(&g.len()));
    if first && groups.all(|g| g.len() == 3) {
        Ok(())
    } else {
        Err("marks that part no thousands")
    }
}

/// `5 000` without its space.
fn without_spaces_between_thousands(text: &str) -> Result<String, &'static str> {
    if text.contains(' ') {
        let whole = text.split(['.', ',']).next().unwrap_or(text);
        grouped(whole, ' ')?;
    }
    Ok(text.replace(' ', ""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn exports_spellings_are_read_and_doubtful_ones_not() {
        for (text, unit, plain_number) in [
            ("9.5", "%", "9.5"),
            ("9.5%", "%", "9.5"),
            ("9,5 %", "%", "9.5"),
            ("$200", "money", "200"),
            ("200 USD", "money", "200"),
            ("$1,234.50", "money", "1234.50"),
            ("$1,234", "money", "1234"),
            ("1.234,56", "money", "1234.56"),
            ("1.234,56 €", "money", "1234.56"),
            ("5 000 €", "money", "5000"),
            ("2’000.00", "money", "2000.00"),
            ("1,234,567", "money", "1234567"),
            ("1.234.567", "money", "1234567"),
            ("0,125", "%", "0.125"),
            ("-3", "money", "-3"),
            (".5", "%", "0.5"),
            ("007", "count", "7"),
        ] {
            assert_eq!(plain(text, unit).as_deref(), Ok(plain_number), "{text}");
        }
        for (text, unit) in [
            ("1,234", "money"),
            ("€1,234", "money"),
            ("high", "%"),
            ("$9", "%"),
            ("9%", "money"),
            ("9.5%%", "%"),
            ("1.2.3", "money"),
            ("1,2,3", "money"),
            ("12 34", "money"),
            ("", "%"),
            ("5-10", "%"),
            ("2k", "money"),
            ("1e3", "money"),
        ] {
            assert!(plain(text, unit).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,40}") {
            if let Ok(number) = plain(&text, "money") {
                prop_assert!(number.trim_start_matches('-').bytes().all(|b| b.is_ascii_digit() || b == b'.'));
            }
        }
    }
}
