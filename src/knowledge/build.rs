//! Building an index: files that changed are read, redacted and embedded; the rest is taken over from the index before.

use super::cache::Cache;
use super::document::{DocumentError, Passage};
use super::embed::Embedder;
use super::error::{KnowledgeError, Step};
use super::index;
use super::ingest;
use super::key::{PieceKey, key};
use super::making::{self, Making};
use super::manifest::{BUILT, Built, IndexManifest, IndexedFile};
use super::passages::{PassageWriter, Passages};
use super::pieces::{self, PieceFile};
use super::taken::Taken;
use super::ways::Late;
use crate::files;
use crate::pii::AllowList;
use std::collections::{HashMap, HashSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

pub(super) const VECTORS: &str = "vectors";
pub(super) const WORDS: &str = "words";
/// How folders begin in which an index is being made.
const BUILDING: &str = "building-";

/// What came with the program: vectors of passages, and of their word pieces.
#[derive(Clone, Copy, Default)]
pub struct Shipped<'s> {
    pub vectors: &'s [u8],
    pub pieces: &'s [u8],
}

/// What an index is built with.
pub(super) struct Builder<'b> {
    pub folder: &'b Path,
    pub allow: &'b AllowList,
    pub embedder: &'b Embedder,
    pub shipped: Shipped<'b>,
    pub late: Late,
    pub progress: &'b mut dyn FnMut(Step),
}

/// Passages on their way to disk.
struct Pass {
    texts: PassageWriter,
    words: index::Builder,
    keys: Vec<PieceKey>,
    /// Documents so far, and the number of the file that holds each.
    documents: HashMap<String, usize>,
}

impl Pass {
    fn add(
        &mut self,
        passage: &Passage,
        embedder: &Embedder,
        folder: &Path,
    ) -> Result<(), KnowledgeError> {
        self.words.add(self.texts.len(), passage)?;
        self.keys.push(key(passage, embedder));
        self.texts.add(passage).map_err(KnowledgeError::at(folder))
    }
}

