//! Entries about what is sent, what comes of it, and who wants no more.

use super::coded::{Coded, HandoverStatus, HoldScope};
use super::define::payloads;
use crate::domain::digest::Digest;

payloads! {
    /// A step of a hand-over.
    DeliveryPayload {
        /// How far it came: `begun`, `delivered`, `held` or `failed`.
        status: Coded<HandoverStatus>,
        /// Hash of what is handed over.
        artifact: Coded<Digest>,
        /// Number of the decision that released it.
        decision: u64,
        /// By which channel.
        channel: String,
        /// The message's own id.
        message_id: String,
        /// The carrier's id of the message.
        provider: String,
        /// Why it is held, or was not taken.
        reason: String,
        /// Whose fault that is: of the carrier as it is set up, or of this message alone.
        scope: Coded<HoldScope>,
        /// When it is looked at again.
        until: String,
        /// The carrier will not take it another time either.
        is_final as "final": bool,
        /// How a person knows what became of it.
        settled: String,
        /// What was signed to settle it.
        note: String,
        /// What kind of message it is.
        message_kind as "type": String,
        /// The segment that it counts for.
        segment: String,
        /// The experiment that it counts for.
        test: String,
    }

    /// What came of a message.
    FeedbackPayload {
        /// What happened.
        event: String,
        /// How it bounced.
        bounce: String,
        /// When, as it was told.
        at: String,
        /// The day on which the message was sent.
        sent: String,
        /// Nothing of this run was answered before.
        first: bool,
        /// What kind of message it was.
        message_kind as "type": String,
        /// The segment that it counts for.
        segment: String,
        /// The channel that it counts for.
        channel: String,
        /// The experiment that it counts for.
        test: String,
    }

    /// Nothing more is sent to somebody, whom the entry's id names.
    OptOutPayload {
        /// What was read: `email`, `phone`, `id`, or `former`.
        form: String,
        /// `asked`, `complained` or `hard_bounce`.
        because: String,
        /// How it came.
        via: String,
        /// The file that it came from.
        file: String,
        /// The line of the file.
        line: u64,
        /// The first reading of the same line.
        with: String,
    }
}

impl DeliveryPayload {
    /// Whether the hand-over came this far.
    pub fn is(&self, status: HandoverStatus) -> bool {
        self.status.as_ref().and_then(Coded::known) == Some(status)
    }
}
