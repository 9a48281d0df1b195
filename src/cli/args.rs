//! The arguments, as `--help` shows them.

use super::audit_args::AuditArgs;
use super::canary::CanaryArgs;
use super::global::Global;
use super::init_args::InitArgs;
use super::policy_args::PolicyArgs;
use super::service_args::{
    DatabaseArgs, DeliverArgs, ExperimentArgs, FeedbackArgs, OptOutArgs, RewriteArgs, ServeArgs,
    TokenArgs,
};
use super::values::{channel, goal};
use crate::domain::jurisdiction::Channel;
use crate::domain::segment::Goal;
use crate::service::run::SEED;
use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// A compliance reviewer's desk for personalised customer messages. Without a command it opens the desk.
///
/// Exit codes: 0 done, 1 could not, 2 usage, 3 the answer is no (blocked, tampered, tests failed).
#[derive(Parser)]
#[command(name = "echovoice", version, disable_help_subcommand = true)]
pub struct Args {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Option<Command>,
}

#[derive(Subcommand)]
pub enum Command {
    /// Make a home for your own firm, without the demo: answer the questions, or give everything by flags
    Init(InitArgs),
    /// Open the desk
    Desk(DeskArgs),
    /// Run a profile through the pipeline, without the desk
    Run(RunArgs),
    /// Run a file of profiles through the pipeline; called again, it goes on where it was cut off
    Batch(BatchArgs),
    /// Check a message that somebody else wrote
    ///
    /// Exit codes: 0 clear, or for a person to look at (review); 3 blocked; 1 it could not be read; 2 usage. Whether a person must
    /// look is the first word of the last line, and `disposition` in JSON.
    Check(CheckArgs),
    /// Find or take out personal data
    Pii(PiiArgs),
    /// The knowledge base
    Kb(KbArgs),
    /// Policy packs
    Policy(PolicyArgs),
    /// What waits for review
    Queue(QueueArgs),
    /// Approve, reject, override or send back a run
    Decide(DecideArgs),
    /// Send a blocked variant back with its findings, to be written anew or mended by the rules' own fixes
    Rewrite(RewriteArgs),
    /// Hand over approved messages that were held or cut off
    Deliver(DeliverArgs),
    /// What became of messages that went out
    Feedback(FeedbackArgs),
    /// Planted tests of reviewers: known violations and known clean messages among the others
    Canary(CanaryArgs),
    /// How the experiments stand
    Experiment(ExperimentArgs),
    /// Who wants no more messages
    OptOut(OptOutArgs),
    /// The ledger
    Audit(AuditArgs),
    /// People on the roster
    User(UserArgs),
    /// Serve the HTTP interface
    Serve(ServeArgs),
    /// Bearer tokens of the HTTP interface
    Token(TokenArgs),
    /// Print the facts that messages are checked against
    Facts(FactsArgs),
    /// Print the desk's keys
    Keys,
    /// The database that several processes keep one ledger in
    Database(DatabaseArgs),
    /// The names of consents, opt-outs and ages that other systems export, and how each is read
    Fields,
    /// Check that everything is in order, and say how to mend what is not
    Doctor,
    /// Print a page of the manual, or what a command takes; alone, the list of pages
    Help(HelpArgs),
}

#[derive(ClapArgs, Default)]
pub struct DeskArgs {
    /// Profiles to choose from, and messages to check: files, or folders of them. A file named first is opened at once
    pub profiles: Vec<PathBuf>,
    /// Print one frame of this size as text and exit
    #[arg(long, value_name = "WxH")]
    pub snapshot: Option<String>,
    /// Screen of the snapshot: queue, review, citations, safety, evidence, audit, decide, edit, dismiss, policies, help,
    /// palette, picker, comment, together, passphrase, check, customer, received …
    #[arg(long, default_value = "review", value_name = "NAME")]
    pub screen: String,
    /// Profile of the snapshot; of the screen `check`, the message
    #[arg(long, value_name = "FILE")]
    pub profile: Option<PathBuf>,
    /// Lines instead of screens, for screen readers and simple terminals
    #[arg(long)]
    pub plain: bool,
    /// dark, light, contrast or mono
    #[arg(long, value_name = "NAME")]
    pub theme: Option<String>,
}

#[derive(ClapArgs)]
pub struct BatchArgs {
    /// JSON lines or CSV
    pub file: PathBuf,
    /// Runs that are computed side by side (default: as many as there are cores)
    #[arg(long, value_name = "N")]
    pub jobs: Option<usize>,
    /// What the campaign wants, instead of what the segment table says: acquire, activate, retain or win_back
    #[arg(long, value_parser = goal)]
    pub goal: Option<Goal>,
    /// New runs, even if the same file was run before
    #[arg(long)]
    pub anew: bool,
    /// Share the lines with every other process that runs the same file so; needs a ledger in a database
    #[arg(long, conflicts_with = "anew")]
    pub share: bool,
    /// Seed of everything that could be chance
    #[arg(long, default_value_t = SEED)]
    pub seed: u64,
}

