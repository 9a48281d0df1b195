//! The embedded backend. The only place that knows redb.
//!
//! Rules from measuring redb 4.6: quick repair on every commit (reopening after a kill takes milliseconds), a small
//! cache, creation under a temporary name, table types of integers and bytes only, short read transactions.

mod backup;
mod codec;

use super::entry::Entry;
use super::log::{AuditLog, Batch, Head, Key, LogError, Page, encode_subject};
use super::summary::RunSummary;
use super::tree::{Hash, NodeId};
use redb::{
    ConcurrencyMode, Database, Durability, ReadOnlyDatabase, ReadTransaction, ReadableDatabase,
    ReadableTable, TableDefinition, WriteTransaction,
};
use std::collections::BTreeMap;
use std::fs;
use std::ops::Bound;
use std::path::{Path, PathBuf};

const ENTRIES: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("entries");
const BLOBS: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("blobs");
const NODES: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("nodes");
const IDS: TableDefinition<'_, &[u8], u64> = TableDefinition::new("ids");
const OF_RUN: TableDefinition<'_, (&[u8], u64), ()> = TableDefinition::new("of_run");
const RUNS: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("runs");
const RUN_SEQ: TableDefinition<'_, &[u8], u64> = TableDefinition::new("run_seq");
/// Open runs, by list and time, then by start.
const OPEN: TableDefinition<'_, (&[u8], u64), ()> = TableDefinition::new("open");
const PEOPLE: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("people");
const SUBJECTS: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("subjects");
const PSEUDONYMS: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("pseudonyms");
const CHECKPOINTS: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("checkpoints");
const META: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("meta");

/// Bytes of page cache; redb's own default is a gigabyte.
const CACHE: usize = 64 << 20;

enum Handle {
    Writer(Database),
    Reader(ReadOnlyDatabase),
}

/// A ledger file.
pub struct RedbLog {
    handle: Handle,
}

/// Why a ledger file could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process owns it.
    #[error("another process has this ledger open")]
    Locked,
    /// Its last writer was cut off, and a reader may not close it for them.
    #[error("it was not closed; open it for writing once")]
    Unclean,
    #[error("{0}")]
    Other(String),
}

impl RedbLog {
    /// Opens the ledger for writing; makes it if there is none.
    ///
    /// # Errors
    /// Locked by another process, unreadable, or not a ledger.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        if !path.exists() {
            create(path, &mut empty)?;
        }
        let database = builder().open(path).map_err(open_error)?;
        list_open(&database).map_err(|e| OpenError::Other(e.to_string()))?;
        Ok(Self {
            handle: Handle::Writer(database),
        })
    }

    /// Opens the ledger to read and follow, beside a writer.
    ///
    /// # Errors
    /// There is no ledger, or it cannot be read.
    pub fn open_read_only(path: &Path) -> Result<Self, OpenError> {
        let database = builder().open_read_only(path).map_err(open_error)?;
        Ok(Self {
            handle: Handle::Reader(database),
        })
    }

    fn read(&self) -> Result<ReadTransaction, LogError> {
        match &self.handle {
            Handle::Writer(database) => database.begin_read(),
            Handle::Reader(database) => database.begin_read(),
        }
        .map_err(|e| LogError::Retry(e.to_string()))
    }
}

fn builder() -> redb::Builder {
    let mut builder = Database::builder();
    builder
        .set_cache_size(CACHE)
        .set_concurrency_mode(ConcurrencyMode::SingleWriter);
    builder
}

fn open_error(error: redb::DatabaseError) -> OpenError {
    match error {
        redb::DatabaseError::DatabaseAlreadyOpen => OpenError::Locked,
        redb::DatabaseError::RepairAborted => OpenError::Unclean,
        other => OpenError::Other(other.to_string()),
    }
}

/// Made at a temporary name, committed, synced, put in place, and the folder synced: a power cut in between leaves
/// nothing that a later start would refuse. What is there already is never overwritten.
fn create(path: &Path, fill: &mut Fill<'_>) -> Result<(), OpenError> {
    let other = |e: &dyn std::fmt::Display| OpenError::Other(e.to_string());
    let temporary: PathBuf = path.with_extension("new");
    let _ = fs::remove_file(&temporary);
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
        fs::File::open(folder)
            .and_then(|f| f.sync_all())
            .map_err(|e| other(&e))?;
    }
    Ok(())
}

