//! A home of many runs, made from a seed, and how long its pages and searches take.
//!
//! `ECHOVOICE_RUNS` sets how many (20,000), `ECHOVOICE_MADE` a folder to keep it in, to browse it with
//! `echovoice --home DIR`. Runs have the messages of the demo profiles; nine of ten are rejected by a signed decision.

#![allow(clippy::unwrap_used, clippy::cast_precision_loss)]

use chrono::{DateTime, SecondsFormat, Utc};
use echovoice::domain::decision::{DecisionDraft, DecisionKind, Terms};
use echovoice::domain::person::Role;
use echovoice::domain::run::Run;
use echovoice::ledger::checkpoint::sign_note;
use echovoice::ledger::keys::SigningKey;
use echovoice::ledger::payload::{
    AnalyticsPayload, DecisionPayload, GatePayload, Payload, RunStartedPayload, SegmentPayload,
    VariantsPayload,
};
use echovoice::ledger::{EntryKind, NewEntry};
use echovoice::service::audit::archive;
use echovoice::service::home::workspace::Options;
use echovoice::service::review::filter::Filter;
use echovoice::service::review::queue;
use echovoice::service::run::{Options as RunOptions, Unwatched, start};
use echovoice::service::{Needs, Workspace, audit, intake};
use serde_json::json;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Instant;

const PRODUCERS: usize = 8;
/// Runs that one producer has under way.
const AHEAD: usize = 32;

fn open(home: &Path, needs: Needs) -> Workspace {
    Workspace::open(Options {
        home,
        needs,
        judges: false,
        person: None,
        as_of: Some(DateTime::parse_from_rfc3339("2026-11-23T10:00:00Z").unwrap()),
        tenant: None,
        progress: &mut |_| {},
    })
    .unwrap()
}

/// One run of each demo profile, to be written many times.
fn patterns(workspace: &Workspace) -> Vec<Run> {
    intake::list(&workspace.home.join("profiles"))
        .into_iter()
        .map(|path| {
            let profile = intake::read(&path).unwrap().swap_remove(0).profile;
            let options = RunOptions {
                seed: 7,
                record: false,
            };
            let mut session = start(workspace, profile, options).unwrap();
            session
                .run_on(workspace, &AtomicBool::new(false), &mut Unwatched)
                .unwrap();
            session.run
        })
        .collect()
}

/// Entries are of the time at which they are written: the record takes no others.
fn time() -> String {
    Utc::now().to_rfc3339_opts(SecondsFormat::Micros, true)
}

fn bytes(value: impl serde::Serialize) -> Vec<u8> {
    serde_json::to_vec(&value).unwrap()
}

/// A run's entries; a rare word stands in one message of ten thousand.
fn entries(pattern: &Run, number: u64, key: &SigningKey) -> Vec<NewEntry> {
    let id = format!("r-{number:010}");
    let time = time();
    let entry = |name: &str, said: Payload| {
        let mut entry = NewEntry::new(
            format!("{id}/1/{name}"),
            said,
            "system",
            Role::System,
            &time,
        )
        .run(&id);
        entry.customer = Some(format!("C-{}", number % 50_000));
        entry.pack = Some(pattern.pins.pack);
        entry
    };
    let pins = serde_json::to_value(&pattern.pins).unwrap();
    let said = Payload::RunStarted(RunStartedPayload {
        channel: Some("email".into()),
        jurisdiction: Some("US".into()),
        pins: pins.as_object().cloned(),
        ..RunStartedPayload::default()
    });
    let mut started = entry("started", said);
    started.actor = "demo.marketer".into();
    started.role = Role::Marketer;
    let salt = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    let profile = json!({"profile": pattern.profile.raw, "salt": salt});
    started.sealed.push(("profile".into(), bytes(profile)));
    let done = pattern.segment.as_ref();
    let said = Payload::SegmentDone(SegmentPayload {
        segment: done.map(|done| done.segment.as_str().to_owned()),
        ..SegmentPayload::default()
    });
    let mut segment = entry("segment", said);
    segment
        .blobs
        .push(("segment".into(), bytes(&pattern.segment)));
    let mut retrieved = entry("retrieve", Payload::empty(EntryKind::RetrieveDone));
    retrieved
        .blobs
        .push(("retrieved".into(), bytes(&pattern.retrieved)));
    let mut variants = pattern.variants.clone().unwrap_or_default();
    for variant in &mut variants {
        let rare = if number % 10_000 == 77 {
            " zanzibar"
        } else {
            ""
        };
        variant
            .body
            .push_str(&format!(" Reference {number}.{rare}"));
    }
    let verdict = pattern.verdict_digest();
    let artifact = verdict.map(|hash| ("A".to_owned(), hash.to_string()));
    let said = Payload::VariantGenerated(VariantsPayload {
        artifacts: Some(artifact.into_iter().collect()),
        ..VariantsPayload::default()
    });
    let mut generated = entry("generate", said);
    generated.sealed.push(("variants".into(), bytes(&variants)));
    let gate = pattern.gate.clone().unwrap_or_default();
    let mut rules: BTreeMap<String, u64> = BTreeMap::new();
    for finding in gate.iter().flat_map(|g| &g.verdict.findings) {
        rules.insert(finding.rule.clone(), 1);
    }
    let said = Payload::GateResult(GatePayload {
        passed: Some(1),
        review: Some(0),
        blocked: Some(u64::from(!rules.is_empty())),
        rules: Some(rules.into_iter().collect()),
        variants: Some([("A".to_owned(), "pass".to_owned())].into_iter().collect()),
        verdict: verdict.map(Into::into),
        ..GatePayload::default()
    });
    let mut checked = entry("safety", said);
    checked.sealed.push(("gate".into(), bytes(&gate)));
    let said = Payload::AnalyticsDone(AnalyticsPayload {
        winner: Some("A".into()),
        ..AnalyticsPayload::default()
    });
    let mut analyzed = entry("analyze", said);
    analyzed
        .blobs
        .push(("analysis".into(), bytes(&pattern.analysis)));
    let mut all = vec![started, segment, retrieved, generated, checked, analyzed];
    if number % 10 != 3 {
        let verdict = pattern.verdict_digest().unwrap();
        let draft = DecisionDraft {
            run: id.clone(),
            variant: "A".into(),
            artifact: verdict,
            verdict,
            pack: pattern.pins.pack,
            kind: DecisionKind::Reject,
            reason: "made for measuring, not for sending".into(),
            code: Some("other".into()),
        };
        let terms = Terms {
            send_after: None,
            expires: None,
            bulk: None,
            proven_by: "key file",
        };
        let said = Payload::Decision(DecisionPayload {
            kind: Some(DecisionKind::Reject.into()),
            variant: Some("A".into()),
            artifact: Some(draft.artifact.into()),
            verdict: Some(draft.verdict.into()),
            code: Some("other".into()),
            note: Some(sign_note(&draft.note(&terms, &time), "demo.officer", key)),
            proven_by: Some(terms.proven_by.into()),
            ..DecisionPayload::default()
        });
        let mut decision = entry("decision", said);
        decision.actor = "demo.officer".into();
        decision.role = Role::Officer;
        all.push(decision);
    }
    all
}

