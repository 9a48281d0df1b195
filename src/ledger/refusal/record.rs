//! The record itself: its times, its format, what is in force, its exports.

/// A time is not written in the one form that entries have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TimeError {
    #[error("its time is not in UTC")]
    NotUtc,
    #[error("its time is not written as times are here")]
    Form,
    #[error("its time cannot be read")]
    Unreadable,
}

/// The clock ran backwards, or was set back and nobody has looked at it since.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClockRefusal {
    #[error("a jump of the clock that does not follow from the times")]
    OtherJump,
    #[error("no jump of the clock is to be confirmed")]
    NoJump,
    #[error(
        "the clock jumped (entry {0}) and nobody has confirmed the time since: `echovoice audit clock --reason …`"
    )]
    Unconfirmed(u64),
    #[error("its time, {time}, lies before that of an earlier entry, {newest}")]
    Backwards { time: String, newest: String },
}

/// A record names other rules than it may, or goes on where it has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FormatRefusal {
    #[error("a second genesis")]
    SecondGenesis,
    #[error(
        "the genesis names no format that this version knows: it was changed, or a newer version wrote it"
    )]
    Unknown,
    #[error("a genesis that does not say where it ends")]
    OpenGenesis,
    #[error("other rules than those that hold")]
    OtherRules,
    #[error("somebody acts in a record that does not begin with its genesis")]
    NoGenesis,
    #[error("a genesis that goes on after its people were enrolled")]
    LongGenesis,
}

/// What is in force may not change so.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InForceRefusal {
    #[error("{0} activated a pack of their own")]
    OwnPack(String),
    #[error("it does not say what is in force")]
    NotSaid,
    #[error("a pack without its hash")]
    NoHash,
    #[error("what is in force does not follow from what was")]
    DoesNotFollow,
    #[error("a pack that asks for two persons was changed by {0} alone")]
    ByOneAlone(String),
    #[error("{0} proposed this change and confirmed it")]
    ProposedByTheSame(String),
    #[error("nobody proposed this change, or what is in force was changed since")]
    NotProposed,
    #[error("another change than the one that was proposed")]
    OtherChange,
}

/// An export's own entry owes something else than there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CommitmentRefusal {
    #[error("an export that names other entries of its runs than there are")]
    OtherEntries,
}
