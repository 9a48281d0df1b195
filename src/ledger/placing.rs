//! Gives entries their place in a batch: seals, chains, hashes.

use super::draft::Draft;
use super::entry::{Entry, MAX_ENTRY_BYTES, NewEntry};
use super::handle::{Job, Ready, Receipt};
use super::log::{Blob, Key, LogError, decode_subject};
use super::sequencer::State;
use super::vault::Subject;
use crate::domain::digest::Digest;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::PoisonError;

impl State {
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
        entries: &[(NewEntry, Option<Ready>)],
        batch: &mut Draft,
    ) -> Result<Vec<Receipt>, LogError> {
        entries
            .iter()
            .map(|(entry, ready)| self.place(entry, ready.as_ref(), batch))
            .collect()
    }

    fn place(
        &mut self,
        new: &NewEntry,
        ready: Option<&Ready>,
        batch: &mut Draft,
    ) -> Result<Receipt, LogError> {
        if let Some(seq) = batch.id(&new.id) {
            let bytes = match batch.entry(seq) {
                Some(bytes) => bytes.to_vec(),
                None => self
                    .log
                    .one(Key::Entry(seq))?
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
        let made;
        let ready = match ready {
            Some(ready) => ready,
            None => {
                made = Ready::of(&mut new.clone())?;
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
            kind: new.kind,
            run: new.run.clone(),
            subject: subject.as_ref().map(|s| s.pseudonym.clone()),
            engine: new.engine.clone(),
            pack: new.pack,
            input: new.input,
            data: new.data.clone(),
            blobs: BTreeMap::new(),
            sealed: BTreeMap::new(),
        };
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
                .map_err(|e| LogError::Damaged(e.to_string()))?;
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
        self.last = batch.put(self.log.as_ref(), &entry, bytes, &mut self.frontier)?;
        Ok(Receipt {
            seq,
            hash: Digest(self.last),
        })
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
