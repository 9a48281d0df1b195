//! A message as the gate sees it: its parts, how it is sent, and what it may be checked against.

use super::citation::Citation;
use super::facts::Facts;
use super::finding::Part;
use super::jurisdiction::{Channel, Jurisdiction};
use super::profile::Profile;
use super::remark::Remark;
use chrono::{DateTime, FixedOffset};

/// One message, whoever wrote it.
#[derive(Clone, Debug, Default)]
pub struct Message {
    pub subject: Option<String>,
    pub preheader: Option<String>,
    pub body: String,
    pub html: Option<String>,
    /// `None` when the caller did not say: rules of a channel then do not apply.
    pub channel: Option<Channel>,
    /// `None` when the caller did not say: rules of every jurisdiction apply.
    pub jurisdiction: Option<Jurisdiction>,
    pub product: Option<String>,
    pub facts: Facts,
    pub citations: Vec<Citation>,
    pub customer: Option<Profile>,
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
        parts
    }

    pub fn part(&self, part: Part) -> &str {
        match part {
            Part::Subject => self.subject.as_deref().unwrap_or(""),
            Part::Preheader => self.preheader.as_deref().unwrap_or(""),
            Part::Body => &self.body,
            Part::Html => self.html.as_deref().unwrap_or(""),
            Part::Message => "",
        }
    }
}
