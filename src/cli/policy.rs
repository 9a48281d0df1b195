//! `policy`: rule packs.

use super::global::Global;
use super::output::{Out, Progress};
use super::policy_args::{PolicyAction, PolicyArgs};
use super::{Answer, open, passphrase, policy_law, texts};
use crate::error::Result;
use crate::service::home::in_force::{self, StateChange};
use crate::service::policy::{Activation, Confirmed, Pack, RuleChange, SelfTestReport, Which};
use crate::service::{Needs, Workspace, policy};
use serde_json::{Value, json};
use std::path::Path;

pub fn run(global: &Global, args: &PolicyArgs, out: &mut Out) -> Result<Answer> {
    let needs = match &args.action {
        PolicyAction::Accept { reason } => return accept(global, reason, out),
        PolicyAction::Confirm { proposal } => return confirm(global, *proposal, out),
        PolicyAction::Activate { .. } | PolicyAction::WhatIf { .. } => Needs::Record,
        _ => Needs::Rules,
    };
    let workspace = open(global, needs)?;
    if matches!(args.action, PolicyAction::Activate { .. }) {
        passphrase::unlock(&workspace)?;
    }
    match &args.action {
        PolicyAction::List => policy_law::list(global, &workspace, out)?,
        PolicyAction::Show { name } => policy_law::show(global, &workspace, name, out)?,
        PolicyAction::Calendar => policy_law::calendar(global, &workspace, out),
        PolicyAction::Texts { ids, rule, place } => {
            texts::run(
                global,
                &workspace,
                (ids, rule.as_deref(), place.as_deref()),
                out,
            )?;
        }
        PolicyAction::Table { of } => policy_law::table(global, &workspace, *of, out),
        PolicyAction::Stale { days } => policy_law::stale(global, &workspace, *days, out),
        PolicyAction::Drafts => {
            let written = policy::write_shipped(&workspace)?;
            if global.json {
                out.json(&json!({"written": written}));
            } else {
                for id in &written {
                    out.line(&format!("written: {id}"));
                }
                out.line("test them with `echovoice policy test ID`, put them in force with `echovoice policy activate ID`: claims first");
            }
        }
        PolicyAction::Test {
            packs: Some(folder),
            ..
        } => {
            return test_folder(global, &workspace, folder, out);
        }
        PolicyAction::Test { pack, .. } => return test(global, &workspace, pack.as_deref(), out),
        PolicyAction::Explain {
            what,
            product,
            jurisdiction,
            channel,
            fact,
        } => {
            let told = [
                ("product", product),
                ("jurisdiction", jurisdiction),
                ("channel", channel),
            ];
            super::explain::run(global, &workspace, what, (&told, fact), out)?;
        }
        PolicyAction::New { id, answers } => {
            return super::write_rule::run(global, &workspace, id, answers, out);
        }
        PolicyAction::Measure {
            rows,
            packs,
            list,
            rule,
        } => {
            let packs = match packs {
                Some(folder) => policy::folder(folder)?,
                None => workspace.packs.to_vec(),
            };
            super::measure::run(global, &workspace, &packs, rows, (*list, rule), out)?;
        }
        PolicyAction::Rows { rows } => {
            for file in rows {
                for row in policy::likeness_rows(file)? {
                    // Tabs part the columns.
                    out.bytes(format!("{row}\n").as_bytes());
                }
            }
        }
        PolicyAction::Diff { old, new } => {
            let (old, new) = match new {
                Some(new) => (
                    policy::find(&workspace, old)?,
                    policy::find(&workspace, new)?,
                ),
                None => (
                    policy::active(&workspace, old)?.clone(),
                    policy::find(&workspace, old)?,
                ),
            };
            say_changes(global, &policy::diff(&old, &new), out);
        }
        PolicyAction::Activate { pack, remove: true } => {
            let made = policy::deactivate(&workspace, pack)?;
            say_deactivated(global, pack, made, out);
        }
        PolicyAction::Activate { pack, .. } => {
            say_activated(global, &policy::activate(&workspace, pack)?, out);
        }
        // Done above: they open the home in their own way.
        PolicyAction::Accept { .. } | PolicyAction::Confirm { .. } => {}
        PolicyAction::WhatIf {
            pack,
            limit,
            live,
            reopen,
        } => {
            let which = if *live { Which::Approved } else { Which::All };
            what_if(global, &workspace, pack, ((which, *limit), *reopen), out)?;
        }
    }
    Ok(Answer::Done)
}

