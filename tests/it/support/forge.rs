//! An insider who holds the log's key and everybody's, and writes a log past the program: whatever is asked for is
//! chained, hashed and signed as it should be, and no rule is asked.

use crate::support::said::{Forge as _, With as _};
use echovoice::domain::digest::Digest;
use echovoice::ledger::checkpoint::Checkpoint;
use echovoice::ledger::erasure::DataStanding;
use echovoice::ledger::keys::SigningKey;
use echovoice::ledger::log::{Batch, digest_of_customer};
use echovoice::ledger::memory::MemoryLog;
use echovoice::ledger::payload::field::FieldRef;
use echovoice::ledger::roster::row_after;
use echovoice::ledger::summary::RunSummary;
use echovoice::ledger::tree::{self, Frontier};
use echovoice::ledger::vault::{Subject, Vault};
use echovoice::ledger::{AuditLog, Entry, EntryKind, NewEntry};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A log under an insider's hands, and all that is derived from its entries.
pub struct Forge {
    pub log: Arc<MemoryLog>,
    key: SigningKey,
    vault: Vault,
    frontier: Frontier,
    last: [u8; 32],
    runs: BTreeMap<String, RunSummary>,
    people: BTreeMap<String, Vec<u8>>,
    standing: BTreeMap<String, DataStanding>,
    customers: BTreeMap<String, Subject>,
    /// Under the rules of format 2.
    two: bool,
    /// What is put in the place of a field of the next entry's data, by the field's number.
    pub twist: Option<(usize, serde_json::Value)>,
}

impl Forge {
    pub fn new(key: SigningKey) -> Self {
        Self {
            log: Arc::default(),
            key,
            vault: Vault::in_memory([7; 32]),
            frontier: Frontier::default(),
            last: [0; 32],
            runs: BTreeMap::new(),
            people: BTreeMap::new(),
            standing: BTreeMap::new(),
            customers: BTreeMap::new(),
            two: false,
            twist: None,
        }
    }

    /// The pseudonym of a customer whom the log knows.
    pub fn pseudonym(&self, customer: &str) -> String {
        self.customers[customer].pseudonym.clone()
    }

    /// Writes an entry; its number comes back.
    pub fn put(&mut self, mut new: NewEntry) -> u64 {
        let seq = self.frontier.size();
        let mut batch = Batch {
            expected: seq,
            ..Batch::default()
        };
        let subject = new.customer.as_ref().map(|customer| {
            let known = self.customers.entry(customer.clone()).or_insert_with(|| {
                let subject = self.vault.new_subject(customer).unwrap();
                let row = (self.vault.locator(customer), subject.clone());
                batch.subjects.push(row);
                subject
            });
            known.pseudonym.clone()
        });
        let format = new.data.get("format").and_then(FieldRef::as_str);
        self.two |= matches!(format, Some("echovoice-ledger/2" | "echovoice-ledger/3"));
        if self.two
            && let Some((locator, subject)) = batch.subjects.first()
        {
            let hash = digest_of_customer(locator, subject).to_string();
            new = new.with("customer_key", hash);
        }
        if let Some((number, value)) = self.twist.take() {
            new.forge(|data| {
                let names: Vec<String> = data.keys().cloned().collect();
                if let Some(name) = names.get(number % names.len().max(1)) {
                    data.insert(name.clone(), value);
                }
            });
        }
        let entry = Entry {
            actor: new.actor,
            blobs: BTreeMap::new(),
            data: new.data,
            engine: new.engine,
            id: new.id,
            input: new.input,
            pack: new.pack,
            prev: hex::encode(self.last),
            role: new.role,
            run: new.run,
            sealed: BTreeMap::new(),
            seq,
            subject,
            time: new.time,
            v: 1,
        };
        let bytes = entry.to_bytes().unwrap();
        self.frontier.push(tree::leaf(&bytes), |id, hash| {
            if id.level > 0 {
                batch.nodes.push((id, hash));
            }
        });
        self.last = Digest::of(&bytes).0;
        self.derive(&entry, &mut batch);
        batch.entries.push(bytes);
        batch.last = self.last;
        batch.ids.push((entry.id.clone(), seq));
        batch.checkpoint = Checkpoint {
            origin: "insider".into(),
            size: self.frontier.size(),
            root: self.frontier.root(),
        }
        .sign(&self.key);
        self.log.append(&batch).unwrap();
        seq
    }

    fn derive(&mut self, entry: &Entry, batch: &mut Batch) {
        if let Some(run) = &entry.run {
            batch.of_run.push((run.clone(), entry.seq));
            let before = self.runs.get(run).and_then(RunSummary::place);
            if entry.kind() == EntryKind::RunStarted {
                let started = RunSummary::start(entry).unwrap();
                self.runs.insert(run.clone(), started);
            } else if let Some(summary) = self.runs.get_mut(run) {
                summary.apply(entry);
            }
            if let Some(summary) = self.runs.get(run) {
                if before != summary.place() {
                    batch.closed.extend(before);
                    batch.opened.extend(summary.place());
                }
                batch.runs.push((run.clone(), summary.seq, json(summary)));
            }
        }
        if let Some(subject) = DataStanding::of(entry) {
            let standing = self.standing.entry(subject.to_owned()).or_default();
            standing.apply(entry);
            batch.standing.push((subject.to_owned(), json(standing)));
        }
        if let Some(name) = entry.payload().person().and_then(|p| p.name.as_deref())
            && let Some((name, row)) = row_after(entry, self.people.get(name).map(Vec::as_slice))
        {
            self.people.insert(name.clone(), row.clone());
            batch.people.push((name, row));
        }
    }
}

fn json(row: &impl serde::Serialize) -> Vec<u8> {
    serde_json::to_vec(row).unwrap()
}
