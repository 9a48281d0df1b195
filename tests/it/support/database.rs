//! A schema of its own in the database that `DATABASE_URL` names; it goes with the test.

use echovoice::ledger::postgres::{self, DatabasePlace, PostgresLog};
use std::path::Path;
use zeroize::Zeroizing;

pub struct Schema {
    pub url: String,
    pub name: String,
}

/// A fresh schema with the ledger's tables; `None`, said plainly, where no database is named.
pub fn schema() -> Option<Schema> {
    let Ok(url) = std::env::var("DATABASE_URL") else {
        eprintln!("SKIPPED: DATABASE_URL is not set, so nothing was tested on PostgreSQL");
        return None;
    };
    let mut random = [0; 8];
    getrandom::fill(&mut random).unwrap();
    let name = format!("test_{}", hex::encode(random));
    let schema = Schema { url, name };
    assert_eq!(postgres::migrate(&schema.place(), None).unwrap(), 1);
    Some(schema)
}

impl Schema {
    pub fn place(&self) -> DatabasePlace {
        self.by(&self.url)
    }

    /// The same schema by another way.
    pub fn by(&self, url: &str) -> DatabasePlace {
        DatabasePlace {
            url: Zeroizing::new(url.to_owned()),
            user: None,
            password: None,
            schema: self.name.clone(),
            roots: None,
            connections: 4,
        }
    }

    pub fn open(&self) -> PostgresLog {
        PostgresLog::open(&self.place()).unwrap()
    }

    /// The settings of a home whose ledger is here.
    pub fn settings(&self, home: &Path) {
        let text = format!(
            "[ledger]\nurl_env = \"DATABASE_URL\"\nschema = \"{}\"\n",
            self.name
        );
        std::fs::write(home.join("config.toml"), text).unwrap();
    }

    /// Does something in SQL, as the database's owner.
    pub fn sql(&self, sql: &str) -> Result<Vec<Vec<String>>, String> {
        let config: tokio_postgres::Config = self.url.parse().unwrap();
        let text = format!("SET search_path TO {}; {sql}", self.name);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let (client, connection) = config.connect(tokio_postgres::NoTls).await.unwrap();
            tokio::spawn(connection);
            let rows = client.simple_query(&text).await.map_err(|e| {
                e.as_db_error()
                    .map_or_else(|| e.to_string(), |db| db.message().to_owned())
            })?;
            let cells = |message: tokio_postgres::SimpleQueryMessage| match message {
                tokio_postgres::SimpleQueryMessage::Row(row) => Some(
                    (0..row.len())
                        .map(|n| row.get(n).unwrap_or("").to_owned())
                        .collect(),
                ),
                _ => None,
            };
            Ok(rows.into_iter().filter_map(cells).collect())
        })
    }
}

impl Drop for Schema {
    fn drop(&mut self) {
        let dropped = self.sql(&format!("DROP SCHEMA {} CASCADE", self.name));
        if !std::thread::panicking() {
            dropped.unwrap();
        }
    }
}
