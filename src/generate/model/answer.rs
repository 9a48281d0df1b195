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

/// What the model wrote, by variant.
///
/// # Errors
/// The answer does not fit; the words say what of it, without repeating any.
pub(super) fn read(
    text: &str,
    brief: &PromptInput,
) -> Result<BTreeMap<String, SuppliedText>, String> {
    let answer: DraftedMessages = serde_json::from_str(text)
        .map_err(|_| "the model's answer is not the JSON that was asked for".to_owned())?;
    let mut written = BTreeMap::new();
    for message in answer.messages {
        if !brief.ids.contains(&message.id) {
            return Err("the model wrote a message that nobody asked for".into());
        }
        if !(1..=SENTENCES).contains(&message.sentences.len()) {
            return Err(format!("a message has 1 to {SENTENCES} sentences"));
        }
        let subject = plain(&message.subject, SUBJECT)?;
        let sentences = message.sentences.iter().map(|sentence| {
            let text = plain(&sentence.text, SENTENCE)?;
            Ok((text, source(sentence, brief)?))
        });
        let sentences = sentences.collect::<Result<Vec<_>, String>>()?;
        if written
            .insert(message.id, SuppliedText { subject, sentences })
            .is_some()
        {
            return Err("the model wrote a message twice".into());
        }
    }
    if written.is_empty() {
        return Err("the model wrote nothing".into());
    }
    Ok(written)
}

/// One plain line: no links, addresses or numbers to call, no mark-up, nothing hidden.
fn plain(text: &str, most: usize) -> Result<String, String> {
    let text = text.trim();
    let count = text.chars().count();
    if count == 0 || count > most {
        return Err(format!(
            "a text of {count} characters; 1 to {most} are taken"
        ));
    }
    let mut before = None;
    for c in text.chars() {
        if c.is_control() || hidden::is_suspicious(c, before) || "<>{}[]|`\\".contains(c) {
            return Err("the model wrote mark-up or hidden characters".into());
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
        return Err("the model wrote a link or an address".into());
    }
    Ok(text.to_owned())
}

/// The first source counts for the sentence; all must be ones that were given.
fn source(sentence: &DraftedSentence, brief: &PromptInput) -> Result<Source, String> {
    let mut facts = Vec::new();
    let mut citation = None;
    for name in &sentence.sources {
        match name.split_once(':') {
            Some(("fact", key)) if brief.facts.contains_key(key) => facts.push(key.to_owned()),
            Some(("citation", id)) if brief.citations.contains_key(id) => {
                citation.get_or_insert_with(|| id.to_owned());
            }
            _ => return Err("the model named a source that it was not given".into()),
        }
    }
    let has_digits = sentence.text.chars().any(|c| c.is_ascii_digit());
    match (citation, facts.is_empty()) {
        (_, false) => Ok(Source::Fact { keys: facts }),
        (Some(id), true) => Ok(Source::Citation { id }),
        (None, true) if has_digits => Err("the model wrote a number without a source".into()),
        (None, true) => Ok(Source::Plain),
    }
}
