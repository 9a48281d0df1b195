//! The tables, how they come to be, and who may do what to them.

use super::append::give_up;
use super::connect::{Bridge, is_name};
use super::errors::said;
use crate::ledger::database::DatabasePlace;
use crate::ledger::log::LogError;
use deadpool_postgres::Client;
use tokio_postgres::Error;
use tokio_postgres::types::Type;

/// Version of the tables that this program works with.
pub const VERSION: i32 = 1;

/// What each version adds to the one before. Released ones never change.
const STEPS: [&str; VERSION as usize] = [include_str!("schema/1.sql")];

/// Makes append-only tables refuse changes even from their owner. Left out where triggers are unknown.
const REFUSE: &str = include_str!("schema/refuse.sql");

/// Tables that only grow.
const GROWING: [&str; 4] = ["entry", "node", "blob", "checkpoint"];

/// What the programs' role may do: never more than the ledger needs.
const GRANTS: [(&str, &str); 6] = [
    ("SELECT, INSERT", "entry, node, blob, checkpoint"),
    ("SELECT, UPDATE", "head"),
    ("SELECT, INSERT, UPDATE", "run, person, standing"),
    ("SELECT, INSERT, DELETE", "open_run, subject"),
    ("SELECT, INSERT, UPDATE, DELETE", "job"),
    ("SELECT", "migration"),
];

/// The version that is there.
pub(super) async fn version(client: &Client) -> Result<i32, Error> {
    let row = client
        .query_typed_one("SELECT coalesce(max(version), 0) FROM migration", &[])
        .await?;
    row.try_get(0)
}

/// Makes or renews the tables in the place's schema, and lets a role work with them. The steps that were taken come
/// back: none when everything was there.
///
/// # Errors
/// The database cannot be reached, or this role may not do that.
pub fn migrate(place: &DatabasePlace, role: Option<&str>) -> Result<i32, LogError> {
    if let Some(role) = role.filter(|role| !is_name(role)) {
        return Err(LogError::Retry(format!(
            "{role:?} is not a role's name: lower-case letters, digits and _"
        )));
    }
    let bridge = Bridge::new(place).map_err(|e| LogError::Retry(e.to_string()))?;
    let (source, schema) = (bridge.source.clone(), place.schema.clone());
    let role = role.map(str::to_owned);
    bridge.wait(async move {
        let client = source.transaction().await?;
        let taken = steps(&client, &schema, role.as_deref()).await;
        let Ok(taken) = taken else {
            give_up(&client).await;
            return taken.map_err(|e| said(&e));
        };
        let ended = client.batch_execute("COMMIT").await;
        ended.map_err(|e| said(&e))?;
        Ok(taken)
    })
}

async fn steps(t: &Client, schema: &str, role: Option<&str>) -> Result<i32, Error> {
    t.batch_execute(&format!(
        "CREATE SCHEMA IF NOT EXISTS {schema}; \
         CREATE TABLE IF NOT EXISTS migration (version integer PRIMARY KEY, at timestamptz NOT NULL DEFAULT now())"
    ))
    .await?;
    let found: i32 = t
        .query_typed_one("SELECT coalesce(max(version), 0) FROM migration", &[])
        .await?
        .try_get(0)?;
    let mut taken = 0;
    for (number, step) in (1..).zip(STEPS).filter(|(number, _)| *number > found) {
        t.batch_execute(step).await?;
        let sql = "INSERT INTO migration (version) VALUES ($1)";
        t.execute_typed(sql, &[(&number, Type::INT4)]).await?;
        taken += 1;
    }
    let server: String = t
        .query_typed_one("SELECT version()", &[])
        .await?
        .try_get(0)?;
    if found == 0 && server.starts_with("PostgreSQL") {
        t.batch_execute(REFUSE).await?;
        for table in GROWING {
            t.batch_execute(&format!(
                "CREATE TRIGGER only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} \
                 FOR EACH STATEMENT EXECUTE FUNCTION refuse()"
            ))
            .await?;
        }
    }
    if let Some(role) = role {
        t.batch_execute(&format!("GRANT USAGE ON SCHEMA {schema} TO {role}"))
            .await?;
        for (what, tables) in GRANTS {
            t.batch_execute(&format!("GRANT {what} ON {tables} TO {role}"))
                .await?;
        }
    }
    Ok(taken)
}
