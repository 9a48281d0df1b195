//! Conditions on facts that a rule over claims asks: the value, whether the message says it, and whether it is what the
//! claim says.

use super::reading::ShownFigures;
use crate::claims::{Figure, FigureKind};
use crate::domain::facts::{Facts, Known, value_ten_thousandths};
use crate::rules::condition::{Holds, one};
use crate::rules::pack::FactCondition;
use crate::text::numbers::{self, UNREADABLE};
use serde_json::Value;

/// What conditions are asked about.
pub struct ClaimContext<'c> {
    pub facts: &'c Facts,
    pub said: &'c ShownFigures<'c>,
    /// Figures of the claim's sentence, days named by words ("tonight") among them.
    pub figures: &'c [Figure],
}

/// A condition that holds, and by which fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConditionResult<'c> {
    No,
    /// It holds; the fact that decided.
    Yes(&'c str),
    /// It might; the fact is not known.
    Perhaps(&'c str),
}

/// All of them. The first fact that decided stands for all; one that is not known makes the whole a perhaps.
pub fn all<'c>(
    conditions: &'c [FactCondition],
    context: &ClaimContext<'_>,
) -> Option<ConditionResult<'c>> {
    let mut result = None;
    for condition in conditions {
        match met(condition, context) {
            ConditionResult::No => return Some(ConditionResult::No),
            perhaps @ ConditionResult::Perhaps(_) => result = Some(perhaps),
            yes @ ConditionResult::Yes(_) => {
                result.get_or_insert(yes);
            }
        }
    }
    result
}

/// Any of them, one that holds before one that might.
pub fn any<'c>(
    conditions: &'c [FactCondition],
    context: &ClaimContext<'_>,
) -> Option<ConditionResult<'c>> {
    let mut result = None;
    for condition in conditions {
        match met(condition, context) {
            yes @ ConditionResult::Yes(_) => return Some(yes),
            perhaps @ ConditionResult::Perhaps(_) => result = Some(perhaps),
            ConditionResult::No => {
                result.get_or_insert(ConditionResult::No);
            }
        }
    }
    result
}

/// Every fact by which these conditions hold, in their order: all of a group's that do. What is not known decides nothing.
pub fn decided<'c>(conditions: &'c [FactCondition], context: &ClaimContext<'_>) -> Vec<&'c str> {
    let facts = |condition: &'c FactCondition| match condition.members.as_slice() {
        [] => std::slice::from_ref(&condition.fact).iter(),
        members => members.iter(),
    };
    conditions
        .iter()
        .flat_map(|condition| facts(condition).map(move |fact| (condition, fact)))
        .filter(|(condition, fact)| {
            matches!(of_fact(condition, fact, context), ConditionResult::Yes(_))
        })
        .map(|(_, fact)| fact.as_str())
        .collect()
}

fn met<'c>(condition: &'c FactCondition, context: &ClaimContext<'_>) -> ConditionResult<'c> {
    if condition.members.is_empty() {
        return of_fact(condition, &condition.fact, context);
    }
    // Nobody knows every fact of a group: that one of them is not known says nothing.
    let members = condition.members.iter();
    let mut met = members.map(|member| of_fact(condition, member, context));
    met.find(|met| matches!(met, ConditionResult::Yes(_)))
        .unwrap_or(ConditionResult::No)
}

fn of_fact<'c>(
    condition: &'c FactCondition,
    fact: &'c str,
    context: &ClaimContext<'_>,
) -> ConditionResult<'c> {
    match one(condition, fact, context.facts) {
        Holds::No => return ConditionResult::No,
        Holds::Perhaps(_) => return ConditionResult::Perhaps(fact),
        Holds::Yes => {}
    }
    let known = context.facts.get(fact);
    if let Some(wanted) = condition.unsaid {
        let unsaid = match known {
            Known::Is(value) => !context.said.says(value),
            Known::Absent | Known::Unknown => false,
        };
        if unsaid != wanted {
            return ConditionResult::No;
        }
    }
    if let Some(kind) = condition
        .differs_from_claim
        .as_deref()
        .and_then(FigureKind::parse)
    {
        let figures = context.figures.iter().filter(|figure| figure.kind == kind);
        let mut figures = figures
            .filter(|figure| figure.value != UNREADABLE)
            .peekable();
        if figures.peek().is_none() {
            return ConditionResult::No;
        }
        let differs = match known {
            Known::Is(value) => match figure_of(kind, value) {
                Some(own) => figures.all(|figure| !is_same(figure, own, kind)),
                None => false,
            },
            Known::Absent => true,
            Known::Unknown => false,
        };
        if !differs {
            return ConditionResult::No;
        }
    }
    ConditionResult::Yes(fact)
}

fn is_same(figure: &Figure, own: i64, kind: FigureKind) -> bool {
    let same = |value: i64| match kind {
        // "30 days" and "a month" are one
        FigureKind::Time => value == own || (own > 0 && (value - own).abs() * 30 <= own),
        _ => value == own,
    };
    same(figure.value) || figure.also.is_some_and(same)
}

/// A fact's value in the unit of a kind of figure.
fn figure_of(kind: FigureKind, value: &Value) -> Option<i64> {
    match kind {
        FigureKind::Date => value.as_str().and_then(|text| {
            let day = text.get(..10).unwrap_or(text);
            day.parse()
                .ok()
                .or_else(|| numbers::first_date(text))
                .map(numbers::days)
        }),
        _ => value_ten_thousandths(value),
    }
}
