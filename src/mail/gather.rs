//! The parts of a mail as the parts of a message: what is judged where, and what was not read.

use super::as_read::{AttachedFile, Mail, TOO_MANY, push, remark};
use super::calendar;
use super::charset::{self, DecodedText, DecodingTrust};
use super::data;
use super::flowed;
use super::kind::PartKind;
use super::pictures;
use super::structure::{HeaderContext, MimePart, Visitor};
use super::transfer::Transfer;
use crate::domain::finding::{Disposition, Part};
use crate::domain::jurisdiction::Channel;
use crate::domain::message::{ListedPart, Message, MoreKind, Region};
use std::collections::BTreeSet;

/// Gathers what the reader of the tree finds.
pub(super) struct Gathered {
    mail: Mail,
    has_body: bool,
    names: BTreeSet<String>,
    pictures: Vec<pictures::Picture>,
}

impl Gathered {
    pub fn new() -> Self {
        Self {
            mail: Mail {
                message: Message {
                    channel: Some(Channel::Email),
                    complete: true,
                    ..Message::default()
                },
                files: Vec::new(),
            },
            has_body: false,
            names: BTreeSet::new(),
            pictures: Vec::new(),
        }
    }

    /// What can be said only when everything was seen.
    pub fn finish(mut self) -> Mail {
        pictures::judge(&mut self.mail, &self.pictures);
        let message = &mut self.mail.message;
        match &message.html {
            Some(html) if !self.has_body => {
                crate::text::html::visible_text(html)
                    .text()
                    .trim()
                    .clone_into(&mut message.body);
            }
            Some(_) => message.html_differs = super::echo::differs(message),
            None => {}
        }
        self.mail
    }

    fn list(&mut self, place: String, media: &str, region: Region) -> usize {
        self.mail.message.listed.push(ListedPart {
            place,
            media: media.to_owned(),
            charset: None,
            part: None,
            read: false,
            why: None,
            region: Some(region),
        });
        self.mail.message.listed.len() - 1
    }

    /// A text of the header.
    fn headline(
        &mut self,
        place: String,
        kind: MoreKind,
        text: String,
        trust: DecodingTrust,
        region: Region,
    ) {
        let index = self.list(place, "header", region);
        let message = &mut self.mail.message;
        let part = if kind == MoreKind::Subject
            && message.subject.is_none()
            && self.names.is_empty()
            && index == 0
        {
            message.subject = Some(text);
            Some(Part::Subject)
        } else {
            push(message, kind, true, text)
        };
        let line = &mut message.listed[index];
        line.part = part;
        line.read = part.is_some();
        match (part, trust) {
            (None, _) => self.unread(index, Disposition::Block, TOO_MANY),
            (_, DecodingTrust::Unread) => {
                self.unread(index, Disposition::Block, "its charset is not read");
            }
            (_, DecodingTrust::Doubtful) => self.doubt(index, "its charset is doubtful"),
            _ => {}
        }
    }

    fn unread(&mut self, index: usize, asks: Disposition, why: &str) {
        self.mail.unread(index, asks, why);
    }

    /// What was read and may be read differently.
    fn doubt(&mut self, index: usize, why: &str) {
        let line = &mut self.mail.message.listed[index];
        line.why = Some(why.to_owned());
        let done = "read as well as can be";
        let remark = remark(Disposition::Review, &line.media, &line.place, why, done);
        self.mail.message.remarks.push(remark);
    }

    /// A text of the body, under its line of the list.
    fn text(&mut self, index: usize, leaf: &MimePart, kind: MoreKind, text: String) {
        let top = !leaf.attached && !leaf.inside;
        let message = &mut self.mail.message;
        let part = match kind {
            MoreKind::Text if top && !self.has_body && leaf.media == "text/plain" => {
                self.has_body = true;
                message.body = text;
                Some(Part::Body)
            }
            MoreKind::Html if top && message.html.is_none() && leaf.media == "text/html" => {
                message.html = Some(text);
                Some(Part::Html)
            }
            _ => push(message, kind, !leaf.attached, text),
        };
        let line = &mut message.listed[index];
        line.part = part;
        line.read = part.is_some();
        if part.is_none() {
            self.unread(index, Disposition::Block, TOO_MANY);
        }
    }

