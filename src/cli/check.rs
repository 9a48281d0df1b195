//! `check`: the gate on somebody else's message.

use super::args::{CheckArgs, Format};
use super::global::Global;
use super::output::Out;
use super::{Answer, open, sarif};
use crate::domain::finding::{Disposition, Verdict};
use crate::domain::law::OutOfForce;
use crate::domain::message::Message;
use crate::error::{Error, Kind, Result};
use crate::service::check::firm::{self, Told};
use crate::service::check::lines;
use crate::service::check::verdict::{Rulers, TEXTS, texts_for, verdict_json};
use crate::service::{Needs, check, policy};
use serde_json::Value;

pub fn run(global: &Global, args: &CheckArgs, out: &mut Out) -> Result<Answer> {
    let mut workspace = open(global, Needs::Rules)?;
    if !args.with.is_empty() {
        let tried = args
            .with
            .iter()
            .map(|name| policy::find(&workspace, name))
            .collect::<Result<Vec<_>>>()?;
        workspace.book = policy::book_with(&workspace, &tried)?.into();
    }
    if args.jsonl {
        let name = args.file.display().to_string();
        // Once, and not again for every line.
        workspace.rules()?;
        let mut wrong = 0;
        lines::each(&lines::read(&args.file, &name)?, |number, line| {
            let judged = line.and_then(check::noted).and_then(|noted| {
                let mut message = check::from_json(&noted)?;
                let verdict = check::check(&workspace, &mut message)?;
                Ok((noted.value, message, verdict))
            });
            match judged {
                Ok((value, message, verdict)) => {
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
    let mut read = check::read(&args.file)?;
    let told = Told {
        place: args.jurisdiction.as_deref(),
        product: args.product.as_deref(),
        channel: args.channel,
        facts: args.facts.as_deref(),
        ours: args.firm,
    };
    firm::tell(&workspace, &mut read.message, told)?;
    let verdict = check::check(&workspace, &mut read.message)?;
    let message = &read.message;
    match (args.format, global.json) {
        (Format::Sarif, _) => {
            out.json(&sarif::log(&args.file, &read, &verdict));
        }
        (Format::Json, _) | (_, true) => out.json(&verdict_json(&Value::Null, message, &verdict)),
        (Format::Text, false) => print(message, &verdict, out),
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
            "{}:{line}: {} {}: “{}”",
            finding.part.as_str(),
            finding.disposition.as_str(),
            finding.headline(),
            finding.text.replace('\n', " ")
        ));
        out.line(&format!("    rule      {}", finding.rule));
        if !finding.claim.is_empty() {
            out.line(&format!("    says      {}", finding.claim));
        }
        out.line(&format!("    why       {}", finding.why));
        out.line(&format!("    citation  {}", finding.law()));
        if !finding.source.is_empty() {
            out.line(&format!("    source    {}", finding.source));
        }
        out.line(&format!("    fix       {}", finding.fix));
        if let Some(replacement) = finding.replacement.as_deref().filter(|r| !r.is_empty()) {
            out.line(&format!("    passes    “{replacement}”"));
        }
        let texts = texts_for(finding, message);
        for text in texts.iter().take(TEXTS) {
            let how = text.wording.as_str();
            out.line(&format!(
                "    text      “{}” ({}, {how})",
                text.text, text.cite
            ));
        }
        if texts.len() > TEXTS {
            let more = texts.len() - TEXTS;
            out.line(&format!(
                "              {more} more: echovoice policy texts --rule {}",
                finding.rule
            ));
        }
    }
    for remark in &message.remarks {
        out.line(&format!("note: {remark}"));
    }
    print_parts(message, out);
    print_days(verdict, out);
    let (ran, all) = verdict.looked();
    out.line(&format!(
        "{}: {} of {} rules ran, score {}.{:02}",
        verdict.disposition.as_str(),
        ran,
        all,
        verdict.score_bp / 10_000,
        verdict.score_bp % 10_000 / 100
    ));
}

/// Most rules named of those whose law begins, and of those whose law ended.
const NAMED: usize = 4;

/// Rules that would look here on another day: "not yet: us.ca.admt from 2027-01-01".
pub(super) fn print_days(verdict: &Verdict, out: &mut Out) {
    let lines = verdict.coverage.iter();
    let dated = lines.filter_map(|line| Some((line.out_of_force?, line.rule.as_str())));
    let (mut coming, mut gone): (Vec<_>, Vec<_>) =
        dated.partition(|(out, _)| matches!(out, OutOfForce::From(_)));
    // The next day first, and of those that are over the last one.
    coming.sort_unstable();
    gone.sort_unstable_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(b.1)));
    for (words, rules) in [("not yet", coming), ("no longer", gone)] {
        let mut named: Vec<String> = Vec::new();
        let shown = &rules[..rules.len().min(NAMED)];
        for together in shown.chunk_by(|(one, _), (other, _)| one == other) {
            let ids: Vec<&str> = together.iter().map(|(_, rule)| *rule).collect();
            let day = match together[0].0 {
                OutOfForce::From(day) => format!("from {day}"),
                OutOfForce::Until(day) => format!("after {day}"),
            };
            named.push(format!("{} {day}", ids.join(", ")));
        }
        if rules.len() > NAMED {
            named.push(format!("and {} more (--json)", rules.len() - NAMED));
        }
        if !named.is_empty() {
            out.line(&format!("{words}: {}", named.join("; ")));
        }
    }
}

/// The parts of a mail, read and not read; a mail of one text needs no list.
fn print_parts(message: &Message, out: &mut Out) {
    let bodies = || message.listed.iter().filter(|l| l.media != "header");
    let odd = message.listed.iter().any(|l| l.why.is_some());
    if bodies().count() < 2 && !odd {
        return;
    }
    let read = message.listed.iter().filter(|l| l.read).count();
    let unread = message.listed.len() - read;
    out.line(&format!(
        "parts of the mail: {read} read, {unread} not read"
    ));
    for listed in &message.listed {
        let charset = listed.charset.as_deref().unwrap_or("");
        let state = match (listed.read, &listed.part) {
            (true, Some(part)) => format!("read as {}", part.as_str()),
            (true, None) => "read".to_owned(),
            (false, _) => "not read".to_owned(),
        };
        let why = listed.why.as_ref().map(|why| format!(": {why}"));
        out.line(&format!(
            "    {:<10} {} {charset} {state}{}",
            listed.place,
            listed.media,
            why.unwrap_or_default()
        ));
    }
}
