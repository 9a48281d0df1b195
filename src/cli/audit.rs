//! `audit`: the record, and what leaves the house as proof.

use super::audit_args::{AuditAction, AuditArgs, HoldArg, Period};
use super::global::Global;
use super::output::{Out, Progress};
use super::retention::retain;
use super::{Answer, home, kb_search, open, passphrase};
use crate::domain::digest::Digest;
use crate::error::{Error, Kind, Result};
use crate::files;
use crate::service::audit::Entry;
use crate::service::audit::erasure::{self, Ask};
use crate::service::audit::evidence::Stats;
use crate::service::audit::told::{self, Titles};
use crate::service::audit::{archive, clock, evidence, witness};
use crate::service::home::{in_force, knowledge};
use crate::service::review::customer;
use crate::service::review::filter::Filter;
use crate::service::review::queue;
use crate::service::review::standing::{self, Moved};
use crate::service::run::replay;
use crate::service::{Needs, Workspace, audit, optout};
use crate::tui::quality::lines;
use chrono::Utc;
use serde_json::json;
use std::fs;
use std::path::Path;

/// Columns of what is told of reviewers.
const WIDTH: usize = 100;

/// Entries between two reports of progress.
const INDEXED: u64 = 20_000;

pub fn run(global: &Global, args: &AuditArgs, out: &mut Out) -> Result<Answer> {
    let read = || open(global, Needs::ReadLedger);
    match &args.action {
        AuditAction::Retention { action } => return retain(global, action, out),
        AuditAction::Index => return index(global, out),
        AuditAction::Restore { export } => return restore(global, export, out),
        AuditAction::Rerun { run, retrieve } => return rerun(global, run, *retrieve, out),
        AuditAction::Erase {
            customer,
            reason,
            defer_until,
        } => {
            let ask = defer_until.as_deref().map_or(Ask::Erase, Ask::Defer);
            return data(global, customer, ask, reason, out);
        }
        AuditAction::Hold {
            action,
            customer,
            reason,
        } => {
            let ask = match action {
                HoldArg::Set => Ask::Hold,
                HoldArg::Lift => Ask::Lift,
            };
            return data(global, customer, ask, reason, out);
        }
        AuditAction::Accept { reason } => {
            let open = || passphrase::open_to_sign(global);
            let seq = witness::accept(&home(global)?, reason, open)?;
            if global.json {
                out.json(&json!({"seq": seq}));
            } else {
                out.line(&format!(
                    "this copy goes on (entry {seq}); what others saw lies beside it as .before"
                ));
            }
        }
        AuditAction::Clock { reason } => {
            let seq = clock::confirm(&passphrase::open_to_sign(global)?, reason)?;
            if global.json {
                out.json(&json!({"seq": seq}));
            } else {
                out.line(&format!(
                    "the clock is confirmed (entry {seq}); decisions go on"
                ));
            }
        }
        AuditAction::List {
            filter,
            limit,
            before,
            follow,
        } => {
            let words = filter.join(" ");
            let parsed = |words: &str| {
                Filter::parse(words, Utc::now()).map_err(|problem| {
                    Error::of(Kind::Input, problem)
                        .fix("words are such as who:okafor what:override since:2h")
                })
            };
            let mut filter = parsed(&words)?;
            // Words of messages are known to the index alone, and customers by their own number to the vault: only who
            // may open it can look there.
            let workspace = if filter.looks_into_messages() {
                let workspace = open(global, Needs::Record)?;
                while archive::catch_up(&workspace, INDEXED)? > 0 {}
                workspace
            } else if customer::names_one(&words) {
                open(global, Needs::Record)?
            } else {
                read()?
            };
            if customer::names_one(&words) {
                let known = customer::named_in(&workspace, &words)?;
                filter = parsed(&customer::as_recorded(&words, &known))?;
            }
            let size = workspace.log()?.head()?.size;
            let titles = queue::titles(&workspace);
            let mut tell = |entry: &Entry| {
                say(entry, &titles, global.json, out);
                if *follow {
                    out.flush();
                }
            };
            let before = before.unwrap_or(size);
            // One more than is shown says whether there are more.
            let mut found = audit::matching(&workspace, &filter, before, limit.saturating_add(1))?;
            let is_all = found.len() <= *limit;
            found.truncate(*limit);
            found.iter().for_each(&mut tell);
            if *follow {
                audit::follow(&workspace, &filter, size, &mut tell)?;
            }
            if !is_all {
                let next = found.last().map_or(before, |last| last.seq);
                let (shown, of) = (found.len(), filter.is_empty().then_some(before));
                older(shown, of, next, global.json, out);
            }
        }
        AuditAction::Show { run } => {
            let record = read()?;
            let entries = audit::show(&record, run)?;
            let titles = queue::titles(&record);
            let decided = entries.iter().any(Entry::is_decision);
            let moved = if decided {
                moved(global, &record, &entries)
            } else {
                Vec::new()
            };
            for entry in entries {
                say(&entry, &titles, global.json, out);
                if !global.json {
                    for (name, words) in told::lines(&entry, &titles) {
                        if name != "what" {
                            out.line(&format!("            {name:12} {words}"));
                        }
                    }
                    if let Some(note) = entry.note() {
                        note.lines()
                            .for_each(|l| out.line(&format!("            | {l}")));
                    }
                }
            }
            for one in moved {
                if global.json {
                    out.json(&json!({"changed_source": one}));
                } else {
                    out.line(&format!("changed since: {}", one.said()));
                }
            }
        }
        AuditAction::Export {
            out: folder,
            period,
        } => {
            // Without the log's key nothing is written; the export then says what is missing.
            let can_write = evidence::is_put_on_record(&home(global)?);
            let needs = if can_write {
                Needs::Record
            } else {
                Needs::ReadLedger
            };
            export(global, &open(global, needs)?, folder, period, out)?;
        }
        AuditAction::Stats { period } => {
            let (since, until) = (period.since.as_deref(), period.until.as_deref());
            let record = read()?;
            let stats = evidence::stats(&record, since, until)?;
            let quality = evidence::quality(&record, since, until)?;
            if global.json {
                let mut all = serde_json::to_value(&stats).unwrap_or_default();
                all["quality"] = serde_json::to_value(&quality).unwrap_or_default();
                out.json(&all);
            } else {
                bars(&stats, out);
                out.line("\nReviewers");
                for line in lines(&quality, WIDTH) {
                    out.line(&line);
                }
            }
        }
        AuditAction::Backup { out: file } => {
            let size = audit::backup(&home(global)?, file)?;
            if global.json {
                out.json(&json!({"file": file, "entries": size}));
            } else {
                out.line(&format!("{size} entries copied to {}", file.display()));
            }
        }
        AuditAction::Prove { run, out: folder } => prove(global, &read()?, run, folder, out)?,
        AuditAction::Checkpoint => out.line(audit::checkpoint(&read()?)?.trim_end()),
        AuditAction::Verify { pin } => {
            let pinned = match pin {
                None => None,
                Some(path) => Some(fs::read_to_string(path).map_err(|e| {
                    Error::of(Kind::Io, e)
                        .at(path.display().to_string())
                        .fix("give a file with a checkpoint")
                })?),
            };
            let workspace = read()?;
            let report = audit::verify(&workspace, pinned.as_deref())?;
            // The home's files are not the record: what differs is told, and nothing runs under it.
            let differs = in_force::compare(&workspace).err().map(|e| e.to_string());
            if global.json {
                let mut told = serde_json::to_value(&report).unwrap_or_default();
                if let Some(differs) = &differs {
                    told["not_on_record"] = differs.as_str().into();
                }
                out.json(&told);
            } else {
                match report.wrong() {
                    Some(wrong) => out.line(&wrong),
                    None => out.line(&format!(
                        "OK: {} entries, {} blobs, {} signatures",
                        report.entries, report.blobs, report.signatures
                    )),
                }
                out.line(&format!("root {}", report.root));
                out.line(&report.proves);
                out.line(&report.rules);
                if let Some(differs) = &differs {
                    out.line(&format!(
                        "in force in this home, and not on record so: {differs}"
                    ));
                }
                // A copy in the home that says otherwise is no tampering: the record is what counts. It is told.
                if let Ok(copy) = optout::compare(&workspace)
                    && (!copy.is_whole() || copy.not_in_copy > 0)
                {
                    out.line(&format!("opt-outs: {}", copy.says()));
                }
            }
            if !report.ok {
                return Ok(Answer::No);
            }
        }
    }
    Ok(Answer::Done)
}

