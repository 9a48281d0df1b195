//! From the elements of a phrase to what the matcher runs, and the word that wakes it.

use super::lexicon::Source;
use super::matcher::Node;
use super::phrase::{self, Element};
use super::tokens::FigureKind;
use super::vocabulary::Vocabulary;
use std::collections::BTreeMap;

/// The word classes of all files, by language and name.
pub struct WordClasses<'s>(BTreeMap<(&'s str, &'s str), &'s [String]>);

impl<'s> WordClasses<'s> {
    pub fn of(sources: &[Source<'s>]) -> Self {
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
pub struct Builder<'b> {
    pub classes: &'b WordClasses<'b>,
    pub language: &'b str,
}

impl Builder<'_> {
    /// The nodes of a phrase, its words by number.
    ///
    /// # Errors
    /// A word class that no file has, or that holds classes.
    pub fn nodes(
        &self,
        elements: &[Element],
        vocabulary: &mut Vocabulary,
    ) -> Result<Vec<Node>, String> {
        elements
            .iter()
            .map(|element| self.node(element, vocabulary))
            .collect()
    }

    fn node(&self, element: &Element, vocabulary: &mut Vocabulary) -> Result<Node, String> {
        Ok(match element {
            Element::Word { word, inflected } => {
                let mut numbers: Vec<u32> = if *inflected {
                    let forms = phrase::inflections(word);
                    forms.iter().map(|form| vocabulary.add(form)).collect()
                } else {
                    vec![vocabulary.add(word)]
                };
                numbers.sort_unstable();
                numbers.dedup();
                Node::Words(numbers)
            }
            Element::Cased(word) => {
                Node::Cased(vocabulary.add(&word.to_lowercase()), word.as_str().into())
            }
            Element::Class(name) => {
                let entries = self
                    .classes
                    .0
                    .get(&(self.language, name.as_str()))
                    .ok_or_else(|| format!("<{name}> is in no [classes] of this language"))?;
                let all = entries
                    .iter()
                    .map(|entry| {
                        let inside = phrase::parse(entry).map_err(|e| e.to_string())?;
                        if inside.iter().any(|e| matches!(e, Element::Class(_))) {
                            return Err(format!(
                                "<{name}> may hold words and phrases, not classes"
                            ));
                        }
                        self.nodes(&inside, vocabulary)
                    })
                    .collect::<Result<Vec<_>, String>>()?;
                merged(all)
            }
            Element::Figure(kind) => Node::Figure(*kind),
            Element::Percent(value) => Node::Percent(*value),
            Element::Any(all) => merged(
                all.iter()
                    .map(|one| self.nodes(one, vocabulary))
                    .collect::<Result<_, _>>()?,
            ),
            Element::Optional(inner) => Node::Optional(self.nodes(inner, vocabulary)?),
            Element::Gap(words) => Node::Gap(*words),
            Element::Begin => Node::Begin,
            Element::End => Node::End,
        })
    }
}

/// Alternatives of single words are one set of words.
fn merged(all: Vec<Vec<Node>>) -> Node {
    let mut numbers = Vec::new();
    let mut others = Vec::new();
    for mut one in all {
        if one.len() == 1
            && let Some(Node::Words(words)) = one.first()
        {
            numbers.extend_from_slice(words);
        } else if one.len() == 1
            && let Some(Node::Any(_)) = one.first()
            && let Some(Node::Any(inner)) = one.pop()
        {
            others.extend(inner);
        } else {
            others.push(one);
        }
    }
    numbers.sort_unstable();
    numbers.dedup();
    if others.is_empty() {
        return Node::Words(numbers);
    }
    if !numbers.is_empty() {
        others.push(vec![Node::Words(numbers)]);
    }
    Node::Any(others)
}

/// What a phrase waits for.
#[derive(Clone, Copy, Debug)]
pub enum Wake {
    Word(u32),
    Figure(FigureKind),
}

/// A bit for each word that may stand at a place of a phrase that must be filled: two sums of bits, so that chance
/// seldom fills both. A sentence that has none of a place's bits cannot hold the phrase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Filter([u64; 2]);

impl Filter {
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

/// What must stand beside the word that wakes a phrase: of two places, the fewest words each.
pub fn filter(nodes: &[Node], anchor: usize) -> Filter {
    let beside = nodes.iter().enumerate();
    let mut places: Vec<Vec<u32>> = beside
        .filter(|(place, _)| *place != anchor)
        .filter_map(|(_, node)| one_of(node))
        .collect();
    places.sort_by_key(Vec::len);
    let of = |place: usize| {
        let words = places.get(place)?;
        Some(Filter::of(words.iter().copied()))
    };
    let Some(first) = of(0) else {
        return Filter::ANY;
    };
    let second = of(1).unwrap_or(first);
    Filter([first.0[0], second.0[1]])
}

/// Words of which one must stand where an element does; none for one that any word fills, or nothing.
fn one_of(node: &Node) -> Option<Vec<u32>> {
    match node {
        Node::Words(numbers) => Some(numbers.clone()),
        Node::Cased(number, _) => Some(vec![*number]),
        Node::Any(all) => {
            let fewest = |nodes: &Vec<Node>| nodes.iter().filter_map(one_of).min_by_key(Vec::len);
            let each = all.iter().map(fewest).collect::<Option<Vec<_>>>()?;
            Some(each.concat())
        }
        _ => None,
    }
}

/// The rarest of what must stand, by a guess that common words stand everywhere.
pub fn anchor(nodes: &[Node], is_common: &dyn Fn(u32) -> bool) -> Option<Anchor> {
    let cost = |number: u32| if is_common(number) { 40 } else { 1 };
    let of_node = |node: &Node| {
        Some(match node {
            Node::Words(numbers) => (
                numbers.iter().map(|number| cost(*number)).sum(),
                numbers.iter().copied().map(Wake::Word).collect(),
            ),
            Node::Cased(number, _) => (cost(*number), vec![Wake::Word(*number)]),
            Node::Figure(kind) => (30, vec![Wake::Figure(*kind)]),
            Node::Percent(_) => (10, vec![Wake::Figure(FigureKind::Percent)]),
            Node::Any(all) => {
                let mut total = 0;
                let mut wakes = Vec::new();
                for one in all {
                    let inner = anchor(one, is_common)?;
                    total += inner.cost;
                    wakes.extend(inner.wakes);
                }
                (total, wakes)
            }
            Node::Optional(_) | Node::Gap(_) | Node::Begin | Node::End => return None,
        })
    };
    nodes
        .iter()
        .enumerate()
        .filter_map(|(place, node)| {
            let (cost, wakes) = of_node(node)?;
            Some(Anchor { place, cost, wakes })
        })
        .min_by_key(|anchor| anchor.cost)
}

/// The element of a phrase that wakes it.
#[derive(Clone, Debug)]
pub struct Anchor {
    /// Its place in the phrase.
    pub place: usize,
    cost: usize,
    pub wakes: Vec<Wake>,
}
