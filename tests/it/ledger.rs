//! The record under attack and under load: every backend alike.

use crate::support::said::With as _;
use echovoice::domain::person::Role;
use echovoice::ledger::keys::SigningKey;
use echovoice::ledger::log::{AuditLog, Batch, Counts, Key, Page};
use echovoice::ledger::memory::MemoryLog;
use echovoice::ledger::redb::{OpenError, RedbLog};
use echovoice::ledger::vault::Vault;
use echovoice::ledger::verify::verify;
use echovoice::ledger::{Entry, EntryKind, Ledger, NewEntry};
use proptest::prelude::*;
use std::sync::Arc;

const ORIGIN: &str = "echovoice.local/test";

fn key() -> SigningKey {
    SigningKey::from_seed([3; 32])
}

fn start(log: Arc<dyn AuditLog>) -> Ledger {
    Ledger::start(log, Vault::in_memory([9; 32]), key(), ORIGIN).unwrap()
}

fn run_entries(run: &str, customer: &str) -> Vec<NewEntry> {
    let time = "2026-11-23T10:00:00Z";
    let entry = |id: &str, kind| {
        let mut e =
            NewEntry::new(format!("{run}/{id}"), kind, "system", Role::System, time).run(run);
        e.customer = Some(customer.to_owned());
        e
    };
    let mut started = entry("started", EntryKind::RunStarted).with("channel", "email");
    started
        .sealed
        .push(("profile".into(), b"{\"name\":\"Ann Lee\"}".to_vec()));
    let mut segment = entry("segment", EntryKind::SegmentDone).with("segment", "BrowsingOnly");
    segment.blobs.push(("segment".into(), vec![b'x'; 5_000]));
    vec![
        started,
        segment,
        entry("analyze", EntryKind::AnalyticsDone).with("winner", "A"),
    ]
}

fn filled(log: Arc<dyn AuditLog>, runs: usize) -> Ledger {
    let ledger = start(log);
    for n in 0..runs {
        ledger
            .append(run_entries(&format!("r-{n}"), &format!("c-{}", n % 3)))
            .wait()
            .unwrap();
    }
    ledger
}

#[test]
fn a_customers_key_that_is_missing_without_an_erasure_is_found() {
    let log = Arc::new(MemoryLog::default());
    let ledger = filled(log.clone(), 3);
    let head = ledger.head().unwrap();
    let nobody = Batch {
        expected: head.size,
        last: head.last,
        checkpoint: head.checkpoint,
        subjects_anew: true,
        ..Batch::default()
    };
    log.append(&nobody).unwrap();
    let report = verify(log.as_ref(), &key().public(), None).unwrap();
    assert!(!report.ok);
    let problem = report.problem.unwrap();
    assert!(problem.contains("no erasure explains it"), "{problem}");
}

#[test]
fn memory_and_redb_tell_the_same_story() {
    let folder = tempfile::tempdir().unwrap();
    let logs: [Arc<dyn AuditLog>; 2] = [
        Arc::new(MemoryLog::default()),
        Arc::new(RedbLog::open(&folder.path().join("l.redb")).unwrap()),
    ];
    let mut pages = Vec::new();
    for log in logs {
        let ledger = filled(log.clone(), 7);
        let report = verify(log.as_ref(), &key().public(), None).unwrap();
        assert!(report.ok, "{:?}", report.problem);
        assert_eq!(report.entries, 21);
        let runs = log
            .page(Page::Runs {
                before: u64::MAX,
                limit: 3,
            })
            .unwrap();
        let older = log
            .page(Page::Runs {
                before: runs[2].0,
                limit: 10,
            })
            .unwrap();
        let of_run = log.page(Page::OfRun { run: "r-5" }).unwrap();
        pages.push((
            runs.iter().chain(&older).map(|r| r.0).collect::<Vec<_>>(),
            of_run.iter().map(|r| r.0).collect::<Vec<_>>(),
        ));
        let entry = Entry::from_bytes(&of_run[0].1).unwrap();
        assert_eq!(
            ledger.open_sealed(&entry, "profile").unwrap().unwrap(),
            b"{\"name\":\"Ann Lee\"}"
        );
    }
    assert_eq!(pages[0], pages[1]);
    assert_eq!(pages[0].0, [18, 15, 12, 9, 6, 3, 0]);
}

