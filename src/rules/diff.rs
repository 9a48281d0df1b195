//! What changed between two versions of a pack.

use super::pack::{Pack, Rule};
use serde::Serialize;

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RuleChange {
    pub rule: String,
    /// `added`, `removed` or `changed`.
    pub kind: String,
    /// Which fields changed.
    pub fields: Vec<String>,
}

/// Rules added, removed and changed, by id.
pub fn between(old: &Pack, new: &Pack) -> Vec<RuleChange> {
    let mut changes = Vec::new();
    for rule in &old.rules {
        match new.rules.iter().find(|r| r.id == rule.id) {
            None => changes.push(change(rule, "removed", Vec::new())),
            Some(other) => {
                let fields = fields_changed(rule, other);
                if !fields.is_empty() {
                    changes.push(change(rule, "changed", fields));
                }
            }
        }
    }
    for rule in &new.rules {
        if !old.rules.iter().any(|r| r.id == rule.id) {
            changes.push(change(rule, "added", Vec::new()));
        }
    }
    if old.review != new.review {
        changes.push(RuleChange {
            rule: "[review]".to_owned(),
            kind: "changed".to_owned(),
            fields: Vec::new(),
        });
    }
    changes.sort_by(|a, b| a.rule.cmp(&b.rule));
    changes
}

fn change(rule: &Rule, kind: &str, fields: Vec<String>) -> RuleChange {
    RuleChange {
        rule: rule.id.clone(),
        kind: kind.to_owned(),
        fields,
    }
}

fn fields_changed(a: &Rule, b: &Rule) -> Vec<String> {
    let mut fields = Vec::new();
    let mut note = |name: &str, changed: bool| {
        if changed {
            fields.push(name.to_owned());
        }
    };
    note("version", a.version != b.version);
    note("title", a.title != b.title);
    note("severity", a.severity != b.severity);
    note("jurisdiction", a.jurisdiction != b.jurisdiction);
    note("product", a.product != b.product);
    note("channel", a.channel != b.channel);
    note("effective_from", a.effective_from != b.effective_from);
    note("effective_to", a.effective_to != b.effective_to);
    note("legal_status", a.legal_status != b.legal_status);
    note("legal_note", a.legal_note != b.legal_note);
    note("citation", a.citation != b.citation);
    note("rationale", a.rationale != b.rationale);
    note("fix", a.fix != b.fix);
    note("hard", a.hard != b.hard);
    // Matchers and tests are compared as written.
    note(
        "match",
        format!("{:?}", a.matches) != format!("{:?}", b.matches),
    );
    note(
        "tests",
        format!("{:?}{:?}", a.tests.violate, a.tests.comply)
            != format!("{:?}{:?}", b.tests.violate, b.tests.comply),
    );
    fields
}