    fn decoded(&mut self, index: usize, leaf: &MimePart) -> DecodedText {
        let html = leaf.kind == PartKind::Html;
        let label = leaf.charset.as_deref();
        let label = if html {
            charset::of_html(&leaf.bytes, label)
        } else {
            label
        };
        let calendar = (leaf.kind == PartKind::Calendar).then(|| calendar::unfold(&leaf.bytes));
        let mut read = charset::decode(calendar.as_deref().unwrap_or(&leaf.bytes), label);
        if read.text.contains('\r') {
            read.text = read.text.replace("\r\n", "\n").replace('\r', "\n");
        }
        if leaf.joins_lines {
            read.text = flowed::join(&read.text);
        }
        let line = &mut self.mail.message.listed[index];
        line.charset = Some(read.charset.clone());
        line.why.clone_from(&read.why);
        if leaf.joins_lines
            && let Some(region) = &mut line.region
        {
            region.exact = false;
        }
        read
    }

    fn readable(&mut self, leaf: &MimePart) {
        let index = self.list(leaf.place.clone(), &leaf.media, leaf.region);
        let DecodedText {
            text, trust, why, ..
        } = self.decoded(index, leaf);
        let empty = text.trim().is_empty();
        let packed = text.contains("-----BEGIN PGP MESSAGE-----");
        let lists_file = lists_file(&text);
        let calendar = (leaf.kind == PartKind::Calendar).then(|| calendar::texts(&text));
        match (leaf.kind, calendar) {
            (_, Some(calendar)) => {
                self.mail.message.listed[index].region = Some(Region {
                    exact: false,
                    ..leaf.region
                });
                self.text(index, leaf, MoreKind::Text, calendar.plain);
                if !calendar.html.is_empty() {
                    let html = self.list(
                        format!("{} X-ALT-DESC", leaf.place),
                        "text/html",
                        leaf.region,
                    );
                    self.mail.message.listed[html].region = Some(Region {
                        exact: false,
                        ..leaf.region
                    });
                    self.text(html, leaf, MoreKind::Html, calendar.html);
                }
            }
            (PartKind::Html, _) => self.text(index, leaf, MoreKind::Html, text),
            _ => {
                let text = data::words(&leaf.media, leaf.name.as_deref(), text);
                self.text(index, leaf, MoreKind::Text, text);
            }
        }
        let why = why.unwrap_or_default();
        // What only whoever opens a file sees, a person looks at.
        let unread = if leaf.attached {
            Disposition::Review
        } else {
            Disposition::Block
        };
        match trust {
            DecodingTrust::Unread => self.unread(index, unread, &why),
            DecodingTrust::Doubtful => self.doubt(index, &why),
            DecodingTrust::Told | DecodingTrust::Sure => {}
        }
        if leaf.transfer == Transfer::Unknown && !empty {
            self.unread(index, unread, "an unknown transfer encoding");
        }
        if packed {
            self.unread(index, unread, "holds an encrypted text (PGP)");
        }
        if lists_file {
            self.doubt(index, "holds a file inside its text (uuencode)");
        }
        for doubt in &leaf.doubts {
            // A multipart that holds nothing says nothing.
            if leaf.media.starts_with("multipart/") && !empty {
                self.unread(index, Disposition::Block, doubt);
            } else if !leaf.media.starts_with("multipart/") {
                self.doubt(index, doubt);
            }
        }
    }

    fn name_of_file(&mut self, leaf: &MimePart) {
        let Some(name) = &leaf.name else { return };
        let spoken = spoken(name);
        // One or two words name a file; more of them say something.
        let words = spoken
            .split_whitespace()
            .filter(|w| w.chars().any(char::is_alphabetic))
            .count();
        if words > 2 && self.names.insert(spoken.clone()) {
            let place = format!("{} name", leaf.place);
            self.headline(
                place,
                MoreKind::Name,
                spoken,
                DecodingTrust::Sure,
                leaf.region,
            );
        }
    }
}

