//! What entries say: a struct for each kind, by which they are written, read, judged and told.
//!
//! To add a kind, name it in [`EntryKind`], give it a struct in the file of its subject, and a line in
//! the list below; CONTRIBUTING.md has the rest: rules, both verifiers, the page of the format. A field that an older
//! version wrote is never taken away or given another type.

pub mod coded;
pub mod custody;
mod data;
mod define;
pub mod delivery;
pub mod field;
pub mod people;
pub mod record;
pub mod review;
pub mod stages;

use super::kind::EntryKind;
pub use custody::{CustodyPayload, CustomerKeys};
pub use data::EntryData;
pub use define::FieldDoc;
use define::PayloadFields;
pub use delivery::{DeliveryPayload, FeedbackPayload, OptOutPayload};
use field::FieldRef;
pub use people::{InForcePayload, PersonPayload, TokenPayload};
pub use record::{
    ClockConfirmedPayload, ClockJumpPayload, CopyPayload, EmptyPayload, ExportPayload,
    RerunPayload, RulesPayload,
};
pub use review::{ActPayload, CanaryPayload, DecisionPayload, DismissalPayload};
use serde_json::{Map, Value};
pub use stages::{
    AnalyticsPayload, FailurePayload, GatePayload, RetrievePayload, RevisionPayload,
    RunStartedPayload, SegmentPayload, VariantsPayload,
};

/// Each kind with its struct.
macro_rules! kinds {
    ($($kind:ident($payload:ty),)+) => {
        /// What an entry of each kind says.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum Payload { $($kind($payload)),+ }

        impl Payload {
            pub fn kind(&self) -> EntryKind {
                match self { $(Self::$kind(_) => EntryKind::$kind),+ }
            }

            /// A payload that says nothing yet.
            pub fn empty(kind: EntryKind) -> Self {
                match kind { $(EntryKind::$kind => Self::$kind(<$payload>::default())),+ }
            }

            /// Takes out of the data what fits the fields of a kind.
            fn take(kind: EntryKind, data: &mut Map<String, Value>) -> Self {
                match kind { $(EntryKind::$kind => Self::$kind(<$payload as PayloadFields>::take(data))),+ }
            }

            fn show<'p>(&'p self, see: &mut dyn FnMut(&'static str, FieldRef<'p>)) {
                match self { $(Self::$kind(payload) => payload.show(see)),+ }
            }
        }

        /// The fields of a kind, for the page of the format.
        pub fn fields_of(kind: EntryKind) -> &'static [FieldDoc] {
            match kind { $(EntryKind::$kind => <$payload as PayloadFields>::DOCS),+ }
        }
    };
}

kinds! {
    LogGenesis(RulesPayload),
    LogRules(RulesPayload),
    ClockJump(ClockJumpPayload),
    ClockConfirmed(ClockConfirmedPayload),
    CopyAccepted(CopyPayload),
    KeyEnrolled(PersonPayload),
    KeyRevoked(PersonPayload),
    RoleGranted(PersonPayload),
    KeyProposed(PersonPayload),
    PackActivated(InForcePayload),
    HomeAccepted(InForcePayload),
    StateProposed(InForcePayload),
    TokenMade(TokenPayload),
    TokenRevoked(TokenPayload),
    KbIndexed(EmptyPayload),
    RunStarted(RunStartedPayload),
    SegmentDone(SegmentPayload),
    RetrieveDone(RetrievePayload),
    VariantGenerated(VariantsPayload),
    GateResult(GatePayload),
    FindingDismissed(DismissalPayload),
    AnalyticsDone(AnalyticsPayload),
    StageFailed(FailurePayload),
    Revision(RevisionPayload),
    Decision(DecisionPayload),
    Override(DecisionPayload),
    Assigned(ActPayload),
    Comment(ActPayload),
    Withdrawn(ActPayload),
    Recall(ActPayload),
    Expired(ActPayload),
    Reopened(ActPayload),
    CanaryRevealed(CanaryPayload),
    Delivery(DeliveryPayload),
    Feedback(FeedbackPayload),
    OptOut(OptOutPayload),
    Rerun(RerunPayload),
    HoldSet(CustodyPayload),
    HoldLifted(CustodyPayload),
    ErasureDeferred(CustodyPayload),
    ErasureExecuted(CustodyPayload),
    DisposalProposed(CustodyPayload),
    Export(ExportPayload),
    VerifyDone(EmptyPayload),
}

