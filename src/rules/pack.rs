//! A pack: what it says of itself, its words, its rules.

use super::builtin::Builtin;
use super::claimed::Claimed;
use super::examples::Examples;
use super::general_law::GeneralLaw;
pub use super::spec::{FactCondition, RuleTest, Unknown};
use super::trade_law::TradeLaw;
use crate::claims::polarity::PolarityMode;
use crate::claims::{ClaimKind, Legend, LexiconSource, ProductClass};
use crate::domain::digest::Digest;
use crate::domain::finding::{Check, Disposition, Part, Severity};
use crate::domain::jurisdiction::{Channel, Jurisdiction};
pub use crate::domain::law::LegalStatus;
use crate::domain::law::Term;
use crate::domain::review::ReviewPolicy;
use serde::Deserialize;
use std::collections::BTreeMap;

/// A pack file, parsed but not compiled.
#[derive(Clone, Debug)]
pub struct Pack {
    pub head: PackHeader,
    /// Word classes: `{name}` in an expression stands for any one of its entries.
    pub terms: PackTerms,
    /// Word classes of phrases.
    pub classes: PackTerms,
    pub kinds: Vec<ClaimKind>,
    pub legends: Vec<Legend>,
    pub products: Vec<ProductClass>,
    pub general_laws: Vec<GeneralLaw>,
    pub trade_laws: Vec<TradeLaw>,
    pub examples: Examples,
    /// What the firm asks of a review.
    pub review: ReviewPolicy,
    pub rules: Vec<Rule>,
    /// Hash of the file's bytes.
    pub digest: Digest,
}

/// Word classes of a pack by name.
pub type PackTerms = BTreeMap<String, Vec<String>>;

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PackHeader {
    /// The name of the pack, in small letters.
    pub id: String,
    /// The version, which changes with the pack.
    pub version: String,
    /// What the pack is about.
    pub title: String,
    /// Whose law or policy it is.
    #[serde(default)]
    pub regime: String,
    /// What a reader should know of it.
    #[serde(default)]
    pub description: String,
    /// Who wrote this version: may not be the one who activates it, once people are enrolled.
    #[serde(default)]
    pub author: String,
    /// Two persons must stand for it: one proposes to put it in force, to change it or to take it out, another confirms.
    #[serde(default)]
    pub two_persons: bool,
    /// 1: expressions. 2: claims, and rules over them.
    #[serde(default = "first_form")]
    pub form: u8,
    /// The language that its rules read, by its code (ISO 639-1).
    #[serde(default = "english")]
    pub language: String,
    /// Product classes for which claims of another language than English were written.
    #[serde(default)]
    pub covers: Vec<String>,
}

pub(super) fn first_form() -> u8 {
    1
}

fn english() -> String {
    "en".into()
}

/// One rule: what it looks for, where it applies, why it exists, what would pass, and its own tests.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// The name of the rule: `place.law.subject`.
    pub id: String,
    /// The version of the rule.
    #[serde(default = "first_version")]
    pub version: String,
    /// What it is about, in a few words: the first thing that people see.
    pub title: String,
    /// The layer that it belongs to.
    #[serde(default = "compliance")]
    pub check: Check,
    /// How much harm a violation does.
    #[serde(default = "high")]
    pub severity: Severity,
    /// Empty: everywhere.
    #[serde(default)]
    pub jurisdiction: Vec<Jurisdiction>,
    /// Empty: every product. A message whose product is not known is looked at by every rule.
    #[serde(default)]
    pub product: Vec<String>,
    /// By which channels; empty: all.
    #[serde(default)]
    pub channel: Vec<Channel>,
    /// First day, `YYYY-MM-DD`.
    #[serde(default)]
    pub effective_from: Option<String>,
    /// Last day.
    #[serde(default)]
    pub effective_to: Option<String>,
    /// How the law stands.
    #[serde(default)]
    pub legal_status: LegalStatus,
    /// Why it stands so.
    #[serde(default)]
    pub legal_note: Option<String>,
    /// The provision.
    pub citation: String,
    /// Why it is so.
    pub rationale: String,
    /// What would pass.
    pub fix: String,
    /// Nobody may override a block of this rule.
    #[serde(default)]
    pub hard: bool,
    /// Ways to break it.
    #[serde(rename = "match")]
    pub matches: Vec<Match>,
    /// What it must and must not find.
    #[serde(default)]
    pub tests: Tests,
    /// Where the law can be read.
    #[serde(default)]
    pub source: Option<String>,
    /// The day on which somebody read it there.
    #[serde(default)]
    pub checked_on: Option<String>,
    /// Who did; the pack's author, if nobody else is named.
    #[serde(default)]
    pub checked_by: Option<String>,
    /// What a rule of the second form asks of claims.
    #[serde(skip)]
    pub claimed: Option<Box<Claimed>>,
}