#[derive(ClapArgs)]
pub struct RunArgs {
    /// JSON, JSON lines or CSV file of profiles, or - for standard input
    pub profile: PathBuf,
    /// Leave no trace in the ledger
    #[arg(long)]
    pub no_record: bool,
    /// What the campaign wants, instead of what the segment table says: acquire, activate, retain or win_back
    #[arg(long, value_parser = goal)]
    pub goal: Option<Goal>,
    /// Seed of everything that could be chance
    #[arg(long, default_value_t = SEED)]
    pub seed: u64,
}

#[derive(Clone, Copy, ValueEnum, PartialEq, Eq)]
pub enum Format {
    Text,
    Json,
    Sarif,
}

#[derive(ClapArgs)]
pub struct CheckArgs {
    /// A mail, JSON, Markdown, HTML, Word, PDF or text file, or - for standard input
    pub file: PathBuf,
    #[arg(long, value_enum, default_value = "text")]
    pub format: Format,
    /// One message a line in, one verdict a line out
    #[arg(long)]
    pub jsonl: bool,
    /// Try a pack (a file, or the id of a draft) as if it were in force; may be given more than once
    #[arg(long, value_name = "PACK")]
    pub with: Vec<String>,
    /// Where the recipient lives, for a message that does not say (US, US-CA, UK, DE …)
    #[arg(long, value_name = "PLACE")]
    pub jurisdiction: Option<String>,
    /// What the message is about, for one that does not say (savings, mortgage …). One of your own products, by class, id or
    /// name, is checked with your own facts: see --firm
    #[arg(long)]
    pub product: Option<String>,
    /// How it is sent, for one that does not say: email, sms or push. It is then a whole message: what one must contain is
    /// asked for
    #[arg(long, value_parser = channel)]
    pub channel: Option<Channel>,
    /// Facts to check against, JSON or TOML (`echovoice facts` lists the keys)
    #[arg(long, value_name = "FILE")]
    pub facts: Option<PathBuf>,
    /// It is a message of your own: check it with the firm's facts, brand and product figures of this home
    #[arg(long)]
    pub firm: bool,
}

#[derive(ClapArgs)]
pub struct FactsArgs {
    /// As a JSON Schema
    #[arg(long)]
    pub schema: bool,
}

#[derive(ClapArgs)]
pub struct PiiArgs {
    #[command(subcommand)]
    pub action: PiiAction,
}

#[derive(Subcommand)]
pub enum PiiAction {
    /// Say where personal data stands
    Scan {
        /// Text file, or - for standard input
        #[arg(default_value = "-")]
        file: PathBuf,
        /// {"id","text"} a line in, {"id","spans"} a line out
        #[arg(long)]
        jsonl: bool,
    },
    /// Print the text with tags in its place
    Redact {
        #[arg(default_value = "-")]
        file: PathBuf,
        #[arg(long)]
        jsonl: bool,
    },
}

#[derive(ClapArgs)]
pub struct KbArgs {
    #[command(subcommand)]
    pub action: KbAction,
}

#[derive(Clone, Copy, ValueEnum, PartialEq, Eq)]
pub enum SearchMode {
    /// Words alone
    Bm25,
    /// Meaning alone
    Cosine,
    /// Words and meaning
    Rerank,
}

/// How passages are ranked. Without them the home's settings hold (`[knowledge]` in `config.toml`).
#[derive(ClapArgs, Clone, Copy, Default)]
pub struct WaysArgs {
    /// Compare single words in their place: auto (up to 200,000 passages), on or off
    #[arg(long, value_enum)]
    pub late: Option<LateArg>,
    /// BM25's constants: own or index
    #[arg(long, value_enum)]
    pub constants: Option<ConstantsArg>,
}

#[derive(Clone, Copy, ValueEnum, PartialEq, Eq)]
pub enum LateArg {
    Auto,
    On,
    Off,
}

#[derive(Clone, Copy, ValueEnum, PartialEq, Eq)]
pub enum ConstantsArg {
    /// The search's own
    Own,
    /// Those of the word index
    Index,
}

#[derive(Subcommand)]
pub enum KbAction {
    /// Add documents to the home's knowledge base
    Add {
        #[arg(required = true)]
        sources: Vec<PathBuf>,
    },
    /// Build or refresh an index from files or folders
    Index {
        /// Where the index lies (default: the home's)
        #[arg(long, value_name = "DIR")]
        kb: Option<PathBuf>,
        #[command(flatten)]
        ways: WaysArgs,
        sources: Vec<PathBuf>,
    },
    /// Search
    Search {
        /// What to look for; with --jsonl, a file of queries (none or `-`: standard input)
        query: Option<String>,
        #[arg(long, value_name = "DIR")]
        kb: Option<PathBuf>,
        #[arg(short = 'k', default_value_t = 10)]
        limit: usize,
        #[arg(long, value_enum, default_value = "rerank")]
        mode: SearchMode,
        #[command(flatten)]
        ways: WaysArgs,
        /// {"id","query"} a line in, {"id","hits"} a line out
        #[arg(long)]
        jsonl: bool,
        /// Say why each stands where it does, and what fell just below the cut
        #[arg(long)]
        why: bool,
    },
    /// Measure the search on judged queries: recall, MAP, nDCG and MRR, with 95 % intervals
    Eval {
        /// {"id","text"} (or "query") a line
        #[arg(long, value_name = "FILE")]
        queries: PathBuf,
        /// TREC or BEIR judgements
        #[arg(long, value_name = "FILE")]
        qrels: PathBuf,
        #[arg(long, value_name = "DIR")]
        kb: Option<PathBuf>,
        #[arg(short = 'k', default_value_t = 10)]
        limit: usize,
        #[arg(long, value_enum, default_value = "rerank")]
        mode: SearchMode,
        #[command(flatten)]
        ways: WaysArgs,
        /// Other settings to compare with on the same queries, such as `late=off,constants=index` or `mode=bm25`
        #[arg(long, value_name = "SETTINGS")]
        against: Option<String>,
    },
    /// Show a passage or document
    Show { id: String },
    /// List the passages
    List,
}

