//! Vectors of word pieces on disk: one file beside the indexes, to which a passage's pieces are added as soon as they
//! are made, and in each index a table of where each passage's lie. Both are read by position, so a million passages
//! take no memory.
//!
//! The file: a mark and its generation, then records of 32 bytes of key, a count (little-endian, 16 bits) and that
//! many pieces. The table: the generation, then for each passage 48 bits of place, 16 of count and the key's first 8
//! bytes. What does not fit together is none, and made anew.

use super::bm25::rareness;
use super::key::PieceKey;
use super::piece::{self, PIECE, Piece};
use crate::files;
use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Read, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// Names: the file beside the indexes, and inside each index the table and how many passages hold each piece.
pub(super) const FILE: &str = "pieces.cache";
const TABLE: &str = "pieces.table";
const SPREAD: &str = "pieces.spread";

/// Changes with the projection and with what counts as a piece: older files then begin anew.
const MARK: &[u8; 8] = b"pieces 1";
/// Mark and generation.
const HEAD: u64 = 16;
/// Key and count.
const RECORD: usize = 32 + 2;
const ROW: usize = 16;

/// How rare a piece must be to be compared: natural logarithm, so that pieces in more than a fifth of all passages are
/// passed over.
pub(super) const LEAST_RARE: f32 = 1.5;

/// Where a passage's pieces lie.
#[derive(Clone, Copy)]
struct PiecePlace {
    /// Of the record's beginning.
    at: u64,
    count: u16,
}

/// The file while an index is built.
pub(super) struct PieceFile<'s> {
    path: PathBuf,
    shipped: HashMap<PieceKey, &'s [u8]>,
    known: HashMap<PieceKey, PiecePlace>,
    generation: u64,
    end: u64,
    out: Option<BufWriter<File>>,
}

/// A passage's pieces as they are shipped with the program and kept in the file.
pub(super) fn record(key: &PieceKey, pieces: &[Piece]) -> Vec<u8> {
    // The model reads 256 tokens at most.
    let count = u16::try_from(pieces.len()).unwrap_or(0);
    let mut record = key.to_vec();
    record.extend(count.to_le_bytes());
    record.extend(piece::bytes_of(&pieces[..usize::from(count)]));
    record
}

/// The next record: its key and pieces. None at the end, or where the rest is no record.
fn next(from: &mut impl Read) -> Option<(PieceKey, Vec<u8>)> {
    let mut key = [0; 32];
    from.read_exact(&mut key).ok()?;
    let mut count = [0; 2];
    from.read_exact(&mut count).ok()?;
    let mut bytes = vec![0; usize::from(u16::from_le_bytes(count)) * PIECE];
    from.read_exact(&mut bytes).ok()?;
    Some((key, bytes))
}

fn count_of(bytes: &[u8]) -> u16 {
    u16::try_from(bytes.len() / PIECE).unwrap_or(0)
}

impl<'s> PieceFile<'s> {
    /// Reads the keys. A file that is missing, or not one of these, begins anew; a record that was cut off is cut away.
    pub fn open(path: &Path, shipped: &'s [u8]) -> io::Result<Self> {
        let mut file = Self {
            path: path.to_owned(),
            shipped: HashMap::new(),
            known: HashMap::new(),
            generation: 1,
            end: 0,
            out: None,
        };
        let mut rest = shipped;
        loop {
            let before = rest;
            let Some((key, bytes)) = next(&mut rest) else {
                break;
            };
            if piece::read(&bytes).is_some() {
                file.shipped.insert(key, &before[..RECORD + bytes.len()]);
            }
        }
        let Some(opened) = files::open_if_there(path)? else {
            return Ok(file);
        };
        let length = opened.metadata()?.len();
        let mut reader = BufReader::with_capacity(1 << 20, opened);
        let mut head = [0; 16];
        if reader.read_exact(&mut head).is_ok()
            && let Some((mark, generation)) = head.split_first_chunk::<8>()
            && mark == MARK
            && let Some(generation) = generation.first_chunk()
        {
            file.generation = u64::from_le_bytes(*generation);
            file.end = HEAD;
            while let Some((key, bytes)) = next(&mut reader) {
                if piece::read(&bytes).is_some() {
                    let (at, count) = (file.end, count_of(&bytes));
                    file.known.insert(key, PiecePlace { at, count });
                }
                file.end += (RECORD + bytes.len()) as u64;
            }
        }
        if file.end < length {
            files::overwrite(path)?.set_len(file.end)?;
        }
        Ok(file)
    }

