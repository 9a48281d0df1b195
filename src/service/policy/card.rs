//! A rule as an officer reads it: whom it speaks to, on which days, what law it is and who read that where.

use crate::domain::law::LegalStatus;
use crate::rules::Pack;
use crate::rules::claimed::RuleTrigger;
use crate::rules::pack::{Rule, RuleTest};
use chrono::NaiveDate;
use serde_json::Value;

/// What a card says of a rule, seen on a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
    /// Place, product, channel and audience.
    pub scope: String,
    /// "begins 2027-01-01, in 33 days"
    pub days: String,
    /// How its law stands, and why.
    pub status: String,
    /// Where the law can be read; empty if nobody says.
    pub source: String,
    /// Who read it there, and when.
    pub checked: String,
    /// At what it looks.
    pub looks: String,
    /// How many kinds, checks or expressions that are.
    pub ways: usize,
    /// Its example sentences, each with what makes the difference.
    pub violate: Vec<String>,
    pub comply: Vec<String>,
}

impl Card {
    pub fn of(pack: &Pack, rule: &Rule, today: NaiveDate) -> Self {
        let (looks, ways) = looks(rule);
        Self {
            scope: scope(rule),
            days: rule.term().said(today),
            status: status(rule, today),
            source: rule.source.clone().unwrap_or_default(),
            checked: checked(pack, rule),
            looks,
            ways,
            violate: rule.tests.violate.iter().map(shown).collect(),
            comply: rule.tests.comply.iter().map(shown).collect(),
        }
    }
}

fn scope(rule: &Rule) -> String {
    let claimed = rule.claimed.as_deref();
    let but = |all: String, not: &[String]| {
        if not.is_empty() {
            all
        } else {
            format!("{all} but {}", not.join(", "))
        }
    };
    let or = |items: &[String], all: &str| {
        if items.is_empty() {
            all.to_owned()
        } else {
            items.join(", ")
        }
    };
    let texts = |items: &[crate::domain::jurisdiction::Jurisdiction]| -> Vec<String> {
        items.iter().map(ToString::to_string).collect()
    };
    let channels: Vec<String> = rule.channel.iter().map(ToString::to_string).collect();
    let classes = claimed.map_or(rule.product.as_slice(), |claimed| &claimed.classes);
    let mut lines = vec![
        but(
            or(&texts(&rule.jurisdiction), "everywhere"),
            &claimed.map(|c| texts(&c.not_place)).unwrap_or_default(),
        ),
        but(
            or(classes, "every product"),
            claimed.map_or(&[], |c| c.not_classes.as_slice()),
        ),
        or(&channels, "every channel"),
        or(claimed.map_or(&[], |c| &c.audience), "every audience"),
    ];
    if let Some(claimed) = claimed.filter(|claimed| !claimed.purpose.is_empty()) {
        lines.push(format!("for {}", claimed.purpose.join(", ")));
    }
    lines.join("; ")
}

/// Never "in force" for a law that begins later or is over.
fn status(rule: &Rule, today: NaiveDate) -> String {
    let mut words = match (rule.legal_status, rule.term().out(today, today)) {
        (LegalStatus::InForce, Some(_)) => String::new(),
        (status, _) => status.as_str().to_owned(),
    };
    if let Some(out) = rule.term().out(today, today) {
        if !words.is_empty() {
            words.push_str(", ");
        }
        words.push_str(out.told());
    }
    match (&rule.legal_note, rule.legal_status) {
        (Some(note), _) => format!("{words}: {note}"),
        (None, LegalStatus::InForce) => words,
        (None, LegalStatus::Unverified) if rule.checked_on.is_some() => {
            format!("{words}: looked up, and not confirmed; the rule runs")
        }
        (None, status) => format!("{words}: {}", status.meaning()),
    }
}

fn checked(pack: &Pack, rule: &Rule) -> String {
    let by = rule.checked_by.as_deref().unwrap_or(&pack.head.author);
    let whose = format!("{} {}", pack.head.id, pack.head.version);
    match (&rule.checked_on, by.is_empty()) {
        (None, _) if rule.legal_status == LegalStatus::Policy => "nothing to check".into(),
        (None, _) => "not on record".into(),
        (Some(day), true) => format!("{day}, by the authors of {whose}"),
        (Some(day), false) => format!("{day}, by {by} ({whose})"),
    }
}

fn looks(rule: &Rule) -> (String, usize) {
    let Some(claimed) = rule.claimed.as_deref() else {
        let count = rule.matches.len();
        let what = if count == 1 { "way" } else { "ways" };
        return (format!("{count} {what}"), count);
    };
    match &claimed.when {
        RuleTrigger::Check { check } => (format!("the check {}", check.name()), 1),
        _ if claimed.is_absence() => {
            let what = "whole messages, for what they lack".to_owned();
            (what, claimed.needs.len().max(1))
        }
        _ if claimed.is_fact_alone() => {
            let facts = claimed.facts.len() + claimed.any_fact.len();
            ("facts that the message does not state".into(), facts.max(1))
        }
        _ => {
            let kinds = claimed.kinds();
            let what = if kinds.len() == 1 {
                "1 kind of claim".to_owned()
            } else {
                format!("{} kinds of claims", kinds.len())
            };
            (format!("{what}: {}", kinds.join(", ")), kinds.len())
        }
    }
}

/// A test with what makes the difference: two tests may have the same words.
fn shown(case: &RuleTest) -> String {
    let mut told: Vec<String> = case.product.iter().cloned().collect();
    told.extend(case.jurisdiction.iter().map(ToString::to_string));
    told.extend(case.channel.iter().map(ToString::to_string));
    told.extend(case.day.iter().map(|day| format!("on {day}")));
    told.extend(case.complete.then(|| "whole message".to_owned()));
    told.extend(case.facts.iter().map(|(key, value)| match value {
        Value::Null => format!("{key} none"),
        Value::String(text) => format!("{key} {text}"),
        value => format!("{key} {value}"),
    }));
    if told.is_empty() {
        return case.text.clone();
    }
    format!("{} ({})", case.text, told.join(", "))
}
