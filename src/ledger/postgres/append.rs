//! One commit: all tables, all or nothing, one statement a table.

use super::connect::ClientSource;
use super::errors::{cause, said};
use crate::domain::digest::Digest;
use crate::ledger::log::{Batch, LogError};
use deadpool_postgres::Client;
use std::collections::{BTreeMap, HashMap};
use std::time::Duration;
use tokio_postgres::Error;
use tokio_postgres::types::{ToSql, Type};

/// Compare-and-set on the head's one row. The row's lock makes processes wait for each other.
const MOVE_HEAD: &str = "UPDATE head SET size = $2, last = $3, checkpoint = $4, epoch = COALESCE($5::bytea, epoch) \
     WHERE size = $1 AND ($6::boolean OR epoch IS NULL OR $5::bytea IS NULL OR epoch = $5::bytea)";

/// Looks, with pauses, whether a commit took whose answer was lost.
const LOOKS: u32 = 20;
const PAUSE: Duration = Duration::from_millis(250);

/// Entries by columns: place, id, run, bytes.
type Entries = (Vec<i64>, Vec<String>, Vec<Option<String>>, Vec<Vec<u8>>);

/// A batch by columns.
#[derive(Default)]
pub(super) struct Columns {
    before: i64,
    size: i64,
    last: Vec<u8>,
    checkpoint: String,
    epoch: Option<Vec<u8>>,
    anew: bool,
    entry: Entries,
    blob: (Vec<Vec<u8>>, Vec<Vec<u8>>),
    node: (Vec<i16>, Vec<i64>, Vec<Vec<u8>>),
    run: (Vec<i64>, Vec<String>, Vec<Vec<u8>>),
    closed: (Vec<String>, Vec<i64>),
    opened: (Vec<String>, Vec<i64>),
    person: (Vec<String>, Vec<Vec<u8>>),
    standing: (Vec<String>, Vec<Vec<u8>>),
    subject: (Vec<Vec<u8>>, Vec<String>, Vec<Vec<u8>>),
}

/// A number as the database has it: sequence numbers stay below 2^53.
pub(super) fn number(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

impl Columns {
    /// # Errors
    /// An entry without an id.
    pub fn of(batch: &Batch) -> Result<Self, LogError> {
        let size = batch.expected + batch.entries.len() as u64;
        let mut c = Self {
            before: number(batch.expected),
            size: number(size),
            last: batch.last.to_vec(),
            checkpoint: batch.checkpoint.clone(),
            epoch: batch.epoch.map(|epoch| epoch.0.to_vec()),
            anew: batch.subjects_anew,
            ..Self::default()
        };
        let ids: HashMap<u64, &String> = batch.ids.iter().map(|(id, seq)| (*seq, id)).collect();
        let runs: HashMap<u64, &String> = batch.of_run.iter().map(|(r, seq)| (*seq, r)).collect();
        for (seq, bytes) in (batch.expected..).zip(&batch.entries) {
            let id = ids
                .get(&seq)
                .ok_or_else(|| LogError::Damaged(format!("entry {seq} has no id").into()))?;
            c.entry.0.push(number(seq));
            c.entry.1.push((*id).clone());
            c.entry.2.push(runs.get(&seq).map(|run| (*run).clone()));
            c.entry.3.push(bytes.clone());
        }
        let blobs: BTreeMap<[u8; 32], &[u8]> = batch
            .blobs
            .iter()
            .map(|b| (b.digest.0, b.bytes.as_slice()))
            .collect();
        for (digest, bytes) in blobs {
            c.blob.0.push(digest.to_vec());
            c.blob.1.push(bytes.to_vec());
        }
        for (id, hash) in &batch.nodes {
            c.node.0.push(i16::from(id.level));
            c.node.1.push(number(id.index));
            c.node.2.push(hash.to_vec());
        }
        for (run, seq, row) in &batch.runs {
            c.run.0.push(number(*seq));
            c.run.1.push(run.clone());
            c.run.2.push(row.clone());
        }
        c.closed = places(&batch.closed);
        c.opened = places(&batch.opened);
        c.person = rows(&batch.people);
        c.standing = rows(&batch.standing);
        for (locator, subject) in &batch.subjects {
            c.subject.0.push(locator.to_vec());
            c.subject.1.push(subject.pseudonym.clone());
            c.subject.2.push(subject.wrapped.clone());
        }
        Ok(c)
    }
}

fn places(places: &[(String, u64)]) -> (Vec<String>, Vec<i64>) {
    places
        .iter()
        .map(|(place, seq)| (place.clone(), number(*seq)))
        .unzip()
}

/// The last row of each name: one statement may touch a row once.
fn rows(rows: &[(String, Vec<u8>)]) -> (Vec<String>, Vec<Vec<u8>>) {
    let last: BTreeMap<&String, &Vec<u8>> = rows.iter().map(|(name, row)| (name, row)).collect();
    last.into_iter()
        .map(|(name, row)| (name.clone(), row.clone()))
        .unzip()
}

/// A value and its type: a statement without a name is told them with it.
pub(super) type Value<'v> = (&'v (dyn ToSql + Sync), Type);

