//! Encrypted connections: certificate and key from files. Handshakes go on beside each other, so a client that never
//! finishes its own holds nobody up.

use crate::error::{Error, Kind, Result};
use axum::serve::Listener;
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// How long a handshake may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// Pause after an accept that failed, for example because no file handle is left.
const PAUSE: Duration = Duration::from_millis(100);

/// Connections that shake hands together; more wait until there is room.
const HANDSHAKES: usize = 512;

/// Connections that wait to be served.
const WAITING: usize = 64;

/// Where certificate chain and key lie, as PEM.
#[derive(Clone, Debug)]
pub struct Identity {
    pub certificate: PathBuf,
    pub key: PathBuf,
}

/// What the files hold, ready to be served.
///
/// # Errors
/// A file cannot be read, or certificate and key do not belong together.
pub fn config(identity: &Identity) -> Result<Arc<ServerConfig>> {
    let unread = |file: &Path, why: String| {
        Error::new(Kind::Input, why)
            .at(file.display().to_string())
            .fix("--tls-certificate takes the chain and --tls-key the key, both as PEM")
    };
    let file = &identity.certificate;
    let chain: std::result::Result<Vec<_>, _> = CertificateDer::pem_file_iter(file)
        .map_err(|e| unread(file, e.to_string()))?
        .collect();
    let chain = chain.map_err(|e| unread(file, e.to_string()))?;
    let key = PrivateKeyDer::from_pem_file(&identity.key)
        .map_err(|e| unread(&identity.key, e.to_string()))?;
    let mut config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(|e| unread(file, e.to_string()))?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

/// A listener that gives connections whose handshake is done.
pub struct Encrypted {
    address: SocketAddr,
    ready: Receiver<(TlsStream<TcpStream>, SocketAddr)>,
}

impl Encrypted {
    /// Takes over a listener.
    ///
    /// # Errors
    /// It has no address.
    pub fn on(listener: TcpListener, config: Arc<ServerConfig>) -> io::Result<Self> {
        let address = listener.local_addr()?;
        let (sender, ready) = channel(WAITING);
        tokio::spawn(accept(listener, TlsAcceptor::from(config), sender));
        Ok(Self { address, ready })
    }
}

async fn accept(
    listener: TcpListener,
    acceptor: TlsAcceptor,
    ready: Sender<(TlsStream<TcpStream>, SocketAddr)>,
) {
    // Ends, and lets the address go, when nobody takes connections any more.
    let room = Arc::new(Semaphore::new(HANDSHAKES));
    while !ready.is_closed() {
        let next = async {
            let place = room.clone().acquire_owned().await;
            (place, listener.accept().await)
        };
        let (place, accepted) = tokio::select! {
            accepted = next => accepted,
            () = ready.closed() => return,
        };
        let Ok((stream, from)) = accepted else {
            sleep(PAUSE).await;
            continue;
        };
        let (acceptor, ready) = (acceptor.clone(), ready.clone());
        tokio::spawn(async move {
            let _place = place;
            if let Ok(Ok(stream)) = timeout(PATIENCE, acceptor.accept(stream)).await {
                // Nobody takes it when the server is ending.
                let _ = ready.send((stream, from)).await;
            }
        });
    }
}

impl Listener for Encrypted {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        match self.ready.recv().await {
            Some(connection) => connection,
            // The task above lives as long as this does.
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        Ok(self.address)
    }
}
