//! Look-ups and pages.

use super::append::{Value, number};
use crate::ledger::log::{Key, LogError, Page, RunList};
use deadpool_postgres::Client;
use std::collections::HashMap;
use tokio_postgres::types::{FromSqlOwned, ToSql, Type};
use tokio_postgres::{Error, Row};

/// A sequence number from the database.
pub(super) fn unsigned(n: i64) -> Result<u64, LogError> {
    u64::try_from(n).map_err(|_| LogError::Damaged("a negative sequence number".into()))
}

/// Keys by table: one question a table, all on their way at once.
#[derive(Default)]
pub(super) struct WantedRows {
    entries: Vec<i64>,
    blobs: Vec<Vec<u8>>,
    ids: Vec<String>,
    of_run: Vec<i64>,
    runs: Vec<String>,
    people: Vec<String>,
    subjects: Vec<Vec<u8>>,
    pseudonyms: Vec<String>,
    standing: Vec<String>,
    checkpoints: Vec<i64>,
}

/// What was found.
pub(super) struct FoundRows {
    entries: HashMap<i64, Vec<u8>>,
    blobs: HashMap<Vec<u8>, Vec<u8>>,
    ids: HashMap<String, i64>,
    of_run: HashMap<i64, String>,
    runs: HashMap<String, Vec<u8>>,
    people: HashMap<String, Vec<u8>>,
    subjects: HashMap<Vec<u8>, Vec<u8>>,
    pseudonyms: HashMap<String, Vec<u8>>,
    standing: HashMap<String, Vec<u8>>,
    checkpoints: HashMap<i64, String>,
}

impl WantedRows {
    pub fn of(keys: &[Key<'_>]) -> Self {
        let mut asked = Self::default();
        for key in keys {
            match key {
                Key::Entry(seq) => asked.entries.push(number(*seq)),
                Key::Blob(digest) => asked.blobs.push(digest.0.to_vec()),
                Key::Id(id) => asked.ids.push((*id).to_owned()),
                Key::OfRun(_, seq) => asked.of_run.push(number(*seq)),
                Key::Run(run) => asked.runs.push((*run).to_owned()),
                Key::Person(name) => asked.people.push((*name).to_owned()),
                Key::Subject(locator) => asked.subjects.push(locator.to_vec()),
                Key::Pseudonym(name) => asked.pseudonyms.push((*name).to_owned()),
                Key::Standing(name) => asked.standing.push((*name).to_owned()),
                Key::Checkpoint(size) => asked.checkpoints.push(number(*size)),
            }
        }
        asked
    }

    pub async fn look(&self, client: &Client) -> Result<FoundRows, Error> {
        let c = client;
        let (numbers, texts, bytes) = (Type::INT8_ARRAY, Type::TEXT_ARRAY, Type::BYTEA_ARRAY);
        let (
            entries,
            blobs,
            ids,
            of_run,
            runs,
            people,
            subjects,
            pseudonyms,
            standing,
            checkpoints,
        ) = tokio::try_join!(
            pairs(
                c,
                "SELECT seq, bytes FROM entry WHERE seq = ANY($1)",
                &self.entries,
                numbers.clone()
            ),
            pairs(
                c,
                "SELECT digest, bytes FROM blob WHERE digest = ANY($1)",
                &self.blobs,
                bytes.clone()
            ),
            pairs(
                c,
                "SELECT id, seq FROM entry WHERE id = ANY($1)",
                &self.ids,
                texts.clone()
            ),
            pairs(
                c,
                "SELECT seq, run FROM entry WHERE seq = ANY($1) AND run IS NOT NULL",
                &self.of_run,
                numbers.clone()
            ),
            pairs(
                c,
                "SELECT run, summary FROM run WHERE run = ANY($1)",
                &self.runs,
                texts.clone()
            ),
            pairs(
                c,
                "SELECT name, row FROM person WHERE name = ANY($1)",
                &self.people,
                texts.clone()
            ),
            pairs(c, BY_LOCATOR, &self.subjects, bytes.clone()),
            pairs(c, BY_PSEUDONYM, &self.pseudonyms, texts.clone()),
            pairs(
                c,
                "SELECT subject, row FROM standing WHERE subject = ANY($1)",
                &self.standing,
                texts.clone()
            ),
            pairs(
                c,
                "SELECT size, note FROM checkpoint WHERE size = ANY($1)",
                &self.checkpoints,
                numbers.clone()
            ),
        )?;
        Ok(FoundRows {
            entries,
            blobs,
            ids,
            of_run,
            runs,
            people,
            subjects,
            pseudonyms,
            standing,
            checkpoints,
        })
    }
}

/// A customer's row as [`crate::ledger::log::encode_subject`] writes it.
const BY_LOCATOR: &str = "SELECT locator, convert_to(pseudonym, 'UTF8') || '\\x00'::bytea || wrapped FROM subject \
     WHERE locator = ANY($1)";
const BY_PSEUDONYM: &str = "SELECT pseudonym, convert_to(pseudonym, 'UTF8') || '\\x00'::bytea || wrapped FROM subject \
     WHERE pseudonym = ANY($1)";

async fn pairs<K, V>(
    client: &Client,
    sql: &str,
    keys: &Vec<K>,
    kind: Type,
) -> Result<HashMap<K, V>, Error>
where
    K: FromSqlOwned + ToSql + Sync + Eq + std::hash::Hash,
    V: FromSqlOwned,
{
    if keys.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = client.query_typed(sql, &[(keys, kind)]).await?;
    rows.iter()
        .map(|row| Ok((row.try_get(0)?, row.try_get(1)?)))
        .collect()
}

impl FoundRows {
    pub fn under(&self, key: Key<'_>) -> Option<Vec<u8>> {
        match key {
            Key::Entry(seq) => self.entries.get(&number(seq)).cloned(),
            Key::Blob(digest) => self.blobs.get(digest.0.as_slice()).cloned(),
            Key::Id(id) => self.ids.get(id).map(|seq| seq.to_be_bytes().to_vec()),
            Key::OfRun(run, seq) => {
                let listed = self.of_run.get(&number(seq));
                listed.is_some_and(|name| name == run).then(Vec::new)
            }
            Key::Run(run) => self.runs.get(run).cloned(),
            Key::Person(name) => self.people.get(name).cloned(),
            Key::Subject(locator) => self.subjects.get(locator.as_slice()).cloned(),
            Key::Pseudonym(name) => self.pseudonyms.get(name).cloned(),
            Key::Standing(name) => self.standing.get(name).cloned(),
            Key::Checkpoint(size) => {
                let note = self.checkpoints.get(&number(size))?;
                Some(note.clone().into_bytes())
            }
        }
    }
}

/// A page, with all that it needs to be asked for.
pub(super) struct RowPage {
    sql: &'static str,
    values: Vec<Asking>,
}

enum Asking {
    Number(i64),
    Text(String),
    Bytes(Vec<u8>),
}

impl Asking {
    fn sql(&self) -> Value<'_> {
        match self {
            Self::Number(n) => (n, Type::INT8),
            Self::Text(text) => (text, Type::TEXT),
            Self::Bytes(bytes) => (bytes, Type::BYTEA),
        }
    }
}

