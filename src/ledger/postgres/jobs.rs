//! Work that several processes share: the lines of a batch. A line is taken by locking its row, so whoever is cut off
//! gives it back at once, and nobody waits for a line that another one has.

use super::PostgresLog;
use super::append::{Value, number};
use super::errors::said;
use crate::domain::digest::Digest;
use crate::ledger::log::LogError;
use deadpool_postgres::Client;
use std::sync::Arc;
use tokio::sync::Mutex;
use tokio_postgres::types::Type;

const TAKE: &str = "SELECT line FROM job WHERE batch = $1 AND NOT done ORDER BY line LIMIT $2 FOR UPDATE SKIP LOCKED";

/// Lines that this process has taken.
pub struct TakenLines<'l> {
    log: &'l PostgresLog,
    /// In a transaction, which holds the rows' locks.
    client: Arc<Mutex<Client>>,
    batch: Digest,
    pub lines: Vec<u64>,
}

impl PostgresLog {
    /// Puts a batch's lines up for whoever works; those that are there stay as they are.
    ///
    /// # Errors
    /// See [`LogError`].
    pub fn offer(&self, batch: &Digest, lines: &[u64]) -> Result<(), LogError> {
        let batch = batch.0.to_vec();
        let lines: Vec<i64> = lines.iter().map(|line| number(*line)).collect();
        let sql = "INSERT INTO job (batch, line) SELECT $1, line FROM unnest($2::bigint[]) AS line ON CONFLICT DO NOTHING";
        self.bridge.read(move |client| {
            let (batch, lines) = (batch.clone(), lines.clone());
            async move {
                let values: [Value<'_>; 2] = [(&batch, Type::BYTEA), (&lines, Type::INT8_ARRAY)];
                client.execute_typed(sql, &values).await.map(drop)
            }
        })
    }

    /// Takes up to so many lines that nobody else has; `None` when all are done or taken.
    ///
    /// # Errors
    /// See [`LogError`].
    pub fn take(&self, batch: &Digest, most: usize) -> Result<Option<TakenLines<'_>>, LogError> {
        let source = self.bridge.source.clone();
        let name = batch.0.to_vec();
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        let (client, lines) = self.bridge.wait(async move {
            let client = source.transaction().await?;
            // A batch of lines may take longer than a commit of the ledger.
            let longer = "SET LOCAL idle_in_transaction_session_timeout TO '10min'";
            client.batch_execute(longer).await.map_err(|e| said(&e))?;
            let values: [Value<'_>; 2] = [(&name, Type::BYTEA), (&most, Type::INT8)];
            let rows = client.query_typed(TAKE, &values).await;
            let rows = rows.map_err(|e| said(&e))?;
            let lines: Vec<i64> = rows.iter().map(|row| row.get(0)).collect();
            if lines.is_empty() {
                client
                    .batch_execute("ROLLBACK")
                    .await
                    .map_err(|e| said(&e))?;
            }
            Ok((client, lines))
        })?;
        if lines.is_empty() {
            return Ok(None);
        }
        Ok(Some(TakenLines {
            log: self,
            client: Arc::new(Mutex::new(client)),
            batch: *batch,
            lines: lines.into_iter().map(i64::unsigned_abs).collect(),
        }))
    }

    /// How many of a batch's lines are done, and how many there are.
    ///
    /// # Errors
    /// See [`LogError`].
    pub fn progress(&self, batch: &Digest) -> Result<(u64, u64), LogError> {
        let batch = batch.0.to_vec();
        let row = self.bridge.read(move |client| {
            let batch = batch.clone();
            async move {
                let sql = "SELECT count(*) FILTER (WHERE done), count(*) FROM job WHERE batch = $1";
                client.query_typed_one(sql, &[(&batch, Type::BYTEA)]).await
            }
        })?;
        let count = |n: i64| n.unsigned_abs();
        Ok((count(row.get(0)), count(row.get(1))))
    }
}

impl TakenLines<'_> {
    /// The lines are done; others need not do them.
    ///
    /// # Errors
    /// See [`LogError`]; the lines are free again then.
    pub fn done(self) -> Result<(), LogError> {
        let client = self.client.clone();
        let batch = self.batch.0.to_vec();
        let lines: Vec<i64> = self.lines.iter().map(|line| number(*line)).collect();
        self.log.bridge.wait(async move {
            let client = client.lock().await;
            let sql = "UPDATE job SET done = true WHERE batch = $1 AND line = ANY($2)";
            let values: [Value<'_>; 2] = [(&batch, Type::BYTEA), (&lines, Type::INT8_ARRAY)];
            let set = client.execute_typed(sql, &values).await;
            set.map_err(|e| said(&e))?;
            client.batch_execute("COMMIT").await.map_err(|e| said(&e))
        })
    }
}

impl Drop for TakenLines<'_> {
    fn drop(&mut self) {
        // What was not done is given back; after `done` there is nothing to give.
        let client = self.client.clone();
        let _ = self.log.bridge.wait(async move {
            let client = client.lock().await;
            client.batch_execute("ROLLBACK").await.map_err(|e| said(&e))
        });
    }
}
