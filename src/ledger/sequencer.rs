//! One thread that gives entries their place: seals, chains, hashes, signs, and commits in groups.

use super::checkpoint::Checkpoint;
use super::draft::Draft;
use super::entry::{Entry, MAX_ENTRY_BYTES, NewEntry};
use super::handle::{Job, Ready, Receipt, SharedVault};
use super::keys::SigningKey;
use super::log::{AuditLog, Blob, Key, LogError, Page, decode_subject};
use super::tree::{self, Frontier};
use super::vault::{Subject, Vault};
use crate::domain::digest::Digest;
use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, PoisonError};

/// Most entries one commit may hold.
const MOST: usize = 256;

/// Customers read at once for a new epoch.
const SUBJECTS: usize = 1_000;

/// Customers by locator.
type Rows = Vec<([u8; 32], Subject)>;

/// What the writer knows: the log's end, and what it signs and seals with.
pub(super) struct State {
    log: Arc<dyn AuditLog>,
    vault: SharedVault,
    key: SigningKey,
    origin: String,
    frontier: Frontier,
    last: tree::Hash,
    /// It is not known whether the last commit took: look before the next one.
    stale: bool,
}

impl State {
    pub fn load(
        log: Arc<dyn AuditLog>,
        vault: SharedVault,
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
            stale: false,
        })
    }

    /// Works until nobody is left who could ask.
    pub fn run(mut self, jobs: &Receiver<Job>) {
        while let Ok(first) = jobs.recv() {
            self.work(first, jobs);
        }
    }

    /// Does this job first, then works on.
    pub fn run_from(mut self, first: Job, jobs: &Receiver<Job>) {
        self.work(first, jobs);
        self.run(jobs);
    }

    /// A job and those that wait behind it, in one commit.
    fn work(&mut self, first: Job, jobs: &Receiver<Job>) {
        let mut next = Some(first);
        while let Some(job) = next.take() {
            if !job.erase.is_empty() {
                self.erase(job);
                continue;
            }
            let mut count = job.entries.len();
            let mut group = vec![job];
            while count < MOST
                && let Ok(job) = jobs.try_recv()
            {
                if !job.erase.is_empty() {
                    next = Some(job);
                    break;
                }
                count += job.entries.len();
                group.push(job);
            }
            self.commit(group, None);
        }
    }

    /// An erasure has a commit of its own.
    fn erase(&mut self, mut job: Job) {
        let erased = std::mem::take(&mut job.erase);
        let prepared = self
            .are_new(job.entries.iter().map(|(entry, _)| entry))
            .and_then(|()| self.next_epoch(&erased));
        let (next, subjects) = match prepared {
            Ok(prepared) => prepared,
            Err(error) => {
                let _ = job.answer.send(Err(Arc::new(error)));
                return;
            }
        };
        let (answer, done) = sync_channel(1);
        let outer = std::mem::replace(&mut job.answer, answer);
        self.commit(vec![job], Some(subjects));
        let mut outcome = done
            .recv()
            .unwrap_or_else(|_| Err(Arc::new(LogError::Unknown("the writer has stopped".into()))));
        if outcome.is_ok() {
            let ended = next.end_epoch();
            *self.vault.write().unwrap_or_else(PoisonError::into_inner) = next;
            if let Err(error) = ended {
                outcome = Err(Arc::new(LogError::Unknown(format!(
                    "the old vault key could not be destroyed ({error}); start again to finish it"
                ))));
            }
        }
        // Nobody waiting is fine: the entry is durable all the same.
        let _ = outer.send(outcome);
    }

    /// An entry that is there already would commit nothing, and the keys must not change without a commit.
    fn are_new<'e>(&self, entries: impl Iterator<Item = &'e NewEntry>) -> Result<(), LogError> {
        let mut none = true;
        for entry in entries {
            none = false;
            if self.known_id(&entry.id)?.is_some() {
                return Err(LogError::Retry("this is on record already".into()));
            }
        }
        if none {
            return Err(LogError::Retry("an erasure without an entry".into()));
        }
        Ok(())
    }

    /// The next epoch's key, and everybody but the erased wrapped under it.
    fn next_epoch(&self, erased: &[String]) -> Result<(Vault, Rows), LogError> {
        let failed = |e: std::io::Error| LogError::Retry(e.to_string());
        let vault = self.vault.read().unwrap_or_else(PoisonError::into_inner);
        let next = vault.begin_epoch().map_err(failed)?;
        let mut subjects = Vec::new();
        let mut after: Option<[u8; 32]> = None;
        loop {
            let rows = self.log.page(Page::Subjects {
                after: after.as_ref(),
                limit: SUBJECTS,
            })?;
            for (_, row) in &rows {
                let (locator, subject) = row
                    .split_first_chunk::<32>()
                    .and_then(|(locator, rest)| Some((*locator, decode_subject(rest)?)))
                    .ok_or_else(|| LogError::Damaged("a customer's row".into()))?;
                after = Some(locator);
                if !erased.contains(&subject.pseudonym) {
                    subjects.push(vault.rewrap(&next, &subject).map_err(failed)?);
                }
            }
            if rows.len() < SUBJECTS {
                return Ok((next, subjects));
            }
        }
    }

    /// After a commit that failed, what the log says is what counts.
    fn look(&mut self) -> Result<(), LogError> {
        if self.stale {
            let fresh = Self::load(
                self.log.clone(),
                self.vault.clone(),
                self.key.clone(),
                &self.origin,
            )?;
            (self.frontier, self.last) = (fresh.frontier, fresh.last);
            self.stale = false;
        }
        Ok(())
    }

    /// Commits a group. `anew` are the rows of all customers after an erasure.
    fn commit(&mut self, group: Vec<Job>, anew: Option<Rows>) {
        if let Err(error) = self.look() {
            let error = Arc::new(error);
            for job in group {
                let _ = job.answer.send(Err(error.clone()));
            }
            return;
        }
        let (frontier, last) = (self.frontier.clone(), self.last);
        let mut batch = Draft::new(self.frontier.size());
        batch.inner.subjects_anew = anew.is_some();
        batch.inner.subjects = anew.unwrap_or_default();
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
                self.stale = true;
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
        entries: Vec<(NewEntry, Option<Ready>)>,
        batch: &mut Draft,
    ) -> Result<Vec<Receipt>, LogError> {
        entries
            .into_iter()
            .map(|(entry, ready)| self.place(entry, ready, batch))
            .collect()
    }

    fn place(
        &mut self,
        mut new: NewEntry,
        ready: Option<Ready>,
        batch: &mut Draft,
    ) -> Result<Receipt, LogError> {
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
        if let (Some(run), Some(since)) = (&new.run, new.unchanged_since) {
            batch.is_unchanged(self.log.as_ref(), run, since)?;
        }
        let seq = self.frontier.size();
        let subject = match &new.customer {
            Some(customer) => Some(self.subject(customer, batch)?),
            None => None,
        };
        let ready = match ready {
            Some(ready) => ready,
            None => Ready::of(&mut new)?,
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
        for (name, blob) in ready.blobs {
            entry.blobs.insert(name, blob.digest);
            batch.inner.blobs.push(blob);
        }
        if !ready.closed.is_empty() {
            let subject = subject
                .ok_or_else(|| LogError::Retry("a sealed field without a customer".into()))?;
            let vault = self.vault.read().unwrap_or_else(PoisonError::into_inner);
            let key = vault
                .unwrap_key(&subject)
                .map_err(|e| LogError::Damaged(e.to_string()))?;
            for (field, closed) in ready.closed {
                let (sealed, blob) = key
                    .seal(seq, &field, &subject.pseudonym, &closed)
                    .map_err(|e| LogError::Retry(e.to_string()))?;
                batch.inner.blobs.push(Blob::sealed(sealed.blob, blob));
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
        if let Some(subject) = batch.met(customer) {
            return Ok(subject.clone());
        }
        let vault = self.vault.read().unwrap_or_else(PoisonError::into_inner);
        let locator = vault.locator(customer);
        if let Some((_, subject)) = batch.inner.subjects.iter().find(|(l, _)| *l == locator) {
            return Ok(subject.clone());
        }
        if let Some(subject) = self
            .log
            .get(Key::Subject(&locator))?
            .and_then(|b| decode_subject(&b))
        {
            batch.meet(customer, &subject);
            return Ok(subject);
        }
        let subject = vault
            .new_subject(customer)
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
