//! Which packs are in force: copies made when a pack was activated, so that editing a draft changes no verdict.
//!
//! `HOME/policies/*.toml` are drafts, `HOME/policies/active/*.toml` what runs. `active.json` names each by its hash;
//! a copy that was changed without an activation is refused.

use crate::domain::digest::Digest;
use crate::error::{Error, Kind, Result};
use crate::files;
use crate::rules::Pack;
use serde::{Deserialize, Serialize};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// A pack in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Activated {
    pub id: String,
    pub version: String,
    pub digest: Digest,
    /// Who activated it; `shipped` for those that came with the program.
    pub by: String,
    /// RFC 3339; empty for shipped ones.
    #[serde(default)]
    pub time: String,
}

/// The folder of drafts, and of what runs.
pub struct Shelf {
    drafts: PathBuf,
    active: PathBuf,
}

/// Drafts with their texts, by file name.
pub type Drafts = Vec<(Pack, String)>;

impl Shelf {
    pub fn of(home: &Path) -> Self {
        let drafts = home.join("policies");
        Self {
            active: drafts.join("active"),
            drafts,
        }
    }

    fn manifest_path(&self) -> PathBuf {
        self.active.join("active.json")
    }

    fn path_of(&self, id: &str) -> PathBuf {
        self.active.join(format!("{id}.toml"))
    }

    /// On the first start the shipped drafts are in force as they are.
    ///
    /// # Errors
    /// A draft is no pack, or the folder cannot be written.
    pub fn prepare(&self) -> Result<()> {
        if self.manifest_path().exists() {
            return Ok(());
        }
        let mut list = Vec::new();
        let mut texts = Vec::new();
        for (pack, text) in self.drafts()? {
            list.push(Activated {
                id: pack.head.id.clone(),
                version: pack.head.version.clone(),
                digest: pack.digest,
                by: "shipped".into(),
                time: String::new(),
            });
            texts.push((pack.head.id, text));
        }
        list.sort_by(|a: &Activated, b| a.id.cmp(&b.id));
        files::folder(&self.active).map_err(|e| self.unwritable(e))?;
        for (id, text) in texts {
            files::replace(&self.path_of(&id), text.as_bytes()).map_err(|e| self.unwritable(e))?;
        }
        // The manifest last: a start that was cut off begins anew.
        self.write_manifest(&list)
    }

    fn unwritable(&self, e: io::Error) -> Error {
        Error::of(Kind::Io, e)
            .at(self.active.display().to_string())
            .fix("make the folder writable")
    }

    fn write_manifest(&self, list: &[Activated]) -> Result<()> {
        let text = serde_json::to_string_pretty(list).unwrap_or_default();
        files::replace(&self.manifest_path(), text.as_bytes()).map_err(|e| self.unwritable(e))
    }

