//! How what a person does to a run stands in an entry, beside decisions.

use super::entry::{Entry, EntryKind};
use super::payload::{ActPayload, Payload};
use crate::domain::review::Act;

/// The act that an entry records; `None` for an entry of another kind, or of no known act.
pub fn act_of(entry: &Entry) -> Option<Act> {
    match entry.kind() {
        EntryKind::Assigned => {
            let how = entry.payload().act()?.how.as_ref()?.known()?;
            let takes = [Act::Claim, Act::Release, Act::Assign, Act::Escalate];
            takes.contains(&how).then_some(how)
        }
        EntryKind::Comment => Some(Act::Comment),
        EntryKind::Withdrawn => Some(Act::Withdraw),
        EntryKind::Recall => Some(Act::Recall),
        EntryKind::Expired => Some(Act::Expire),
        EntryKind::Reopened => Some(Act::Reopen),
        _ => None,
    }
}

/// What the entry says that records an act.
pub fn payload_of(act: Act, said: ActPayload) -> Payload {
    match act {
        Act::Claim | Act::Release | Act::Assign | Act::Escalate => {
            let how = Some(act.into());
            Payload::Assigned(ActPayload { how, ..said })
        }
        Act::Comment => Payload::Comment(said),
        Act::Withdraw => Payload::Withdrawn(said),
        Act::Recall => Payload::Recall(said),
        Act::Expire => Payload::Expired(said),
        Act::Reopen => Payload::Reopened(said),
    }
}
