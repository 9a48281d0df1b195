//! Connections: where the database is, how it is spoken to, and the bridge from callers that wait.

use super::errors::{pool_error, said};
use crate::ledger::database::DatabasePlace;
use crate::ledger::log::LogError;
use deadpool_postgres::{
    BuildError, Client, Manager, ManagerConfig, Pool, RecyclingMethod, Runtime,
};
use futures_util::future::join3;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::{self, PemObject as _};
use rustls::{ClientConfig, RootCertStore};
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::sync_channel;
use std::time::Duration;
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres_rustls::MakeRustlsConnect;

/// Most bytes of a name in PostgreSQL.
const LONGEST_NAME: usize = 63;

/// How long a connection may take, and how long one is waited for.
const PATIENCE: Duration = Duration::from_secs(5);

/// How the database is given cannot be used; nothing was sent.
#[derive(Debug, thiserror::Error)]
pub(super) enum ConnectError {
    #[error("a schema's name is lower-case letters, digits and _, and begins with a letter")]
    Schema,
    /// The parser's own words may repeat the URL.
    #[error("the database's URL cannot be read; it is like postgres://user@host/database")]
    Url,
    #[error("{}: {why}", .file.display())]
    Certificate {
        file: PathBuf,
        #[source]
        why: pem::Error,
    },
    #[error("{}: {why}", .file.display())]
    Root {
        file: PathBuf,
        #[source]
        why: rustls::Error,
    },
    #[error("{}: there is no certificate in it", .0.display())]
    NoCertificate(PathBuf),
    #[error(transparent)]
    Pool(#[from] BuildError),
    #[error(transparent)]
    Thread(#[from] std::io::Error),
}

/// Where transactions come from.
///
/// Everything is done in one, and no statement has a name: behind a pooler that gives a server's connection from
/// transaction to transaction (PgBouncer), whatever else belongs to a session is somebody else's the next moment.
#[derive(Clone)]
pub(super) struct ClientSource {
    pool: Pool,
    begin: Arc<str>,
}

impl ClientSource {
    /// A connection, in a transaction of this ledger. Nothing was sent if there is none.
    pub async fn transaction(&self) -> Result<Client, LogError> {
        let client = self.connection().await?;
        client
            .batch_execute(&self.begin)
            .await
            .map_err(|e| said(&e))?;
        Ok(client)
    }

    async fn connection(&self) -> Result<Client, LogError> {
        self.pool.get().await.map_err(|e| pool_error(&e))
    }
}

/// Transactions, and the threads that their connections live on.
pub(super) struct Bridge {
    pub source: ClientSource,
    runtime: Option<tokio::runtime::Runtime>,
}

impl Bridge {
    /// Makes ready to connect; nothing is sent yet.
    ///
    /// # Errors
    /// The URL, the schema's name or a certificate cannot be used.
    pub fn new(place: &DatabasePlace) -> Result<Self, ConnectError> {
        let schema = place.schema.clone();
        if !is_name(&schema) {
            return Err(ConnectError::Schema);
        }
        let config = place.url.trim().parse::<tokio_postgres::Config>();
        let mut config = config.map_err(|_| ConnectError::Url)?;
        if let Some(user) = &place.user {
            config.user(user);
        }
        if let Some(password) = &place.password {
            config.password(password.as_bytes());
        }
        config
            .connect_timeout(PATIENCE)
            .tcp_user_timeout(6 * PATIENCE);
        if config.get_application_name().is_none() {
            config.application_name("echovoice");
        }
        let here = config.get_hosts().iter().all(is_here)
            && config.get_hostaddrs().iter().all(IpAddr::is_loopback);
        // "Prefer" is what a URL says that says nothing. What leaves this machine is encrypted and the server known.
        if config.get_ssl_mode() == SslMode::Prefer {
            let plain = here && place.roots.is_none();
            config.ssl_mode(if plain {
                SslMode::Disable
            } else {
                SslMode::Require
            });
        }
        let tls = match &place.roots {
            None => MakeRustlsConnect::with_webpki_roots(),
            Some(file) => MakeRustlsConnect::new(trusting(file)?),
        };
        let recycle = ManagerConfig {
            recycling_method: RecyclingMethod::Fast,
        };
        // A commit is durable whatever the server's default; a frozen process lets the head go.
        let begin = format!(
            "BEGIN; SET LOCAL search_path TO {schema}; SET LOCAL synchronous_commit TO on; \
             SET LOCAL statement_timeout TO '60s'; SET LOCAL idle_in_transaction_session_timeout TO '10s'"
        );
        let pool = Pool::builder(Manager::from_config(config, tls, recycle))
            .max_size(place.connections.max(2))
            .runtime(Runtime::Tokio1)
            .wait_timeout(Some(6 * PATIENCE))
            .create_timeout(Some(PATIENCE))
            .build()?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("database")
            .enable_all()
            .build()?;
        Ok(Self {
            source: ClientSource {
                pool,
                begin: begin.into(),
            },
            runtime: Some(runtime),
        })
    }

    /// Does it on the database's thread, and waits.
    pub fn wait<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, LogError>> + Send + 'static,
    ) -> Result<T, LogError> {
        let gone = || LogError::Unknown("the database's thread is gone".into());
        let runtime = self.runtime.as_ref().ok_or_else(gone)?;
        let (sender, answer) = sync_channel(1);
        runtime.spawn(async move {
            // The receiver waits below.
            let _ = sender.send(work.await);
        });
        answer.recv().map_err(|_| gone())?
    }

    /// Does something in a transaction of its own, in one round trip; a connection that broke meanwhile is replaced once.
    pub fn read<T, F>(&self, read: impl Fn(Arc<Client>) -> F) -> Result<T, LogError>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, tokio_postgres::Error>> + Send + 'static,
    {
        let once = || {
            let source = self.source.clone();
            let client = self.wait(async move { source.connection().await.map(Arc::new) })?;
            let (work, begin) = (read(client.clone()), self.source.begin.clone());
            self.wait(async move {
                let (begin, commit) =
                    (client.batch_execute(&begin), client.batch_execute("COMMIT"));
                // All on their way at once, in this order.
                let (begun, done, ended) = join3(begin, work, commit).await;
                Ok(done.and_then(|done| begun.and(ended).map(|()| done)))
            })
        };
        match once()? {
            Err(broken) if broken.is_closed() => once()?,
            read => read,
        }
        .map_err(|e| said(&e))
    }
}

impl Drop for Bridge {
    fn drop(&mut self) {
        // Whoever drops it may itself be on a runtime's thread, which may not wait.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// Whether it can stand in SQL as a name without quotes.
pub(super) fn is_name(text: &str) -> bool {
    let word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    text.len() <= LONGEST_NAME
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.chars().all(word)
}

fn is_here(host: &Host) -> bool {
    match host {
        Host::Tcp(name) => {
            name == "localhost" || name.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
        }
        Host::Unix(_) => true,
    }
}

fn trusting(file: &Path) -> Result<ClientConfig, ConnectError> {
    let unread = |why| ConnectError::Certificate {
        file: file.to_owned(),
        why,
    };
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(file).map_err(unread)? {
        let added = roots.add(certificate.map_err(unread)?);
        added.map_err(|why| ConnectError::Root {
            file: file.to_owned(),
            why,
        })?;
    }
    if roots.is_empty() {
        return Err(ConnectError::NoCertificate(file.to_owned()));
    }
    Ok(ClientConfig::builder()
        .with_root_certificates(roots)
        .with_no_client_auth())
}
