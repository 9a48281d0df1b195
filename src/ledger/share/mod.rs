//! One ledger, several processes: the first one writes and listens on a socket in the home; the others read the file
//! themselves and hand their entries over. When the writer is gone, one of them takes its place.
//!
//! A request is one line of JSON, so is its answer. Entries are idempotent by id, so a request whose answer was lost is
//! simply sent again.

pub mod client;
mod patient;
pub mod server;
pub mod wire;

use rustix::net::sockopt::{Timeout, set_socket_timeout};
use rustix::net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType, socket_with};
use std::io;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long a connection to the writer may take to come about.
const PATIENCE: Duration = Duration::from_secs(2);

/// Where the writer of a home listens.
pub fn socket(home: &Path) -> PathBuf {
    home.join("ledger.sock")
}

/// Connects to the writer of a home.
///
/// # Errors
/// Nobody listens, or somebody else than this user does.
pub fn connect(home: &Path) -> io::Result<UnixStream> {
    let place = SocketAddrUnix::new(socket(home))?;
    let stream = socket_with(
        AddressFamily::UNIX,
        SocketType::STREAM,
        SocketFlags::CLOEXEC,
        None,
    )?;
    // Where very many wait for a writer that does not answer, not even the connection comes about.
    set_socket_timeout(&stream, Timeout::Send, Some(PATIENCE))?;
    rustix::net::connect(&stream, &place)?;
    let stream = UnixStream::from(stream);
    same_user(&stream)?;
    Ok(stream)
}

/// Only this user's own processes are talked to.
fn same_user(stream: &UnixStream) -> io::Result<()> {
    let peer = rustix::net::sockopt::socket_peercred(stream)?;
    if peer.uid == rustix::process::getuid() {
        Ok(())
    } else {
        Err(io::Error::new(
            io::ErrorKind::PermissionDenied,
            "another user is at the other end of the ledger's socket",
        ))
    }
}
