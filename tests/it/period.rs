//! An export of a period holds all entries of its runs, whenever they were made: whoever holds the log's key and leaves a
//! recall out of it, and signs for that, is told by the stand-alone verifier.

use crate::support::forged::{Forged, key};
use crate::support::said::owing;
use crate::support::stranger;
use echovoice::domain::person::Role;
use echovoice::domain::review::Act;
use echovoice::ledger::evidence::{Commitment, Exported, Span, export_on_record, seal};
use echovoice::ledger::{EntryKind, NewEntry};
use std::fs;
use std::path::Path;

/// A record in which a run of the period was recalled after it, and the period.
fn record() -> (Forged, Span) {
    let mut forged = Forged::new(3, false, false);
    let seq = forged.decide("ann", "approve", &[]);
    forged.deliver(seq);
    let until = format!("2026-11-25T10:{:02}:30Z", forged.minute);
    let span = Span {
        since: Some("2026-11-25T10:09:00Z".parse().unwrap()),
        until: Some(until.parse().unwrap()),
    };
    forged.put(EntryKind::Feedback, "ann", |entry| entry.run("r-1"));
    (forged, span)
}

fn recall(forged: &mut Forged) {
    let why = "the rate has changed";
    forged.act("bob", Act::Recall, None, why, why);
}

/// The export's own entry, with what it owes.
fn put_on_record(forged: &mut Forged, span: &Span) -> (Commitment, u64) {
    let owed = Commitment::now(forged.forge.log.as_ref(), span).unwrap();
    let own = forged.put(EntryKind::Export, "gus", |entry| owing(entry, &owed));
    (owed, own)
}

fn exported(forged: &Forged, span: &Span, own: Option<(&Commitment, u64)>, out: &Path) -> Exported {
    let (log, public) = (forged.forge.log.as_ref(), key("log").public());
    let done = export_on_record(log, &public, (span, own), out, &mut |_, _| {}).unwrap();
    seal(out, &done, span, &key("log")).unwrap();
    done
}

/// Leaves entries of a kind out, and signs for what is left.
fn left_out(done: &Exported, kind: &str, span: &Span, out: &Path) {
    let path = out.join("entries.jsonl");
    let all = fs::read_to_string(&path).unwrap();
    let kept = |line: &&str| !line.contains(&format!("\"type\":\"{kind}\""));
    let lines: Vec<&str> = all.lines().filter(kept).collect();
    assert!(lines.len() < all.lines().count(), "{kind}: there is none");
    fs::write(&path, lines.join("\n") + "\n").unwrap();
    let number = |line: &&str| -> u64 {
        let entry: serde_json::Value = serde_json::from_str(line).unwrap();
        entry["seq"].as_u64().unwrap()
    };
    let mut done = done.clone();
    done.held.clear();
    for seq in lines.iter().map(number) {
        match done.held.last_mut() {
            Some((_, last)) if *last + 1 == seq => *last = seq,
            _ => done.held.push((seq, seq)),
        }
    }
    seal(out, &done, span, &key("log")).unwrap();
}

/// What the stand-alone verifier says; none without Python.
fn holds(out: &Path) -> Option<(bool, String)> {
    stranger::checks(out)
}

fn says(out: &Path, expected: &str) {
    if let Some((holds, words)) = holds(out) {
        assert!(!holds && words.contains(expected), "{words}");
    }
}

#[test]
fn what_became_of_its_runs_later_cannot_be_left_out_of_a_period() {
    let keep = tempfile::tempdir().unwrap();
    let out = keep.path().join("export");
    let (mut forged, span) = record();
    recall(&mut forged);
    let (owed, own) = put_on_record(&mut forged, &span);
    let done = exported(&forged, &span, Some((&owed, own)), &out);
    if let Some((holds, words)) = holds(&out) {
        assert!(holds, "{words}");
        assert!(words.contains("with all entries of its runs"), "{words}");
    }
    // The feedback stands right behind the period, where the manifest itself asks for it.
    for (kind, named) in [
        ("recall", "entries of its runs are missing"),
        ("feedback", "the period is not whole"),
    ] {
        left_out(&done, kind, &span, &out);
        says(&out, named);
        let again = keep.path().join(kind);
        exported(&forged, &span, Some((&owed, own)), &again);
        fs::rename(again.join("entries.jsonl"), out.join("entries.jsonl")).unwrap();
    }
    left_out(&done, "export", &span, &out);
    says(&out, "manifest");
}

