//! What the home's settings say to a face.

use crate::config::Config;
use crate::error::Result;
use std::collections::BTreeMap;
use std::path::Path;

/// Keys that the user has bound otherwise, by the command's id.
///
/// # Errors
/// The settings cannot be read; the words name line and setting.
pub fn keys(home: &Path) -> Result<BTreeMap<String, Vec<String>>> {
    let settings = Config::read(home)?;
    let all = settings.keys.iter();
    Ok(all.map(|(id, keys)| (id.clone(), keys.all())).collect())
}
