//! The TOML of a pack, as written by a person.

use crate::domain::digest::Digest;
use crate::domain::finding::{Check, Disposition, Part, Severity};
use crate::domain::jurisdiction::{Channel, Jurisdiction};
use crate::domain::review::ReviewPolicy;
use crate::text::table;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// A pack file, parsed but not compiled.
#[derive(Clone, Debug)]
pub struct Pack {
    pub head: Head,
    /// Word classes: `{name}` in an expression stands for any one of its entries.
    pub terms: Terms,
    pub examples: Examples,
    /// What the firm asks of a review.
    pub review: ReviewPolicy,
    pub rules: Vec<Rule>,
    /// Hash of the file's bytes.
    pub digest: Digest,
}

/// Word classes of a pack by name.
pub type Terms = BTreeMap<String, Vec<String>>;

/// A sentence that violates, and the rule it violates.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Example {
    pub rule: String,
    pub text: String,
}

/// Labelled sentences to learn from, beside the rules' own tests.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Examples {
    #[serde(default)]
    pub violate: Vec<Example>,
    #[serde(default)]
    pub comply: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    pack: Head,
    #[serde(default)]
    terms: Terms,
    #[serde(default)]
    examples: Examples,
    #[serde(default)]
    review: ReviewPolicy,
    #[serde(default)]
    rule: Vec<Rule>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    pub id: String,
    pub version: String,
    pub title: String,
    #[serde(default)]
    pub regime: String,
    #[serde(default)]
    pub description: String,
    /// Who wrote this version: may not be the one who activates it, once people are enrolled.
    #[serde(default)]
    pub author: String,
    /// The language that its rules read, by its code (ISO 639-1).
    #[serde(default = "english")]
    pub language: String,
}

fn english() -> String {
    "en".into()
}

/// Whether the law behind a rule binds today.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum LegalStatus {
    #[default]
    InForce,
    /// Runs, but never stricter than information.
    Proposed,
    /// Does not run.
    Stayed,
    /// Runs; the citation still has to be checked against the primary text.
    Unverified,
    /// The firm's own rule.
    Policy,
}

impl LegalStatus {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InForce => "in force",
            Self::Proposed => "proposed",
            Self::Stayed => "stayed",
            Self::Unverified => "unverified",
            Self::Policy => "policy",
        }
    }
}

/// One rule: what it looks for, where it applies, why it exists, what would pass, and its own tests.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    pub id: String,
    #[serde(default = "first_version")]
    pub version: String,
    pub title: String,
    #[serde(default = "compliance")]
    pub check: Check,
    #[serde(default = "high")]
    pub severity: Severity,
    /// Empty: everywhere.
    #[serde(default)]
    pub jurisdiction: Vec<Jurisdiction>,
    /// Empty: every product. A message whose product is not known is looked at by every rule.
    #[serde(default)]
    pub product: Vec<String>,
    #[serde(default)]
    pub channel: Vec<Channel>,
    /// First day, `YYYY-MM-DD`.
    #[serde(default)]
    pub effective_from: Option<String>,
    /// Last day.
    #[serde(default)]
    pub effective_to: Option<String>,
    #[serde(default)]
    pub legal_status: LegalStatus,
    pub citation: String,
    pub rationale: String,
    pub fix: String,
    /// Nobody may override a block of this rule.
    #[serde(default)]
    pub hard: bool,
    #[serde(rename = "match")]
    pub matches: Vec<Match>,
    #[serde(default)]
    pub tests: Tests,
}

/// What the rule's author says it must and must not find.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tests {
    #[serde(default)]
    pub violate: Vec<Case>,
    #[serde(default)]
    pub comply: Vec<Case>,
}

fn first_version() -> String {
    "1".into()
}

fn compliance() -> Check {
    Check::Compliance
}

fn high() -> Severity {
    Severity::High
}

/// How the light in which a claim stands changes what it comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum PolarityMode {
    /// Wording counts wherever it stands.
    #[default]
    Any,
    /// Cleared to review by negation, attribution or quotation ("not guaranteed").
    Asserted,
    /// The negator is the offence ("no risk"); cleared to review only by a further negation outside.
    MadeByNegation,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum Within {
    Clause,
    #[default]
    Sentence,
    /// The part that holds the hit.
    Part,
    Message,
}

