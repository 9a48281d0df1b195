//! The table of hours and of states, compiled in: one source of truth for the rule and for the hand-over.

use super::Reach;
use chrono::{NaiveTime, Weekday};
use serde::{Deserialize, Deserializer};
use std::sync::LazyLock;

/// A state of the United States.
#[derive(Debug, Deserialize)]
pub struct State {
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
    pub citation: String,
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

    pub fn is_for(&self, reach: Reach) -> bool {
        self.channels.contains(&reach)
    }
}

fn clock<'de, D: Deserializer<'de>>(input: D) -> Result<NaiveTime, D::Error> {
    let text = String::deserialize(input)?;
    NaiveTime::parse_from_str(&text, "%H:%M").map_err(serde::de::Error::custom)
}

#[derive(Deserialize)]
struct States {
    state: Vec<State>,
}

#[derive(Deserialize)]
struct Hours {
    hours: Vec<Window>,
}

#[expect(
    clippy::expect_used,
    reason = "constant tables, read by every test of this room"
)]
static STATES: LazyLock<Vec<State>> = LazyLock::new(|| {
    let table: States = toml::from_str(include_str!("../../../assets/hours/us_states.toml"))
        .expect("constant table");
    table.state
});

#[expect(
    clippy::expect_used,
    reason = "constant tables, read by every test of this room"
)]
static WINDOWS: LazyLock<Vec<Window>> = LazyLock::new(|| {
    let table: Hours = toml::from_str(include_str!("../../../assets/hours/quiet_hours.toml"))
        .expect("constant table");
    table.hours
});

pub fn states() -> &'static [State] {
    &STATES
}

pub fn windows() -> &'static [Window] {
    &WINDOWS
}
