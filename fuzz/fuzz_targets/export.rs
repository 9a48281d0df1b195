//! An export with a file of any bytes is taken back or refused, and what is taken back is verified. A file that the
//! manifest did not sign for is never taken.
#![no_main]

use echovoice::domain::person::Role;
use echovoice::ledger::evidence::{Exported, Span, export, read_customers, restore, seal};
use echovoice::ledger::keys::SigningKey;
use echovoice::ledger::memory::MemoryLog;
use echovoice::ledger::rules::FORMAT;
use echovoice::ledger::vault::Vault;
use echovoice::ledger::verify::verify;
use echovoice::ledger::{EntryKind, Ledger, NewEntry};
use libfuzzer_sys::fuzz_target;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

const TIME: &str = "2026-11-25T10:00:00Z";

fn key(seed: u8) -> SigningKey {
    SigningKey::from_seed([seed; 32])
}

/// An export of a small record, and its files with their bytes.
struct Made {
    folder: PathBuf,
    done: Exported,
    files: Vec<(PathBuf, Vec<u8>)>,
}

fn entry(id: &str, kind: EntryKind, by: (&str, Role)) -> NewEntry {
    NewEntry::new(id, kind, by.0, by.1, TIME)
}

fn made() -> &'static Made {
    static MADE: OnceLock<Made> = OnceLock::new();
    MADE.get_or_init(|| {
        let log = Arc::new(MemoryLog::default());
        let vault = Vault::in_memory([7; 32]);
        let ledger = Ledger::start(log.clone(), vault, key(1), "fuzz").expect("a new ledger");
        let (system, ann) = (("system", Role::System), ("ann", Role::Officer));
        let mut run = entry("r-1/started", EntryKind::RunStarted, ann).run("r-1");
        run.customer = Some("c-1".into());
        run.sealed.push(("profile".into(), b"{}".to_vec()));
        run.blobs.push(("facts".into(), b"facts".to_vec()));
        let first = vec![
            entry("genesis", EntryKind::LogGenesis, system)
                .with("format", FORMAT)
                .with("people", 1)
                .with("state", Vec::<String>::new()),
            entry("ann", EntryKind::KeyEnrolled, system)
                .with("name", "ann")
                .with("role", "officer")
                .with("key", key(2).public().to_text()),
        ];
        ledger.append(first).wait().expect("the genesis");
        ledger.append(vec![run]).wait().expect("a run");
        drop(ledger);
        let folder = std::env::temp_dir().join(format!("echovoice-fuzz-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        let (span, public) = (Span::default(), key(1).public());
        let done = export(log.as_ref(), &public, &span, &folder, &mut |_, _| {}).expect("an export");
        seal(&folder, &done, &span, &key(1)).expect("a manifest");
        let mut files = Vec::new();
        below(&folder, &mut files);
        files.sort();
        Made { folder, done, files }
    })
}

fn below(folder: &Path, files: &mut Vec<(PathBuf, Vec<u8>)>) {
    for path in fs::read_dir(folder).expect("a folder").flatten().map(|entry| entry.path()) {
        if path.is_dir() {
            below(&path, files);
        } else {
            let bytes = fs::read(&path).expect("a file");
            files.push((path, bytes));
        }
    }
}

/// Whether the export as it lies there is taken back.
fn taken(folder: &Path) -> bool {
    let public = key(1).public();
    let Ok(customers) = read_customers(folder) else {
        return false;
    };
    let log = MemoryLog::default();
    if restore(folder, &public, customers, &log, &mut |_, _| {}).is_err() {
        return false;
    }
    // Whatever it says: it can be read.
    let _ = verify(&log, &public, None);
    true
}

fuzz_target!(|bytes: &[u8]| {
    let [which, how, at, rest @ ..] = bytes else {
        return;
    };
    let made = made();
    let (path, before) = &made.files[usize::from(*which) % made.files.len()];
    let at = usize::from(*at) * before.len() / 256;
    let changed = match how % 3 {
        0 => rest.to_vec(),
        1 => [&before[..at], rest].concat(),
        _ => [&before[..at], rest, &before[at..]].concat(),
    };
    if fs::write(path, &changed).is_err() {
        return;
    }
    let signed = how & 128 != 0;
    if signed {
        // Whoever has the log's key signs for it: every reader behind the manifest is reached.
        let _ = seal(&made.folder, &made.done, &Span::default(), &key(1));
    }
    let taken = taken(&made.folder);
    assert!(signed || !taken || changed == *before, "{}", path.display());
    for (path, bytes) in &made.files {
        let _ = fs::write(path, bytes);
    }
});
