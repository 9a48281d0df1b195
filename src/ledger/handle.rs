//! The ledger as the rest of the program has it: appends go to the one who writes, in this process or another; reads
//! go straight to the log.

use super::entry::{Entry, NewEntry};
use super::job::{AppendAnswer, Job, ReadyEntry, SharedVault};
use super::keys::SigningKey;
use super::log::{AuditLog, Head, Key, LogError, decode_subject};
use super::sequencer::SequencerState;
use super::share::client::{Client, Succeed};
use super::vault::Vault;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::thread::JoinHandle;

/// Jobs that may wait before those who ask must.
const WAITING: usize = 1_024;

/// The ledger: appends through the sequencer, reads straight from the log.
pub struct Ledger {
    log: Arc<dyn AuditLog>,
    vault: SharedVault,
    jobs: Mutex<Option<SyncSender<Job>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
    /// The one who writes is in this process.
    here: bool,
}

/// An append under way.
pub struct Pending(Receiver<AppendAnswer>);

impl Pending {
    /// Waits until the entries are durable.
    ///
    /// # Errors
    /// See [`LogError`]; nothing of this call was written unless the error says `Unknown`.
    pub fn wait(self) -> AppendAnswer {
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
        let vault = Arc::new(RwLock::new(vault));
        let state = SequencerState::load(log.clone(), vault.clone(), key, origin)?;
        Self::with(log, vault, true, move |jobs| state.run(&jobs))
    }

    /// Works through the process that writes, and takes its place when it is gone. `log` is open to read.
    ///
    /// # Errors
    /// No thread can be started.
    pub fn join(
        log: Arc<dyn AuditLog>,
        vault: Vault,
        connection: (UnixStream, &Path),
        succeed: Succeed,
    ) -> Result<Self, LogError> {
        let vault = Arc::new(RwLock::new(vault));
        let client = Client::new(connection, vault.clone(), succeed);
        Self::with(log, vault, false, move |jobs| client.run(&jobs))
    }

    fn with(
        log: Arc<dyn AuditLog>,
        vault: SharedVault,
        here: bool,
        work: impl FnOnce(Receiver<Job>) + Send + 'static,
    ) -> Result<Self, LogError> {
        let (sender, jobs) = sync_channel(WAITING);
        let thread = std::thread::Builder::new()
            .name("sequencer".into())
            .spawn(move || work(jobs))
            .map_err(|e| LogError::Retry(e.to_string()))?;
        Ok(Self {
            log,
            vault,
            jobs: Mutex::new(Some(sender)),
            thread: Mutex::new(Some(thread)),
            here,
        })
    }

    /// Hands entries over without waiting; they stay in this order and in one commit.
    pub fn append(&self, entries: Vec<NewEntry>) -> Pending {
        self.send(entries, Vec::new())
    }

    /// Destroys customers' keys, and writes these entries in the same commit. All other customers' keys are wrapped
    /// anew under a new epoch key, and the old one is overwritten.
    pub fn erase(&self, pseudonyms: Vec<String>, entries: Vec<NewEntry>) -> Pending {
        self.send(entries, pseudonyms)
    }

    pub(super) fn send(&self, entries: Vec<NewEntry>, erase: Vec<String>) -> Pending {
        let (answer, receiver) = sync_channel(1);
        let ready = |mut entry: NewEntry| {
            let ready = self.here.then(|| ReadyEntry::of(&mut entry)).transpose()?;
            Ok((entry, ready))
        };
        let entries: Result<_, LogError> = entries.into_iter().map(ready).collect();
        let entries = match entries {
            Ok(entries) => entries,
            Err(error) => {
                // The receiver is here: there is room for one answer.
                let _ = answer.send(Err(Arc::new(error)));
                return Pending(receiver);
            }
        };
        let sender = self
            .jobs
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        if let Some(sender) = sender {
            // A closed channel drops the job, and with it `answer`: `wait` then reports the stopped writer.
            let _ = sender.send(Job {
                entries,
                erase,
                answer,
            });
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
            .one(Key::Pseudonym(pseudonym))?
            .and_then(|b| decode_subject(&b))
        else {
            return Ok(None);
        };
        let Some(sealed) = entry.sealed.get(field) else {
            return Ok(None);
        };
        let Some(blob) = self.log.one(Key::Blob(&sealed.blob))? else {
            return Ok(None);
        };
        let key = self.under_this_epoch(|vault| vault.unwrap_key(&subject).ok());
        Ok(key.and_then(|key| {
            key.open(entry.seq, field, &subject.pseudonym, sealed, &blob)
                .ok()
        }))
    }

    /// A customer's pseudonym, if the log knows them.
    ///
    /// # Errors
    /// The log cannot be read.
    pub fn pseudonym(&self, customer: &str) -> Result<Option<String>, LogError> {
        let find = |vault: &Vault| {
            self.log
                .one(Key::Subject(&vault.locator(customer)))
                .transpose()
        };
        let row = self.under_this_epoch(find).transpose()?;
        let Some(subject) = row.and_then(|row| decode_subject(&row)) else {
            return Ok(None);
        };
        let theirs =
            |vault: &Vault| (vault.customer(&subject).as_deref() == Some(customer)).then_some(());
        match self.under_this_epoch(theirs) {
            Some(()) => Ok(Some(subject.pseudonym)),
            None => Err(LogError::Damaged(
                format!(
                    "the key of {} does not open, or is another customer's",
                    subject.pseudonym
                )
                .into(),
            )),
        }
    }

    /// A customer's own id, by pseudonym; `None` when their key was destroyed.
    ///
    /// # Errors
    /// The log cannot be read.
    pub fn customer_of(&self, pseudonym: &str) -> Result<Option<String>, LogError> {
        let row = self.log.one(Key::Pseudonym(pseudonym))?;
        let subject = row.and_then(|row| decode_subject(&row));
        Ok(subject.and_then(|subject| self.under_this_epoch(|vault| vault.customer(&subject))))
    }

    /// Asks the vault; if it has no answer and another process has begun a new epoch since, once more.
    fn under_this_epoch<T>(&self, ask: impl Fn(&Vault) -> Option<T>) -> Option<T> {
        let vault = self.vault.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(answer) = ask(&vault) {
            return Some(answer);
        }
        let now = vault.again().ok().filter(|now| !now.is(&vault))?;
        drop(vault);
        let answer = ask(&now);
        *self.vault.write().unwrap_or_else(PoisonError::into_inner) = now;
        answer
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