#[derive(ClapArgs)]
pub struct QueueArgs {
    #[command(subcommand)]
    pub action: QueueAction,
}

#[derive(Subcommand)]
pub enum QueueAction {
    /// Runs that wait for a person, most urgent first
    List {
        /// Words that pick runs: product: customer: place: channel: finding: rule: state: who: since: until:, a day, or any
        filter: Vec<String>,
        #[arg(long, default_value_t = 50)]
        limit: usize,
    },
    /// Take a run, so that nobody else decides it
    Claim { run: String },
    /// Let it go again (a principal may let go what others took)
    Release { run: String },
    /// Give it to somebody (principals only)
    Assign { run: String, name: String },
    /// Leave it to a principal
    Escalate {
        run: String,
        #[arg(long)]
        reason: String,
    },
    /// Say something about it; without --text, print what was said
    Comment {
        run: String,
        #[arg(long)]
        text: Option<String>,
    },
    /// Take a decision back before anything was sent
    Withdraw {
        run: String,
        #[arg(long)]
        reason: String,
    },
    /// Call a delivered message back
    Recall {
        run: String,
        #[arg(long)]
        reason: String,
    },
    /// Decide the winners of several runs at once, each signed; only where the policy allows it
    Decide {
        #[arg(value_enum)]
        decision: Together,
        #[arg(required = true)]
        runs: Vec<String>,
        #[arg(long, default_value = "")]
        reason: String,
        #[arg(long)]
        code: Option<String>,
    },
}

#[derive(Clone, Copy, ValueEnum, PartialEq, Eq)]
pub enum Together {
    Approve,
    Reject,
}

#[derive(Clone, Copy, ValueEnum, PartialEq, Eq)]
pub enum Say {
    Approve,
    Reject,
    Override,
    RequestChanges,
}

#[derive(ClapArgs)]
pub struct DecideArgs {
    pub run: String,
    #[arg(value_enum)]
    pub decision: Say,
    /// Letter of the variant
    #[arg(long)]
    pub variant: String,
    /// Why (needed for everything but an approval)
    #[arg(long, default_value = "")]
    pub reason: String,
    /// Reason code, so that reasons can be counted
    #[arg(long)]
    pub code: Option<String>,
}

#[derive(ClapArgs)]
pub struct UserArgs {
    #[command(subcommand)]
    pub action: UserAction,
}

#[derive(Clone, Copy, ValueEnum, PartialEq, Eq)]
pub enum RoleArg {
    Officer,
    Principal,
    Marketer,
    Auditor,
    Admin,
}

#[derive(Subcommand)]
pub enum UserAction {
    /// Everybody on the roster
    List,
    /// Enrol somebody; their key is made here and locked by a passphrase
    Add {
        name: String,
        #[arg(long, value_enum)]
        role: RoleArg,
        /// Public key of somebody who made theirs elsewhere (base64 of 32 bytes)
        #[arg(long)]
        key: Option<String>,
    },
    /// Give somebody another role
    Grant {
        name: String,
        #[arg(value_enum)]
        role: RoleArg,
    },
    /// End what somebody may do, for ever
    Revoke {
        name: String,
        #[arg(long)]
        reason: String,
    },
    /// Say who works in this home on this machine, so that --as need not; without a name, print who
    Me {
        name: Option<String>,
        /// Remember nobody
        #[arg(long, conflicts_with = "name")]
        forget: bool,
    },
    /// Replace your own key by a new one
    RotateKey,
    /// Propose a new key for somebody who lost theirs (an admin or a principal; another one confirms it)
    ReplaceKey {
        name: String,
        /// Public key of somebody who made theirs elsewhere (base64 of 32 bytes)
        #[arg(long)]
        key: Option<String>,
    },
    /// Confirm a key that a colleague proposed, by its entry's number
    ConfirmKey { proposal: u64 },
}

#[derive(ClapArgs)]
pub struct HelpArgs {
    /// A page, or a command with its subcommands
    #[arg(value_name = "TOPIC")]
    pub topic: Vec<String>,
}