    /// Whether a passage's pieces are there, or come with the program: these are taken over.
    pub fn knows(&mut self, key: &PieceKey) -> io::Result<bool> {
        if self.known.contains_key(key) {
            return Ok(true);
        }
        let Some(record) = self.shipped.get(key).copied() else {
            return Ok(false);
        };
        self.write(key, record)?;
        Ok(true)
    }

    pub fn add(&mut self, key: &PieceKey, pieces: &[Piece]) -> io::Result<()> {
        self.write(key, &record(key, pieces))
    }

    fn write(&mut self, key: &PieceKey, record: &[u8]) -> io::Result<()> {
        if self.out.is_none() {
            let mut out = BufWriter::new(files::append(&self.path)?);
            if self.end == 0 {
                out.write_all(&head(self.generation))?;
                self.end = HEAD;
            }
            self.out = Some(out);
        }
        if let Some(out) = &mut self.out {
            out.write_all(record)?;
        }
        let (at, count) = (self.end, count_of(&record[RECORD..]));
        self.known.insert(*key, PiecePlace { at, count });
        self.end += record.len() as u64;
        Ok(())
    }

    /// What was added so far outlives a crash.
    pub fn flush(&mut self) -> io::Result<()> {
        self.out.as_mut().map_or(Ok(()), io::Write::flush)
    }

    /// Writes the table of an index, and how many of its passages hold each piece. Once more than half of the file is
    /// of passages that are gone, they are left out of it first.
    pub fn finish(&mut self, keys: &[PieceKey], folder: &Path) -> io::Result<()> {
        if let Some(out) = self.out.take() {
            files::finish(out)?;
        }
        self.forget(keys)?;
        let mut file = files::open_if_there(&self.path)?;
        let mut table = BufWriter::new(files::create(&folder.join(TABLE))?);
        table.write_all(&self.generation.to_le_bytes())?;
        let mut spread: Vec<u32> = Vec::new();
        for key in keys {
            let place = self.known.get(key);
            let row = place.map_or(0, |place| place.at << 16 | u64::from(place.count));
            table.write_all(&row.to_le_bytes())?;
            table.write_all(&key[..8])?;
            if let (Some(place), Some(file)) = (place, &mut file) {
                let bytes = read_at(file, *place)?;
                for written in bytes[RECORD..].chunks_exact(PIECE) {
                    let id = usize::from(u16::from_le_bytes([written[0], written[1]]));
                    if spread.len() <= id {
                        spread.resize(id + 1, 0);
                    }
                    spread[id] += 1;
                }
            }
        }
        files::finish(table)?;
        let bytes: Vec<u8> = spread.iter().flat_map(|n| n.to_le_bytes()).collect();
        let mut out = files::create(&folder.join(SPREAD))?;
        out.write_all(&bytes)?;
        out.sync_all()
    }

    fn forget(&mut self, keys: &[PieceKey]) -> io::Result<()> {
        let bytes = |place: &PiecePlace| (RECORD + usize::from(place.count) * PIECE) as u64;
        let mut used: HashMap<&PieceKey, PiecePlace> = HashMap::new();
        for key in keys {
            if let Some(place) = self.known.get(key) {
                used.insert(key, *place);
            }
        }
        let size: u64 = used.values().map(bytes).sum();
        if self.end <= HEAD + size * 2 {
            return Ok(());
        }
        let temporary = self.path.with_extension("new");
        let mut file = File::open(&self.path)?;
        let mut out = BufWriter::new(files::create(&temporary)?);
        // Tables of the old places name another generation.
        out.write_all(&head(self.generation + 1))?;
        let (mut known, mut end) = (HashMap::new(), HEAD);
        for key in keys {
            if let Some(place) = used.remove(key) {
                let record = read_at(&mut file, place)?;
                out.write_all(&record)?;
                known.insert(*key, PiecePlace { at: end, ..place });
                end += record.len() as u64;
            }
        }
        files::finish(out)?;
        fs::rename(&temporary, &self.path)?;
        (self.known, self.end) = (known, end);
        self.generation += 1;
        Ok(())
    }
}

