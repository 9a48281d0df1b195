//! Files of other people's messages, as the desk opens them: which lie there, and the gate on one of them.

use crate::domain::finding::Verdict;
use crate::domain::message::Message;
use crate::error::{Error, Kind, Result};
use crate::service::check::mail;
use crate::service::{Workspace, check};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// A message, and what the gate says of it.
#[derive(Clone, Debug)]
pub struct Checked {
    pub message: Message,
    pub verdict: Verdict,
}

/// Whether a file is a mail by its name.
pub fn is_called_a_mail(path: &Path) -> bool {
    mail::is_called_one(&ending(path))
}

fn ending(path: &Path) -> String {
    let ending = path.extension().and_then(|e| e.to_str());
    ending.unwrap_or("").to_ascii_lowercase()
}

/// Messages by their names in several places, each a folder or a file, in their order; each file once.
pub fn list_all(places: &[PathBuf]) -> Vec<PathBuf> {
    let mut known = BTreeSet::new();
    let is_message = |path: &PathBuf| {
        let ending = ending(path);
        mail::is_called_one(&ending)
            || matches!(ending.as_str(), "html" | "htm" | "xhtml" | "md" | "txt")
    };
    places
        .iter()
        .flat_map(|place| match fs::read_dir(place) {
            Ok(entries) => {
                let mut files: Vec<PathBuf> = entries.flatten().map(|e| e.path()).collect();
                files.sort();
                files
            }
            Err(_) => vec![place.clone()],
        })
        .filter(|file| is_message(file) && known.insert(file.clone()))
        .collect()
}

/// Reads a message from a file and asks the gate; nothing is recorded. Neither standard input nor a pipe is read: the
/// terminal's keys are the desk's, and a pipe that nobody writes would never end.
///
/// # Errors
/// As [`check::read`]; it is no file; or other packs are in force by now than this process opened.
pub fn check(workspace: &Workspace, path: &Path) -> Result<Checked> {
    let name = path.display().to_string();
    let odd = |found: fs::Metadata| !found.is_file() && !found.is_dir();
    if path.as_os_str() == "-" || path.metadata().is_ok_and(odd) {
        return Err(Error::new(Kind::Input, "is no file on disk")
            .at(name)
            .fix("save the message as a file, or give it to `echovoice check`"));
    }
    workspace.has_the_packs_in_force()?;
    let mut message = check::read(path)?.message;
    let verdict = check::check(workspace, &mut message)?;
    Ok(Checked { message, verdict })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_of_several_places_are_listed_once() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["b.eml", "a.EML", "page.html", "c.json", "list.csv", "n.txt"] {
            fs::write(folder.path().join(name), "x").unwrap();
        }
        let one = folder.path().join("b.eml");
        let found = list_all(&[one.clone(), folder.path().to_owned(), one.clone()]);
        let names: Vec<_> = found.iter().map(|p| p.file_name().unwrap()).collect();
        assert_eq!(names, ["b.eml", "a.EML", "n.txt", "page.html"]);
        assert!(is_called_a_mail(&one) && !is_called_a_mail(Path::new("c.json")));
    }
}
