//! The database that several processes keep one ledger in, as the home's settings name it.

use crate::config::{self, Config, Secret};
use crate::error::{Error, Kind, Result};
use crate::ledger::postgres::{self, CONNECTIONS, DatabasePlace, PostgresLog};
use crate::ledger::{AuditLog as _, LogError};
use std::path::Path;
use std::sync::Arc;

/// The schema of a ledger whose settings name none.
const SCHEMA: &str = "echovoice";

/// What of a database a person asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    pub schema: String,
    pub version: i32,
    pub entries: u64,
}

/// Where the home's ledger is, if it is in a database.
///
/// # Errors
/// The settings cannot be used, or name a secret that is not there.
pub fn place(home: &Path) -> Result<Option<DatabasePlace>> {
    let Some(settings) = Config::read(home)?.ledger else {
        return Ok(None);
    };
    let url = config::secret("the ledger's URL", "ledger", &settings.url())?;
    let password = settings.password();
    let password = (password.iter().any(Option::is_some))
        .then(|| config::secret("the ledger's password", "ledger", &password))
        .transpose()?;
    Ok(Some(DatabasePlace {
        url,
        user: None,
        password,
        schema: settings.schema.unwrap_or_else(|| SCHEMA.into()),
        roots: settings.root_certificates,
        connections: settings.connections.unwrap_or(CONNECTIONS),
    }))
}

/// Opens the home's ledger, if it is in a database.
///
/// # Errors
/// It cannot be reached, or its tables are not there.
pub fn open(home: &Path) -> Result<Option<Arc<PostgresLog>>> {
    let Some(place) = place(home)? else {
        return Ok(None);
    };
    let log = PostgresLog::open(&place).map_err(|e| unusable(&e))?;
    Ok(Some(Arc::new(log)))
}

fn unusable(error: &LogError) -> Error {
    // Nothing was to be written yet: the reason alone counts.
    let why = match error {
        LogError::Retry(why) | LogError::Unknown(why) | LogError::Fenced(why) => why.clone(),
        other => other.to_string(),
    };
    Error::new(Kind::Ledger, why).at("[ledger] in config.toml")
}

fn named(home: &Path) -> Result<DatabasePlace> {
    place(home)?.ok_or_else(|| {
        Error::new(Kind::Input, "this home's ledger is a file, not a database")
            .at(home.join(config::FILE).display().to_string())
            .fix("name a database under [ledger]; `echovoice help operations` shows how")
    })
}

/// A role that may make tables, and the file with its password.
#[derive(Clone, Copy, Debug)]
pub struct Owner<'o> {
    pub name: &'o str,
    pub password: Option<&'o Path>,
}

/// Makes or renews the tables, as their owner, if the programs' own role may not; `grant` is the programs' role.
///
/// # Errors
/// No database is named, it cannot be reached, or the role may not make tables.
pub fn migrate(home: &Path, owner: Option<Owner<'_>>, grant: Option<&str>) -> Result<i32> {
    let mut place = named(home)?;
    if let Some(owner) = owner {
        place.user = Some(owner.name.to_owned());
        place.password = (owner.password)
            .map(|file| {
                config::secret(
                    "the owner's password",
                    "ledger",
                    &[Some(Secret::File(file))],
                )
            })
            .transpose()?;
    }
    postgres::migrate(&place, grant).map_err(|e| unusable(&e))
}

/// What is in the database.
///
/// # Errors
/// No database is named, it cannot be reached, or its tables are not there.
pub fn status(home: &Path) -> Result<Status> {
    let place = named(home)?;
    let log = PostgresLog::open(&place).map_err(|e| unusable(&e))?;
    Ok(Status {
        schema: place.schema,
        version: postgres::VERSION,
        entries: log.head()?.size,
    })
}
