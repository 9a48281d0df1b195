//! Durable runs a second with eight producers, beside what the disk itself can do; and the time to verify.
//!
//! No micro-benchmark: rates of one run of this program, printed once. `ECHOVOICE_ENTRIES` sets how many entries are
//! verified (100,000).

#![allow(clippy::unwrap_used, clippy::cast_precision_loss)]

use echovoice::domain::person::Role;
use echovoice::ledger::keys::SigningKey;
use echovoice::ledger::redb::RedbLog;
use echovoice::ledger::vault::Vault;
use echovoice::ledger::verify::verify;
use echovoice::ledger::{AuditLog, EntryKind, Ledger, NewEntry};
use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

const PRODUCERS: u64 = 8;
const TIME: &str = "2026-11-25T10:00:00Z";
const LONG: Duration = Duration::from_secs(4);
/// Bytes of a run's messages, verdicts and citations, as the demo has them.
const RUN_BYTES: usize = 8_700;

fn words(bytes: usize, number: u64) -> Vec<u8> {
    let sentence =
        format!("Run {number}: you may repay early at no cost, and a late fee may apply. ");
    sentence.bytes().cycle().take(bytes).collect()
}

/// The six entries of a run, in one append: on disk together or not at all.
fn run(number: u64) -> Vec<NewEntry> {
    let id = format!("r-{number}");
    let entry = |name: &str, kind| {
        let mut entry =
            NewEntry::new(format!("{id}/{name}"), kind, "system", Role::System, TIME).run(&id);
        entry.customer = Some(format!("c-{}", number % 1_000));
        entry
    };
    let part = RUN_BYTES / 5;
    let sealed = |mut entry: NewEntry, field: &str| {
        entry.sealed.push((field.into(), words(part, number)));
        entry
    };
    let open = |mut entry: NewEntry, name: &str| {
        entry.blobs.push((name.into(), words(part, number)));
        entry
    };
    vec![
        sealed(entry("started", EntryKind::RunStarted), "profile"),
        open(entry("segment", EntryKind::SegmentDone), "segment"),
        open(entry("retrieve", EntryKind::RetrieveDone), "retrieved"),
        sealed(entry("generate", EntryKind::VariantGenerated), "variants"),
        sealed(entry("gate", EntryKind::GateResult), "gate"),
        entry("analyze", EntryKind::AnalyticsDone),
    ]
}

fn start(path: &Path) -> (Arc<RedbLog>, Ledger, SigningKey) {
    let log = Arc::new(RedbLog::open(path).unwrap());
    let key = SigningKey::from_seed([3; 32]);
    let ledger =
        Ledger::start(log.clone(), Vault::in_memory([9; 32]), key.clone(), "bench").unwrap();
    (log, ledger, key)
}

/// Appends of a run's size, each synced: what the disk allows without grouping.
fn raw(folder: &Path) -> f64 {
    let mut file = File::create(folder.join("raw")).unwrap();
    let bytes = words(8_192, 1);
    let (mut count, begun) = (0_u32, Instant::now());
    while begun.elapsed() < LONG {
        file.write_all(&bytes).unwrap();
        file.sync_data().unwrap();
        count += 1;
    }
    f64::from(count) / begun.elapsed().as_secs_f64()
}

fn durable(folder: &Path, producers: u64) -> (f64, f64, f64) {
    let (_log, ledger, _key) = start(&folder.join(format!("{producers}.redb")));
    let next = AtomicU64::new(0);
    let begun = Instant::now();
    let mut times: Vec<f64> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..producers)
            .map(|_| {
                scope.spawn(|| {
                    let mut times = Vec::new();
                    while begun.elapsed() < LONG {
                        let number = next.fetch_add(1, Ordering::Relaxed);
                        let asked = Instant::now();
                        ledger.append(run(number)).wait().unwrap();
                        times.push(asked.elapsed().as_secs_f64() * 1e3);
                    }
                    times
                })
            })
            .collect();
        threads
            .into_iter()
            .flat_map(|t| t.join().unwrap())
            .collect()
    });
    let rate = times.len() as f64 / begun.elapsed().as_secs_f64();
    times.sort_by(f64::total_cmp);
    (rate, times[times.len() / 2], times[times.len() * 99 / 100])
}

fn main() {
    let folder = tempfile::tempdir().unwrap();
    let disk = raw(folder.path());
    println!("8 KB append and fdatasync: {disk:.0}/s");
    for producers in [1, PRODUCERS] {
        let (rate, p50, p99) = durable(folder.path(), producers);
        println!(
            "{producers} producers: {rate:.0} durable runs/s ({:.0} entries/s), p50 {p50:.2} ms, p99 {p99:.2} ms; {:.2} of the disk",
            rate * 6.0,
            rate / disk
        );
    }
    let wanted: u64 = std::env::var("ECHOVOICE_ENTRIES")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(100_000);
    let path = folder.path().join("verify.redb");
    let (log, ledger, key) = start(&path);
    let runs = wanted.div_ceil(6);
    let mut pending = Vec::new();
    for number in 0..runs {
        pending.push(ledger.append(run(number)));
        if pending.len() == 500 {
            for p in pending.drain(..) {
                p.wait().unwrap();
            }
        }
    }
    for p in pending {
        p.wait().unwrap();
    }
    let begun = Instant::now();
    let report = verify(log.as_ref() as &dyn AuditLog, &key.public(), None).unwrap();
    assert!(report.ok, "{:?}", report.problem);
    println!(
        "verified {} entries and {} blobs in {:.2} s; {} bytes a run on disk",
        report.entries,
        report.blobs,
        begun.elapsed().as_secs_f64(),
        std::fs::metadata(&path).unwrap().len() / runs
    );
}
