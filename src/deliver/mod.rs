//! Carriers: who takes an approved message. A folder of files, an SMTP server, a webhook.

mod address;
mod certificate;
mod file;
mod mail;
mod reply;
mod smtp;
mod webhook;

pub use address::can_be_reached;
pub use file::FileTransport;
pub use smtp::{Security, SmtpEndpoint, SmtpTransport};
pub use webhook::{WebhookEndpoint, WebhookTransport};

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
    /// The brand's logo, an SVG; empty where the brand has none.
    pub logo: &'e [u8],
}

/// Where messages go cannot be used as it is set up; nothing was sent.
#[derive(Debug, thiserror::Error)]
pub enum EndpointError {
    #[error("security = \"none\" is for this machine alone")]
    PasswordsInTheOpen,
    #[error("the url of [delivery.webhook] begins with https://")]
    MessagesInTheOpen,
    #[error("{}: {why}", .file.display())]
    Unreadable {
        file: PathBuf,
        #[source]
        why: io::Error,
    },
    #[error("{}: {why}", .file.display())]
    NoCertificate {
        file: PathBuf,
        #[source]
        why: lettre::transport::smtp::Error,
    },
    #[error(transparent)]
    Tls(#[from] lettre::transport::smtp::Error),
}

/// Why a hand-over failed. Holds no address.
#[derive(Debug, thiserror::Error)]
pub enum DeliverError {
    /// Where it lies is for this machine's people alone, and stands in no reason.
    #[error(
        "the outbox cannot be written ({1}); check that HOME/outbox is a folder that can be, every message waits for it \
         and is tried again"
    )]
    Io(PathBuf, io::Error),
    #[error(
        "the recipient's address is missing or malformed; correct the profile and start a new run"
    )]
    Address,
    /// The mail server knows no letters beyond ASCII before the `@` (RFC 6531).
    #[error(
        "the mail server does not take addresses with such letters before the @ (it offers no SMTPUTF8); withdraw the \
         decision and correct the profile, or use a server that does"
    )]
    Letters,
    #[error("the message could not be built: {0}")]
    Message(String),
    /// It was refused, and will be again.
    #[error(
        "the carrier refused it: {0}; withdraw the decision, or correct the profile and start a new run"
    )]
    Refused(String),
    /// The carrier takes no message as it is set up here: no fault of this one.
    #[error(
        "the carrier did not take it: {0}; that is a setting under [delivery], every message waits for it and is tried again"
    )]
    Setting(String),
    /// It was not taken; another time it may be.
    #[error("the carrier did not take it: {0}; it is tried again")]
    Later(String),
    /// It was sent off, and no answer came: nobody here knows whether it was taken.
    #[error("the carrier's answer was lost: {0}")]
    Lost(String),
}

impl DeliverError {
    /// Whether it is this message that is not taken, now or later.
    pub fn is_final(&self) -> bool {
        matches!(
            self,
            Self::Address | Self::Letters | Self::Message(_) | Self::Refused(_)
        )
    }

    /// Whether it is the carrier, as it is set up, that takes none.
    pub fn is_of_the_carrier(&self) -> bool {
        matches!(self, Self::Io(..) | Self::Setting(_))
    }
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
pub enum ResendEffect {
    /// Nothing: the carrier is ours, and knows its messages.
    Ours,
    /// Nothing, if the other side keeps what it promises: it knows messages by their id.
    KnownById,
    /// It delivers a second time.
    Unknown,
}

/// Something that takes a message.
pub trait Transport: Send + Sync {
    /// Hands the message over.
    ///
    /// # Errors
    /// See [`DeliverError`].
    fn deliver(&self, envelope: &Envelope<'_>) -> Result<Handed, DeliverError>;

    /// What happens if it is handed over again.
    fn custody(&self) -> ResendEffect;
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
