//! Why something may not be done: by this role, in this state of a run, or with this verdict. Each says it in a sentence
//! that every face shows as it is.

use super::decision::{DecisionKind, REASON_CHARS, ReviewState, codes_for};
use super::person::{Action, Role};

/// A role may not do it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the role {role} may not {}; ask a colleague who is {}", .action.in_words(), .action.who_may())]
pub struct RoleRefusal {
    pub role: Role,
    pub action: Action,
}

/// A run does not stand so that it could be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StateRefusal {
    #[error("the pipeline has not finished; run it on to the end first")]
    NotFinished,
    #[error("an approval waits for its second person; sign it with approve, or reject it")]
    SecondApprovalWaits,
    #[error("an override waits for its second signature; sign it with override, or reject it")]
    SecondSignatureWaits,
    #[error("changes are already requested; edit the variant or reject the run")]
    ChangesRequested,
    #[error("this run is already approved; start a new run to decide again")]
    Approved,
    #[error("this run is already rejected; start a new run to decide again")]
    Rejected,
    #[error("an experiment sends this customer nothing; there is nothing to decide")]
    HeldOut,
    #[error("this was a planted test and is over; there is nothing to decide")]
    Tested,
    /// Its words are changed no more.
    #[error(
        "this run is {}; what was decided is not changed any more: withdraw the decision, or start a new run",
        .0.in_words()
    )]
    Decided(ReviewState),
    #[error("this run does not wait for a decision; it is {}", .0.as_str())]
    NotWaiting(ReviewState),
    /// A decision that is to be withdrawn.
    #[error("the message is delivered; recall it instead")]
    Delivered,
    #[error("there is no decision to withdraw")]
    NoDecision,
    /// A message that is to be recalled.
    #[error("nothing was delivered; withdraw the decision instead")]
    NotYetDelivered,
    #[error("nothing was delivered that could be recalled")]
    NothingDelivered,
    #[error("there is no approval that waits for its delivery")]
    NoApproval,
}

/// A decision does not fit the verdict, or lacks a reason that can be taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecisionRefusal {
    #[error("the reason is longer than {} characters", REASON_CHARS.end())]
    LongReason,
    #[error("{kind} needs a reason of at least {} characters; it has {length}", REASON_CHARS.start())]
    ShortReason { kind: DecisionKind, length: usize },
    #[error("unknown reason code; use one of: {}", codes_for(*.0).join(", "))]
    UnknownCode(DecisionKind),
    #[error("variant {0} is blocked; approve another one, request changes, or override")]
    Blocked(String),
    #[error(
        "variant {0} has a hard block (personal data, consent or age), which nobody may override"
    )]
    HardBlock(String),
    #[error("variant {0} is not blocked; approve it instead")]
    NotBlocked(String),
}
