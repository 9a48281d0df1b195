//! A log in memory: for tests, previews, and as the yardstick of the other backends.

use super::log::{AuditLog, Batch, Counts, Head, Key, LogError, Page, encode_subject};
use super::tree::{self, Hash, NodeId};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

#[derive(Default)]
struct Tables {
    head: Head,
    entries: Vec<Vec<u8>>,
    nodes: BTreeMap<NodeId, Hash>,
    blobs: BTreeMap<[u8; 32], Vec<u8>>,
    ids: BTreeMap<String, u64>,
    of_run: BTreeMap<String, Vec<u64>>,
    runs: BTreeMap<u64, Vec<u8>>,
    run_seq: BTreeMap<String, u64>,
    open: BTreeSet<(String, u64)>,
    people: BTreeMap<String, Vec<u8>>,
    standing: BTreeMap<String, Vec<u8>>,
    subjects: BTreeMap<[u8; 32], Vec<u8>>,
    pseudonyms: BTreeMap<String, Vec<u8>>,
    checkpoints: BTreeMap<u64, String>,
}

impl Tables {
    fn under(&self, key: Key<'_>) -> Option<Vec<u8>> {
        match key {
            Key::Entry(seq) => usize::try_from(seq)
                .ok()
                .and_then(|i| self.entries.get(i).cloned()),
            Key::Blob(digest) => self.blobs.get(&digest.0).cloned(),
            Key::Id(id) => self.ids.get(id).map(|seq| seq.to_be_bytes().to_vec()),
            Key::OfRun(run, seq) => (self.of_run.get(run))
                .is_some_and(|seqs| seqs.contains(&seq))
                .then(Vec::new),
            Key::Run(run) => self
                .run_seq
                .get(run)
                .and_then(|seq| self.runs.get(seq).cloned()),
            Key::Person(name) => self.people.get(name).cloned(),
            Key::Standing(name) => self.standing.get(name).cloned(),
            Key::Subject(locator) => self.subjects.get(locator).cloned(),
            Key::Pseudonym(name) => self.pseudonyms.get(name).cloned(),
            Key::Checkpoint(size) => self.checkpoints.get(&size).map(|c| c.clone().into_bytes()),
        }
    }
}

/// See the module's words.
#[derive(Default)]
pub struct MemoryLog {
    tables: Mutex<Tables>,
}

impl MemoryLog {
    fn tables(&self) -> MutexGuard<'_, Tables> {
        self.tables.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl AuditLog for MemoryLog {
    fn append(&self, batch: &Batch) -> Result<(), LogError> {
        let mut t = self.tables();
        batch.fits(&t.head)?;
        t.entries.extend(batch.entries.iter().cloned());
        t.nodes.extend(batch.nodes.iter().copied());
        t.blobs
            .extend(batch.blobs.iter().map(|b| (b.digest.0, b.bytes.clone())));
        t.ids.extend(batch.ids.iter().cloned());
        for (run, seq) in &batch.of_run {
            t.of_run.entry(run.clone()).or_default().push(*seq);
        }
        for (run, seq, summary) in &batch.runs {
            t.run_seq.insert(run.clone(), *seq);
            t.runs.insert(*seq, summary.clone());
        }
        for place in &batch.closed {
            t.open.remove(place);
        }
        t.open.extend(batch.opened.iter().cloned());
        t.standing.extend(batch.standing.iter().cloned());
        t.people.extend(batch.people.iter().cloned());
        if batch.subjects_anew {
            t.subjects.clear();
            t.pseudonyms.clear();
        }
        t.pseudonyms.extend(
            batch
                .subjects
                .iter()
                .map(|(_, s)| (s.pseudonym.clone(), encode_subject(s))),
        );
        t.subjects
            .extend(batch.subjects.iter().map(|(l, s)| (*l, encode_subject(s))));
        let size = batch.expected + batch.entries.len() as u64;
        t.checkpoints.insert(size, batch.checkpoint.clone());
        t.head = Head {
            size,
            last: batch.last,
            checkpoint: batch.checkpoint.clone(),
            epoch: batch.epoch.or(t.head.epoch),
        };
        Ok(())
    }

    fn head(&self) -> Result<Head, LogError> {
        Ok(self.tables().head.clone())
    }

    fn get(&self, keys: &[Key<'_>]) -> Result<Vec<Option<Vec<u8>>>, LogError> {
        let t = self.tables();
        Ok(keys.iter().map(|key| t.under(*key)).collect())
    }

    fn page(&self, page: Page<'_>) -> Result<Vec<(u64, Vec<u8>)>, LogError> {
        let t = self.tables();
        Ok(match page {
            Page::Entries { before, limit } => (0..before.min(t.head.size))
                .rev()
                .take(limit)
                .filter_map(|seq| Some((seq, t.entries.get(usize::try_from(seq).ok()?)?.clone())))
                .collect(),
            Page::OfRun { run } => t
                .of_run
                .get(run)
                .into_iter()
                .flatten()
                .filter_map(|seq| Some((*seq, t.entries.get(usize::try_from(*seq).ok()?)?.clone())))
                .collect(),
            Page::Runs { before, limit } => t
                .runs
                .range(..before)
                .rev()
                .take(limit)
                .map(|(s, v)| (*s, v.clone()))
                .collect(),
            Page::Open { list, after, limit } => t
                .open
                .iter()
                .filter(|(place, _)| place.starts_with(list.prefix()))
                .filter(|(place, seq)| after.is_none_or(|after| (place.as_str(), *seq) > after))
                .take(limit)
                .filter_map(|(_, seq)| Some((*seq, t.runs.get(seq)?.clone())))
                .collect(),
            Page::Subjects { after, limit } => t
                .subjects
                .iter()
                .filter(|(locator, _)| after.is_none_or(|after| *locator > after))
                .take(limit)
                .map(|(locator, subject)| (0, [locator.as_slice(), subject].concat()))
                .collect(),
            Page::Standing => t.standing.values().map(|v| (0, v.clone())).collect(),
            Page::People => t.people.values().map(|v| (0, v.clone())).collect(),
        })
    }

    fn counts(&self) -> Result<Option<Counts>, LogError> {
        let t = self.tables();
        Ok(Some(Counts {
            entries: t.entries.len() as u64,
            ids: t.ids.len() as u64,
            of_run: t.of_run.values().map(|seqs| seqs.len() as u64).sum(),
            nodes: t.nodes.len() as u64,
            blobs: t.blobs.len() as u64,
            checkpoints: t.checkpoints.len() as u64,
            runs: t.runs.len() as u64,
            open: t.open.len() as u64,
            people: t.people.len() as u64,
            standing: t.standing.len() as u64,
            subjects: t.subjects.len() as u64,
        }))
    }

    fn hashes(&self, nodes: &[NodeId]) -> Result<Vec<Option<Hash>>, LogError> {
        let t = self.tables();
        let leaf = |index: u64| {
            let index = usize::try_from(index).ok()?;
            t.entries.get(index).map(|bytes| tree::leaf(bytes))
        };
        Ok(nodes
            .iter()
            .map(|id| match id.level {
                0 => leaf(id.index),
                _ => t.nodes.get(id).copied(),
            })
            .collect())
    }
}
