//! What became of an approved message.

use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryStatus {
    /// Nobody has decided yet.
    AwaitingApproval,
    /// No variant may go out.
    NothingToSend,
    /// A person said no.
    Rejected,
    /// A person wants changes first.
    ChangesRequested,
    /// Approved, but consent, opt-out or quiet hours forbid it now.
    Held,
    /// Handed over, once.
    Delivered,
}

impl DeliveryStatus {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AwaitingApproval => "awaiting_approval",
            Self::NothingToSend => "nothing_to_send",
            Self::Rejected => "rejected",
            Self::ChangesRequested => "changes_requested",
            Self::Held => "held",
            Self::Delivered => "delivered",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    pub status: DeliveryStatus,
    pub message_id: Option<String>,
    pub timestamp: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}
