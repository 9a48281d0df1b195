//! Vectors of word pieces in their place, for late interaction: 64 signed bytes out of the model's 384 floats, by a
//! fixed projection. Norms are taken from the bytes, so nothing but bytes is kept, and likeness is whole numbers up to
//! one square root.

use serde_json::Value;
use std::collections::HashMap;

/// Length of a vector.
pub const DIMENSIONS: usize = 384;

/// Length of a word piece's vector.
pub(super) const SHORT: usize = 64;
/// Bytes of a piece on disk: its number in the vocabulary, little-endian, and its vector.
pub(super) const PIECE: usize = 2 + SHORT;
/// 384 rows of 64 whole numbers (little-endian, 16 bits), in 32,768ths: the main directions of our own texts' word
/// pieces. How they were made is told beside the file.
static PROJECTION: &[u8] = include_bytes!("../../assets/model/pieces.bin");

/// Words that are everywhere and meet each other in every passage.
const STOP: [&str; 52] = super::index::STOP;

/// A word piece of a text: its number in the vocabulary, and its vector. The largest byte is 127 or -127.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    pub id: u16,
    pub vector: [i8; SHORT],
}

/// Whether a word piece says something: letters or digits, no stop word, nothing of the model's own.
pub(super) fn counts(piece: &str) -> bool {
    piece.chars().any(char::is_alphanumeric) && !piece.starts_with('[') && !STOP.contains(&piece)
}

/// What makes the model's vectors short.
pub(super) struct Projection(Vec<[f32; SHORT]>);

impl Projection {
    /// The one that every index is made with.
    pub fn fixed() -> Self {
        let rows = PROJECTION.chunks_exact(2 * SHORT).map(|row| {
            let mut floats = [0.0; SHORT];
            for (float, bytes) in floats.iter_mut().zip(row.as_chunks::<2>().0) {
                *float = f32::from(i16::from_le_bytes(*bytes)) / 32_768.0;
            }
            floats
        });
        Self(rows.collect())
    }

    /// A piece with the short form of its vector (384 floats); none of zeros. Sums run in one order, so that the bytes
    /// hang on the model's floats alone.
    #[expect(clippy::cast_possible_truncation, reason = "rounded to -127..=127")]
    pub fn piece(&self, id: u16, long: &[f32; DIMENSIONS]) -> Option<Piece> {
        let mut short = [0.0_f32; SHORT];
        for (x, row) in long.iter().zip(&self.0) {
            for (sum, weight) in short.iter_mut().zip(row) {
                *sum += x * weight;
            }
        }
        let most = short.iter().fold(0.0_f32, |most, x| most.max(x.abs()));
        (most > 0.0 && most.is_finite()).then(|| Piece {
            id,
            vector: short.map(|x| (x / most * 127.0).round() as i8),
        })
    }
}

/// Pieces as they are written.
pub(super) fn bytes_of(pieces: &[Piece]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(pieces.len() * PIECE);
    for piece in pieces {
        bytes.extend(piece.id.to_le_bytes());
        bytes.extend(piece.vector.map(i8::cast_unsigned));
    }
    bytes
}

/// Pieces out of what was written; anything else is none.
pub(super) fn read(bytes: &[u8]) -> Option<Vec<Piece>> {
    if !bytes.len().is_multiple_of(PIECE) {
        return None;
    }
    bytes
        .chunks_exact(PIECE)
        .map(|written| {
            let (id, vector) = written.split_first_chunk::<2>()?;
            let vector: &[u8; SHORT] = vector.first_chunk()?;
            let vector = vector.map(u8::cast_signed);
            let whole = vector.iter().any(|x| x.unsigned_abs() == 127);
            whole.then(|| Piece {
                id: u16::from_le_bytes(*id),
                vector,
            })
        })
        .collect()
}

/// The model's vocabulary, to tell which word a piece belongs to.
#[derive(Default)]
pub(super) struct Vocabulary {
    ids: HashMap<String, u16>,
    pieces: HashMap<u16, String>,
}

