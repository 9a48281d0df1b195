//! Words of all phrases by number, and the words that govern how far a phrase reaches.

use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::LazyLock;

/// Number of a word that no phrase knows.
pub const UNKNOWN: u32 = 0;

/// Every word that some phrase, class or legend uses.
#[derive(Clone, Debug, Default)]
pub struct PhraseVocabulary {
    /// Looked up for every word of every text; what is added comes from packs alone, so the hash needs no secret.
    numbers: FxHashMap<Box<str>, u32>,
    /// Numbers of words that stand everywhere.
    common: FxHashSet<u32>,
}

impl PhraseVocabulary {
    /// The number of a word in small letters, given one if it has none.
    pub fn add(&mut self, word: &str) -> u32 {
        if let Some(number) = self.numbers.get(word) {
            return *number;
        }
        let number = u32::try_from(self.numbers.len() + 1).unwrap_or(UNKNOWN);
        self.numbers.insert(word.into(), number);
        if is_common(word) {
            self.common.insert(number);
        }
        number
    }

    pub fn is_common(&self, number: u32) -> bool {
        self.common.contains(&number)
    }

    /// One more than the highest number.
    pub fn size(&self) -> usize {
        self.numbers.len() + 1
    }

    /// The number of a word as a text has it: "fund's" is "fund" where no phrase has it so.
    pub fn number(&self, word: &str) -> u32 {
        if let Some(number) = self.numbers.get(word) {
            return *number;
        }
        word.strip_suffix("'s")
            .or_else(|| word.strip_suffix('\''))
            .and_then(|base| self.numbers.get(base))
            .copied()
            .unwrap_or(UNKNOWN)
    }
}

/// How far a phrase may reach over a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenBoundary {
    /// A word or a figure: a gap passes it.
    None,
    /// A gap passes it too; a legend does not see it.
    Comma,
    /// The end of a clause, or a word that begins one.
    Clause,
    /// A word that negates.
    Negator,
}

/// A gap never passes one of these: what stands behind is said under a negation.
const NEGATORS: [&str; 22] = [
    "not", "no", "never", "cannot", "without", "neither", "nor", "none", "nobody", "nothing",
    "hardly", "rarely", "seldom", "scarcely", "barely", "unless", "isnt", "dont", "keine", "kein",
    "nicht", "sin",
];

/// A gap never passes one of these: they begin a clause of their own.
const CLAUSE: [&str; 14] = [
    "but", "yet", "however", "while", "although", "though", "because", "whereas", "which", "aber",
    "mais", "pero", "obwohl", "weil",
];

/// How far a phrase may reach over a word in small letters.
pub fn mark_of(word: &str) -> TokenBoundary {
    static MARKS: LazyLock<FxHashMap<&str, TokenBoundary>> = LazyLock::new(|| {
        let negators = NEGATORS.iter().map(|word| (*word, TokenBoundary::Negator));
        negators
            .chain(CLAUSE.iter().map(|word| (*word, TokenBoundary::Clause)))
            .collect()
    });
    match MARKS.get(word) {
        Some(mark) => *mark,
        None if word.ends_with("n't") => TokenBoundary::Negator,
        None => TokenBoundary::None,
    }
}

/// Words so common that looking up what they begin would wake half of the phrases.
const COMMON: [&str; 78] = [
    "a", "all", "an", "and", "any", "are", "as", "at", "be", "been", "by", "can", "do", "does",
    "every", "for", "from", "get", "gets", "has", "have", "how", "i", "if", "in", "into", "is",
    "it", "its", "just", "like", "make", "may", "more", "most", "my", "new", "no", "not", "now",
    "of", "on", "one", "only", "or", "our", "out", "over", "so", "than", "that", "the", "their",
    "them", "then", "there", "they", "this", "to", "up", "us", "was", "we", "what", "when",
    "where", "who", "will", "with", "without", "you", "you're", "you've", "your", "yours", "never",
    "money", "need",
];

pub fn is_common(word: &str) -> bool {
    COMMON.contains(&word)
}