/// Puts on record what is in force in the home, though it was changed past the program.
fn accept(global: &Global, reason: &str, out: &mut Out) -> Result<Answer> {
    let workspace = super::open_to_accept(global)?;
    passphrase::unlock(&workspace)?;
    say_accepted(global, in_force::accept(&workspace, reason)?, out);
    Ok(Answer::Done)
}

/// The second of two persons.
fn confirm(global: &Global, proposal: u64, out: &mut Out) -> Result<Answer> {
    let workspace = super::open_to_accept(global)?;
    passphrase::unlock(&workspace)?;
    match policy::confirm(&workspace, proposal)? {
        Confirmed::Activated(done) => say_activated(global, &done, out),
        Confirmed::Deactivated { pack, made } => say_deactivated(global, &pack, made, out),
        Confirmed::Accepted(made) => say_accepted(global, made, out),
    }
    Ok(Answer::Done)
}

/// What became of a change: in fields beside others, or in a line. `done` says what holds from now on if it was made.
fn say_made(global: &Global, made: StateChange, (mut fields, done): (Value, &str), out: &mut Out) {
    match (made, global.json) {
        (StateChange::Made(seq), false) => out.line(&format!("{done} (entry {seq})")),
        (StateChange::Proposed(seq), false) => out.line(&format!(
            "proposed (entry {seq}): nothing has changed yet. Another person confirms it with `{}`",
            global.command(&format!("policy confirm {seq}"))
        )),
        (StateChange::Made(seq), true) => {
            fields["seq"] = seq.into();
            out.json(&fields);
        }
        (StateChange::Proposed(seq), true) => {
            fields["proposal"] = seq.into();
            out.json(&fields);
        }
    }
}

fn say_activated(global: &Global, done: &Activation, out: &mut Out) {
    let head = &done.pack.head;
    if !global.json {
        say_changes(global, &done.changes, out);
    }
    let active = matches!(done.made, StateChange::Made(_));
    let fields = json!({"pack": head.id, "version": head.version, "digest": done.pack.digest, "active": active, "changes": done.changes});
    let words = format!("{} {} is in force", head.id, head.version);
    say_made(global, done.made, (fields, &words), out);
}

fn say_deactivated(global: &Global, pack: &str, made: StateChange, out: &mut Out) {
    let active = matches!(made, StateChange::Proposed(_));
    let words = format!("{pack} is no longer in force");
    say_made(
        global,
        made,
        (json!({"pack": pack, "active": active}), &words),
        out,
    );
}

fn say_accepted(global: &Global, made: StateChange, out: &mut Out) {
    let words = "what is in force here is on record";
    say_made(global, made, (json!({}), words), out);
}

fn say_changes(global: &Global, changes: &[RuleChange], out: &mut Out) {
    for change in changes {
        if global.json {
            out.json(change);
        } else {
            out.line(&format!(
                "{:8} {}  {}",
                change.kind,
                change.rule,
                change.fields.join(", ")
            ));
        }
    }
}

