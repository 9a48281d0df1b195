//! Passages on disk, one line of JSON each, and a table in memory of where each lies, what it hashes to and whom it
//! concerns. A passage that was changed behind our back is refused when it is read.

use super::document::Passage;
use crate::domain::digest::Digest;
use crate::files;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufWriter, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// Names inside a built index.
const TEXTS: &str = "passages.jsonl";
const TABLE: &str = "passages.table";
/// Bytes of a row: end of the line, scope, digest.
const ROW: usize = 8 + 4 + 32;

/// Whom a passage concerns: all that filters look at. Many passages share one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) struct PassageScope {
    pub jurisdiction: Vec<String>,
    pub product: Vec<String>,
    pub valid_from: Option<String>,
    pub valid_to: Option<String>,
}

impl PassageScope {
    pub fn of(passage: &Passage) -> Self {
        Self {
            jurisdiction: passage.jurisdiction.clone(),
            product: passage.product.clone(),
            valid_from: passage.valid_from.clone(),
            valid_to: passage.valid_to.clone(),
        }
    }
}

#[derive(Clone, Copy)]
struct PassageRow {
    /// Where its line ends in the file, without the line break.
    end: u64,
    scope: u32,
    digest: Digest,
}

/// Writes passages one after another.
pub(super) struct PassageWriter {
    texts: BufWriter<File>,
    table: BufWriter<File>,
    at: u64,
    scopes: HashMap<PassageScope, u32>,
    order: Vec<PassageScope>,
    digests: Vec<Digest>,
}

impl PassageWriter {
    pub fn create(folder: &Path) -> io::Result<Self> {
        Ok(Self {
            texts: BufWriter::new(files::create(&folder.join(TEXTS))?),
            table: BufWriter::new(files::create(&folder.join(TABLE))?),
            at: 0,
            scopes: HashMap::new(),
            order: Vec::new(),
            digests: Vec::new(),
        })
    }

    pub fn len(&self) -> usize {
        self.digests.len()
    }

    pub fn add(&mut self, passage: &Passage) -> io::Result<()> {
        let line = serde_json::to_vec(passage)?;
        let digest = Digest::of(&line);
        let scope = PassageScope::of(passage);
        let scope = match self.scopes.get(&scope) {
            Some(known) => *known,
            None => {
                let next = u32::try_from(self.order.len()).map_err(io::Error::other)?;
                self.order.push(scope.clone());
                self.scopes.insert(scope, next);
                next
            }
        };
        self.texts.write_all(&line)?;
        self.texts.write_all(b"\n")?;
        let end = self.at + line.len() as u64;
        self.at = end + 1;
        self.table.write_all(&end.to_le_bytes())?;
        self.table.write_all(&scope.to_le_bytes())?;
        self.table.write_all(&digest.0)?;
        self.digests.push(digest);
        Ok(())
    }

    /// Everything on disk: the scopes by number, and the digests in order.
    pub fn finish(self) -> io::Result<(Vec<PassageScope>, Vec<Digest>)> {
        for file in [self.texts, self.table] {
            files::finish(file)?;
        }
        Ok((self.order, self.digests))
    }
}

/// The passages of a built index, by number.
pub(super) struct Passages {
    file: Mutex<File>,
    path: PathBuf,
    rows: Vec<PassageRow>,
    scopes: Vec<PassageScope>,
}

impl Passages {
    /// # Errors
    /// A file is missing, or the table does not fit the scopes.
    pub fn open(folder: &Path, scopes: Vec<PassageScope>) -> io::Result<Self> {
        let table = std::fs::read(folder.join(TABLE))?;
        let mut rows = Vec::with_capacity(table.len() / ROW);
        for row in table.chunks_exact(ROW) {
            let (Some(end), Some(scope), Some(digest)) = (
                row.first_chunk::<8>(),
                row[8..].first_chunk::<4>(),
                row[12..].first_chunk::<32>(),
            ) else {
                continue;
            };
            rows.push(PassageRow {
                end: u64::from_le_bytes(*end),
                scope: u32::from_le_bytes(*scope),
                digest: Digest(*digest),
            });
        }
        let whole = table.len() % ROW == 0
            && rows.is_sorted_by(|a, b| a.end < b.end)
            && rows.iter().all(|row| (row.scope as usize) < scopes.len());
        if !whole {
            return Err(io::Error::new(io::ErrorKind::InvalidData, TABLE));
        }
        let path = folder.join(TEXTS);
        Ok(Self {
            file: Mutex::new(File::open(&path)?),
            path,
            rows,
            scopes,
        })
    }

    pub fn len(&self) -> usize {
        self.rows.len()
    }

    pub fn digests(&self) -> impl Iterator<Item = Digest> {
        self.rows.iter().map(|row| row.digest)
    }

    pub fn scopes(&self) -> &[PassageScope] {
        &self.scopes
    }

    /// Number of a passage's scope.
    pub fn scope(&self, number: usize) -> usize {
        self.rows[number].scope as usize
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Reads one passage.
    ///
    /// # Errors
    /// The file cannot be read, or no longer holds what the snapshot names.
    pub fn get(&self, number: usize) -> io::Result<Passage> {
        let row = self.rows[number];
        let start = match number {
            0 => 0,
            _ => self.rows[number - 1].end + 1,
        };
        let length = usize::try_from(row.end - start).map_err(io::Error::other)?;
        let mut line = vec![0; length];
        {
            let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
            file.seek(SeekFrom::Start(start))?;
            file.read_exact(&mut line)?;
        }
        if Digest::of(&line) != row.digest {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                format!("passage {} is not what was indexed", number + 1),
            ));
        }
        Ok(serde_json::from_slice(&line)?)
    }
}

#[cfg(test)]
mod tests {
    use super::super::document::Document;
    use super::*;
    use crate::pii::AllowList;

    #[test]
    fn a_passage_comes_back_as_written_and_a_changed_one_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let document = Document {
            id: "a".into(),
            jurisdiction: vec!["US".into()],
            text: "# One\n\nFirst.\n\n# Two\n\nSecond.".into(),
            ..Document::default()
        };
        let passages = document.passages(&AllowList::default());
        let mut writer = PassageWriter::create(folder.path()).unwrap();
        for passage in &passages {
            writer.add(passage).unwrap();
        }
        let (scopes, digests) = writer.finish().unwrap();
        assert_eq!((scopes.len(), digests.len()), (1, 2));
        let open = || Passages::open(folder.path(), scopes.clone());
        let read: Vec<Passage> = (0..2).map(|n| open().unwrap().get(n).unwrap()).collect();
        assert_eq!(read, passages);

        let file = folder.path().join(TEXTS);
        let text = std::fs::read_to_string(&file).unwrap();
        std::fs::write(&file, text.replace("Second", "Sekond")).unwrap();
        assert!(open().unwrap().get(0).is_ok());
        let refused = open().unwrap().get(1).unwrap_err();
        assert!(refused.to_string().contains("passage 2"), "{refused}");

        let table = folder.path().join(TABLE);
        let bytes = std::fs::read(&table).unwrap();
        std::fs::write(&table, &bytes[..ROW + 3]).unwrap();
        assert!(open().is_err());
    }
}
