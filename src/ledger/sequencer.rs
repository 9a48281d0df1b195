//! One thread that gives entries their place: seals, chains, hashes, signs, and commits in groups.

use super::checkpoint::Checkpoint;
use super::draft::Draft;
use super::entry::{Entry, MAX_ENTRY_BYTES, NewEntry};
use super::keys::SigningKey;
use super::log::{AuditLog, Head, Key, LogError, decode_subject};
use super::tree::{self, Frontier};
use super::vault::{Subject, Vault};
use crate::domain::digest::Digest;
use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

/// Most entries one commit may hold.
const MOST: usize = 256;

/// Where an entry ended up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    pub seq: u64,
    /// SHA-256 of the entry's bytes.
    pub hash: Digest,
}

type Answer = Result<Vec<Receipt>, Arc<LogError>>;

struct Job {
    entries: Vec<NewEntry>,
    answer: SyncSender<Answer>,
}

/// The ledger: appends through the sequencer, reads straight from the log.
pub struct Ledger {
    log: Arc<dyn AuditLog>,
    vault: Arc<Vault>,
    jobs: Mutex<Option<SyncSender<Job>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// An append under way.
pub struct Pending(Receiver<Answer>);

impl Pending {
    /// Waits until the entries are durable.
    ///
    /// # Errors
    /// See [`LogError`]; nothing of this call was written unless the error says `Unknown`.
    pub fn wait(self) -> Answer {
        self.0.recv().unwrap_or_else(|_| {
            Err(Arc::new(LogError::Unknown(
                "the ledger's writer has stopped".into(),
            )))
        })
    }
}

impl Ledger {
    /// Starts the sequencer on a log.
    ///
    /// # Errors
    /// The log's tail does not fit its last checkpoint, or cannot be read.
    pub fn start(
        log: Arc<dyn AuditLog>,
        vault: Vault,
        key: SigningKey,
        origin: &str,
    ) -> Result<Self, LogError> {
        let vault = Arc::new(vault);
        let state = State::load(log.clone(), vault.clone(), key, origin)?;
        let (sender, jobs) = sync_channel(1_024);
        let thread = std::thread::Builder::new()
            .name("sequencer".into())
            .spawn(move || state.run(&jobs))
            .map_err(|e| LogError::Retry(e.to_string()))?;
        Ok(Self {
            log,
            vault,
            jobs: Mutex::new(Some(sender)),
            thread: Mutex::new(Some(thread)),
        })
    }

    /// Hands entries over without waiting; they stay in this order and in one commit.
    pub fn append(&self, entries: Vec<NewEntry>) -> Pending {
        let (answer, receiver) = sync_channel(1);
        let sender = self
            .jobs
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        if let Some(sender) = sender {
            // A closed channel drops the job, and with it `answer`: `wait` then reports the stopped writer.
            let _ = sender.send(Job { entries, answer });
        }
        Pending(receiver)
    }

    pub fn log(&self) -> &Arc<dyn AuditLog> {
        &self.log
    }

    /// Opens a sealed field of an entry. `None` when the customer's key was destroyed.
    ///
    /// # Errors
    /// The log cannot be read.
    pub fn open_sealed(&self, entry: &Entry, field: &str) -> Result<Option<Vec<u8>>, LogError> {
        let Some(pseudonym) = &entry.subject else {
            return Ok(None);
        };
        let Some(subject) = self
            .log
            .get(Key::Pseudonym(pseudonym))?
            .and_then(|b| decode_subject(&b))
        else {
            return Ok(None);
        };
        let Some(sealed) = entry.sealed.get(field) else {
            return Ok(None);
        };
        let Some(blob) = self.log.get(Key::Blob(&sealed.blob))? else {
            return Ok(None);
        };
        Ok(self
            .vault
            .unwrap_key(&subject)
            .and_then(|key| key.open(entry.seq, field, &subject.pseudonym, sealed, &blob))
            .ok())
    }

    pub fn head(&self) -> Result<Head, LogError> {
        self.log.head()
    }
}

impl Drop for Ledger {
    fn drop(&mut self) {
        // Closing the channel lets the thread finish what it was given.
        self.jobs
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(thread) = self
            .thread
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
        {
            let _ = thread.join();
        }
    }
}

struct State {
    log: Arc<dyn AuditLog>,
    vault: Arc<Vault>,
    key: SigningKey,
    origin: String,
    frontier: Frontier,
    last: tree::Hash,
}

impl State {
    fn load(
        log: Arc<dyn AuditLog>,
        vault: Arc<Vault>,
        key: SigningKey,
        origin: &str,
    ) -> Result<Self, LogError> {
        let head = log.head()?;
        let frontier = load_frontier(log.as_ref(), head.size)?;
        if head.size > 0 {
            let checkpoint =
                Checkpoint::open(&head.checkpoint, &key.public()).map_err(LogError::Damaged)?;
            if checkpoint.size != head.size || checkpoint.root != frontier.root() {
                return Err(LogError::Damaged(
                    "the tail does not fit the last checkpoint".into(),
                ));
            }
        }
        Ok(Self {
            log,
            vault,
            key,
            origin: origin.to_owned(),
            frontier,
            last: head.last,
        })
    }

    fn run(mut self, jobs: &Receiver<Job>) {
        while let Ok(first) = jobs.recv() {
            let mut group = vec![first];
            let mut count = group[0].entries.len();
            while count < MOST
                && let Ok(next) = jobs.try_recv()
            {
                count += next.entries.len();
                group.push(next);
            }
            self.commit(group);
        }
    }

