//! Regular expressions that stand in the program's own text.

use regex::Regex;

/// Compiles one; that it can be is covered by the tests of whoever uses it.
///
/// # Panics
/// It is none: a slip of whoever wrote it.
#[expect(clippy::expect_used, reason = "constant patterns, covered by tests")]
pub fn constant(pattern: &str) -> Regex {
    Regex::new(pattern).expect("constant pattern")
}