impl Builder<'_> {
    /// Builds the index of the sources and puts it in place of all others. `manifest` was begun before the sources
    /// were looked at.
    pub fn build(
        &mut self,
        mut manifest: IndexManifest,
        mut sources: Vec<IndexedFile>,
        before: Option<&Built>,
    ) -> Result<Built, KnowledgeError> {
        let temporary = self
            .folder
            .join(format!("{BUILDING}{}", std::process::id()));
        let _ = fs::remove_dir_all(&temporary);
        files::folder(&temporary.join(WORDS)).map_err(KnowledgeError::at(&temporary))?;
        let io = KnowledgeError::at(&temporary);
        let mut pass = Pass {
            texts: PassageWriter::create(&temporary).map_err(&io)?,
            words: index::Builder::create(&temporary.join(WORDS))?,
            keys: Vec::new(),
            documents: HashMap::new(),
        };
        let of = sources.len();
        let paths: Vec<PathBuf> = sources.iter().map(|s| s.path.clone()).collect();
        for (at, source) in sources.iter_mut().enumerate() {
            source.first = pass.texts.len();
            let passages = match before.and_then(|b| taken_over(b, source)) {
                Some((passages, taken)) => {
                    source.taken = taken;
                    passages
                }
                None => self.read(source),
            };
            for passage in passages {
                match pass.documents.get(&passage.doc) {
                    Some(first) if *first != at => {
                        let reason = twice(&passage.doc, &paths[*first]);
                        if !source.problems.contains(&reason) {
                            source.problems.push(reason);
                        }
                    }
                    _ => {
                        pass.add(&passage, self.embedder, &temporary)?;
                        pass.documents.insert(passage.doc, at);
                    }
                }
            }
            source.count = pass.texts.len() - source.first;
            (self.progress)(Step::new("reading files", at + 1, of));
        }
        let Pass {
            texts, words, keys, ..
        } = pass;
        let (scopes, digests) = texts.finish().map_err(&io)?;
        if digests.is_empty() {
            let _ = fs::remove_dir_all(&temporary);
            return Err(none_taken(&sources));
        }
        words.finish()?;
        manifest.scopes = scopes;
        manifest.snapshot = manifest.reading.snapshot(digests.into_iter());
        manifest.sources = sources;
        manifest.complete = self.vectors(&temporary, &keys, &mut manifest)?;
        manifest.write(&temporary).map_err(&io)?;
        self.place(&temporary, &manifest)
    }

    /// Reads a file anew.
    fn read(&self, source: &mut IndexedFile) -> Vec<Passage> {
        let ingest::Read { documents, errors } = ingest::read_file(&source.path);
        source.problems.extend(errors);
        let mut ids = HashSet::new();
        let mut passages = Vec::new();
        for document in documents {
            if ids.insert(document.id.clone()) {
                let own = document.passages(self.allow);
                source.taken.push(Taken::of(&document, &own));
                passages.extend(own);
            } else {
                source.problems.push(twice(&document.id, &source.path));
            }
        }
        passages
    }

    /// Writes the vectors of all passages, and of their word pieces where these are wanted. Without a model none are
    /// made, and the index stays incomplete.
    fn vectors(
        &mut self,
        temporary: &Path,
        keys: &[PieceKey],
        manifest: &mut IndexManifest,
    ) -> Result<bool, KnowledgeError> {
        let path = self.folder.join("vectors.cache");
        let io = KnowledgeError::at(&path);
        let mut cache = Cache::open(&path, self.shipped.vectors).map_err(&io)?;
        manifest.late = self.late.holds_for(keys.len());
        let mut file = if manifest.late {
            let path = self.folder.join(pieces::FILE);
            Some(PieceFile::open(&path, self.shipped.pieces).map_err(KnowledgeError::at(&path))?)
        } else {
            None
        };
        let missing = making::missing(keys, &cache, file.as_mut()).map_err(&io)?;
        let complete = missing.is_empty() || self.embedder.embed("a").is_ok();
        // An index in which nothing is new makes no vectors.
        if !missing.is_empty() && complete {
            let passages = Passages::open(temporary, manifest.scopes.clone())
                .map_err(KnowledgeError::at(temporary))?;
            let progress = &mut *self.progress;
            let unread = Making {
                cache: &mut cache,
                pieces: file.as_mut(),
                embedder: self.embedder,
            }
            .run(
                &missing,
                &mut |number| Ok(passages.get(number)?.search_text()),
                &mut |done, of| progress(Step::new("embedding passages", done, of)),
            )
            .map_err(&io)?;
            for (number, reason) in unread {
                let of = |source: &&mut IndexedFile| {
                    (source.first..source.first + source.count).contains(&number)
                };
                if let Some(source) = manifest.sources.iter_mut().find(of) {
                    let id = passages.get(number).map_err(&io)?.id;
                    source.problems.push(DocumentError(format!(
                        "passage {id} is found by its words alone: {reason}"
                    )));
                }
            }
        }
        cache
            .write_ordered(keys, &temporary.join(VECTORS))
            .map_err(&io)?;
        cache.forget(keys).map_err(&io)?;
        if let Some(file) = &mut file {
            file.finish(keys, temporary).map_err(&io)?;
        }
        Ok(complete)
    }

    /// Renames the finished index to its snapshot's name and removes all others.
    fn place(&self, temporary: &Path, manifest: &IndexManifest) -> Result<Built, KnowledgeError> {
        let name = format!("{BUILT}{}", hex::encode(&manifest.snapshot.0[..12]));
        let place = self.folder.join(&name);
        let io = KnowledgeError::at(&place);
        match fs::remove_dir_all(&place) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(io(e)),
            _ => {}
        }
        fs::rename(temporary, &place).map_err(&io)?;
        for entry in fs::read_dir(self.folder).map_err(&io)?.flatten() {
            let other = entry.file_name();
            let other = other.to_string_lossy();
            if other.starts_with(BUILDING) || other.starts_with(BUILT) && *other != *name {
                // An old index that stays behind only takes room.
                let _ = fs::remove_dir_all(entry.path());
            }
        }
        Built::open(&place, &manifest.reading).ok_or_else(|| io(io::ErrorKind::InvalidData.into()))
    }
}

/// Why there is nothing to index: files that could not be taken, or none at all.
fn none_taken(sources: &[IndexedFile]) -> KnowledgeError {
    let mut reasons = sources.iter().flat_map(|source| {
        let file = source.path.display();
        source
            .problems
            .iter()
            .map(move |problem| format!("{file}: {problem}"))
    });
    match reasons.next() {
        Some(first) => KnowledgeError::NoneTaken {
            first,
            more: reasons.count(),
        },
        None => KnowledgeError::Empty,
    }
}

/// The passages of a file that has not changed. What a file with problems gave may hang on other files: it is read anew.
fn taken_over(before: &Built, source: &IndexedFile) -> Option<(Vec<Passage>, Vec<Taken>)> {
    let known = source.same_in(&before.manifest)?;
    let numbers = known.first..known.first + known.count;
    let passages = (known.problems.is_empty())
        .then(|| numbers.map(|n| before.passages.get(n).ok()).collect())
        .flatten()?;
    Some((passages, known.taken.clone()))
}

fn twice(document: &str, first: &Path) -> DocumentError {
    DocumentError(format!(
        "document {}: its id is taken by {}; give each document an id of its own",
        crate::text::hidden::visible_line(document),
        first.display()
    ))
}
