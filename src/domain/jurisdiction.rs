//! Whose law protects the recipient, and by which channel the message reaches them.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Jurisdiction of the recipient: `US`, `US-CA` (a state), `UK`, `EU`, a member as `EU-DE`, or a country by its ISO 3166
/// code. There is none that is not a known place: in a place of its own no law would hold.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Jurisdiction(String);

/// A text that is no place that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownPlace;

impl fmt::Display for UnknownPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a place that is known; give a code such as US, US-CA, UK, DE or EU, or a country's name")
    }
}

impl std::error::Error for UnknownPlace {}

impl Jurisdiction {
    /// A code in this program's own spelling.
    ///
    /// # Panics
    /// It is none: for constants only. What comes from outside goes through [`Self::read`] or [`super::place::parse`].
    #[expect(clippy::expect_used, reason = "constants, covered by tests")]
    pub fn new(code: &str) -> Self {
        Self::read(code).expect("a known place")
    }

    /// A code that was just read.
    pub(super) fn known(code: String) -> Self {
        Self(code)
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

impl TryFrom<String> for Jurisdiction {
    type Error = UnknownPlace;

    fn try_from(code: String) -> Result<Self, UnknownPlace> {
        Self::read(&code)
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
        assert!(Jurisdiction::read("USX").is_err());
        assert!(!Jurisdiction::new("AU").is_within(&Jurisdiction::new("US")));
    }
}
