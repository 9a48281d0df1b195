//! Errors as a person meets them: what, where, what to do. The one place where an error becomes words and an exit code.

use crate::built;
use crate::ledger::LogError;
use crate::ledger::log::Cause;
use serde_json::{Value, json};
use std::fmt;
use std::sync::Arc;

/// Exit code of the process.
pub const EXIT_COULD_NOT: u8 = 1;
/// The answer is no: blocked, tampered, tests failed.
pub const EXIT_NO: u8 = 3;

/// What kind of trouble it is, for scripts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Input,
    NotFound,
    NotAllowed,
    /// Something is not as it was when it was seen.
    Changed,
    Locked,
    Io,
    Ledger,
    Stage,
    /// Everything could be read, and the answer is no.
    Refused,
}

impl Kind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Input => "input",
            Self::NotFound => "not_found",
            Self::NotAllowed => "not_allowed",
            Self::Changed => "changed",
            Self::Locked => "locked",
            Self::Io => "io",
            Self::Ledger => "ledger",
            Self::Stage => "stage",
            Self::Refused => "refused",
        }
    }
}

/// One clear error. Never holds customer data.
#[derive(Clone, Debug)]
pub struct Error {
    pub kind: Kind,
    pub what: String,
    /// `file:line: field`, as far as known.
    pub place: Option<String>,
    pub remedy: Option<String>,
    /// The error that it tells of, where there is one.
    cause: Option<Arc<dyn std::error::Error + Send + Sync>>,
}

/// Two are the same that say the same.
impl PartialEq for Error {
    fn eq(&self, other: &Self) -> bool {
        let same = self.kind == other.kind && self.what == other.what;
        same && self.place == other.place && self.remedy == other.remedy
    }
}

impl Eq for Error {}

pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    pub fn new(kind: Kind, what: impl Into<String>) -> Self {
        Self {
            kind,
            what: what.into(),
            place: None,
            remedy: None,
            cause: None,
        }
    }

    /// What another error says, which stays its source.
    pub fn of(kind: Kind, cause: impl Into<Cause>) -> Self {
        let cause = cause.into();
        Self::new(kind, cause.to_string()).because(cause)
    }

    /// The error that it tells of in its own words.
    #[must_use]
    pub fn because(mut self, cause: impl Into<Cause>) -> Self {
        self.cause = Some(Arc::from(cause.into()));
        self
    }

    #[must_use]
    pub fn at(mut self, place: impl Into<String>) -> Self {
        self.place = Some(place.into());
        self
    }

    #[must_use]
    pub fn fix(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = Some(remedy.into());
        self
    }

    /// The same, in words that say more of what it means here.
    #[must_use]
    pub fn saying(mut self, what: impl Into<String>) -> Self {
        self.what = what.into();
        self
    }

    /// Something that was asked for is no part of this program.
    pub fn built_without(what: &str, feature: &str) -> Self {
        Self::new(Kind::Input, format!("built without {what}")).fix(built::how(feature))
    }

    /// The exit code of a process that ends with it.
    pub fn exit_code(&self) -> u8 {
        match self.kind {
            Kind::Refused => EXIT_NO,
            _ => EXIT_COULD_NOT,
        }
    }

    /// The form for `--json`.
    pub fn to_json(&self) -> Value {
        json!({"error": {
            "code": self.kind.as_str(),
            "message": self.what,
            "where": self.place,
            "remedy": self.remedy,
        }})
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)?;
        if let Some(place) = &self.place {
            write!(f, ", {place}")?;
        }
        if let Some(remedy) = &self.remedy {
            write!(f, ", {remedy}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        let cause = self.cause.as_deref()?;
        Some(cause)
    }
}

impl From<LogError> for Error {
    fn from(error: LogError) -> Self {
        Self::from(Arc::new(error))
    }
}

impl From<Arc<LogError>> for Error {
    fn from(error: Arc<LogError>) -> Self {
        let mut told = Self::from(error.as_ref());
        told.cause = Some(error);
        told
    }
}

impl From<&LogError> for Error {
    fn from(error: &LogError) -> Self {
        let kind = match error {
            LogError::Moved => Kind::Changed,
            LogError::Refused(_) => Kind::NotAllowed,
            _ => Kind::Ledger,
        };
        Self::new(kind, error.to_string())
    }
}
