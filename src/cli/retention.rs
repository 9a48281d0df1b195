//! `audit retention`: what is due for disposal, and the disposal by two persons.

use super::audit_args::RetentionAction;
use super::global::Global;
use super::output::Out;
use super::{Answer, open, passphrase};
use crate::error::Result;
use crate::service::Needs;
use crate::service::audit::retention;
use serde_json::json;

pub(super) fn retain(global: &Global, action: &RetentionAction, out: &mut Out) -> Result<Answer> {
    match action {
        RetentionAction::List => {
            for due in retention::due(&open(global, Needs::ReadLedger)?)? {
                if global.json {
                    out.json(&due);
                } else {
                    let last = due.last_run.get(..10).unwrap_or("");
                    out.line(&format!(
                        "{}  last run {last}  {} runs",
                        due.subject, due.runs
                    ));
                }
            }
        }
        RetentionAction::Why => {
            let lines = retention::lines(&open(global, Needs::Rules)?);
            if lines.is_empty() && !global.json {
                out.line("no pack in force says how long data is kept: nothing falls due");
            }
            for line in &lines {
                if global.json {
                    out.json(line);
                } else {
                    let holds = if line.holds { "holds  " } else { "       " };
                    out.line(&format!("{holds}{line}"));
                }
            }
        }
        RetentionAction::Propose { reason } => {
            let workspace = passphrase::open_to_sign(global)?;
            let (seq, customers) = retention::propose(&workspace, reason)?;
            if global.json {
                out.json(&json!({"proposal": seq, "customers": customers}));
            } else {
                out.line(&format!(
                    "proposal {seq}: the data of {customers} customers; another principal carries it out with `{}`",
                    global.command(&format!("audit retention confirm {seq}"))
                ));
            }
        }
        RetentionAction::Confirm { proposal } => {
            let workspace = passphrase::open_to_sign(global)?;
            let done = retention::confirm(&workspace, *proposal)?;
            if global.json {
                out.json(&done);
            } else {
                out.line(&format!(
                    "the data of {} customers is gone, {} were kept; {} messages taken out of the outbox, {} open runs rejected",
                    done.customers, done.kept, done.files, done.ended
                ));
            }
        }
    }
    Ok(Answer::Done)
}