/// What the rule's author says it must and must not find.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tests {
    /// Texts that it must find.
    #[serde(default)]
    pub violate: Vec<RuleTest>,
    /// Texts that it must let pass.
    #[serde(default)]
    pub comply: Vec<RuleTest>,
}

pub(super) fn first_version() -> String {
    "1".into()
}

pub(super) fn compliance() -> Check {
    Check::Compliance
}

pub(super) fn high() -> Severity {
    Severity::High
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum MatchScope {
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
    /// Words that are hits when they are almost written: a letter too many, too few, swapped, starred out, parted.
    #[serde(default)]
    pub near_spelling: Vec<String>,
    /// Upper and lower case matter.
    #[serde(default)]
    pub case: bool,
    /// Empty: every part.
    #[serde(default)]
    pub parts: Vec<Part>,
    /// Whether denials, quotations and the like clear a hit.
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
    pub near_facts: Vec<FactCondition>,
    /// None may stand near.
    #[serde(default)]
    pub unless_near: Vec<String>,
    /// How far `near` reaches.
    #[serde(default)]
    pub within: MatchScope,
    /// All must hold.
    #[serde(default)]
    pub facts: Vec<FactCondition>,
    /// A computed check of the engine, by name.
    #[serde(default)]
    pub builtin: Option<Builtin>,
    /// What must be there; only what is missing makes a finding.
    #[serde(default)]
    pub requires: Vec<Requirement>,
    /// Where what is required must stand.
    #[serde(default = "message")]
    pub requires_within: MatchScope,
    /// What a hit comes to.
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
    /// Pairs of an expression and other words (`$1`: its first group), tried on the hit's sentence before `suggest`.
    #[serde(default)]
    pub rewrite: Vec<(String, String)>,
}

impl Match {
    /// A computed check and nothing else.
    pub(super) fn of_check(
        builtin: Builtin,
        facts: Vec<FactCondition>,
        disposition: Disposition,
    ) -> Self {
        Self {
            find: Vec::new(),
            near_spelling: Vec::new(),
            case: false,
            parts: Vec::new(),
            polarity: PolarityMode::Any,
            exempt: Vec::new(),
            near: Vec::new(),
            near_facts: Vec::new(),
            unless_near: Vec::new(),
            within: MatchScope::Sentence,
            facts,
            builtin: Some(builtin),
            requires: Vec::new(),
            requires_within: MatchScope::Message,
            disposition,
            complete_only: false,
            needs_jurisdiction: false,
            why: None,
            suggest: None,
            rewrite: Vec::new(),
        }
    }
}

fn message() -> MatchScope {
    MatchScope::Message
}
fn block() -> Disposition {
    Disposition::Block
}

/// Something that has to be in the message.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Requirement {
    /// What is said to be missing.
    pub name: String,
    /// Any one of these expressions will do.
    #[serde(default)]
    pub any: Vec<String>,
    /// Needed only if these facts hold.
    #[serde(default)]
    pub facts: Vec<FactCondition>,
    /// The text of this fact must appear.
    #[serde(default)]
    pub fact_text: Option<String>,
}

/// Whether an id may name a file: it comes from a file that anybody may have written.
pub fn is_id(id: &str) -> bool {
    let is_plain =
        |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '-' | '_');
    id.len() <= 80
        && id.starts_with(|c: char| c.is_ascii_lowercase())
        && id.chars().all(is_plain)
        && !id.contains("..")
        && id != "active"
}

impl Pack {
    /// Its kinds, legends and classes alone.
    #[must_use]
    pub fn without_rules(&self) -> Self {
        Self {
            rules: Vec::new(),
            examples: Examples::default(),
            ..self.clone()
        }
    }

    /// What its claims are compiled from.
    pub fn source(&self) -> LexiconSource<'_> {
        LexiconSource {
            pack: &self.head.id,
            language: &self.head.language,
            classes: &self.classes,
            kinds: &self.kinds,
            legends: &self.legends,
            products: &self.products,
        }
    }
}

impl Rule {
    /// The days on which its law holds.
    pub fn term(&self) -> Term {
        let day = |text: &Option<String>| text.as_deref().and_then(|text| text.parse().ok());
        Term {
            from: day(&self.effective_from),
            to: day(&self.effective_to),
        }
    }
}
