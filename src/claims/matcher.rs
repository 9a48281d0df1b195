//! Looks for one phrase in one window of tokens: bit by bit, without going back.
//!
//! A set of places is a word of 128 bits: bit `i` stands for "between the tokens `i - 1` and `i`". Every element of a
//! phrase takes the set of places where it may begin to the set of places where it may end, so that the work is the
//! number of elements times the number of tokens, whatever the text is.

use super::tokens::{ClaimToken, Figure, FigureKind};
use super::vocabulary::{TokenBoundary, UNKNOWN};

/// Places in a window.
pub type PositionSet = u128;

/// Tokens of a window; one place is behind the last.
pub const WINDOW: usize = 127;

/// An element of a phrase, its words by number.
#[derive(Clone, Debug)]
pub enum MatchNode {
    /// Sorted numbers of words.
    Words(Vec<u32>),
    /// A word in this case only, with its number.
    Cased(u32, Box<str>),
    Figure(FigureKind),
    /// A percentage of this value.
    Percent(i64),
    Any(Vec<Vec<MatchNode>>),
    Optional(Vec<MatchNode>),
    Gap(u8),
    Begin,
    End,
}

/// Where each word of a window stands. One is used for all windows of a text, since it is as long as the vocabulary.
#[derive(Debug)]
pub struct WordPositions {
    /// For each word of the vocabulary its place in `places`, plus one; nothing for a word that is not there.
    slots: Vec<u8>,
    /// Words of the window, in the order in which they first stand, and where.
    places: Vec<(u32, PositionSet)>,
}

impl WordPositions {
    /// `size`: one more than the highest number of a word.
    pub fn new(size: usize) -> Self {
        Self {
            slots: vec![0; size],
            places: Vec::with_capacity(WINDOW),
        }
    }

    fn fill(&mut self, tokens: &[ClaimToken]) {
        // `slots` is as long as the vocabulary: only what the window before has set is cleared.
        for (word, _) in self.places.drain(..) {
            self.slots[word as usize] = 0;
        }
        for (index, token) in tokens.iter().enumerate() {
            if token.word == UNKNOWN {
                continue;
            }
            let slot = &mut self.slots[token.word as usize];
            if *slot == 0 {
                self.places.push((token.word, 0));
                // A window has at most 127 words.
                *slot = u8::try_from(self.places.len()).unwrap_or(u8::MAX);
            }
            self.places[usize::from(*slot) - 1].1 |= 1 << index;
        }
    }

    fn of(&self, word: u32) -> PositionSet {
        let slot = self.slots.get(word as usize).copied().unwrap_or(0);
        match usize::from(slot).checked_sub(1) {
            Some(at) => self.places[at].1,
            None => 0,
        }
    }

    fn of_any(&self, words: &[u32]) -> PositionSet {
        // Look up the fewer: the phrase's words in the window, or the window's words in the phrase's sorted list.
        if words.len() <= 4 * self.places.len() {
            return words.iter().fold(0, |places, word| places | self.of(*word));
        }
        let known = self
            .places
            .iter()
            .filter(|(word, _)| words.binary_search(word).is_ok());
        known.fold(0, |places, (_, more)| places | more)
    }
}

/// Kinds of figures that places are kept for; [`FigureKind::Any`] is all of them.
const FIGURES: usize = 5;

/// The tokens that phrases are looked for in.
pub struct TokenWindow<'t> {
    text: &'t str,
    tokens: &'t [ClaimToken],
    standing: &'t WordPositions,
    /// Where the figures of each kind stand.
    figures: [PositionSet; FIGURES],
    /// Tokens that a gap passes.
    passable: PositionSet,
    /// The sentence begins with the window, or ends with it.
    begins: bool,
    ends: PositionSet,
}

impl<'t> TokenWindow<'t> {
    /// At most [`WINDOW`] tokens.
    pub fn new(
        text: &'t str,
        tokens: &'t [ClaimToken],
        (begins, ends): (bool, bool),
        standing: &'t mut WordPositions,
    ) -> Self {
        standing.fill(tokens);
        let mut figures = [0; FIGURES];
        let mut passable = 0;
        for (index, token) in tokens.iter().enumerate() {
            if let Some(at) = token.figure.and_then(|figure| place_of(figure.kind)) {
                figures[at] |= 1 << index;
            }
            if matches!(token.mark, TokenBoundary::None | TokenBoundary::Comma) {
                passable |= 1 << index;
            }
        }
        // The marks that close a sentence stand behind its end.
        let last = tokens
            .iter()
            .rposition(|token| {
                token.figure.is_some() || token.mark != TokenBoundary::Clause || token.word != 0
            })
            .map_or(0, |index| index + 1);
        let ends = if ends {
            (last..=tokens.len()).fold(0, |places, index| places | 1 << index)
        } else {
            0
        };
        Self {
            text,
            tokens,
            standing,
            figures,
            passable,
            begins,
            ends,
        }
    }

