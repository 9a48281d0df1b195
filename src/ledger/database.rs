//! Where a ledger that several processes share lies.

use std::path::PathBuf;
use zeroize::Zeroizing;

/// Most connections of one process, unless the settings say otherwise.
pub const CONNECTIONS: usize = 8;

/// Where the ledger's database is.
pub struct DatabasePlace {
    /// `postgres://user@host/database`; may hold the password.
    pub url: Zeroizing<String>,
    /// Take the place of the URL's.
    pub user: Option<String>,
    pub password: Option<Zeroizing<String>>,
    /// The schema that holds this ledger and nothing else.
    pub schema: String,
    /// Certificates (PEM) of who signs the server's; without it the public ones.
    pub roots: Option<PathBuf>,
    pub connections: usize,
}
