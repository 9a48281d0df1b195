//! The folder of a home before anything in it is read: whose it is, who else may write to it, and whether this program
//! may.

use crate::error::{Error, Kind, Result};
use crate::files;
use crate::service::home::ownership::{is_only_read, is_ours};
use crate::service::home::workspace::Needs;
use crate::service::home::{assets, origin};
use crate::wait;
use std::fs::File;
use std::io;
use std::path::Path;

/// What of a home others never see, whatever rights an earlier version gave it.
const OURS_ALONE: [&str; 8] = [
    "keys",
    "outbox",
    "index",
    "witness",
    "ledger.redb",
    "vault.key",
    "tokens.json",
    "opt_out.txt",
];

/// A home that is ready to be opened.
pub(in crate::service) struct Ready {
    /// Others that open this home wait until it is let go.
    _alone: Option<File>,
    /// Nothing in it is written: it is somebody else's, or lies on a disk that takes no writes.
    pub untouched: bool,
}

/// Makes a home ready, filling it on first use. Of one that only the record is read from, nothing is asked but that it
/// can be read.
///
/// # Errors
/// It is another user's, others may write to it, it cannot be written, or another process does not let it go.
pub(in crate::service) fn prepare(home: &Path, needs: Needs) -> Result<Ready> {
    if needs == Needs::ReadLedger && is_only_read(home) {
        return Ok(Ready {
            _alone: None,
            untouched: true,
        });
    }
    let unwritable = |e: io::Error| {
        let error = Error::new(Kind::Io, format!("the home cannot be prepared: {e}"))
            .at(home.display().to_string());
        if e.kind() == io::ErrorKind::TimedOut {
            return error;
        }
        error.fix("choose another with --home DIR or ECHOVOICE_HOME")
    };
    if !home.is_dir() {
        files::folder(home).map_err(unwritable)?;
    }
    is_ours(home)?;
    // Several processes may start together: one prepares the home, the others find it ready.
    let alone = wait::lock(&home.join("home.lock")).map_err(unwritable)?;
    for name in OURS_ALONE {
        let path = home.join(name);
        // Of a closed folder nothing is open: thousands of mails are not looked at each time.
        let is_open = files::standing(&path).is_ok_and(|standing| standing.others_read);
        if is_open || name == "keys" {
            files::make_private(&path).map_err(unwritable)?;
        }
    }
    // What a firm took out of its own home stays out.
    if !origin::is_own(home) {
        assets::seed(home).map_err(unwritable)?;
    }
    Ok(Ready {
        _alone: Some(alone),
        untouched: false,
    })
}

/// What is wrong with the rights of a home and what lies in it: a sentence each.
pub(in crate::service) fn open_to_others(home: &Path) -> Vec<String> {
    let mut wrong = Vec::new();
    if let Err(e) = is_ours(home) {
        wrong.push(e.to_string());
    }
    let mut look = |path: &Path, what: &str| {
        if let Ok(standing) = files::standing(path) {
            if standing.is_link {
                wrong.push(format!("{what} is a symbolic link"));
            } else if !standing.ours {
                wrong.push(format!("{what} belongs to user number {}", standing.owner));
            } else if standing.others_read {
                wrong.push(format!("others may read {what}"));
            }
        }
    };
    for name in OURS_ALONE {
        let path = home.join(name);
        look(&path, name);
        // Keys and mails one by one: a folder that is closed today may have been open when they were made.
        let inside = std::fs::read_dir(&path).into_iter().flatten().flatten();
        for entry in inside.filter(|_| name == "keys" || name == "outbox") {
            look(&entry.path(), &format!("a file in {name}"));
        }
    }
    wrong.sort();
    wrong.dedup();
    wrong
}
