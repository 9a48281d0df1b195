//! A model's answer, read as the untrusted text that it is: the right form, the messages that were asked for, plain short
//! sentences, and sources that were given. What does not fit is refused whole, since half an answer says nothing of the
//! other half. What fits still goes through the gate like everything else.

use super::prompt::{PromptInput, SENTENCE, SENTENCES};
use crate::domain::variant::Source;
use crate::generate::templates::SuppliedText;
use crate::text::hidden;
use serde::Deserialize;
use std::collections::BTreeMap;

/// Longest subject, in characters.
const SUBJECT: usize = 90;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DraftedMessages {
    messages: Vec<DraftedMessage>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DraftedMessage {
    id: String,
    subject: String,
    sentences: Vec<DraftedSentence>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DraftedSentence {
    text: String,
    sources: Vec<String>,
}

/// An answer that does not fit. Repeats none of its words.
#[derive(Debug, thiserror::Error)]
pub(super) enum ModelAnswerError {
    #[error("the model's answer is not the JSON that was asked for")]
    NotTheJson(#[source] serde_json::Error),
    #[error("the model wrote nothing")]
    Nothing,
    #[error("the model wrote a message that nobody asked for")]
    Unasked,
    #[error("the model wrote a message twice")]
    Twice,
    #[error("a message has 1 to {SENTENCES} sentences")]
    Sentences,
    #[error("a text of {count} characters; 1 to {most} are taken")]
    Length { count: usize, most: usize },
    #[error("the model wrote mark-up or hidden characters")]
    NotPlain,
    #[error("the model wrote a link or an address")]
    Link,
    #[error("the model named a source that it was not given")]
    UnknownSource,
    #[error("the model wrote a number without a source")]
    NoSource,
}

/// What the model wrote, by variant.
///
/// # Errors
/// The answer does not fit; the words say what of it, without repeating any.
pub(super) fn read(
    text: &str,
    brief: &PromptInput,
) -> Result<BTreeMap<String, SuppliedText>, ModelAnswerError> {
    let answer: DraftedMessages =
        serde_json::from_str(text).map_err(ModelAnswerError::NotTheJson)?;
    let mut written = BTreeMap::new();
    for message in answer.messages {
        if !brief.ids.contains(&message.id) {
            return Err(ModelAnswerError::Unasked);
        }
        if !(1..=SENTENCES).contains(&message.sentences.len()) {
            return Err(ModelAnswerError::Sentences);
        }
        let subject = plain(&message.subject, SUBJECT)?;
        let sentences = message.sentences.iter().map(|sentence| {
            let text = plain(&sentence.text, SENTENCE)?;
            Ok((text, source(sentence, brief)?))
        });
        let sentences = sentences.collect::<Result<Vec<_>, ModelAnswerError>>()?;
        if written
            .insert(message.id, SuppliedText { subject, sentences })
            .is_some()
        {
            return Err(ModelAnswerError::Twice);
        }
    }
    if written.is_empty() {
        return Err(ModelAnswerError::Nothing);
    }
    Ok(written)
}

/// One plain line: no links, addresses or numbers to call, no mark-up, nothing hidden.
fn plain(text: &str, most: usize) -> Result<String, ModelAnswerError> {
    let text = text.trim();
    let count = text.chars().count();
    if count == 0 || count > most {
        return Err(ModelAnswerError::Length { count, most });
    }
    let mut before = None;
    for c in text.chars() {
        if c.is_control() || hidden::is_suspicious(c, before) || "<>{}[]|`\\".contains(c) {
            return Err(ModelAnswerError::NotPlain);
        }
        before = Some(c);
    }
    let lower = text.to_lowercase();
    let is_place = [
        "://", "www.", "@", "mailto", ".com", ".net", ".org", ".io", ".example",
    ]
    .iter()
    .any(|sign| lower.contains(sign));
    if is_place {
        return Err(ModelAnswerError::Link);
    }
    Ok(text.to_owned())
}

/// The first source counts for the sentence; all must be ones that were given.
fn source(sentence: &DraftedSentence, brief: &PromptInput) -> Result<Source, ModelAnswerError> {
    let mut facts = Vec::new();
    let mut citation = None;
    for name in &sentence.sources {
        match name.split_once(':') {
            Some(("fact", key)) if brief.facts.contains_key(key) => facts.push(key.to_owned()),
            Some(("citation", id)) if brief.citations.contains_key(id) => {
                citation.get_or_insert_with(|| id.to_owned());
            }
            _ => return Err(ModelAnswerError::UnknownSource),
        }
    }
    let has_digits = sentence.text.chars().any(|c| c.is_ascii_digit());
    match (citation, facts.is_empty()) {
        (_, false) => Ok(Source::Fact { keys: facts }),
        (Some(id), true) => Ok(Source::Citation { id }),
        (None, true) if has_digits => Err(ModelAnswerError::NoSource),
        (None, true) => Ok(Source::Plain),
    }
}
