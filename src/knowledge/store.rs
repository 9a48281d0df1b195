//! A built knowledge base on disk: passages, vectors, word index, and the snapshot id that a run pins.

use super::document::Passage;
use super::embed::{DIMENSIONS, Embedder};
use super::index::{LAYOUT, WordIndex};
use super::ingest;
use super::search::Request;
use super::vectors::Vectors;
use crate::domain::citation::Retrieved;
use crate::domain::digest::Digest;
use crate::pii::AllowList;
use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A document that was left out, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub file: PathBuf,
    pub reason: String,
}

/// How far indexing has come: passages embedded, of how many.
pub type Progress<'p> = &'p mut dyn FnMut(usize, usize);

/// Why a knowledge base could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum KnowledgeError {
    #[error("{path}: {source}")]
    Io { path: PathBuf, source: io::Error },
    #[error("the search index: {0}; delete the index folder and start again")]
    Index(#[from] tantivy::TantivyError),
    #[error("no documents were found in {0}; add some with `echovoice kb add`")]
    Empty(PathBuf),
}

/// Passages, their vectors and their index. Cheap to share.
pub struct KnowledgeBase {
    passages: Vec<Passage>,
    vectors: Vectors,
    words: WordIndex,
    embedder: Arc<Embedder>,
    snapshot: Digest,
    answers: Mutex<HashMap<Request, Retrieved>>,
    pub problems: Vec<Problem>,
}

impl KnowledgeBase {
    /// Opens the index of the sources, building what has changed. `shipped` are vectors that came with the program.
    ///
    /// # Errors
    /// The sources cannot be listed, or the index cannot be written.
    pub fn open(
        folder: &Path,
        sources: &[PathBuf],
        allow: &AllowList,
        embedder: Arc<Embedder>,
        shipped: &[u8],
        progress: Progress<'_>,
    ) -> Result<Self, KnowledgeError> {
        let mut problems = Vec::new();
        let mut passages = Vec::new();
        let files = list(sources)?;
        for file in &files {
            let (documents, errors) = ingest::read_file(file);
            problems.extend(errors.into_iter().map(|e| Problem {
                file: file.clone(),
                reason: e.0,
            }));
            passages.extend(documents.iter().flat_map(|d| d.passages(allow)));
        }
        if passages.is_empty() {
            return Err(KnowledgeError::Empty(
                sources.first().cloned().unwrap_or_default(),
            ));
        }
        let snapshot = snapshot_of(&passages, &embedder);
        let io_at = |path: &Path| {
            let path = path.to_owned();
            move |source| KnowledgeError::Io { path, source }
        };
        fs::create_dir_all(folder).map_err(io_at(folder))?;
        let name = hex::encode(&snapshot.0[..12]);
        let words_folder = folder.join(format!("words-{name}"));
        let vectors_file = folder.join("vectors.bin");
        let mut cache = Cache::read(&vectors_file);
        cache.add(shipped);
        let vectors = cache
            .vectors(&passages, &embedder, &vectors_file, &mut problems, progress)
            .map_err(io_at(&vectors_file))?;
        let words = if words_folder.join("ready").exists() {
            WordIndex::open(&words_folder)?
        } else {
            remove_old(folder);
            let temporary = folder.join(format!("building-{name}"));
            let _ = fs::remove_dir_all(&temporary);
            fs::create_dir_all(&temporary).map_err(io_at(&temporary))?;
            drop(WordIndex::build(&temporary, &passages)?);
            fs::write(temporary.join("ready"), b"").map_err(io_at(&temporary))?;
            fs::rename(&temporary, &words_folder).map_err(io_at(&words_folder))?;
            WordIndex::open(&words_folder)?
        };
        Ok(Self {
            passages,
            vectors,
            words,
            embedder,
            snapshot,
            answers: Mutex::default(),
            problems,
        })
    }

