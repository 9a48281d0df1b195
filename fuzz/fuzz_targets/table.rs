//! A list of customers of any bytes, as JSON, JSON lines or a table, is read or refused.
#![no_main]

use echovoice::service::intake;
use libfuzzer_sys::fuzz_target;
use std::fs;

fuzz_target!(|bytes: &[u8]| {
    let Some((first, rest)) = bytes.split_first() else {
        return;
    };
    let name = ["list.csv", "list.json", "list.jsonl"][usize::from(*first) % 3];
    let path = std::env::temp_dir().join(format!("echovoice-fuzz-{}-{name}", std::process::id()));
    if fs::write(&path, rest).is_ok() {
        let _ = intake::read(&path);
    }
});
