//! A candidate message and where each of its sentences comes from.

use super::digest::Digest;
use super::jurisdiction::Channel;
use serde::{Deserialize, Serialize};

/// Who or what wrote a sentence's content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Source {
    /// Greeting, call to action: says nothing that could be false.
    Plain,
    /// From product facts, named.
    Fact { keys: Vec<String> },
    /// From a citation, by id.
    Citation { id: String },
    /// An approved disclosure, by id.
    Disclosure { id: String },
    /// Written by a person in the desk.
    Person { name: String },
}

/// One sentence of the body and its source. Bytes of the body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SentenceSource {
    pub start: usize,
    pub end: usize,
    pub source: Source,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VariantMeta {
    /// `short`, `educational`, `social_proof`.
    #[serde(rename = "type")]
    pub kind: String,
    pub tone: String,
    pub template: String,
    pub channel: Channel,
    /// `template`, `model` or `person`.
    pub made_by: String,
    /// Nothing is in it but greeting, opening, call and closing: every sentence of its own was left out.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub says_nothing: bool,
}

/// What a model was asked, and what it said: for the record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authored {
    /// Host and model.
    pub service: String,
    pub parameters: String,
    /// The messages of the request, as they were sent.
    pub prompt: String,
    /// Its answer as it came, if there was one.
    pub answer: Option<String>,
    /// Why templates wrote instead, if they did.
    pub fallback: Option<String>,
}

/// One candidate message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Variant {
    /// `A`, `B`, `C`…
    pub id: String,
    pub subject: String,
    pub body: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub html: Option<String>,
    pub meta: VariantMeta,
    pub sentences: Vec<SentenceSource>,
}

impl Variant {
    /// Hash of exactly what would be sent. The salt is the run's, kept in the vault, so that the hash alone does
    /// not give the customer's name away.
    pub fn artifact(&self, salt: &[u8]) -> Digest {
        artifact(
            salt,
            [
                self.meta.channel.as_str(),
                &self.subject,
                &self.body,
                self.html.as_deref().unwrap_or(""),
            ],
        )
    }
}

/// The hash of a message by its parts: channel, subject, body and HTML.
pub fn artifact(salt: &[u8], [channel, subject, body, html]: [&str; 4]) -> Digest {
    Digest::of_parts([
        b"echovoice/artifact/v1".as_slice(),
        salt,
        channel.as_bytes(),
        subject.as_bytes(),
        body.as_bytes(),
        html.as_bytes(),
    ])
}
