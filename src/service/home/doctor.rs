//! Is everything in order? Says how to mend what is not.

use crate::built;
use crate::domain::zone;
use crate::knowledge::Embedder;
use crate::service::audit::{retention, witness};
use crate::service::delivery::held;
use crate::service::home::inspect::{Says, wrong};
use crate::service::home::workspace::{Needs, Options, Workspace};
use crate::service::home::{assets, in_force, inspect, leftover};
use crate::service::optout;
use crate::service::run::transient::Transient;
use crate::service::users::people;
use serde::Serialize;
use std::path::Path;

/// One check.
#[derive(Clone, Debug, Serialize)]
pub struct Diagnosis {
    pub name: String,
    pub ok: bool,
    pub says: String,
}

/// Whether everybody of the home's copy is on record.
fn opt_outs(workspace: &Workspace) -> Says {
    let found = optout::compare(workspace)?;
    if found.is_whole() {
        Ok(found.says())
    } else {
        Err(wrong(found.says()))
    }
}

/// Whether others saw the same record, and who cosigned it.
fn seen_elsewhere(workspace: &Workspace) -> Says {
    let home = &workspace.home;
    let key = people::log_public(home)?;
    let log = workspace.log()?;
    match witness::disagreement(home, log.as_ref(), &key)? {
        None => witness::standing(home, &key),
        Some(why) => Err(wrong(why)),
    }
}

/// Checks home, policies, model, index and ledger, each by itself.
pub fn examine(home: &Path, terminal: bool) -> Vec<Diagnosis> {
    let mut findings = Vec::new();
    let mut note = |name: &str, result: Says| {
        let ok = result.is_ok();
        findings.push(Diagnosis {
            name: name.into(),
            ok,
            says: result.unwrap_or_else(|e| e.to_string()),
        });
    };
    let open = |needs| {
        Workspace::open(Options {
            home,
            needs,
            judges: false,
            person: None,
            as_of: None,
            tenant: None,
            progress: &mut |_| {},
        })
    };
    let reading = open(Needs::ReadLedger);
    match open(Needs::Rules) {
        Ok(workspace) => {
            note("home", Ok(home.display().to_string()));
            note(
                "policies",
                workspace.rules().map(|book| {
                    let packs = workspace.packs.len();
                    let rules = book.rules.len();
                    format!("{packs} packs, {rules} rules, {}", book.digest.short())
                }),
            );
            note("retention", Ok(keeping(&workspace)));
            let own = reading.as_ref().unwrap_or(&workspace);
            note("own", leftover::look(own));
        }
        Err(e) => note("home", Err(e)),
    }
    note("rights", inspect::rights(home));
    note("active packs", inspect::packs(home));
    note("built with", Ok(parts()));
    note("time zones", Ok(time_zones()));
    let embedder = Embedder::new(assets::model(), assets::tokenizer());
    note(
        "model",
        embedder
            .embed("is the model there")
            .map(|e| format!("{} numbers a sentence", e.vector.len()))
            .map_err(|e| wrong(format!("{e}; reinstall EchoVoice")).because(e)),
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
                    Err(wrong(format!("left out: {}", problems.join("; ")))),
                );
            }
        }
        Err(e) => note("knowledge base", Err(e)),
    }
    note(
        "store",
        Transient::open(home, None).map(|store| store.look().as_str().to_owned()),
    );
    let log = (reading.as_ref().ok()).and_then(|workspace| workspace.log().ok().cloned());
    match (&reading, &log) {
        (Ok(workspace), Some(log)) => {
            note("ledger", inspect::ledger(workspace, log.as_ref()));
            note("witness", seen_elsewhere(workspace));
            note("in force", in_force::compare(workspace));
            note("opt-outs", opt_outs(workspace));
            note("hand-over", waiting(workspace));
        }
        (Ok(_), None) if home.join("keys").join("log.key").exists() => note(
            "ledger",
            Err(wrong(
                "it is not there, and its keys are; restore it from a backup",
            )),
        ),
        (Ok(_), None) => note("ledger", Ok("none yet; the first run makes it".into())),
        (Err(e), _) => note("ledger", Err(e.clone())),
    }
    let log = log.as_deref();
    if log.is_some() || home.join("keys").exists() {
        note("keys", inspect::keys(home, log));
    }
    note("vault", inspect::vault(home, log));
    note("tokens", inspect::tokens(home, log));
    note("outbox", inspect::outbox(home));
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

/// How long data is kept, and which packs ask for it.
fn keeping(workspace: &Workspace) -> String {
    let lines = retention::lines(workspace);
    let Some(first) = lines.first() else {
        return "no pack in force says how long data is kept: nothing falls due".into();
    };
    let others: Vec<String> = lines[1..]
        .iter()
        .map(|line| format!("{} {}", line.pack, line.days))
        .collect();
    if others.is_empty() {
        first.to_string()
    } else {
        format!("{first}; shorter: {}", others.join(", "))
    }
}

/// The optional parts that this program was built with.
fn parts() -> String {
    let parts = built::features();
    if parts.is_empty() {
        format!("no optional parts ({})", built::how("server"))
    } else {
        parts.join(", ")
    }
}

/// The zone data in use, and whether the machine's own are newer. Those never decide: a verdict is the same everywhere.
fn time_zones() -> String {
    let own = zone::version();
    match system_zones() {
        // Releases are a year and a letter, so text order is their order.
        Some(system) if system.as_str() > own => format!(
            "IANA {own}, built in; this machine has the newer {system}, which does not decide: install a newer EchoVoice"
        ),
        _ => format!("IANA {own}, built in"),
    }
}

/// The release that this machine's zone files state (`TZDIR`, or the usual folder), if they state one.
fn system_zones() -> Option<String> {
    let folder = std::env::var_os("TZDIR").map_or_else(
        || std::path::PathBuf::from("/usr/share/zoneinfo"),
        std::path::PathBuf::from,
    );
    let release = |text: &str| {
        let word = text.split_whitespace().next_back()?;
        let fits = word.len() >= 5
            && word.as_bytes()[..4].iter().all(u8::is_ascii_digit)
            && word.as_bytes()[4..].iter().all(u8::is_ascii_lowercase);
        fits.then(|| word.to_owned())
    };
    ["+VERSION", "tzdata.zi", "version"]
        .iter()
        .find_map(|name| {
            let mut first = String::new();
            let file = std::fs::File::open(folder.join(name)).ok()?;
            std::io::BufRead::read_line(
                &mut std::io::BufReader::new(std::io::Read::take(file, 200)),
                &mut first,
            )
            .ok()?;
            release(&first)
        })
}

/// Approved messages that do not go out, and why.
fn waiting(workspace: &Workspace) -> Says {
    let held = held::look(workspace)?;
    let Some(told) = held.told() else {
        return Ok("nothing that was approved waits".into());
    };
    if held.not_taken == 0 {
        return Ok(told);
    }
    let reason = |r: &held::Reason| format!("{} ({})", r.reason, r.count);
    let reasons: Vec<String> = held.reasons.iter().map(reason).collect();
    Err(wrong(format!("{told}; {}", reasons.join("; "))))
}
