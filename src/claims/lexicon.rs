//! All kinds, legends and product classes together, compiled, and how a view is read by them.

use super::build::{
    AnchorToken, BloomFilter, LexiconSource, PhraseCompiler, WordClasses, anchor, filter,
};
use super::legend::Legends;
use super::lexicon_error::{LexiconPhraseError, LexiconProblem, LexiconProblems};
use super::matcher::{MatchNode, TokenWindow, WINDOW, WordPositions};
use super::memory::{PhraseHit, SentenceMemory};
use super::phrase::{self, PhraseElement};
use super::products::ProductIndex;
use super::tokens::{ClaimToken, ClaimTokens, FigureKind};
use super::vocabulary::{self, PhraseVocabulary};
use super::{Claim, ClaimKind, Legend, ProductClass, ViewClaims};
use crate::text::numbers::Quantity;
use crate::text::view::View;
use std::cell::OnceCell;
use std::collections::HashMap;

/// A file of claims that cannot be compiled.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("pack {pack}: {problems}")]
pub struct LexiconError {
    pub pack: String,
    #[source]
    pub problems: LexiconProblems,
}

/// A kind, as those need it who show one.
#[derive(Clone, Debug, Default)]
pub struct KindInfo {
    pub id: String,
    pub says: String,
    /// The pack that gives it its words first.
    pub pack: String,
}

#[derive(Clone, Debug)]
struct Phrase {
    nodes: Vec<MatchNode>,
    kind: usize,
    /// A hit is no claim, and takes away the claims it overlaps.
    is_term: bool,
    by_negation: bool,
    is_english: bool,
}

/// Everything that a message is read by.
#[derive(Clone, Debug, Default)]
pub struct ClaimLexicon {
    vocabulary: PhraseVocabulary,
    kinds: Vec<KindInfo>,
    by_id: HashMap<String, usize>,
    phrases: Vec<Phrase>,
    /// For each word, by its number, the phrases whose anchor it is, and what else must stand.
    by_word: Vec<Vec<(BloomFilter, usize)>>,
    /// Phrases whose anchor is a figure.
    by_figure: Vec<(FigureKind, usize)>,
    legends: Legends,
    legend_ids: Vec<(String, String)>,
    products: ProductIndex,
    /// The kind that tells a product class by words.
    class_kinds: HashMap<usize, usize>,
    memory: SentenceMemory,
}

