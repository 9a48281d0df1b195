//! The arguments of `audit`, as `--help` shows them.

use clap::{Args as ClapArgs, Subcommand, ValueEnum};
use std::path::PathBuf;

#[derive(ClapArgs)]
pub struct AuditArgs {
    #[command(subcommand)]
    pub action: AuditAction,
}

#[derive(Clone, Copy, ValueEnum, PartialEq, Eq)]
pub enum HoldArg {
    Set,
    Lift,
}

#[derive(ClapArgs)]
pub struct Period {
    /// From this day or time on (UTC unless it says otherwise)
    #[arg(long, value_name = "TIME")]
    pub since: Option<String>,
    /// Up to this day or time
    #[arg(long, value_name = "TIME")]
    pub until: Option<String>,
}

#[derive(Subcommand)]
pub enum AuditAction {
    /// Newest entries first
    List {
        /// Words that pick entries: who: what: run: customer: segment: rule: verdict: reason: text: since: until: is:decision, a
        /// day, or any word; text: looks into the messages
        filter: Vec<String>,
        #[arg(long, default_value_t = 20)]
        limit: usize,
        /// Only entries below this sequence number
        #[arg(long)]
        before: Option<u64>,
        /// Then go on with new entries as they come, oldest first
        #[arg(long)]
        follow: bool,
    },
    /// Bring the search index of past runs up to date (the desk does it by itself)
    Index,
    /// All entries of a run, or one entry by number
    Show { run: String },
    /// Read everything back and check it
    Verify {
        /// A checkpoint kept elsewhere
        #[arg(long, value_name = "FILE")]
        pin: Option<PathBuf>,
    },
    /// Print the newest signed checkpoint, to keep elsewhere
    Checkpoint,
    /// Write evidence that a stranger can check, and a binder to read, into a new folder
    Export {
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
        #[command(flatten)]
        period: Period,
    },
    /// Counts and bars: verdicts, block reasons, decisions, times to decide, overrides; and how each reviewer did: planted tests
    /// caught and missed, time per item, agreement, rules gone against (principals and auditors see all, others themselves)
    Stats {
        #[command(flatten)]
        period: Period,
    },
    /// Write the receipt of a run's decision: its entry, and the proof that the signed log holds it
    Prove {
        run: String,
        /// Folder for RUN.entry.json, RUN.tlog-proof and log.pub
        #[arg(long, value_name = "DIR", default_value = ".")]
        out: PathBuf,
    },
    /// Run a recorded run once more: the same verdict, or the first difference (exit code 3)
    Rerun {
        run: String,
        /// Search the documents anew instead of taking the recorded citations
        #[arg(long)]
        retrieve: bool,
    },
    /// Destroy the key of a customer's data; what was decided stays on record
    Erase {
        /// The profile's id, its e-mail address or phone number, or the pseudonym
        customer: String,
        #[arg(long)]
        reason: String,
        /// Do not erase yet: the data must stay until this day, for the reason given
        #[arg(long, value_name = "DAY")]
        defer_until: Option<String>,
    },
    /// Data whose time is over: list it, propose its disposal, or carry out what a colleague proposed
    Retention {
        #[command(subcommand)]
        action: RetentionAction,
    },
    /// Keep a customer's data from erasure for the law, or end that
    Hold {
        #[arg(value_enum)]
        action: HoldArg,
        /// The profile's id, its e-mail address or phone number, or the pseudonym
        customer: String,
        #[arg(long)]
        reason: String,
    },
    /// Say that the machine's clock is right again, after the record saw it jump back; until then nobody decides
    Clock {
        #[arg(long)]
        reason: String,
    },
    /// Say that this copy of the record is the right one, though another was seen before (after a restore from a backup)
    Accept {
        #[arg(long)]
        reason: String,
    },
    /// Copy the ledger while it is in use. The copy holds no key: keep keys/ and vault.key apart, and destroy copies of
    /// vault.key after an erasure
    Backup {
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Take an export of everything back into a home that has no ledger
    Restore { export: PathBuf },
}

#[derive(Subcommand)]
pub enum RetentionAction {
    /// Customers whose data is due for disposal
    List,
    /// How long data is kept: which pack asks for it and why; the longest line holds
    Why,
    /// Propose to dispose of all that is due (at most 2,000 customers at once)
    Propose {
        #[arg(long)]
        reason: String,
    },
    /// Carry out a proposal, by its entry's number; another person than the one who made it
    Confirm { proposal: u64 },
}
