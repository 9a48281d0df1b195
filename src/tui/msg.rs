//! Everything that can happen to the desk.

use super::effect::Effect;
use super::overlay::compare::Side;
use crate::domain::finding::Verdict;
use crate::domain::profile::Profile;
use crate::domain::run::Run;
use crate::error::Result;
use crate::service::audit::Entry;
use crate::service::audit::Report;
use crate::service::audit::quality::ReviewQuality;
use crate::service::audit::told::Titles;
use crate::service::check::mend::Mended;
use crate::service::check::message_files::Checked;
use crate::service::learning::experiments;
use crate::service::policy::RuleCard;
use crate::service::review::Comment;
use crate::service::review::brief::{Brief, Statement};
use crate::service::review::customer::NamedCustomer;
use crate::service::review::queue::RunSummary;
use crate::service::review::standing::Moved;
use crate::service::run::RunEvent;
use crossterm::event::Event;
use std::path::PathBuf;
use std::sync::Arc;

/// How many runs there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RunCounts {
    pub waiting: usize,
    pub all: usize,
}

/// A message to `update`.
#[derive(Debug)]
pub enum Msg {
    Input(Event),
    /// Width and height of the terminal in cells.
    Size(u16, u16),
    /// Files of profiles to choose from.
    Profiles(Vec<PathBuf>),
    /// What a file holds, or what is wrong with it.
    Peeked {
        path: PathBuf,
        found: Result<Vec<Profile>>,
    },
    /// Files of messages to check.
    Messages(Vec<PathBuf>),
    /// What the gate says of a file's message, or why it was not read.
    Checked {
        path: PathBuf,
        outcome: Result<Box<Checked>>,
    },
    ProfileSaved {
        path: PathBuf,
        text: String,
    },
    /// Runs beside each other.
    Compare {
        what: &'static str,
        sides: Vec<Side>,
        /// Which two are shown first.
        chosen: (usize, usize),
        said: Option<String>,
    },
    /// Ids of the packs, and a line on each.
    Packs(Vec<(String, String)>),
    /// A stage event of the open run.
    Stage(RunEvent),
    /// The open run after a step; `idle` when nothing runs any more.
    Run {
        run: Box<Run>,
        idle: bool,
    },
    /// Passages that the opened run cites and that are no longer as they were.
    Moved(Vec<Moved>),
    Runs {
        /// Newest first.
        runs: Vec<RunSummary>,
        /// What waits for a decision, most urgent first.
        waiting: Vec<RunSummary>,
        /// How many there are of both, shown or not.
        counts: RunCounts,
        size: u64,
        /// RFC 3339: what due times are compared with.
        now: String,
        /// Another process writes the ledger for this desk.
        through_another: bool,
        /// The store of what is kept for a while is named and does not answer.
        store_down: bool,
    },
    /// What is told of a run beside itself.
    Brief(Box<Brief>),
    /// What was said about a run of the queue, newest first.
    Said {
        run: String,
        last: u64,
        said: Vec<Statement>,
    },
    /// Customers whose numbers stand in the filter.
    Customers(Vec<NamedCustomer>),
    Comments(Vec<Comment>),
    Colleagues(Vec<String>),
    /// The person's key is open again.
    Unlocked,
    /// The person's key must be opened before this can be signed.
    Locked(Box<Effect>),
    Entries(Vec<Entry>),
    /// What a filter found; `more`: it follows what is on the screen.
    Found {
        generation: u64,
        entries: Vec<Entry>,
        more: bool,
    },
    /// What a filter of the queue found among all runs, and how many more than are shown.
    FoundRuns {
        generation: u64,
        runs: Vec<RunSummary>,
        more: usize,
    },
    /// Titles of rules by their ids.
    Titles(Arc<Titles>),
    MoreRuns(Vec<RunSummary>),
    MoreWaiting(Vec<RunSummary>),
    Experiments(Vec<experiments::ExperimentReport>),
    /// How reviewers did.
    Reviewers(Box<ReviewQuality>),
    Verified(Box<Report>),
    /// The verdict on words that were typed.
    Rechecked {
        generation: u64,
        verdict: Box<Verdict>,
    },
    /// Words that clear the finding.
    Mended {
        generation: u64,
        mended: Box<Mended>,
    },
    Policies(Vec<RuleCard>),
    /// What a pack would change, in words.
    WouldChange(String),
    /// Something was done.
    ActionDone(String),
    /// A customer's data was erased: nothing of a run that is open stays on the screen.
    Erased(String),
    /// Something happened by itself: told, and nothing that is open is closed.
    Notice {
        text: String,
        bad: bool,
    },
    /// Something could not be done.
    Failed {
        text: String,
        /// The ledger refused: nothing is recorded until it takes entries again.
        ledger: bool,
    },
    /// What was asked for is done, and answered.
    Performed,
    /// Somebody outside asks the desk to end.
    Terminate,
}