    fn commit(&mut self, group: Vec<Job>) {
        let (frontier, last) = (self.frontier.clone(), self.last);
        let mut batch = Draft::new(self.frontier.size());
        let mut answers = Vec::with_capacity(group.len());
        for job in group {
            let mark = batch.mark();
            let state = (self.frontier.clone(), self.last);
            match self.place_all(job.entries, &mut batch) {
                Ok(receipts) => answers.push((job.answer, Ok(receipts))),
                Err(error) => {
                    // This job alone is refused; what the others wrote stands.
                    batch.back_to(&mark);
                    (self.frontier, self.last) = state;
                    answers.push((job.answer, Err(Arc::new(error))));
                }
            }
        }
        if !batch.inner.entries.is_empty() {
            let checkpoint = Checkpoint {
                origin: self.origin.clone(),
                size: self.frontier.size(),
                root: self.frontier.root(),
            }
            .sign(&self.key);
            if let Err(error) = self.log.append(&batch.finish(self.last, checkpoint)) {
                (self.frontier, self.last) = (frontier, last);
                let error = Arc::new(error);
                for (_, answer) in &mut answers {
                    if answer.is_ok() {
                        *answer = Err(error.clone());
                    }
                }
            }
        }
        for (sender, answer) in answers {
            // Nobody waiting is fine: the entry is durable all the same.
            let _ = sender.send(answer);
        }
    }

    fn place_all(
        &mut self,
        entries: Vec<NewEntry>,
        batch: &mut Draft,
    ) -> Result<Vec<Receipt>, LogError> {
        entries
            .into_iter()
            .map(|entry| self.place(entry, batch))
            .collect()
    }

    fn place(&mut self, new: NewEntry, batch: &mut Draft) -> Result<Receipt, LogError> {
        if let Some(seq) = batch
            .id(&new.id)
            .map_or_else(|| self.known_id(&new.id), |seq| Ok(Some(seq)))?
        {
            let bytes = match batch.entry(seq) {
                Some(bytes) => bytes.to_vec(),
                None => self
                    .log
                    .get(Key::Entry(seq))?
                    .ok_or_else(|| LogError::Damaged(format!("entry {seq} is missing")))?,
            };
            return Ok(Receipt {
                seq,
                hash: Digest::of(&bytes),
            });
        }
        let seq = self.frontier.size();
        let subject = match &new.customer {
            Some(customer) => Some(self.subject(customer, batch)?),
            None => None,
        };
        let mut entry = Entry {
            v: 1,
            seq,
            prev: hex::encode(self.last),
            id: new.id.clone(),
            time: new.time,
            actor: new.actor,
            role: new.role,
            kind: new.kind,
            run: new.run,
            subject: subject.as_ref().map(|s| s.pseudonym.clone()),
            engine: new.engine,
            pack: new.pack,
            input: new.input,
            data: new.data,
            blobs: BTreeMap::new(),
            sealed: BTreeMap::new(),
        };
        for (name, bytes) in new.blobs {
            let digest = Digest::of(&bytes);
            entry.blobs.insert(name, digest);
            batch.inner.blobs.push((digest, bytes));
        }
        if !new.sealed.is_empty() {
            let subject = subject
                .ok_or_else(|| LogError::Retry("a sealed field without a customer".into()))?;
            let key = self
                .vault
                .unwrap_key(&subject)
                .map_err(|e| LogError::Damaged(e.to_string()))?;
            for (field, plaintext) in new.sealed {
                let (sealed, blob) = key
                    .seal(seq, &field, &subject.pseudonym, &plaintext)
                    .map_err(|e| LogError::Retry(e.to_string()))?;
                batch.inner.blobs.push((sealed.blob, blob));
                entry.sealed.insert(field, sealed);
            }
        }
        let bytes = entry
            .to_bytes()
            .map_err(|e| LogError::Retry(e.to_string()))?;
        if bytes.len() > MAX_ENTRY_BYTES {
            return Err(LogError::Retry(format!(
                "an entry of {} bytes; the limit is {MAX_ENTRY_BYTES}",
                bytes.len()
            )));
        }
        self.last = batch.put(self.log.as_ref(), &entry, bytes, &mut self.frontier)?;
        Ok(Receipt {
            seq,
            hash: Digest(self.last),
        })
    }

    fn known_id(&self, id: &str) -> Result<Option<u64>, LogError> {
        let found = self.log.get(Key::Id(id))?;
        Ok(found
            .and_then(|b| b.try_into().ok())
            .map(u64::from_be_bytes))
    }

    fn subject(&self, customer: &str, batch: &mut Draft) -> Result<Subject, LogError> {
        let locator = self.vault.locator(customer);
        if let Some((_, subject)) = batch.inner.subjects.iter().find(|(l, _)| *l == locator) {
            return Ok(subject.clone());
        }
        if let Some(subject) = self
            .log
            .get(Key::Subject(&locator))?
            .and_then(|b| decode_subject(&b))
        {
            return Ok(subject);
        }
        let subject = self
            .vault
            .new_subject()
            .map_err(|e| LogError::Retry(e.to_string()))?;
        batch.inner.subjects.push((locator, subject.clone()));
        Ok(subject)
    }
}

/// The tree's right edge from stored hashes.
pub fn load_frontier(log: &dyn AuditLog, size: u64) -> Result<Frontier, LogError> {
    Frontier::load(size, |id| {
        log.hashes(&[id])?.pop().flatten().ok_or_else(|| {
            LogError::Damaged(format!(
                "a tree hash is missing (level {}, index {})",
                id.level, id.index
            ))
        })
    })
}
