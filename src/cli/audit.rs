//! `audit` and `user`: the record and the roster.

use super::args::{AuditAction, AuditArgs, Global, UserAction, UserArgs};
use super::output::Out;
use super::{Answer, open};
use crate::error::{Error, Kind, Result};
use crate::service::audit::Entry;
use crate::service::{Needs, audit, people};
use std::fs;

pub fn run(global: &Global, args: &AuditArgs, out: &mut Out) -> Result<Answer> {
    let workspace = open(global, Needs::ReadLedger)?;
    match &args.action {
        AuditAction::List { limit, before } => {
            for entry in audit::entries(&workspace, before.unwrap_or(u64::MAX), *limit)? {
                if global.json {
                    out.json(&entry);
                } else {
                    out.line(&line(&entry));
                }
            }
        }
        AuditAction::Show { run } => {
            for entry in audit::show(&workspace, run)? {
                if global.json {
                    out.json(&entry);
                } else {
                    out.line(&line(&entry));
                    for (key, value) in entry
                        .data
                        .iter()
                        .filter(|(key, _)| *key != "note" && *key != "pins")
                    {
                        out.line(&format!("            {key} {value}"));
                    }
                    if let Some(note) = entry.text("note") {
                        note.lines()
                            .for_each(|l| out.line(&format!("            | {l}")));
                    }
                }
            }
        }
        AuditAction::Checkpoint => out.line(audit::checkpoint(&workspace)?.trim_end()),
        AuditAction::Verify { pin } => {
            let pinned = match pin {
                None => None,
                Some(path) => Some(fs::read_to_string(path).map_err(|e| {
                    Error::new(Kind::Io, e.to_string())
                        .at(path.display().to_string())
                        .fix("give a file with a checkpoint")
                })?),
            };
            let report = audit::verify(&workspace, pinned.as_deref())?;
            if global.json {
                out.json(&report);
            } else {
                match (&report.problem, report.first_bad) {
                    (Some(problem), Some(seq)) => {
                        out.line(&format!("TAMPERED at entry {seq}: {problem}"));
                    }
                    _ => out.line(&format!(
                        "OK: {} entries, {} blobs, {} signatures",
                        report.entries, report.blobs, report.signatures
                    )),
                }
                out.line(&format!("root {}", report.root));
                out.line(&report.proves);
            }
            if !report.ok {
                return Ok(Answer::No);
            }
        }
    }
    Ok(Answer::Done)
}

/// One line of the list.
fn line(entry: &Entry) -> String {
    let detail = [
        "kind", "variant", "segment", "winner", "status", "reason", "name",
    ]
    .iter()
    .filter_map(|key| entry.text(key))
    .filter(|t| !t.is_empty())
    .collect::<Vec<_>>()
    .join(" ");
    format!(
        "{:6}  {}  {:16} {:18} {:12} {detail}",
        entry.seq,
        entry.time.get(..19).unwrap_or(""),
        entry.actor,
        entry.kind.as_str(),
        entry.run.as_deref().unwrap_or("")
    )
}

pub fn users(global: &Global, args: &UserArgs, out: &mut Out) -> Result<Answer> {
    let UserAction::List = args.action;
    let workspace = open(global, Needs::ReadLedger)?;
    for person in people::list(workspace.log()?.as_ref())? {
        if global.json {
            out.json(&person);
        } else {
            out.line(&format!(
                "{:18} {:10} {}",
                person.name,
                person.role,
                if person.demo {
                    "demo identity, not for real approvals"
                } else {
                    ""
                }
            ));
        }
    }
    Ok(Answer::Done)
}
