//! A mail as it was read, and what is said of parts that were not.

use crate::domain::finding::{Disposition, Part};
use crate::domain::message::{Message, MoreKind, MorePart};
use crate::domain::remark::{Remark, Topic};

/// A file in a mail that another room reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttachedFile {
    /// Its line in [`Message::listed`].
    pub listed: usize,
    /// By which it is read: `pdf` or `docx`.
    pub ending: &'static str,
    pub bytes: Vec<u8>,
}

/// A mail as it was read. What stands in [`Self::files`] is not in the message yet.
#[derive(Clone, Debug, Default)]
pub struct Mail {
    pub message: Message,
    pub files: Vec<AttachedFile>,
}

impl Mail {
    /// Adds the text of a file.
    pub fn add_file(&mut self, listed: usize, text: String) {
        let part = push(&mut self.message, MoreKind::Text, false, text);
        if let Some(line) = self.message.listed.get_mut(listed) {
            line.part = part;
            line.read = part.is_some();
        }
        if part.is_none() {
            self.unread(listed, Disposition::Block, TOO_MANY);
        }
    }

    /// Says that a part was read, but not all of it.
    pub fn partly(&mut self, listed: usize, why: &str) {
        if let Some(line) = self.message.listed.get_mut(listed) {
            line.why = Some(why.to_owned());
            let done = "the rest was read";
            let remark = remark(Disposition::Review, &line.media, &line.place, why, done);
            self.message.remarks.push(remark);
        }
    }

    /// Says that a part was not read, and what that asks for.
    pub fn unread(&mut self, listed: usize, asks: Disposition, why: &str) {
        if let Some(line) = self.message.listed.get_mut(listed) {
            line.read = false;
            line.why = Some(why.to_owned());
            let remark = remark(asks, &line.media, &line.place, why, "not read");
            self.message.remarks.push(remark);
        }
    }
}

pub(super) const TOO_MANY: &str = "more texts than are read";

pub(super) fn remark(
    asks: Disposition,
    media: &str,
    place: &str,
    found: &str,
    done: &str,
) -> Remark {
    let field = if media.is_empty() { "part" } else { media };
    Remark::new(Topic::Unread, asks, field, found, done).at(format!("part {place}"))
}

/// A further text, and the part it became: none if there are more than can be counted.
pub(super) fn push(
    message: &mut Message,
    kind: MoreKind,
    shown: bool,
    text: String,
) -> Option<Part> {
    let number = u16::try_from(message.more.len() + 1).ok()?;
    message.more.push(MorePart { kind, shown, text });
    Some(Part::More(number))
}
