//! `queue`, `decide`, `deliver`.

use super::args::{DecideArgs, Global, QueueAction, QueueArgs, Say};
use super::output::Out;
use super::{Answer, open, passphrase};
use crate::domain::decision::DecisionKind;
use crate::error::Result;
use crate::service::decide::{self, Word};
use crate::service::{Needs, queue};
use serde_json::json;

pub fn queue(global: &Global, args: &QueueArgs, out: &mut Out) -> Result<Answer> {
    let QueueAction::List { limit } = &args.action;
    let workspace = open(global, Needs::ReadLedger)?;
    for run in queue::page(&workspace, u64::MAX, *limit)?
        .into_iter()
        .filter(|r| r.state.is_open())
    {
        if global.json {
            out.json(&run);
        } else {
            out.line(&format!(
                "{}  {:24} {:6} {} ok {} review {} blocked  winner {:2} {}",
                run.run,
                run.segment,
                run.channel,
                run.passed,
                run.review,
                run.blocked,
                run.winner,
                run.state.as_str()
            ));
        }
    }
    Ok(Answer::Done)
}

pub fn run(global: &Global, args: &DecideArgs, out: &mut Out) -> Result<Answer> {
    let mut workspace = open(global, Needs::Record)?;
    passphrase::unlock(&mut workspace)?;
    let kind = match args.decision {
        Say::Approve => DecisionKind::Approve,
        Say::Reject => DecisionKind::Reject,
        Say::Override => DecisionKind::Override,
        Say::RequestChanges => DecisionKind::RequestChanges,
    };
    let outcome = decide::decide(
        &workspace,
        &Word {
            run: &args.run,
            variant: &args.variant,
            kind,
            reason: &args.reason,
            code: args.code.as_deref(),
            seen: None,
        },
    )?;
    if global.json {
        out.json(&json!({"run": args.run, "seq": outcome.seq, "decision": kind.as_str(), "state": outcome.state.as_str(), "delivery": outcome.delivery}));
    } else {
        out.line(&format!(
            "{} {kind} variant {}: entry {}, now {}",
            args.run,
            args.variant,
            outcome.seq,
            outcome.state.as_str()
        ));
        if let Some(id) = &outcome.delivery.message_id {
            out.line(&format!("delivered as {id}"));
        }
        if let Some(reason) = &outcome.delivery.reason {
            out.line(&format!("held: {reason}; `echovoice deliver` tries again"));
        }
    }
    Ok(Answer::Done)
}

pub fn deliver(global: &Global, out: &mut Out) -> Result<Answer> {
    let workspace = open(global, Needs::Record)?;
    for (run, delivery) in decide::deliver_approved(&workspace, 10_000)? {
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