fn make(workspace: &Workspace, runs: u64) {
    let patterns = patterns(workspace);
    let key = workspace.signing_key().unwrap();
    let ledger = workspace.ledger().unwrap();
    let have = ledger.head().unwrap().size;
    if have > 10 {
        println!("the home is made already: {have} entries");
        return;
    }
    let (next, begun) = (AtomicU64::new(0), Instant::now());
    std::thread::scope(|scope| {
        for _ in 0..PRODUCERS {
            scope.spawn(|| {
                let mut pending = std::collections::VecDeque::new();
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= runs {
                        break;
                    }
                    let pattern = &patterns[usize::try_from(number).unwrap() % patterns.len()];
                    pending.push_back(ledger.append(entries(pattern, number, &key)));
                    if pending.len() > AHEAD {
                        pending.pop_front().unwrap().wait().unwrap();
                    }
                }
                for last in pending {
                    last.wait().unwrap();
                }
            });
        }
    });
    let seconds = begun.elapsed().as_secs_f64();
    println!(
        "{runs} runs made in {seconds:.0} s: {:.0} durable runs/s",
        runs as f64 / seconds
    );
}

/// Median and worst of some tries, in milliseconds.
fn measure(what: &str, mut work: impl FnMut() -> usize) {
    let mut times = Vec::new();
    let mut rows = 0;
    for _ in 0..15 {
        let begun = Instant::now();
        rows = work();
        times.push(begun.elapsed().as_secs_f64() * 1e3);
    }
    let first = times[0];
    times.sort_by(f64::total_cmp);
    println!(
        "{what}: {rows} rows, first {first:.2} ms, median {:.2} ms, worst {:.2} ms",
        times[7], times[14]
    );
}

fn memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok());
    kilobytes.unwrap_or(0) / 1024
}

fn main() {
    let runs: u64 = std::env::var("ECHOVOICE_RUNS")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(20_000);
    let folder = tempfile::tempdir().unwrap();
    let home = std::env::var_os("ECHOVOICE_MADE").map_or(folder.path().to_owned(), PathBuf::from);
    {
        let workspace = open(&home, Needs::Record);
        make(&workspace, runs);
        let begun = Instant::now();
        let mut filed = 0;
        while archive::catch_up(&workspace, 200_000).unwrap() > 0 {
            filed += 200_000;
            println!(
                "filed {filed} entries in {:.0} s",
                begun.elapsed().as_secs_f64()
            );
        }
        println!(
            "the index of past runs: {:.0} s",
            begun.elapsed().as_secs_f64()
        );
    }
    println!(
        "ledger {} MB",
        std::fs::metadata(home.join("ledger.redb")).unwrap().len() >> 20
    );
    let begun = Instant::now();
    let workspace = open(&home, Needs::ReadLedger);
    println!(
        "opened in {:.1} ms, {} MB of memory",
        begun.elapsed().as_secs_f64() * 1e3,
        memory()
    );
    measure("newest 50 runs", || {
        queue::page(&workspace, u64::MAX, 50).unwrap().len()
    });
    let middle = workspace.log().unwrap().head().unwrap().size / 2;
    measure("50 runs from the middle", || {
        queue::page(&workspace, middle, 50).unwrap().len()
    });
    measure("50 most urgent", || {
        queue::open(&workspace, queue::RunList::Waiting, 50)
            .unwrap()
            .len()
    });
    measure("50 entries from the middle", || {
        audit::entries(&workspace, middle, 50).unwrap().len()
    });
    for words in [
        "who:officer",
        "what:decision rule:promissory",
        "text:zanzibar",
        "text:repay",
        "run:r-0000000077",
        "reason:measuring what:reject",
        "rule:promissory verdict:block segment:Browsing",
        "who:nobody",
        "until:2025-03-01",
    ] {
        let filter = Filter::parse(words, Utc::now()).unwrap();
        measure(words, || {
            audit::matching(&workspace, &filter, u64::MAX, 50)
                .unwrap()
                .len()
        });
        measure(&format!("{words}, from the middle"), || {
            audit::matching(&workspace, &filter, middle, 50)
                .unwrap()
                .len()
        });
    }
    println!("{} MB of memory", memory());
}
