//! Whose a home is, and whether it may be written.

use crate::error::{Error, Kind, Result};
use crate::files;
use std::path::Path;

/// Whether nothing may be written into a home that is there: it is another user's, or its disk takes no writes.
pub(in crate::service) fn is_only_read(home: &Path) -> bool {
    home.is_dir() && (!files::may_write(home) || is_ours(home).is_err())
}

/// Who may write into the home can have anything approved: with keys, lists and policies of their own.
pub(in crate::service) fn is_ours(home: &Path) -> Result<()> {
    let place = home.display().to_string();
    // A link to the home is its user's own affair; what it leads to is the home.
    let standing = std::fs::canonicalize(home).and_then(|home| files::standing(&home));
    let standing = standing.map_err(|e| Error::of(Kind::Io, e).at(place.clone()))?;
    if !standing.ours {
        return Err(Error::new(
            Kind::NotAllowed,
            format!("this home belongs to another user (number {})", standing.owner),
        )
        .at(place)
        .fix("work as that user, or choose another home with --home DIR; its record can be read and verified"));
    }
    if standing.others_write {
        return Err(
            Error::new(Kind::NotAllowed, "others may write into this home")
                .at(place.clone())
                .fix(format!(
                    "see that nothing in it is theirs, then run `chmod go-w {place}`"
                )),
        );
    }
    Ok(())
}
