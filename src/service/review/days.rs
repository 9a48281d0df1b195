//! Days as people say them: `yesterday`, `monday`, a date, a time, or how long ago.

use chrono::{DateTime, Datelike as _, Days, Duration, NaiveDate, Utc, Weekday};

/// A stretch of time: a day, or one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    pub from: DateTime<Utc>,
    /// The last moment of it.
    pub to: DateTime<Utc>,
}

fn day(day: NaiveDate) -> Option<Stretch> {
    let from = day.and_hms_opt(0, 0, 0)?.and_utc();
    let to = from.checked_add_days(Days::new(1))? - Duration::microseconds(1);
    Some(Stretch { from, to })
}

/// `today`, `yesterday`, a weekday (the last one, today included), or a date. Days are those of UTC.
pub fn named_day(text: &str, now: DateTime<Utc>) -> Option<Stretch> {
    let today = now.date_naive();
    match text {
        "today" => return day(today),
        "yesterday" => return day(today.pred_opt()?),
        _ => {}
    }
    if let Ok(weekday) = text.parse::<Weekday>() {
        let back =
            (7 + today.weekday().num_days_from_monday() - weekday.num_days_from_monday()) % 7;
        return day(today.checked_sub_days(Days::new(u64::from(back)))?);
    }
    day(text.parse().ok()?)
}

/// Words that are no time.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TimeWordError {
    #[error("{0} is too long ago")]
    TooLongAgo(String),
    #[error("a time is 2h, 3d, 2w, today, yesterday, monday, 2026-11-23 or 2026-11-23T10:00:00Z")]
    Unknown,
}

/// A day by its name, a time (RFC 3339), or how long ago: `2h`, `3d`, `2w`.
///
/// # Errors
/// It is none of them.
pub fn stretch(text: &str, now: DateTime<Utc>) -> Result<Stretch, TimeWordError> {
    let moment = |at| Stretch { from: at, to: at };
    let span = text.char_indices().last().and_then(|(at, unit)| {
        let count: i64 = text[..at].parse().ok()?;
        match unit {
            'm' => Duration::try_minutes(count),
            'h' => Duration::try_hours(count),
            'd' => Duration::try_days(count),
            'w' => Duration::try_weeks(count),
            _ => None,
        }
    });
    if let Some(span) = span {
        return now
            .checked_sub_signed(span)
            .map(moment)
            .ok_or_else(|| TimeWordError::TooLongAgo(text.to_owned()));
    }
    // Words are in small letters by now.
    let time = || {
        let time = DateTime::parse_from_rfc3339(&text.to_uppercase()).ok()?;
        Some(moment(time.to_utc()))
    };
    named_day(text, now)
        .or_else(time)
        .ok_or(TimeWordError::Unknown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_whole_and_named_as_people_name_them() {
        // A Wednesday.
        let now: DateTime<Utc> = "2026-11-25T15:00:00Z".parse().unwrap();
        let begins = |text: &str| stretch(text, now).unwrap().from.to_rfc3339();
        for (text, from) in [
            ("today", "2026-11-25T00:00:00+00:00"),
            ("yesterday", "2026-11-24T00:00:00+00:00"),
            ("monday", "2026-11-23T00:00:00+00:00"),
            ("wed", "2026-11-25T00:00:00+00:00"),
            ("thursday", "2026-11-19T00:00:00+00:00"),
            ("2026-11-01", "2026-11-01T00:00:00+00:00"),
            ("2h", "2026-11-25T13:00:00+00:00"),
            ("2026-11-23t10:00:00z", "2026-11-23T10:00:00+00:00"),
        ] {
            assert_eq!(begins(text), from, "{text}");
        }
        let monday = stretch("monday", now).unwrap();
        assert_eq!(monday.to.date_naive(), monday.from.date_naive());
        assert!(stretch("soon", now).is_err() && stretch("", now).is_err());
    }
}
