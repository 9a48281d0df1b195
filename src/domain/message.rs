//! A message as the gate sees it: its parts, how it is sent, and what it may be checked against.

use super::cited::CitedPassages;
use super::facts::Facts;
use super::finding::Part;
use super::jurisdiction::{Channel, Jurisdiction};
use super::profile::Profile;
use super::remark::Remark;
use chrono::{DateTime, FixedOffset};
use std::sync::Arc;

/// As what a further text of a mail is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MoreKind {
    /// A second subject, or the subject of a message inside.
    Subject,
    /// A name that readers show: the sender's, or that of a file. Its digits state nothing.
    Name,
    Text,
    Html,
}

/// A text of a mail beside subject, body and HTML.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MorePart {
    pub kind: MoreKind,
    /// Readers show it with the message, and not only when a file is opened: what a message must say may stand here.
    pub shown: bool,
    pub text: String,
}

/// A part of a mail, as it was found in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedPart {
    /// Its number in the mail, as `1.2`, or a field of the header, as `subject`.
    pub place: String,
    /// Its media type in small letters, or `header`.
    pub media: String,
    /// The encoding of its characters, by its name in the WHATWG standard.
    pub charset: Option<String>,
    /// The part of the message in which its text is judged.
    pub part: Option<Part>,
    /// Its text was read.
    pub read: bool,
    /// Why it was not read, or what is to be known about how it was.
    pub why: Option<String>,
    pub region: Option<Region>,
}

/// Where a part stands in the file: lines from 1 on, both of them its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Region {
    pub first_line: usize,
    pub last_line: usize,
    /// The part's lines are those of the file, character for character.
    pub exact: bool,
}

/// One message, whoever wrote it.
#[derive(Clone, Debug, Default)]
pub struct Message {
    pub subject: Option<String>,
    pub preheader: Option<String>,
    pub body: String,
    pub html: Option<String>,
    /// The HTML says something that the body does not: it is then read for itself, and not as the body once more.
    pub html_differs: bool,
    /// Further texts of a mail: [`Part::More`] counts them from 1 on.
    pub more: Vec<MorePart>,
    /// The parts of a mail, read or not; none for a message that was given as text.
    pub listed: Vec<ListedPart>,
    /// `None` when the caller did not say: rules of a channel then do not apply.
    pub channel: Option<Channel>,
    /// `None` when the caller did not say: rules of every jurisdiction apply.
    pub jurisdiction: Option<Jurisdiction>,
    pub product: Option<String>,
    pub facts: Facts,
    pub citations: CitedPassages,
    pub customer: Option<Arc<Profile>>,
    /// The moment whose law applies.
    pub as_of: Option<DateTime<FixedOffset>>,
    /// A complete message that is to be sent, as opposed to a fragment under check: what it must contain is required.
    pub complete: bool,
    /// What of the message was not read, or read otherwise than it was written.
    pub remarks: Vec<Remark>,
}

impl Message {
    /// The parts that hold text, in reading order.
    pub fn parts(&self) -> Vec<(Part, &str)> {
        let mut parts = Vec::with_capacity(4);
        if let Some(subject) = &self.subject {
            parts.push((Part::Subject, subject.as_str()));
        }
        if let Some(preheader) = &self.preheader {
            parts.push((Part::Preheader, preheader.as_str()));
        }
        parts.push((Part::Body, self.body.as_str()));
        if let Some(html) = &self.html {
            parts.push((Part::Html, html.as_str()));
        }
        let more = self.more.iter().zip(1_u16..);
        parts.extend(more.map(|(more, number)| (Part::More(number), more.text.as_str())));
        parts
    }

    pub fn part(&self, part: Part) -> &str {
        match part {
            Part::Subject => self.subject.as_deref().unwrap_or(""),
            Part::Preheader => self.preheader.as_deref().unwrap_or(""),
            Part::Body => &self.body,
            Part::Html => self.html.as_deref().unwrap_or(""),
            Part::More(_) => self.further(part).map_or("", |more| more.text.as_str()),
            Part::Message => "",
        }
    }

    /// The further text that a part names.
    pub fn further(&self, part: Part) -> Option<&MorePart> {
        let Part::More(number) = part else {
            return None;
        };
        self.more.get(usize::from(number).checked_sub(1)?)
    }

    /// The named part whose rules hold for a part too: those of the body hold for a second text. None for a name.
    pub fn stands_for(&self, part: Part) -> Option<Part> {
        match self.further(part) {
            None => Some(part),
            Some(more) => match more.kind {
                MoreKind::Subject => Some(Part::Subject),
                MoreKind::Text => Some(Part::Body),
                MoreKind::Html => Some(Part::Html),
                MoreKind::Name => None,
            },
        }
    }

    /// The product that the message names, or else its facts.
    pub fn product_named(&self) -> Option<&str> {
        self.product
            .as_deref()
            .or_else(|| self.facts.text("product"))
    }

    /// Names of the time zones that the recipient is said to be in.
    pub fn zones(&self) -> Vec<&str> {
        let own = self.customer.as_ref().and_then(|c| c.time_zone.as_deref());
        self.facts
            .text("recipient_tz")
            .into_iter()
            .chain(own)
            .collect()
    }

    /// Whether a part says once more what the body says.
    pub fn repeats_body(&self, part: Part) -> bool {
        part == Part::Html && !self.html_differs
    }

    /// Whether readers show a part with the message, so that what it says counts as said.
    pub fn shows(&self, part: Part) -> bool {
        self.further(part).is_none_or(|more| more.shown)
    }
}
