//! The TOML of a pack of the second form.

use super::sample::{self, SampleError};
use super::{Claimed, Need, RuleTrigger, Voices};
use crate::claims::{ClaimKind, Legend, ProductClass};
use crate::domain::finding::{Check, Disposition, Part, Severity};
use crate::domain::jurisdiction::{Channel, Jurisdiction};
use crate::domain::review::ReviewPolicy;
use crate::rules::examples::Examples;
use crate::rules::general_law::GeneralLaw;
use crate::rules::pack::{
    FactCondition, LegalStatus, Match, PackHeader, Rule, Tests, compliance, first_version, high,
};
use crate::rules::trade_law::TradeLaw;
use crate::text::table::TomlDate;
use serde::Deserialize;
use std::collections::BTreeMap;

/// A pack of the second form, as written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClaimPackFile {
    /// What the pack is.
    pub pack: PackHeader,
    /// Word classes of phrases.
    #[serde(default)]
    pub classes: BTreeMap<String, Vec<String>>,
    /// Kinds of claims.
    #[serde(default)]
    pub kind: Vec<ClaimKind>,
    /// Prescribed texts.
    #[serde(default)]
    pub legend: Vec<Legend>,
    /// Products that a law treats alike.
    #[serde(default)]
    pub product_class: Vec<ProductClass>,
    /// What binds products of every class, by place.
    #[serde(default)]
    pub general_law: Vec<GeneralLaw>,
    /// What binds a trade in place of the law that rules cite, by place.
    #[serde(default)]
    pub trade_law: Vec<TradeLaw>,
    /// Named groups of facts.
    #[serde(default)]
    pub groups: BTreeMap<String, Vec<String>>,
    /// Labelled sentences to learn from.
    #[serde(default)]
    pub examples: Examples,
    /// What the firm asks of a review.
    #[serde(default)]
    pub review: ReviewPolicy,
    /// The rules.
    #[serde(default)]
    pub rule: Vec<WrittenRule>,
}

