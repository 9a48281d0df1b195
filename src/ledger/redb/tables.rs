//! The tables, and how a new ledger comes to be.

use super::codec;
use super::errors::{
    OpenError, commit_error, open_error, retry, storage, table as table_error, transaction,
};
use crate::files;
use crate::ledger::entry::Entry;
use crate::ledger::erasure::DataStanding;
use crate::ledger::log::LogError;
use crate::ledger::summary::RunSummary;
use crate::ledger::tree::NodeId;
use redb::{
    ConcurrencyMode, Database, ReadableDatabase, ReadableTable, TableDefinition, WriteTransaction,
};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

pub(super) const ENTRIES: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("entries");
pub(super) const BLOBS: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("blobs");
pub(super) const NODES: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("nodes");
pub(super) const IDS: TableDefinition<'_, &[u8], u64> = TableDefinition::new("ids");
pub(super) const OF_RUN: TableDefinition<'_, (&[u8], u64), ()> = TableDefinition::new("of_run");
pub(super) const RUNS: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("runs");
pub(super) const RUN_SEQ: TableDefinition<'_, &[u8], u64> = TableDefinition::new("run_seq");
/// Open runs, by list and time, then by start.
pub(super) const OPEN: TableDefinition<'_, (&[u8], u64), ()> = TableDefinition::new("open");
pub(super) const PEOPLE: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("people");
/// What stands on customers' data, by pseudonym.
pub(super) const STANDING: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("standing");
pub(super) const SUBJECTS: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("subjects");
pub(super) const PSEUDONYMS: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("pseudonyms");
pub(super) const CHECKPOINTS: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("checkpoints");
pub(super) const META: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("meta");

/// Where META has which key customers' keys are wrapped under.
pub(super) const EPOCH: &[u8] = b"epoch";

/// Bytes of page cache; redb's own default is a gigabyte.
const CACHE: usize = 64 << 20;

/// How every ledger is opened.
pub(super) fn builder() -> redb::Builder {
    let mut builder = Database::builder();
    builder
        .set_cache_size(CACHE)
        .set_concurrency_mode(ConcurrencyMode::SingleWriter);
    builder
}

/// Made at a temporary name, committed, synced, put in place, and the folder synced: a power cut in between leaves
/// nothing that a later start would refuse. What is there already is never overwritten.
pub(super) fn create(path: &Path, fill: &mut Fill<'_>) -> Result<(), OpenError> {
    let other = |e: &dyn std::fmt::Display| OpenError::Other(e.to_string());
    let temporary: PathBuf = path.with_extension("new");
    files::remove(&temporary)
        .and_then(|()| files::create_new(&temporary))
        .map_err(|e| other(&e))?;
    {
        let database = builder().create(&temporary).map_err(open_error)?;
        prepare(&database, fill).map_err(|e| other(&e))?;
    }
    fs::File::open(&temporary)
        .and_then(|f| f.sync_all())
        .map_err(|e| other(&e))?;
    fs::hard_link(&temporary, path).map_err(|e| other(&e))?;
    fs::remove_file(&temporary).map_err(|e| other(&e))?;
    if let Some(folder) = path.parent() {
        // A bare name lies in the folder that one is in.
        let here = folder.as_os_str().is_empty();
        let folder = if here { Path::new(".") } else { folder };
        fs::File::open(folder)
            .and_then(|f| f.sync_all())
            .map_err(|e| other(&e))?;
    }
    Ok(())
}

/// A ledger from before these tables gets them: its runs are summed up anew, the open ones listed.
pub(super) fn derive(database: &Database) -> Result<(), LogError> {
    let read = database.begin_read().map_err(|e| transaction(&e))?;
    match read.open_table(STANDING) {
        Err(redb::TableError::TableDoesNotExist(_)) => {}
        there => return there.map(drop).map_err(|e| table_error(&e)),
    }
    let mut write = database.begin_write().map_err(|e| transaction(&e))?;
    write.set_quick_repair(true);
    {
        let mut open = write.open_table(OPEN).map_err(|e| table_error(&e))?;
        let mut rows = write.open_table(RUNS).map_err(|e| table_error(&e))?;
        let entries = write.open_table(ENTRIES).map_err(|e| table_error(&e))?;
        let mut runs: BTreeMap<String, RunSummary> = BTreeMap::new();
        let mut standing: BTreeMap<String, DataStanding> = BTreeMap::new();
        for row in entries.iter().map_err(|e| storage(&e))? {
            let (_, bytes) = row.map_err(|e| storage(&e))?;
            let entry = Entry::from_bytes(&codec::unpack(bytes.value())?)?;
            RunSummary::follow(&mut runs, &entry);
            if let Some(subject) = DataStanding::of(&entry) {
                standing
                    .entry(subject.to_owned())
                    .or_default()
                    .apply(&entry);
            }
        }
        let mut table = write.open_table(STANDING).map_err(|e| table_error(&e))?;
        for (subject, standing) in &standing {
            let row = serde_json::to_vec(standing).map_err(retry)?;
            table
                .insert(subject.as_bytes(), row.as_slice())
                .map_err(|e| storage(&e))?;
        }
        for run in runs.values() {
            let row = serde_json::to_vec(run).map_err(retry)?;
            rows.insert(run.seq, row.as_slice())
                .map_err(|e| storage(&e))?;
            if let Some((due, seq)) = run.place() {
                open.insert((due.as_bytes(), seq), ())
                    .map_err(|e| storage(&e))?;
            }
        }
    }
    write.commit().map_err(commit_error)
}

/// What a new ledger holds.
pub(super) type Fill<'f> = dyn FnMut(&WriteTransaction) -> Result<(), redb::Error> + 'f;

pub(super) fn empty(write: &WriteTransaction) -> Result<(), redb::Error> {
    write.open_table(ENTRIES)?;
    write.open_table(BLOBS)?;
    write.open_table(NODES)?;
    write.open_table(IDS)?;
    write.open_table(OF_RUN)?;
    write.open_table(RUNS)?;
    write.open_table(RUN_SEQ)?;
    write.open_table(OPEN)?;
    write.open_table(PEOPLE)?;
    write.open_table(STANDING)?;
    write.open_table(SUBJECTS)?;
    write.open_table(PSEUDONYMS)?;
    write.open_table(CHECKPOINTS)?;
    let mut meta = write.open_table(META)?;
    meta.insert(b"format".as_slice(), b"echovoice-ledger/1".as_slice())?;
    Ok(())
}

pub(super) fn prepare(database: &Database, fill: &mut Fill<'_>) -> Result<(), redb::Error> {
    let mut write = database.begin_write()?;
    write.set_quick_repair(true);
    fill(&write)?;
    write.commit()?;
    Ok(())
}

/// Level in the top byte: complete subtrees of 2^56 leaves are out of reach.
pub(super) fn node_key(id: NodeId) -> u64 {
    u64::from(id.level) << 56 | id.index
}