/// What became of an attempt.
enum AppendOutcome {
    Done,
    Refused(LogError),
    /// The commit was sent, and its answer was lost.
    Lost(String),
}

/// Begins a transaction that holds the head: whoever comes later waits.
pub(super) async fn hold(source: &ClientSource) -> Result<Client, LogError> {
    let client = source.transaction().await?;
    match client
        .execute_typed("SELECT size FROM head FOR UPDATE", &[])
        .await
    {
        Ok(_) => Ok(client),
        Err(error) => {
            give_up(&client).await;
            Err(said(&error))
        }
    }
}

/// Ends a transaction without a trace. A connection that cannot is closed, and has ended it so.
pub(super) async fn give_up(client: &Client) {
    let _ = client.batch_execute("ROLLBACK").await;
}

/// Stores a batch durably; `held` is a transaction that holds the head already.
pub(super) async fn append(
    source: &ClientSource,
    held: Option<Client>,
    columns: &Columns,
) -> Result<(), LogError> {
    let client = match held {
        Some(client) => client,
        None => source.transaction().await?,
    };
    match attempt(&client, columns).await {
        AppendOutcome::Done => Ok(()),
        AppendOutcome::Refused(error) => {
            give_up(&client).await;
            Err(error)
        }
        AppendOutcome::Lost(why) => {
            drop(client);
            settle(source, columns, &why).await
        }
    }
}

async fn attempt(client: &Client, c: &Columns) -> AppendOutcome {
    match store(client, c).await {
        Ok(true) => {}
        Ok(false) => {
            return AppendOutcome::Refused(LogError::Fenced(format!(
                "the log has no longer {} entries",
                c.before
            )));
        }
        Err(error) => return AppendOutcome::Refused(said(&error)),
    }
    match client.batch_execute("COMMIT").await {
        Ok(()) => AppendOutcome::Done,
        Err(error) if error.as_db_error().is_some() => AppendOutcome::Refused(said(&error)),
        Err(error) => AppendOutcome::Lost(cause(&error)),
    }
}