/// One way to break a rule.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Match {
    /// Regular expressions; a space stands for any white space or hyphen. None: the message itself is the hit.
    #[serde(default)]
    pub find: Vec<String>,
    /// Words that are hits when they are almost written: a letter too many, too few, swapped, starred out, or a
    /// hyphen or space inside. The words as written here are not hits.
    #[serde(default)]
    pub near_spelling: Vec<String>,
    /// Upper and lower case matter.
    #[serde(default)]
    pub case: bool,
    /// Empty: every part.
    #[serde(default)]
    pub parts: Vec<Part>,
    #[serde(default)]
    pub polarity: PolarityMode,
    /// Terms of art and names: a hit inside one is only information.
    #[serde(default)]
    pub exempt: Vec<String>,
    /// At least one must stand near.
    #[serde(default)]
    pub near: Vec<String>,
    /// Facts of which one, if it holds, says what `near` would have said: the message is about such a thing.
    #[serde(default)]
    pub near_facts: Vec<Condition>,
    /// None may stand near.
    #[serde(default)]
    pub unless_near: Vec<String>,
    #[serde(default)]
    pub within: Within,
    /// All must hold.
    #[serde(default)]
    pub facts: Vec<Condition>,
    /// A computed check of the engine, by name.
    #[serde(default)]
    pub builtin: Option<super::builtin::Builtin>,
    /// What must be there; only what is missing makes a finding.
    #[serde(default)]
    pub requires: Vec<Requirement>,
    #[serde(default = "message")]
    pub requires_within: Within,
    #[serde(default = "block")]
    pub disposition: Disposition,
    /// Only for whole messages, not for a sentence under check.
    #[serde(default)]
    pub complete_only: bool,
    /// Only when the recipient's jurisdiction is known: too wide for a sentence from anywhere.
    #[serde(default)]
    pub needs_jurisdiction: bool,
    /// Said instead of the rule's rationale.
    #[serde(default)]
    pub why: Option<String>,
    /// Words that would pass in place of the hit.
    #[serde(default)]
    pub suggest: Option<String>,
    /// Pairs of an expression and other words for it (`$1` is its first group), tried on the sentence round the hit
    /// before `suggest`.
    #[serde(default)]
    pub rewrite: Vec<(String, String)>,
}

fn message() -> Within {
    Within::Message
}

fn block() -> Disposition {
    Disposition::Block
}

/// Something that has to be in the message.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Requirement {
    pub name: String,
    /// Any one of these expressions will do.
    #[serde(default)]
    pub any: Vec<String>,
    /// Needed only if these facts hold.
    #[serde(default)]
    pub facts: Vec<Condition>,
    /// The text of this fact must appear.
    #[serde(default)]
    pub fact_text: Option<String>,
}

/// What a fact has to be. Exactly one of the tests is given.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// A key of the vocabulary or any other; `consent.written` is a field of an object.
    pub fact: String,
    #[serde(default)]
    pub is: Option<Value>,
    #[serde(default)]
    pub not: Option<Value>,
    #[serde(default)]
    pub above: Option<f64>,
    #[serde(default)]
    pub below: Option<f64>,
    /// On record as absent (`null`); `false`: on record, and not absent.
    #[serde(default)]
    pub absent: Option<bool>,
    /// On record with a value, whatever it is (`null` is none); `false`: nobody said.
    #[serde(default)]
    pub known: Option<bool>,
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
pub struct Case {
    pub text: String,
    #[serde(default)]
    pub subject: Option<String>,
    #[serde(default)]
    pub html: Option<String>,
    #[serde(default)]
    pub channel: Option<Channel>,
    #[serde(default)]
    pub jurisdiction: Option<Jurisdiction>,
    #[serde(default)]
    pub product: Option<String>,
    #[serde(default)]
    pub facts: BTreeMap<String, Value>,
    /// A whole message, which must contain what messages must contain.
    #[serde(default)]
    pub complete: bool,
    /// For `violate`: the least it must come to. Block unless said otherwise.
    #[serde(default)]
    pub expect: Option<Disposition>,
}

/// A pack that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum PackError {
    #[error("{0}")]
    Toml(String),
    #[error("rule {rule}: {problem}")]
    Rule { rule: String, problem: String },
}

/// Tests that every rule of a pack must bring, of each kind.
pub const LEAST_TESTS: usize = 3;

impl Pack {
    /// Reads a pack. The error names line, column and field.
    ///
    /// # Errors
    /// Not TOML, an unknown or missing field, a duplicate rule id, or too few tests.
    pub fn parse(text: &str) -> Result<Self, PackError> {
        let file: File = table::read(text).map_err(|slip| PackError::Toml(slip.to_string()))?;
        let mut seen = std::collections::BTreeSet::new();
        for rule in &file.rule {
            let fail = |problem: String| PackError::Rule {
                rule: rule.id.clone(),
                problem,
            };
            if !seen.insert(&rule.id) {
                return Err(fail("the id is used twice; give each rule its own".into()));
            }
            if rule.tests.violate.len() < LEAST_TESTS || rule.tests.comply.len() < LEAST_TESTS {
                return Err(fail(format!(
                    "has {} violating and {} complying tests; write at least {LEAST_TESTS} of each",
                    rule.tests.violate.len(),
                    rule.tests.comply.len()
                )));
            }
            if rule.matches.is_empty() {
                return Err(fail("looks for nothing; add a [[rule.match]]".into()));
            }
            for date in [&rule.effective_from, &rule.effective_to]
                .into_iter()
                .flatten()
            {
                if chrono::NaiveDate::parse_from_str(date, "%Y-%m-%d").is_err() {
                    return Err(fail(
                        "effective_from and effective_to are dates, YYYY-MM-DD".into(),
                    ));
                }
            }
        }
        Ok(Self {
            head: file.pack,
            terms: file.terms,
            examples: file.examples,
            review: file.review,
            rules: file.rule,
            digest: Digest::of(text.as_bytes()),
        })
    }
}
