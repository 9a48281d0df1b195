//! `deliver`, `feedback` and `opt-out`.

use super::global::Global;
use super::output::Out;
use super::service_args::{DeliverArgs, FeedbackArgs, FeedbackCommand, OptOutArgs, OptOutCommand};
use super::{Answer, open, passphrase};
use crate::error::{Error, Kind, Result};
use crate::service::delivery::{handover, settle};
use crate::service::learning::feedback;
use crate::service::{Needs, optout};
use serde_json::json;
use std::path::Path;

/// Most messages of one call.
const MOST: usize = 10_000;

pub fn run(global: &Global, args: &DeliverArgs, out: &mut Out) -> Result<Answer> {
    let workspace = open(global, Needs::Record)?;
    if let Some(id) = &args.settle {
        if args.sent == args.not_sent {
            return Err(Error::new(Kind::Input, "what became of it is not said")
                .fix("say --sent or --not-sent"));
        }
        passphrase::unlock(&workspace)?;
        settle::settle(
            &workspace,
            id,
            args.sent,
            args.reason.as_deref().unwrap_or_default(),
        )?;
        out.line(if args.sent {
            "settled: it was delivered"
        } else {
            "settled: it was not taken, and is tried again"
        });
        return Ok(Answer::Done);
    }
    if args.dry_run {
        for (run, why) in handover::rehearse(&workspace, MOST)? {
            if global.json {
                out.json(&json!({"run": run, "would_send": why.is_none(), "held": why}));
            } else {
                let says = why.map_or_else(|| "would go out".into(), |why| format!("held: {why}"));
                out.line(&format!("{run}  {says}"));
            }
        }
        return Ok(Answer::Done);
    }
    handover::deliver_approved(&workspace, MOST, &mut |run, delivery| {
        if global.json {
            out.json(&json!({"run": run, "delivery": delivery}));
        } else {
            out.line(&format!(
                "{run}  {}  {}",
                delivery.status.as_str(),
                delivery.message_id.or(delivery.reason).unwrap_or_default()
            ));
        }
    })?;
    Ok(Answer::Done)
}

pub fn opt_out(global: &Global, args: &OptOutArgs, out: &mut Out) -> Result<Answer> {
    match &args.command {
        OptOutCommand::Count => {
            let workspace = open(global, Needs::Record)?;
            let count = optout::all(&workspace)?.len();
            let copy = optout::compare(&workspace)?;
            if global.json {
                out.json(&json!({"count": count, "record": copy}));
            } else {
                out.line(&format!("{count} on the list"));
                if !copy.is_whole() || copy.not_in_copy > 0 {
                    out.line(&copy.says());
                }
            }
            Ok(Answer::Done)
        }
        OptOutCommand::List => {
            let listed = optout::all(&open(global, Needs::ReadLedger)?)?;
            show(&listed, global.json, out);
            Ok(Answer::Done)
        }
        OptOutCommand::Why { who } => {
            let found = optout::why(&open(global, Needs::ReadLedger)?, who)?;
            show(&found, global.json, out);
            if found.is_empty() && !global.json {
                out.line("not on the list");
            }
            Ok(Answer::Done)
        }
        OptOutCommand::Add { who } => {
            let sum = optout::add(&open(global, Needs::Record)?, who)?;
            told(&sum, "argument", None, global.json, out)
        }
        OptOutCommand::Import { file } => {
            let sum = optout::import(&open(global, Needs::Record)?, file)?;
            told(&sum, "line", Some(file), global.json, out)
        }
    }
}

/// Opt-outs, one a line: since when, by whom, by which channel and from where.
fn show(listed: &[optout::OptOut], json: bool, out: &mut Out) {
    for one in listed {
        if json {
            out.json(one);
        } else {
            let (form, because, place) = (&one.form, &one.because, one.place());
            let kept = one
                .kept_until
                .map_or_else(String::new, |day| format!("; kept, at least until {day}"));
            out.line(&format!(
                "{}  {form:6} {because}  by {}  from {place} (via {}){kept}",
                one.since, one.by, one.via
            ));
        }
    }
}

/// What became of a list. The promise is made for those who were read, and for nobody else.
fn told(
    sum: &optout::Sum,
    place: &str,
    file: Option<&Path>,
    json: bool,
    out: &mut Out,
) -> Result<Answer> {
    let count = sum.wrong.len();
    if json {
        let wrong: Vec<_> = (sum.wrong.iter())
            .map(|(line, why)| json!({"line": line, "message": why}))
            .collect();
        out.json(&json!({"added": sum.added, "known": sum.known, "not_read": wrong, "remark": sum.remark}));
    } else {
        if let Some(remark) = &sum.remark {
            out.line(remark);
        }
        for (line, why) in &sum.wrong {
            out.line(&format!("{place} {line}  not read: {why}"));
        }
        let known = match sum.known {
            0 => String::new(),
            known => format!(" ({known} were there already)"),
        };
        if sum.added + sum.known > 0 {
            out.line(&format!(
                "{} added{known}; nothing more is sent to them",
                sum.added
            ));
        } else {
            out.line("0 added");
        }
    }
    if count == 0 {
        return Ok(Answer::Done);
    }
    let what = format!(
        "{count} {place}{} not read: nobody of them is held",
        if count == 1 { " was" } else { "s were" }
    );
    let error = Error::new(Kind::Input, what).fix("correct what is named above, and add it again");
    Err(match file {
        Some(file) => error.at(file.display().to_string()),
        None => error,
    })
}

pub fn feedback(global: &Global, args: &FeedbackArgs, out: &mut Out) -> Result<Answer> {
    let FeedbackCommand::Import { file } = &args.command;
    let sum = feedback::import(&open(global, Needs::Record)?, file)?;
    if global.json {
        let wrong: Vec<_> = (sum.wrong.iter())
            .map(|(line, why)| json!({"line": line, "message": why}))
            .collect();
        out.json(&json!({
            "new": sum.new, "known": sum.known, "passed": sum.passed, "held": sum.held,
            "soft_bounces": sum.soft_bounces, "wrong": wrong
        }));
    } else {
        for (line, why) in &sum.wrong {
            out.line(&format!("{line}  error: {why}"));
        }
        out.line(&format!(
            "{} outcomes recorded, {} were there already. The runs to come are scored by them.",
            sum.new, sum.known
        ));
        if sum.held > 0 {
            out.line(&format!(
                "{} put on the opt-out list; nothing more is sent to them",
                sum.held
            ));
        }
        if sum.soft_bounces > 0 {
            out.line(&format!(
                "{} did not arrive this time (soft bounces); they are not held",
                sum.soft_bounces
            ));
        }
        if sum.passed > 0 {
            out.line(&format!(
                "{} events are no outcome (deferred and the like)",
                sum.passed
            ));
        }
    }
    if sum.wrong.is_empty() {
        return Ok(Answer::Done);
    }
    let what = format!("{} lines gave no outcome", sum.wrong.len());
    Err(Error::new(Kind::Input, what).at(file.display().to_string()))
}