/// A rule is written so that it cannot be taken over.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WrittenRuleError {
    #[error("{0} is a day, like 2026-11-29")]
    NoDay(&'static str),
    #[error("{field}: {problem}")]
    Day {
        field: &'static str,
        problem: &'static str,
    },
    #[error("the group `{0}` is in no [groups] of the pack")]
    UnknownGroup(String),
    #[error("a condition names a fact, or a group of them")]
    Condition,
    #[error(transparent)]
    Test(#[from] SampleError),
}

/// A rule, as written.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WrittenRule {
    /// The name of the rule: `place.law.subject`.
    id: String,
    /// The version of the rule.
    #[serde(default = "first_version")]
    version: String,
    /// What it is about, in a few words: the first thing that people see.
    title: String,
    /// The layer that it belongs to.
    #[serde(default = "compliance")]
    check: Check,
    /// How much harm a violation does.
    #[serde(default = "high")]
    severity: Severity,
    /// What it looks at: a kind of claim, several, `message`, `fact`, or a computed check.
    when: RuleTrigger,
    /// Where and for what it holds.
    #[serde(default)]
    scope: WrittenScope,
    /// All of these must hold.
    #[serde(default)]
    facts: Vec<FactCondition>,
    /// One of these must hold.
    #[serde(default)]
    any_fact: Vec<FactCondition>,
    /// None of these may hold.
    #[serde(default)]
    unless_fact: Vec<FactCondition>,
    /// What has to stand; what is missing makes the finding.
    #[serde(default)]
    needs: Vec<Need>,
    /// What cures it.
    #[serde(default)]
    unless: Vec<Need>,
    /// What it comes to, by the voice of the claim.
    #[serde(default)]
    disposition: WrittenVoices,
    /// Why it is so; the title, without it.
    #[serde(default)]
    why: Option<String>,
    /// What would pass.
    say: String,
    /// Where the law stands.
    law: LawReference,
    /// Nobody may override a block of it.
    #[serde(default)]
    hard: bool,
    /// Texts that it must find.
    #[serde(default)]
    breaks: Vec<String>,
    /// Texts that it must let pass.
    #[serde(default)]
    keeps: Vec<String>,
    /// Tests that one line cannot hold: a page, an object of facts.
    #[serde(default)]
    tests: Tests,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenScope {
    /// Where it holds; empty: everywhere.
    #[serde(default)]
    place: Vec<Jurisdiction>,
    /// Where it does not.
    #[serde(default)]
    not_place: Vec<Jurisdiction>,
    /// Product classes.
    #[serde(default)]
    product: Vec<String>,
    /// Product classes that it is not for.
    #[serde(default)]
    not_product: Vec<String>,
    /// By which channels; empty: all.
    #[serde(default)]
    channel: Vec<Channel>,
    /// For which audience.
    #[serde(default)]
    audience: Vec<String>,
    /// For which purpose.
    #[serde(default)]
    purpose: Vec<String>,
    /// In which parts of a message.
    #[serde(default)]
    parts: Vec<Part>,
    /// Whole messages alone, no sentence under check.
    #[serde(default)]
    whole: bool,
    /// First day.
    #[serde(default)]
    from: Option<toml::Value>,
    /// Last day.
    #[serde(default)]
    to: Option<toml::Value>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct LawReference {
    /// The provision.
    cite: String,
    /// Where it can be read.
    #[serde(default)]
    source: Option<String>,
    /// How the law stands.
    #[serde(default)]
    status: Option<LegalStatus>,
    /// The day on which somebody read it there.
    #[serde(default)]
    checked_on: Option<toml::Value>,
    /// Who did.
    #[serde(default)]
    checked_by: Option<String>,
    /// Why it stands as `status` says.
    #[serde(default)]
    note: Option<String>,
}

/// What a voice comes to, as written; `none` is nothing.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Voiced {
    None,
    Info,
    Review,
    Block,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenVoices {
    /// Said outright.
    asserted: Option<Voiced>,
    /// Asked.
    asked: Option<Voiced>,
    /// Under a condition.
    conditional: Option<Voiced>,
    /// In quotation marks.
    quoted: Option<Voiced>,
    /// Denied.
    negated: Option<Voiced>,
    /// Said by somebody else.
    attributed: Option<Voiced>,
    /// As `attributed`.
    warned: Option<Voiced>,
}

impl WrittenVoices {
    fn resolve(self) -> Voices {
        let one = |written: Option<Voiced>, otherwise: Option<Disposition>| match written {
            None => otherwise,
            Some(Voiced::None) => None,
            Some(Voiced::Info) => Some(Disposition::Info),
            Some(Voiced::Review) => Some(Disposition::Review),
            Some(Voiced::Block) => Some(Disposition::Block),
        };
        let asserted = one(self.asserted, Some(Disposition::Block));
        let weaker = asserted.map(|d| d.min(Disposition::Review));
        Voices {
            asserted,
            asked: one(self.asked, weaker),
            conditional: one(self.conditional, weaker),
            quoted: one(self.quoted, weaker),
            negated: one(self.negated, None),
            attributed: one(self.attributed.or(self.warned), None),
        }
    }
}

impl WrittenRule {
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The rule that runs. `groups` are the pack's named groups of facts.
    ///
    /// # Errors
    /// A group that is none, a day that is none, a test that cannot be read.
    pub fn rule(&self, groups: &BTreeMap<String, Vec<String>>) -> Result<Rule, WrittenRuleError> {
        let conditions = |all: &[FactCondition]| {
            all.iter()
                .map(|condition| grouped(condition, groups))
                .collect::<Result<Vec<_>, _>>()
        };
        let mut needs = self.needs.clone();
        let mut unless = self.unless.clone();
        for need in needs.iter_mut().chain(&mut unless) {
            if let Some(condition) = &need.if_fact {
                need.if_fact = Some(grouped(condition, groups)?);
            }
        }
        let day = |value: &Option<toml::Value>, field: &'static str| {
            value
                .as_ref()
                .map(|value| match value {
                    toml::Value::Datetime(day) => Ok(day.to_string()),
                    toml::Value::String(text) => Ok(text.clone()),
                    _ => Err(WrittenRuleError::NoDay(field)),
                })
                .transpose()
                .and_then(|text| match text {
                    Some(text) => TomlDate::try_from(text.clone())
                        .map(|_| Some(text))
                        .map_err(|problem| WrittenRuleError::Day { field, problem }),
                    None => Ok(None),
                })
        };
        let place = self.scope.place.first();
        let case = |text: &String| sample::case(text, place);
        let mut tests = self.tests.clone();
        for text in &self.breaks {
            let mut case = case(text)?;
            let asserted = self.disposition.resolve().asserted;
            case.expect = case.expect.or(asserted);
            tests.violate.push(case);
        }
        for text in &self.keeps {
            let mut case = case(text)?;
            case.expect.get_or_insert(Disposition::Info);
            tests.comply.push(case);
        }
        let matches = match &self.when {
            RuleTrigger::Check { check } => {
                let voices = self.disposition.resolve();
                let comes_to = voices.asserted.unwrap_or(Disposition::Info);
                let mut one = Match::of_check(*check, conditions(&self.facts)?, comes_to);
                one.complete_only = self.scope.whole;
                vec![one]
            }
            _ => Vec::new(),
        };
        let claimed = Claimed {
            when: self.when.clone(),
            not_place: self.scope.not_place.clone(),
            classes: self.scope.product.clone(),
            not_classes: self.scope.not_product.clone(),
            audience: self.scope.audience.clone(),
            purpose: self.scope.purpose.clone(),
            whole: self.scope.whole,
            parts: self.scope.parts.clone(),
            facts: conditions(&self.facts)?,
            any_fact: conditions(&self.any_fact)?,
            unless_fact: conditions(&self.unless_fact)?,
            needs,
            unless,
            voices: self.disposition.resolve(),
        };
        let checked_on = day(&self.law.checked_on, "checked_on")?;
        Ok(Rule {
            id: self.id.clone(),
            version: self.version.clone(),
            title: self.title.clone(),
            check: self.check,
            severity: self.severity,
            jurisdiction: self.scope.place.clone(),
            product: Vec::new(),
            channel: self.scope.channel.clone(),
            effective_from: day(&self.scope.from, "from")?,
            effective_to: day(&self.scope.to, "to")?,
            legal_status: self.law.status.unwrap_or_default(),
            legal_note: self.law.note.clone(),
            citation: self.law.cite.clone(),
            rationale: self.why.clone().unwrap_or_else(|| sentence(&self.title)),
            fix: self.say.clone(),
            hard: self.hard,
            matches,
            tests,
            source: self.law.source.clone(),
            checked_on,
            checked_by: self.law.checked_by.clone(),
            claimed: Some(Box::new(claimed)),
        })
    }
}

fn sentence(title: &str) -> String {
    if title.ends_with(['.', '!', '?']) {
        title.to_owned()
    } else {
        format!("{title}.")
    }
}

/// A condition on a group is one on any of its facts.
fn grouped(
    condition: &FactCondition,
    groups: &BTreeMap<String, Vec<String>>,
) -> Result<FactCondition, WrittenRuleError> {
    let mut condition = condition.clone();
    match (condition.fact.is_empty(), &condition.group) {
        (false, None) => {}
        (true, Some(name)) => {
            condition.members = groups
                .get(name)
                .ok_or_else(|| WrittenRuleError::UnknownGroup(name.clone()))?
                .clone();
        }
        _ => return Err(WrittenRuleError::Condition),
    }
    Ok(condition)
}