fn count(limit: usize) -> Asking {
    Asking::Number(i64::try_from(limit).unwrap_or(i64::MAX))
}

impl RowPage {
    pub fn of(page: Page<'_>) -> Self {
        use Asking::{Bytes, Number, Text};
        let (sql, values) = match page {
            Page::Entries { before, limit } => (
                "SELECT seq, bytes FROM entry WHERE seq < $1 ORDER BY seq DESC LIMIT $2",
                vec![Number(number(before)), count(limit)],
            ),
            Page::OfRun { run } => (
                "SELECT seq, bytes FROM entry WHERE run = $1 ORDER BY seq",
                vec![Text(run.to_owned())],
            ),
            Page::Runs { before, limit } => (
                "SELECT seq, summary FROM run WHERE seq < $1 ORDER BY seq DESC LIMIT $2",
                vec![Number(number(before)), count(limit)],
            ),
            Page::Open { list, after, limit } => {
                let (place, seq) =
                    after.map_or_else(|| first_of(list), |(p, seq)| (p, number(seq)));
                (
                    "SELECT seq, summary FROM open_run JOIN run USING (seq) \
                     WHERE (place, seq) > ($1, $2) AND place < $3 ORDER BY place, seq LIMIT $4",
                    vec![
                        Text(place.to_owned()),
                        Number(seq),
                        Text(list.end().to_owned()),
                        count(limit),
                    ],
                )
            }
            Page::People => ("SELECT 0::bigint, row FROM person ORDER BY name", vec![]),
            Page::Standing => (
                "SELECT 0::bigint, row FROM standing ORDER BY subject",
                vec![],
            ),
            Page::Subjects { after, limit } => (
                "SELECT 0::bigint, locator || convert_to(pseudonym, 'UTF8') || '\\x00'::bytea || wrapped FROM subject \
                 WHERE locator > $1 ORDER BY locator LIMIT $2",
                vec![
                    Bytes(after.map_or_else(Vec::new, |l| l.to_vec())),
                    count(limit),
                ],
            ),
        };
        Self { sql, values }
    }

    pub async fn rows(&self, client: &Client) -> Result<Vec<(i64, Vec<u8>)>, Error> {
        let values: Vec<_> = self.values.iter().map(Asking::sql).collect();
        let rows = client.query_typed(self.sql, &values).await?;
        rows.iter()
            .map(|row: &Row| Ok((row.try_get(0)?, row.try_get(1)?)))
            .collect()
    }
}

/// What lies before every place of a list.
fn first_of(list: RunList) -> (&'static str, i64) {
    (list.prefix(), -1)
}

/// Rows of each table, in the order of [`crate::ledger::log::Counts`].
pub(super) async fn counts(client: &Client) -> Result<Vec<i64>, Error> {
    let sql = "SELECT (SELECT count(*) FROM entry), (SELECT count(*) FROM entry WHERE run IS NOT NULL), \
         (SELECT count(*) FROM node), (SELECT count(*) FROM blob), (SELECT count(*) FROM checkpoint), \
         (SELECT count(*) FROM run), (SELECT count(*) FROM open_run), (SELECT count(*) FROM person), \
         (SELECT count(*) FROM standing), (SELECT count(*) FROM subject)";
    let row = client.query_typed_one(sql, &[]).await?;
    (0..row.len()).map(|at| row.try_get(at)).collect()
}

/// Stored hashes of inner nodes, in the order in which they were asked for.
pub(super) async fn nodes(
    client: &Client,
    levels: &[i16],
    places: &[i64],
) -> Result<Vec<Option<Vec<u8>>>, Error> {
    let sql = "SELECT hash FROM unnest($1::smallint[], $2::bigint[]) WITH ORDINALITY AS asked(level, place, nth) \
         LEFT JOIN node USING (level, place) ORDER BY nth";
    let asked: [Value<'_>; 2] = [(&levels, Type::INT2_ARRAY), (&places, Type::INT8_ARRAY)];
    let rows = client.query_typed(sql, &asked).await?;
    rows.iter().map(|row| row.try_get(0)).collect()
}
