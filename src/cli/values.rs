//! Words of the command line that stand for one of a few things.

use crate::domain::jurisdiction::Channel;
use crate::domain::segment::Goal;

/// A word that stands for none of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum UnknownWord {
    #[error("expected one of {}", Goal::ALL.map(Goal::as_str).join(", "))]
    Goal,
    #[error("expected email, sms or push")]
    Channel,
}

pub(super) fn goal(text: &str) -> Result<Goal, UnknownWord> {
    Goal::parse(text).ok_or(UnknownWord::Goal)
}

pub(super) fn channel(text: &str) -> Result<Channel, UnknownWord> {
    Channel::parse(text).ok_or(UnknownWord::Channel)
}