/// A file's name as it is read: without its ending, with blanks for the signs in their place.
fn spoken(name: &str) -> String {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    stem.replace(['_', '+'], " ")
        .replace("%20", " ")
        .trim()
        .to_owned()
}

/// The frame of a uuencoded file.
fn lists_file(text: &str) -> bool {
    let begins = |line: &str| {
        let mut words = line.split(' ');
        words.next() == Some("begin")
            && words.next().is_some_and(|mode| {
                mode.len() == 3 && mode.bytes().all(|b| (b'0'..=b'7').contains(&b))
            })
            && words.next().is_some()
    };
    text.contains("\nend") && text.lines().any(begins)
}

impl Visitor for Gathered {
    fn head(&mut self, head: &HeaderContext<'_>) {
        let at = |field: &str| {
            if head.place.is_empty() {
                field.to_owned()
            } else {
                format!("{} {field}", head.place)
            }
        };
        let mut said = BTreeSet::new();
        for field in head.header.all("subject") {
            let words = field.text();
            if !said.insert(words.text.clone()) {
                continue;
            }
            self.headline(
                at("subject"),
                MoreKind::Subject,
                words.text,
                words.trust,
                head.region(field),
            );
        }
        for name in ["from", "sender", "reply-to"] {
            for field in head.header.all(name) {
                for shown in field.display_names() {
                    if self.names.insert(shown.clone()) {
                        self.headline(
                            at(name),
                            MoreKind::Name,
                            shown,
                            DecodingTrust::Sure,
                            head.region(field),
                        );
                    }
                }
            }
        }
    }

    fn leaf(&mut self, leaf: MimePart) {
        self.name_of_file(&leaf);
        let empty = leaf.bytes.trim_ascii().is_empty();
        match leaf.kind {
            PartKind::Text | PartKind::Html | PartKind::Calendar => self.readable(&leaf),
            PartKind::Document(ending) => {
                let listed = self.list(leaf.place, &leaf.media, leaf.region);
                self.mail.message.listed[listed].region = Some(Region {
                    exact: false,
                    ..leaf.region
                });
                self.mail.files.push(AttachedFile {
                    listed,
                    ending,
                    bytes: leaf.bytes,
                });
            }
            PartKind::Picture => {
                let listed = self.list(leaf.place.clone(), &leaf.media, leaf.region);
                self.mail.message.listed[listed].why = Some(leaf.kind.name().to_owned());
                self.pictures.push(pictures::Picture::of(listed, &leaf));
            }
            PartKind::Signature => {
                let listed = self.list(leaf.place, &leaf.media, leaf.region);
                self.mail.message.listed[listed].why = Some(leaf.kind.name().to_owned());
            }
            kind => {
                let listed = self.list(leaf.place, &leaf.media, leaf.region);
                if empty && kind == PartKind::Other {
                    self.mail.message.listed[listed].why = Some("empty".to_owned());
                    return;
                }
                let shown = match kind {
                    PartKind::Encrypted | PartKind::Tnef | PartKind::Elsewhere => true,
                    PartKind::RichText => !leaf.attached && leaf.media.starts_with("text/"),
                    _ => false,
                };
                let asks = if shown {
                    Disposition::Block
                } else {
                    Disposition::Review
                };
                self.mail.unread(listed, asks, kind.name());
            }
        }
    }

    fn closed(&mut self, place: &str, media: &str, region: Region, why: &'static str) {
        let listed = self.list(place.to_owned(), media, region);
        let read =
            media.starts_with("multipart/") && why != "encrypted" || media.starts_with("message/");
        if read {
            self.mail.message.listed[listed].read = true;
            self.doubt(listed, why);
        } else {
            self.mail.unread(listed, Disposition::Block, why);
        }
    }
}
