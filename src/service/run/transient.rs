//! The last run's parts of each customer, for a while and for whoever asks: never the record, and gone with an erasure.

use crate::config::{self, Config};
use crate::domain::person::Action;
use crate::domain::run::Run;
use crate::error::{Error, Kind, Result};
use crate::service::home::workspace::Workspace;
use crate::service::run::response;
use crate::store::{Fallback, KEPT, Memory, Redis, RedisLocation, Store};
use serde_json::{Map, Value};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use zeroize::Zeroizing;

pub use crate::store::StoreStatus;

/// The parts, as the seed names its keys: `{id}:segment` and so on.
const PARTS: [&str; 5] = ["segment", "citations", "variants", "analysis", "winner"];

/// The variable that names a Redis where the settings name none.
const VARIABLE: &str = "REDIS_URL";

/// Where the parts are kept.
#[derive(Clone)]
pub struct Transient(Arc<dyn Store>);

impl Transient {
    /// In this process alone.
    pub(in crate::service) fn in_memory() -> Self {
        Self(Arc::new(Memory::new(KEPT)))
    }

    /// As the home's settings or `REDIS_URL` say; a tenant's name stands before its keys.
    ///
    /// # Errors
    /// The settings or the URL cannot be used. A Redis that does not answer is no error.
    pub(in crate::service) fn open(home: &Path, tenant: Option<&str>) -> Result<Self> {
        let settings = Config::read(home)?.store;
        let kept = settings.as_ref().and_then(|s| s.seconds);
        let kept = kept.map_or(KEPT, |seconds| Duration::from_secs(seconds.into()));
        let url = match settings.as_ref().and_then(config::StoreSettings::url) {
            Some(places) => Some(config::secret("the URL of Redis", "store", &places)?),
            // The variable may be meant for other programs: one that was built without Redis keeps to its memory.
            None => std::env::var(VARIABLE)
                .ok()
                .filter(|url| !url.is_empty() && cfg!(feature = "redis"))
                .map(Zeroizing::new),
        };
        let Some(url) = url else {
            return Ok(Self(Arc::new(Memory::new(kept))));
        };
        // Tenants never share a key, whatever their settings say.
        let tenant = tenant.map_or(String::new(), |name| format!("{name}:"));
        let prefix = settings.and_then(|s| s.prefix).unwrap_or_default();
        let prefix = format!("{tenant}{prefix}");
        let redis = Redis::new(RedisLocation { url, prefix, kept })
            .map_err(|e| Error::of(Kind::Input, e).at("[store] or REDIS_URL"))?;
        Ok(Self(Arc::new(Fallback::new(redis, kept))))
    }

    /// Keeps what a run gave. A store that does not take it loses nothing that counts.
    pub(in crate::service) fn keep(&self, run: &Run) {
        let whole = response::of_run(run, None);
        let part = |part: &str| match part {
            "winner" => whole["analysis"]["winner"].clone(),
            other => whole[other].clone(),
        };
        let values: Vec<(String, Vec<u8>)> = PARTS
            .iter()
            .map(|name| {
                (
                    key(&run.profile.id, name),
                    part(name).to_string().into_bytes(),
                )
            })
            .collect();
        let _ = self.0.put(&values);
    }

    /// Drops what is kept of a customer.
    pub(in crate::service) fn forget(&self, customer: &str) -> Result<()> {
        self.0.forget(&keys(customer)).map_err(|e| {
            Error::new(
                Kind::Io,
                format!("the customer's last run may still be in the store: {e}"),
            )
            .fix("bring Redis back and ask again: nothing was erased yet")
        })
    }

    /// Asks once, and says where values are.
    pub(in crate::service) fn look(&self) -> StoreStatus {
        // A store that does not answer is what the next line tells.
        let _ = self.0.get(&[key("nobody", "segment")]);
        self.0.whereabouts()
    }

    pub fn whereabouts(&self) -> StoreStatus {
        self.0.whereabouts()
    }
}

fn key(customer: &str, part: &str) -> String {
    format!("{customer}:{part}")
}

fn keys(customer: &str) -> Vec<String> {
    PARTS.iter().map(|part| key(customer, part)).collect()
}

/// What is kept of a customer: the parts of the last run that are still there.
///
/// # Errors
/// Not allowed, or nothing is kept.
pub fn of_customer(workspace: &Workspace, customer: &str) -> Result<Value> {
    workspace.allow(Action::ReadLedger)?;
    let store = &workspace.transient.0;
    let found = store
        .get(&keys(customer))
        .map_err(|e| Error::of(Kind::Io, e))?;
    let parts: Map<String, Value> = PARTS
        .iter()
        .zip(found)
        .filter_map(|(part, bytes)| {
            Some(((*part).to_owned(), serde_json::from_slice(&bytes?).ok()?))
        })
        .collect();
    if parts.is_empty() {
        return Err(
            Error::new(Kind::NotFound, "nothing is kept of this customer")
                .fix("what a run gave is kept for an hour; `GET /runs` has the record"),
        );
    }
    Ok(Value::Object(parts))
}