fn head(generation: u64) -> Vec<u8> {
    [MARK.as_slice(), &generation.to_le_bytes()].concat()
}

fn read_at(file: &mut File, place: PiecePlace) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; RECORD + usize::from(place.count) * PIECE];
    file.seek(SeekFrom::Start(place.at))?;
    file.read_exact(&mut bytes)?;
    Ok(bytes)
}

/// The pieces of a built index's passages.
pub(super) struct Pieces {
    path: PathBuf,
    files: Mutex<[File; 2]>,
    passages: usize,
    /// By piece, how rare it is.
    rare: Vec<f32>,
    /// How rare a piece is that no passage holds.
    rarest: f32,
}

impl Pieces {
    /// Opens the pieces of an index of `count` passages.
    ///
    /// # Errors
    /// Table and file do not fit together.
    pub fn open(index: &Path, path: &Path, count: usize) -> io::Result<Self> {
        let wrong = |what: &str| io::Error::new(io::ErrorKind::InvalidData, what.to_owned());
        let mut table = File::open(index.join(TABLE))?;
        let mut file = File::open(path)?;
        let mut generation = [0; 8];
        table.read_exact(&mut generation)?;
        let mut begin = [0; 16];
        file.read_exact(&mut begin)?;
        if table.metadata()?.len() != (8 + count * ROW) as u64
            || begin[..8] != *MARK
            || begin[8..] != generation
        {
            return Err(wrong(TABLE));
        }
        let spread = fs::read(index.join(SPREAD))?;
        if spread.len() % 4 != 0 {
            return Err(wrong(SPREAD));
        }
        let all = count as u64;
        let rare = spread
            .as_chunks::<4>()
            .0
            .iter()
            .map(|bytes| rareness(u64::from(u32::from_le_bytes(*bytes)), all))
            .collect();
        Ok(Self {
            path: path.to_owned(),
            files: Mutex::new([table, file]),
            passages: count,
            rare,
            rarest: rareness(0, all),
        })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How rare a piece is: the natural logarithm of what BM25 calls inverse document frequency.
    pub fn rare(&self, id: u16) -> f32 {
        self.rare
            .get(usize::from(id))
            .copied()
            .unwrap_or(self.rarest)
    }

    /// The pieces of a passage that are rare enough; none if it has none, or they are not what was indexed.
    ///
    /// # Errors
    /// The files cannot be read.
    pub fn get(&self, number: usize) -> io::Result<Vec<Piece>> {
        if number >= self.passages {
            return Ok(Vec::new());
        }
        let mut row = [0; ROW];
        let bytes = {
            let mut files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
            let [table, file] = &mut *files;
            table.seek(SeekFrom::Start((8 + number * ROW) as u64))?;
            table.read_exact(&mut row)?;
            let mut first = [0; 8];
            first.copy_from_slice(&row[..8]);
            let place = u64::from_le_bytes(first);
            // The lowest 16 bits are the count, the others the place.
            let count = u16::from_le_bytes([first[0], first[1]]);
            if place == 0 {
                return Ok(Vec::new());
            }
            let at = place >> 16;
            match read_at(file, PiecePlace { at, count }) {
                Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => return Ok(Vec::new()),
                other => other?,
            }
        };
        if bytes[..8] != row[8..] {
            return Ok(Vec::new());
        }
        let mut pieces = piece::read(&bytes[RECORD..]).unwrap_or_default();
        pieces.retain(|piece| self.rare(piece.id) > LEAST_RARE);
        Ok(pieces)
    }
}

#[cfg(test)]
mod tests {
    use super::super::piece::SHORT;
    use super::*;

    fn piece(id: u16) -> Piece {
        let mut vector = [1; SHORT];
        vector[usize::from(id) % SHORT] = 127;
        Piece { id, vector }
    }

    /// Passages of which each holds a word of its own and one that all hold.
    fn pieces(n: u16) -> Vec<Piece> {
        vec![piece(2_000 + n), piece(7)]
    }

    fn key(n: u8) -> PieceKey {
        [n; 32]
    }

