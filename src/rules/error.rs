//! Why a pack cannot be read, or its rules not be compiled.

use super::claimed::ClaimedProblem;
use super::expression::ExpressionError;
use super::spec::MAX_TERM_DEPTH;
use crate::claims::LexiconProblems;
use crate::text::hidden::visible_line;
use crate::text::table::TomlError;

/// A pack that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum PackError {
    #[error(transparent)]
    Toml(#[from] TomlError),
    #[error(
        "the pack's id `{}` names its file too: small letters, digits, dots and hyphens, beginning with a letter",
        visible_line(.0)
    )]
    Id(String),
    #[error("rule {rule}: {problem}")]
    Rule {
        rule: String,
        #[source]
        problem: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl PackError {
    /// What is wrong with a rule.
    pub(super) fn of_rule(
        rule: &str,
        problem: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self::Rule {
            rule: rule.to_owned(),
            problem: problem.into(),
        }
    }
}

/// A pack whose rules cannot be compiled.
#[derive(Debug, thiserror::Error)]
#[error("pack {pack}, rule {rule}: {problem}")]
pub struct CompileError {
    pub pack: String,
    pub rule: String,
    #[source]
    pub problem: RuleProblem,
}

/// What is wrong with it.
#[derive(Debug, thiserror::Error)]
pub enum RuleProblem {
    #[error(transparent)]
    Expression(#[from] ExpressionError),
    #[error("{{{0}}} is in no [terms] of the pack; add it there")]
    UnknownTerm(String),
    #[error("{{{0}}} is nested more than {MAX_TERM_DEPTH} deep; a class may not name itself")]
    NestedTerm(String),
    /// The claims of the pack, of which every rule may ask.
    #[error(transparent)]
    Lexicon(#[from] LexiconProblems),
    #[error(transparent)]
    Claimed(#[from] ClaimedProblem),
    /// The literals of all rules together.
    #[error(transparent)]
    Literals(#[from] aho_corasick::BuildError),
}
