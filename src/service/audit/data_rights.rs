//! What stands on a customer's data: erased, held for the law, or to be used for nothing until a day.

use crate::error::{Error, Kind, Result};
use crate::ledger::erasure::DataStanding;
use crate::ledger::log::Key;
use crate::ledger::{AuditLog, Ledger};
use chrono::{NaiveDate, Utc};

/// Whether an entry says that a customer was erased.
pub(in crate::service) fn is_erased(log: &dyn AuditLog, subject: &str) -> bool {
    standing(log, subject).is_ok_and(|standing| standing.erased)
}

/// What stands on a customer's data.
///
/// # Errors
/// The ledger cannot be read.
pub(in crate::service) fn standing(log: &dyn AuditLog, subject: &str) -> Result<DataStanding> {
    let row = log.one(Key::Standing(subject))?;
    row.map_or_else(
        || Ok(DataStanding::default()),
        |row| {
            serde_json::from_slice(&row).map_err(|e| {
                Error::new(Kind::Ledger, format!("what stands on {subject}: {e}"))
                    .fix("run `echovoice audit verify`")
            })
        },
    )
}

/// The day until which a customer's data may be used for nothing, if there is one today.
///
/// # Errors
/// The ledger cannot be read.
pub(in crate::service) fn restricted(ledger: &Ledger, customer: &str) -> Result<Option<String>> {
    let Some(subject) = ledger.pseudonym(customer)? else {
        return Ok(None);
    };
    let until = standing(ledger.log().as_ref(), &subject)?.until;
    let last = NaiveDate::parse_from_str(&until, "%Y-%m-%d").ok();
    Ok(last
        .is_some_and(|last| last >= Utc::now().date_naive())
        .then_some(until))
}
