//! Customers' wrapped keys as an export of everything carries them: a line of JSON each.

use super::plain;
use crate::files;
use crate::ledger::log::{AuditLog, Cause};
use crate::ledger::vault::Subject;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use std::io::{self, BufReader, BufWriter, Write as _};
use std::path::Path;

/// The file's name.
pub const CUSTOMERS: &str = "subjects.jsonl";

/// Most bytes of a line.
const LONGEST: u64 = 1 << 20;

#[derive(Serialize, Deserialize)]
struct Wrapped {
    locator: String,
    pseudonym: String,
    wrapped: String,
}

/// Customers' keys in an export cannot be read back.
#[derive(Debug, thiserror::Error)]
pub enum CustomersError {
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error("line {line}: {problem}")]
    Line {
        line: u64,
        #[source]
        problem: Cause,
    },
}

/// Writes all of them into an export's folder.
pub(super) fn write(log: &dyn AuditLog, folder: &Path) -> Result<(), super::export::Failed> {
    let mut out = BufWriter::new(files::create(&folder.join(CUSTOMERS))?);
    log.customers(&mut |locator, subject| {
        let line = Wrapped {
            locator: hex::encode(locator),
            pseudonym: subject.pseudonym,
            wrapped: STANDARD.encode(subject.wrapped),
        };
        serde_json::to_writer(&mut out, &line).map_err(std::io::Error::from)?;
        out.write_all(b"\n")?;
        Ok::<_, super::export::Failed>(())
    })?;
    Ok(out.flush()?)
}

/// Reads them back, in the order of their locators.
///
/// # Errors
/// The file cannot be read, or a line is wrong.
pub fn read_customers(folder: &Path) -> Result<Vec<([u8; 32], Subject)>, CustomersError> {
    let file = plain::open(&folder.join(CUSTOMERS))?;
    let mut lines = BufReader::new(file);
    let mut customers = Vec::new();
    for number in 1.. {
        let bad = |problem: Cause| CustomersError::Line {
            line: number,
            problem,
        };
        let line = plain::line(&mut lines, LONGEST).map_err(|e| bad(e.into()))?;
        let Some(line) = line else { break };
        let row: Wrapped = serde_json::from_slice(&line).map_err(|e| bad(e.into()))?;
        let mut locator = [0; 32];
        hex::decode_to_slice(&row.locator, &mut locator).map_err(|e| bad(e.into()))?;
        let wrapped = STANDARD.decode(&row.wrapped).map_err(|e| bad(e.into()))?;
        let pseudonym = row.pseudonym;
        customers.push((locator, Subject { pseudonym, wrapped }));
    }
    Ok(customers)
}