impl Vocabulary {
    /// Out of the tokenizer's JSON; empty if it cannot be read.
    pub fn read(tokenizer: &str) -> Self {
        let value: Value = serde_json::from_str(tokenizer).unwrap_or_default();
        let mut vocabulary = Self::default();
        for (piece, id) in value["model"]["vocab"].as_object().into_iter().flatten() {
            if let Some(id) = id.as_u64().and_then(|id| u16::try_from(id).ok()) {
                vocabulary.ids.insert(piece.clone(), id);
                vocabulary.pieces.insert(id, piece.clone());
            }
        }
        vocabulary
    }

    /// The letters of a piece, without the mark of one that goes on.
    pub fn letters(&self, id: u16) -> &str {
        self.pieces
            .get(&id)
            .map_or("", |piece| piece.strip_prefix("##").unwrap_or(piece))
    }

    /// Whether a word in small letters holds a piece: the longest piece first, as the model reads it.
    pub fn holds(&self, word: &str, id: u16) -> bool {
        let mut start = 0;
        while start < word.len() {
            let ends = word[start..]
                .char_indices()
                .map(|(at, c)| start + at + c.len_utf8());
            let mut found = None;
            for end in ends.collect::<Vec<_>>().into_iter().rev() {
                let name = if start == 0 {
                    word[..end].to_owned()
                } else {
                    format!("##{}", &word[start..end])
                };
                if let Some(known) = self.ids.get(&name) {
                    found = Some((end, *known));
                    break;
                }
            }
            match found {
                Some((_, known)) if known == id => return true,
                Some((end, _)) => start = end,
                None => return false,
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn pieces_come_back_as_written_and_other_bytes_are_none(
            long in prop::collection::vec(-1.0_f32..1.0, DIMENSIONS),
            id in 0_u16..30_522,
        ) {
            let long: [f32; DIMENSIONS] = long.try_into().unwrap();
            let piece = Projection::fixed().piece(id, &long).unwrap();
            let mut bytes = bytes_of(&[piece.clone(), piece.clone()]);
            prop_assert_eq!(read(&bytes).unwrap(), vec![piece.clone(), piece]);
            prop_assert!(read(&bytes[1..]).is_none());
            bytes.fill(3);
            prop_assert!(read(&bytes).is_none());
        }
    }

    #[test]
    fn the_projection_is_the_one_that_shipped_indexes_were_made_with() {
        let digest = crate::domain::digest::Digest::of(PROJECTION).to_string();
        assert_eq!(
            digest,
            "sha256:e244343c61a0ab3f32d613d3357fb683ab8d1881005d5a6f16d8d8b9e955b5e1"
        );
        let projection = Projection::fixed();
        assert_eq!(projection.0.len(), DIMENSIONS);
        for (one, other) in [(0, 0), (0, 1), (5, 63)] {
            let along: f32 = projection.0.iter().map(|row| row[one] * row[other]).sum();
            let wanted = if one == other { 1.0 } else { 0.0 };
            assert!((along - wanted).abs() < 1e-3, "{one} {other} {along}");
        }
        assert_eq!(projection.piece(1, &[0.0; DIMENSIONS]), None);
    }

    #[test]
    fn a_word_holds_its_pieces_and_no_others() {
        let vocabulary = Vocabulary::read(include_str!("../../assets/model/tokenizer.json"));
        let id = |piece: &str| vocabulary.ids[piece];
        assert!(vocabulary.holds("repayment", id("repay")));
        assert!(vocabulary.holds("repayment", id("##ment")));
        assert!(!vocabulary.holds("payroll", id("pay")));
        assert!(vocabulary.holds("pay", id("pay")));
        for word in ["", "\u{0}", "é", "漢字", "##"] {
            assert!(!vocabulary.holds(word, id("pay")), "{word:?}");
        }
        assert_eq!(vocabulary.letters(id("##ment")), "ment");
    }

    #[test]
    fn marks_stop_words_and_the_models_own_do_not_count() {
        for (piece, says) in [
            ("the", false),
            ("[CLS]", false),
            (".", false),
            ("##ment", true),
            ("5", true),
        ] {
            assert_eq!(counts(piece), says, "{piece}");
        }
    }
}
