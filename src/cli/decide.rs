//! `decide`.

use super::args::{DecideArgs, Say};
use super::global::Global;
use super::output::Out;
use super::{Answer, passphrase};
use crate::domain::decision::DecisionKind;
use crate::error::Result;
use crate::service::review::decide::{self, DecisionWord, Outcome};

use serde_json::{Value, json};

pub fn run(global: &Global, args: &DecideArgs, out: &mut Out) -> Result<Answer> {
    let workspace = passphrase::open_to_sign(global)?;
    let kind = match args.decision {
        Say::Approve => DecisionKind::Approve,
        Say::Reject => DecisionKind::Reject,
        Say::Override => DecisionKind::Override,
        Say::RequestChanges => DecisionKind::RequestChanges,
    };
    let outcome = decide::decide(
        &workspace,
        &DecisionWord {
            run: &args.run,
            variant: &args.variant,
            kind,
            reason: &args.reason,
            code: args.code.as_deref(),
            seen: None,
        },
    )?;
    tell(out, global.json, &args.run, kind, &args.variant, &outcome);
    Ok(Answer::Done)
}

/// Prints what became of a decision.
pub(super) fn tell(
    out: &mut Out,
    json: bool,
    run: &str,
    kind: DecisionKind,
    variant: &str,
    outcome: &Outcome,
) {
    if json {
        out.json(&line(run, kind, outcome));
        return;
    }
    out.line(&format!(
        "{run} {kind} variant {variant}: entry {}, now {}",
        outcome.seq,
        outcome.state.as_str()
    ));
    if let Some(id) = &outcome.delivery.message_id {
        out.line(&format!("delivered as {id}"));
    }
    if let Some(test) = &outcome.test {
        out.line(test);
    } else if let Some(reason) = &outcome.delivery.reason {
        out.line(&format!("held: {reason}; `echovoice deliver` tries again"));
    }
}

fn line(run: &str, kind: DecisionKind, outcome: &Outcome) -> Value {
    json!({"run": run, "seq": outcome.seq, "decision": kind.as_str(), "state": outcome.state.as_str(), "delivery": outcome.delivery})
}
