//! The phrase language: words in a row, their inflections, alternatives, gaps, word classes and figures.
//!
//! | written | stands for |
//! | --- | --- |
//! | `no risk` | these words in a row; a hyphen is a space |
//! | `guarantee~` | the word and its inflections |
//! | `[rise~ \| go~ up]` | one of these |
//! | `(ever)` | may stand or not |
//! | `..` `..5` | up to three (five) words between |
//! | `<return>` | a word class |
//! | `{money}` | a figure of that type |
//! | `100%` | this percentage |
//! | `^` `$` | begin and end of a sentence |
//! | `=FDIC` | in this case only |

mod inflect;
mod parse;

pub use inflect::inflections;
pub use parse::parse;

use super::tokens::FigureKind;

/// One element of a phrase.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PhraseElement {
    /// A word in small letters; `inflected`: with its inflections.
    Word {
        word: String,
        inflected: bool,
    },
    /// A word in this case only.
    Cased(String),
    Class(String),
    Figure(FigureKind),
    /// A percentage of this value, in ten-thousandths of a per cent: `100%`.
    Percent(i64),
    /// One of several sequences.
    Any(Vec<Vec<PhraseElement>>),
    /// May stand or not.
    Optional(Vec<PhraseElement>),
    /// Up to so many words between.
    Gap(u8),
    Begin,
    End,
}

/// A phrase that is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{phrase}`: {problem}")]
pub struct PhraseError {
    pub phrase: String,
    #[source]
    pub problem: PhraseProblem,
}

/// What is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PhraseProblem {
    #[error("longer than {} characters; write it as two phrases", parse::LONGEST)]
    TooLong,
    #[error("has no word, class or figure that must stand; nothing would wake it")]
    NoAnchor,
    #[error("put the alternatives between [ and ]")]
    LooseAlternatives,
    #[error("has an empty alternative; write ( ) round what may be missing")]
    EmptyAlternative,
    #[error("nests deeper than {}", parse::DEEPEST)]
    TooDeep,
    #[error("`{0}` closes nothing")]
    ClosesNothing(char),
    #[error("`{opened}` is not closed by `{by}`")]
    NotClosed { opened: char, by: char },
    #[error("is not closed by `{0}`")]
    Open(char),
    #[error("{{{0}}} is no figure; take money, percent, count, date, time or figure")]
    NoFigure(String),
    #[error("a word follows `=`")]
    NoWord,
    #[error("a gap is at most 12 words")]
    GapTooLong,
    #[error("a gap is 1 to 12 words")]
    Gap,
    #[error("`{0}` stands for nothing")]
    Nothing(char),
}
