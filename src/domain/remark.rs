//! What of an input was read otherwise than it was written, or not at all.
//!
//! One rule holds for everything that is read: what is not understood is told and never counts in favour of sending, and
//! of two values the stricter holds. A remark is how it is told, beside the profile, list, message or document that it is
//! about, in every face. It never repeats a value of a customer.

use super::finding::Disposition;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What kind of reading a remark is about; each has a rule of its own in the gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Topic {
    /// A field of a profile or a row of a list.
    Intake,
    /// A part of a message or a document that could not be read.
    Unread,
    /// A text in a language that no rule reads.
    Language,
}

impl Topic {
    /// The rule under which the gate reports it.
    pub fn rule(self) -> &'static str {
        match self {
            Self::Intake => "core.intake",
            Self::Unread => "core.unread",
            Self::Language => "core.language",
        }
    }
}

/// One thing that the reader of an input has to say.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Remark {
    pub topic: Topic,
    /// What it asks for: `Info` is only told, `Review` makes a person look, `Block` keeps the message back.
    pub asks: Disposition,
    /// The field, column, part or passage, by the name that the input gives it.
    pub field: String,
    /// Where it stands, as `file:line`, a part's place or a page; none if there is only one place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// What was found there.
    pub found: String,
    /// What was done with it.
    pub done: String,
}

impl Remark {
    pub fn new(
        topic: Topic,
        asks: Disposition,
        field: impl Into<String>,
        found: impl Into<String>,
        done: impl Into<String>,
    ) -> Self {
        Self {
            topic,
            asks,
            field: field.into(),
            place: None,
            found: found.into(),
            done: done.into(),
        }
    }

    #[must_use]
    pub fn at(mut self, place: impl Into<String>) -> Self {
        self.place = Some(place.into());
        self
    }

    /// Whether a person must look before anything is sent.
    pub fn holds_back(&self) -> bool {
        self.asks >= Disposition::Review
    }
}

/// One line: `place: field: what was found; what was done`.
impl fmt::Display for Remark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(place) = &self.place {
            write!(f, "{place}: ")?;
        }
        write!(f, "{}: {}; {}", self.field, self.found, self.done)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_remark_is_one_line_with_place_field_and_what_was_done() {
        let remark = Remark::new(
            Topic::Intake,
            Disposition::Review,
            "unsub_flag",
            "looks like an opt-out and is not understood",
            "a person must look",
        );
        assert!(remark.holds_back());
        assert_eq!(
            remark.clone().at("list.csv:7").to_string(),
            "list.csv:7: unsub_flag: looks like an opt-out and is not understood; a person must look"
        );
        assert_eq!(remark.topic.rule(), "core.intake");
    }
}
