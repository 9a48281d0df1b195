//! What the home's settings say to a face.

use crate::config::Config;
use crate::error::{Error, Kind, Result};
use crate::files;
use std::collections::BTreeMap;
use std::path::Path;

pub use crate::config::{Clipboard, DeskSettings, Glyphs};

/// Marks a home whose user has seen the tour, or did not want it.
const TOUR_SEEN: &str = "tour.seen";

/// Keys that the user has bound otherwise, by the command's id.
///
/// # Errors
/// The settings cannot be read; the words name line and setting.
pub fn keys(home: &Path) -> Result<BTreeMap<String, Vec<String>>> {
    let settings = Config::read(home)?;
    let all = settings.keys.iter();
    Ok(all.map(|(id, keys)| (id.clone(), keys.all())).collect())
}

/// How the desk looks and behaves.
///
/// # Errors
/// See [`keys`].
pub fn desk(home: &Path) -> Result<DeskSettings> {
    Ok(Config::read(home)?.desk)
}

/// Whether the tour was never shown in this home.
pub fn is_tour_due(home: &Path) -> bool {
    !home.join(TOUR_SEEN).exists()
}

/// The tour is not shown again.
///
/// # Errors
/// The home cannot be written.
pub fn tour_seen(home: &Path) -> Result<()> {
    let path = home.join(TOUR_SEEN);
    files::write(&path, "").map_err(|e| {
        Error::of(Kind::Io, e)
            .at(path.display().to_string())
            .fix("the tour will be shown again; make the file yourself to stop it")
    })
}
