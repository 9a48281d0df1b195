//! Reviews: what is decided of a run, by whom, of which text.

use crate::domain::decision::StateRefusal;
use crate::domain::person::RoleRefusal;
use crate::ledger::checkpoint::NoteError;

/// A person may not do it to a run: by their role, by its state, or by what others did.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReviewRefusal {
    #[error(transparent)]
    Role(#[from] RoleRefusal),
    #[error(transparent)]
    State(#[from] StateRefusal),
    #[error("you have claimed this run already")]
    ClaimedAlready,
    #[error("nobody has claimed this run")]
    NotClaimed,
    #[error("{0} has claimed this run; they can release it, or a principal can")]
    ClaimedBy(String),
    #[error("{0} has claimed this run; only they or a principal can release it")]
    OnlyTheyRelease(String),
    #[error("this run was escalated already")]
    EscalatedAlready,
    #[error("this run was escalated; a principal decides it")]
    Escalated,
    #[error(
        "the message may have been handed over already; settle that first: `echovoice deliver --settle`"
    )]
    HandedOver,
    #[error("{0} decided this run; only they or a principal can withdraw it")]
    OnlyTheyWithdraw(String),
    #[error("{0} changed these words and may not approve them; a colleague must")]
    OwnWords(String),
    #[error("this needs a second person; {0} signed first")]
    SamePerson(String),
    #[error("what waits for a second person is variant {0}")]
    OtherVariant(String),
    #[error("an approval lapses by time, not by a person")]
    LapsedByPerson,
    #[error("an approval was called lapsed before its time")]
    LapsedTooEarly,
}

/// A decision is not about what the gate judged, or nobody may take it so.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignedDecisionRefusal {
    #[error("a decision without its signed note")]
    NoNote,
    #[error("the decision's signature: {0}")]
    Signature(#[source] NoteError),
    #[error("a decision about an unknown run")]
    UnknownRun,
    #[error("an unknown decision")]
    UnknownKind,
    #[error("an override is an entry of its own kind")]
    OtherEntryKind,
    #[error("{actor} may not decide so: {why}")]
    MayNot {
        actor: String,
        #[source]
        why: ReviewRefusal,
    },
    #[error("a decision about a text of variant {0} that is not the run's")]
    OtherText(String),
    #[error("a decision about another verdict than the gate's")]
    OtherVerdict,
    #[error("variant {0} is blocked")]
    Blocked(String),
    #[error("variant {0} is not blocked")]
    NotBlocked(String),
    #[error("variant {0} has a hard block, which nobody may override")]
    HardBlock(String),
    #[error("the second signature is for another text than the first")]
    SecondForOther,
    #[error("a decision together with others where the policy allows none")]
    Together,
}

/// Why an entry opens no planted test.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CanaryFault {
    #[error("a planted test under rules that know none")]
    OlderRules,
    #[error("a planted test of an unknown run")]
    UnknownRun,
    #[error("a planted test that is over already")]
    Twice,
    #[error("a planted test that says no {0}, or none that is known")]
    Missing(&'static str),
    #[error("a test that was not planted by the principal who started the run")]
    Planter,
    #[error("a planted test that does not open what the run's text committed to")]
    Commitment,
    #[error("a planted test is opened right after the decision that ends its review")]
    NoDecision,
    #[error("{0} decided a test of their own")]
    OwnTest(String),
    #[error("a planted test came to something else than its entry says")]
    Outcome,
    #[error("only a test that waits is ended")]
    NotWaiting,
}