/// What became of the passages that a run cites. The record is shown whether or not the knowledge base can be read.
fn moved(global: &Global, record: &Workspace, entries: &[Entry]) -> Vec<Moved> {
    let look = || {
        let day = kb_search::today(global)?;
        let pipeline = open(global, Needs::Pipeline)?;
        standing::of_entries(record, knowledge::of(&pipeline)?, entries, day)
    };
    look().unwrap_or_default()
}

fn export(
    global: &Global,
    workspace: &Workspace,
    folder: &Path,
    period: &Period,
    out: &mut Out,
) -> Result<()> {
    let (since, until) = (period.since.as_deref(), period.until.as_deref());
    let mut bar = Progress::default();
    let done = evidence::export(workspace, since, until, folder, &mut |what, done, of| {
        bar.show(what, count(done), count(of));
    })?;
    let within = done.period.1 - done.period.0;
    if global.json {
        out.json(
            &json!({"out": folder, "entries": done.entries, "of": done.size, "within": within, "blobs": done.blobs}),
        );
    } else {
        if since.is_some() || until.is_some() {
            out.line(&match within {
                0 => "no entry lies in this time: what follows is what a proof needs".to_owned(),
                within => format!("{within} entries lie in this time; the others are their runs', and what a proof needs"),
            });
        }
        out.line(&format!(
            "{} of {} entries and {} blobs in {}",
            done.entries,
            done.size,
            done.blobs,
            folder.display()
        ));
        out.line("check it with `python3 verify.py .` there; read binder/index.html");
    }
    Ok(())
}

