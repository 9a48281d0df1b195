//! `deliver`, `feedback` and `opt-out`.

use super::args::Global;
use super::output::Out;
use super::service_args::{DeliverArgs, FeedbackArgs, FeedbackCommand, OptOutArgs, OptOutCommand};
use super::{Answer, home, open};
use crate::error::{Error, Kind, Result};
use crate::service::{Needs, feedback, handover, optout};
use serde_json::json;

/// Most messages of one call.
const MOST: usize = 10_000;

pub fn run(global: &Global, args: &DeliverArgs, out: &mut Out) -> Result<Answer> {
    let workspace = open(global, Needs::Record)?;
    if let Some(id) = &args.settle {
        if args.sent == args.not_sent {
            return Err(Error::new(Kind::Input, "what became of it is not said")
                .fix("say --sent or --not-sent"));
        }
        handover::settle(
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
    for (run, delivery) in handover::deliver_approved(&workspace, MOST)? {
        if global.json {
            out.json(&json!({"run": run, "delivery": delivery}));
        } else {
            out.line(&format!(
                "{run}  {}  {}",
                delivery.status.as_str(),
                delivery.message_id.or(delivery.reason).unwrap_or_default()
            ));
        }
    }
    Ok(Answer::Done)
}

pub fn opt_out(global: &Global, args: &OptOutArgs, out: &mut Out) -> Result<Answer> {
    let who = match &args.command {
        OptOutCommand::Count => {
            let count = optout::count(&home(global)?)?;
            if global.json {
                out.json(&json!({"count": count}));
            } else {
                out.line(&format!("{count} on the list"));
            }
            return Ok(Answer::Done);
        }
        OptOutCommand::Add { who } => who.clone(),
        OptOutCommand::Import { file } => {
            let text = std::fs::read_to_string(file).map_err(|e| {
                Error::new(Kind::Io, e.to_string())
                    .at(file.display().to_string())
                    .fix("check the path")
            })?;
            text.lines().map(str::to_owned).collect()
        }
    };
    let added = optout::add(&open(global, Needs::Record)?, &who)?;
    if global.json {
        out.json(&json!({"added": added}));
    } else {
        out.line(&format!("{added} added; nothing more is sent to them"));
    }
    Ok(Answer::Done)
}

pub fn feedback(global: &Global, args: &FeedbackArgs, out: &mut Out) -> Result<Answer> {
    let FeedbackCommand::Import { file } = &args.command;
    let sum = feedback::import(&open(global, Needs::Record)?, file)?;
    if global.json {
        let wrong: Vec<_> = (sum.wrong.iter())
            .map(|(line, why)| json!({"line": line, "message": why}))
            .collect();
        out.json(&json!({"new": sum.new, "known": sum.known, "wrong": wrong}));
    } else {
        for (line, why) in &sum.wrong {
            out.line(&format!("{line}  error: {why}"));
        }
        out.line(&format!(
            "{} outcomes recorded, {} were there already. The runs to come are scored by them.",
            sum.new, sum.known
        ));
    }
    if sum.wrong.is_empty() {
        return Ok(Answer::Done);
    }
    let what = format!("{} lines gave no outcome", sum.wrong.len());
    Err(Error::new(Kind::Input, what).at(file.display().to_string()))
}
