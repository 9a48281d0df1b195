//! What can be wrong with a file of claims, each slip with its place.

use super::legend::LegendError;
use super::phrase::PhraseError;
use std::fmt;

/// A word class cannot be put in the place of its name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WordClassError {
    #[error("<{0}> is in no [classes] of this language")]
    Unknown(String),
    #[error("<{0}> may hold words and phrases, not classes")]
    Nested(String),
    #[error(transparent)]
    Phrase(#[from] PhraseError),
}

/// A phrase of a lexicon that cannot be compiled.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LexiconPhraseError {
    #[error(transparent)]
    Phrase(#[from] PhraseError),
    #[error("`{phrase}`: {problem}")]
    Class {
        phrase: String,
        #[source]
        problem: WordClassError,
    },
    #[error("`{0}` is one common word; it would be found everywhere")]
    CommonWord(String),
    #[error("`{0}`: nothing would wake it")]
    NoAnchor(String),
}

/// One slip in a file of claims.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LexiconProblem {
    #[error("kind {id}: {problem}")]
    Kind {
        id: String,
        #[source]
        problem: LexiconPhraseError,
    },
    #[error("legend {id}: {problem}")]
    Legend {
        id: String,
        #[source]
        problem: LegendError,
    },
    #[error("product class {id}: {problem}")]
    Class {
        id: String,
        #[source]
        problem: LexiconPhraseError,
    },
}

/// All slips of a file, a line each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LexiconProblems(pub Vec<LexiconProblem>);

impl fmt::Display for LexiconProblems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.0.iter().enumerate() {
            let between = if index > 0 { "\n  " } else { "" };
            write!(f, "{between}{problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for LexiconProblems {}
