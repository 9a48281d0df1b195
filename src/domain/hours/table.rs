//! The table of hours and of states, compiled in: one source of truth for the rule and for the hand-over.

use super::Reach;
use crate::domain::law::day;
use chrono::{NaiveDate, NaiveTime, Weekday};
use serde::{Deserialize, Deserializer};
use std::fmt;
use std::sync::LazyLock;

/// A state of the United States.
#[derive(Debug, Deserialize)]
pub struct StateHours {
    /// Two letters, as `FL`.
    pub code: String,
    pub name: String,
    /// IANA names of the zones that are kept there.
    pub zones: Vec<String>,
    /// Area codes of the North American numbering plan.
    pub area_codes: Vec<u16>,
}

/// One window of a place: from `from` to before `to` on its days.
#[derive(Debug, Deserialize)]
pub struct Window {
    /// `US-FL`, or a country: `US`, `UK`, `EU`.
    pub place: String,
    days: Vec<Weekday>,
    #[serde(deserialize_with = "clock")]
    pub from: NaiveTime,
    #[serde(deserialize_with = "clock")]
    pub to: NaiveTime,
    #[serde(default)]
    holidays: Holidays,
    channels: Vec<Reach>,
    /// First day; none for one that is older than any message here.
    #[serde(default, deserialize_with = "day")]
    pub since: Option<NaiveDate>,
    pub citation: String,
    pub source: String,
    pub checked: HoursChecked,
    #[serde(deserialize_with = "day")]
    pub checked_on: Option<NaiveDate>,
}

/// How a line of the table was checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum HoursChecked {
    /// The text itself was read.
    Statute,
    /// A law firm's or vendor's table was.
    Secondary,
    /// Believed; no source was found.
    Unverified,
    /// No law asks for it.
    Policy,
}

impl HoursChecked {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Statute => "statute",
            Self::Secondary => "secondary",
            Self::Unverified => "unverified",
            Self::Policy => "policy",
        }
    }
}

/// What a place asks of marketing texts beside their hours.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TextLaw {
    /// As in [`Window`].
    pub place: String,
    /// Replies that end the texts.
    #[serde(default)]
    pub stop_words: Vec<String>,
    /// How long such a reply is honoured.
    #[serde(default)]
    pub stop_kept_years: Option<u32>,
    /// Most texts on one subject to one person within 24 hours.
    #[serde(default)]
    pub most_in_24_hours: Option<u32>,
    #[serde(default, deserialize_with = "day")]
    pub since: Option<NaiveDate>,
    pub citation: String,
    pub source: String,
    pub checked: HoursChecked,
    #[serde(deserialize_with = "day")]
    pub checked_on: Option<NaiveDate>,
}

impl TextLaw {
    pub fn is_law_on(&self, date: NaiveDate) -> bool {
        self.since.is_none_or(|since| since <= date)
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Holidays {
    #[default]
    Open,
    Closed,
}

impl Window {
    pub fn is_on(&self, day: Weekday, holiday: bool) -> bool {
        self.days.contains(&day) && !(holiday && self.holidays == Holidays::Closed)
    }

    /// Whether it is law on a day; a day that is not known counts as today's.
    pub fn is_law_on(&self, date: Option<NaiveDate>) -> bool {
        self.since
            .is_none_or(|since| date.is_none_or(|date| since <= date))
    }

    pub fn is_for(&self, reach: Reach) -> bool {
        self.channels.contains(&reach)
    }
}

/// "Mon to Sat 09:00-21:00, no holidays"
impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.days.as_slice() {
            [] => {}
            [one] => write!(f, "{one} ")?,
            all if all.len() == 7 => {}
            [first, .., last] => write!(f, "{first} to {last} ")?,
        }
        write!(
            f,
            "{}-{}",
            self.from.format("%H:%M"),
            self.to.format("%H:%M")
        )?;
        if self.holidays == Holidays::Closed {
            f.write_str(", no holidays")?;
        }
        Ok(())
    }
}

fn clock<'de, D: Deserializer<'de>>(input: D) -> Result<NaiveTime, D::Error> {
    let text = String::deserialize(input)?;
    NaiveTime::parse_from_str(&text, "%H:%M").map_err(serde::de::Error::custom)
}

#[derive(Deserialize)]
struct States {
    state: Vec<StateHours>,
}

#[derive(Deserialize)]
struct Hours {
    hours: Vec<Window>,
    texts: Vec<TextLaw>,
}

#[expect(
    clippy::expect_used,
    reason = "constant tables, read by every test of this room"
)]
static STATES: LazyLock<Vec<StateHours>> = LazyLock::new(|| {
    let table: States = toml::from_str(include_str!("../../../assets/hours/us_states.toml"))
        .expect("constant table");
    table.state
});

#[expect(
    clippy::expect_used,
    reason = "constant tables, read by every test of this room"
)]
static HOURS: LazyLock<Hours> = LazyLock::new(|| {
    toml::from_str(include_str!("../../../assets/hours/quiet_hours.toml")).expect("constant table")
});

pub fn states() -> &'static [StateHours] {
    &STATES
}

pub fn windows() -> &'static [Window] {
    &HOURS.hours
}

/// What places ask of marketing texts beside their hours.
pub fn text_laws() -> &'static [TextLaw] {
    &HOURS.texts
}

/// For how many years the longest-lived reply that ends texts is honoured, and where: an opt-out on record names no
/// place, so this holds for all.
pub fn stop_kept() -> Option<(u32, &'static TextLaw)> {
    let kept = |law: &'static TextLaw| Some((law.stop_kept_years?, law));
    text_laws()
        .iter()
        .filter_map(kept)
        .max_by_key(|(years, _)| *years)
}