    pub fn passages(&self) -> &[Passage] {
        &self.passages
    }

    pub fn snapshot(&self) -> Digest {
        self.snapshot
    }

    pub(super) fn words(&self) -> &WordIndex {
        &self.words
    }

    /// Answers given so far.
    pub(super) fn answers(&self) -> MutexGuard<'_, HashMap<Request, Retrieved>> {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn embedder(&self) -> &Embedder {
        &self.embedder
    }

    pub(super) fn vectors(&self) -> &Vectors {
        &self.vectors
    }
}

/// Hash over passages in order, model and layout of the index.
fn snapshot_of(passages: &[Passage], embedder: &Embedder) -> Digest {
    let model = embedder.digest();
    let digests: Vec<Digest> = passages.iter().map(Passage::digest).collect();
    Digest::of_parts(
        [LAYOUT, model.0.as_slice()]
            .into_iter()
            .chain(digests.iter().map(|d| d.0.as_slice())),
    )
}

/// All document files below the sources, in order of their names.
fn list(sources: &[PathBuf]) -> Result<Vec<PathBuf>, KnowledgeError> {
    let mut files = Vec::new();
    for source in sources {
        walk(source, &mut files).map_err(|e| KnowledgeError::Io {
            path: source.clone(),
            source: e,
        })?;
    }
    files.sort();
    Ok(files)
}

fn walk(path: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    if path.is_dir() {
        for entry in fs::read_dir(path)? {
            walk(&entry?.path(), files)?;
        }
        return Ok(());
    }
    if path.exists() && ingest::is_document(path) {
        files.push(path.to_owned());
    } else if !path.exists() {
        return Err(io::Error::new(
            io::ErrorKind::NotFound,
            "no such file or folder",
        ));
    }
    Ok(())
}