    /// The manifest.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn list(&self) -> Result<Vec<Activated>> {
        let path = self.manifest_path();
        let text = fs::read_to_string(&path)
            .map_err(|e| Error::of(Kind::Io, e).at(path.display().to_string()))?;
        serde_json::from_str(&text).map_err(|e| {
            Error::new(Kind::Input, format!("not the list of active packs: {e}"))
                .at(path.display().to_string())
                .fix("restore it, or delete the folder `active` to start again from the drafts")
        })
    }

    /// Whether a list of packs in force is kept here.
    pub fn has_list(&self) -> bool {
        self.manifest_path().exists()
    }

    /// The packs in force; none where no list of them is kept, as beside a copy of a record alone.
    ///
    /// # Errors
    /// See [`Self::packs`].
    pub fn packs_if_any(&self) -> Result<Vec<Pack>> {
        if self.has_list() {
            self.packs()
        } else {
            Ok(Vec::new())
        }
    }

    /// The packs in force, by id. Each is compared with its hash.
    ///
    /// # Errors
    /// A copy is missing, was changed, or is no pack.
    pub fn packs(&self) -> Result<Vec<Pack>> {
        let mut packs = Vec::new();
        for entry in self.list()? {
            let path = self.path_of(&entry.id);
            let pack = super::read_pack(&path)?;
            if pack.digest != entry.digest {
                return Err(Error::new(
                    Kind::Input,
                    format!("the active pack {} was changed without an activation", entry.id),
                )
                .at(path.display().to_string())
                .fix("restore it; changes go into the draft beside the folder, then `echovoice policy activate`"));
            }
            packs.push(pack);
        }
        packs.sort_by(|a, b| a.head.id.cmp(&b.head.id));
        Ok(packs)
    }

    /// The drafts with their texts, by file name.
    ///
    /// # Errors
    /// A file that is no pack, with line and field, or an id used twice.
    pub fn drafts(&self) -> Result<Drafts> {
        let (packs, mut broken) = self.readable_drafts()?;
        if broken.is_empty() {
            Ok(packs)
        } else {
            Err(broken.swap_remove(0))
        }
    }

    /// The drafts that can be read, and what is wrong with each of the others: one slip must not hide every other pack.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn readable_drafts(&self) -> Result<(Drafts, Vec<Error>)> {
        let mut files: Vec<PathBuf> = fs::read_dir(&self.drafts)
            .map_err(|e| Error::of(Kind::Io, e).at(self.drafts.display().to_string()))?
            .flatten()
            .map(|entry| entry.path())
            .filter(|path| path.extension().is_some_and(|e| e == "toml"))
            .collect();
        files.sort();
        let mut packs: Drafts = Vec::new();
        let mut broken = Vec::new();
        for file in files {
            match super::read_pack_text(&file) {
                Ok((pack, _)) if packs.iter().any(|(p, _)| p.head.id == pack.head.id) => {
                    broken.push(
                        Error::new(
                            Kind::Input,
                            format!("the pack id {} is used twice", pack.head.id),
                        )
                        .at(file.display().to_string())
                        .fix("give the copy its own id, or move one of the two away"),
                    );
                }
                Ok(read) => packs.push(read),
                Err(error) => broken.push(error),
            }
        }
        Ok((packs, broken))
    }

    /// Puts a pack in force.
    ///
    /// # Errors
    /// The folder cannot be written; then the old pack stays.
    pub fn put(&self, pack: &Pack, text: &str, by: &str, time: &str) -> Result<()> {
        let mut list = self.list()?;
        list.retain(|entry| entry.id != pack.head.id);
        list.push(Activated {
            id: pack.head.id.clone(),
            version: pack.head.version.clone(),
            digest: pack.digest,
            by: by.to_owned(),
            time: time.to_owned(),
        });
        list.sort_by(|a, b| a.id.cmp(&b.id));
        files::replace(&self.path_of(&pack.head.id), text.as_bytes())
            .map_err(|e| self.unwritable(e))?;
        self.write_manifest(&list)
    }

    /// Takes a pack out of force. Its draft stays.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn remove(&self, id: &str) -> Result<()> {
        let mut list = self.list()?;
        list.retain(|entry| entry.id != id);
        self.write_manifest(&list)?;
        fs::remove_file(self.path_of(id)).map_err(|e| self.unwritable(e))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PACK: &str = include_str!("../../../assets/policies/plain.toml");

    fn shelf() -> (tempfile::TempDir, Shelf) {
        let home = tempfile::tempdir().unwrap();
        fs::create_dir(home.path().join("policies")).unwrap();
        fs::write(home.path().join("policies/plain.toml"), PACK).unwrap();
        let shelf = Shelf::of(home.path());
        shelf.prepare().unwrap();
        (home, shelf)
    }

    #[test]
    fn editing_a_draft_changes_nothing_until_it_is_put_in_force() {
        let (home, shelf) = shelf();
        let before = shelf.packs().unwrap()[0].digest;
        let version = &shelf.packs().unwrap()[0].head.version;
        let edited = PACK.replace(version, "2099.1.1");
        fs::write(home.path().join("policies/plain.toml"), &edited).unwrap();
        assert_eq!(shelf.packs().unwrap()[0].digest, before);
        let (pack, text) = shelf.drafts().unwrap().swap_remove(0);
        shelf
            .put(&pack, &text, "ana", "2026-11-25T00:00:00Z")
            .unwrap();
        assert_eq!(shelf.packs().unwrap()[0].head.version, "2099.1.1");
        assert_eq!(shelf.list().unwrap()[0].by, "ana");
    }

    #[test]
    fn a_pack_changed_behind_the_back_is_refused() {
        let (home, shelf) = shelf();
        let path = home.path().join("policies/active/plain.toml");
        fs::write(&path, format!("{PACK}\n# harmless?\n")).unwrap();
        let error = shelf.packs().unwrap_err();
        assert!(
            error.what.contains("without an activation"),
            "{}",
            error.what
        );
        fs::remove_file(&path).unwrap();
        assert!(shelf.packs().is_err());
    }
}
