//! Conditions and tests of a rule, as written.

use crate::domain::finding::Disposition;
use crate::domain::jurisdiction::{Channel, Jurisdiction};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// Word classes inside word classes, at most this deep: a class that names itself is an error, not a hang.
pub(super) const MAX_TERM_DEPTH: usize = 4;

/// What a fact has to be. Exactly one of the tests is given.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FactCondition {
    /// A key of the vocabulary or any other; `consent.written` is a field of an object.
    #[serde(default)]
    pub fact: String,
    /// Any fact of a named group of the pack (second form).
    #[serde(default)]
    pub group: Option<String>,
    /// The facts of the group.
    #[serde(skip)]
    pub members: Vec<String>,
    /// The message states its value nowhere (second form).
    #[serde(default)]
    pub unsaid: Option<bool>,
    /// The claim's sentence gives a figure of this kind, and it is another one (second form).
    #[serde(default)]
    pub differs_from_claim: Option<String>,
    /// It is this value.
    #[serde(default)]
    pub is: Option<Value>,
    /// It is another value.
    #[serde(default)]
    pub not: Option<Value>,
    /// It is more than this.
    #[serde(default)]
    pub above: Option<f64>,
    /// It is less than this.
    #[serde(default)]
    pub below: Option<f64>,
    /// On record as absent (`null`); `false`: on record, and not absent.
    #[serde(default)]
    pub absent: Option<bool>,
    /// On record with a value, whatever it is (`null` is none); `false`: nobody said.
    #[serde(default)]
    pub known: Option<bool>,
    /// It is one of these values.
    #[serde(default)]
    pub any_of: Option<Vec<Value>>,
    /// None of these values (an absent fact has none of them).
    #[serde(default)]
    pub none_of: Option<Vec<Value>>,
    /// The fact says one of these words (an object: its main field does); `_` is a space.
    #[serde(default)]
    pub has: Option<Vec<String>>,
    /// The fact says none of these words.
    #[serde(default)]
    pub lacks: Option<Vec<String>>,
    /// What an unknown fact comes to.
    #[serde(default)]
    pub unknown: Unknown,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum Unknown {
    /// The condition does not hold.
    #[default]
    Skip,
    /// The condition holds, and the finding is a review that names the fact.
    Review,
    /// The condition holds.
    Holds,
}

/// A test of a rule: a sentence or message, and facts.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleTest {
    /// The body.
    pub text: String,
    /// The subject.
    #[serde(default)]
    pub subject: Option<String>,
    /// The HTML part.
    #[serde(default)]
    pub html: Option<String>,
    /// How it is sent.
    #[serde(default)]
    pub channel: Option<Channel>,
    /// Where the recipient lives.
    #[serde(default)]
    pub jurisdiction: Option<Jurisdiction>,
    /// What it is about.
    #[serde(default)]
    pub product: Option<String>,
    /// Facts that it is checked against.
    #[serde(default)]
    pub facts: BTreeMap<String, Value>,
    /// A whole message, which must contain what messages must contain.
    #[serde(default)]
    pub complete: bool,
    /// For `violate`: the least it must come to. Block unless said otherwise. For `comply`: the most.
    #[serde(default)]
    pub expect: Option<Disposition>,
    /// The day on which it is sent.
    #[serde(default)]
    pub day: Option<String>,
}
