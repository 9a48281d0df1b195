//! Whose law protects the recipient, and by which channel the message reaches them.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Jurisdiction of the recipient: `US`, `US-CA` (a state), `UK`, `EU`, or an EU member as `EU-DE`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct Jurisdiction(String);

const EU_MEMBERS: [&str; 27] = [
    "AT", "BE", "BG", "HR", "CY", "CZ", "DK", "EE", "FI", "FR", "DE", "GR", "HU", "IE", "IT", "LV",
    "LT", "LU", "MT", "NL", "PL", "PT", "RO", "SK", "SI", "ES", "SE",
];

impl Jurisdiction {
    /// Normalises case and the usual aliases (`GB` is `UK`, `USA` is `US`, `DE` is `EU-DE`).
    pub fn new(code: &str) -> Self {
        let code = code.trim().to_ascii_uppercase().replace('_', "-");
        Self(match code.as_str() {
            "GB" | "UNITED KINGDOM" => "UK".into(),
            "USA" | "UNITED STATES" => "US".into(),
            "CALIFORNIA" => "US-CA".into(),
            member if EU_MEMBERS.contains(&member) => format!("EU-{member}"),
            _ => code,
        })
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a rule or document scoped to `scope` speaks to this recipient: `US` covers `US-CA`.
    pub fn is_within(&self, scope: &Jurisdiction) -> bool {
        self.0 == scope.0
            || self
                .0
                .strip_prefix(scope.0.as_str())
                .is_some_and(|rest| rest.starts_with('-'))
    }
}

impl Default for Jurisdiction {
    fn default() -> Self {
        Self("US".into())
    }
}

impl From<String> for Jurisdiction {
    fn from(code: String) -> Self {
        Self::new(&code)
    }
}

impl From<Jurisdiction> for String {
    fn from(jurisdiction: Jurisdiction) -> Self {
        jurisdiction.0
    }
}

impl fmt::Display for Jurisdiction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How a message travels.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Default,
)]
#[serde(rename_all = "lowercase")]
pub enum Channel {
    #[default]
    Email,
    Sms,
    Push,
}

impl Channel {
    /// Reads the spellings that customer systems use; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        match text.trim().to_ascii_lowercase().as_str() {
            "email" | "e-mail" | "mail" => Some(Self::Email),
            "sms" | "text" | "mms" => Some(Self::Sms),
            "push" | "app" => Some(Self::Push),
            _ => None,
        }
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Sms => "sms",
            Self::Push => "push",
        }
    }
}

impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_and_members_fall_under_their_union() {
        let ca = Jurisdiction::new("us-ca");
        assert!(ca.is_within(&Jurisdiction::new("US")));
        assert!(!Jurisdiction::new("US").is_within(&ca));
        assert!(Jurisdiction::new("de").is_within(&Jurisdiction::new("EU")));
        assert_eq!(Jurisdiction::new("gb"), Jurisdiction::new("UK"));
        assert!(!Jurisdiction::new("USX").is_within(&Jurisdiction::new("US")));
    }
}
