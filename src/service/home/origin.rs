//! Whose home it is: the demo's, which fills itself, or a firm's own, which `init` made and nothing is put into.

use crate::error::{Error, Kind, Result};
use crate::files;
use crate::text::table;
use serde::{Deserialize, Serialize};
use std::path::Path;
use std::{fs, io};

/// Name of the file that marks a firm's own home.
pub const FILE: &str = "home.toml";

const HEAD: &str = "\
# This home is a firm's own: nothing of the demo is put into it. Made by `echovoice init`; leave it as it is.

";

/// Who a home was made for, and who began its record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Origin {
    pub firm: String,
    /// The first administrator.
    pub admin: String,
    /// Their public key.
    pub key: String,
}

/// What a firm's own home was made for; none of the demo's.
///
/// # Errors
/// The file is there and cannot be read: then nothing of the demo may take its place.
pub fn read(home: &Path) -> Result<Option<Origin>> {
    let path = home.join(FILE);
    let place = || path.display().to_string();
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(Error::of(Kind::Io, e).at(place())),
    };
    table::read(&text).map(Some).map_err(|slip| {
        let place = slip.place(&place());
        Error::new(Kind::Input, slip.problem)
            .at(place)
            .fix("bring the file back from a backup: it says whose home this is")
    })
}

/// Whether it is a firm's own.
pub fn is_own(home: &Path) -> bool {
    home.join(FILE).exists()
}

/// Marks a home.
///
/// # Errors
/// It cannot be written.
pub(in crate::service) fn write(home: &Path, origin: &Origin) -> io::Result<()> {
    let text = toml::to_string(origin).map_err(io::Error::other)?;
    files::write_new(&home.join(FILE), format!("{HEAD}{text}").as_bytes())
}
