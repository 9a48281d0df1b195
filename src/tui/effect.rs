//! What `update` asks the world to do.

use super::ask::Typed;
use crate::domain::decision::DecisionKind;
use crate::domain::digest::Digest;
use crate::domain::finding::Finding;
use crate::domain::review::Act;
use crate::domain::run::Stage;
use crate::service::queue::RunSummary;
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
    StartRun(PathBuf),
    OpenRun(String),
    Step,
    RunOn,
    RerunFrom(Stage),
    LoadRuns,
    LoadEntries,
    /// Entries that a filter lets through, newest first; `before`: those that follow on the screen.
    Find {
        generation: u64,
        filter: String,
        before: Option<u64>,
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
    /// Open the person's key, then do what needs it.
    Unlock {
        passphrase: Typed,
        then: Box<Effect>,
    },
    LoadComments(String),
    /// Who may decide, to give a run to.
    LoadColleagues,
    LoadPolicies,
    WhatIf(String),
    Copy(String),
    Quit,
}

impl Effect {
    /// Whether it is signed with the person's key.
    pub fn is_signed(&self) -> bool {
        matches!(
            self,
            Self::Decide(_) | Self::Act { .. } | Self::ApproveTogether(_)
        )
    }
}