impl ClaimLexicon {
    /// Compiles files, in their order.
    ///
    /// # Errors
    /// The first phrase, legend or class that is none, with file and place.
    pub fn compile(
        sources: &[LexiconSource<'_>],
        classes: &WordClasses<'_>,
    ) -> Result<Self, LexiconError> {
        let mut lexicon = Self::default();
        for source in sources {
            let builder = PhraseCompiler {
                classes,
                language: source.language,
            };
            let mut slips = Vec::new();
            for kind in source.kinds {
                lexicon.add_kind(source.pack, kind, &builder, &mut slips);
            }
            for legend in source.legends {
                slips.extend(lexicon.add_legend(legend).err());
            }
            for class in source.products {
                lexicon.add_class(class, &builder, &mut slips);
            }
            if !slips.is_empty() {
                return Err(LexiconError {
                    pack: source.pack.to_owned(),
                    problems: LexiconProblems(slips),
                });
            }
        }
        Ok(lexicon)
    }

    /// Adds a nameless kind of a rule's own words.
    ///
    /// # Errors
    /// A phrase that is none, or whose class no file has.
    pub fn add_words(
        &mut self,
        classes: &WordClasses<'_>,
        language: &str,
        phrases: &[String],
    ) -> Result<usize, LexiconPhraseError> {
        let builder = PhraseCompiler { classes, language };
        let kind = self.nameless();
        for phrase in phrases {
            self.add_phrase(phrase, kind, (false, false), &builder)?;
        }
        Ok(kind)
    }

    /// A new kind that nobody but its owner asks for.
    fn nameless(&mut self) -> usize {
        self.kinds.push(KindInfo::default());
        self.kinds.len() - 1
    }

    pub fn kinds(&self) -> &[KindInfo] {
        &self.kinds
    }

    pub fn kind(&self, id: &str) -> Option<usize> {
        self.by_id.get(id).copied()
    }

    pub fn legend(&self, id: &str) -> Option<usize> {
        self.legend_ids.iter().position(|(known, _)| known == id)
    }

    /// A wording of a legend, to show.
    pub fn legend_text(&self, legend: usize) -> &str {
        self.legend_ids.get(legend).map_or("", |(_, text)| text)
    }

    /// The product classes.
    pub fn products(&self) -> &ProductIndex {
        &self.products
    }

    /// Reads a view: its claims, its legends, and the product classes that its words tell.
    pub fn read(&self, view: &View, quantities: &[Quantity]) -> ViewClaims {
        let text = view.text();
        let tokens = ClaimTokens::of(text, &view.sentences, quantities, &mut |word| {
            self.vocabulary.number(word)
        });
        let legends = self.legends.find(&tokens.all);
        let mut reading = ViewClaims {
            legends: legends
                .iter()
                .map(|(legend, from, to)| {
                    (*legend, tokens.all[*from].start, tokens.all[to - 1].end)
                })
                .collect(),
            ..ViewClaims::default()
        };
        let mut search = None;
        let mut hits = Vec::new();
        for (sentence, (from, to)) in tokens.sentences.iter().enumerate() {
            hits.clear();
            let key = SentenceMemory::key(text, &tokens.all[*from..*to]);
            let is_known =
                (key.as_ref()).is_some_and(|key| self.memory.recall(key, *from, &mut hits));
            if !is_known {
                // Most texts hold no sentence that is new: what a search needs is made for the first one.
                let search = search.get_or_insert_with(|| PhraseSearch::of(self));
                self.search(text, &tokens.all, (sentence, *from, *to), search, &mut hits);
                if let Some(key) = key {
                    self.memory.keep(key, *from, &hits);
                }
            }
            self.settle(sentence, &tokens, &legends, &mut hits, &mut reading);
        }
        reading.tokens = tokens;
        reading
    }

    /// Looks through a sentence, by its place and its tokens, a window at a time.
    fn search(
        &self,
        text: &str,
        tokens: &[ClaimToken],
        (sentence, from, to): (usize, usize, usize),
        search: &mut PhraseSearch,
        hits: &mut Vec<PhraseHit>,
    ) {
        let mut at = from;
        let mut window = 0;
        while at < to {
            let end = (at + WINDOW).min(to);
            let mark = u32::try_from(sentence * 64 + window % 64).unwrap_or(0);
            let whole = (at == from, end == to);
            let shown = TokenWindow::new(text, &tokens[at..end], whole, &mut search.standing);
            self.look(&shown, at, mark, &mut search.seen, hits);
            if end == to {
                break;
            }
            at = end - OVERLAP;
            window += 1;
        }
    }

    fn look(
        &self,
        window: &TokenWindow<'_>,
        offset: usize,
        mark: u32,
        seen: &mut [u32],
        hits: &mut Vec<PhraseHit>,
    ) {
        let mut ranges = Vec::new();
        let words = BloomFilter::of(window.words());
        let by_word = window
            .words()
            .filter_map(|word| self.by_word.get(word as usize))
            .flatten()
            .filter(|(filter, _)| filter.lets_pass(words))
            .map(|(_, phrase)| phrase);
        let by_figure = self
            .by_figure
            .iter()
            .filter(|(kind, _)| window.has_figure(*kind))
            .map(|(_, phrase)| phrase);
        for phrase in by_word.chain(by_figure) {
            if std::mem::replace(&mut seen[*phrase], mark) == mark {
                continue;
            }
            window.hits(&self.phrases[*phrase].nodes, &mut ranges);
            hits.extend(ranges.drain(..).map(|(from, to)| PhraseHit {
                phrase: *phrase,
                from: offset + from,
                to: offset + to,
            }));
        }
    }

    /// Of the hits in a sentence, the longest of each kind at a place; none that a term of art takes away.
    fn settle(
        &self,
        sentence: usize,
        tokens: &ClaimTokens,
        legends: &[(usize, usize, usize)],
        hits: &mut [PhraseHit],
        reading: &mut ViewClaims,
    ) {
        let kind = |hit: &PhraseHit| self.phrases[hit.phrase].kind;
        let length = |hit: &PhraseHit| hit.to - hit.from;
        hits.sort_unstable_by(|a, b| {
            (kind(a), a.from, b.to, a.phrase).cmp(&(kind(b), b.from, a.to, b.phrase))
        });
        let terms: Vec<PhraseHit> = hits
            .iter()
            .copied()
            .filter(|hit| self.phrases[hit.phrase].is_term)
            .collect();
        let mut kept: Vec<PhraseHit> = Vec::new();
        for hit in hits.iter().filter(|hit| !self.phrases[hit.phrase].is_term) {
            let is_taken = terms
                .iter()
                .any(|term| kind(term) == kind(hit) && term.from < hit.to && hit.from < term.to);
            if is_taken {
                continue;
            }
            match kept.last_mut() {
                Some(last) if kind(last) == kind(hit) && hit.from < last.to => {
                    if length(hit) > length(last) {
                        *last = *hit;
                    }
                }
                _ => kept.push(*hit),
            }
        }
        kept.sort_unstable_by_key(|hit| (hit.from, hit.to, kind(hit)));
        for hit in kept {
            let phrase = &self.phrases[hit.phrase];
            if let Some(class) = self.class_kinds.get(&phrase.kind) {
                if !reading.classes.contains(class) {
                    reading.classes.push(*class);
                }
                continue;
            }
            reading.claims.push(Claim {
                kind: phrase.kind,
                start: tokens.all[hit.from].start,
                end: tokens.all[hit.to - 1].end,
                sentence,
                by_negation: phrase.by_negation,
                is_english: phrase.is_english,
                prescribed: legends
                    .iter()
                    .any(|(_, from, to)| *from <= hit.from && hit.to <= *to),
                voice: OnceCell::new(),
                approved: OnceCell::new(),
            });
        }
    }

    fn add_kind(
        &mut self,
        pack: &str,
        kind: &ClaimKind,
        builder: &PhraseCompiler<'_>,
        slips: &mut Vec<LexiconProblem>,
    ) {
        let index = match self.by_id.get(&kind.id) {
            Some(index) => {
                let known = &mut self.kinds[*index];
                if known.says.is_empty() {
                    known.says.clone_from(&kind.says);
                }
                *index
            }
            None => {
                self.kinds.push(KindInfo {
                    id: kind.id.clone(),
                    says: kind.says.clone(),
                    pack: pack.to_owned(),
                });
                self.by_id.insert(kind.id.clone(), self.kinds.len() - 1);
                self.kinds.len() - 1
            }
        };
        let lists = [
            (&kind.phrases, (false, false)),
            (&kind.by_negation, (true, false)),
            (&kind.terms_of_art, (false, true)),
        ];
        for (phrases, flags) in lists {
            for phrase in phrases {
                if let Err(problem) = self.add_phrase(phrase, index, flags, builder) {
                    let id = kind.id.clone();
                    slips.push(LexiconProblem::Kind { id, problem });
                }
            }
        }
    }

    fn add_legend(&mut self, legend: &Legend) -> Result<(), LexiconProblem> {
        let index = self.legend_ids.len();
        let shown = legend.text.first().cloned().unwrap_or_default();
        self.legend_ids.push((legend.id.clone(), shown));
        for text in &legend.text {
            self.legends
                .add(index, text, &mut self.vocabulary)
                .map_err(|problem| LexiconProblem::Legend {
                    id: legend.id.clone(),
                    problem,
                })?;
        }
        Ok(())
    }

    fn add_class(
        &mut self,
        class: &ProductClass,
        builder: &PhraseCompiler<'_>,
        slips: &mut Vec<LexiconProblem>,
    ) {
        let index = self.products.add(class);
        let kind = self.nameless();
        self.class_kinds.insert(kind, index);
        for phrase in &class.words {
            if let Err(problem) = self.add_phrase(phrase, kind, (false, false), builder) {
                let id = class.id.clone();
                slips.push(LexiconProblem::Class { id, problem });
            }
        }
    }

    fn add_phrase(
        &mut self,
        written: &str,
        kind: usize,
        (by_negation, is_term): (bool, bool),
        builder: &PhraseCompiler<'_>,
    ) -> Result<(), LexiconPhraseError> {
        let elements = phrase::parse(written)?;
        let nodes = builder
            .nodes(&elements, &mut self.vocabulary)
            .map_err(|problem| LexiconPhraseError::Class {
                phrase: written.to_owned(),
                problem,
            })?;
        if let [PhraseElement::Word { word, .. }] = elements.as_slice()
            && vocabulary::is_common(word)
        {
            return Err(LexiconPhraseError::CommonWord(written.to_owned()));
        }
        let anchor = anchor(&nodes, &|number| self.vocabulary.is_common(number))
            .ok_or_else(|| LexiconPhraseError::NoAnchor(written.to_owned()))?;
        let filter = filter(&nodes, anchor.place);
        let index = self.phrases.len();
        for token in anchor.tokens {
            match token {
                AnchorToken::Word(number) => {
                    let place = number as usize;
                    if self.by_word.len() <= place {
                        self.by_word.resize_with(place + 1, Vec::new);
                    }
                    let phrases = &mut self.by_word[place];
                    if phrases.last().is_none_or(|(_, last)| *last != index) {
                        phrases.push((filter, index));
                    }
                }
                AnchorToken::Figure(figure) => self.by_figure.push((figure, index)),
            }
        }
        self.phrases.push(Phrase {
            nodes,
            kind,
            is_term,
            by_negation,
            is_english: builder.language == "en",
        });
        Ok(())
    }
}

/// Tokens that two windows of one long sentence share: longer than any phrase.
const OVERLAP: usize = 40;

/// What is used again from sentence to sentence of a view.
struct PhraseSearch {
    /// For each phrase the window that it was looked for in last.
    seen: Vec<u32>,
    standing: WordPositions,
}

impl PhraseSearch {
    fn of(lexicon: &ClaimLexicon) -> Self {
        Self {
            seen: vec![u32::MAX; lexicon.phrases.len()],
            standing: WordPositions::new(lexicon.vocabulary.size()),
        }
    }
}
