//! Why the record does not take an entry: all reasons as one.

use super::people::{DataRefusal, PeopleRefusal, TokenRefusal};
use super::record::{ClockRefusal, CommitmentRefusal, FormatRefusal, InForceRefusal, TimeError};
use super::review::{CanaryFault, ReviewRefusal, SignedDecisionRefusal};
use crate::domain::decision::StateRefusal;
use crate::domain::person::RoleRefusal;
use crate::ledger::entry::{EntryKind, NoteRefusal};

/// An entry breaks a rule of the record.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error(transparent)]
    Role(#[from] RoleRefusal),
    #[error(transparent)]
    People(#[from] PeopleRefusal),
    #[error(transparent)]
    Actor(#[from] ActorRefusal),
    #[error(transparent)]
    Note(#[from] NoteRefusal),
    #[error(transparent)]
    Time(#[from] TimeError),
    #[error(transparent)]
    Clock(#[from] ClockRefusal),
    #[error(transparent)]
    Format(#[from] FormatRefusal),
    #[error(transparent)]
    Run(#[from] RunRefusal),
    #[error(transparent)]
    State(#[from] StateRefusal),
    #[error(transparent)]
    Review(#[from] ReviewRefusal),
    #[error(transparent)]
    Decision(#[from] SignedDecisionRefusal),
    #[error(transparent)]
    Delivery(#[from] DeliveryRefusal),
    #[error(transparent)]
    InForce(#[from] InForceRefusal),
    #[error(transparent)]
    Export(#[from] CommitmentRefusal),
    #[error(transparent)]
    Token(#[from] TokenRefusal),
    #[error(transparent)]
    Data(#[from] DataRefusal),
    #[error(transparent)]
    Canary(#[from] CanaryFault),
    #[error(transparent)]
    Writer(#[from] WriterRefusal),
    /// What the process said that writes for this one.
    #[error("{0}")]
    Told(String),
}

/// A run does not stand so that this entry may come next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RunRefusal {
    #[error("it is about no run")]
    None,
    #[error("a run that was started before")]
    StartedBefore,
    #[error("a run under the name of a customer who was erased")]
    OfErased,
    #[error("a revision in another's name")]
    RevisionForAnother,
    #[error("a revision of an unknown run")]
    RevisionOfUnknown,
    #[error("a stage of a run that has ended")]
    StageAfterEnd,
    #[error("a stage of an unknown run")]
    StageOfUnknown,
    #[error("a word about an unknown run")]
    ActOnUnknown,
    #[error("a word about a run that nobody knows")]
    UnknownAct,
}

/// Who makes an entry that another must make.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ActorRefusal {
    #[error("{} is the program's own, and not {actor}'s", .kind.as_str())]
    OfTheProgram { kind: EntryKind, actor: String },
    #[error("{} is no deed of the log itself: a person must stand for it", .0.as_str())]
    OfAPerson(EntryKind),
    #[error("{0} acted as the log itself")]
    AsTheLog(String),
    #[error("only its first entries enrol people by the log itself; an admin must sign")]
    LateEnrolment,
}

/// A hand-over that no approval stands behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeliveryRefusal {
    #[error("a hand-over of an unknown run, or one that nobody knows")]
    Unknown,
    #[error("a delivery of an unknown run")]
    OfUnknown,
    #[error("a delivery without an earlier approval of the same content")]
    NotApproved,
    #[error("a hand-over was begun without an approval, or twice")]
    BegunTwice,
    #[error("a delivery outside the time that its approval allows")]
    OutOfTime,
}

/// What only the log's writer can say, and says itself.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WriterRefusal {
    #[error("whether the clock jumped the writer sees itself")]
    Jump,
    #[error("its time, {0}, has not come")]
    Future(String),
    #[error("`{0}` is the record's own")]
    OwnField(&'static str),
    #[error("an erasure that destroys nobody's key")]
    EmptyErasure,
    #[error("a customer's key is destroyed by an erasure of that customer alone")]
    KeyWithoutErasure,
}