    fn built(folder: &Path, keys: &[PieceKey], shipped: &[u8]) -> (Pieces, usize) {
        let path = folder.join(FILE);
        let mut file = PieceFile::open(&path, shipped).unwrap();
        let mut made = 0;
        for key in keys {
            if !file.knows(key).unwrap() {
                made += 1;
                file.add(key, &pieces(u16::from(key[0]))).unwrap();
            }
        }
        file.finish(keys, folder).unwrap();
        (Pieces::open(folder, &path, keys.len()).unwrap(), made)
    }

    #[test]
    fn pieces_come_back_rare_ones_alone_and_are_made_once() {
        let folder = tempfile::tempdir().unwrap();
        let keys: Vec<PieceKey> = (0..40).map(key).collect();
        let (open, made) = built(folder.path(), &keys, &[]);
        assert_eq!(made, 40);
        assert_eq!(open.get(3).unwrap(), [piece(2_003)]);
        assert_eq!(open.get(40).unwrap(), []);
        assert!(open.rare(9_999) > open.rare(2_003) && open.rare(7) < LEAST_RARE);
        assert_eq!(built(folder.path(), &keys, &[]).1, 0);
    }

    #[test]
    fn a_file_that_was_cut_off_anywhere_loses_one_record_at_most() {
        let folder = tempfile::tempdir().unwrap();
        let keys: Vec<PieceKey> = (0..9).map(key).collect();
        built(folder.path(), &keys, &[]);
        let file = folder.path().join(FILE);
        let whole = fs::read(&file).unwrap();
        let record = RECORD + 2 * PIECE;
        for cut in [0, 5, 16, 17, 16 + record, whole.len() - 1] {
            fs::write(&file, &whole[..cut]).unwrap();
            let left = cut.saturating_sub(16) / record;
            let (open, made) = built(folder.path(), &keys, &[]);
            assert_eq!(made, 9 - left, "{cut}");
            assert_eq!(open.get(8).unwrap(), [piece(2_008)], "{cut}");
            assert_eq!(fs::read(&file).unwrap(), whole, "{cut}");
        }
    }

    #[test]
    fn what_was_changed_behind_our_back_is_none_or_made_anew() {
        let folder = tempfile::tempdir().unwrap();
        let keys: Vec<PieceKey> = (0..9).map(key).collect();
        let (open, _) = built(folder.path(), &keys, &[]);
        let file = folder.path().join(FILE);
        let mut bytes = fs::read(&file).unwrap();
        bytes[16] ^= 1;
        fs::write(&file, &bytes).unwrap();
        assert_eq!(open.get(0).unwrap(), []);
        assert_eq!(open.get(1).unwrap(), [piece(2_001)]);
        assert_eq!(built(folder.path(), &keys, &[]).1, 1);
        fs::write(&file, b"something else that is no such file").unwrap();
        assert!(Pieces::open(folder.path(), &file, 9).is_err());
        assert_eq!(built(folder.path(), &keys, &[]).1, 9);
    }

    #[test]
    fn pieces_of_passages_that_are_gone_are_left_out_and_an_old_table_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let keys: Vec<PieceKey> = (0..30).map(key).collect();
        built(folder.path(), &keys, &[]);
        let old = fs::read(folder.path().join(TABLE)).unwrap();
        let file = folder.path().join(FILE);
        let size = fs::metadata(&file).unwrap().len();
        let (open, made) = built(folder.path(), &keys[20..], &[]);
        assert_eq!((made, open.get(0).unwrap()), (0, vec![piece(2_020)]));
        assert!(fs::metadata(&file).unwrap().len() < size / 2);
        fs::write(folder.path().join(TABLE), old).unwrap();
        assert!(Pieces::open(folder.path(), &file, 30).is_err());
    }

    #[test]
    fn pieces_that_come_with_the_program_are_taken_over() {
        let folder = tempfile::tempdir().unwrap();
        let shipped = [record(&key(1), &pieces(1)), record(&key(2), &pieces(2))].concat();
        let keys: Vec<PieceKey> = (0..9).map(key).collect();
        let (open, made) = built(folder.path(), &keys, &shipped[..shipped.len() - 1]);
        assert_eq!(made, 8);
        assert_eq!(open.get(1).unwrap(), [piece(2_001)]);
    }
}
