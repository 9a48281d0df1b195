//! The hours in which a marketing call or text may reach somebody, by place, weekday and holiday (`assets/hours`).
//!
//! Two readings of where somebody lives both hold: a text goes out only in the hours that every one of them allows. An
//! unknown state has the narrowest hours of its country.

mod holiday;
mod place;
mod table;

pub use place::{Whereabouts, state};
pub use table::{HoursChecked, StateHours, TextLaw, Window, states, stop_kept, text_laws, windows};

use super::zone::Zone;
use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, Weekday};
use serde::Deserialize;

/// By what the recipient is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Reach {
    Calls,
    Texts,
}

/// Whether the recipient may be reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HoursAnswer {
    Open,
    /// Not for certain: the state or the day is not known, and some states or days forbid it.
    Unsure(String),
    Closed(String),
}

const WEEK: [Weekday; 7] = [
    Weekday::Mon,
    Weekday::Tue,
    Weekday::Wed,
    Weekday::Thu,
    Weekday::Fri,
    Weekday::Sat,
    Weekday::Sun,
];

/// A day as the table sees it: its weekday, and whether it is a federal holiday.
#[derive(Clone, Copy)]
struct Day {
    date: Option<NaiveDate>,
    weekday: Weekday,
    holiday: bool,
}

impl Day {
    fn of(date: NaiveDate) -> Self {
        Self {
            date: Some(date),
            weekday: date.weekday(),
            holiday: holiday::is_federal(date),
        }
    }
}

/// Whether a local time lies in the hours of the place. Without a date the answer holds only if it is that of every day
/// on which the place has hours.
pub fn ask(
    at: &Whereabouts,
    time: NaiveTime,
    date: Option<NaiveDate>,
    reach: Reach,
) -> HoursAnswer {
    let days: Vec<Day> = match date {
        Some(date) => vec![Day::of(date)],
        None => WEEK
            .into_iter()
            .map(|weekday| Day {
                date: None,
                weekday,
                holiday: false,
            })
            .collect(),
    };
    let mut unsure = None;
    for code in at.codes() {
        let shut: Vec<String> = days
            .iter()
            .filter_map(|day| why_shut(&code, time, *day, reach))
            .collect();
        match shut.first() {
            Some(why) if shut.len() == days.len() => return HoursAnswer::Closed(why.clone()),
            Some(why) => unsure = Some(format!("the day is not known, and {why}")),
            None => {}
        }
    }
    if at.open && unsure.is_none() {
        // Without a date: the working days', for on Sundays some state forbids every hour.
        let day = date.map_or(
            Day {
                date: None,
                weekday: Weekday::Mon,
                holiday: false,
            },
            Day::of,
        );
        unsure = table::states()
            .iter()
            .find_map(|s| why_shut(&format!("US-{}", s.code), time, day, reach))
            .map(|why| format!("the recipient's state is not known, and {why}"));
    }
    unsure.map_or(HoursAnswer::Open, HoursAnswer::Unsure)
}

/// As [`ask`], of a moment, by the clock of the recipient's zone. A state that does not keep the zone's time is asked by
/// its own clocks as well: of two places the narrower hours hold.
pub fn ask_at(
    at: &Whereabouts,
    zone: &Zone,
    moment: DateTime<FixedOffset>,
    reach: Reach,
) -> (NaiveDateTime, HoursAnswer) {
    let local = zone.local(moment).unwrap_or(moment.naive_local());
    let mut at = at.clone();
    let mut clocks = vec![local];
    let elsewhere: Vec<NaiveDateTime> = at
        .states
        .iter()
        .filter_map(|state| {
            let own: Vec<NaiveDateTime> = state
                .zones
                .iter()
                .filter_map(|name| Zone::named(name)?.local(moment))
                .collect();
            (!own.contains(&local)).then_some(own)
        })
        .flatten()
        .collect();
    if !elsewhere.is_empty() {
        // The zone lies in no state that is named: the recipient may live in any that keeps it.
        at.open |= at.country == "US";
        clocks.extend(elsewhere);
    }
    let mut worst = (local, HoursAnswer::Open);
    for clock in clocks {
        match ask(&at, clock.time(), Some(clock.date()), reach) {
            HoursAnswer::Closed(why) => return (clock, HoursAnswer::Closed(why)),
            HoursAnswer::Unsure(why) => worst = (clock, HoursAnswer::Unsure(why)),
            HoursAnswer::Open => {}
        }
    }
    worst
}

impl Whereabouts {
    /// The law of the places that lets the fewest marketing texts through in 24 hours, if one counts them.
    pub fn fewest_texts(&self, date: NaiveDate) -> Option<(u32, &'static TextLaw)> {
        let codes = self.codes();
        let holds = |law: &&TextLaw| codes.contains(&law.place) && law.is_law_on(date);
        let laws = text_laws().iter().filter(holds);
        let counted = laws.filter_map(|law| Some((law.most_in_24_hours?, law)));
        counted.min_by_key(|(most, _)| *most)
    }

    /// The places whose hours hold, as the table calls them.
    fn codes(&self) -> Vec<String> {
        let mut codes: Vec<String> = self
            .states
            .iter()
            .map(|s| format!("US-{}", s.code))
            .collect();
        codes.push(self.country.to_owned());
        codes
    }
}

