//! The moment that a workspace judges by, and the versions that a run pins.

use crate::domain::digest::Digest;
use crate::domain::run::Pins;
use crate::service::home::workspace::Workspace;
use chrono::{DateTime, FixedOffset, NaiveDate, SecondsFormat, Utc};

/// Build, rule engine and table versions: a verdict may depend on each.
pub fn engine() -> String {
    let (major, minor, patch) = unicode_normalization::UNICODE_VERSION;
    format!(
        "echovoice/{} unicode/{major}.{minor}.{patch} tz/{}",
        env!("CARGO_PKG_VERSION"),
        crate::domain::zone::version()
    )
}

impl Workspace {
    /// The moment that verdicts are made for: the one given, or now.
    pub fn as_of(&self) -> DateTime<FixedOffset> {
        self.as_of.unwrap_or_else(|| Utc::now().fixed_offset())
    }

    /// The moment that was given to judge by; none: now.
    pub fn as_of_given(&self) -> Option<DateTime<FixedOffset>> {
        self.as_of
    }

    /// The day of that moment in UTC: what calendars of law are seen from.
    pub fn today(&self) -> NaiveDate {
        self.as_of().to_utc().date_naive()
    }

    /// Versions that a run pins.
    pub fn pins(&self, seed: u64) -> Pins {
        Pins {
            engine: engine(),
            pack: self.book.digest(),
            knowledge: self
                .knowledge
                .as_ref()
                .map_or(Digest([0; 32]), |k| k.snapshot()),
            assets: self.learned.digest(),
            seed,
            as_of: self.as_of().to_rfc3339_opts(SecondsFormat::Secs, true),
        }
    }
}
