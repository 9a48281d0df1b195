//! By what a passage's vectors are found again: a hash of its text and of the model that made them.

use super::document::Passage;
use super::embed::Embedder;
use crate::domain::digest::Digest;

pub(super) type PieceKey = [u8; 32];

/// The key of a passage's vector.
pub(super) fn key(passage: &Passage, embedder: &Embedder) -> PieceKey {
    let text = passage.search_text();
    Digest::of_parts([embedder.digest().0.as_slice(), text.as_bytes()]).0
}