fn prove(
    global: &Global,
    workspace: &Workspace,
    run: &str,
    folder: &Path,
    out: &mut Out,
) -> Result<()> {
    let receipt = evidence::prove(workspace, run)?;
    let key = format!("{}\n", evidence::log_key(workspace)?);
    let files = [
        (format!("{run}.entry.json"), receipt.entry.as_slice()),
        (format!("{run}.tlog-proof"), receipt.proof.as_bytes()),
        ("log.pub".into(), key.as_bytes()),
    ];
    let mut written = Vec::new();
    for (name, bytes) in &files {
        let path = folder.join(name);
        files::folder(folder)
            .and_then(|()| files::write(&path, bytes))
            .map_err(|e| Error::of(Kind::Io, e).at(path.display().to_string()))?;
        written.push(path);
    }
    if global.json {
        out.json(&json!({"files": written}));
    } else {
        for path in &written {
            out.line(&path.display().to_string());
        }
        out.line("check it with `python3 verify.py --receipt ENTRY PROOF KEY`; verify.py is in every export");
    }
    Ok(())
}

fn rerun(global: &Global, run: &str, retrieve: bool, out: &mut Out) -> Result<Answer> {
    let workspace = open(global, Needs::Record)?;
    let replayed = replay::rerun(&workspace, run, retrieve)?;
    if global.json {
        out.json(&replayed);
    } else {
        let shown = |digest: Option<Digest>| digest.map_or("none".to_owned(), |d| d.to_string());
        match &replayed.first_difference {
            None => out.line(&format!("SAME verdict {}", shown(replayed.today))),
            Some(place) => {
                out.line(&format!("DIFFERS first in {place}"));
                out.line(&format!("recorded {}", shown(replayed.recorded)));
                out.line(&format!("today    {}", shown(replayed.today)));
            }
        }
        if !replayed.changed_versions.is_empty() {
            out.line(&format!(
                "other versions than the run pinned: {}",
                replayed.changed_versions.join(", ")
            ));
        }
    }
    Ok(if replayed.same {
        Answer::Done
    } else {
        Answer::No
    })
}

