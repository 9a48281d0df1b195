//! Who wants no more messages, whatever a profile says: a list of hashes, so that it names nobody, outlives an erasure,
//! and can be kept beside the ledger.

use super::workspace::Workspace;
use crate::domain::digest::Digest;
use crate::domain::person::Action;
use crate::domain::profile::Profile;
use crate::error::{Error, Kind, Result};
use std::collections::BTreeSet;
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

fn file(home: &Path) -> PathBuf {
    home.join("opt_out.txt")
}

/// What stands in the list for an id, an address or a number, however it is written.
fn entry(text: &str) -> String {
    let text = text.trim().to_lowercase();
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let is_number = digits.len() >= 7
        && text
            .chars()
            .all(|c| c.is_ascii_digit() || "+-. ()".contains(c));
    // A country's own prefix may be left out: the last ten digits are the number.
    let same = if is_number {
        digits[digits.len().saturating_sub(10)..].to_owned()
    } else {
        text
    };
    hex::encode(Digest::of_parts([b"echovoice/opt-out/v1".as_slice(), same.as_bytes()]).0)
}

fn read(home: &Path) -> Result<BTreeSet<String>> {
    let path = file(home);
    match fs::read_to_string(&path) {
        Ok(text) => Ok(text.lines().map(|line| line.trim().to_owned()).collect()),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(BTreeSet::new()),
        Err(e) => Err(Error::new(Kind::Io, format!("the opt-out list: {e}"))
            .at(path.display().to_string())
            .fix("nothing is sent until it can be read")),
    }
}

/// Adds ids, addresses or numbers; how many were new. Takes effect at the next hand-over.
///
/// # Errors
/// Not allowed, or the list cannot be written.
pub fn add(workspace: &Workspace, who: &[String]) -> Result<usize> {
    workspace.allow(Action::Deliver)?;
    let known = read(&workspace.home)?;
    let new: BTreeSet<String> = who
        .iter()
        .filter(|text| !text.trim().is_empty())
        .map(|text| entry(text))
        .filter(|entry| !known.contains(entry))
        .collect();
    let path = file(&workspace.home);
    let failed = |e: io::Error| Error::new(Kind::Io, e.to_string()).at(path.display().to_string());
    let mut out = OpenOptions::new()
        .create(true)
        .append(true)
        .open(&path)
        .map_err(failed)?;
    for entry in &new {
        writeln!(out, "{entry}").map_err(failed)?;
    }
    out.sync_all().map_err(failed)?;
    Ok(new.len())
}

/// Whether somebody is on the list, by id, address or number.
///
/// # Errors
/// The list cannot be read.
pub fn is_listed(home: &Path, profile: &Profile) -> Result<bool> {
    let list = read(home)?;
    let known = [
        Some(&profile.id),
        profile.email.as_ref(),
        profile.phone.as_ref(),
    ];
    Ok(!list.is_empty()
        && known
            .into_iter()
            .flatten()
            .any(|text| list.contains(&entry(text))))
}

/// How many are on the list.
///
/// # Errors
/// It cannot be read.
pub fn count(home: &Path) -> Result<usize> {
    Ok(read(home)?.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn however_it_is_written_it_is_the_same_person() {
        assert_eq!(entry(" Ann@Example.com "), entry("ann@example.com"));
        assert_eq!(entry("+1 (302) 555-0142"), entry("302.555.0142"));
        assert_ne!(entry("302.555.0142"), entry("302.555.0143"));
        assert_ne!(entry("C-1"), entry("C-2"));
        let home = tempfile::tempdir().unwrap();
        fs::write(file(home.path()), format!("{}\n", entry("ann@example.com"))).unwrap();
        let profile =
            |email: &str| Profile::from_value(&json!({"id": "c", "email": email})).unwrap();
        assert!(is_listed(home.path(), &profile("ANN@example.com")).unwrap());
        assert!(!is_listed(home.path(), &profile("bob@example.com")).unwrap());
    }
}
