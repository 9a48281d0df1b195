//! Gives entries their place in a batch: seals, chains, hashes.

use super::draft::Draft;
use super::entry::{Entry, EntryKind, MAX_ENTRY_BYTES, NewEntry};
use super::job::{Job, ReadyEntry, Receipt};
use super::log::{Blob, Key, LogError, decode_subject, digest_of_customer, digest_of_customers};
use super::payload::{ClockJumpPayload, Payload};
use super::rules::clock;
use super::sequencer::SequencerState;
use super::vault::Subject;
use crate::domain::digest::Digest;
use crate::domain::person::Role;
use crate::ledger::refusal::{ClockRefusal, TimeError, WriterRefusal};
use chrono::{DateTime, Utc};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::PoisonError;

impl SequencerState {
    /// Asks the log once for all that a group's entries need to know.
    pub(super) fn prefetch(&self, group: &[Job], batch: &mut Draft) -> Result<(), LogError> {
        let entries = || group.iter().flat_map(|job| &job.entries).map(|(e, _)| e);
        let runs: BTreeSet<&str> = entries().filter_map(|e| e.run.as_deref()).collect();
        let customers: BTreeSet<&str> = entries().filter_map(|e| e.customer.as_deref()).collect();
        let locators: Vec<_> = {
            let vault = self.vault.read().unwrap_or_else(PoisonError::into_inner);
            customers.iter().map(|c| vault.locator(c)).collect()
        };
        let keys: Vec<Key<'_>> = (runs.iter().map(|run| Key::Run(run)))
            .chain(locators.iter().map(Key::Subject))
            .chain(entries().map(|e| Key::Id(&e.id)))
            .collect();
        let mut found = self.log.get(&keys)?.into_iter();
        for (run, row) in runs.into_iter().zip(found.by_ref()) {
            batch.touch(run, row.as_deref())?;
        }
        for (customer, row) in customers.into_iter().zip(found.by_ref()) {
            if let Some(subject) = row.and_then(|row| decode_subject(&row)) {
                let vault = self.vault.read().unwrap_or_else(PoisonError::into_inner);
                if vault.customer(&subject).as_deref() != Some(customer) {
                    let other = format!(
                        "the key of {} does not open, or is another customer's",
                        subject.pseudonym
                    );
                    return Err(LogError::Damaged(other.into()));
                }
                batch.meet(customer, subject);
            }
        }
        for (entry, seq) in entries().zip(found) {
            if let Some(seq) = seq.and_then(|b| b.try_into().ok()).map(u64::from_be_bytes) {
                batch.recall(&entry.id, seq);
            }
        }
        Ok(())
    }

    pub(super) fn place_all(
        &mut self,
        entries: &[(NewEntry, Option<ReadyEntry>)],
        batch: &mut Draft,
    ) -> Result<Vec<Receipt>, LogError> {
        let place = |(entry, ready): &(NewEntry, Option<ReadyEntry>)| {
            // Of the clock the writer speaks for itself.
            if self.admission.holds() && entry.kind() == EntryKind::ClockJump {
                return Err(LogError::Refused(WriterRefusal::Jump.into()));
            }
            self.place(entry, ready.as_ref(), batch)
        };
        entries.iter().map(place).collect()
    }

