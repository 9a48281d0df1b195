//! A disk that loses power, fails or is full, under the real ledger: no acknowledged entry is lost, nothing wrong is
//! read, and work goes on where it stopped. `ECHOVOICE_CUTS` sets how many power cuts are tried (400); every failure
//! names its seed.

use crate::support::said::With as _;
use echovoice::domain::person::Role;
use echovoice::ledger::keys::SigningKey;
use echovoice::ledger::log::Key;
use echovoice::ledger::redb::RedbLog;
use echovoice::ledger::vault::Vault;
use echovoice::ledger::verify::verify;
use echovoice::ledger::{AuditLog, EntryKind, Ledger, LogError, NewEntry, Receipt};
use redb::{Database, StorageBackend};
use std::io::{Error, ErrorKind};
use std::sync::{Arc, Mutex};

/// Bytes that a disk writes at once.
const SECTOR: usize = 512;

/// A small generator: the same seed gives the same faults.
#[derive(Clone, Debug)]
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        // SplitMix64 (Steele, Lea, Flood 2014).
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }
}

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fault {
    None,
    /// From this operation on there is no power.
    CutAt(u64),
    /// These operations fail.
    Fails {
        from: u64,
        to: u64,
    },
    /// No byte may lie beyond.
    FullAt(usize),
}

#[derive(Debug)]
enum Op {
    Write(usize, Vec<u8>),
    Length(usize),
}

/// The disk: what a program reads, what surely survives, and what is on its way.
#[derive(Debug)]
struct Disk {
    seen: Vec<u8>,
    durable: Vec<u8>,
    pending: Vec<Op>,
    fault: Fault,
    operations: u64,
}

#[derive(Clone, Debug)]
struct Shared(Arc<Mutex<Disk>>);

fn put(bytes: &mut Vec<u8>, at: usize, data: &[u8]) {
    if bytes.len() < at + data.len() {
        bytes.resize(at + data.len(), 0);
    }
    bytes[at..at + data.len()].copy_from_slice(data);
}

impl Disk {
    fn holding(image: Vec<u8>, fault: Fault) -> Shared {
        Shared(Arc::new(Mutex::new(Self {
            seen: image.clone(),
            durable: image,
            pending: Vec::new(),
            fault,
            operations: 0,
        })))
    }

    fn step(&mut self) -> Result<(), Error> {
        self.operations += 1;
        let fails = match self.fault {
            Fault::CutAt(at) => self.operations >= at,
            Fault::Fails { from, to } => (from..to).contains(&self.operations),
            Fault::None | Fault::FullAt(_) => false,
        };
        if fails {
            Err(Error::other("the disk does not answer"))
        } else {
            Ok(())
        }
    }

    fn room(&self, end: usize) -> Result<(), Error> {
        match self.fault {
            Fault::FullAt(most) if end > most => {
                Err(Error::new(ErrorKind::StorageFull, "no space left"))
            }
            _ => Ok(()),
        }
    }

    /// What a disk may hold after the power went: of what was not synced, each sector is kept, dropped or torn.
    fn after_the_cut(&self, dice: &mut Dice) -> Vec<u8> {
        let mut image = self.durable.clone();
        for op in &self.pending {
            match op {
                Op::Length(length) if dice.below(2) == 0 => image.resize(*length, 0),
                Op::Length(_) => {}
                Op::Write(at, data) => {
                    for (index, sector) in data.chunks(SECTOR).enumerate() {
                        let kept = match dice.below(3) {
                            0 => 0,
                            1 => sector.len(),
                            _ => dice.below(sector.len() as u64 + 1) as usize,
                        };
                        put(&mut image, at + index * SECTOR, &sector[..kept]);
                    }
                }
            }
        }
        image
    }
}