    /// Whether a figure of the kind stands in it.
    pub fn has_figure(&self, kind: FigureKind) -> bool {
        self.figures_of(kind) != 0
    }

    /// Numbers of the words in it.
    pub fn words(&self) -> impl Iterator<Item = u32> + '_ {
        self.standing.places.iter().map(|(word, _)| *word)
    }

    /// The longest hit from each place where the phrase begins, as ranges of tokens.
    pub fn hits(&self, phrase: &[MatchNode], found: &mut Vec<(usize, usize)>) {
        // Every place may be a start, the one behind the last token too.
        let mut starts = if self.tokens.len() >= WINDOW {
            PositionSet::MAX
        } else {
            (1 << (self.tokens.len() + 1)) - 1
        };
        if let Some(MatchNode::Words(first)) = phrase.first() {
            starts &= self.standing.of_any(first);
        }
        // If all starts together reach no end, none of them does: nearly every phrase is left here.
        if starts == 0 || self.run(phrase, starts) == 0 {
            return;
        }
        // Then start by start, for where each hit begins; behind the last token stands nothing to be hit.
        starts &= !(1 << self.tokens.len());
        while starts != 0 {
            let start = starts.trailing_zeros();
            starts &= starts - 1;
            let ends = self.run(phrase, 1 << start);
            if ends != 0 {
                let (start, end) = (start as usize, ends.ilog2() as usize);
                if end > start {
                    found.push((start, end));
                    // The next hit begins behind this one, so that hits of a phrase do not overlap.
                    starts &= PositionSet::MAX.checked_shl(ends.ilog2()).unwrap_or(0);
                }
            }
        }
    }

    fn run(&self, phrase: &[MatchNode], mut places: PositionSet) -> PositionSet {
        for node in phrase {
            places = self.step(node, places);
            if places == 0 {
                break;
            }
        }
        places
    }

    fn step(&self, node: &MatchNode, places: PositionSet) -> PositionSet {
        match node {
            MatchNode::Words(numbers) => (places & self.standing.of_any(numbers)) << 1,
            MatchNode::Cased(number, written) => {
                let standing = places & self.standing.of(*number);
                let same =
                    |token: &ClaimToken| self.text[token.start..token.end].starts_with(&**written);
                self.only(standing, same) << 1
            }
            MatchNode::Figure(kind) => (places & self.figures_of(*kind)) << 1,
            MatchNode::Percent(value) => {
                let standing = places & self.figures_of(FigureKind::Percent);
                let same = |figure: Figure| figure.value == *value;
                self.only(standing, |token| token.figure.is_some_and(same)) << 1
            }
            MatchNode::Any(all) => all.iter().fold(0, |ends, one| ends | self.run(one, places)),
            MatchNode::Optional(inner) => places | self.run(inner, places),
            MatchNode::Gap(words) => {
                let mut reach = places;
                for _ in 0..*words {
                    reach |= (reach & self.passable) << 1;
                }
                reach
            }
            MatchNode::Begin => places & PositionSet::from(self.begins),
            MatchNode::End => places & self.ends,
        }
    }

    /// Of these places those whose token is wanted.
    fn only(&self, mut standing: PositionSet, wanted: impl Fn(&ClaimToken) -> bool) -> PositionSet {
        for (index, token) in self.tokens.iter().enumerate() {
            if standing >> index & 1 == 1 && !wanted(token) {
                standing &= !(1 << index);
            }
        }
        standing
    }

    fn figures_of(&self, kind: FigureKind) -> PositionSet {
        match place_of(kind) {
            Some(at) => self.figures[at],
            None => self.figures.iter().fold(0, |all, one| all | one),
        }
    }
}

/// The place of a kind among those that are kept; none for [`FigureKind::Any`].
fn place_of(kind: FigureKind) -> Option<usize> {
    Some(match kind {
        FigureKind::Money => 0,
        FigureKind::Percent => 1,
        FigureKind::Count => 2,
        FigureKind::Date => 3,
        FigureKind::Time => 4,
        FigureKind::Any => return None,
    })
}
