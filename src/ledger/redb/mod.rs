//! The embedded backend. The only place that knows redb.
//!
//! Rules from measuring redb 4.6: quick repair on every commit (reopening after a kill takes milliseconds), a small
//! cache, creation under a temporary name, table types of integers and bytes only, short read transactions. After an
//! I/O error the file is closed and opened again, and what it then holds says whether the commit took.

mod append;
mod backup;
mod codec;
mod errors;
mod tables;

use super::log::{AuditLog, Batch, Counts, Head, Key, LogError, Page};
use super::tree::{self, Hash, NodeId};
use crate::domain::digest::Digest;
pub use errors::OpenError;
use errors::{open_error, retry, storage};
use redb::{
    Database, ReadOnlyDatabase, ReadTransaction, ReadableDatabase, ReadableTable,
    ReadableTableMetadata as _, TableDefinition,
};
use std::ops::Bound;
use std::path::Path;
use std::sync::{PoisonError, RwLock};
use tables::{
    BLOBS, CHECKPOINTS, ENTRIES, EPOCH, IDS, META, NODES, OF_RUN, OPEN, PEOPLE, PSEUDONYMS,
    RUN_SEQ, RUNS, STANDING, SUBJECTS, builder, create, derive, empty, prepare,
};

enum Handle {
    Writer(Database),
    Reader(ReadOnlyDatabase),
    /// An error closed it, and it could not be opened again so far.
    Closed,
}

/// How a ledger is opened to write, the first time and after an error.
type Opener = Box<dyn Fn() -> Result<Database, redb::DatabaseError> + Send + Sync>;

/// A ledger file.
pub struct RedbLog {
    handle: RwLock<Handle>,
    again: Option<Opener>,
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
        let path = path.to_owned();
        Self::on(Box::new(move || builder().open(&path)))
    }

    /// Opens a ledger wherever it lies; makes its tables if there are none.
    ///
    /// # Errors
    /// It cannot be opened, or is not a ledger.
    pub fn on(opener: Opener) -> Result<Self, OpenError> {
        let database = opener().map_err(open_error)?;
        let other = |e: &dyn std::fmt::Display| OpenError::Other(e.to_string());
        let is_new =
            |read: &ReadTransaction| read.list_tables().map(|mut tables| tables.next().is_none());
        let read = database.begin_read().map_err(|e| other(&e))?;
        let is_new = is_new(&read).map_err(|e| other(&e))?;
        drop(read);
        if is_new {
            prepare(&database, &mut empty).map_err(|e| other(&e))?;
        }
        derive(&database).map_err(|e| other(&e))?;
        Ok(Self {
            handle: RwLock::new(Handle::Writer(database)),
            again: Some(opener),
        })
    }

    /// Opens the ledger to read and follow, beside a writer.
    ///
    /// # Errors
    /// There is no ledger, or it cannot be read.
    pub fn open_read_only(path: &Path) -> Result<Self, OpenError> {
        let database = builder().open_read_only(path).map_err(open_error)?;
        Ok(Self {
            handle: RwLock::new(Handle::Reader(database)),
            again: None,
        })
    }

    fn read(&self) -> Result<ReadTransaction, LogError> {
        self.open_if_closed();
        match &*self.handle.read().unwrap_or_else(PoisonError::into_inner) {
            Handle::Writer(database) => database.begin_read(),
            Handle::Reader(database) => database.begin_read(),
            Handle::Closed => return Err(closed()),
        }
        .map_err(retry)
    }

    fn try_append(&self, batch: &Batch) -> Result<(), LogError> {
        match &*self.handle.read().unwrap_or_else(PoisonError::into_inner) {
            Handle::Writer(database) => append::append(database, batch),
            Handle::Reader(_) => Err(LogError::Fenced("this ledger is open read-only".into())),
            Handle::Closed => Err(closed()),
        }
    }

    /// Closes the file after an error, and opens it again.
    fn reopen(&self) {
        let Some(opener) = &self.again else {
            return;
        };
        let mut handle = self.handle.write().unwrap_or_else(PoisonError::into_inner);
        // The old one first: it holds the lock.
        *handle = Handle::Closed;
        if let Ok(database) = opener() {
            *handle = Handle::Writer(database);
        }
    }

    fn open_if_closed(&self) {
        let is_closed = {
            let handle = self.handle.read().unwrap_or_else(PoisonError::into_inner);
            matches!(&*handle, Handle::Closed)
        };
        if is_closed {
            self.reopen();
        }
    }
}

