//! Birth dates: every day that a date may mean, of which the youngest counts.

use chrono::{Datelike as _, NaiveDate};
use unicode_normalization::UnicodeNormalization as _;

/// The days that somebody may have been born on. Of `05/06/2010` there are two, of a year alone there is its last day.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Birth(Vec<NaiveDate>);

impl Birth {
    /// Whole years on a day for the latest birth that is possible; none if all lie in the future.
    pub fn youngest_on(&self, day: NaiveDate) -> Option<u32> {
        let born = self.0.iter().filter(|born| **born <= day).max()?;
        let had = (day.month(), day.day()) >= (born.month(), born.day());
        u32::try_from(day.year() - born.year() - i32::from(!had)).ok()
    }

    /// Both statements: the younger counts.
    pub(super) fn or(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }
}

/// What a field about birth says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Said {
    Born(Birth),
    /// A day without a year says nothing of an age.
    NoYear,
    Unclear,
}

/// Reads a birth date or a year of birth.
pub(super) fn read(text: &str) -> Said {
    let text: String = text.nfkc().collect();
    let text = text.trim();
    if let Some(days) = days(text) {
        return Said::Born(Birth(days));
    }
    if let Some(day) = year(text.strip_suffix(".0").unwrap_or(text)).and_then(last_of_year) {
        return Said::Born(Birth(vec![day]));
    }
    let parts: Vec<&str> = parts(text);
    let is_short =
        |part: &&str| part.len() <= 2 && part.parse::<u32>().is_ok() || month(part).is_some();
    if parts.len() == 2 && parts.iter().all(is_short) {
        return Said::NoYear;
    }
    // A month and its year: the last day of the month.
    if let [a, b] = parts.as_slice() {
        let (y, m) = if year(a).is_some() { (a, b) } else { (b, a) };
        let m = month(m).or_else(|| m.parse().ok());
        if let (Some(y), Some(m)) = (year(y), m)
            && let Some(first) = NaiveDate::from_ymd_opt(y, m, 1)
        {
            let day = first.with_day(28).unwrap_or(first);
            return Said::Born(Birth(vec![day]));
        }
    }
    Said::Unclear
}

fn parts(text: &str) -> Vec<&str> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|part| !part.is_empty())
        .collect()
}

fn year(text: &str) -> Option<i32> {
    let year: i32 = (text.len() == 4).then(|| text.parse().ok())??;
    (1890..=2100).contains(&year).then_some(year)
}

fn last_of_year(year: i32) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(year, 12, 31)
}

const MONTHS: [&str; 12] = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
];

fn month(word: &str) -> Option<u32> {
    let word = word.to_lowercase();
    let at = MONTHS.iter().position(|m| word.starts_with(m))?;
    let whole = chrono::Month::try_from(u8::try_from(at + 1).ok()?)
        .ok()?
        .name()
        .to_lowercase();
    (word.len() == 3 || word == "sept" || whole == word).then_some(u32::try_from(at + 1).ok()?)
}

/// Every day that a date in figures or with a month's name may mean; none if it is no date.
pub(super) fn days(text: &str) -> Option<Vec<NaiveDate>> {
    let text = text.trim();
    if text.len() > 40 {
        return None;
    }
    let packed = text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit());
    let unpacked;
    let text = if packed {
        unpacked = format!("{}-{}-{}", &text[..4], &text[4..6], &text[6..]);
        &unpacked
    } else {
        text
    };
    // What stands behind the day is a time.
    let head = match text.find(['T', 't']) {
        Some(at) if at >= 8 && text.as_bytes()[at - 1].is_ascii_digit() => &text[..at],
        _ => text,
    };
    let parts = parts(head);
    let days: Vec<&str> = parts.iter().take(3).copied().collect();
    let [a, b, c] = days.as_slice() else {
        return None;
    };
    // A time of day may follow, nothing else.
    let is_time = |part: &&str| part.bytes().all(|b| b.is_ascii_digit()) || part.len() <= 4;
    if !parts[3..].iter().all(is_time) {
        return None;
    }
    let number = |part: &str| {
        let digits = part.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        let ordinal = &part[digits.len()..];
        let ok = matches!(ordinal, "" | "st" | "nd" | "rd" | "th");
        ok.then(|| digits.parse::<u32>().ok()).flatten()
    };
    let mut found = Vec::new();
    let mut add = |year: &str, month: Option<u32>, day: &str| {
        for year in years(year) {
            let day = month
                .zip(number(day))
                .and_then(|(m, d)| NaiveDate::from_ymd_opt(year, m, d));
            found.extend(day);
        }
    };
    if year(a).is_some() {
        add(a, month(b).or_else(|| number(b)), c);
    } else if let Some(m) = month(a) {
        add(c, Some(m), b);
    } else if let Some(m) = month(b) {
        add(c, Some(m), a);
    } else {
        // Day and month may stand in either order.
        add(c, number(a), b);
        add(c, number(b), a);
    }
    (!found.is_empty()).then_some(found)
}

/// The years that a year in two or four figures may mean.
fn years(text: &str) -> Vec<i32> {
    match (year(text), text.len(), text.parse::<i32>()) {
        (Some(year), ..) => vec![year],
        (None, 2, Ok(short)) => vec![1900 + short, 2000 + short],
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn age(text: &str) -> Option<u32> {
        match read(text) {
            Said::Born(birth) => birth.youngest_on(NaiveDate::from_ymd_opt(2026, 11, 29)?),
            _ => None,
        }
    }

    #[test]
    fn the_youngest_that_a_date_may_mean_counts() {
        for (text, years) in [
            ("2010-05-01", 16),
            ("2010-05-01T00:00:00Z", 16),
            ("20100501", 16),
            ("2008-11-29", 18),
            ("2008-11-30", 17),
            // The fourth of December or the twelfth of April.
            ("04/12/2008", 17),
            ("13.05.2010", 16),
            ("May 5, 2010", 16),
            ("5th May 2010", 16),
            ("5-May-10", 16),
            ("05/06/85", 41),
            ("2008", 17),
            ("2008.0", 17),
            ("12/2008", 17),
            ("1970-01-01 00:00:00", 56),
        ] {
            assert_eq!(age(text), Some(years), "{text}");
        }
        assert_eq!(read("05/17"), Said::NoYear);
        assert_eq!(read("May 17"), Said::NoYear);
        for text in ["soon", "40303", "1273017600", "13/13/2010", "n.v."] {
            assert_eq!(read(text), Said::Unclear, "{text}");
        }
        assert_eq!(age("2030-01-01"), None);
    }
}
