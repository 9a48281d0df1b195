//! Kinds of entries: what can happen in a record.

use crate::domain::run::Stage;
use serde::{Deserialize, Serialize};

macro_rules! kinds {
    ($($variant:ident => $text:literal),+ $(,)?) => {
        /// What happened.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum EntryKind { $(#[serde(rename = $text)] $variant),+ }
        impl EntryKind {
            /// Every kind.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];
            /// The name in the entry's `type`.
            pub fn as_str(self) -> &'static str { match self { $(Self::$variant => $text),+ } }
        }
    };
}

kinds! {
    LogGenesis => "log.genesis",
    LogRules => "log.rules",
    ClockJump => "clock.jump",
    ClockConfirmed => "clock.confirmed",
    CopyAccepted => "copy.accepted",
    KeyEnrolled => "key.enrolled",
    KeyRevoked => "key.revoked",
    RoleGranted => "role.granted",
    KeyProposed => "key.proposed",
    PackActivated => "pack.activated",
    HomeAccepted => "home.accepted",
    StateProposed => "state.proposed",
    TokenMade => "token.made",
    TokenRevoked => "token.revoked",
    KbIndexed => "kb.indexed",
    RunStarted => "run.started",
    SegmentDone => "segment.done",
    RetrieveDone => "retrieve.done",
    VariantGenerated => "variant.generated",
    GateResult => "gate.result",
    FindingDismissed => "finding.dismissed",
    AnalyticsDone => "analytics.done",
    StageFailed => "stage.failed",
    Revision => "revision",
    Decision => "decision",
    Override => "override",
    Assigned => "assigned",
    Comment => "comment",
    Withdrawn => "withdrawn",
    Recall => "recall",
    Expired => "expired",
    Reopened => "reopened",
    CanaryRevealed => "canary.revealed",
    Delivery => "delivery",
    Feedback => "feedback",
    OptOut => "opt_out",
    Rerun => "rerun",
    HoldSet => "hold.set",
    HoldLifted => "hold.lifted",
    ErasureDeferred => "erasure.deferred",
    ErasureExecuted => "erasure.executed",
    DisposalProposed => "disposal.proposed",
    Export => "export",
    VerifyDone => "verify.done",
}

impl EntryKind {
    /// The stage whose output it holds.
    pub fn stage(self) -> Option<Stage> {
        match self {
            Self::SegmentDone => Some(Stage::Segment),
            Self::RetrieveDone => Some(Stage::Retrieve),
            Self::VariantGenerated => Some(Stage::Generate),
            Self::GateResult => Some(Stage::Safety),
            Self::AnalyticsDone => Some(Stage::Analyze),
            _ => None,
        }
    }

    /// Whether it says what becomes of a customer's data.
    pub fn is_about_erasure(self) -> bool {
        matches!(
            self,
            Self::HoldSet
                | Self::HoldLifted
                | Self::ErasureDeferred
                | Self::ErasureExecuted
                | Self::DisposalProposed
        )
    }

    /// Whether nobody but the program itself writes it.
    pub fn is_the_programs(self) -> bool {
        self.stage().is_some()
            || matches!(
                self,
                Self::LogGenesis
                    | Self::LogRules
                    | Self::ClockJump
                    | Self::StageFailed
                    | Self::Expired
            )
    }

    /// Whether it changes which packs and texts are in force, or proposes to.
    pub fn is_about_what_is_in_force(self) -> bool {
        matches!(
            self,
            Self::PackActivated | Self::HomeAccepted | Self::StateProposed
        )
    }

    /// Whether it changes who may do what.
    pub fn is_about_people(self) -> bool {
        matches!(
            self,
            Self::KeyEnrolled | Self::KeyRevoked | Self::RoleGranted | Self::KeyProposed
        )
    }
}
