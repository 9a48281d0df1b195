//! An expression of a pack, compiled when it is first needed: most rules sleep through most messages.
//!
//! The syntax is checked when the pack is read, the size when it is tested or activated. Should an expression turn
//! out not to compile all the same, every question about it is answered so that the message is held back.

use regex::Regex;
use std::sync::OnceLock;

/// What is written is no expression, or one that is too large. One line, whatever the parser says.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ExpressionError {
    #[error("not a regular expression: {}", one_line(.0))]
    Syntax(#[source] Box<regex_syntax::Error>),
    #[error("not a regular expression: {}", one_line(.0))]
    Compile(#[source] regex::Error),
}

#[derive(Debug)]
pub struct Expression {
    pattern: String,
    compiled: OnceLock<Option<Regex>>,
}

impl Expression {
    /// # Errors
    /// The syntax is wrong.
    pub fn new(pattern: String) -> Result<Self, ExpressionError> {
        regex_syntax::ParserBuilder::new()
            .build()
            .parse(&pattern)
            .map_err(|e| ExpressionError::Syntax(Box::new(e)))?;
        Ok(Self {
            pattern,
            compiled: OnceLock::new(),
        })
    }

    /// Compiles now.
    ///
    /// # Errors
    /// It is too large.
    pub fn compile(&self) -> Result<(), ExpressionError> {
        match Regex::new(&self.pattern) {
            Ok(regex) => {
                // Somebody else may have been first; theirs is the same.
                let _ = self.compiled.set(Some(regex));
                Ok(())
            }
            Err(e) => Err(ExpressionError::Compile(e)),
        }
    }

    fn regex(&self) -> Option<&Regex> {
        self.compiled
            .get_or_init(|| Regex::new(&self.pattern).ok())
            .as_ref()
    }

    /// Whether it matches; `otherwise` if it cannot be run.
    pub fn is_match_or(&self, text: &str, otherwise: bool) -> bool {
        self.regex().map_or(otherwise, |regex| regex.is_match(text))
    }

    /// Byte ranges of all matches that are not empty; the whole text if it cannot be run.
    pub fn hits(&self, text: &str) -> Vec<(usize, usize)> {
        match self.regex() {
            Some(regex) => regex
                .find_iter(text)
                .filter(|hit| !hit.is_empty())
                .map(|hit| (hit.start(), hit.end()))
                .collect(),
            None => vec![(0, text.len())],
        }
    }

    /// The match that holds the byte, and what it becomes: `$1` in `words` is its first group.
    pub fn replacement(
        &self,
        text: &str,
        at: usize,
        words: &str,
    ) -> Option<(usize, usize, String)> {
        self.regex()?.captures_iter(text).find_map(|groups| {
            let whole = groups.get(0)?;
            if !(whole.start()..whole.end()).contains(&at) {
                return None;
            }
            let mut out = String::new();
            groups.expand(words, &mut out);
            Some((whole.start(), whole.end(), out))
        })
    }

    /// Whether a match overlaps `start..end`. An expression that cannot be run exempts nothing.
    pub fn covers(&self, text: &str, start: usize, end: usize) -> bool {
        self.regex().is_some_and(|regex| {
            regex
                .find_iter(text)
                .any(|m| m.start() < end && start < m.end())
        })
    }
}

fn one_line(problem: &impl std::fmt::Display) -> String {
    problem.to_string().replace('\n', " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_run_holds_the_message_back() {
        let huge = Expression::new("(?:a{1000}){1000}".into()).unwrap();
        assert!(huge.compile().is_err());
        assert_eq!(huge.hits("any text"), [(0, 8)]);
        assert!(!huge.is_match_or("any text", false));
        assert!(!huge.covers("any text", 0, 3));
        assert!(Expression::new("(a".into()).is_err());
    }

    #[test]
    fn the_match_round_a_place_is_rewritten_with_its_groups() {
        let expression = Expression::new("(is|are) guaranteed".into()).unwrap();
        let text = "One is guaranteed, two are guaranteed.";
        assert_eq!(
            expression.replacement(text, 28, "$1 not guaranteed"),
            Some((23, 37, "are not guaranteed".into()))
        );
        assert_eq!(expression.replacement(text, 19, "x"), None);
    }
}
