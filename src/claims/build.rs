//! From the elements of a phrase to what the matcher runs, and the word by which it is looked for.

use super::lexicon_error::WordClassError;
use super::matcher::MatchNode;
use super::phrase::{self, PhraseElement};
use super::tokens::FigureKind;
use super::vocabulary::PhraseVocabulary;
use super::{ClaimKind, Legend, ProductClass};
use std::collections::BTreeMap;

/// What one file brings.
#[derive(Clone, Copy, Debug)]
pub struct LexiconSource<'s> {
    pub pack: &'s str,
    pub language: &'s str,
    pub classes: &'s BTreeMap<String, Vec<String>>,
    pub kinds: &'s [ClaimKind],
    pub legends: &'s [Legend],
    pub products: &'s [ProductClass],
}

/// The word classes of all files, by language and name.
pub struct WordClasses<'s>(BTreeMap<(&'s str, &'s str), &'s [String]>);

impl<'s> WordClasses<'s> {
    pub fn of(sources: &[LexiconSource<'s>]) -> Self {
        let mut all = BTreeMap::new();
        for source in sources {
            for (name, entries) in source.classes {
                all.insert((source.language, name.as_str()), entries.as_slice());
            }
        }
        Self(all)
    }
}

/// What the phrases of a language are compiled by.
pub struct PhraseCompiler<'b> {
    pub classes: &'b WordClasses<'b>,
    pub language: &'b str,
}

impl PhraseCompiler<'_> {
    /// The nodes of a phrase, its words by number.
    ///
    /// # Errors
    /// A word class that no file has, or that holds classes.
    pub fn nodes(
        &self,
        elements: &[PhraseElement],
        vocabulary: &mut PhraseVocabulary,
    ) -> Result<Vec<MatchNode>, WordClassError> {
        elements
            .iter()
            .map(|element| self.node(element, vocabulary))
            .collect()
    }

    fn node(
        &self,
        element: &PhraseElement,
        vocabulary: &mut PhraseVocabulary,
    ) -> Result<MatchNode, WordClassError> {
        Ok(match element {
            PhraseElement::Word { word, inflected } => {
                let mut numbers: Vec<u32> = if *inflected {
                    let forms = phrase::inflections(word);
                    forms.iter().map(|form| vocabulary.add(form)).collect()
                } else {
                    vec![vocabulary.add(word)]
                };
                numbers.sort_unstable();
                numbers.dedup();
                MatchNode::Words(numbers)
            }
            PhraseElement::Cased(word) => {
                MatchNode::Cased(vocabulary.add(&word.to_lowercase()), word.as_str().into())
            }
            PhraseElement::Class(name) => {
                let entries = self
                    .classes
                    .0
                    .get(&(self.language, name.as_str()))
                    .ok_or_else(|| WordClassError::Unknown(name.clone()))?;
                let all = entries
                    .iter()
                    .map(|entry| {
                        let inside = phrase::parse(entry)?;
                        if inside.iter().any(|e| matches!(e, PhraseElement::Class(_))) {
                            return Err(WordClassError::Nested(name.clone()));
                        }
                        self.nodes(&inside, vocabulary)
                    })
                    .collect::<Result<Vec<_>, WordClassError>>()?;
                merged(all)
            }
            PhraseElement::Figure(kind) => MatchNode::Figure(*kind),
            PhraseElement::Percent(value) => MatchNode::Percent(*value),
            PhraseElement::Any(all) => merged(
                all.iter()
                    .map(|one| self.nodes(one, vocabulary))
                    .collect::<Result<_, _>>()?,
            ),
            PhraseElement::Optional(inner) => MatchNode::Optional(self.nodes(inner, vocabulary)?),
            PhraseElement::Gap(words) => MatchNode::Gap(*words),
            PhraseElement::Begin => MatchNode::Begin,
            PhraseElement::End => MatchNode::End,
        })
    }
}

/// Alternatives of single words are one set of words.
fn merged(all: Vec<Vec<MatchNode>>) -> MatchNode {
    let mut numbers = Vec::new();
    let mut others = Vec::new();
    for mut one in all {
        if one.len() == 1
            && let Some(MatchNode::Words(words)) = one.first()
        {
            numbers.extend_from_slice(words);
        } else if one.len() == 1
            && let Some(MatchNode::Any(_)) = one.first()
            && let Some(MatchNode::Any(inner)) = one.pop()
        {
            others.extend(inner);
        } else {
            others.push(one);
        }
    }
    numbers.sort_unstable();
    numbers.dedup();
    if others.is_empty() {
        return MatchNode::Words(numbers);
    }
    if !numbers.is_empty() {
        others.push(vec![MatchNode::Words(numbers)]);
    }
    MatchNode::Any(others)
}

