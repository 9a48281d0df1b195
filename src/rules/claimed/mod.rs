//! Rules over claims, the second form of a pack: which claim, of which product, in which place; which facts or which
//! missing words make it a breach; what cures it; the law; what to say instead.

mod compile;
mod condition;
mod deadline;
mod evaluate;
mod explain;
mod file;
mod filled;
mod reading;
mod sample;
mod spans;
mod spec;

pub use compile::{ClaimedProblem, Compiled, conditions};
pub(in crate::rules) use evaluate::ClaimedRun;
pub use explain::{ExplainedClaim, Looked};
pub use file::{ClaimPackFile, WrittenRule};
pub use reading::Readings;
pub use spec::{Claimed, Need, RuleTrigger, Voices, Where};