impl StorageBackend for Shared {
    fn len(&self) -> Result<u64, Error> {
        Ok(self.0.lock().unwrap().seen.len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> Result<(), Error> {
        let disk = self.0.lock().unwrap();
        let at = offset as usize;
        let found = disk.seen.get(at..at + out.len());
        out.copy_from_slice(found.ok_or_else(|| Error::from(ErrorKind::UnexpectedEof))?);
        Ok(())
    }

    fn set_len(&self, len: u64) -> Result<(), Error> {
        let mut disk = self.0.lock().unwrap();
        disk.step()?;
        disk.room(len as usize)?;
        disk.seen.resize(len as usize, 0);
        disk.pending.push(Op::Length(len as usize));
        Ok(())
    }

    fn sync_data(&self) -> Result<(), Error> {
        let mut disk = self.0.lock().unwrap();
        disk.step()?;
        disk.durable = disk.seen.clone();
        disk.pending.clear();
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> Result<(), Error> {
        let mut disk = self.0.lock().unwrap();
        disk.step()?;
        disk.room(offset as usize + data.len())?;
        put(&mut disk.seen, offset as usize, data);
        disk.pending.push(Op::Write(offset as usize, data.to_vec()));
        Ok(())
    }
}

fn open(disk: &Shared) -> Result<Arc<RedbLog>, echovoice::ledger::redb::OpenError> {
    let disk = disk.clone();
    let opener = move || {
        Database::builder()
            .set_cache_size(1 << 20)
            .create_with_backend(disk.clone())
    };
    RedbLog::on(Box::new(opener)).map(Arc::new)
}

fn key() -> SigningKey {
    SigningKey::from_seed([3; 32])
}

fn start(log: Arc<RedbLog>) -> Result<Ledger, LogError> {
    Ledger::start(log, Vault::in_memory([9; 32]), key(), "faults")
}

/// A run's first entries.
fn run(number: u64) -> Vec<NewEntry> {
    let id = format!("r-{number}");
    let entry = |name: &str, kind| {
        let mut entry = NewEntry::new(
            format!("{id}/{name}"),
            kind,
            "system",
            Role::System,
            "2026-11-25T10:00:00Z",
        )
        .run(&id);
        entry.customer = Some(format!("c-{}", number % 7));
        entry
    };
    let mut started = entry("started", EntryKind::RunStarted);
    let words = format!("message {number} ").repeat(usize::try_from(number % 5).unwrap() * 60 + 1);
    started.sealed.push(("profile".into(), words.into_bytes()));
    vec![
        started,
        entry("analyze", EntryKind::AnalyticsDone).with("winner", "A"),
    ]
}

/// A ledger on a whole disk, with some runs.
fn prepared(runs: u64) -> Vec<u8> {
    let disk = Disk::holding(Vec::new(), Fault::None);
    let log = open(&disk).unwrap();
    let ledger = start(log.clone()).unwrap();
    for number in 0..runs {
        ledger.append(run(number)).wait().unwrap();
    }
    drop((ledger, log));
    let disk = disk.0.lock().unwrap();
    disk.durable.clone()
}

/// Everything acknowledged is there with its hash, the whole verifies, and more can be written.
fn holds(image: Vec<u8>, acknowledged: &[Receipt], seed: u64) {
    let disk = Disk::holding(image, Fault::None);
    let log = open(&disk).unwrap_or_else(|e| panic!("seed {seed}: not opened: {e}"));
    let report = verify(log.as_ref(), &key().public(), None).unwrap();
    assert!(report.ok, "seed {seed}: {:?}", report.problem);
    for receipt in acknowledged {
        let bytes = log.get(&[Key::Entry(receipt.seq)]).unwrap().remove(0);
        let hash = bytes.map(|bytes| echovoice::domain::digest::Digest::of(&bytes));
        assert_eq!(
            hash,
            Some(receipt.hash),
            "seed {seed}: entry {} is lost",
            receipt.seq
        );
    }
    let ledger = start(log.clone()).unwrap();
    ledger.append(run(1_000_000)).wait().unwrap();
    drop(ledger);
    let report = verify(log.as_ref(), &key().public(), None).unwrap();
    assert!(
        report.ok,
        "seed {seed}: after going on: {:?}",
        report.problem
    );
}

#[test]
fn no_power_cut_loses_what_was_acknowledged() {
    let cuts: u64 = std::env::var("ECHOVOICE_CUTS")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(400);
    let whole = prepared(6);
    let mut written = 0;
    for seed in 0..cuts {
        let mut dice = Dice(seed);
        let disk = Disk::holding(whole.clone(), Fault::CutAt(1 + dice.below(220)));
        let mut acknowledged = Vec::new();
        if let Ok(ledger) = open(&disk).map(|log| start(log).unwrap()) {
            for number in 100..200 {
                match ledger.append(run(number)).wait() {
                    Ok(receipts) => acknowledged.extend(receipts),
                    Err(_) => break,
                }
            }
        }
        written += acknowledged.len();
        let image = disk.0.lock().unwrap().after_the_cut(&mut dice);
        holds(image, &acknowledged, seed);
    }
    assert!(
        written as u64 > cuts,
        "the cuts fell within the work: {written}"
    );
}

#[test]
fn an_error_of_the_disk_is_told_and_the_next_try_goes_on() {
    let whole = prepared(3);
    for seed in 0..60 {
        let mut dice = Dice(1_000 + seed);
        let from = 12 + dice.below(120);
        let fault = Fault::Fails {
            from,
            to: from + 1 + dice.below(3),
        };
        let disk = Disk::holding(whole.clone(), fault);
        let Ok(log) = open(&disk) else { continue };
        let ledger = start(log.clone()).unwrap();
        let (mut acknowledged, mut errors) = (Vec::new(), 0);
        for number in 100..130 {
            // What was refused is asked for again, as a user would; ids make that safe.
            let mut tries = 0;
            loop {
                match ledger.append(run(number)).wait() {
                    Ok(receipts) => {
                        acknowledged.extend(receipts);
                        break;
                    }
                    Err(error) => {
                        errors += 1;
                        tries += 1;
                        assert!(tries < 6, "seed {seed}: {error}");
                    }
                }
            }
        }
        assert_eq!(acknowledged.len(), 60, "seed {seed}");
        drop((ledger, log));
        let image = disk.0.lock().unwrap().durable.clone();
        holds(image, &acknowledged, seed);
        assert!(errors < 6, "seed {seed}: {errors}");
    }
}

#[test]
fn a_full_disk_is_told_nothing_is_lost_and_space_is_enough_to_go_on() {
    let whole = prepared(3);
    let disk = Disk::holding(whole.clone(), Fault::FullAt(whole.len() + 300_000));
    let log = open(&disk).unwrap();
    let ledger = start(log.clone()).unwrap();
    let mut acknowledged = Vec::new();
    let mut told = None;
    for number in 100..4_000 {
        match ledger.append(run(number)).wait() {
            Ok(receipts) => acknowledged.extend(receipts),
            Err(error) => {
                told = Some((number, error));
                break;
            }
        }
    }
    let (number, error) = told.unwrap();
    assert!(matches!(*error, LogError::Full(_)), "{error}");
    assert!(error.to_string().contains("the disk is full"));
    disk.0.lock().unwrap().fault = Fault::None;
    acknowledged.extend(ledger.append(run(number)).wait().unwrap());
    drop((ledger, log));
    let image = disk.0.lock().unwrap().durable.clone();
    holds(image, &acknowledged, 0);
}
