//! Looks for one phrase in one window of tokens: bit by bit, without going back.
//!
//! A set of places is a word of 128 bits: bit `i` stands for "between the tokens `i - 1` and `i`". Every element of a
//! phrase takes the set of places where it may begin to the set of places where it may end, so that the work is the
//! number of elements times the number of tokens, whatever the text is.

use super::tokens::{Figure, FigureKind, Mark, Token};
use std::collections::HashMap;

/// Places in a window.
pub type Places = u128;

/// Tokens of a window; one place is behind the last.
pub const WINDOW: usize = 127;

/// An element of a phrase, its words by number.
#[derive(Clone, Debug)]
pub enum Node {
    /// Sorted numbers of words.
    Words(Vec<u32>),
    /// A word in this case only, with its number.
    Cased(u32, Box<str>),
    Figure(FigureKind),
    /// A percentage of this value.
    Percent(i64),
    Any(Vec<Vec<Node>>),
    Optional(Vec<Node>),
    Gap(u8),
    Begin,
    End,
}

/// The tokens that phrases are looked for in.
pub struct Window<'t> {
    text: &'t str,
    tokens: &'t [Token],
    /// Where each word stands.
    words: HashMap<u32, Places>,
    /// Tokens that a gap passes.
    passable: Places,
    /// The sentence begins with the window, or ends with it.
    begins: bool,
    ends: Places,
}

impl<'t> Window<'t> {
    /// At most [`WINDOW`] tokens.
    pub fn new(text: &'t str, tokens: &'t [Token], begins: bool, ends: bool) -> Self {
        let mut words: HashMap<u32, Places> = HashMap::with_capacity(tokens.len());
        let mut passable = 0;
        for (index, token) in tokens.iter().enumerate() {
            if token.word != super::vocabulary::UNKNOWN {
                *words.entry(token.word).or_default() |= 1 << index;
            }
            if matches!(token.mark, Mark::None | Mark::Comma) {
                passable |= 1 << index;
            }
        }
        // The marks that close a sentence stand behind its end.
        let last = tokens
            .iter()
            .rposition(|token| {
                token.figure.is_some() || token.mark != Mark::Clause || token.word != 0
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
            words,
            passable,
            begins,
            ends,
        }
    }

    /// Whether a figure of the kind stands in it.
    pub fn has_figure(&self, kind: FigureKind) -> bool {
        self.tokens
            .iter()
            .any(|token| token.figure.is_some_and(|figure| kind.takes(figure.kind)))
    }

    /// Numbers of the words in it.
    pub fn words(&self) -> impl Iterator<Item = u32> + '_ {
        self.words.keys().copied()
    }

    /// The longest hit from each place where the phrase begins, as ranges of tokens.
    pub fn hits(&self, phrase: &[Node], found: &mut Vec<(usize, usize)>) {
        let all = if self.tokens.len() >= WINDOW {
            Places::MAX
        } else {
            (1 << (self.tokens.len() + 1)) - 1
        };
        if self.run(phrase, all) == 0 {
            return;
        }
        let mut from = 0;
        for start in 0..self.tokens.len() {
            if start < from {
                continue;
            }
            let ends = self.run(phrase, 1 << start);
            if ends != 0 {
                let end = ends.ilog2() as usize;
                if end > start {
                    found.push((start, end));
                    from = end;
                }
            }
        }
    }

    fn run(&self, phrase: &[Node], mut places: Places) -> Places {
        for node in phrase {
            places = self.step(node, places);
            if places == 0 {
                break;
            }
        }
        places
    }

    fn step(&self, node: &Node, places: Places) -> Places {
        match node {
            Node::Words(numbers) => (places & self.standing(numbers)) << 1,
            Node::Cased(number, written) => {
                let mut standing = self.words.get(number).copied().unwrap_or(0);
                for (index, token) in self.tokens.iter().enumerate() {
                    if standing >> index & 1 == 1
                        && !self.text[token.start..token.end].starts_with(&**written)
                    {
                        standing &= !(1 << index);
                    }
                }
                (places & standing) << 1
            }
            Node::Figure(kind) => (places & self.figures(|figure| kind.takes(figure.kind))) << 1,
            Node::Percent(value) => {
                let same =
                    |figure: Figure| figure.kind == FigureKind::Percent && figure.value == *value;
                (places & self.figures(same)) << 1
            }
            Node::Any(all) => all.iter().fold(0, |ends, one| ends | self.run(one, places)),
            Node::Optional(inner) => places | self.run(inner, places),
            Node::Gap(words) => {
                let mut reach = places;
                for _ in 0..*words {
                    reach |= (reach & self.passable) << 1;
                }
                reach
            }
            Node::Begin => places & Places::from(self.begins),
            Node::End => places & self.ends,
        }
    }

    fn figures(&self, wanted: impl Fn(Figure) -> bool) -> Places {
        let mut standing = 0;
        for (index, token) in self.tokens.iter().enumerate() {
            if token.figure.is_some_and(&wanted) {
                standing |= 1 << index;
            }
        }
        standing
    }

    fn standing(&self, numbers: &[u32]) -> Places {
        if numbers.len() <= self.words.len() {
            return numbers
                .iter()
                .filter_map(|number| self.words.get(number))
                .fold(0, |places, more| places | more);
        }
        let known = |number: &u32| numbers.binary_search(number).is_ok();
        let standing = self.words.iter().filter(|(number, _)| known(number));
        standing.fold(0, |places, (_, more)| places | more)
    }
}
