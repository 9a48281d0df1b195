//! A file that is read and never written: what is written over it stays in memory. So a ledger whose last writer was cut
//! off can be looked at on a disk that takes no writes, or in somebody else's folder.

use redb::StorageBackend;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Error, ErrorKind, Result};
use std::os::unix::fs::FileExt as _;
use std::sync::{Mutex, MutexGuard, PoisonError};

const PAGE: u64 = 4_096;

#[derive(Debug)]
pub(super) struct OverlaidFile {
    file: File,
    over: Mutex<Overwritten>,
}

#[derive(Debug)]
struct Overwritten {
    length: u64,
    /// Bytes of the file that still show: it may have been cut and made longer since.
    shows: u64,
    /// Pages that were written, by number.
    pages: BTreeMap<u64, Vec<u8>>,
}

impl OverlaidFile {
    pub fn over(file: File) -> Result<Self> {
        let length = file.metadata()?.len();
        let over = Overwritten {
            length,
            shows: length,
            pages: BTreeMap::new(),
        };
        Ok(Self {
            file,
            over: Mutex::new(over),
        })
    }

    fn now(&self) -> MutexGuard<'_, Overwritten> {
        self.over.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Bytes of the file; zeros where it does not reach.
    fn below(&self, over: &Overwritten, at: u64, out: &mut [u8]) -> Result<()> {
        let there = over.shows.saturating_sub(at).min(out.len() as u64);
        let there = usize::try_from(there).map_err(Error::other)?;
        let (from_file, beyond) = out.split_at_mut(there);
        beyond.fill(0);
        self.file.read_exact_at(from_file, at)
    }
}

/// The pieces of a stretch of bytes, each within one page: the page, where in it, and where in the stretch.
fn pieces(at: u64, length: usize) -> impl Iterator<Item = (u64, usize, std::ops::Range<usize>)> {
    let mut done = 0;
    std::iter::from_fn(move || {
        if done >= length {
            return None;
        }
        let place = at + done as u64;
        let within = usize::try_from(place % PAGE).ok()?;
        let room = usize::try_from(PAGE).ok()? - within;
        let piece = done..length.min(done + room);
        done = piece.end;
        Some((place / PAGE, within, piece))
    })
}

impl StorageBackend for OverlaidFile {
    fn len(&self) -> Result<u64> {
        Ok(self.now().length)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> Result<()> {
        let over = self.now();
        if offset + out.len() as u64 > over.length {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        for (page, within, piece) in pieces(offset, out.len()) {
            let out = &mut out[piece];
            match over.pages.get(&page) {
                Some(bytes) => out.copy_from_slice(&bytes[within..within + out.len()]),
                None => self.below(&over, page * PAGE + within as u64, out)?,
            }
        }
        Ok(())
    }

    fn set_len(&self, length: u64) -> Result<()> {
        let mut over = self.now();
        if length < over.length {
            over.shows = over.shows.min(length);
            over.pages.split_off(&length.div_ceil(PAGE));
            let (page, within) = (length / PAGE, length % PAGE);
            if let Some(bytes) = over.pages.get_mut(&page) {
                let within = usize::try_from(within).map_err(Error::other)?;
                bytes[within..].fill(0);
            }
        }
        over.length = length;
        Ok(())
    }

    fn sync_data(&self) -> Result<()> {
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> Result<()> {
        let mut over = self.now();
        over.length = over.length.max(offset + data.len() as u64);
        for (page, within, piece) in pieces(offset, data.len()) {
            if !over.pages.contains_key(&page) {
                let mut bytes = vec![0; usize::try_from(PAGE).map_err(Error::other)?];
                self.below(&over, page * PAGE, &mut bytes)?;
                over.pages.insert(page, bytes);
            }
            if let Some(bytes) = over.pages.get_mut(&page) {
                bytes[within..within + piece.len()].copy_from_slice(&data[piece]);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::io::Write as _;

    proptest! {
        /// It is as a file that is written to, and the file is as before.
        #[test]
        fn it_reads_as_the_file_would(
            size in 0_usize..10_000,
            steps in prop::collection::vec((0_u8..3, 0_u64..15_000, 1_usize..6_000), 1..12),
        ) {
            let before: Vec<u8> = (0..size).map(|n| u8::try_from(n % 251).unwrap()).collect();
            let mut file = tempfile::tempfile().unwrap();
            file.write_all(&before).unwrap();
            let overlay = OverlaidFile::over(file.try_clone().unwrap()).unwrap();
            let mut model = before.clone();
            for (number, (what, at, length)) in (0_u8..).zip(steps) {
                let place = usize::try_from(at).unwrap();
                if what == 0 {
                    overlay.set_len(at).unwrap();
                    model.resize(place, 0);
                } else {
                    let data = vec![200 + number; length];
                    overlay.write(at, &data).unwrap();
                    model.resize(model.len().max(place + length), 0);
                    model[place..place + length].copy_from_slice(&data);
                }
                prop_assert_eq!(overlay.len().unwrap(), model.len() as u64);
                let mut seen = vec![0; model.len()];
                overlay.read(0, &mut seen).unwrap();
                prop_assert!(seen == model);
                prop_assert!(overlay.read(1, &mut seen).is_err() || model.is_empty());
            }
            let mut after = vec![0; size];
            file.read_exact_at(&mut after, 0).unwrap();
            prop_assert!(after == before);
        }
    }
}
