//! `queue`: what waits, and what becomes of it beside a decision.

use super::args::{QueueAction, QueueArgs, Together};
use super::decide::tell;
use super::global::Global;
use super::output::Out;
use super::{Answer, open, passphrase};
use crate::domain::decision::DecisionKind;
use crate::domain::review::Act;
use crate::error::{Error, Kind, Result};
use crate::service::Needs;
use crate::service::audit::told::Titles;
use crate::service::delivery::held;
use crate::service::review::queue::{RunList, RunSummary};
use crate::service::review::run_filter::RunFilter;
use crate::service::review::{self, ReviewStep};
use crate::service::review::{decide, queue};
use crate::tui::columns;
use chrono::Utc;
use serde_json::json;

pub fn run(global: &Global, args: &QueueArgs, out: &mut Out) -> Result<Answer> {
    let said = |act, reason| ReviewStep {
        act,
        to: None,
        reason,
    };
    let (run, said) = match &args.action {
        QueueAction::List { filter, limit } => return list(global, filter, *limit, out),
        QueueAction::Comment { run, text: None } => return comments(global, run, out),
        QueueAction::Decide {
            decision,
            runs,
            reason,
            code,
        } => return together(global, *decision, runs, (reason, code.as_deref()), out),
        QueueAction::Claim { run } => (run, said(Act::Claim, "")),
        QueueAction::Release { run } => (run, said(Act::Release, "")),
        QueueAction::Assign { run, name } => (
            run,
            ReviewStep {
                act: Act::Assign,
                to: Some(name),
                reason: "",
            },
        ),
        QueueAction::Escalate { run, reason } => (run, said(Act::Escalate, reason)),
        QueueAction::Comment {
            run,
            text: Some(text),
        } => (run, said(Act::Comment, text)),
        QueueAction::Withdraw { run, reason } => (run, said(Act::Withdraw, reason)),
        QueueAction::Recall { run, reason } => (run, said(Act::Recall, reason)),
    };
    let workspace = passphrase::open_to_sign(global)?;
    let done = review::act(&workspace, run, said)?;
    if global.json {
        out.json(&done);
    } else {
        out.line(&format!(
            "{} {}: entry {}, now {}",
            done.run,
            said.act,
            done.seq,
            done.state.as_str()
        ));
        if said.act == Act::Recall {
            out.line(match done.stopped {
                0 => "the message had left the outbox already: tell its recipient",
                _ => "the message was still in the outbox and was taken out",
            });
        }
    }
    Ok(Answer::Done)
}

fn list(global: &Global, filter: &[String], limit: usize, out: &mut Out) -> Result<Answer> {
    let workspace = open(global, Needs::ReadLedger)?;
    let filter = RunFilter::parse(&filter.join(" "), Utc::now()).map_err(|problem| {
        Error::of(Kind::Input, problem)
            .fix("words are such as product:savings place:uk since:monday")
    })?;
    let titles = queue::titles(&workspace);
    let (runs, more) = queue::find(
        &workspace,
        Some(RunList::Waiting),
        (&filter, &titles),
        limit,
    )?;
    for run in &runs {
        if global.json {
            out.json(run);
        } else {
            out.line(&line(run, &titles));
        }
    }
    if more > 0 {
        out.left_out(runs.len(), more, "--limit shows more");
    }
    if !global.json
        && let Some(told) = held::look(&workspace)?.told()
    {
        out.line(&told);
    }
    Ok(Answer::Done)
}

fn line(run: &RunSummary, titles: &Titles) -> String {
    let mut notes = Vec::new();
    if !run.due.is_empty() {
        notes.push(format!("due {}", run.due));
    }
    if !run.claimed.is_empty() {
        notes.push(format!("with {}", run.claimed));
    }
    if run.escalated {
        notes.push("escalated".to_owned());
    }
    if run.comments > 0 {
        notes.push(format!("{} comments", run.comments));
    }
    if !run.again.is_empty() {
        notes.push(run.again.clone());
    }
    let proposed = match run.winner.as_str() {
        "" => "nothing proposed".to_owned(),
        winner => format!("{winner} proposed"),
    };
    format!(
        "{}  {:18} {:8} {:6} {:6} {:40} {}, {proposed}, {} {}",
        run.run,
        run.product,
        run.subject,
        run.jurisdiction.as_str(),
        run.channel,
        columns::finding(run, titles),
        columns::variants(run),
        run.state.as_str(),
        notes.join(", ")
    )
}

fn comments(global: &Global, run: &str, out: &mut Out) -> Result<Answer> {
    let workspace = open(global, Needs::ReadLedger)?;
    queue::known(&workspace, run)?;
    for comment in review::comments(&workspace, run)? {
        if global.json {
            out.json(&comment);
        } else {
            let time = comment.time.get(..19).unwrap_or("");
            out.line(&format!("{time}  {:16} {}", comment.by, comment.text));
        }
    }
    Ok(Answer::Done)
}

fn together(
    global: &Global,
    decision: Together,
    runs: &[String],
    why: (&str, Option<&str>),
    out: &mut Out,
) -> Result<Answer> {
    let workspace = passphrase::open_to_sign(global)?;
    let kind = match decision {
        Together::Approve => DecisionKind::Approve,
        Together::Reject => DecisionKind::Reject,
    };
    let mut left = 0;
    for (run, outcome) in decide::decide_together(&workspace, runs, kind, why)? {
        match outcome {
            Ok(outcome) => tell(out, global.json, &run, kind, "winner", &outcome),
            Err(error) => {
                left += 1;
                if global.json {
                    out.json(&json!({"run": run, "left": error.to_string()}));
                } else {
                    out.line(&format!("{run} left: {error}"));
                }
            }
        }
    }
    if left == 0 {
        return Ok(Answer::Done);
    }
    Err(Error::new(
        Kind::NotAllowed,
        format!("{left} of {} runs were left undecided", runs.len()),
    )
    .fix("look at each by itself"))
}
