//! One thread that gives entries their place: seals, chains, hashes, signs, and commits in groups.

use super::checkpoint::Checkpoint;
use super::draft::Draft;
use super::entry::NewEntry;
use super::job::{AppendAnswer, Job, SharedVault};
use super::keys::SigningKey;
use super::log::{AuditLog, LogError, digest_of_customers};
use super::payload::Payload;
use super::rules::Admission;
use super::tail::{self, load_frontier};
use super::tree::{self, Frontier};
use super::vault::{Subject, Vault};
use crate::domain::digest::Digest;
use crate::ledger::refusal::WriterRefusal;
use std::collections::BTreeSet;
use std::sync::mpsc::Receiver;
use std::sync::{Arc, PoisonError};

/// Most entries one commit may hold.
const MOST: usize = 256;

/// Times that a group is placed anew while other processes move the head.
const TRIES: usize = 256;

/// Commits in turn after another process was faster: whoever waits for its turn does nothing in vain.
const IN_TURN: usize = 64;

/// Customers by locator.
type Rows = Vec<([u8; 32], Subject)>;

/// What the writer knows: the log's end, and what it signs and seals with.
pub(super) struct SequencerState {
    pub(super) log: Arc<dyn AuditLog>,
    pub(super) vault: SharedVault,
    key: SigningKey,
    origin: String,
    pub(super) frontier: Frontier,
    pub(super) last: tree::Hash,
    /// What may be written.
    pub(super) admission: Admission,
    /// It is not known whether the last commit took: look before the next one.
    stale: bool,
    /// Commits that are still made in turn.
    in_turn: usize,
}

