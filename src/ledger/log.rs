//! What a backend has to do: five methods, so that one sequencer serves memory, redb and PostgreSQL alike.

use super::checkpoint::CheckpointError;
use super::entry::EntryError;
use super::pack;
use super::tree::{Hash, NodeId};
use super::vault::Subject;
use crate::domain::digest::Digest;
use crate::ledger::refusal::Refusal;

/// Why a backend could not do it. The kinds tell what may be tried next.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// Nothing was written; the same call may go through later.
    #[error("the ledger could not be written: {0}; nothing was lost, try again")]
    Retry(String),
    /// It is not known whether the write took; look the id up before trying again.
    #[error("the ledger's answer was lost: {0}; reopen and look before trying again")]
    Unknown(String),
    /// No space is left.
    #[error("the disk is full: {0}; free some space, nothing was lost")]
    Full(String),
    /// The run was acted on meanwhile. Nothing was written.
    #[error("somebody else acted on this run meanwhile; look at it again")]
    Moved,
    /// Somebody else moved the head. Nothing was written; the writer looks again and tries anew.
    #[error("another process writes to this ledger: {0}; close it, or open this one read-only")]
    Fenced(String),
    /// The home's keys are not those that this ledger was written with. Nothing was written.
    #[error("this home's keys are not this ledger's: {0}")]
    Keys(String),
    /// The entry breaks a rule of the record. Nothing was written.
    #[error("the record does not take this: {0}")]
    Refused(#[source] Refusal),
    /// Stored bytes are not what they were.
    #[error("the ledger is damaged: {0}; run `echovoice audit verify`, and restore from a backup")]
    Damaged(#[source] Cause),
}

/// What was found: an error of whatever read the bytes, or a sentence.
pub type Cause = Box<dyn std::error::Error + Send + Sync>;

impl From<EntryError> for LogError {
    fn from(error: EntryError) -> Self {
        Self::Damaged(error.into())
    }
}

impl From<CheckpointError> for LogError {
    fn from(error: CheckpointError) -> Self {
        Self::Damaged(error.into())
    }
}

impl From<Refusal> for LogError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// The end of the log.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Head {
    /// Number of entries.
    pub size: u64,
    /// Hash of the last entry's bytes; zeros when empty.
    pub last: Hash,
    /// The newest signed checkpoint.
    pub checkpoint: String,
    /// Which key customers' keys are wrapped under: see [`super::vault::Vault::name`].
    pub epoch: Option<Digest>,
}