#[test]
fn an_id_is_written_once_and_a_refused_entry_harms_no_other() {
    let ledger = start(Arc::new(MemoryLog::default()));
    let first = ledger.append(run_entries("r-1", "c")).wait().unwrap();
    let again = ledger.append(run_entries("r-1", "c")).wait().unwrap();
    assert_eq!(first, again);
    let mut float = NewEntry::new(
        "bad",
        EntryKind::Feedback,
        "system",
        Role::System,
        "2026-11-23T10:00:00Z",
    )
    .with("score", 0.5);
    float.run = Some("r-1".into());
    let bad = ledger.append(vec![float]);
    let good = ledger.append(run_entries("r-2", "c"));
    assert!(bad.wait().is_err());
    assert_eq!(good.wait().unwrap()[0].seq, 3);
    assert!(
        verify(ledger.log().as_ref(), &key().public(), None)
            .unwrap()
            .ok
    );
}

#[test]
fn a_killed_writers_log_opens_again_and_a_second_writer_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("l.redb");
    let ledger = filled(Arc::new(RedbLog::open(&path).unwrap()), 3);
    assert!(matches!(RedbLog::open(&path), Err(OpenError::Locked)));
    let reader = RedbLog::open_read_only(&path).unwrap();
    assert_eq!(reader.head().unwrap().size, 9);
    ledger.append(run_entries("r-new", "c")).wait().unwrap();
    assert_eq!(reader.head().unwrap().size, 12, "a reader follows live");
    drop(ledger);
    drop(reader);
    let again = start(Arc::new(RedbLog::open(&path).unwrap()));
    assert_eq!(again.head().unwrap().size, 12);
}

#[test]
fn a_wrong_head_is_fenced_off() {
    let log = MemoryLog::default();
    let batch = Batch {
        expected: 5,
        ..Batch::default()
    };
    assert!(
        log.append(&batch)
            .unwrap_err()
            .to_string()
            .contains("another process")
    );
}

#[test]
fn a_pinned_checkpoint_shows_a_cut_tail_and_a_rewritten_log() {
    let long: Arc<dyn AuditLog> = Arc::new(MemoryLog::default());
    let pin = {
        let ledger = filled(long.clone(), 4);
        ledger.head().unwrap().checkpoint
    };
    assert!(
        verify(long.as_ref(), &key().public(), Some(&pin))
            .unwrap()
            .ok
    );
    let short: Arc<dyn AuditLog> = Arc::new(MemoryLog::default());
    drop(filled(short.clone(), 3));
    let cut = verify(short.as_ref(), &key().public(), Some(&pin)).unwrap();
    assert!(!cut.ok && cut.problem.unwrap().contains("tail was removed"));
    let other: Arc<dyn AuditLog> = Arc::new(MemoryLog::default());
    drop(filled(other.clone(), 5));
    let rewritten = verify(other.as_ref(), &key().public(), Some(&pin)).unwrap();
    assert!(!rewritten.ok, "sealed values differ, so the roots do");
    assert!(
        !verify(
            long.as_ref(),
            &SigningKey::from_seed([4; 32]).public(),
            None
        )
        .unwrap()
        .ok
    );
}

/// A log whose answers to one question are changed.
struct Tampered {
    inner: Arc<dyn AuditLog>,
    entry: Option<(u64, Vec<u8>)>,
    blob: Option<Vec<u8>>,
    hide_run: bool,
}

