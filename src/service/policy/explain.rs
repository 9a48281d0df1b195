//! Why a sentence is found, or is not.

use super::{Card, Pack};
use crate::domain::finding::Finding;
use crate::error::Result;
use crate::pipeline::LayeredGate;
use crate::pipeline::ports::Gate as _;
use crate::rules::Prepared;
use crate::rules::claimed::{Need, Where};
use crate::rules::pack::{FactCondition, Rule};
use crate::service::check;
use crate::service::home::workspace::Workspace;
use crate::text::json::Noted;
use chrono::NaiveDate;
use serde_json::{Map, Value};

pub use crate::rules::claimed::{ExplainedClaim, Looked};

/// What a sentence says, and what came of it.
pub struct Explained {
    pub heard: Vec<ExplainedClaim>,
    /// Findings of the whole gate.
    pub findings: Vec<Finding>,
}

/// Reads a sentence as `check` does, with its product, place, channel and facts.
///
/// # Errors
/// A place, channel or fact that is none.
pub fn sentence(workspace: &Workspace, fields: Map<String, Value>) -> Result<Explained> {
    let noted = Noted {
        value: Value::Object(fields),
        twice: Vec::new(),
    };
    let mut message = check::from_json(&noted)?;
    message.complete = false;
    let gate = LayeredGate::new(workspace.book.clone(), workspace.allow.clone());
    Ok(Explained {
        heard: workspace.rules()?.explain(&Prepared::new(&message)),
        findings: gate.check(&message).findings,
    })
}

/// A rule in plain words, line by line, as it stands on a day.
pub fn rule(pack: &Pack, rule: &Rule, today: NaiveDate) -> Vec<String> {
    let card = Card::of(pack, rule, today);
    let mut lines = vec![format!("{}  {}", rule.id, rule.title)];
    let mut pair = |name: &str, value: String| {
        if !value.is_empty() {
            lines.push(format!("  {name:11} {value}"));
        }
    };
    pair("law", rule.citation.clone());
    pair("stands", card.status);
    pair("days", card.days);
    pair("read it at", card.source);
    pair("last read", card.checked);
    pair("why", rule.rationale.clone());
    pair("say instead", rule.fix.clone());
    pair("speaks to", card.scope);
    pair("looks at", card.looks);
    if let Some(claimed) = &rule.claimed {
        let facts = claimed.facts.iter().chain(&claimed.any_fact);
        let facts: Vec<String> = facts.map(condition).collect();
        pair("if", facts.join("; "));
        let excuses: Vec<String> = claimed.unless_fact.iter().map(condition).collect();
        pair("unless", excuses.join("; "));
        pair("asks for", needs(&claimed.needs));
        pair("cured by", needs(&claimed.unless));
    }
    for case in card.violate {
        pair("breaks it", case);
    }
    for case in card.comply {
        pair("keeps it", case);
    }
    lines
}

fn condition(condition: &FactCondition) -> String {
    let name = condition.group.as_deref().unwrap_or(&condition.fact);
    let mut tests = Vec::new();
    let mut test = |words: &str, value: Option<String>| {
        if let Some(value) = value {
            tests.push(format!("{words} {value}"));
        }
    };
    test("is", condition.is.as_ref().map(ToString::to_string));
    test("is not", condition.not.as_ref().map(ToString::to_string));
    test("is above", condition.above.map(|limit| limit.to_string()));
    test("is below", condition.below.map(|limit| limit.to_string()));
    let list = |values: &Vec<Value>| {
        let texts: Vec<String> = values.iter().map(ToString::to_string).collect();
        texts.join(" or ")
    };
    test("is", condition.any_of.as_ref().map(list));
    test("is none of", condition.none_of.as_ref().map(list));
    test(
        "says",
        condition.has.as_ref().map(|words| words.join(" or ")),
    );
    test(
        "says nothing of",
        condition.lacks.as_ref().map(|words| words.join(" or ")),
    );
    test(
        "differs from the words'",
        condition.differs_from_claim.clone(),
    );
    for (flag, words) in [
        (condition.absent == Some(true), "is on record as none"),
        (condition.known == Some(true), "is on record"),
        (condition.known == Some(false), "is not on record"),
        (
            condition.unsaid == Some(true),
            "stands nowhere in the message",
        ),
    ] {
        if flag {
            tests.push(words.to_owned());
        }
    }
    format!("{} {}", name.replace('_', " "), tests.join(" and "))
}

fn needs(needs: &[Need]) -> String {
    let one = |need: &Need| {
        let what = need
            .name
            .clone()
            .or_else(|| {
                need.legend
                    .clone()
                    .map(|legend| format!("the legend {legend}"))
            })
            .or_else(|| need.claim.clone().map(|claim| format!("the claim {claim}")))
            .or_else(|| need.fact_text.clone())
            .unwrap_or_else(|| need.words.join(" / "));
        let place = match need.place {
            Where::Near => "beside it",
            Where::Block => "in its paragraph",
            Where::Message => "in the message",
        };
        format!("{what} {place}")
    };
    needs.iter().map(one).collect::<Vec<_>>().join("; ")
}
