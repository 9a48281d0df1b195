//! `policy`: rule packs.

use super::args::{Global, PolicyAction, PolicyArgs};
use super::output::Out;
use super::{Answer, open};
use crate::error::Result;
use crate::service::policy::Pack;
use crate::service::{Needs, Workspace, policy};
use serde_json::json;

pub fn run(global: &Global, args: &PolicyArgs, out: &mut Out) -> Result<Answer> {
    let workspace = open(global, Needs::Rules)?;
    match &args.action {
        PolicyAction::List => list(global, &workspace, out),
        PolicyAction::Show { name } => show(global, &workspace, name, out)?,
        PolicyAction::Test { pack } => return test(global, &workspace, pack.as_deref(), out),
        PolicyAction::Diff { old, new } => {
            let changes = policy::diff(
                &policy::find(&workspace, old)?,
                &policy::find(&workspace, new)?,
            );
            for change in &changes {
                if global.json {
                    out.json(change);
                } else {
                    out.line(&format!(
                        "{:8} {}  {}",
                        change.kind,
                        change.rule,
                        change.fields.join(", ")
                    ));
                }
            }
        }
    }
    Ok(Answer::Done)
}

fn list(global: &Global, workspace: &Workspace, out: &mut Out) {
    for pack in &workspace.packs {
        if global.json {
            out.json(&json!({"id": pack.head.id, "version": pack.head.version, "title": pack.head.title, "regime": pack.head.regime, "rules": pack.rules.len(), "digest": pack.digest}));
        } else {
            out.line(&format!(
                "{:14} {:10} {:2} rules  {}",
                pack.head.id,
                pack.head.version,
                pack.rules.len(),
                pack.head.title
            ));
        }
    }
    if !global.json {
        out.line(&format!("all together {}", workspace.book.digest));
    }
}

fn show(global: &Global, workspace: &Workspace, name: &str, out: &mut Out) -> Result<()> {
    let by_rule = workspace
        .packs
        .iter()
        .flat_map(|p| &p.rules)
        .find(|r| r.id == name);
    let pack;
    let rules: Vec<_> = match by_rule {
        Some(rule) => vec![rule],
        None => {
            pack = policy::find(workspace, name)?;
            pack.rules.iter().collect()
        }
    };
    for rule in rules {
        if global.json {
            out.json(&json!({"id": rule.id, "version": rule.version, "title": rule.title, "check": rule.check, "severity": rule.severity, "jurisdiction": rule.jurisdiction, "channel": rule.channel, "legal_status": rule.legal_status.as_str(), "citation": rule.citation, "rationale": rule.rationale, "fix": rule.fix, "hard": rule.hard}));
        } else {
            out.line(&format!("{} v{}  {}\n  citation   {} ({})\n  why        {}\n  fix        {}\n  tests      {} violating, {} complying\n", rule.id, rule.version, rule.title, rule.citation, rule.legal_status.as_str(), rule.rationale, rule.fix, rule.tests.violate.len(), rule.tests.comply.len()));
        }
    }
    Ok(())
}

fn test(
    global: &Global,
    workspace: &Workspace,
    name: Option<&str>,
    out: &mut Out,
) -> Result<Answer> {
    let packs: Vec<Pack> = match name {
        Some(name) => vec![policy::find(workspace, name)?],
        None => workspace.packs.clone(),
    };
    let mut failures = 0;
    for pack in &packs {
        let report = policy::test(workspace, pack)?;
        failures += report.failures.len();
        if global.json {
            out.json(
                &json!({"pack": pack.head.id, "rules": report.rules, "failures": report.failures}),
            );
            continue;
        }
        for score in &report.rules {
            let share = |v: Option<usize>| v.map_or("-".to_owned(), |v| format!("{v}%"));
            out.line(&format!(
                "{:28} precision {:>4}  recall {:>4}  ({} violating, {} complying)",
                score.rule,
                share(score.precision()),
                share(score.recall()),
                score.violate,
                score.comply
            ));
        }
        for failure in &report.failures {
            out.line(&format!(
                "FAILED {}: expected {}, got {}: “{}”",
                failure.rule, failure.expected, failure.got, failure.text
            ));
        }
    }
    Ok(if failures == 0 {
        Answer::Done
    } else {
        Answer::No
    })
}
