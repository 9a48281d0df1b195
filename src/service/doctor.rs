//! Is everything in order? Says how to mend what is not.

use super::assets;
use super::held;
use super::transient::Transient;
use super::workspace::{Needs, Options, Workspace};
use crate::knowledge::Embedder;
use serde::Serialize;
use std::path::Path;

/// One check.
#[derive(Clone, Debug, Serialize)]
pub struct Finding {
    pub name: String,
    pub ok: bool,
    pub says: String,
}

/// Checks home, policies, model, index and ledger, each by itself.
pub fn examine(home: &Path, terminal: bool) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut note = |name: &str, result: Result<String, String>| {
        let ok = result.is_ok();
        findings.push(Finding {
            name: name.into(),
            ok,
            says: result.unwrap_or_else(|e| e),
        });
    };
    let open = |needs| {
        Workspace::open(Options {
            home,
            needs,
            person: None,
            as_of: None,
            tenant: None,
            progress: &mut |_| {},
        })
    };
    match open(Needs::Rules) {
        Ok(workspace) => {
            note("home", Ok(home.display().to_string()));
            note(
                "policies",
                Ok(format!(
                    "{} packs, {} rules, {}",
                    workspace.packs.len(),
                    workspace.book.rules.len(),
                    workspace.book.digest.short()
                )),
            );
        }
        Err(e) => note("home", Err(e.to_string())),
    }
    let embedder = Embedder::new(assets::model(), assets::tokenizer());
    note(
        "model",
        embedder
            .embed("is the model there")
            .map(|v| format!("{} numbers a sentence", v.len()))
            .map_err(|e| format!("{e}; reinstall EchoVoice")),
    );
    match open(Needs::Pipeline) {
        Ok(workspace) => {
            let base = workspace.knowledge.as_ref();
            let problems: Vec<String> = base
                .iter()
                .flat_map(|b| &b.problems)
                .map(|p| format!("{}: {}", p.file.display(), p.reason))
                .collect();
            if problems.is_empty() {
                note(
                    "knowledge base",
                    Ok(format!("{} passages", base.map_or(0, |b| b.len()))),
                );
            } else {
                note(
                    "knowledge base",
                    Err(format!("left out: {}", problems.join("; "))),
                );
            }
        }
        Err(e) => note("knowledge base", Err(e.to_string())),
    }
    note(
        "store",
        Transient::open(home, None)
            .map(|store| store.look().as_str().to_owned())
            .map_err(|e| e.to_string()),
    );
    match open(Needs::ReadLedger) {
        Ok(workspace) => match workspace.log().map(|log| log.head()) {
            Ok(Ok(head)) => {
                note("ledger", Ok(format!("{} entries", head.size)));
                note("hand-over", waiting(&workspace));
            }
            Ok(Err(e)) => note("ledger", Err(e.to_string())),
            Err(_) => note("ledger", Ok("none yet; the first run makes it".into())),
        },
        Err(e) => note("ledger", Err(e.to_string())),
    }
    note(
        "terminal",
        if terminal {
            Ok("yes".into())
        } else {
            Ok("no; the desk needs one, everything else does not".into())
        },
    );
    findings
}

/// Approved messages that do not go out, and why.
fn waiting(workspace: &Workspace) -> Result<String, String> {
    let held = held::look(workspace).map_err(|e| e.to_string())?;
    let Some(told) = held.told() else {
        return Ok("nothing that was approved waits".into());
    };
    if held.not_taken == 0 {
        return Ok(told);
    }
    let reason = |r: &held::Reason| format!("{} ({})", r.reason, r.count);
    let reasons: Vec<String> = held.reasons.iter().map(reason).collect();
    Err(format!("{told}; {}", reasons.join("; ")))
}
