//! Who works on this machine: remembered for each home in the user's own state folder, and not in the home, which others may
//! work in too.

use crate::error::{Error, Kind, Result};
use crate::service::audit::witness::{put, state_folder};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

fn file() -> Option<PathBuf> {
    Some(state_folder()?.join("users.json"))
}

/// A home by one name, however it is reached.
fn name_of(home: &Path) -> String {
    let home = fs::canonicalize(home).unwrap_or_else(|_| home.to_owned());
    home.display().to_string()
}

fn all(file: &Path) -> BTreeMap<String, String> {
    let text = fs::read_to_string(file).unwrap_or_default();
    serde_json::from_str(&text).unwrap_or_default()
}

/// Who works in this home on this machine, if somebody was remembered.
pub fn who(home: &Path) -> Option<String> {
    all(&file()?).remove(&name_of(home))
}

/// From now on this one acts in this home where nobody is named; nobody with `None`.
///
/// # Errors
/// The state folder cannot be written.
pub fn remember(home: &Path, name: Option<&str>) -> Result<()> {
    let Some(file) = file() else {
        return Err(Error::new(Kind::Io, "no state folder is known")
            .fix("set HOME, or name who acts with --as NAME or ECHOVOICE_USER"));
    };
    let mut users = all(&file);
    match name {
        Some(name) => users.insert(name_of(home), name.to_owned()),
        None => users.remove(&name_of(home)),
    };
    let text = serde_json::to_string_pretty(&users).unwrap_or_default();
    put(&file, &text).map_err(|e| {
        Error::of(Kind::Io, e)
            .at(file.display().to_string())
            .fix("name who acts with --as NAME or ECHOVOICE_USER")
    })
}
