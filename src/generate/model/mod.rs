//! Words from a language model, for a firm that wants them: the sentences in the middle of a message. Greeting, call to
//! action, disclosures and closing stay the templates', so that no model writes a link, a name or a legal text.
//!
//! What leaves the process: use case, stage, product facts, redacted citations, and what is wanted. No word of the
//! profile does. What comes back is untrusted and is read as data: see [`answer`].

mod answer;
mod planted;
mod prompt;
mod service;

pub use service::{Model, ModelError, Provider, Settings};

use super::templates::{Slot, Templates, Wanted};
use crate::domain::variant::{Authored, Variant};

/// The model's variants, with templates for those that it could not write. What was asked and said comes with them.
pub fn write(
    templates: &Templates,
    model: &Model,
    wanted: &Wanted<'_>,
) -> (Vec<Variant>, Authored) {
    let slots: Vec<Slot> = templates.slots(wanted);
    let brief = prompt::Brief::of(templates, wanted, &slots);
    let asked = prompt::messages(&brief);
    let mut authored = Authored {
        service: model.name().to_owned(),
        parameters: model.parameters(),
        prompt: asked.to_string(),
        answer: None,
        fallback: None,
    };
    let written = match model.ask(&asked) {
        Ok(text) => {
            let read = answer::read(&text, &brief);
            authored.answer = Some(text);
            read
        }
        Err(error) => Err(error.to_string()),
    };
    let written = written.unwrap_or_else(|why| {
        authored.fallback = Some(why);
        std::collections::BTreeMap::default()
    });
    (templates.generate_with(wanted, &written), authored)
}
