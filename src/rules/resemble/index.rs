//! Features by number: the stems of a sentence, and its neighbours in pairs.

use super::words::Sentence;
use rustc_hash::FxHashMap;
use std::collections::BTreeSet;

/// Numbers of features, given in the order in which they are first read.
#[derive(Debug, Default)]
pub struct Index {
    words: FxHashMap<Box<str>, usize>,
    pairs: FxHashMap<(usize, usize), usize>,
    /// How many numbers were given before the first of these.
    first: usize,
}

/// What a sentence has of the features that are known.
#[derive(Debug)]
pub struct Features {
    /// Numbers of those that are known, each once.
    pub known: Vec<usize>,
    /// How many there are, known or not.
    pub all: usize,
    /// How many of them are words, and how many of these are known.
    pub words: usize,
    pub known_words: usize,
}

impl Index {
    /// One whose numbers begin behind those of another.
    pub fn behind(first: usize) -> Self {
        Self {
            first,
            ..Self::default()
        }
    }

    pub fn len(&self) -> usize {
        self.words.len() + self.pairs.len()
    }

    fn next(&self) -> usize {
        self.first + self.len()
    }

    /// Numbers of a sentence's features, each once; new ones for those that neither index has.
    pub fn add(&mut self, base: Option<&Self>, sentence: &Sentence) -> BTreeSet<usize> {
        let mut numbers = BTreeSet::new();
        let mut last = None;
        for word in sentence.words() {
            // The base's number goes first: a feature has one number, whichever of the two indices gave it.
            let known = base.and_then(|base| base.words.get(word)).copied();
            let number = known.unwrap_or_else(|| {
                let next = self.next();
                match self.words.get(word) {
                    Some(number) => *number,
                    None => *self.words.entry(word.into()).or_insert(next),
                }
            });
            numbers.insert(number);
            if let Some(last) = last.replace(number) {
                // A pair is known by the numbers of its words, so it too has one number for both indices.
                let pair = (last, number);
                let known = base.and_then(|base| base.pairs.get(&pair)).copied();
                let next = self.next();
                numbers.insert(known.unwrap_or_else(|| *self.pairs.entry(pair).or_insert(next)));
            }
        }
        numbers
    }

    fn word(&self, base: &Self, word: &str) -> Option<usize> {
        let number = base.words.get(word).or_else(|| self.words.get(word));
        number.copied()
    }

    /// The number of two words that follow each other.
    fn pair(&self, base: &Self, pair: (usize, usize)) -> Option<usize> {
        let number = base.pairs.get(&pair).or_else(|| self.pairs.get(&pair));
        number.copied()
    }

    /// What a sentence has of the features of this index and of the one that it stands behind.
    pub fn find(&self, base: &Self, sentence: &Sentence) -> Features {
        let numbers: Vec<Option<usize>> =
            sentence.words().map(|word| self.word(base, word)).collect();
        let known = numbers.iter().flatten().copied();
        let known: BTreeSet<usize> = known.collect();
        let known_words = known.len();
        // Words that nobody knows are told apart by their letters.
        let strange: BTreeSet<&str> = sentence
            .words()
            .zip(&numbers)
            .filter(|(_, number)| number.is_none())
            .map(|(word, _)| word)
            .collect();
        // All unknown words share one number here, so their letters keep pairs with them apart.
        let ids = sentence
            .words()
            .zip(&numbers)
            .map(|(word, number)| match number {
                Some(number) => (*number, ""),
                None => (usize::MAX, word),
            });
        let ids: Vec<(usize, &str)> = ids.collect();
        let mut pairs: Vec<_> = ids.windows(2).map(|two| (two[0], two[1])).collect();
        // As with words, a pair that is repeated counts once: repetition makes nothing more alike.
        pairs.sort_unstable();
        pairs.dedup();
        let words = known_words + strange.len();
        let all = words + pairs.len();
        let of_pairs = pairs
            .iter()
            .filter_map(|((a, _), (b, _))| self.pair(base, (*a, *b)));
        Features {
            known: known.into_iter().chain(of_pairs).collect(),
            all,
            words,
            known_words,
        }
    }

    /// The words of features, each once, with their numbers: for people.
    pub fn named(&self, base: &Self, sentence: &Sentence) -> Vec<(usize, String)> {
        let words: Vec<&str> = sentence.words().collect();
        let number = |word: &str| self.word(base, word);
        let singles = words
            .iter()
            .filter_map(|word| Some((number(word)?, (*word).to_owned())));
        let pairs = words.windows(2).filter_map(|two| {
            let pair = (number(two[0])?, number(two[1])?);
            Some((self.pair(base, pair)?, two.join(" ")))
        });
        let mut seen = BTreeSet::new();
        singles
            .chain(pairs)
            .filter(|(number, _)| seen.insert(*number))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_feature_counts_once_whether_it_is_known_or_not() {
        let mut base = Index::default();
        assert_eq!(base.add(None, &Sentence::read("No fees ever.")).len(), 5);
        let mut own = Index::behind(base.len());
        let added = own.add(Some(&base), &Sentence::read("No fees on mangoes."));
        assert_eq!(added.into_iter().collect::<Vec<_>>(), [0, 1, 2, 5, 6, 7, 8]);
        let read = own.find(
            &base,
            &Sentence::read("No fees, no fees, zebra zebra zebra."),
        );
        assert_eq!((read.all, read.words, read.known_words), (7, 3, 2));
        assert_eq!(read.known, [0, 1, 2]);
        let named = own.named(&base, &Sentence::read("no fees no zebra"));
        assert_eq!(
            named,
            [(0, "no".into()), (1, "fee".into()), (2, "no fee".into())]
        );
    }
}