/// Whether the head stood where the batch wants it; if so, everything is in the transaction.
async fn store(t: &Client, c: &Columns) -> Result<bool, Error> {
    let moved = t
        .execute_typed(
            MOVE_HEAD,
            &[
                (&c.before, Type::INT8),
                (&c.size, Type::INT8),
                (&c.last, Type::BYTEA),
                (&c.checkpoint, Type::TEXT),
                (&c.epoch, Type::BYTEA),
                (&c.anew, Type::BOOL),
            ],
        )
        .await?;
    if moved == 0 {
        return Ok(false);
    }
    if c.anew {
        t.execute_typed("DELETE FROM subject", &[]).await?;
    }
    let (numbers, texts, bytes) = (Type::INT8_ARRAY, Type::TEXT_ARRAY, Type::BYTEA_ARRAY);
    let parts: [(bool, &str, Vec<Value<'_>>); 10] = [
        (
            c.entry.0.is_empty(),
            "INSERT INTO entry (seq, id, run, bytes) SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::bytea[])",
            vec![
                (&c.entry.0, numbers.clone()),
                (&c.entry.1, texts.clone()),
                (&c.entry.2, texts.clone()),
                (&c.entry.3, bytes.clone()),
            ],
        ),
        (
            c.blob.0.is_empty(),
            "INSERT INTO blob (digest, bytes) SELECT * FROM unnest($1::bytea[], $2::bytea[]) ON CONFLICT (digest) DO NOTHING",
            vec![(&c.blob.0, bytes.clone()), (&c.blob.1, bytes.clone())],
        ),
        (
            c.node.0.is_empty(),
            "INSERT INTO node (level, place, hash) SELECT * FROM unnest($1::smallint[], $2::bigint[], $3::bytea[])",
            vec![
                (&c.node.0, Type::INT2_ARRAY),
                (&c.node.1, numbers.clone()),
                (&c.node.2, bytes.clone()),
            ],
        ),
        (
            false,
            "INSERT INTO checkpoint (size, note) VALUES ($1, $2) ON CONFLICT (size) DO NOTHING",
            vec![(&c.size, Type::INT8), (&c.checkpoint, Type::TEXT)],
        ),
        (
            c.run.0.is_empty(),
            "INSERT INTO run (seq, run, summary) SELECT * FROM unnest($1::bigint[], $2::text[], $3::bytea[]) \
             ON CONFLICT (seq) DO UPDATE SET summary = excluded.summary",
            vec![
                (&c.run.0, numbers.clone()),
                (&c.run.1, texts.clone()),
                (&c.run.2, bytes.clone()),
            ],
        ),
        (
            c.closed.0.is_empty(),
            "DELETE FROM open_run WHERE (place, seq) IN (SELECT * FROM unnest($1::text[], $2::bigint[]))",
            vec![(&c.closed.0, texts.clone()), (&c.closed.1, numbers.clone())],
        ),
        (
            c.opened.0.is_empty(),
            "INSERT INTO open_run (place, seq) SELECT * FROM unnest($1::text[], $2::bigint[]) ON CONFLICT DO NOTHING",
            vec![(&c.opened.0, texts.clone()), (&c.opened.1, numbers.clone())],
        ),
        (
            c.person.0.is_empty(),
            "INSERT INTO person (name, row) SELECT * FROM unnest($1::text[], $2::bytea[]) \
             ON CONFLICT (name) DO UPDATE SET row = excluded.row",
            vec![(&c.person.0, texts.clone()), (&c.person.1, bytes.clone())],
        ),
        (
            c.standing.0.is_empty(),
            "INSERT INTO standing (subject, row) SELECT * FROM unnest($1::text[], $2::bytea[]) \
             ON CONFLICT (subject) DO UPDATE SET row = excluded.row",
            vec![
                (&c.standing.0, texts.clone()),
                (&c.standing.1, bytes.clone()),
            ],
        ),
        (
            c.subject.0.is_empty(),
            "INSERT INTO subject (locator, pseudonym, wrapped) SELECT * FROM unnest($1::bytea[], $2::text[], $3::bytea[])",
            vec![
                (&c.subject.0, bytes.clone()),
                (&c.subject.1, texts.clone()),
                (&c.subject.2, bytes.clone()),
            ],
        ),
    ];
    // All on their way at once: one round trip.
    let wanted = parts.iter().filter(|(is_empty, ..)| !is_empty);
    let sent = wanted.map(|(_, sql, values)| t.execute_typed(sql, values));
    futures_util::future::try_join_all(sent).await?;
    Ok(true)
}

/// Whether a commit took whose answer was lost. Waiting for the head's lock waits for a commit that is still under way.
async fn settle(source: &ClientSource, c: &Columns, why: &str) -> Result<(), LogError> {
    for _ in 0..LOOKS {
        match is_stored(source, c).await {
            Ok(true) => return Ok(()),
            Ok(false) => return Err(LogError::Retry(why.to_owned())),
            Err(_) => tokio::time::sleep(PAUSE).await,
        }
    }
    Err(LogError::Unknown(why.to_owned()))
}

async fn is_stored(source: &ClientSource, c: &Columns) -> Result<bool, LogError> {
    let client = hold(source).await?;
    let sql = "SELECT bytes FROM entry WHERE seq = $1";
    let stored = client
        .query_typed_opt(sql, &[(&(c.size - 1), Type::INT8)])
        .await;
    give_up(&client).await;
    let stored = stored.map_err(|e| said(&e))?;
    let ours = stored.map(|row| Digest::of(row.get::<_, &[u8]>(0)).0.to_vec());
    Ok(ours.as_deref() == Some(c.last.as_slice()))
}
