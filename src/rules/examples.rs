//! Labelled sentences of a pack that a likeness is learned from.

use serde::Deserialize;

/// A sentence that violates, and the rule it violates.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Example {
    /// The rule, or its family.
    pub rule: String,
    /// The sentence.
    pub text: String,
}

/// Labelled sentences to learn from, beside the rules' own tests.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Examples {
    /// Sentences that violate.
    #[serde(default)]
    pub violate: Vec<Example>,
    /// Sentences that are fine.
    #[serde(default)]
    pub comply: Vec<String>,
}
