//! Which day it is where the recipient lives: law begins and ends with it, whatever offset the sender writes.

use super::hours::{StateHours, state, states};
use super::jurisdiction::Jurisdiction;
use super::zone::Zone;
use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime};
use std::collections::BTreeSet;

/// The days that it may be for the recipient; mostly one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecipientDay {
    pub earliest: NaiveDate,
    pub latest: NaiveDate,
    /// The one to count from where a text says "today".
    pub today: NaiveDate,
}

/// Zones that are kept in a place, by its code (IANA). Of the many of a country the outermost ones.
const ZONES: [(&str, &[&str]); 34] = [
    ("UK", &["Europe/London"]),
    ("EU", &["Atlantic/Azores", "Europe/Helsinki"]),
    ("EU-AT", &["Europe/Vienna"]),
    ("EU-BE", &["Europe/Brussels"]),
    ("EU-BG", &["Europe/Sofia"]),
    ("EU-CY", &["Asia/Nicosia"]),
    ("EU-CZ", &["Europe/Prague"]),
    ("EU-DE", &["Europe/Berlin"]),
    ("EU-DK", &["Europe/Copenhagen"]),
    ("EU-EE", &["Europe/Tallinn"]),
    ("EU-ES", &["Atlantic/Canary", "Europe/Madrid"]),
    ("EU-FI", &["Europe/Helsinki"]),
    ("EU-FR", &["Europe/Paris"]),
    ("EU-GR", &["Europe/Athens"]),
    ("EU-HR", &["Europe/Zagreb"]),
    ("EU-HU", &["Europe/Budapest"]),
    ("EU-IE", &["Europe/Dublin"]),
    ("EU-IT", &["Europe/Rome"]),
    ("EU-LT", &["Europe/Vilnius"]),
    ("EU-LU", &["Europe/Luxembourg"]),
    ("EU-LV", &["Europe/Riga"]),
    ("EU-MT", &["Europe/Malta"]),
    ("EU-NL", &["Europe/Amsterdam"]),
    ("EU-PL", &["Europe/Warsaw"]),
    ("EU-PT", &["Atlantic/Azores", "Europe/Lisbon"]),
    ("EU-RO", &["Europe/Bucharest"]),
    ("EU-SE", &["Europe/Stockholm"]),
    ("EU-SI", &["Europe/Ljubljana"]),
    ("EU-LI", &["Europe/Vaduz"]),
    ("EU-SK", &["Europe/Bratislava"]),
    ("CA", &["America/Vancouver", "America/St_Johns"]),
    ("EU-IS", &["Atlantic/Reykjavik"]),
    ("EU-NO", &["Europe/Oslo"]),
    ("CH", &["Europe/Zurich"]),
];

/// Names of the zones that are kept there; none where no table says.
fn zones_of(place: &Jurisdiction) -> Vec<&'static str> {
    let code = place.as_str();
    if code == "US" || code.starts_with("US-") {
        let named = code.strip_prefix("US-").and_then(state);
        let all: Vec<&StateHours> =
            named.map_or_else(|| states().iter().collect(), |one| vec![one]);
        let zones = all.iter().flat_map(|state| &state.zones);
        let once: BTreeSet<&str> = zones.map(String::as_str).collect();
        return once.into_iter().collect();
    }
    let known = ZONES.iter().find(|(known, _)| *known == code);
    known.map_or_else(Vec::new, |(_, zones)| zones.to_vec())
}

impl RecipientDay {
    /// By the recipient's own zone, where one is known that is kept in their place; by every zone of the place, where only
    /// that is known, or where a zone lies elsewhere; by nothing known: the day of UTC and that of the offset written.
    pub fn of(moment: DateTime<FixedOffset>, zones: &[&str], place: Option<&Jurisdiction>) -> Self {
        let own: Vec<&str> = zones
            .iter()
            .copied()
            .filter(|zone| Zone::named(zone).is_some())
            .collect();
        let of_place = place.map(zones_of).unwrap_or_default();
        let clocks = |names: &[&str]| -> Vec<NaiveDateTime> {
            let clock = |name: &&str| Zone::named(name)?.local(moment);
            names.iter().filter_map(clock).collect()
        };
        let (mut all, there) = (clocks(&own), clocks(&of_place));
        if all.is_empty() || !there.is_empty() && !all.iter().all(|own| there.contains(own)) {
            all.extend(there);
        }
        if all.is_empty() {
            all.extend([moment.naive_utc(), moment.naive_local()]);
        }
        let days: Vec<NaiveDate> = all.iter().map(NaiveDateTime::date).collect();
        Self::among(&days, moment)
    }

    /// What is known of whom a rule speaks to joins in: a rule of a place speaks to people who live there.
    #[must_use]
    pub fn or_in(self, moment: DateTime<FixedOffset>, places: &[Jurisdiction]) -> Self {
        let mut all = vec![self.earliest, self.latest];
        for place in places {
            let there = Self::of(moment, &[], Some(place));
            all.extend([there.earliest, there.latest]);
        }
        Self {
            today: self.today,
            ..Self::among(&all, moment)
        }
    }

    fn among(days: &[NaiveDate], moment: DateTime<FixedOffset>) -> Self {
        let utc = moment.to_utc().date_naive();
        let earliest = days.iter().min().copied().unwrap_or(utc);
        let latest = days.iter().max().copied().unwrap_or(utc);
        Self {
            earliest,
            latest,
            today: utc.clamp(earliest, latest),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(moment: &str, zones: &[&str], place: &str) -> String {
        let moment = DateTime::parse_from_rfc3339(moment).unwrap();
        let place = Jurisdiction::read(place).ok();
        let day = RecipientDay::of(moment, zones, place.as_ref());
        format!("{} {}", day.earliest, day.latest)
    }

    #[test]
    fn the_day_is_that_of_the_recipient() {
        for moment in ["2026-07-14T23:30:00Z", "2026-07-15T00:30:00+01:00"] {
            assert_eq!(days(moment, &[], "UK"), "2026-07-15 2026-07-15");
        }
        for moment in ["2026-12-31T23:30:00-08:00", "2027-01-01T07:30:00Z"] {
            assert_eq!(days(moment, &[], "US-CA"), "2026-12-31 2026-12-31");
        }
        let night = "2026-07-15T04:30:00Z";
        assert_eq!(days(night, &[], "US-TX"), "2026-07-14 2026-07-14");
        assert_eq!(
            days("2026-07-15T05:30:00Z", &[], "US-TX"),
            "2026-07-14 2026-07-15"
        );
        assert_eq!(
            days("2026-07-15T05:30:00Z", &["America/Chicago"], "US-TX"),
            "2026-07-15 2026-07-15"
        );
        // A zone that is not kept in the place: either may be wrong.
        assert_eq!(
            days(night, &["Europe/London"], "US-TX"),
            "2026-07-14 2026-07-15"
        );
        assert_eq!(
            days("2026-07-14T23:30:00-05:00", &[], ""),
            "2026-07-14 2026-07-15"
        );
    }

    #[test]
    fn every_zone_of_the_table_is_one() {
        for (place, zones) in ZONES {
            assert!(
                Jurisdiction::read(place).is_ok_and(|read| read.as_str() == place),
                "{place}"
            );
            for zone in zones {
                assert!(Zone::named(zone).is_some(), "{zone}");
            }
        }
    }
}