impl SequencerState {
    pub fn load(
        log: Arc<dyn AuditLog>,
        vault: SharedVault,
        key: SigningKey,
        origin: &str,
    ) -> Result<Self, LogError> {
        tail::check(log.as_ref(), &key.public())?;
        let mut state = Self {
            log,
            vault,
            key,
            origin: origin.to_owned(),
            frontier: Frontier::default(),
            last: tree::Hash::default(),
            admission: Admission::default(),
            stale: true,
            in_turn: 0,
        };
        state.look()?;
        Ok(state)
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
            self.commit(group);
        }
    }

    /// An erasure has a commit of its own.
    fn erase(&mut self, job: Job) {
        let answer = again(|| self.try_erase(&job));
        // Nobody waiting is fine: the entry is durable all the same.
        let _ = job.answer.send(answer.unwrap_or_else(|e| Err(Arc::new(e))));
    }

    fn try_erase(&mut self, job: &Job) -> Result<AppendAnswer, LogError> {
        // Another process may have erased since.
        self.stale = true;
        self.look()?;
        let _alone = self.alone()?;
        self.are_new(job.entries.iter().map(|(entry, _)| entry))?;
        is_on_record(job)?;
        let (next, subjects) = self.next_epoch(&job.erase)?;
        let anew = Some((next.name(), subjects));
        let mut answers = self.try_commit(std::slice::from_ref(job), anew)?;
        let receipts = match answers.pop() {
            Some(Ok(receipts)) => receipts,
            Some(refused) => return Ok(refused),
            None => return Ok(Ok(Vec::new())),
        };
        let ended = next.end_epoch();
        *self.vault.write().unwrap_or_else(PoisonError::into_inner) = next;
        ended.map_err(|error| {
            LogError::Unknown(format!(
                "the old vault key could not be destroyed ({error}); start again to finish it"
            ))
        })?;
        Ok(Ok(receipts))
    }

    /// From here on no other process begins or ends an epoch.
    fn alone(&self) -> Result<Option<std::fs::File>, LogError> {
        let failed = |e: std::io::Error| LogError::Retry(e.to_string());
        let vault = self.vault.read().unwrap_or_else(PoisonError::into_inner);
        let lock = vault.lock().map_err(failed)?;
        if lock.is_some() && !vault.again().map_err(failed)?.is(&vault) {
            return Err(LogError::Fenced("a customer was erased meanwhile".into()));
        }
        Ok(lock)
    }

    /// An entry that is there already would commit nothing, and the keys must not change without a commit.
    fn are_new<'e>(&self, entries: impl Iterator<Item = &'e NewEntry>) -> Result<(), LogError> {
        let mut none = true;
        for entry in entries {
            none = false;
            if self.log.seq_of(&entry.id)?.is_some() {
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
        self.log.customers(&mut |_, subject| {
            if !erased.contains(&subject.pseudonym) {
                subjects.push(vault.rewrap(&next, &subject).map_err(failed)?);
            }
            Ok::<_, LogError>(())
        })?;
        Ok((next, subjects))
    }

    /// At the start, and after a commit that failed: what the log says is what counts.
    fn look(&mut self) -> Result<(), LogError> {
        if !self.stale {
            return Ok(());
        }
        let head = self.log.head()?;
        let frontier = load_frontier(self.log.as_ref(), head.size)?;
        if head.size > 0 {
            let checkpoint = Checkpoint::open(&head.checkpoint, &self.key.public())?;
            if checkpoint.size != head.size || checkpoint.root != frontier.root() {
                return Err(LogError::Damaged(
                    "the tail does not fit the last checkpoint".into(),
                ));
            }
        }
        if let Some(epoch) = &head.epoch {
            self.follow(epoch)?;
        }
        if self.frontier.size() != head.size || self.last != head.last || head.size == 0 {
            self.admission.look(self.log.as_ref(), head.size)?;
        }
        (self.frontier, self.last, self.stale) = (frontier, head.last, false);
        Ok(())
    }

    /// The vault must be that of the epoch in which customers' keys are.
    fn follow(&self, epoch: &Digest) -> Result<(), LogError> {
        let vault = self.vault.read().unwrap_or_else(PoisonError::into_inner);
        if vault.name() == *epoch {
            return Ok(());
        }
        let now = vault.follow(epoch).ok().filter(|now| now.name() == *epoch);
        drop(vault);
        let now = now.ok_or_else(|| {
            LogError::Keys(
                "vault.key is of another ledger, or not of the last erasure; bring the right one, or read \
                 and verify this ledger and start a new home"
                    .into(),
            )
        })?;
        *self.vault.write().unwrap_or_else(PoisonError::into_inner) = now;
        Ok(())
    }

    /// Commits a group and answers.
    fn commit(&mut self, group: Vec<Job>) {
        let answers = again(|| self.try_commit(&group, None)).unwrap_or_else(|error| {
            let error = Arc::new(error);
            group.iter().map(|_| Err(error.clone())).collect()
        });
        for (job, answer) in group.into_iter().zip(answers) {
            // Nobody waiting is fine: the entry is durable all the same.
            let _ = job.answer.send(answer);
        }
    }

    /// Commits a group; `anew` are epoch and rows of all customers after an erasure. An answer a job comes back, or the
    /// one error of them all.
    fn try_commit(
        &mut self,
        group: &[Job],
        anew: Option<(Digest, Rows)>,
    ) -> Result<Vec<AppendAnswer>, LogError> {
        let log = self.log.clone();
        let turn = match self.in_turn {
            0 => None,
            _ => log.turn()?,
        };
        let before = self.last;
        self.stale |= turn.is_some();
        self.look()?;
        if turn.is_some() {
            // As long as others write too.
            self.in_turn = if before == self.last {
                self.in_turn - 1
            } else {
                IN_TURN
            };
        }
        let (frontier, last) = (self.frontier.clone(), self.last);
        let admission = self.admission.clone();
        let mut batch = Draft::new(self.frontier.size());
        self.prefetch(group, &mut batch)?;
        batch.inner.epoch = Some(match anew {
            Some((epoch, subjects)) => {
                batch.inner.subjects_anew = true;
                batch.customers = Some(digest_of_customers(&subjects));
                batch.inner.subjects = subjects;
                epoch
            }
            None => {
                let vault = self.vault.read().unwrap_or_else(PoisonError::into_inner);
                vault.name()
            }
        });
        let mut answers: Vec<AppendAnswer> = Vec::with_capacity(group.len());
        for job in group {
            let mark = batch.mark();
            let state = (self.frontier.clone(), self.last, self.admission.clone());
            let placed = self.place_all(&job.entries, &mut batch);
            if placed.is_err() {
                // This job alone is refused; what the others wrote stands.
                batch.back_to(&mark);
                (self.frontier, self.last, self.admission) = state;
            }
            answers.push(placed.map_err(Arc::new));
        }
        if batch.inner.entries.is_empty() {
            return Ok(answers);
        }
        let checkpoint = Checkpoint {
            origin: self.origin.clone(),
            size: self.frontier.size(),
            root: self.frontier.root(),
        }
        .sign(&self.key);
        let batch = batch.finish(self.last, checkpoint);
        let stored = match turn {
            Some(turn) => turn.append(&batch),
            None => self.log.append(&batch),
        };
        let Err(error) = stored else {
            return Ok(answers);
        };
        (self.frontier, self.last, self.admission) = (frontier, last, admission);
        self.stale = true;
        if matches!(error, LogError::Fenced(_)) {
            self.in_turn = IN_TURN;
            return Err(error);
        }
        let error = Arc::new(error);
        for answer in answers.iter_mut().filter(|answer| answer.is_ok()) {
            *answer = Err(error.clone());
        }
        Ok(answers)
    }
}

/// Nobody's key is destroyed but by an entry that says so.
fn is_on_record(job: &Job) -> Result<(), LogError> {
    let entries = job.entries.iter().map(|(entry, _)| entry);
    let said: BTreeSet<&str> = entries
        .filter_map(|entry| match &entry.data.payload {
            Payload::ErasureExecuted(erasure) => erasure.subject.as_deref(),
            _ => None,
        })
        .collect();
    if job
        .erase
        .iter()
        .map(String::as_str)
        .collect::<BTreeSet<_>>()
        == said
    {
        Ok(())
    } else {
        Err(LogError::Refused(WriterRefusal::KeyWithoutErasure.into()))
    }
}

/// Tries anew as long as another process was faster: somebody always gets on.
fn again<T>(mut attempt: impl FnMut() -> Result<T, LogError>) -> Result<T, LogError> {
    for _ in 0..TRIES {
        match attempt() {
            Err(LogError::Fenced(_)) => {}
            settled => return settled,
        }
    }
    Err(LogError::Retry(
        "other processes write to this ledger all the time".into(),
    ))
}
