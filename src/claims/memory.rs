//! Phrases that were found in a sentence before: variants of a run, its HTML and the runs of other customers share most of
//! their sentences.
//!
//! What is found hangs on the sentence's own tokens and letters alone, and these are the key, whole: no two sentences can
//! be taken for each other.

use super::matcher::WINDOW;
use super::tokens::{ClaimToken, Figure};
use super::vocabulary::TokenBoundary;
use moka::sync::Cache;
use std::fmt;
use std::sync::Arc;

/// Most that is kept, in bytes.
const ROOM: u64 = 8 << 20;

/// What an entry takes beside its key and hits.
const OVERHEAD: usize = 200;

/// A phrase, and the tokens that it was found in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PhraseHit {
    pub phrase: usize,
    pub from: usize,
    pub to: usize,
}

/// What one lexicon found; another one, or the same with more phrases, begins with nothing.
pub struct SentenceMemory(Cache<Vec<u8>, Arc<[PhraseHit]>>);

impl Default for SentenceMemory {
    fn default() -> Self {
        let weight = |key: &Vec<u8>, hits: &Arc<[PhraseHit]>| {
            let bytes = OVERHEAD + key.len() + size_of::<PhraseHit>() * hits.len();
            u32::try_from(bytes).unwrap_or(u32::MAX)
        };
        Self(Cache::builder().max_capacity(ROOM).weigher(weight).build())
    }
}

impl Clone for SentenceMemory {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl fmt::Debug for SentenceMemory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SentenceMemory").finish_non_exhaustive()
    }
}

impl SentenceMemory {
    /// The sentence as phrases see it; none for one that is longer than a window.
    pub fn key(text: &str, tokens: &[ClaimToken]) -> Option<Vec<u8>> {
        let (first, last) = (tokens.first()?, tokens.last()?);
        if tokens.len() > WINDOW {
            return None;
        }
        let letters = text.get(first.start..last.end)?.as_bytes();
        let mut key = Vec::with_capacity(letters.len() + 8 * tokens.len());
        key.extend(u32::try_from(tokens.len()).ok()?.to_le_bytes());
        for token in tokens {
            let ClaimToken {
                word,
                figure,
                mark,
                start,
                end,
            } = token;
            key.extend(word.to_le_bytes());
            key.push(match mark {
                TokenBoundary::None => 0,
                TokenBoundary::Comma => 1,
                TokenBoundary::Clause => 2,
                TokenBoundary::Negator => 3,
            });
            // Where its letters are in the sentence.
            for at in [start - first.start, end - first.start] {
                key.extend(u32::try_from(at).ok()?.to_le_bytes());
            }
            let Some(figure) = figure else {
                key.push(0);
                continue;
            };
            let Figure {
                kind,
                value,
                also,
                is_minutes,
            } = figure;
            key.push(0x10 + *kind as u8);
            key.push(u8::from(*is_minutes) + 2 * u8::from(also.is_some()));
            key.extend(value.to_le_bytes());
            key.extend(also.unwrap_or_default().to_le_bytes());
        }
        key.extend(letters);
        Some(key)
    }

    /// Adds what was found in it, if it is known; `offset` is its first token.
    pub fn recall(&self, key: &[u8], offset: usize, hits: &mut Vec<PhraseHit>) -> bool {
        let Some(known) = self.0.get(key) else {
            return false;
        };
        hits.extend(known.iter().map(|hit| PhraseHit {
            from: hit.from + offset,
            to: hit.to + offset,
            ..*hit
        }));
        true
    }

    pub fn keep(&self, key: Vec<u8>, offset: usize, hits: &[PhraseHit]) {
        let own = hits.iter().map(|hit| PhraseHit {
            from: hit.from - offset,
            to: hit.to - offset,
            ..*hit
        });
        self.0.insert(key, own.collect());
    }
}
