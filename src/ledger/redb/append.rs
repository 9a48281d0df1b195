//! One commit: all tables, all or nothing.

use super::codec;
use super::errors::{commit_error, retry, storage, table, transaction};
use super::tables::{
    BLOBS, CHECKPOINTS, ENTRIES, EPOCH, IDS, META, NODES, OF_RUN, OPEN, PEOPLE, PSEUDONYMS,
    RUN_SEQ, RUNS, STANDING, SUBJECTS, node_key,
};
use crate::domain::digest::Digest;
use crate::ledger::log::{Batch, Head, LogError, encode_subject};
use redb::{Database, Durability, ReadableTable};

/// Stores a batch durably.
pub(super) fn append(database: &Database, batch: &Batch) -> Result<(), LogError> {
    let mut write = database.begin_write().map_err(|e| transaction(&e))?;
    write.set_quick_repair(true);
    write.set_durability(Durability::Immediate).map_err(retry)?;
    {
        let mut entries = write.open_table(ENTRIES).map_err(|e| table(&e))?;
        let size = entries
            .last()
            .map_err(|e| storage(&e))?
            .map_or(0, |(seq, _)| seq.value() + 1);
        let mut meta = write.open_table(META).map_err(|e| table(&e))?;
        let epoch = meta
            .get(EPOCH)
            .map_err(|e| storage(&e))?
            .and_then(|v| v.value().try_into().ok().map(Digest));
        batch.fits(&Head {
            size,
            epoch,
            ..Head::default()
        })?;
        for (seq, bytes) in (batch.expected..).zip(&batch.entries) {
            entries
                .insert(seq, codec::pack(bytes).as_slice())
                .map_err(|e| storage(&e))?;
        }
        let mut blobs = write.open_table(BLOBS).map_err(|e| table(&e))?;
        for blob in &batch.blobs {
            let stored = codec::store(&blob.bytes, blob.packed.as_deref());
            blobs
                .insert(blob.digest.0.as_slice(), stored.as_slice())
                .map_err(|e| storage(&e))?;
        }
        let mut nodes = write.open_table(NODES).map_err(|e| table(&e))?;
        for (id, hash) in &batch.nodes {
            nodes
                .insert(node_key(*id), hash.as_slice())
                .map_err(|e| storage(&e))?;
        }
        let mut ids = write.open_table(IDS).map_err(|e| table(&e))?;
        for (id, seq) in &batch.ids {
            ids.insert(id.as_bytes(), seq).map_err(|e| storage(&e))?;
        }
        let mut of_run = write.open_table(OF_RUN).map_err(|e| table(&e))?;
        for (run, seq) in &batch.of_run {
            of_run
                .insert((run.as_bytes(), *seq), ())
                .map_err(|e| storage(&e))?;
        }
        let mut runs = write.open_table(RUNS).map_err(|e| table(&e))?;
        let mut run_seq = write.open_table(RUN_SEQ).map_err(|e| table(&e))?;
        for (run, seq, summary) in &batch.runs {
            runs.insert(seq, summary.as_slice())
                .map_err(|e| storage(&e))?;
            run_seq
                .insert(run.as_bytes(), seq)
                .map_err(|e| storage(&e))?;
        }
        let mut open = write.open_table(OPEN).map_err(|e| table(&e))?;
        for (due, seq) in &batch.closed {
            open.remove((due.as_bytes(), *seq))
                .map_err(|e| storage(&e))?;
        }
        for (due, seq) in &batch.opened {
            open.insert((due.as_bytes(), *seq), ())
                .map_err(|e| storage(&e))?;
        }
        let mut people = write.open_table(PEOPLE).map_err(|e| table(&e))?;
        for (name, row) in &batch.people {
            people
                .insert(name.as_bytes(), row.as_slice())
                .map_err(|e| storage(&e))?;
        }
        let mut standing = write.open_table(STANDING).map_err(|e| table(&e))?;
        for (subject, row) in &batch.standing {
            standing
                .insert(subject.as_bytes(), row.as_slice())
                .map_err(|e| storage(&e))?;
        }
        if batch.subjects_anew {
            write.delete_table(SUBJECTS).map_err(|e| table(&e))?;
            write.delete_table(PSEUDONYMS).map_err(|e| table(&e))?;
        }
        let mut subjects = write.open_table(SUBJECTS).map_err(|e| table(&e))?;
        let mut pseudonyms = write.open_table(PSEUDONYMS).map_err(|e| table(&e))?;
        for (locator, subject) in &batch.subjects {
            let row = encode_subject(subject);
            subjects
                .insert(locator.as_slice(), row.as_slice())
                .map_err(|e| storage(&e))?;
            pseudonyms
                .insert(subject.pseudonym.as_bytes(), row.as_slice())
                .map_err(|e| storage(&e))?;
        }
        let mut checkpoints = write.open_table(CHECKPOINTS).map_err(|e| table(&e))?;
        let size = batch.expected + batch.entries.len() as u64;
        checkpoints
            .insert(size, batch.checkpoint.as_bytes())
            .map_err(|e| storage(&e))?;
        meta.insert(b"last".as_slice(), batch.last.as_slice())
            .map_err(|e| storage(&e))?;
        if let Some(epoch) = batch.epoch {
            meta.insert(EPOCH, epoch.0.as_slice())
                .map_err(|e| storage(&e))?;
        }
    }
    write.commit().map_err(commit_error)
}
