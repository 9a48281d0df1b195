//! Carriers: who takes an approved message. A folder of files, an SMTP server, a webhook.

mod file;
mod mail;
mod smtp;
mod webhook;

pub use file::FileCarrier;
pub use smtp::{Security, Smtp, SmtpCarrier};
pub use webhook::{Webhook, WebhookCarrier};

use crate::domain::digest::Digest;
use crate::domain::variant::Variant;
use chrono::{DateTime, FixedOffset};
use std::io;
use std::path::PathBuf;

/// What is handed over.
pub struct Envelope<'e> {
    pub run: &'e str,
    pub variant: &'e Variant,
    pub artifact: Digest,
    /// Address or number of the recipient.
    pub to: &'e str,
    pub from: &'e str,
    pub unsubscribe: &'e str,
    pub at: DateTime<FixedOffset>,
    pub logo: &'e [u8],
}

/// Why a hand-over failed. Holds no address.
#[derive(Debug, thiserror::Error)]
pub enum DeliverError {
    #[error("the outbox {0}: {1}; check that the folder can be written, then deliver again")]
    Io(PathBuf, io::Error),
    #[error(
        "the recipient's address is missing or malformed; correct the profile and start a new run"
    )]
    Address,
    #[error("the message could not be built: {0}")]
    Message(String),
    /// It was refused, and will be again.
    #[error(
        "the carrier refused it: {0}; withdraw the decision, or correct the profile and start a new run"
    )]
    Refused(String),
    /// It was not taken; another time it may be.
    #[error("the carrier did not take it: {0}; it is tried again")]
    Later(String),
    /// It was sent off, and no answer came: nobody here knows whether it was taken.
    #[error("the carrier's answer was lost: {0}")]
    Lost(String),
}

/// What was handed over, and to whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handed {
    /// The message's own id: the same content of the same run always has the same.
    pub id: String,
    /// What the carrier calls it.
    pub provider: Option<String>,
}

/// What a second hand-over of the same message does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Custody {
    /// Nothing: the carrier is ours, and knows its messages.
    Ours,
    /// Nothing, if the other side keeps what it promises: it knows messages by their id.
    KnownById,
    /// It delivers a second time.
    Unknown,
}

/// Something that takes a message.
pub trait Carrier: Send + Sync {
    /// Hands the message over.
    ///
    /// # Errors
    /// See [`DeliverError`].
    fn deliver(&self, envelope: &Envelope<'_>) -> Result<Handed, DeliverError>;

    /// What happens if it is handed over again.
    fn custody(&self) -> Custody;
}

impl Envelope<'_> {
    /// The message's own id.
    pub fn id(&self) -> String {
        message_id(self.run, &self.variant.id, &self.artifact)
    }
}

/// What a message is known by: the same content of the same run always has the same.
pub fn message_id(run: &str, variant: &str, artifact: &Digest) -> String {
    format!("{run}-{variant}-{}", hex::encode(&artifact.0[..6]))
}

/// Longest word of a carrier's own that is kept, in characters.
const LONGEST: usize = 200;

/// What a carrier calls a message, as it can go on record: one short line.
fn name_of_theirs(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_control())
        .take(LONGEST)
        .collect()
}