#[test]
fn an_older_word_about_the_same_period_does_not_cover_what_came_since() {
    let keep = tempfile::tempdir().unwrap();
    let (mut forged, span) = record();
    // The period went out once before the recall; that entry is named again.
    let (before, own) = put_on_record(&mut forged, &span);
    recall(&mut forged);
    let out = keep.path().join("export");
    let done = exported(&forged, &span, Some((&before, own)), &out);
    // As long as all since is there, it holds.
    if let Some((holds, words)) = holds(&out) {
        assert!(holds, "{words}");
    }
    left_out(&done, "recall", &span, &out);
    says(&out, "not up to the end");
}

/// Who leaves a recall out of what is put on record has lied in the record: both verifiers of the whole name it, and the
/// writer does not take it.
#[test]
fn an_export_that_owes_less_than_there_is_is_named() {
    let (mut forged, span) = record();
    let before = Commitment::now(forged.forge.log.as_ref(), &span).unwrap();
    recall(&mut forged);
    let now = Commitment::now(forged.forge.log.as_ref(), &span).unwrap();
    let mut lie = before;
    lie.size = now.size;
    let says = |commitment: Commitment| {
        let (mut forged, _) = record();
        recall(&mut forged);
        forged.put(EntryKind::Export, "gus", |entry| owing(entry, &commitment));
        forged.verdicts()
    };
    for honest in [before, now] {
        let (problem, stranger) = says(honest);
        assert_eq!(problem, None);
        assert!(stranger.is_none_or(|(holds, words)| holds || panic!("{words}")));
    }
    let (problem, stranger) = says(lie);
    assert!(problem.is_some_and(|why| why.contains("other entries of its runs")));
    assert!(
        stranger.is_none_or(|(holds, words)| !holds && words.contains("other entries of its runs"))
    );
    let entry = NewEntry::new("lie", EntryKind::Export, "gus", Role::Auditor, &now_here());
    let refused = forged.writer().append(vec![owing(entry, &lie)]).wait();
    let refused = refused.unwrap_err().to_string();
    assert!(refused.contains("other entries of its runs"), "{refused}");
}

fn now_here() -> String {
    chrono::Utc::now().to_rfc3339_opts(chrono::SecondsFormat::Micros, true)
}

#[test]
fn a_period_that_is_on_no_record_or_another_one_does_not_hold() {
    let keep = tempfile::tempdir().unwrap();
    let (mut forged, span) = record();
    recall(&mut forged);
    let out = keep.path().join("none");
    exported(&forged, &span, None, &out);
    says(&out, "on no record");
    // A shorter period was put on record, and a longer one goes out under its entry.
    let short = Span {
        until: Some("2026-11-25T10:10:30Z".parse().unwrap()),
        ..span.clone()
    };
    let (owed, own) = put_on_record(&mut forged, &short);
    let out = keep.path().join("longer");
    exported(&forged, &span, Some((&owed, own)), &out);
    says(&out, "about another period");
}

#[test]
fn a_period_that_ends_before_it_begins_is_refused() {
    let home = tempfile::tempdir().unwrap();
    let out = home.path().join("out").display().to_string();
    let args = [
        "audit",
        "export",
        "--since",
        "2026-12-05",
        "--until",
        "2026-11-01",
        "--out",
        &out,
    ];
    let said = crate::support::echovoice(home.path(), &args);
    assert_eq!(said.status.code(), Some(1));
    let words = String::from_utf8_lossy(&said.stderr).into_owned();
    assert!(
        words.contains("the period ends before it begins"),
        "{words}"
    );
}