fn remove_old(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with("words-") || name.starts_with("building-") {
            // An old index that stays behind only takes room.
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// Vectors by hash of text and model. File: records of 32 bytes key and 384 little-endian floats.
struct Cache {
    known: HashMap<[u8; 32], Vec<f32>>,
}

const RECORD: usize = 32 + DIMENSIONS * 4;
/// New vectors between two writes to the file.
const FLUSH: usize = 256;

impl Cache {
    fn read(path: &Path) -> Self {
        let mut cache = Self {
            known: HashMap::new(),
        };
        // A missing or damaged cache is only slower.
        cache.add(&fs::read(path).unwrap_or_default());
        cache
    }

    fn add(&mut self, bytes: &[u8]) {
        for record in bytes.chunks_exact(RECORD) {
            let Some((key, floats)) = record.split_first_chunk::<32>() else {
                continue;
            };
            let vector: Vec<f32> = floats
                .chunks_exact(4)
                .map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]))
                .collect();
            let length: f32 = vector.iter().map(|x| x * x).sum();
            if (length - 1.0).abs() < 0.01 {
                self.known.insert(*key, vector);
            }
        }
    }

    fn key(text: &str, embedder: &Embedder) -> [u8; 32] {
        Digest::of_parts([embedder.digest().0.as_slice(), text.as_bytes()]).0
    }

    /// The vectors of all passages. A new one is written as soon as it is made, so that an index that was cut off
    /// goes on where it stopped. A passage that cannot be read by the model keeps a zero vector, counts by its words
    /// alone, and is named among the problems; without a model that holds for all, and is said once, by the search.
    fn vectors(
        &mut self,
        passages: &[Passage],
        embedder: &Embedder,
        path: &Path,
        problems: &mut Vec<Problem>,
        progress: Progress<'_>,
    ) -> io::Result<Vectors> {
        let texts: Vec<String> = passages.iter().map(Passage::search_text).collect();
        let keys: Vec<[u8; 32]> = texts.iter().map(|t| Self::key(t, embedder)).collect();
        let missing = keys.iter().filter(|k| !self.known.contains_key(*k)).count();
        // An index in which nothing is new writes nothing.
        if missing > 0 && embedder.embed("a").is_ok() {
            let file = fs::OpenOptions::new()
                .create(true)
                .append(true)
                .open(path)?;
            // A record that was cut off would shift all that follow it.
            let length = file.metadata()?.len();
            file.set_len(length - length % RECORD as u64)?;
            let mut file = io::BufWriter::new(file);
            let mut done = 0;
            for ((text, key), passage) in texts.iter().zip(&keys).zip(passages) {
                if self.known.contains_key(key) {
                    continue;
                }
                match embedder.embed(text) {
                    Ok(vector) => {
                        write_record(&mut file, key, &vector)?;
                        self.known.insert(*key, vector);
                    }
                    Err(e) => problems.push(Problem {
                        file: PathBuf::from(&passage.id),
                        reason: format!("found by its words alone: {e}"),
                    }),
                }
                done += 1;
                if done % FLUSH == 0 {
                    file.flush()?;
                }
                progress(done, missing);
            }
            file.into_inner()
                .map_err(io::IntoInnerError::into_error)?
                .sync_all()?;
        }
        let mut all = Vectors::with_capacity(passages.len());
        for key in &keys {
            all.push(self.known.get(key).map(Vec::as_slice));
        }
        self.forget(path, &keys)?;
        Ok(all)
    }

    /// Writes the file anew, without vectors of passages that are gone, once they are more than those that are used.
    fn forget(&self, path: &Path, keys: &[[u8; 32]]) -> io::Result<()> {
        let used: BTreeSet<&[u8; 32]> = keys.iter().collect();
        let length = match fs::metadata(path) {
            Ok(meta) => meta.len(),
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(e) => return Err(e),
        };
        let records = usize::try_from(length).unwrap_or(0) / RECORD;
        if records <= used.len() * 2 {
            return Ok(());
        }
        let temporary = path.with_extension("new");
        let mut file = io::BufWriter::new(fs::File::create(&temporary)?);
        for key in used {
            if let Some(vector) = self.known.get(key) {
                write_record(&mut file, key, vector)?;
            }
        }
        file.into_inner()
            .map_err(io::IntoInnerError::into_error)?
            .sync_all()?;
        fs::rename(&temporary, path)
    }
}

fn write_record(file: &mut impl io::Write, key: &[u8; 32], vector: &[f32]) -> io::Result<()> {
    let mut record = Vec::with_capacity(RECORD);
    record.extend_from_slice(key);
    for x in vector {
        record.extend_from_slice(&x.to_le_bytes());
    }
    file.write_all(&record)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vector_file_that_was_cut_off_goes_on_from_its_last_whole_record() {
        let home = tempfile::tempdir().unwrap();
        let (source, index) = (home.path().join("docs.jsonl"), home.path().join("kb"));
        fs::write(
            &source,
            "{\"id\":\"a\",\"text\":\"Early repayment is free.\"}\n{\"id\":\"b\",\"text\":\"A late payment costs money.\"}\n",
        )
        .unwrap();
        // How many vectors an opening had to make.
        let open = || {
            let embedder = Embedder::new(
                include_bytes!("../../assets/model/minilm-l6-v2.int8.onnx"),
                include_str!("../../assets/model/tokenizer.json"),
            );
            let mut made = 0;
            KnowledgeBase::open(
                &index,
                std::slice::from_ref(&source),
                &AllowList::default(),
                Arc::new(embedder),
                &[],
                &mut |done, _| made = done,
            )
            .unwrap();
            made
        };
        assert_eq!((open(), open()), (2, 0));
        let file = index.join("vectors.bin");
        let bytes = fs::read(&file).unwrap();
        fs::write(&file, &bytes[..RECORD + 100]).unwrap();
        assert_eq!((open(), open()), (1, 0));
        assert_eq!(fs::read(&file).unwrap(), bytes);
    }
}
