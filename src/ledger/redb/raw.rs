//! The file itself, as long as it is whole.

use super::append;
use super::codec;
use super::errors::{OpenError, open_error, storage, table as table_error, transaction};
use super::overlay::OverlaidFile;
use super::tables::{
    BLOBS, CHECKPOINTS, ENTRIES, EPOCH, IDS, META, NODES, OF_RUN, OPEN, PEOPLE, PSEUDONYMS,
    RUN_SEQ, RUNS, STANDING, SUBJECTS, builder, create, derive, empty, node_key, prepare,
};
use crate::domain::digest::Digest;
use crate::files;
use crate::ledger::log::{AuditLog, Batch, Counts, Head, Key, LogError, Page};
use crate::ledger::tree::{self, Hash, NodeId};
use redb::{
    Database, ReadOnlyDatabase, ReadTransaction, ReadableDatabase, ReadableTable,
    ReadableTableMetadata as _, TableDefinition,
};
use std::fs::File;
use std::ops::Bound;
use std::path::Path;
use std::sync::{PoisonError, RwLock};

enum Handle {
    Writer(Database),
    Reader(ReadOnlyDatabase),
    /// What is written to it reaches no disk: it is only read.
    Untouched(Database),
    /// An error closed it, and it could not be opened again so far.
    Closed,
}

/// How a ledger is opened to write, the first time and after an error.
pub(super) type Opener = Box<dyn Fn() -> Result<Database, redb::DatabaseError> + Send + Sync>;

/// A ledger file that is open.
pub(super) struct Raw {
    handle: RwLock<Handle>,
    again: Option<Opener>,
}

impl Raw {
    /// Opens the ledger for writing; makes it if there is none.
    ///
    /// # Errors
    /// Locked by another process, unreadable, or not a ledger.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        if files::standing(path).is_ok_and(|standing| standing.is_link) {
            return Err(OpenError::Other(
                "a symbolic link lies in its place, and is not followed".into(),
            ));
        }
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
        let is_new =
            |read: &ReadTransaction| read.list_tables().map(|mut tables| tables.next().is_none());
        let read = database.begin_read().map_err(|e| transaction(&e))?;
        let is_new = is_new(&read).map_err(|e| storage(&e))?;
        drop(read);
        if is_new {
            prepare(&database, &mut empty).map_err(|e| OpenError::Other(e.to_string()))?;
        }
        derive(&database)?;
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

    /// Opens a ledger to read that nobody closed; the file stays as it is.
    ///
    /// # Errors
    /// There is no ledger, or it cannot be read.
    pub fn open_untouched(path: &Path) -> Result<Self, OpenError> {
        let failed = |e: std::io::Error| OpenError::Other(e.to_string());
        let overlay = File::open(path)
            .and_then(OverlaidFile::over)
            .map_err(failed)?;
        // Nobody else has it open, and what is in memory needs no lock.
        let database = builder()
            .set_concurrency_mode(redb::ConcurrencyMode::ExclusiveWriter)
            .create_with_backend(overlay)
            .map_err(open_error)?;
        derive(&database)?;
        Ok(Self {
            handle: RwLock::new(Handle::Untouched(database)),
            again: None,
        })
    }

    /// Whether nothing is ever written to it from here.
    pub(super) fn is_only_read(&self) -> bool {
        self.again.is_none()
    }

    pub(super) fn read(&self) -> Result<ReadTransaction, LogError> {
        self.open_if_closed();
        match &*self.handle.read().unwrap_or_else(PoisonError::into_inner) {
            Handle::Writer(database) | Handle::Untouched(database) => database.begin_read(),
            Handle::Reader(database) => database.begin_read(),
            Handle::Closed => return Err(closed()),
        }
        .map_err(|e| transaction(&e))
    }

    fn try_append(&self, batch: &Batch) -> Result<(), LogError> {
        match &*self.handle.read().unwrap_or_else(PoisonError::into_inner) {
            Handle::Writer(database) => append::append(database, batch),
            Handle::Reader(_) | Handle::Untouched(_) => {
                Err(LogError::Fenced("this ledger is open read-only".into()))
            }
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

/// What lies under a key.
fn under(read: &ReadTransaction, key: Key<'_>) -> Result<Option<Vec<u8>>, LogError> {
    let packed = |table: TableDefinition<'_, u64, &'static [u8]>,
                  key: u64|
     -> Result<Option<Vec<u8>>, LogError> {
        let table = read.open_table(table).map_err(|e| table_error(&e))?;
        table
            .get(key)
            .map_err(|e| storage(&e))?
            .map(|v| codec::unpack(v.value()))
            .transpose()
    };
    let bytes = |table: TableDefinition<'_, &'static [u8], &'static [u8]>,
                 key: &[u8]|
     -> Result<Option<Vec<u8>>, LogError> {
        let table = read.open_table(table).map_err(|e| table_error(&e))?;
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
            let table = read.open_table(IDS).map_err(|e| table_error(&e))?;
            Ok(table
                .get(id.as_bytes())
                .map_err(|e| storage(&e))?
                .map(|v| v.value().to_be_bytes().to_vec()))
        }
        Key::OfRun(run, seq) => {
            let table = read.open_table(OF_RUN).map_err(|e| table_error(&e))?;
            let row = table.get((run.as_bytes(), seq)).map_err(|e| storage(&e))?;
            Ok(row.map(|_| Vec::new()))
        }
        Key::Run(run) => {
            let table = read.open_table(RUN_SEQ).map_err(|e| table_error(&e))?;
            let Some(seq) = table
                .get(run.as_bytes())
                .map_err(|e| storage(&e))?
                .map(|v| v.value())
            else {
                return Ok(None);
            };
            let runs = read.open_table(RUNS).map_err(|e| table_error(&e))?;
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
            let table = read.open_table(CHECKPOINTS).map_err(|e| table_error(&e))?;
            Ok(table
                .get(size)
                .map_err(|e| storage(&e))?
                .map(|v| v.value().to_vec()))
        }
    }
}

impl AuditLog for Raw {
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
        let checkpoints = read.open_table(CHECKPOINTS).map_err(|e| table_error(&e))?;
        let Some((size, note)) = checkpoints.last().map_err(|e| storage(&e))? else {
            return Ok(Head::default());
        };
        let meta = read.open_table(META).map_err(|e| table_error(&e))?;
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
                    .map_err(|e| table_error(&e))?
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
        let entries = read.open_table(ENTRIES).map_err(|e| table_error(&e))?;
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
                let table = read.open_table(OF_RUN).map_err(|e| table_error(&e))?;
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
                let table = read.open_table(RUNS).map_err(|e| table_error(&e))?;
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
                let open = read.open_table(OPEN).map_err(|e| table_error(&e))?;
                let table = read.open_table(RUNS).map_err(|e| table_error(&e))?;
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
                let table = read.open_table(SUBJECTS).map_err(|e| table_error(&e))?;
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
                let table = read.open_table(table).map_err(|e| table_error(&e))?;
                for row in table.iter().map_err(|e| storage(&e))? {
                    rows.push((0, row.map_err(|e| storage(&e))?.1.value().to_vec()));
                }
            }
        }
        Ok(rows)
    }

    fn hashes(&self, ids: &[NodeId]) -> Result<Vec<Option<Hash>>, LogError> {
        let read = self.read()?;
        let nodes = read.open_table(NODES).map_err(|e| table_error(&e))?;
        let entries = read.open_table(ENTRIES).map_err(|e| table_error(&e))?;
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