/// Something to look up.
#[derive(Clone, Copy, Debug)]
pub enum Key<'a> {
    Entry(u64),
    Blob(&'a Digest),
    /// Sequence number (8 bytes, big-endian) of the entry with this id.
    Id(&'a str),
    /// Whether an entry is listed under a run: empty if so.
    OfRun(&'a str, u64),
    /// Summary of a run, JSON.
    Run(&'a str),
    /// Person on the roster, JSON.
    Person(&'a str),
    /// Customer by locator, as [`encode_subject`] writes it.
    Subject(&'a [u8; 32]),
    /// The same customer by pseudonym.
    Pseudonym(&'a str),
    /// What stands on a customer's data, by pseudonym, JSON.
    Standing(&'a str),
    /// Signed checkpoint at a size.
    Checkpoint(u64),
}

/// How many rows each table holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub entries: u64,
    pub ids: u64,
    pub of_run: u64,
    pub nodes: u64,
    pub blobs: u64,
    pub checkpoints: u64,
    pub runs: u64,
    pub open: u64,
    pub people: u64,
    pub standing: u64,
    pub subjects: u64,
}

/// Lists of runs with which something is still to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunList {
    /// For a person's decision, by due time.
    Waiting,
    /// For the hand-over of what was approved, by when the approval lapses.
    Approved,
}

impl RunList {
    pub const ALL: [Self; 2] = [Self::Waiting, Self::Approved];

    /// The letter that its places begin with.
    pub fn prefix(self) -> &'static str {
        match self {
            Self::Waiting => "w",
            Self::Approved => "a",
        }
    }

    /// What no place of it reaches.
    pub fn end(self) -> &'static str {
        match self {
            Self::Waiting => "x",
            Self::Approved => "b",
        }
    }
}

/// One page of a table, newest first.
#[derive(Clone, Copy, Debug)]
pub enum Page<'a> {
    /// Entries below this sequence number.
    Entries {
        before: u64,
        limit: usize,
    },
    /// Entries of one run, oldest first.
    OfRun {
        run: &'a str,
    },
    /// Run summaries whose run started below this sequence number.
    Runs {
        before: u64,
        limit: usize,
    },
    /// Summaries of open runs, most urgent first, after this place.
    Open {
        list: RunList,
        after: Option<(&'a str, u64)>,
        limit: usize,
    },
    People,
    /// What stands on customers' data.
    Standing,
    /// Customers after this locator, in its order; a row is the locator and what [`encode_subject`] writes.
    Subjects {
        after: Option<&'a [u8; 32]>,
        limit: usize,
    },
}

/// Bytes named by their hash.
#[derive(Clone, Debug)]
pub struct Blob {
    pub digest: Digest,
    pub bytes: Vec<u8>,
    /// The packed form, where packing gains something.
    pub packed: Option<Vec<u8>>,
}

impl Blob {
    /// Bytes that can be packed.
    pub fn open(bytes: Vec<u8>) -> Self {
        Self {
            digest: Digest::of(&bytes),
            packed: pack::compress(&bytes).ok(),
            bytes,
        }
    }

    /// Ciphertext, which nothing packs.
    pub fn sealed(digest: Digest, bytes: Vec<u8>) -> Self {
        Self {
            digest,
            bytes,
            packed: None,
        }
    }
}

/// What one commit stores, all or nothing.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    /// The size the log must have now: compare-and-set.
    pub expected: u64,
    pub entries: Vec<Vec<u8>>,
    pub last: Hash,
    pub nodes: Vec<(NodeId, Hash)>,
    pub blobs: Vec<Blob>,
    pub ids: Vec<(String, u64)>,
    pub of_run: Vec<(String, u64)>,
    /// `(run, started seq, summary JSON)`.
    pub runs: Vec<(String, u64, Vec<u8>)>,
    /// Places in the lists of open runs, `(prefix and time, started seq)`: those that go, and those that come.
    pub closed: Vec<(String, u64)>,
    pub opened: Vec<(String, u64)>,
    pub people: Vec<(String, Vec<u8>)>,
    /// What stands on customers' data, by pseudonym.
    pub standing: Vec<(String, Vec<u8>)>,
    pub subjects: Vec<([u8; 32], Subject)>,
    /// The subjects take the place of all that were there: after an erasure.
    pub subjects_anew: bool,
    pub checkpoint: String,
    /// The epoch that this batch seals under: compare-and-set too, unless the subjects come anew. `None` leaves it.
    pub epoch: Option<Digest>,
}

impl Batch {
    /// Whether the batch fits a log with this end.
    ///
    /// # Errors
    /// [`LogError::Fenced`].
    pub fn fits(&self, head: &Head) -> Result<(), LogError> {
        if head.size != self.expected {
            return Err(LogError::Fenced(format!(
                "the log has {} entries, expected {}",
                head.size, self.expected
            )));
        }
        let same = head.epoch.is_none() || self.epoch.is_none() || head.epoch == self.epoch;
        if same || self.subjects_anew {
            return Ok(());
        }
        Err(LogError::Fenced("a customer was erased meanwhile".into()))
    }
}

/// An append-only log. Implementations are shared between threads; reads never wait for writes.
pub trait AuditLog: Send + Sync {
    /// Stores a batch durably.
    ///
    /// # Errors
    /// See [`LogError`].
    fn append(&self, batch: &Batch) -> Result<(), LogError>;
    /// # Errors
    /// See [`LogError`].
    fn head(&self) -> Result<Head, LogError>;
    /// What lies under each of these keys, in their order.
    ///
    /// # Errors
    /// See [`LogError`].
    fn get(&self, keys: &[Key<'_>]) -> Result<Vec<Option<Vec<u8>>>, LogError>;
    /// `(sequence number, bytes)` of each row.
    ///
    /// # Errors
    /// See [`LogError`].
    fn page(&self, page: Page<'_>) -> Result<Vec<(u64, Vec<u8>)>, LogError>;
    /// Hashes of the tree; a leaf's is that of its entry.
    ///
    /// # Errors
    /// See [`LogError`].
    fn hashes(&self, nodes: &[NodeId]) -> Result<Vec<Option<Hash>>, LogError>;

    /// How many rows each table holds, where that can be told: none may be there that no entry explains.
    ///
    /// # Errors
    /// See [`LogError`].
    fn counts(&self) -> Result<Option<Counts>, LogError> {
        Ok(None)
    }

    /// Waits until no other process writes, and keeps it so until the next append. `None` where nobody else could
    /// write, and nothing is to be waited for.
    ///
    /// # Errors
    /// See [`LogError`].
    fn turn(&self) -> Result<Option<Box<dyn WriteTurn + '_>>, LogError> {
        Ok(None)
    }
}

/// The right to write next. Let go, it writes nothing.
pub trait WriteTurn {
    /// As [`AuditLog::append`].
    ///
    /// # Errors
    /// See [`LogError`].
    fn append(self: Box<Self>, batch: &Batch) -> Result<(), LogError>;
}

/// Customers read at once.
const CUSTOMERS: usize = 1_000;

impl dyn AuditLog + '_ {
    /// Hands every customer's row on, in the order of their locators.
    ///
    /// # Errors
    /// See [`LogError`]; or what `each` returns.
    pub fn customers<E: From<LogError>>(
        &self,
        each: &mut dyn FnMut([u8; 32], Subject) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut after: Option<[u8; 32]> = None;
        loop {
            let rows = self.page(Page::Subjects {
                after: after.as_ref(),
                limit: CUSTOMERS,
            })?;
            for (_, row) in &rows {
                let (locator, subject) =
                    decode_row(row).ok_or_else(|| LogError::Damaged("a customer's row".into()))?;
                after = Some(locator);
                each(locator, subject)?;
            }
            if rows.len() < CUSTOMERS {
                return Ok(());
            }
        }
    }

    /// What lies under one key.
    ///
    /// # Errors
    /// See [`LogError`].
    pub fn one(&self, key: Key<'_>) -> Result<Option<Vec<u8>>, LogError> {
        Ok(self.get(&[key])?.pop().flatten())
    }

    /// Sequence number of the entry with this id.
    ///
    /// # Errors
    /// See [`LogError`].
    pub fn seq_of(&self, id: &str) -> Result<Option<u64>, LogError> {
        let found = self.one(Key::Id(id))?;
        Ok(found
            .and_then(|b| b.try_into().ok())
            .map(u64::from_be_bytes))
    }
}

/// Pseudonym and wrapped key as one value.
pub fn encode_subject(subject: &Subject) -> Vec<u8> {
    let mut bytes = subject.pseudonym.as_bytes().to_vec();
    bytes.push(0);
    bytes.extend_from_slice(&subject.wrapped);
    bytes
}

/// What a customer's row is known by on record: says nothing of customer or key.
pub fn digest_of_customer(locator: &[u8; 32], subject: &Subject) -> Digest {
    let row = encode_subject(subject);
    Digest::of(&[b"echovoice/customer/v1\0".as_slice(), locator, &row].concat())
}

/// What all customers' rows together are known by: the hash of their hashes, in the order of their locators.
pub fn digest_of_customers(rows: &[([u8; 32], Subject)]) -> Digest {
    let mut rows: Vec<_> = rows.iter().collect();
    rows.sort_by_key(|(locator, _)| *locator);
    let hashes = rows
        .iter()
        .map(|(locator, s)| digest_of_customer(locator, s).0);
    Digest::of(&hashes.collect::<Vec<_>>().concat())
}

/// Reads a row of [`Page::Subjects`].
pub fn decode_row(row: &[u8]) -> Option<([u8; 32], Subject)> {
    let (locator, rest) = row.split_first_chunk::<32>()?;
    Some((*locator, decode_subject(rest)?))
}

/// Reads [`encode_subject`] back.
pub fn decode_subject(bytes: &[u8]) -> Option<Subject> {
    let zero = bytes.iter().position(|b| *b == 0)?;
    Some(Subject {
        pseudonym: String::from_utf8(bytes[..zero].to_vec()).ok()?,
        wrapped: bytes[zero + 1..].to_vec(),
    })
}
