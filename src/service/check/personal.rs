//! The personal-data engine alone, for whoever wants only that.

pub use crate::pii::{AllowList, KnownValues, Scanner, redact};

use crate::domain::profile::Profile;
use crate::error::{Error, Kind, Result};

/// Words that go on record for ever must not hold personal data: no erasure reaches them.
///
/// # Errors
/// They do; the kinds are named, and nothing of what was found. `about`: the customer whose own values count, in any
/// form.
pub fn none_in(what: &str, text: &str, allow: &AllowList, about: Option<&Profile>) -> Result<()> {
    let known = about.map(KnownValues::of_profile);
    let scanner = Scanner {
        known: known.as_ref(),
        allow: Some(allow),
    };
    let mut kinds: Vec<&str> = redact(text, &scanner)
        .tags
        .iter()
        .map(|(_, _, kind)| kind.as_str())
        .collect();
    kinds.sort_unstable();
    kinds.dedup();
    if kinds.is_empty() {
        Ok(())
    } else {
        Err(Error::new(
            Kind::Input,
            format!("the {what} holds personal data ({})", kinds.join(", ")),
        )
        .fix("it goes on record for ever and cannot be erased: say it without"))
    }
}
