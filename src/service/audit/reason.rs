//! Reasons as they go on record for ever.

use crate::domain::review::one_line;
use crate::error::{Error, Kind, Result};
use crate::service::check::personal;
use crate::service::home::workspace::Workspace;

/// Fewest and most characters of a reason.
const REASON: std::ops::RangeInclusive<usize> = 10..=500;

/// A reason as it goes on record for ever: long enough, on one line, and nobody's data.
///
/// # Errors
/// It is not.
pub(in crate::service) fn reason_on_record(workspace: &Workspace, reason: &str) -> Result<String> {
    let reason = reason_of(reason)?;
    personal::none_in("reason", &reason, &workspace.allow, None)?;
    Ok(reason)
}

pub(in crate::service) fn reason_of(reason: &str) -> Result<String> {
    let reason = one_line(reason);
    if REASON.contains(&reason.chars().count()) {
        Ok(reason)
    } else {
        Err(Error::new(
            Kind::Input,
            format!(
                "a reason has {} to {} characters",
                REASON.start(),
                REASON.end()
            ),
        )
        .fix("name the request or the law, and nothing that is personal"))
    }
}
