//! The manifest of an export: what was asked for, which entries it must hold, and every file with its hash, signed by
//! the log. Without it whoever hands an export on could leave something out of it unseen.

use super::export::Exported;
use super::plain;
use super::span::Span;
use crate::domain::digest::Digest;
use crate::files;
use crate::ledger::checkpoint::{Checkpoint, NoteError, open_note, sign_note};
use crate::ledger::keys::{PublicKey, SigningKey};
use chrono::{DateTime, SecondsFormat, Utc};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::Path;

/// The file's name.
pub(super) const NAME: &str = "manifest";

/// Signs for all that lies in an export's folder. Nothing is put there afterwards.
///
/// # Errors
/// A file cannot be read, or the manifest not written.
pub fn seal(folder: &Path, done: &Exported, span: &Span, key: &SigningKey) -> io::Result<()> {
    let note = fs::read_to_string(folder.join("checkpoint"))?;
    let newest = Checkpoint::open(&note, &key.public()).map_err(io::Error::other)?;
    let bound = |bound: Option<DateTime<Utc>>| {
        bound.map_or("none".to_owned(), |time| {
            time.to_rfc3339_opts(SecondsFormat::Micros, true)
        })
    };
    let rows: Vec<String> = (done.held.iter())
        .map(|(first, last)| format!("{first}-{last}"))
        .collect();
    let mut text = format!(
        "echovoice/export/v2\nsize {}\nsince {}\nuntil {}\nperiod {} {}\nentries {}\nown {}\n",
        newest.size,
        bound(span.since),
        bound(span.until),
        done.period.0,
        done.period.1,
        if rows.is_empty() {
            "none".to_owned()
        } else {
            rows.join(",")
        },
        done.own.map_or("none".to_owned(), |seq| seq.to_string()),
    );
    for (path, (digest, size)) in files(folder)? {
        // Writing into a string does not fail.
        let _ = writeln!(text, "file {} {size} {path}", hex::encode(digest.0));
    }
    files::write(&folder.join(NAME), sign_note(&text, &newest.origin, key))
}

/// A manifest cannot be relied on.
#[derive(Debug, thiserror::Error)]
pub(super) enum ManifestError {
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error(transparent)]
    Note(#[from] NoteError),
    #[error("it is malformed")]
    Malformed,
}

/// A manifest whose signature is good.
pub(super) struct Manifest {
    size: u64,
    is_everything: bool,
    files: BTreeMap<String, (Digest, u64)>,
}

impl Manifest {
    /// Reads the manifest of an export, if it has one.
    ///
    /// # Errors
    /// It cannot be read, or is not what the log signed.
    pub fn read(folder: &Path, key: &PublicKey) -> Result<Option<Self>, ManifestError> {
        let note = match plain::read_text(&folder.join(NAME)) {
            Ok(note) => note,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(e.into()),
        };
        let text = open_note(&note, key)?;
        Self::parse(text).map(Some).ok_or(ManifestError::Malformed)
    }

    fn parse(text: &str) -> Option<Self> {
        let (version, rest) = text.split_once('\n')?;
        let names_own = match version {
            // Of a period it says nothing of what became of its runs later.
            "echovoice/export/v1" => false,
            "echovoice/export/v2" => true,
            _ => return None,
        };
        let mut lines = rest.lines();
        let mut next = |name: &str| lines.next()?.strip_prefix(name)?.strip_prefix(' ');
        let size = next("size")?.parse().ok()?;
        let bounds = (next("since")?, next("until")?);
        let (_period, _entries) = (next("period")?, next("entries")?);
        if names_own {
            next("own")?;
        }
        let mut files = BTreeMap::new();
        for line in lines {
            let mut words = line.strip_prefix("file ")?.splitn(3, ' ');
            let mut digest = [0; 32];
            hex::decode_to_slice(words.next()?, &mut digest).ok()?;
            let length = words.next()?.parse().ok()?;
            files.insert(words.next()?.to_owned(), (Digest(digest), length));
        }
        Some(Self {
            size,
            is_everything: bounds == ("none", "none"),
            files,
        })
    }

    /// Whether the folder holds everything of a log of that size, each file as it was signed for, and nothing else.
    ///
    /// # Errors
    /// The file that is other, and how.
    pub fn holds(&self, folder: &Path, size: u64) -> Result<(), (String, String)> {
        let bad = |file: &str, what: &str| Err((file.to_owned(), what.to_owned()));
        if self.size != size {
            return bad(NAME, "it is of another checkpoint");
        }
        if !self.is_everything {
            return bad(NAME, "only an export of everything can be restored");
        }
        let found = files(folder).map_err(|e| (String::new(), e.to_string()))?;
        for (path, signed) in &self.files {
            match found.get(path) {
                None => return bad(path, "it is missing"),
                Some(there) if there != signed => {
                    return bad(path, "it was changed since it was exported");
                }
                Some(_) => {}
            }
        }
        match found.keys().find(|path| !self.files.contains_key(*path)) {
            Some(path) => bad(path, "nobody exported this file"),
            None => Ok(()),
        }
    }
}

/// Hash and length of every file below a folder but the manifest, by path with `/`.
fn files(folder: &Path) -> io::Result<BTreeMap<String, (Digest, u64)>> {
    let mut found = BTreeMap::new();
    let mut open = vec![(folder.to_owned(), String::new())];
    while let Some((folder, prefix)) = open.pop() {
        for entry in fs::read_dir(&folder)? {
            let entry = entry?;
            let path = format!("{prefix}{}", entry.file_name().to_string_lossy());
            if entry.file_type()?.is_dir() {
                open.push((entry.path(), format!("{path}/")));
            } else if path != NAME {
                let row = plain::hash(&entry.path())
                    .map_err(|e| io::Error::new(e.kind(), format!("{path}: {e}")))?;
                found.insert(path, row);
            }
        }
    }
    Ok(found)
}
