//! Mails for the gate: the mail reader's text, and the text of the documents that are attached.

use crate::domain::finding::Disposition;
use crate::domain::message::Message;
use crate::error::{Error, Kind, Result};
use crate::knowledge;
use crate::mail::{self, MailFileKind};
use base64::Engine as _;

/// Largest mail that is read, in bytes.
pub const MAX_BYTES: u64 = mail::MAX_MAIL_BYTES;

/// A mail as a file, with its documents.
pub fn read_eml(bytes: &[u8]) -> Message {
    let mut read = mail::read(bytes);
    for file in std::mem::take(&mut read.files) {
        match knowledge::text_of(file.bytes, file.ending) {
            Ok((text, problems)) => {
                read.add_file(file.listed, text);
                if let Some(problem) = problems.first() {
                    read.partly(file.listed, &problem.0);
                }
            }
            Err(problem) => read.unread(file.listed, Disposition::Review, &problem.0),
        }
    }
    read.message
}

/// Whether files of this ending, in small letters, are mails.
pub fn is_called_one(ending: &str) -> bool {
    matches!(ending, "eml" | "mht" | "mhtml" | "emlx")
}

/// The message, if the bytes are a mail by their header or the file is called one.
///
/// # Errors
/// Several mails, or another program's format.
pub fn if_mail(bytes: &[u8], extension: &str) -> Result<Option<Message>> {
    let called = is_called_one(extension);
    match mail::shape(bytes) {
        MailFileKind::Mail => Ok(Some(read_eml(bytes))),
        MailFileKind::Other => Ok(called.then(|| read_eml(bytes))),
        MailFileKind::Mailbox(count) => Err(Error::new(
            Kind::Input,
            format!("a mailbox with {count} mails"),
        )
        .fix("save the one that is meant as .eml")),
        MailFileKind::Outlook => Err(Error::new(
            Kind::Input,
            "in Outlook's own format (.msg), which is not read",
        )
        .fix("save it as .eml, or forward it and save that")),
    }
}

/// The mail in the fields `eml` (its text) or `eml_base64` (its bytes) of a JSON message.
///
/// # Errors
/// Both are given, or the bytes are no base64.
pub fn of_json(text: Option<String>, packed: Option<String>) -> Result<Option<Message>> {
    let bytes = match (text, packed) {
        (None, None) => return Ok(None),
        (Some(text), None) => text.into_bytes(),
        (None, Some(packed)) => {
            let flat: String = packed.split_whitespace().collect();
            base64::engine::general_purpose::STANDARD
                .decode(flat)
                .map_err(|_| Error::new(Kind::Input, "eml_base64: not base64"))?
        }
        (Some(_), Some(_)) => {
            return Err(Error::new(Kind::Input, "eml: given twice")
                .fix("give either `eml` or `eml_base64`"));
        }
    };
    if_mail(&bytes, "eml")
}