fn data(
    global: &Global,
    customer: &str,
    ask: Ask<'_>,
    reason: &str,
    out: &mut Out,
) -> Result<Answer> {
    let workspace = passphrase::open_to_sign(global)?;
    let done = erasure::about(&workspace, customer, ask, reason)?;
    if global.json {
        out.json(&done);
        return Ok(Answer::Done);
    }
    let subject = &done.subject;
    out.line(&match ask {
        Ask::Erase => format!(
            "the data of {subject} is erased: its key is destroyed, {} delivered messages are gone from the outbox, and {} open runs are rejected (entry {})",
            done.files, done.ended, done.seq
        ),
        Ask::Defer(day) => format!("the data of {subject} stays until {day} (entry {})", done.seq),
        Ask::Hold => format!("a legal hold stands on {subject} (entry {})", done.seq),
        Ask::Lift => format!("the legal hold on {subject} is lifted (entry {})", done.seq),
    });
    if matches!(ask, Ask::Erase) {
        out.line(
            "copies of vault.key that you keep elsewhere open older backups: destroy them too",
        );
    }
    Ok(Answer::Done)
}

fn restore(global: &Global, export: &Path, out: &mut Out) -> Result<Answer> {
    let mut bar = Progress::default();
    let home = home(global)?;
    let entries = evidence::restore(&home, export, &mut |what, done, of| {
        bar.show(what, count(done), count(of));
    })?;
    if global.json {
        out.json(&json!({"entries": entries}));
    } else {
        out.line(&format!(
            "{entries} entries restored into {}; verify with `echovoice audit verify`",
            home.display()
        ));
        out.line("copy keys/ and vault.key from their own backup to go on working here");
    }
    Ok(Answer::Done)
}

fn bars(stats: &Stats, out: &mut Out) {
    let tests = match stats.planted_tests {
        0 => String::new(),
        tests => format!(", and {tests} planted tests, which no figure of the bars counts"),
    };
    out.line(&format!("{} runs{tests}", stats.runs));
    for chart in &stats.charts {
        out.line(&format!("\n{}", chart.heading));
        let most = chart.rows.iter().map(|row| row.1).max().unwrap_or(0).max(1);
        for (label, number) in &chart.rows {
            let width = count(number * 40 / most).max(usize::from(*number > 0));
            out.line(&format!("  {label:24} {number:6}  {}", "#".repeat(width)));
        }
    }
}

fn count(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// Files all entries that the index of past runs has not yet.
fn index(global: &Global, out: &mut Out) -> Result<Answer> {
    let workspace = open(global, Needs::Record)?;
    let size = workspace.log()?.head()?.size;
    let mut bar = Progress::default();
    loop {
        let left = archive::catch_up(&workspace, INDEXED)?;
        bar.show("entries", count(size.saturating_sub(left)), count(size));
        if left == 0 {
            break;
        }
    }
    drop(bar);
    if global.json {
        out.json(&json!({"entries": size}));
    } else {
        out.line(&format!("{size} entries can be searched"));
    }
    Ok(Answer::Done)
}

/// An entry as a sentence; in JSON as it is, with the sentence beside it.
fn say(entry: &Entry, titles: &Titles, json: bool, out: &mut Out) {
    let says = told::sentence(entry, titles);
    if json {
        let mut value = serde_json::to_value(entry).unwrap_or_default();
        value["says"] = says.into();
        out.json(&value);
    } else {
        out.line(&format!(
            "{:6}  {}  {:12}  {says}  [{}]",
            entry.seq,
            entry.time.get(..19).unwrap_or(""),
            entry.run.as_deref().unwrap_or(""),
            entry.kind().as_str()
        ));
    }
}

/// Says that there are older entries than those that were shown, and how many of all, where it is known.
fn older(shown: usize, of: Option<u64>, next: u64, json: bool, out: &mut Out) {
    if json {
        out.json(&json!({"shown": shown, "of": of, "older": true, "before": next}));
        return;
    }
    let of = of.map_or_else(String::new, |of| format!(" of {of}"));
    out.line(&format!(
        "the newest {shown}{of} are shown: --limit shows more, --before {next} goes on"
    ));
}
