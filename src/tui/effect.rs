//! What `update` asks the world to do.

use super::overlay::ask::Typed;
use super::overlay::customer_data::DataRequest;
use crate::domain::decision::DecisionKind;
use crate::domain::digest::Digest;
use crate::domain::finding::Finding;
use crate::domain::review::Act;
use crate::domain::run::Stage;
use crate::service::review::queue::RunSummary;
use serde_json::Value;
use std::mem::discriminant;
use std::path::PathBuf;

/// A decision as the dialog has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecideRequest {
    pub run: String,
    pub variant: String,
    pub kind: DecisionKind,
    pub reason: String,
    pub code: Option<String>,
    /// Hash of the text on the screen.
    pub seen: Digest,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Which profiles there are to choose from.
    ListProfiles,
    /// What a file of profiles holds.
    Peek(PathBuf),
    /// Which files of messages there are to check.
    ListMessages,
    /// The gate on the message of a file; nothing is recorded.
    Check(PathBuf),
    /// A run of a file's profile, by its place in it from 0 on.
    StartRun {
        path: PathBuf,
        number: usize,
    },
    /// A run of a profile that was typed in.
    StartProfile(Box<Value>),
    SaveProfile(Box<Value>),
    /// A whole run that leaves no trace.
    StartPreview(PathBuf),
    CloseRun,
    OpenRun(String),
    Step,
    RunOn,
    RerunFrom(Stage),
    /// A blocked variant goes back with its findings.
    SendBack(String),
    LoadRuns,
    LoadEntries,
    LoadExperiments,
    LoadReviewers,
    /// Entries that a filter lets through, newest first; `before`: those that follow on the screen.
    Find {
        generation: u64,
        filter: String,
        before: Option<u64>,
    },
    /// Runs that a filter lets through, of all there are; `waiting`: of those that wait.
    FindRuns {
        generation: u64,
        filter: String,
        waiting: bool,
    },
    /// The runs before this one, newest first.
    MoreRuns(u64),
    /// What waits after this run.
    MoreWaiting(Box<RunSummary>),
    Decide(DecideRequest),
    Verify,
    /// Check words that somebody types, without recording anything.
    Recheck {
        generation: u64,
        variant: String,
        subject: String,
        body: String,
    },
    /// Find the nearest words that clear a finding.
    Mend {
        generation: u64,
        variant: String,
        subject: String,
        body: String,
        finding: Box<Finding>,
    },
    /// Keep the words as a new revision.
    SaveEdit {
        variant: String,
        subject: String,
        body: String,
    },
    Dismiss {
        variant: String,
        finding: Box<Finding>,
        reason: String,
    },
    /// Claim, give, escalate, comment, withdraw, recall.
    Act {
        run: String,
        act: Act,
        to: Option<String>,
        reason: String,
    },
    ApproveTogether(Vec<String>),
    /// Erase a customer's data, keep it until a day, hold it, or let it go again.
    CustomerData(DataRequest),
    /// Open the person's key, then do what needs it.
    Unlock {
        passphrase: Typed,
        then: Box<Effect>,
    },
    /// What is told of the open run beside itself.
    LoadBrief(String),
    /// What was said about a run of the queue, and after which of its entries that was asked.
    LoadSaid {
        run: String,
        last: u64,
    },
    /// The customers whose numbers stand in a filter.
    NameCustomers(String),
    LoadComments(String),
    /// Who may decide, to give a run to.
    LoadColleagues,
    LoadPolicies,
    /// All tries of a run, to compare.
    LoadTries(String),
    /// Another run, to compare with the open one.
    LoadOther {
        run: String,
        open: Option<String>,
    },
    /// The same inputs and seed today, to compare.
    Replay(String),
    ListPacks,
    /// The open run under the draft of a pack, to compare.
    JudgeUnder(String),
    /// The tour is not shown again.
    TourSeen,
    WhatIf(String),
    /// The page of a variant of the open run, in the system's browser.
    OpenRendering(String),
    Copy(String),
    /// Hand the terminal back until the shell calls the desk to the front again.
    Suspend,
    Quit,
}

impl Effect {
    /// Whether it need not be done since this is asked for later: the later answer takes its place.
    pub fn is_outdone_by(&self, later: &Self) -> bool {
        let newest_counts = matches!(
            self,
            Self::LoadRuns
                | Self::LoadEntries
                | Self::LoadExperiments
                | Self::LoadReviewers
                | Self::LoadBrief(_)
                | Self::LoadSaid { .. }
                | Self::NameCustomers(_)
                | Self::ListProfiles
                | Self::ListMessages
                | Self::Find { .. }
                | Self::FindRuns { .. }
                | Self::MoreRuns(_)
                | Self::MoreWaiting(_)
                | Self::Peek(_)
                | Self::Recheck { .. }
        );
        newest_counts && discriminant(self) == discriminant(later)
    }

    /// Whether it is done on a thread of its own, since it may take long.
    pub fn goes_on_beside(&self) -> bool {
        matches!(
            self,
            Self::Verify
                | Self::LoadBrief(_)
                | Self::LoadPolicies
                | Self::WhatIf(_)
                | Self::Replay(_)
                | Self::Check(_)
        )
    }

    /// Whether another run will be the open one.
    pub fn opens_a_run(&self) -> bool {
        matches!(
            self,
            Self::StartRun { .. }
                | Self::StartProfile(_)
                | Self::StartPreview(_)
                | Self::OpenRun(_)
        )
    }

    /// Whether it is the terminal's to do, and not the worker's.
    pub fn is_of_the_terminal(&self) -> bool {
        matches!(self, Self::Copy(_) | Self::Suspend | Self::Quit)
    }

    /// Whether it is signed with the person's key.
    pub fn is_signed(&self) -> bool {
        matches!(
            self,
            Self::Decide(_)
                | Self::Act { .. }
                | Self::ApproveTogether(_)
                | Self::Dismiss { .. }
                | Self::CustomerData(_)
        )
    }
}
