//! What any process of the user may say on the ledger's socket is written or refused, and the record that took it
//! verifies: the writer takes nothing that the verifier would not.
#![no_main]

use echovoice::domain::person::Role;
use echovoice::ledger::keys::SigningKey;
use echovoice::ledger::memory::MemoryLog;
use echovoice::ledger::rules::FORMAT;
use echovoice::ledger::share::wire::{Request, Response, read};
use echovoice::ledger::vault::Vault;
use echovoice::ledger::verify::verify;
use echovoice::ledger::{EntryKind, Ledger, NewEntry};
use libfuzzer_sys::fuzz_target;
use serde_json::{Map, Value, json};
use std::io::BufReader;
use std::sync::Arc;

const TIME: &str = "2026-11-25T10:00:00Z";

fn key(seed: u8) -> SigningKey {
    SigningKey::from_seed([seed; 32])
}

fn system(id: &str, kind: EntryKind) -> NewEntry {
    NewEntry::new(id, kind, "system", Role::System, TIME)
}

/// A request of one entry of any kind and role, with any data: the rest of the bytes as JSON, or none.
fn of_parts(kind: u8, who: u8, rest: &[u8]) -> Vec<u8> {
    let kind = EntryKind::ALL[usize::from(kind) % EntryKind::ALL.len()];
    let (actor, role) = [("system", "system"), ("ann", "officer"), ("eva", "admin")][usize::from(who) % 3];
    let data: Map<String, Value> = serde_json::from_slice(rest).unwrap_or_default();
    let run = (who & 128 != 0).then_some("r-1");
    let customer = (who & 64 != 0).then_some("c-1");
    let entry = json!({
        "id": format!("fuzz/{}", kind.as_str()), "time": TIME, "actor": actor, "role": role, "kind": kind.as_str(),
        "run": run, "customer": customer, "engine": null, "pack": null, "input": null, "data": data, "blobs": [],
        "sealed": [], "unchanged_since": null,
    });
    let mut line = json!({"entries": [entry]}).to_string().into_bytes();
    line.push(b'\n');
    line
}

fuzz_target!(|bytes: &[u8]| {
    let [how, kind, who, rest @ ..] = bytes else {
        return;
    };
    let said = if how % 2 == 0 { bytes[1..].to_vec() } else { of_parts(*kind, *who, rest) };
    let mut input = BufReader::new(said.as_slice());
    let mut requests = Vec::new();
    while let Ok(Some(request)) = read::<Request>(&mut input) {
        requests.extend(request.open().ok());
    }
    // The other end reads answers as anybody may have written them.
    if let Ok(Some(answer)) = read::<Response>(&mut BufReader::new(said.as_slice())) {
        let _ = answer.open();
    }
    if requests.is_empty() {
        return;
    }
    let log = Arc::new(MemoryLog::default());
    let vault = Vault::in_memory([7; 32]);
    let Ok(ledger) = Ledger::start(log.clone(), vault, key(1), "fuzz") else {
        return;
    };
    let person = |name: &str, role: &str, seed| {
        system(name, EntryKind::KeyEnrolled)
            .with("name", name)
            .with("role", role)
            .with("key", key(seed).public().to_text())
    };
    let genesis = system("genesis", EntryKind::LogGenesis)
        .with("format", FORMAT)
        .with("people", 2)
        .with("state", Vec::<String>::new());
    let first = vec![genesis, person("ann", "officer", 2), person("eva", "admin", 3)];
    if ledger.append(first).wait().is_err() {
        return;
    }
    for (entries, erase) in requests {
        let pending = if erase.is_empty() { ledger.append(entries) } else { ledger.erase(erase, entries) };
        let _ = pending.wait();
    }
    drop(ledger);
    let report = verify(log.as_ref(), &key(1).public(), None);
    let problem = report.map(|report| report.problem);
    assert!(matches!(problem, Ok(None)), "{problem:?}");
});