    fn place(
        &mut self,
        new: &NewEntry,
        ready: Option<&ReadyEntry>,
        batch: &mut Draft,
    ) -> Result<Receipt, LogError> {
        if let Some(seq) = batch.id(&new.id) {
            let bytes = match batch.entry(seq) {
                Some(bytes) => bytes.to_vec(),
                None => self
                    .log
                    .one(Key::Entry(seq))?
                    .ok_or_else(|| LogError::Damaged(format!("entry {seq} is missing").into()))?,
            };
            return Ok(Receipt {
                seq,
                hash: Digest::of(&bytes),
            });
        }
        if let (Some(run), Some(since)) = (&new.run, new.unchanged_since) {
            batch.is_unchanged(self.log.as_ref(), run, since)?;
        }
        if new.kind() != EntryKind::ClockJump {
            self.is_in_time(new, batch)?;
        }
        let seq = self.frontier.size();
        let before = batch.inner.subjects.len();
        let subject = match &new.customer {
            Some(customer) => Some(self.subject(customer, batch)?),
            None => None,
        };
        let made_now = batch.inner.subjects.get(before);
        let made;
        let ready = match ready {
            Some(ready) => ready,
            None => {
                made = ReadyEntry::of(&mut new.clone())?;
                &made
            }
        };
        let mut entry = Entry {
            v: 1,
            seq,
            prev: hex::encode(self.last),
            id: new.id.clone(),
            time: new.time.clone(),
            actor: new.actor.clone(),
            role: new.role,
            run: new.run.clone(),
            subject: subject.as_ref().map(|s| s.pseudonym.clone()),
            engine: new.engine.clone(),
            pack: new.pack,
            input: new.input,
            data: new.data.clone(),
            blobs: BTreeMap::new(),
            sealed: BTreeMap::new(),
        };
        if self.admission.holds()
            || matches!(new.kind(), EntryKind::LogGenesis | EntryKind::LogRules)
        {
            let made = made_now.map(|(locator, subject)| digest_of_customer(locator, subject));
            self.commit_to_customers(&mut entry, made, batch)?;
        }
        for (name, blob) in &ready.blobs {
            entry.blobs.insert(name.clone(), blob.digest);
            batch.inner.blobs.push(blob.clone());
        }
        if !ready.closed.is_empty() {
            let subject = subject
                .ok_or_else(|| LogError::Retry("a sealed field without a customer".into()))?;
            let vault = self.vault.read().unwrap_or_else(PoisonError::into_inner);
            let key = vault
                .unwrap_key(&subject)
                .map_err(|e| LogError::Damaged(e.into()))?;
            for (field, closed) in &ready.closed {
                let (sealed, blob) = key
                    .seal(seq, field, &subject.pseudonym, closed)
                    .map_err(|e| LogError::Retry(e.to_string()))?;
                batch.inner.blobs.push(Blob::sealed(sealed.blob, blob));
                entry.sealed.insert(field.clone(), sealed);
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
        self.admission.admit(self.log.as_ref(), batch, &entry)?;
        self.last = batch.put(self.log.as_ref(), &entry, bytes, &mut self.frontier)?;
        Ok(Receipt {
            seq,
            hash: Digest(self.last),
        })
    }

    /// Which keys of customers there are stands in the entries: of a new customer, and of all after an erasure. Nobody
    /// else says so.
    fn commit_to_customers(
        &self,
        entry: &mut Entry,
        made: Option<Digest>,
        batch: &Draft,
    ) -> Result<(), LogError> {
        for name in ["customer_key", "customers", "epoch"] {
            if entry.data.names(name) {
                return Err(LogError::Refused(WriterRefusal::OwnField(name).into()));
            }
        }
        if let Some(made) = made {
            entry.data.keys.customer_key = Some(made.into());
        }
        let all = match entry.kind() {
            EntryKind::ErasureExecuted if batch.customers.is_none() => {
                return Err(LogError::Refused(WriterRefusal::EmptyErasure.into()));
            }
            EntryKind::ErasureExecuted => batch.customers,
            EntryKind::LogRules => {
                let mut rows = Vec::new();
                self.log.customers(&mut |locator, subject| {
                    rows.push((locator, subject));
                    Ok::<_, LogError>(())
                })?;
                Some(digest_of_customers(&rows))
            }
            EntryKind::LogGenesis => None,
            _ => return Ok(()),
        };
        if let Some(all) = all {
            entry.data.keys.customers = Some(all.into());
        }
        if let Some(epoch) = batch.inner.epoch {
            entry.data.keys.epoch = Some(epoch.into());
        }
        Ok(())
    }

    /// A time that has not come is no time of an entry. One that lies before the last ones is either late, and refused,
    /// or the machine's clock was set back: then that goes on record first.
    fn is_in_time(&mut self, new: &NewEntry, batch: &mut Draft) -> Result<(), LogError> {
        if !self.admission.holds() {
            return Ok(());
        }
        let time = DateTime::parse_from_rfc3339(&new.time)
            .map_err(|_| LogError::Refused(TimeError::Unreadable.into()))?;
        let now = Utc::now();
        if time > now + clock::WRITERS {
            let future = WriterRefusal::Future(new.time.clone());
            return Err(LogError::Refused(future.into()));
        }
        let Some((number, from)) = self.admission.clock.must_jump(&new.time) else {
            return Ok(());
        };
        if time < now - clock::WRITERS {
            let time = new.time.clone();
            let late = ClockRefusal::Backwards { time, newest: from };
            return Err(LogError::Refused(late.into()));
        }
        let id = clock::jump_id(number);
        let said = Payload::ClockJump(ClockJumpPayload { from: Some(from) });
        let jump = NewEntry::new(id, said, "system", Role::System, &new.time);
        self.place(&jump, None, batch).map(drop)
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
        let subject = vault
            .new_subject(customer)
            .map_err(|e| LogError::Retry(e.to_string()))?;
        batch.inner.subjects.push((locator, subject.clone()));
        Ok(subject)
    }
}
