//! Arguments of what goes beyond the desk: `serve`, `token`, `deliver`, `opt-out`, `database`.

use crate::service::run::rewrite::TRIES;
use clap::{Args as ClapArgs, Subcommand};
use std::net::SocketAddr;
use std::num::{NonZeroU32, NonZeroUsize};
use std::path::PathBuf;

#[derive(ClapArgs)]
pub struct ServeArgs {
    /// Address to listen on
    #[arg(long, default_value = "127.0.0.1:8080", value_name = "ADDR")]
    pub listen: SocketAddr,
    /// Serve every home in this folder, each under /tenants/NAME, its name in the folder
    #[arg(long, value_name = "DIR", conflicts_with = "open")]
    pub tenants: Option<PathBuf>,
    /// Ask for no token; the acting person answers for everything. On this machine alone
    #[arg(long)]
    pub open: bool,
    /// Requests a second that one token may send
    #[arg(long, default_value = "5000", value_name = "N")]
    pub rate: NonZeroU32,
    /// Requests that are worked on together; more wait
    #[arg(long, default_value_t = 256, value_name = "N")]
    pub at_once: usize,
    /// Connections that are open together; more wait
    #[arg(long, default_value = "512", value_name = "N")]
    pub connections: NonZeroUsize,
    /// Seconds within which the head of a request must have come, and then its body
    #[arg(long, default_value = "20", value_name = "SECONDS")]
    pub patience: NonZeroU32,
    /// Seconds that requests have to end in once it is asked to end; what is open then is closed
    #[arg(long, default_value_t = 25, value_name = "SECONDS")]
    pub grace: u32,
    /// Write no log
    #[arg(long)]
    pub quiet: bool,
    /// Certificate chain (PEM) for encrypted connections
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub tls_certificate: Option<PathBuf>,
    /// Its key (PEM)
    #[arg(long, value_name = "FILE", requires = "tls_certificate")]
    pub tls_key: Option<PathBuf>,
}

#[derive(ClapArgs)]
pub struct TokenArgs {
    #[command(subcommand)]
    pub command: TokenCommand,
}

#[derive(Subcommand)]
pub enum TokenCommand {
    /// Make a token for somebody on the roster; it is shown once
    Add {
        name: String,
        /// When it ends (default: when it is revoked)
        #[arg(long, value_name = "RFC3339")]
        expires: Option<String>,
    },
    /// Tokens, without what is secret
    List,
    /// Take a token back
    Revoke { id: String },
}

#[derive(ClapArgs)]
pub struct RewriteArgs {
    pub run: String,
    /// The blocked variant
    #[arg(long, value_name = "ID")]
    pub variant: String,
    /// How often it is tried, 10 at most
    #[arg(long, default_value_t = TRIES, value_name = "N")]
    pub tries: usize,
}

#[derive(ClapArgs)]
pub struct DeliverArgs {
    /// Say what would go out and what would be held, and do nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Say what became of this run's hand-over, whose end is not on record
    #[arg(
        long,
        value_name = "RUN",
        requires = "reason",
        conflicts_with = "dry_run"
    )]
    pub settle: Option<String>,
    /// The carrier took it
    #[arg(long, requires = "settle", conflicts_with = "not_sent")]
    pub sent: bool,
    /// The carrier did not take it: it is tried again
    #[arg(long, requires = "settle")]
    pub not_sent: bool,
    /// How that is known
    #[arg(long, value_name = "TEXT", requires = "settle")]
    pub reason: Option<String>,
}

#[derive(ClapArgs)]
pub struct FeedbackArgs {
    #[command(subcommand)]
    pub command: FeedbackCommand,
}

#[derive(Subcommand)]
pub enum FeedbackCommand {
    /// JSON lines or CSV: id (of the message or the run), event (sent, opened, clicked, converted, complained,
    /// opted_out), at. Importing it again changes nothing
    Import { file: PathBuf },
}

#[derive(ClapArgs)]
pub struct ExperimentArgs {
    #[command(subcommand)]
    pub command: ExperimentCommand,
}

#[derive(Subcommand)]
pub enum ExperimentCommand {
    /// All experiments, and all segments with outcomes that none is planned for
    List,
    /// Arms with their intervals over time, what may be said of them, and whether the messages were split as meant
    Show { id: String },
}

#[derive(ClapArgs)]
pub struct OptOutArgs {
    #[command(subcommand)]
    pub command: OptOutCommand,
}

#[derive(Subcommand)]
pub enum OptOutCommand {
    /// Add ids, addresses or numbers; only their hashes are kept
    Add {
        #[arg(required = true)]
        who: Vec<String>,
    },
    /// Add a file of them: one a line, a sender's export as CSV, or JSON
    Import { file: PathBuf },
    /// How many are on the list
    Count,
    /// Those on the list: since when, by whom, from which file and line; who it is, no list can say
    List,
    /// Why nothing more is sent to somebody, by id, address or number
    Why { who: String },
}

#[derive(ClapArgs)]
pub struct DatabaseArgs {
    #[command(subcommand)]
    pub command: DatabaseCommand,
}

#[derive(Subcommand)]
pub enum DatabaseCommand {
    /// Make or renew the ledger's tables
    Migrate {
        /// Role that may make tables (default: the one that the settings name)
        #[arg(long, value_name = "ROLE")]
        owner: Option<String>,
        /// File with its password
        #[arg(long, value_name = "FILE", requires = "owner")]
        owner_password_file: Option<PathBuf>,
        /// Role of the programs: may read and add, and change nothing that is written
        #[arg(long, value_name = "ROLE")]
        grant: Option<String>,
    },
    /// What is there
    Status,
}
