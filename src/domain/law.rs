//! How the law behind a rule stands, and on which days it holds.

use chrono::NaiveDate;
use serde::{Deserialize, Deserializer, Serialize};
use std::fmt;

/// Whether the law behind a rule binds today.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum LegalStatus {
    #[default]
    InForce,
    /// Runs, but never stricter than information.
    Proposed,
    /// Does not run.
    Stayed,
    /// Runs; courts or regulators do not agree on it.
    Contested,
    /// Runs; the citation still has to be checked against the primary text.
    Unverified,
    /// The firm's own rule.
    Policy,
}

impl LegalStatus {
    /// As people read it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InForce => "in force",
            Self::Proposed => "proposed",
            Self::Stayed => "stayed",
            Self::Contested => "contested",
            Self::Unverified => "unverified",
            Self::Policy => "policy",
        }
    }

    /// What it means for whoever relies on it.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::InForce => "it binds",
            Self::Proposed => "no law yet; told, and asks nothing",
            Self::Stayed => "held up; the rule does not run",
            Self::Contested => "courts or regulators do not agree; the rule runs",
            Self::Unverified => "nobody has confirmed it at its source; the rule runs",
            Self::Policy => "the firm's own rule; no law asks for it",
        }
    }

    /// What a reader of a finding has to be told: nothing of law that binds.
    pub fn told(self) -> Option<&'static str> {
        (self != Self::InForce).then(|| self.as_str())
    }

    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "serde asks for a reference"
    )]
    pub(super) fn binds(&self) -> bool {
        *self == Self::InForce
    }
}

/// Why a rule's law is none on the recipient's day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutOfForce {
    /// Its first day is to come.
    From(NaiveDate),
    /// Its last day is over.
    Until(NaiveDate),
}

impl OutOfForce {
    /// As a status is told.
    pub fn told(self) -> &'static str {
        match self {
            Self::From(_) => "not yet in force",
            Self::Until(_) => "no longer in force",
        }
    }
}

impl fmt::Display for OutOfForce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::From(day) => write!(f, "in effect from {day}"),
            Self::Until(day) => write!(f, "in effect until {day}"),
        }
    }
}

/// The first and the last day on which a law holds; none is no end on that side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Term {
    pub from: Option<NaiveDate>,
    pub to: Option<NaiveDate>,
}

/// A day as tables have it: of TOML, or its text.
pub(super) fn day<'de, D: Deserializer<'de>>(input: D) -> Result<Option<NaiveDate>, D::Error> {
    let written = toml::Value::deserialize(input)?;
    let text = match &written {
        toml::Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    text.parse().map(Some).map_err(serde::de::Error::custom)
}

impl Term {
    /// Why it holds on none of the days from `earliest` to `latest`, if it does not.
    pub fn out(self, earliest: NaiveDate, latest: NaiveDate) -> Option<OutOfForce> {
        let early = self.from.filter(|from| latest < *from);
        let late = self.to.filter(|to| earliest > *to);
        early.map(OutOfForce::From).or(late.map(OutOfForce::Until))
    }

    /// As seen on a day: "begins 2027-01-01, in 33 days".
    pub fn said(self, today: NaiveDate) -> String {
        let days = |n: i64| {
            if n == 1 {
                "1 day".to_owned()
            } else {
                format!("{n} days")
            }
        };
        let begins = self.from.map(|from| match (from - today).num_days() {
            ahead @ 1.. => format!("begins {from}, in {}", days(ahead)),
            _ => format!("since {from}"),
        });
        let ends = self.to.map(|to| match (to - today).num_days() {
            0 => format!("until {to}, today is its last day"),
            left @ 1.. => format!("until {to}, {} more", days(left)),
            over => format!("ended {to}, {} ago", days(-over)),
        });
        match (begins, ends) {
            (None, None) => "no first day on record".into(),
            (begins, ends) => begins
                .into_iter()
                .chain(ends)
                .collect::<Vec<_>>()
                .join("; "),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_term_is_told_from_today() {
        let today = day("2026-11-29");
        let term = |from: &str, to: &str| Term {
            from: from.parse().ok(),
            to: to.parse().ok(),
        };
        for (from, to, said) in [
            ("2027-01-01", "", "begins 2027-01-01, in 33 days"),
            ("2026-11-30", "", "begins 2026-11-30, in 1 day"),
            ("2026-11-29", "", "since 2026-11-29"),
            ("", "2026-07-20", "ended 2026-07-20, 132 days ago"),
            (
                "2020-01-01",
                "2026-11-29",
                "since 2020-01-01; until 2026-11-29, today is its last day",
            ),
            ("", "", "no first day on record"),
        ] {
            assert_eq!(term(from, to).said(today), said);
        }
        let both = term("2026-07-15", "2026-07-20");
        assert_eq!(
            both.out(day("2026-07-14"), day("2026-07-14")),
            Some(OutOfForce::From(day("2026-07-15")))
        );
        assert_eq!(both.out(day("2026-07-14"), day("2026-07-15")), None);
        assert_eq!(both.out(day("2026-07-20"), day("2026-07-21")), None);
        assert_eq!(
            both.out(day("2026-07-21"), day("2026-07-21")),
            Some(OutOfForce::Until(day("2026-07-20")))
        );
    }
}
