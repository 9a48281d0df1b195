//! What a rule of the second form says: what wakes it, what has to stand, what cures, in which voice it counts.

use crate::domain::finding::{Disposition, Part, Polarity};
use crate::domain::jurisdiction::Jurisdiction;
use crate::rules::builtin::Builtin;
use crate::rules::spec::FactCondition;
use serde::Deserialize;

/// What a rule looks at.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum RuleTrigger {
    /// A kind of claim; or `message`: the whole message, for what it lacks; or `fact`: the facts alone.
    One(String),
    /// Any of these kinds.
    Many(Vec<String>),
    /// A computed check of the engine.
    Check { check: Builtin },
}

/// What a claim in each voice comes to. None: it is listed, and nothing more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Voices {
    pub asserted: Option<Disposition>,
    pub asked: Option<Disposition>,
    pub conditional: Option<Disposition>,
    pub quoted: Option<Disposition>,
    pub negated: Option<Disposition>,
    pub attributed: Option<Disposition>,
}

impl Voices {
    pub fn of(&self, voice: Polarity) -> Option<Disposition> {
        match voice {
            Polarity::Asserted | Polarity::None => self.asserted,
            Polarity::Asked => self.asked,
            Polarity::Conditional => self.conditional,
            Polarity::Quoted => self.quoted,
            Polarity::Negated => self.negated,
            Polarity::Attributed => self.attributed,
            Polarity::Exempt => None,
        }
    }
}

/// Where a cure counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Where {
    /// The claim's sentence and its neighbours.
    Near,
    /// The claim's paragraph.
    Block,
    #[default]
    Message,
}

/// Something that has to stand, or that cures.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Need {
    /// A prescribed text.
    #[serde(default)]
    pub legend: Option<String>,
    /// A claim, asserted or not: "losses are possible" may be said under "may".
    #[serde(default)]
    pub claim: Option<String>,
    /// Any of these phrases.
    #[serde(default)]
    pub words: Vec<String>,
    /// The text of a fact.
    #[serde(default)]
    pub fact_text: Option<String>,
    /// Where it counts.
    #[serde(default, rename = "where")]
    pub place: Where,
    /// What is said to be missing.
    #[serde(default)]
    pub name: Option<String>,
    /// Needed only if this holds.
    #[serde(default)]
    pub if_fact: Option<FactCondition>,
}

/// What the second form adds to a rule.
#[derive(Clone, Debug)]
pub struct Claimed {
    pub when: RuleTrigger,
    pub not_place: Vec<Jurisdiction>,
    pub classes: Vec<String>,
    pub not_classes: Vec<String>,
    pub audience: Vec<String>,
    pub purpose: Vec<String>,
    pub parts: Vec<Part>,
    /// Whole messages alone, no sentence under check.
    pub whole: bool,
    pub facts: Vec<FactCondition>,
    pub any_fact: Vec<FactCondition>,
    pub unless_fact: Vec<FactCondition>,
    pub needs: Vec<Need>,
    pub unless: Vec<Need>,
    pub voices: Voices,
}

impl Claimed {
    /// The kinds that wake the rule.
    pub fn kinds(&self) -> &[String] {
        match &self.when {
            RuleTrigger::One(kind) if kind != "message" && kind != "fact" => {
                std::slice::from_ref(kind)
            }
            RuleTrigger::Many(kinds) => kinds,
            _ => &[],
        }
    }

    pub fn is_absence(&self) -> bool {
        matches!(&self.when, RuleTrigger::One(word) if word == "message")
    }

    pub fn is_fact_alone(&self) -> bool {
        matches!(&self.when, RuleTrigger::One(word) if word == "fact")
    }
}
