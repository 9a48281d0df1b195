//! `check`: the gate on somebody else's message.

use super::args::{CheckArgs, Format, Global};
use super::output::Out;
use super::{Answer, open};
use crate::domain::finding::{Disposition, Finding, Verdict};
use crate::domain::message::Message;
use crate::error::{Error, Kind, Result};
use crate::service::verdict::{Rulers, verdict_json};
use crate::service::{Needs, check, lines, policy};
use serde_json::{Value, json};

pub fn run(global: &Global, args: &CheckArgs, out: &mut Out) -> Result<Answer> {
    let mut workspace = open(global, Needs::Rules)?;
    if !args.with.is_empty() {
        let tried = args
            .with
            .iter()
            .map(|name| policy::find(&workspace, name))
            .collect::<Result<Vec<_>>>()?;
        workspace.book = policy::book_with(&workspace, &tried)?;
    }
    if args.jsonl {
        let name = args.file.display().to_string();
        let mut wrong = 0;
        lines::each(&lines::read(&args.file, &name)?, |number, line| {
            let parsed = line
                .and_then(check::noted)
                .and_then(|noted| check::from_json(&noted).map(|message| (noted.value, message)));
            match parsed {
                Ok((value, mut message)) => {
                    let verdict = check::check(&workspace, &mut message);
                    out.json(&verdict_json(
                        value.get("id").unwrap_or(&Value::Null),
                        &message,
                        &verdict,
                    ));
                }
                Err(error) => {
                    wrong += 1;
                    out.json(&error.at(format!("{name}:{number}")).to_json());
                }
            }
        });
        return if wrong == 0 {
            Ok(Answer::Done)
        } else {
            Err(Error::new(Kind::Input, format!("{wrong} lines could not be read")).at(name))
        };
    }
    let mut message = check::read(&args.file)?;
    let verdict = check::check(&workspace, &mut message);
    match (args.format, global.json) {
        (Format::Sarif, _) => {
            out.json(&sarif(&args.file.display().to_string(), &message, &verdict));
        }
        (Format::Json, _) | (_, true) => out.json(&verdict_json(&Value::Null, &message, &verdict)),
        (Format::Text, false) => print(&message, &verdict, out),
    }
    Ok(if verdict.disposition == Disposition::Block {
        Answer::No
    } else {
        Answer::Done
    })
}

fn print(message: &Message, verdict: &Verdict, out: &mut Out) {
    let rulers = Rulers::of(message);
    for finding in verdict
        .findings
        .iter()
        .filter(|f| f.disposition >= Disposition::Info)
    {
        let line = rulers.line(finding.part, finding.start);
        out.line(&format!(
            "{}:{line}: {} {} “{}”",
            finding.part.as_str(),
            finding.disposition.as_str(),
            finding.rule,
            finding.text.replace('\n', " ")
        ));
        out.line(&format!("    why       {}", finding.why));
        out.line(&format!("    citation  {}", finding.citation));
        out.line(&format!("    fix       {}", finding.fix));
        if let Some(replacement) = finding.replacement.as_deref().filter(|r| !r.is_empty()) {
            out.line(&format!("    passes    “{replacement}”"));
        }
    }
    for remark in &message.remarks {
        out.line(&format!("note: {remark}"));
    }
    let ran = verdict
        .coverage
        .iter()
        .filter(|c| c.skipped.is_none())
        .count();
    out.line(&format!(
        "{}: {} of {} rules ran, score {}.{:02}",
        verdict.disposition.as_str(),
        ran,
        verdict.coverage.len(),
        verdict.score_bp / 10_000,
        verdict.score_bp % 10_000 / 100
    ));
}

/// SARIF 2.1.0, for tools that annotate files.
fn sarif(file: &str, message: &Message, verdict: &Verdict) -> Value {
    let mut rules: Vec<&Finding> = Vec::new();
    for finding in &verdict.findings {
        if !rules.iter().any(|r| r.rule == finding.rule) {
            rules.push(finding);
        }
    }
    let rulers = Rulers::of(message);
    let level = |d: Disposition| match d {
        Disposition::Block => "error",
        Disposition::Review => "warning",
        _ => "note",
    };
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "echovoice", "version": env!("CARGO_PKG_VERSION"),
                "rules": rules.iter().map(|f| json!({"id": f.rule, "shortDescription": {"text": f.why}, "help": {"text": f.fix}})).collect::<Vec<_>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "results": verdict.findings.iter().map(|f| {
                let (start, end) = rulers.span(f.part, f.start, f.end);
                json!({
                    "ruleId": f.rule, "level": level(f.disposition), "message": {"text": format!("{} {}", f.why, f.fix)},
                    "locations": [{"physicalLocation": {"artifactLocation": {"uri": file}, "region": {"charOffset": start, "charLength": end - start}}}],
                })
            }).collect::<Vec<_>>(),
        }],
    })
}
