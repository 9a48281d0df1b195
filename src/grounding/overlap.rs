//! How much two sentences speak of the same thing: shared content words, compared by their beginnings.

use crate::text::stem::stem;

/// Words that every sentence has.
const STOP: [&str; 58] = [
    "about", "after", "also", "been", "before", "being", "both", "could", "does", "down", "each",
    "even", "every", "from", "have", "here", "hers", "into", "just", "like", "made", "make",
    "many", "more", "most", "much", "must", "only", "other", "ours", "over", "same", "shall",
    "should", "some", "such", "than", "that", "their", "them", "then", "there", "these", "they",
    "this", "those", "very", "want", "well", "were", "what", "when", "where", "which", "will",
    "with", "would", "your",
];

/// Letters of a word that are compared.
const STEM: usize = 6;

/// The content words of a sentence, cut to their stems, sorted, each once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content(Vec<String>);

impl Content {
    pub fn of(sentence: &str) -> Self {
        let mut words: Vec<String> = sentence
            .split(|c: char| !c.is_alphabetic())
            .filter(|word| word.chars().count() >= 4)
            .map(str::to_lowercase)
            .filter(|word| !STOP.contains(&word.as_str()))
            .map(|word| stem(&word).chars().take(STEM).collect())
            .collect();
        words.sort_unstable();
        words.dedup();
        Self(words)
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Words of `self` that `other` has too.
    pub fn shared(&self, other: &Self) -> usize {
        self.0
            .iter()
            .filter(|word| other.0.binary_search(word).is_ok())
            .count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_matter_in_other_forms_is_shared() {
        let message = Content::of("The study found savings of 31% for members [1].");
        let source = Content::of("In the survey, members saved 13% on average.");
        assert_eq!(message.shared(&source), 2);
        assert_eq!(message.shared(&Content::of("We open at eight.")), 0);
    }
}
