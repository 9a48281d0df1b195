//! People and customers: who acts, by which right, on whose data.

use crate::domain::person::{Role, RoleRefusal};
use crate::ledger::entry::NoteRefusal;

/// Who acts is not who they say, or people are changed as they may not be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PeopleRefusal {
    #[error("{0} acted without being enrolled")]
    NotEnrolled(String),
    #[error("{0} acted after the key was revoked")]
    Revoked(String),
    #[error("{name} acted as {acted}, but is enrolled as {enrolled}")]
    OtherRole {
        name: String,
        acted: Role,
        enrolled: Role,
    },
    #[error("{0} is not on the roster")]
    NotOnRoster(String),
    #[error("an entry about people without a role")]
    NoRole,
    #[error("an enrolment without a key")]
    NoKey,
    #[error("{0} is enrolled again after the key was revoked")]
    EnrolledAgain(String),
    #[error("a new key of {0} that changes more than the key")]
    MoreThanTheKey(String),
    #[error("a new key of {name} that the old one did not sign: {why}")]
    NotByTheOldKey {
        name: String,
        #[source]
        why: NoteRefusal,
    },
    #[error("a new key that nobody proposed")]
    NotProposed,
    #[error("{0} proposed this key and confirmed it")]
    ProposedByTheSame(String),
    #[error("another key than the one that was proposed")]
    OtherKey,
    #[error("{0} replaced their own lost key")]
    OwnKey(String),
    #[error("{0} managed their own rights")]
    OwnRights(String),
}

/// A token may not be made or revoked so.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenRefusal {
    #[error(transparent)]
    Role(#[from] RoleRefusal),
    #[error("the role {by} may not make a token for {holder}, who is {role}: they make their own")]
    ForAnother {
        by: Role,
        holder: String,
        role: Role,
    },
    #[error("a token's entry that lacks something")]
    Lacking,
    #[error("a token by another name than its entry's")]
    OtherName,
    #[error("a token that was made before")]
    MadeBefore,
    #[error("there is no such token, or it was revoked before")]
    NoToken,
}

/// A customer's data may not be held, deferred, disposed of or erased so.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DataRefusal {
    #[error("it names no customer")]
    NoCustomer,
    #[error("the data of {0} was erased already")]
    Erased(String),
    #[error("a legal hold stands on {0}: lift it first, or defer the erasure")]
    Held(String),
    #[error("a legal hold stands on {0} already")]
    HeldAlready(String),
    #[error("no legal hold stands on {0}")]
    NotHeld(String),
    #[error("the signed note names other customers than the entry")]
    OtherCustomers,
    #[error("no disposal was proposed")]
    NotProposed,
    #[error("{0} disposed of what they proposed")]
    ProposedByTheSame(String),
    #[error("the disposal that was proposed names another customer")]
    OtherCustomer,
}