/// The fields that the record itself puts into entries of any kind, for the page of the format.
pub fn fields_of_keys() -> &'static [FieldDoc] {
    CustomerKeys::DOCS
}

/// Payloads that several kinds share, whichever of the kinds it is.
impl Payload {
    pub fn decision(&self) -> Option<&DecisionPayload> {
        match self {
            Self::Decision(decision) | Self::Override(decision) => Some(decision),
            _ => None,
        }
    }

    pub fn act(&self) -> Option<&ActPayload> {
        match self {
            Self::Assigned(act)
            | Self::Comment(act)
            | Self::Withdrawn(act)
            | Self::Recall(act)
            | Self::Expired(act)
            | Self::Reopened(act) => Some(act),
            _ => None,
        }
    }

    pub fn person(&self) -> Option<&PersonPayload> {
        match self {
            Self::KeyEnrolled(person)
            | Self::KeyRevoked(person)
            | Self::RoleGranted(person)
            | Self::KeyProposed(person) => Some(person),
            _ => None,
        }
    }

    pub fn custody(&self) -> Option<&CustodyPayload> {
        match self {
            Self::HoldSet(custody)
            | Self::HoldLifted(custody)
            | Self::ErasureDeferred(custody)
            | Self::ErasureExecuted(custody)
            | Self::DisposalProposed(custody) => Some(custody),
            _ => None,
        }
    }

    pub fn in_force(&self) -> Option<&InForcePayload> {
        match self {
            Self::PackActivated(change)
            | Self::HomeAccepted(change)
            | Self::StateProposed(change) => Some(change),
            _ => None,
        }
    }

    pub fn token(&self) -> Option<&TokenPayload> {
        match self {
            Self::TokenMade(token) | Self::TokenRevoked(token) => Some(token),
            _ => None,
        }
    }

    /// The rules that a genesis or `log.rules` names.
    pub fn rules(&self) -> Option<&RulesPayload> {
        match self {
            Self::LogGenesis(rules) | Self::LogRules(rules) => Some(rules),
            _ => None,
        }
    }

    /// All that is in force after it, a line each, where it says so.
    pub fn state(&self) -> Option<&field::TextList> {
        let change = || self.in_force()?.state.as_ref();
        self.rules()
            .map_or_else(change, |rules| rules.state.as_ref())
    }

    /// What was signed, of a kind that somebody signs.
    pub fn note(&self) -> Option<&str> {
        let note = match self {
            Self::ClockConfirmed(confirmed) => &confirmed.note,
            Self::CopyAccepted(copy) => &copy.note,
            Self::FindingDismissed(dismissal) => &dismissal.note,
            Self::CanaryRevealed(canary) => &canary.note,
            Self::Delivery(delivery) => &delivery.note,
            other => {
                return (other.decision().map(|d| &d.note))
                    .or_else(|| other.act().map(|a| &a.note))
                    .or_else(|| other.person().map(|p| &p.note))
                    .or_else(|| other.custody().map(|c| &c.note))
                    .or_else(|| other.in_force().map(|c| &c.note))
                    .or_else(|| other.token().map(|t| &t.note))?
                    .as_deref();
            }
        };
        note.as_deref()
    }

    /// The reason that stands beside the note, of a kind that has one.
    pub fn reason(&self) -> Option<&str> {
        let reason = match self {
            Self::ClockConfirmed(confirmed) => &confirmed.reason,
            Self::CopyAccepted(copy) => &copy.reason,
            Self::CanaryRevealed(canary) => &canary.reason,
            Self::Delivery(delivery) => &delivery.reason,
            Self::StageFailed(failure) => &failure.reason,
            other => {
                return (other.act().map(|a| &a.reason))
                    .or_else(|| other.person().map(|p| &p.reason))
                    .or_else(|| other.custody().map(|c| &c.reason))
                    .or_else(|| other.in_force().map(|c| &c.reason))?
                    .as_deref();
            }
        };
        reason.as_deref()
    }

    /// How long a stage took, in microseconds.
    pub fn micros(&self) -> Option<u64> {
        match self {
            Self::SegmentDone(stage) => stage.micros,
            Self::RetrieveDone(stage) => stage.micros,
            Self::VariantGenerated(stage) => stage.micros,
            Self::GateResult(stage) => stage.micros,
            Self::AnalyticsDone(stage) => stage.micros,
            _ => None,
        }
    }
}
