//! Days named by words: "tonight", "tomorrow", "Sunday".

use crate::claims::{Figure, FigureKind};
use crate::text::calendar::WEEKDAYS;
use crate::text::numbers;
use chrono::{Datelike, Days, NaiveDate};

/// The day that a sentence names by a word, counted from the day of sending.
pub fn day_in_words(sentence: &str, today: Option<NaiveDate>) -> Option<Figure> {
    let today = today?;
    let lower = sentence.to_lowercase();
    let mut words = lower.split(|c: char| !c.is_alphabetic());
    words.find_map(|word| {
        let day = match word {
            "today" | "tonight" | "midnight" => Some(today),
            "tomorrow" => today.checked_add_days(Days::new(1)),
            _ => WEEKDAYS
                .iter()
                .position(|weekday| *weekday == word)
                .and_then(|weekday| next(today, weekday)),
        };
        day.map(|day| Figure {
            kind: FigureKind::Date,
            value: numbers::days(day),
            also: None,
            is_minutes: false,
        })
    })
}

/// The next such day, today among them.
fn next(today: NaiveDate, weekday: usize) -> Option<NaiveDate> {
    let from = today.weekday().num_days_from_monday() as usize;
    today.checked_add_days(Days::new(((weekday + 7 - from) % 7) as u64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_weekday_is_the_next_one() {
        let today = NaiveDate::from_ymd_opt(2026, 11, 27).unwrap(); // a Friday
        let day = |sentence: &str| {
            day_in_words(sentence, Some(today)).map(|figure| figure.value - numbers::days(today))
        };
        assert_eq!(day("Ends Sunday."), Some(2));
        assert_eq!(day("Ends Friday."), Some(0));
        assert_eq!(day("Tomorrow it's over."), Some(1));
        assert_eq!(day("We sun ourselves."), None);
        assert_eq!(day_in_words("Ends Sunday.", None), None);
    }
}
