//! Makes a dictionary for what the ledger packs, from recorded runs of the demo profiles.
//!
//! `ECHOVOICE_DICTIONARY=FILE cargo bench --bench dictionary` writes it. `assets/ledger/v1.dict` was made so and never
//! changes: old ledgers need it. A better one becomes `v2.dict` beside it.

#![allow(clippy::unwrap_used, clippy::cast_precision_loss)]

use echovoice::ledger::entry::Entry;
use echovoice::ledger::log::{Key, Page};
use echovoice::service::home::workspace::Options;
use echovoice::service::run::{Options as RunOptions, Unwatched, start};
use echovoice::service::{Needs, Workspace, intake};
use std::sync::atomic::AtomicBool;

const BYTES: usize = 64 << 10;
const SEEDS: u64 = 6;

fn main() {
    let folder = tempfile::tempdir().unwrap();
    let workspace = Workspace::open(Options {
        home: folder.path(),
        needs: Needs::Record,
        judges: false,
        person: None,
        as_of: None,
        tenant: None,
        progress: &mut |_| {},
    })
    .unwrap();
    for path in intake::list(&folder.path().join("profiles")) {
        for seed in 0..SEEDS {
            let profile = intake::read(&path).unwrap().swap_remove(0).profile;
            let options = RunOptions { seed, record: true };
            let mut session = start(&workspace, profile, options).unwrap();
            session
                .run_on(&workspace, &AtomicBool::new(false), &mut Unwatched)
                .unwrap();
        }
    }
    let ledger = workspace.ledger().unwrap();
    let (mut samples, mut total) = (Vec::new(), 0);
    let everything = Page::Entries {
        before: u64::MAX,
        limit: usize::MAX,
    };
    for (_, bytes) in ledger.log().page(everything).unwrap() {
        let entry = Entry::from_bytes(&bytes).unwrap();
        for field in entry.sealed.keys() {
            samples.extend(ledger.open_sealed(&entry, field).unwrap());
        }
        for digest in entry.blobs.values() {
            samples.extend(ledger.log().one(Key::Blob(digest)).unwrap());
        }
        samples.push(bytes);
    }
    total += samples.iter().map(Vec::len).sum::<usize>();
    let dictionary = zstd::dict::from_samples(&samples, BYTES).unwrap();
    let packed = |mut compressor: zstd::bulk::Compressor<'_>| -> usize {
        samples
            .iter()
            .map(|s| compressor.compress(s).unwrap().len())
            .sum()
    };
    let without = packed(zstd::bulk::Compressor::new(3).unwrap());
    let with = packed(zstd::bulk::Compressor::with_dictionary(3, &dictionary).unwrap());
    println!(
        "{} samples, {total} bytes: {without} packed, {with} with the dictionary",
        samples.len()
    );
    if let Some(file) = std::env::var_os("ECHOVOICE_DICTIONARY") {
        std::fs::write(file, dictionary).unwrap();
    }
}
