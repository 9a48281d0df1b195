//! Which words of the query met which words of the passage: the model's word pieces brought back to whole words.

use super::late::Pair;
use super::piece::Vocabulary;
use super::scale::whole;
use crate::domain::citation::NearWord;

/// Words in small letters, each once, in the order of their places.
fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for word in text.split(|c: char| !c.is_alphanumeric()) {
        if !word.is_empty() {
            words.push(word.to_lowercase());
        }
    }
    words
}

/// The first word that holds a piece; the piece's letters if none does.
fn word_of(piece: u16, words: &[String], vocabulary: &Vocabulary) -> String {
    let letters = vocabulary.letters(piece);
    words
        .iter()
        .find(|word| word.contains(letters) && vocabulary.holds(word, piece))
        .map_or_else(|| letters.to_owned(), Clone::clone)
}

/// The `most` words of the query that gave most, each with the word of the passage that was most like it.
pub(super) fn near_words(
    pairs: &[Pair],
    (query, passage): (&str, &str),
    vocabulary: &Vocabulary,
    most: usize,
) -> Vec<NearWord> {
    let asked = words(query);
    // A word of the query: its share so far, and its best pair.
    let mut by_word: Vec<(String, f64, Pair)> = Vec::new();
    for pair in pairs {
        let word = word_of(pair.asked, &asked, vocabulary);
        match by_word.iter_mut().find(|(known, ..)| *known == word) {
            Some((_, share, best)) => {
                *share += pair.share;
                if pair.share > best.share {
                    *best = *pair;
                }
            }
            None => by_word.push((word, pair.share, *pair)),
        }
    }
    by_word.sort_by(|a, b| b.1.total_cmp(&a.1));
    by_word.truncate(most);
    let found = words(passage);
    by_word
        .into_iter()
        .map(|(word, share, pair)| NearWord {
            asked: word,
            found: word_of(pair.found, &found, vocabulary),
            likeness: whole(pair.likeness),
            share: whole(share),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_told_as_the_words_they_stand_in() {
        let vocabulary = Vocabulary::read(include_str!("../../assets/model/tokenizer.json"));
        let id = |piece: &str| {
            (0..30_522)
                .find(|id| vocabulary.letters(*id) == piece)
                .unwrap()
        };
        let pair = |asked: &str, found: &str, share: f64| Pair {
            asked: id(asked),
            found: id(found),
            likeness: 0.8,
            share,
        };
        let pairs = [
            pair("early", "sooner", 0.1),
            pair("repay", "settlement", 0.2),
            pair("ment", "settlement", 0.1),
        ];
        let text = ("Early repayment", "Settlement sooner");
        let near = near_words(&pairs, text, &vocabulary, 5);
        let told: Vec<_> = near
            .iter()
            .map(|n| (n.asked.as_str(), n.found.as_str(), n.share))
            .collect();
        assert_eq!(
            told,
            [
                ("repayment", "settlement", 3_000),
                ("early", "sooner", 1_000)
            ]
        );
        assert_eq!(near_words(&pairs, text, &vocabulary, 1).len(), 1);
        // A piece whose word is not to be found is told by itself.
        let near = near_words(&pairs[..1], ("", ""), &vocabulary, 5);
        assert_eq!(
            (near[0].asked.as_str(), near[0].found.as_str()),
            ("early", "sooner")
        );
    }
}
