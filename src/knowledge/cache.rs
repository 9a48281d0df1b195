//! Vectors by hash of text and model: a file to which a vector is added as soon as it is made, so that indexing that
//! was cut off goes on where it stopped. Record: 32 bytes of key, the vector as `vectors` keeps it.

use super::document::Passage;
use super::embed::Embedder;
use super::key::{PieceKey, key};
use super::piece::Piece;
use super::pieces;
use super::vectors::{VECTOR, Vectors};
use crate::files;
use std::collections::{BTreeSet, HashMap};
use std::fs::{self, File};
use std::io::{self, BufWriter, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

/// Bytes of a record.
pub(super) const RECORD: usize = 32 + VECTOR;

/// Where a vector lies.
#[derive(Clone, Copy)]
enum VectorPlace {
    File(u64),
    Shipped(usize),
}

pub(super) struct Cache<'s> {
    path: PathBuf,
    shipped: &'s [u8],
    known: HashMap<PieceKey, VectorPlace>,
    /// Records in the file.
    records: u64,
    out: Option<BufWriter<File>>,
}

/// A passage's pieces as they are shipped with the program and kept beside the indexes.
pub fn piece_record(passage: &Passage, embedder: &Embedder, pieces: &[Piece]) -> Vec<u8> {
    pieces::record(&key(passage, embedder), pieces)
}

/// A passage's vector as it is shipped with the program and kept in the cache.
pub fn vector_record(passage: &Passage, embedder: &Embedder, vector: &[f32]) -> Vec<u8> {
    let mut record = key(passage, embedder).to_vec();
    record.extend(Vectors::bytes_of(vector));
    record
}

impl<'s> Cache<'s> {
    /// Reads the keys. A missing or damaged cache is only slower; a record that was cut off would shift all that
    /// follow it, so it is cut away.
    pub fn open(path: &Path, shipped: &'s [u8]) -> io::Result<Self> {
        let mut cache = Self {
            path: path.to_owned(),
            shipped,
            known: HashMap::new(),
            records: 0,
            out: None,
        };
        for (at, record) in shipped.chunks_exact(RECORD).enumerate() {
            cache.learn(record, VectorPlace::Shipped(at * RECORD));
        }
        let Some(file) = files::open_if_there(path)? else {
            return Ok(cache);
        };
        let length = file.metadata()?.len();
        let whole = length - length % RECORD as u64;
        if whole < length {
            files::overwrite(path)?.set_len(whole)?;
        }
        cache.records = whole / RECORD as u64;
        let mut reader = io::BufReader::with_capacity(1 << 20, file);
        let mut record = vec![0; RECORD];
        for at in 0..cache.records {
            reader.read_exact(&mut record)?;
            cache.learn(&record, VectorPlace::File(at * RECORD as u64));
        }
        Ok(cache)
    }

    fn learn(&mut self, record: &[u8], place: VectorPlace) {
        if let Some((key, vector)) = record.split_first_chunk::<32>()
            && Vectors::is_vector(vector)
        {
            self.known.insert(*key, place);
        }
    }

    pub fn knows(&self, key: &PieceKey) -> bool {
        self.known.contains_key(key)
    }

    /// Keeps a vector.
    pub fn add(&mut self, key: &PieceKey, vector: &[f32]) -> io::Result<()> {
        if self.out.is_none() {
            self.out = Some(BufWriter::new(files::append(&self.path)?));
        }
        if let Some(out) = &mut self.out {
            out.write_all(key)?;
            out.write_all(&Vectors::bytes_of(vector))?;
        }
        let at = self.records * RECORD as u64;
        self.known.insert(*key, VectorPlace::File(at));
        self.records += 1;
        Ok(())
    }

    /// What was added so far outlives a crash.
    pub fn flush(&mut self) -> io::Result<()> {
        self.out.as_mut().map_or(Ok(()), io::Write::flush)
    }

    /// Writes the vectors of the keys in their order; zeros where there is none.
    pub fn write_ordered(&mut self, keys: &[PieceKey], to: &Path) -> io::Result<()> {
        if let Some(out) = self.out.take() {
            files::finish(out)?;
        }
        let mut file = files::open_if_there(&self.path)?;
        let mut out = BufWriter::new(files::create(to)?);
        let mut vector = [0; VECTOR];
        for key in keys {
            self.read(key, file.as_mut(), &mut vector)?;
            out.write_all(&vector)?;
        }
        files::finish(out)
    }

    fn read(
        &self,
        key: &PieceKey,
        file: Option<&mut File>,
        into: &mut [u8; VECTOR],
    ) -> io::Result<()> {
        match (self.known.get(key), file) {
            (Some(VectorPlace::Shipped(at)), _) => {
                into.copy_from_slice(&self.shipped[at + 32..at + RECORD]);
            }
            (Some(VectorPlace::File(at)), Some(file)) => {
                file.seek(SeekFrom::Start(at + 32))?;
                file.read_exact(into)?;
            }
            _ => into.fill(0),
        }
        Ok(())
    }

    /// Writes the file anew, without vectors of passages that are gone, once they are more than those that are used.
    pub fn forget(&self, keys: &[PieceKey]) -> io::Result<()> {
        let used: BTreeSet<&PieceKey> = keys.iter().collect();
        if self.records <= used.len() as u64 * 2 {
            return Ok(());
        }
        let temporary = self.path.with_extension("new");
        let mut file = File::open(&self.path)?;
        let mut out = BufWriter::new(files::create(&temporary)?);
        let mut vector = [0; VECTOR];
        for key in used {
            if let Some(VectorPlace::File(_)) = self.known.get(key) {
                self.read(key, Some(&mut file), &mut vector)?;
                out.write_all(key)?;
                out.write_all(&vector)?;
            }
        }
        files::finish(out)?;
        fs::rename(&temporary, &self.path)
    }
}
