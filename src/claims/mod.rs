//! What a message says, read once for every law: typed claims.
//!
//! Recognisers are data: kinds with phrases in a small language ([`phrase`]). All phrases of all kinds are looked for in
//! one pass over the words of a view ([`ClaimLexicon::read`]); a rule then asks for the claims of a kind and never reads a
//! word itself. Nothing here knows a law.

mod build;
mod legend;
mod lexicon;
mod lexicon_error;
mod matcher;
mod memory;
pub mod phrase;
pub mod polarity;
mod products;
mod tokens;
mod vocabulary;
mod voice;

pub use build::LexiconSource;
pub use build::WordClasses;
pub use lexicon::{ClaimLexicon, KindInfo, LexiconError};
pub use lexicon_error::{LexiconPhraseError, LexiconProblem, LexiconProblems};
pub use phrase::PhraseError;
pub use products::ProductIndex;
pub use tokens::{ClaimTokens, Figure, FigureKind};

use crate::domain::finding::Polarity;
use serde::Deserialize;
use std::cell::OnceCell;

/// A kind of claim, as its file writes it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClaimKind {
    /// Factual, in snake case: `guarantee_result`.
    pub id: String,
    /// In plain words, after "The words say that …". Empty where another file gives the kind its first phrases.
    #[serde(default)]
    pub says: String,
    /// Phrases that make it.
    #[serde(default)]
    pub phrases: Vec<String>,
    /// Phrases that make the claim by the negation in them: "no risk".
    #[serde(default)]
    pub by_negation: Vec<String>,
    /// A hit inside one of these is no claim.
    #[serde(default)]
    pub terms_of_art: Vec<String>,
    /// Sentences that make the claim.
    #[serde(default)]
    pub makes: Vec<String>,
    /// Near misses that do not.
    #[serde(default)]
    pub not: Vec<String>,
}

/// A text that a law or a regulator prescribes; sentences inside one are nobody's own words.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Legend {
    /// The name that rules call it by.
    pub id: String,
    /// Any one of these; `{}` stands for up to eight words.
    pub text: Vec<String>,
    /// Where it stands.
    #[serde(default)]
    pub source: String,
}

/// Products that a law treats alike.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProductClass {
    /// The name that rules call it by.
    pub id: String,
    /// What such a product is called in a sentence, with its article: "a credit card".
    #[serde(default)]
    pub title: Option<String>,
    /// The products of the class, as messages and facts name them.
    pub products: Vec<String>,
    /// Phrases that tell the class where the caller named no product.
    #[serde(default)]
    pub words: Vec<String>,
    /// Messages about such a product say so: where neither a product nor these words tell the class, a rule for it has
    /// nothing to ask, and the rules for any product speak.
    #[serde(default)]
    pub says_so: bool,
}

/// A claim found in one view of one part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// Place of its kind in the lexicon.
    pub kind: usize,
    /// Bytes of the view's text.
    pub start: usize,
    pub end: usize,
    /// Place of its sentence among the view's sentences.
    pub sentence: usize,
    /// Made by a negation inside the words.
    pub by_negation: bool,
    /// Found by an English phrase: its voice is read by English words.
    pub is_english: bool,
    /// Inside a legend.
    pub prescribed: bool,
    /// Its voice, once somebody asked.
    voice: OnceCell<Polarity>,
    /// Whether its sentence is an approved disclosure, once somebody asked.
    approved: OnceCell<bool>,
}

/// What one view says.
#[derive(Clone, Debug, Default)]
pub struct ViewClaims {
    pub tokens: ClaimTokens,
    /// In reading order.
    pub claims: Vec<Claim>,
    /// Legends found: place in the lexicon, and bytes of the view's text.
    pub legends: Vec<(usize, usize, usize)>,
    /// Product classes that the words tell.
    pub classes: Vec<usize>,
}