/// Why the place is shut at that time of that day. A country without hours of its own has those of the European Union.
fn why_shut(code: &str, time: NaiveTime, day: Day, reach: Reach) -> Option<String> {
    let of = |place: &str| -> Vec<&'static Window> {
        windows()
            .iter()
            .filter(|w| w.place == place && w.is_for(reach) && w.is_law_on(day.date))
            .collect()
    };
    let own = of(code);
    let (place, hours) = if own.is_empty() {
        let land = code
            .split('-')
            .next()
            .filter(|c| *c == "US")
            .unwrap_or("EU");
        (land, of(land))
    } else {
        (code, own)
    };
    let today: Vec<&Window> = hours
        .iter()
        .filter(|w| w.is_on(day.weekday, day.holiday))
        .copied()
        .collect();
    if today.iter().any(|w| (w.from..w.to).contains(&time)) {
        return None;
    }
    let named = match place.strip_prefix("US-").and_then(state) {
        Some(state) => state.name.clone(),
        None if code.is_empty() => "the firm's policy".to_owned(),
        None => place.to_owned(),
    };
    let citation = hours.first().map_or("", |w| w.citation.as_str());
    let when = match (today.is_empty(), day.holiday) {
        (true, true) => "none on holidays".to_owned(),
        (true, false) => format!("none on a {}", full_name(day.weekday)),
        (false, _) => today
            .iter()
            .map(|w| {
                format!(
                    "from {} to {} on a {}",
                    w.from.format("%H:%M"),
                    w.to.format("%H:%M"),
                    full_name(day.weekday)
                )
            })
            .collect::<Vec<_>>()
            .join(" and "),
    };
    Some(format!("{named} allows {when} ({citation})"))
}

fn full_name(day: Weekday) -> &'static str {
    match day {
        Weekday::Mon => "Monday",
        Weekday::Tue => "Tuesday",
        Weekday::Wed => "Wednesday",
        Weekday::Thu => "Thursday",
        Weekday::Fri => "Friday",
        Weekday::Sat => "Saturday",
        Weekday::Sun => "Sunday",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::jurisdiction::Jurisdiction;

    fn at(place: &str, local: &str) -> HoursAnswer {
        let local = NaiveDateTime::parse_from_str(local, "%Y-%m-%d %H:%M").unwrap();
        let place = Whereabouts::of(Some(&Jurisdiction::new(place)), &[], None);
        ask(&place, local.time(), Some(local.date()), Reach::Texts)
    }

    #[test]
    fn every_window_names_a_place_and_lies_in_its_countrys() {
        for window in windows() {
            assert!(window.from < window.to, "{}", window.place);
            assert!(!window.citation.is_empty());
            if let Some(code) = window.place.strip_prefix("US-") {
                assert!(state(code).is_some(), "{code}");
                let clock = |h| NaiveTime::from_hms_opt(h, 0, 0).unwrap();
                assert!(window.from >= clock(8) && window.to <= clock(21));
            }
        }
        for state in table::states() {
            for zone in &state.zones {
                assert!(Zone::named(zone).is_some(), "{zone}");
            }
        }
    }

    #[test]
    fn hours_go_by_state_weekday_and_holiday() {
        assert_eq!(at("US-NY", "2026-11-29 20:59"), HoursAnswer::Open);
        assert!(matches!(
            at("US-NY", "2026-11-29 21:00"),
            HoursAnswer::Closed(_)
        ));
        assert!(matches!(
            at("US-TX", "2026-11-29 10:00"),
            HoursAnswer::Closed(_)
        ));
        assert_eq!(at("US-TX", "2026-11-29 12:00"), HoursAnswer::Open);
        assert_eq!(at("US-TX", "2026-11-28 09:00"), HoursAnswer::Open);
        assert!(matches!(
            at("US-LA", "2026-12-25 12:00"),
            HoursAnswer::Closed(_)
        ));
        assert!(matches!(
            at("US", "2026-11-29 12:00"),
            HoursAnswer::Unsure(_)
        ));
        assert!(matches!(
            at("US-SD", "2026-11-28 12:00"),
            HoursAnswer::Closed(_)
        ));
        assert_eq!(at("US-SD", "2026-11-30 09:00"), HoursAnswer::Open);
        assert_eq!(at("US", "2026-11-30 12:00"), HoursAnswer::Open);
        assert_eq!(at("EU-DE", "2026-11-29 20:30"), HoursAnswer::Open);
    }

    #[test]
    fn hours_begin_on_their_own_day() {
        assert_eq!(at("US-TX", "2025-08-31 10:00"), HoursAnswer::Open);
        assert!(matches!(
            at("US-TX", "2025-09-07 10:00"),
            HoursAnswer::Closed(_)
        ));
        assert_eq!(at("US-OR", "2025-12-31 20:30"), HoursAnswer::Open);
        assert!(matches!(
            at("US-OR", "2026-01-01 20:30"),
            HoursAnswer::Closed(_)
        ));
    }

    #[test]
    fn some_states_count_texts_and_say_how_long_a_stop_is_kept() {
        let fewest = |place: &str, date: &str| {
            let place = Whereabouts::of(Some(&Jurisdiction::new(place)), &[], None);
            place
                .fewest_texts(date.parse().unwrap())
                .map(|(most, _)| most)
        };
        for state in ["US-FL", "US-MD", "US-OK", "US-OR"] {
            assert_eq!(fewest(state, "2026-11-29"), Some(3), "{state}");
        }
        assert_eq!(fewest("US-OR", "2025-12-31"), None);
        assert_eq!(fewest("US-TX", "2026-11-29"), None);
        let (years, law) = stop_kept().unwrap();
        assert_eq!((years, law.place.as_str()), (10, "US-VA"));
        assert!(text_laws().iter().all(|law| state(&law.place).is_some()));
    }
}