/// What must stand in a sentence before a phrase is looked for there.
#[derive(Clone, Copy, Debug)]
pub enum AnchorToken {
    Word(u32),
    Figure(FigureKind),
}

/// A bit for each word that may stand at a place of a phrase that must be filled: two sums of bits, so that chance
/// seldom fills both. A sentence that has none of a place's bits cannot hold the phrase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BloomFilter([u64; 2]);

impl BloomFilter {
    /// What every sentence passes.
    pub const ANY: Self = Self([u64::MAX; 2]);

    /// The bits of words.
    pub fn of(words: impl IntoIterator<Item = u32>) -> Self {
        words.into_iter().fold(Self([0; 2]), |Self([a, b]), word| {
            Self([a | 1 << (word % 64), b | 1 << (word / 64 % 64)])
        })
    }

    pub fn lets_pass(self, sentence: Self) -> bool {
        self.0[0] & sentence.0[0] != 0 && self.0[1] & sentence.0[1] != 0
    }
}

/// What must stand beside the anchor of a phrase: of two places, the fewest words each.
pub fn filter(nodes: &[MatchNode], anchor: usize) -> BloomFilter {
    let beside = nodes.iter().enumerate();
    let mut places: Vec<Vec<u32>> = beside
        .filter(|(place, _)| *place != anchor)
        .filter_map(|(_, node)| one_of(node))
        .collect();
    places.sort_by_key(Vec::len);
    let of = |place: usize| {
        let words = places.get(place)?;
        Some(BloomFilter::of(words.iter().copied()))
    };
    let Some(first) = of(0) else {
        return BloomFilter::ANY;
    };
    let second = of(1).unwrap_or(first);
    BloomFilter([first.0[0], second.0[1]])
}

/// Words of which one must stand where an element does; none for one that any word fills, or nothing.
fn one_of(node: &MatchNode) -> Option<Vec<u32>> {
    match node {
        MatchNode::Words(numbers) => Some(numbers.clone()),
        MatchNode::Cased(number, _) => Some(vec![*number]),
        MatchNode::Any(all) => {
            let fewest =
                |nodes: &Vec<MatchNode>| nodes.iter().filter_map(one_of).min_by_key(Vec::len);
            let each = all.iter().map(fewest).collect::<Option<Vec<_>>>()?;
            Some(each.concat())
        }
        _ => None,
    }
}

/// The rarest of what must stand, by a guess that common words stand everywhere.
pub fn anchor(nodes: &[MatchNode], is_common: &dyn Fn(u32) -> bool) -> Option<Anchor> {
    let cost = |number: u32| if is_common(number) { 40 } else { 1 };
    let of_node = |node: &MatchNode| {
        Some(match node {
            MatchNode::Words(numbers) => (
                numbers.iter().map(|number| cost(*number)).sum(),
                numbers.iter().copied().map(AnchorToken::Word).collect(),
            ),
            MatchNode::Cased(number, _) => (cost(*number), vec![AnchorToken::Word(*number)]),
            MatchNode::Figure(kind) => (30, vec![AnchorToken::Figure(*kind)]),
            MatchNode::Percent(_) => (10, vec![AnchorToken::Figure(FigureKind::Percent)]),
            MatchNode::Any(all) => {
                let mut total = 0;
                let mut tokens = Vec::new();
                for one in all {
                    let inner = anchor(one, is_common)?;
                    total += inner.cost;
                    tokens.extend(inner.tokens);
                }
                (total, tokens)
            }
            MatchNode::Optional(_) | MatchNode::Gap(_) | MatchNode::Begin | MatchNode::End => {
                return None;
            }
        })
    };
    nodes
        .iter()
        .enumerate()
        .filter_map(|(place, node)| {
            let (cost, tokens) = of_node(node)?;
            Some(Anchor {
                place,
                cost,
                tokens,
            })
        })
        .min_by_key(|anchor| anchor.cost)
}

/// The rarest element that a phrase must have: without it, the phrase is not looked for.
#[derive(Clone, Debug)]
pub struct Anchor {
    /// Its place in the phrase.
    pub place: usize,
    cost: usize,
    pub tokens: Vec<AnchorToken>,
}