/// A ledger from before the lists of open runs gets them, and its runs summed up anew.
fn list_open(database: &Database) -> Result<(), LogError> {
    let read = database.begin_read().map_err(retry)?;
    if !matches!(
        read.open_table(OPEN),
        Err(redb::TableError::TableDoesNotExist(_))
    ) {
        return Ok(());
    }
    let mut write = database.begin_write().map_err(retry)?;
    write.set_quick_repair(true);
    {
        let mut open = write.open_table(OPEN).map_err(retry)?;
        let mut rows = write.open_table(RUNS).map_err(retry)?;
        let entries = write.open_table(ENTRIES).map_err(retry)?;
        let mut runs: BTreeMap<String, RunSummary> = BTreeMap::new();
        for row in entries.iter().map_err(|e| storage(&e))? {
            let (_, bytes) = row.map_err(|e| storage(&e))?;
            let entry =
                Entry::from_bytes(&codec::unpack(bytes.value())?).map_err(LogError::Damaged)?;
            RunSummary::follow(&mut runs, &entry);
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
type Fill<'f> = dyn FnMut(&WriteTransaction) -> Result<(), redb::Error> + 'f;

fn empty(write: &WriteTransaction) -> Result<(), redb::Error> {
    write.open_table(ENTRIES)?;
    write.open_table(BLOBS)?;
    write.open_table(NODES)?;
    write.open_table(IDS)?;
    write.open_table(OF_RUN)?;
    write.open_table(RUNS)?;
    write.open_table(RUN_SEQ)?;
    write.open_table(OPEN)?;
    write.open_table(PEOPLE)?;
    write.open_table(SUBJECTS)?;
    write.open_table(PSEUDONYMS)?;
    write.open_table(CHECKPOINTS)?;
    let mut meta = write.open_table(META)?;
    meta.insert(b"format".as_slice(), b"echovoice-ledger/1".as_slice())?;
    Ok(())
}

fn prepare(database: &Database, fill: &mut Fill<'_>) -> Result<(), redb::Error> {
    let mut write = database.begin_write()?;
    write.set_quick_repair(true);
    fill(&write)?;
    write.commit()?;
    Ok(())
}

/// Level in the top byte: complete subtrees of 2^56 leaves are out of reach.
fn node_key(id: NodeId) -> u64 {
    u64::from(id.level) << 56 | id.index
}

fn retry(error: impl std::fmt::Display) -> LogError {
    LogError::Retry(error.to_string())
}

fn storage(error: &redb::StorageError) -> LogError {
    match error {
        redb::StorageError::Io(io) if io.kind() == std::io::ErrorKind::StorageFull => {
            LogError::Full(io.to_string())
        }
        redb::StorageError::Io(io) => LogError::Unknown(io.to_string()),
        redb::StorageError::Corrupted(what) => LogError::Damaged(what.clone()),
        other => LogError::Retry(other.to_string()),
    }
}

fn commit_error(error: redb::CommitError) -> LogError {
    match error {
        redb::CommitError::Storage(inner) => storage(&inner),
        other => LogError::Unknown(other.to_string()),
    }
}

impl AuditLog for RedbLog {
    fn append(&self, batch: &Batch) -> Result<(), LogError> {
        let Handle::Writer(database) = &self.handle else {
            return Err(LogError::Fenced("this ledger is open read-only".into()));
        };
        let mut write = database.begin_write().map_err(retry)?;
        write.set_quick_repair(true);
        write.set_durability(Durability::Immediate).map_err(retry)?;
        {
            let mut entries = write.open_table(ENTRIES).map_err(retry)?;
            let size = entries
                .last()
                .map_err(|e| storage(&e))?
                .map_or(0, |(seq, _)| seq.value() + 1);
            if size != batch.expected {
                return Err(LogError::Fenced(format!(
                    "the log has {size} entries, expected {}",
                    batch.expected
                )));
            }
            for (seq, bytes) in (batch.expected..).zip(&batch.entries) {
                entries
                    .insert(seq, codec::pack(bytes).as_slice())
                    .map_err(|e| storage(&e))?;
            }
            let mut blobs = write.open_table(BLOBS).map_err(retry)?;
            for (digest, bytes) in &batch.blobs {
                blobs
                    .insert(digest.0.as_slice(), codec::pack(bytes).as_slice())
                    .map_err(|e| storage(&e))?;
            }
            let mut nodes = write.open_table(NODES).map_err(retry)?;
            for (id, hash) in &batch.nodes {
                nodes
                    .insert(node_key(*id), hash.as_slice())
                    .map_err(|e| storage(&e))?;
            }
            let mut ids = write.open_table(IDS).map_err(retry)?;
            for (id, seq) in &batch.ids {
                ids.insert(id.as_bytes(), seq).map_err(|e| storage(&e))?;
            }
            let mut of_run = write.open_table(OF_RUN).map_err(retry)?;
            for (run, seq) in &batch.of_run {
                of_run
                    .insert((run.as_bytes(), *seq), ())
                    .map_err(|e| storage(&e))?;
            }
            let mut runs = write.open_table(RUNS).map_err(retry)?;
            let mut run_seq = write.open_table(RUN_SEQ).map_err(retry)?;
            for (run, seq, summary) in &batch.runs {
                runs.insert(seq, summary.as_slice())
                    .map_err(|e| storage(&e))?;
                run_seq
                    .insert(run.as_bytes(), seq)
                    .map_err(|e| storage(&e))?;
            }
            let mut open = write.open_table(OPEN).map_err(retry)?;
            for (due, seq) in &batch.closed {
                open.remove((due.as_bytes(), *seq))
                    .map_err(|e| storage(&e))?;
            }
            for (due, seq) in &batch.opened {
                open.insert((due.as_bytes(), *seq), ())
                    .map_err(|e| storage(&e))?;
            }
            let mut people = write.open_table(PEOPLE).map_err(retry)?;
            for (name, row) in &batch.people {
                people
                    .insert(name.as_bytes(), row.as_slice())
                    .map_err(|e| storage(&e))?;
            }
            if batch.subjects_anew {
                write.delete_table(SUBJECTS).map_err(retry)?;
                write.delete_table(PSEUDONYMS).map_err(retry)?;
            }
            let mut subjects = write.open_table(SUBJECTS).map_err(retry)?;
            let mut pseudonyms = write.open_table(PSEUDONYMS).map_err(retry)?;
            for (locator, subject) in &batch.subjects {
                let row = encode_subject(subject);
                subjects
                    .insert(locator.as_slice(), row.as_slice())
                    .map_err(|e| storage(&e))?;
                pseudonyms
                    .insert(subject.pseudonym.as_bytes(), row.as_slice())
                    .map_err(|e| storage(&e))?;
            }
            let mut checkpoints = write.open_table(CHECKPOINTS).map_err(retry)?;
            let size = batch.expected + batch.entries.len() as u64;
            checkpoints
                .insert(size, batch.checkpoint.as_bytes())
                .map_err(|e| storage(&e))?;
            let mut meta = write.open_table(META).map_err(retry)?;
            meta.insert(b"last".as_slice(), batch.last.as_slice())
                .map_err(|e| storage(&e))?;
        }
        write.commit().map_err(commit_error)
    }

    fn head(&self) -> Result<Head, LogError> {
        let read = self.read()?;
        let checkpoints = read.open_table(CHECKPOINTS).map_err(retry)?;
        let Some((size, note)) = checkpoints.last().map_err(|e| storage(&e))? else {
            return Ok(Head::default());
        };
        let meta = read.open_table(META).map_err(retry)?;
        let last = meta.get(b"last".as_slice()).map_err(|e| storage(&e))?;
        Ok(Head {
            size: size.value(),
            last: last
                .and_then(|v| v.value().try_into().ok())
                .ok_or_else(|| LogError::Damaged("the last hash is missing".into()))?,
            checkpoint: String::from_utf8_lossy(note.value()).into_owned(),
        })
    }

    fn get(&self, key: Key<'_>) -> Result<Option<Vec<u8>>, LogError> {
        let read = self.read()?;
        let packed = |table: TableDefinition<'_, u64, &'static [u8]>,
                      key: u64|
         -> Result<Option<Vec<u8>>, LogError> {
            let table = read.open_table(table).map_err(retry)?;
            table
                .get(key)
                .map_err(|e| storage(&e))?
                .map(|v| codec::unpack(v.value()))
                .transpose()
        };
        let bytes = |table: TableDefinition<'_, &'static [u8], &'static [u8]>,
                     key: &[u8]|
         -> Result<Option<Vec<u8>>, LogError> {
            let table = read.open_table(table).map_err(retry)?;
            Ok(table
                .get(key)
                .map_err(|e| storage(&e))?
                .map(|v| v.value().to_vec()))
        };
        match key {
            Key::Entry(seq) => packed(ENTRIES, seq),
            Key::Blob(digest) => bytes(BLOBS, &digest.0)?
                .map(|b| codec::unpack(&b))
                .transpose(),
            Key::Id(id) => {
                let table = read.open_table(IDS).map_err(retry)?;
                Ok(table
                    .get(id.as_bytes())
                    .map_err(|e| storage(&e))?
                    .map(|v| v.value().to_be_bytes().to_vec()))
            }
            Key::Run(run) => {
                let table = read.open_table(RUN_SEQ).map_err(retry)?;
                let Some(seq) = table
                    .get(run.as_bytes())
                    .map_err(|e| storage(&e))?
                    .map(|v| v.value())
                else {
                    return Ok(None);
                };
                let runs = read.open_table(RUNS).map_err(retry)?;
                Ok(runs
                    .get(seq)
                    .map_err(|e| storage(&e))?
                    .map(|v| v.value().to_vec()))
            }
            Key::Person(name) => bytes(PEOPLE, name.as_bytes()),
            Key::Subject(locator) => bytes(SUBJECTS, locator),
            Key::Pseudonym(name) => bytes(PSEUDONYMS, name.as_bytes()),
            Key::Checkpoint(size) => {
                let table = read.open_table(CHECKPOINTS).map_err(retry)?;
                Ok(table
                    .get(size)
                    .map_err(|e| storage(&e))?
                    .map(|v| v.value().to_vec()))
            }
        }
    }

    fn page(&self, page: Page<'_>) -> Result<Vec<(u64, Vec<u8>)>, LogError> {
        let read = self.read()?;
        let entries = read.open_table(ENTRIES).map_err(retry)?;
        let mut rows = Vec::new();
        match page {
            Page::Entries { before, limit } => {
                for row in entries
                    .range(..before)
                    .map_err(|e| storage(&e))?
                    .rev()
                    .take(limit)
                {
                    let (seq, bytes) = row.map_err(|e| storage(&e))?;
                    rows.push((seq.value(), codec::unpack(bytes.value())?));
                }
            }
            Page::OfRun { run } => {
                let table = read.open_table(OF_RUN).map_err(retry)?;
                let name = run.as_bytes();
                for row in table
                    .range((name, 0)..=(name, u64::MAX))
                    .map_err(|e| storage(&e))?
                {
                    let seq = row.map_err(|e| storage(&e))?.0.value().1;
                    if let Some(bytes) = entries.get(seq).map_err(|e| storage(&e))? {
                        rows.push((seq, codec::unpack(bytes.value())?));
                    }
                }
            }
            Page::Runs { before, limit } => {
                let table = read.open_table(RUNS).map_err(retry)?;
                for row in table
                    .range(..before)
                    .map_err(|e| storage(&e))?
                    .rev()
                    .take(limit)
                {
                    let (seq, bytes) = row.map_err(|e| storage(&e))?;
                    rows.push((seq.value(), bytes.value().to_vec()));
                }
            }
            Page::Open { list, after, limit } => {
                let open = read.open_table(OPEN).map_err(retry)?;
                let table = read.open_table(RUNS).map_err(retry)?;
                let first = Bound::Included((list.prefix().as_bytes(), 0));
                let from = after.map_or(first, |(place, seq)| {
                    Bound::Excluded((place.as_bytes(), seq))
                });
                let end = Bound::Excluded((list.end().as_bytes(), 0));
                for place in open
                    .range::<(&[u8], u64)>((from, end))
                    .map_err(|e| storage(&e))?
                    .take(limit)
                {
                    let seq = place.map_err(|e| storage(&e))?.0.value().1;
                    if let Some(row) = table.get(seq).map_err(|e| storage(&e))? {
                        rows.push((seq, row.value().to_vec()));
                    }
                }
            }
            Page::Subjects { after, limit } => {
                let table = read.open_table(SUBJECTS).map_err(retry)?;
                let from =
                    after.map_or(Bound::Unbounded, |after| Bound::Excluded(after.as_slice()));
                let range = (from, Bound::Unbounded);
                for row in table
                    .range::<&[u8]>(range)
                    .map_err(|e| storage(&e))?
                    .take(limit)
                {
                    let (locator, subject) = row.map_err(|e| storage(&e))?;
                    rows.push((0, [locator.value(), subject.value()].concat()));
                }
            }
            Page::People => {
                let table = read.open_table(PEOPLE).map_err(retry)?;
                for row in table.iter().map_err(|e| storage(&e))? {
                    rows.push((0, row.map_err(|e| storage(&e))?.1.value().to_vec()));
                }
            }
        }
        Ok(rows)
    }

    fn hashes(&self, ids: &[NodeId]) -> Result<Vec<Option<Hash>>, LogError> {
        let read = self.read()?;
        let nodes = read.open_table(NODES).map_err(retry)?;
        ids.iter()
            .map(|id| {
                let found = nodes.get(node_key(*id)).map_err(|e| storage(&e))?;
                Ok(found.and_then(|v| v.value().try_into().ok()))
            })
            .collect()
    }
}