fn closed() -> LogError {
    LogError::Retry("the file was closed after an error and cannot be opened again yet".into())
}

/// Level in the top byte: complete subtrees of 2^56 leaves are out of reach.
fn node_key(id: NodeId) -> u64 {
    u64::from(id.level) << 56 | id.index
}

/// What lies under a key.
fn under(read: &ReadTransaction, key: Key<'_>) -> Result<Option<Vec<u8>>, LogError> {
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
        Key::OfRun(run, seq) => {
            let table = read.open_table(OF_RUN).map_err(retry)?;
            let row = table.get((run.as_bytes(), seq)).map_err(|e| storage(&e))?;
            Ok(row.map(|_| Vec::new()))
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
        Key::Standing(name) => bytes(STANDING, name.as_bytes()),
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

impl AuditLog for RedbLog {
    fn append(&self, batch: &Batch) -> Result<(), LogError> {
        self.open_if_closed();
        let error = match self.try_append(batch) {
            Err(error @ (LogError::Unknown(_) | LogError::Full(_) | LogError::Retry(_))) => error,
            settled => return settled,
        };
        // What the file holds now says whether the commit took.
        self.reopen();
        match self.head() {
            Ok(head) if head.size == batch.expected => Err(match error {
                LogError::Unknown(why) => LogError::Retry(why),
                other => other,
            }),
            Ok(head) if head.last == batch.last && head.checkpoint == batch.checkpoint => Ok(()),
            Ok(_) => Err(error),
            Err(_) => Err(match error {
                LogError::Retry(why) => LogError::Unknown(why),
                other => other,
            }),
        }
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
            epoch: meta
                .get(EPOCH)
                .map_err(|e| storage(&e))?
                .and_then(|v| v.value().try_into().ok().map(Digest)),
        })
    }

    fn counts(&self) -> Result<Option<Counts>, LogError> {
        let read = self.read()?;
        macro_rules! rows {
            ($table:expr) => {
                read.open_table($table)
                    .map_err(retry)?
                    .len()
                    .map_err(|e| storage(&e))?
            };
        }
        Ok(Some(Counts {
            entries: rows!(ENTRIES),
            ids: rows!(IDS),
            of_run: rows!(OF_RUN),
            nodes: rows!(NODES),
            blobs: rows!(BLOBS),
            checkpoints: rows!(CHECKPOINTS),
            runs: rows!(RUNS),
            open: rows!(OPEN),
            people: rows!(PEOPLE),
            standing: rows!(STANDING),
            subjects: rows!(SUBJECTS),
        }))
    }

    fn get(&self, keys: &[Key<'_>]) -> Result<Vec<Option<Vec<u8>>>, LogError> {
        let read = self.read()?;
        keys.iter().map(|key| under(&read, *key)).collect()
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
            Page::People | Page::Standing => {
                let table = match page {
                    Page::People => PEOPLE,
                    _ => STANDING,
                };
                let table = read.open_table(table).map_err(retry)?;
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
        let entries = read.open_table(ENTRIES).map_err(retry)?;
        ids.iter()
            .map(|id| {
                if id.level == 0 {
                    let entry = entries.get(id.index).map_err(|e| storage(&e))?;
                    let bytes = entry.map(|v| codec::unpack(v.value())).transpose()?;
                    return Ok(bytes.map(|bytes| tree::leaf(&bytes)));
                }
                let found = nodes.get(node_key(*id)).map_err(|e| storage(&e))?;
                Ok(found.and_then(|v| v.value().try_into().ok()))
            })
            .collect()
    }
}
