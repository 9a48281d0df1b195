//! Federal holidays of the United States (5 U.S.C. 6103), on the day itself and on the day on which it is observed.

use chrono::{Datelike, Days, NaiveDate, Weekday};

/// Month and day of those that have one.
const FIXED: [(u32, u32); 5] = [(1, 1), (6, 19), (7, 4), (11, 11), (12, 25)];
/// Month, weekday and which of them; 0 for the last.
const MOVABLE: [(u32, Weekday, u32); 6] = [
    (1, Weekday::Mon, 3),
    (2, Weekday::Mon, 3),
    (5, Weekday::Mon, 0),
    (9, Weekday::Mon, 1),
    (10, Weekday::Mon, 2),
    (11, Weekday::Thu, 4),
];

pub fn is_federal(date: NaiveDate) -> bool {
    let fixed = |day: NaiveDate| FIXED.contains(&(day.month(), day.day()));
    let next = date.checked_add_days(Days::new(1));
    let last = date.checked_sub_days(Days::new(1));
    let observed = match date.weekday() {
        Weekday::Fri => next.is_some_and(fixed),
        Weekday::Mon => last.is_some_and(fixed),
        _ => false,
    };
    fixed(date)
        || observed
        || MOVABLE.iter().any(|(month, weekday, which)| {
            let ends_month = date
                .checked_add_days(Days::new(7))
                .is_some_and(|d| d.month() != date.month());
            date.month() == *month
                && date.weekday() == *weekday
                && (*which == 0 && ends_month || (date.day() - 1) / 7 + 1 == *which)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holidays_of_2026_and_their_observed_days() {
        let is = |m, d| is_federal(NaiveDate::from_ymd_opt(2026, m, d).unwrap());
        for (m, d) in [
            (1, 1),
            (1, 19),
            (2, 16),
            (5, 25),
            (6, 19),
            (7, 3),
            (7, 4),
            (9, 7),
            (10, 12),
            (11, 11),
            (11, 26),
            (12, 25),
        ] {
            assert!(is(m, d), "{m}-{d}");
        }
        assert!(!is(5, 18) && !is(11, 19) && !is(11, 27) && !is(12, 24));
    }
}
