//! `outcomes.measured.toml`: the counts that the ledger's feedback comes to, so that a start need not count all anew. The
//! program marks what it writes; what bears no mark, or another one, is counted anew from the record.

use crate::error::{Error, Kind, Result};
use crate::files;
use crate::ledger::suppression::mark;
use crate::service::users::people;
use std::path::Path;
use std::{fs, io};

/// The file's name.
pub(in crate::service) const MEASURED: &str = "outcomes.measured.toml";

/// What the mark's line begins with.
const MARK: &str = "# mark ";

/// What lies there.
pub(in crate::service) enum FoundTable {
    None,
    /// As this program wrote it.
    Ours(String),
    /// Somebody else did, or an earlier version.
    Strange,
}

/// Reads the counts.
///
/// # Errors
/// The file is there and cannot be read.
pub(in crate::service) fn read(home: &Path) -> Result<FoundTable> {
    let path = home.join(MEASURED);
    let bytes = match fs::read(&path) {
        Ok(bytes) => bytes,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(FoundTable::None),
        Err(e) => {
            return Err(Error::of(Kind::Io, e)
                .at(path.display().to_string())
                .fix("delete the file; it is made anew from the ledger"));
        }
    };
    let text = String::from_utf8_lossy(&bytes);
    let marked = text
        .strip_prefix(MARK)
        .and_then(|rest| rest.split_once('\n'));
    // Without the log's key nothing says whose it is, and no run is recorded either.
    let key = people::log_key(&home.join("keys"), false).ok();
    Ok(match (marked, key) {
        (Some((told, text)), Some(key)) if mark(&key, MEASURED, text) == told => {
            FoundTable::Ours(text.to_owned())
        }
        _ => FoundTable::Strange,
    })
}

/// Writes them, marked.
///
/// # Errors
/// The home cannot be written, or has not the log's key.
pub(in crate::service) fn write(home: &Path, text: &str) -> Result<()> {
    let path = home.join(MEASURED);
    let key = people::log_key(&home.join("keys"), false)?;
    let marked = format!("{MARK}{}\n{text}", mark(&key, MEASURED, text));
    files::replace(&path, marked.as_bytes())
        .map_err(|e| Error::of(Kind::Io, e).at(path.display().to_string()))
}