impl AuditLog for Tampered {
    fn append(&self, batch: &Batch) -> Result<(), echovoice::ledger::LogError> {
        self.inner.append(batch)
    }
    fn head(&self) -> Result<echovoice::ledger::log::Head, echovoice::ledger::LogError> {
        self.inner.head()
    }
    fn get(&self, keys: &[Key<'_>]) -> Result<Vec<Option<Vec<u8>>>, echovoice::ledger::LogError> {
        let told = |key: &Key<'_>| {
            if let (Key::Entry(seq), Some((at, bytes))) = (key, &self.entry)
                && seq == at
            {
                return Ok(Some(bytes.clone()));
            }
            if let (Key::Blob(_), Some(bytes)) = (key, &self.blob) {
                return Ok(Some(bytes.clone()));
            }
            if matches!(key, Key::Run(_)) && self.hide_run {
                return Ok(None);
            }
            self.inner.one(*key)
        };
        keys.iter().map(told).collect()
    }
    fn page(&self, page: Page<'_>) -> Result<Vec<(u64, Vec<u8>)>, echovoice::ledger::LogError> {
        let mut rows = self.inner.page(page)?;
        if let (Page::Entries { .. }, Some((at, bytes))) = (page, &self.entry) {
            for row in rows.iter_mut().filter(|row| row.0 == *at) {
                row.1.clone_from(bytes);
            }
        }
        Ok(rows)
    }
    fn hashes(
        &self,
        nodes: &[echovoice::ledger::tree::NodeId],
    ) -> Result<Vec<Option<echovoice::ledger::tree::Hash>>, echovoice::ledger::LogError> {
        self.inner.hashes(nodes)
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    /// Flip any bit of any entry: the first bad sequence number is that entry's or the next one's.
    #[test]
    fn any_flipped_bit_of_an_entry_is_found(at in 0u64..9, byte in 0usize..2_000, bit in 0u8..8) {
        let inner: Arc<dyn AuditLog> = Arc::new(MemoryLog::default());
        drop(filled(inner.clone(), 3));
        let mut bytes = inner.one(Key::Entry(at)).unwrap().unwrap();
        let byte = byte % bytes.len();
        bytes[byte] ^= 1 << bit;
        let log = Tampered { inner, entry: Some((at, bytes)), blob: None, hide_run: false };
        let report = verify(&log, &key().public(), None).unwrap();
        prop_assert!(!report.ok);
        prop_assert!(report.first_bad.unwrap() <= at + 1);
    }
}

#[test]
fn changed_blobs_missing_rows_and_reformatted_json_are_found() {
    let inner: Arc<dyn AuditLog> = Arc::new(MemoryLog::default());
    drop(filled(inner.clone(), 2));
    let check = |log: &Tampered| verify(log, &key().public(), None).unwrap();
    let blob = Tampered {
        inner: inner.clone(),
        entry: None,
        blob: Some(b"other".to_vec()),
        hide_run: false,
    };
    assert!(check(&blob).problem.unwrap().contains("blob was changed"));
    let hidden = Tampered {
        inner: inner.clone(),
        entry: None,
        blob: None,
        hide_run: true,
    };
    assert!(check(&hidden).problem.unwrap().contains("list of runs"));
    for change in [
        |s: String| format!("\u{feff}{s}"),
        |s: String| s.replace("\":", "\": "),
        |s: String| format!("{s}\r\n"),
    ] {
        let text = String::from_utf8(inner.one(Key::Entry(1)).unwrap().unwrap()).unwrap();
        let log = Tampered {
            inner: inner.clone(),
            entry: Some((1, change(text).into_bytes())),
            blob: None,
            hide_run: false,
        };
        assert_eq!(check(&log).first_bad, Some(1));
    }
}

#[test]
fn a_delivery_without_an_approval_is_found() {
    let log: Arc<dyn AuditLog> = Arc::new(MemoryLog::default());
    let ledger = filled(log.clone(), 1);
    let delivery = NewEntry::new(
        "d",
        EntryKind::Delivery,
        "system",
        Role::System,
        "2026-11-23T10:00:00Z",
    )
    .run("r-0")
    .with("status", "delivered")
    .with("artifact", "sha256:aa");
    ledger.append(vec![delivery]).wait().unwrap();
    let report = verify(log.as_ref(), &key().public(), None).unwrap();
    assert!(
        report
            .problem
            .unwrap()
            .contains("without an earlier approval")
    );
    assert_eq!(report.first_bad, Some(3));
}

/// A log with a row more, or another one, than its entries explain.
struct Meddled {
    inner: Arc<MemoryLog>,
    more: Counts,
    unlisted: Option<u64>,
    demo: bool,
}

impl AuditLog for Meddled {
    fn append(&self, batch: &Batch) -> Result<(), echovoice::ledger::LogError> {
        self.inner.append(batch)
    }
    fn head(&self) -> Result<echovoice::ledger::log::Head, echovoice::ledger::LogError> {
        self.inner.head()
    }
    fn get(&self, keys: &[Key<'_>]) -> Result<Vec<Option<Vec<u8>>>, echovoice::ledger::LogError> {
        let mut rows = self.inner.get(keys)?;
        for (row, key) in rows.iter_mut().zip(keys) {
            if matches!(key, Key::OfRun(_, seq) if Some(*seq) == self.unlisted) {
                *row = None;
            }
        }
        Ok(rows)
    }
    fn page(&self, page: Page<'_>) -> Result<Vec<(u64, Vec<u8>)>, echovoice::ledger::LogError> {
        let mut rows = self.inner.page(page)?;
        if matches!(page, Page::People) && self.demo {
            let text = String::from_utf8(rows[0].1.clone()).unwrap();
            rows[0].1 = text.replace("true", "false").into_bytes();
        }
        Ok(rows)
    }
    fn hashes(
        &self,
        nodes: &[echovoice::ledger::tree::NodeId],
    ) -> Result<Vec<Option<echovoice::ledger::tree::Hash>>, echovoice::ledger::LogError> {
        self.inner.hashes(nodes)
    }
    fn counts(&self) -> Result<Option<Counts>, echovoice::ledger::LogError> {
        let n = self.inner.counts()?.unwrap();
        let more = self.more;
        Ok(Some(Counts {
            entries: n.entries + more.entries,
            ids: n.ids + more.ids,
            of_run: n.of_run + more.of_run,
            nodes: n.nodes + more.nodes,
            blobs: n.blobs + more.blobs,
            checkpoints: n.checkpoints + more.checkpoints,
            runs: n.runs + more.runs,
            open: n.open + more.open,
            people: n.people + more.people,
            standing: n.standing + more.standing,
            subjects: n.subjects,
        }))
    }
}

#[test]
fn no_table_holds_a_row_that_no_entry_explains() {
    let inner = Arc::new(MemoryLog::default());
    let ledger = start(inner.clone());
    let demo = NewEntry::new(
        "ann",
        EntryKind::KeyEnrolled,
        "system",
        Role::System,
        "2026-11-23T10:00:00Z",
    )
    .with("name", "ann")
    .with("role", "officer")
    .with("key", key().public().to_text())
    .with("demo", true);
    ledger.append(vec![demo]).wait().unwrap();
    ledger.append(run_entries("r-1", "c-1")).wait().unwrap();
    drop(ledger);
    let problem = |more, unlisted, demo| {
        let inner = inner.clone();
        let log = Meddled {
            inner,
            more,
            unlisted,
            demo,
        };
        verify(&log, &key().public(), None).unwrap().problem
    };
    let none = Counts::default();
    assert_eq!(problem(none, None, false), None);
    for more in [
        Counts { entries: 1, ..none },
        Counts { ids: 1, ..none },
        Counts { of_run: 1, ..none },
        Counts { nodes: 1, ..none },
        Counts { blobs: 1, ..none },
        Counts {
            checkpoints: 1,
            ..none
        },
        Counts { runs: 1, ..none },
        Counts { open: 1, ..none },
        Counts { people: 1, ..none },
        Counts {
            standing: 1,
            ..none
        },
    ] {
        let found = problem(more, None, false).unwrap();
        assert!(found.contains("rows, and the entries explain"), "{found}");
    }
    let found = problem(none, Some(2), false).unwrap();
    assert!(found.contains("listed under its run"), "{found}");
    let found = problem(none, None, true).unwrap();
    assert!(found.contains("roster"), "{found}");
}
