//! The ledger that several processes share, in PostgreSQL or what speaks its protocol. The only place that knows it.
//!
//! The head is one row. A commit sets it on if it stands where the writer saw it, and the row's lock keeps the others
//! waiting meanwhile; who comes late looks again and places its entries anew. Entries lie as the very bytes that are
//! hashed, so that anybody with `psql` can check the chain with the database's own `sha256()`.

mod append;
mod connect;
mod errors;
pub mod jobs;
mod read;
mod schema;

use super::log::{AuditLog, Batch, Counts, Head, Key, LogError, Page, WriteTurn};
use super::tree::{self, Hash, NodeId};
use crate::domain::digest::Digest;
pub use crate::ledger::database::{CONNECTIONS, DatabasePlace};
use append::{Columns, number};
use connect::Bridge;
use deadpool_postgres::Client;
use errors::said;
pub use schema::{VERSION, migrate};
use std::sync::Arc;

/// A ledger in a database.
pub struct PostgresLog {
    bridge: Bridge,
}

impl PostgresLog {
    /// Connects, and sees whether the tables are there.
    ///
    /// # Errors
    /// The place cannot be used or reached, or its tables are of another version.
    pub fn open(place: &DatabasePlace) -> Result<Self, LogError> {
        let bridge = Bridge::new(place).map_err(|e| LogError::Retry(e.to_string()))?;
        let found = bridge.read(|client| async move { schema::version(&client).await })?;
        if found != VERSION {
            return Err(LogError::Retry(format!(
                "the ledger's tables are of version {found}, this program's of {VERSION}: {}",
                if found < VERSION {
                    "run `echovoice database migrate`"
                } else {
                    "use the newer program"
                }
            )));
        }
        Ok(Self { bridge })
    }
}

/// A transaction that holds the head.
struct HeldHead<'l> {
    bridge: &'l Bridge,
    client: Option<Client>,
}

impl WriteTurn for HeldHead<'_> {
    fn append(mut self: Box<Self>, batch: &Batch) -> Result<(), LogError> {
        let columns = Columns::of(batch)?;
        let (source, held) = (self.bridge.source.clone(), self.client.take());
        self.bridge
            .wait(async move { append::append(&source, held, &columns).await })
    }
}

impl Drop for HeldHead<'_> {
    fn drop(&mut self) {
        if let Some(client) = self.client.take() {
            // Nothing was written in it.
            let _ = self.bridge.wait(async move {
                append::give_up(&client).await;
                Ok(())
            });
        }
    }
}

impl AuditLog for PostgresLog {
    fn append(&self, batch: &Batch) -> Result<(), LogError> {
        let columns = Columns::of(batch)?;
        let source = self.bridge.source.clone();
        self.bridge
            .wait(async move { append::append(&source, None, &columns).await })
    }

    fn turn(&self) -> Result<Option<Box<dyn WriteTurn + '_>>, LogError> {
        let source = self.bridge.source.clone();
        let client = (self.bridge).wait(async move { append::hold(&source).await })?;
        Ok(Some(Box::new(HeldHead {
            bridge: &self.bridge,
            client: Some(client),
        })))
    }

    fn head(&self) -> Result<Head, LogError> {
        let row = self.bridge.read(|client| async move {
            let sql = "SELECT size, last, checkpoint, epoch FROM head";
            client.query_typed_one(sql, &[]).await
        })?;
        let damaged = || LogError::Damaged("the head's row".into());
        let hash = |bytes: &[u8]| Hash::try_from(bytes).map_err(|_| damaged());
        let epoch: Option<&[u8]> = row.try_get(3).map_err(|e| said(&e))?;
        Ok(Head {
            size: read::unsigned(row.try_get(0).map_err(|e| said(&e))?)?,
            last: hash(row.try_get(1).map_err(|e| said(&e))?)?,
            checkpoint: row.try_get(2).map_err(|e| said(&e))?,
            epoch: epoch.map(hash).transpose()?.map(Digest),
        })
    }

    fn get(&self, keys: &[Key<'_>]) -> Result<Vec<Option<Vec<u8>>>, LogError> {
        let asked = Arc::new(read::WantedRows::of(keys));
        let found = {
            let asked = asked.clone();
            self.bridge.read(move |client| {
                let asked = asked.clone();
                async move { asked.look(&client).await }
            })?
        };
        Ok(keys.iter().map(|key| found.under(*key)).collect())
    }

    fn page(&self, page: Page<'_>) -> Result<Vec<(u64, Vec<u8>)>, LogError> {
        let page = Arc::new(read::RowPage::of(page));
        let rows = self.bridge.read(move |client| {
            let page = page.clone();
            async move { page.rows(&client).await }
        })?;
        let row = |(seq, bytes): (i64, Vec<u8>)| Ok((read::unsigned(seq)?, bytes));
        rows.into_iter().map(row).collect()
    }

    fn counts(&self) -> Result<Option<Counts>, LogError> {
        let found = self
            .bridge
            .read(|client| async move { read::counts(&client).await })?;
        let of = |at: usize| found.get(at).map_or(Ok(0), |n| read::unsigned(*n));
        Ok(Some(Counts {
            entries: of(0)?,
            ids: of(0)?,
            of_run: of(1)?,
            nodes: of(2)?,
            blobs: of(3)?,
            checkpoints: of(4)?,
            runs: of(5)?,
            open: of(6)?,
            people: of(7)?,
            standing: of(8)?,
            subjects: of(9)?,
        }))
    }

    fn hashes(&self, nodes: &[NodeId]) -> Result<Vec<Option<Hash>>, LogError> {
        let leaves: Vec<Key<'_>> = (nodes.iter().filter(|id| id.level == 0))
            .map(|id| Key::Entry(id.index))
            .collect();
        let inner: Vec<&NodeId> = nodes.iter().filter(|id| id.level > 0).collect();
        let levels: Vec<i16> = inner.iter().map(|id| i16::from(id.level)).collect();
        let places: Vec<i64> = inner.iter().map(|id| number(id.index)).collect();
        let stored = if inner.is_empty() {
            Vec::new()
        } else {
            self.bridge.read(move |client| {
                let (levels, places) = (levels.clone(), places.clone());
                async move { read::nodes(&client, &levels, &places).await }
            })?
        };
        let mut leaves = self.get(&leaves)?.into_iter();
        let mut stored = stored.into_iter();
        let mut hash = |id: &NodeId| {
            if id.level == 0 {
                return leaves.next().flatten().map(|bytes| tree::leaf(&bytes));
            }
            stored
                .next()
                .flatten()
                .and_then(|bytes| bytes.try_into().ok())
        };
        Ok(nodes.iter().map(&mut hash).collect())
    }
}