fn what_if(
    global: &Global,
    workspace: &Workspace,
    name: &str,
    (what, reopen): ((Which, usize), bool),
    out: &mut Out,
) -> Result<()> {
    let pack = policy::find(workspace, name)?;
    let mut bar = Progress::default();
    let report = policy::what_if(workspace, &pack, what, &mut |done, of| {
        bar.show("replaying runs", done, of);
    })?;
    let reopened = if reopen {
        passphrase::unlock(workspace)?;
        Some(policy::reopen(workspace, &pack, &report)?)
    } else {
        None
    };
    if global.json {
        out.json(&report);
        return Ok(());
    }
    for change in &report.changed {
        let gained = change.gained.iter().map(|rule| format!(" +{rule}"));
        let lost = change.lost.iter().map(|rule| format!(" -{rule}"));
        let rules: Vec<String> = gained.chain(lost).collect();
        out.line(&format!(
            "{} {}  {} -> {}  ({}){}",
            change.run,
            change.variant,
            change.before.as_str(),
            change.after.as_str(),
            change.state,
            rules.concat(),
        ));
    }
    out.line(&format!(
        "{} of {} variants in {} runs would be judged otherwise under {} {}",
        report.changed.len(),
        report.variants,
        report.runs,
        pack.head.id,
        pack.head.version
    ));
    let undone = report.changed.iter().filter(|c| c.undoes_an_approval());
    match (undone.count(), reopened) {
        (_, Some((reopened, delivered))) => out.line(&format!(
            "{reopened} approvals wait for a review again; {delivered} are delivered already and have a comment: `echovoice queue recall RUN` calls one back"
        )),
        (0, None) => {}
        (count, None) => out.line(&format!(
            "{count} approvals would not be given so: `--live --reopen` sends them back to review"
        )),
    }
    if report.skipped > 0 {
        out.line(&format!(
            "{} runs have no readable messages (erased, or cut off) and were left out",
            report.skipped
        ));
    }
    if report.drifted > 0 {
        out.line(&format!(
            "{} variants are judged otherwise already by today's packs than on record",
            report.drifted
        ));
    }
    Ok(())
}

fn test(
    global: &Global,
    workspace: &Workspace,
    name: Option<&str>,
    out: &mut Out,
) -> Result<Answer> {
    let packs: Vec<Pack> = match name {
        Some(name) => vec![policy::find(workspace, name)?],
        None => policy::in_work(workspace)?,
    };
    let reports = packs.iter().map(|pack| {
        let report = policy::test(workspace, pack)?;
        Ok((pack.head.id.clone(), report))
    });
    say_reports(global, reports, out)
}

fn test_folder(
    global: &Global,
    workspace: &Workspace,
    folder: &Path,
    out: &mut Out,
) -> Result<Answer> {
    let packs = policy::folder(folder)?;
    let reports = policy::test_folder(workspace, &packs)?;
    say_reports(global, reports.into_iter().map(Ok), out)
}

fn say_reports(
    global: &Global,
    reports: impl Iterator<Item = Result<(String, SelfTestReport)>>,
    out: &mut Out,
) -> Result<Answer> {
    let mut failures = 0;
    for report in reports {
        let (id, report) = report?;
        failures += report.failures.len();
        say_report(global, &id, &report, out);
    }
    Ok(if failures == 0 {
        Answer::Done
    } else {
        Answer::No
    })
}

pub(super) fn say_report(global: &Global, id: &str, report: &SelfTestReport, out: &mut Out) {
    if global.json {
        out.json(
            &json!({"pack": id, "kinds": report.kinds, "rules": report.rules, "failures": report.failures, "still_found": report.still_found, "untested_days": report.untested_days}),
        );
        return;
    }
    if report.kinds > 0 {
        out.line(&format!("{id:28} {} kinds of claims", report.kinds));
    }
    for score in &report.rules {
        out.line(&format!(
            "{:28} own examples: {}",
            score.rule,
            score.in_words()
        ));
    }
    for row in &report.still_found {
        out.line(&format!(
            "dismissed, still found by {} as {}: “{}”",
            row.rule, row.got, row.text
        ));
    }
    for untested in &report.untested_days {
        out.line(&format!("warning: {untested}"));
    }
    for failure in &report.failures {
        out.line(&format!(
            "FAILED {}: expected {}, got {}: “{}”",
            failure.rule, failure.expected, failure.got, failure.text
        ));
    }
}
