//! Words that are almost written: `gu*ranteed`, `guaranteeed`, `guar-an-teed`, `guaran teed`, `garanteed`.
//!
//! A reader takes them for the word; a list of words does not. What is written correctly is no lookalike.

use std::collections::BTreeSet;
use strsim::osa_distance;

/// Words that others may try to look like.
#[derive(Debug)]
pub struct Lookalikes {
    words: Vec<String>,
    longest: usize,
}

/// Shorter words have too many honest neighbours.
const SHORTEST: usize = 7;

impl Lookalikes {
    pub fn new<'w>(words: impl Iterator<Item = &'w str>) -> Self {
        let words: BTreeSet<String> = words.map(str::to_ascii_lowercase).collect();
        Self {
            longest: words.iter().map(String::len).max().unwrap_or(0),
            words: words.into_iter().collect(),
        }
    }

    /// Byte ranges of lookalikes. Linear in the text: each word and each pair of neighbours is looked at once.
    pub fn find(&self, text: &str) -> Vec<(usize, usize)> {
        let mut found = Vec::new();
        let mut before: Option<(usize, usize)> = None;
        for (start, end) in words_of(text) {
            let word = &text[start..end];
            if self.is_lookalike(word) {
                found.push((start, end));
            } else if let Some((from, to)) = before
                && start == to + 1
                && self.is_split(&text[from..to], word)
            {
                found.push((from, end));
            }
            before = Some((start, end));
        }
        found
    }

    fn is_lookalike(&self, word: &str) -> bool {
        // Hyphens and a letter too many make it longer, but not without bound.
        if word.len() < SHORTEST || word.len() > self.longest * 2 {
            return false;
        }
        let lower = word.to_ascii_lowercase();
        let joined: String = lower.chars().filter(|c| !matches!(c, '-' | '\'')).collect();
        let hyphened = joined.len() < lower.len();
        if self.words.contains(&lower) || joined.len() < SHORTEST {
            return false;
        }
        if hyphened && self.words.contains(&joined) {
            return true;
        }
        if joined.contains('*') {
            return self.words.iter().any(|w| starred(&joined, w));
        }
        self.words.iter().any(|w| {
            w.as_bytes().first() == joined.as_bytes().first()
                && w.len().abs_diff(joined.len()) <= 4
                && (squeezed(&joined) == squeezed(w)
                    || w.len().abs_diff(joined.len()) <= 1 && osa_distance(&joined, w) == 1)
        }) && !self.words.iter().any(|w| {
            joined
                .strip_prefix(w.as_str())
                .is_some_and(|tail| matches!(tail, "s" | "d" | "r" | "ly"))
        })
    }

    fn is_split(&self, first: &str, second: &str) -> bool {
        first.len() >= 2
            && second.len() >= 2
            && first.len() + second.len() <= self.longest
            && self
                .words
                .binary_search_by(|w| {
                    w.bytes().cmp(
                        first
                            .bytes()
                            .chain(second.bytes())
                            .map(|b| b.to_ascii_lowercase()),
                    )
                })
                .is_ok()
    }
}

/// The same word with stars for some letters: at least half of it is still there.
fn starred(masked: &str, word: &str) -> bool {
    masked.len() == word.len()
        && masked
            .bytes()
            .zip(word.bytes())
            .all(|(m, w)| m == b'*' || m == w)
        && masked.bytes().filter(|b| *b == b'*').count() * 2 <= word.len()
}

/// Runs of one letter taken for one.
fn squeezed(word: &str) -> String {
    let mut out = String::with_capacity(word.len());
    for c in word.chars() {
        if !out.ends_with(c) {
            out.push(c);
        }
    }
    out
}

/// ASCII words with the signs that stand inside disguised ones.
fn words_of(text: &str) -> impl Iterator<Item = (usize, usize)> + '_ {
    let bytes = text.as_bytes();
    let mut at = 0;
    std::iter::from_fn(move || {
        while at < bytes.len() && !bytes[at].is_ascii_alphabetic() {
            at += 1;
        }
        let start = at;
        while at < bytes.len()
            && (bytes[at].is_ascii_alphabetic()
                || matches!(bytes[at], b'*' | b'-' | b'\'')
                    && bytes
                        .get(at + 1)
                        .is_some_and(|b| b.is_ascii_alphabetic() || *b == b'*'))
        {
            at += 1;
        }
        (start < at).then_some((start, at))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<String> {
        Lookalikes::new(["guarantee", "guarantees", "guaranteed"].into_iter())
            .find(text)
            .into_iter()
            .map(|(a, b)| text[a..b].to_owned())
            .collect()
    }

    #[test]
    fn almost_written_words_are_found() {
        for word in [
            "guar-an-teed",
            "gu*ranteed",
            "guaranteeed",
            "garanteed",
            "guarnateed",
            "guaran teed",
            "GUARRANTEED",
            "guarranteeing",
        ] {
            let text = format!("Our {word} returns");
            let hit = found(&text);
            if word == "guarranteeing" {
                assert_eq!(hit, Vec::<String>::new());
            } else {
                assert_eq!(hit, [word], "{word}");
            }
        }
    }

    #[test]
    fn honest_words_are_not() {
        assert_eq!(
            found(
                "Guaranteed, guarantees, guarantee; a guarantor grants warranty. Quarantined dogs. gua ran teed"
            ),
            Vec::<String>::new()
        );
    }
}
