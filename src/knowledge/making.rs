//! Making what an index lacks: one pass of the model gives a passage's vector and those of its word pieces.

use super::cache::Cache;
use super::embed::Embedder;
use super::key::PieceKey;
use super::pieces::PieceFile;
use std::collections::HashSet;
use std::io;

/// Passages between two writes to the files: what a crash costs at most.
const FLUSH: usize = 64;

pub(super) struct Making<'m, 's> {
    pub cache: &'m mut Cache<'s>,
    pub pieces: Option<&'m mut PieceFile<'s>>,
    pub embedder: &'m Embedder,
}

/// The passages, by number, that lack a vector or their pieces, each text once.
pub(super) fn missing(
    keys: &[PieceKey],
    cache: &Cache<'_>,
    mut pieces: Option<&mut PieceFile<'_>>,
) -> io::Result<Vec<(usize, PieceKey)>> {
    let mut seen = HashSet::new();
    let mut missing = Vec::new();
    for (number, key) in keys.iter().enumerate() {
        let has_pieces = match &mut pieces {
            Some(pieces) => pieces.knows(key)?,
            None => true,
        };
        if !(has_pieces && cache.knows(key)) && seen.insert(*key) {
            missing.push((number, *key));
        }
    }
    Ok(missing)
}

impl Making<'_, '_> {
    /// Makes and keeps what the numbered texts lack. A text that the model cannot read has nothing: its number and the
    /// reason come back.
    pub fn run(
        &mut self,
        missing: &[(usize, PieceKey)],
        text: &mut dyn FnMut(usize) -> io::Result<String>,
        progress: &mut dyn FnMut(usize, usize),
    ) -> io::Result<Vec<(usize, String)>> {
        let mut unread = Vec::new();
        for (done, (number, key)) in (1..).zip(missing) {
            match self.embedder.embed(&text(*number)?) {
                Ok(embedded) => {
                    if !self.cache.knows(key) {
                        self.cache.add(key, &embedded.vector)?;
                    }
                    if let Some(pieces) = &mut self.pieces
                        && !pieces.knows(key)?
                    {
                        pieces.add(key, &embedded.pieces)?;
                    }
                }
                Err(e) => unread.push((*number, e.to_string())),
            }
            if done % FLUSH == 0 || done == missing.len() {
                self.cache.flush()?;
                if let Some(pieces) = &mut self.pieces {
                    pieces.flush()?;
                }
            }
            progress(done, missing.len());
        }
        Ok(unread)
    }
}
