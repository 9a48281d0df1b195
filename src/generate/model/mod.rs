//! Words from a language model, for a firm that wants them: the sentences in the middle of a message. Greeting, call to
//! action, disclosures and closing stay the templates', so that no model writes a link, a name or a legal text.
//!
//! What leaves the process: use case, stage, product facts, redacted citations, and what is wanted. No word of the
//! profile does. What comes back is untrusted and is read as data: see [`answer`].

mod answer;
mod completion;
mod planted;
mod prompt;
mod service;
mod stream;

pub use completion::LanguageModelError;
pub use service::{LanguageModel, ModelSettings, Provider, Tell};

use super::templates::{MessageSlot, TemplateInput, Templates};
use crate::domain::variant::{Authored, Variant};
use std::collections::BTreeMap;

/// The model's variants, with templates for those that it could not write. What was asked and said comes with them, and
/// `tell` hears what is written so far.
pub fn write(
    templates: &Templates,
    model: &LanguageModel,
    wanted: &TemplateInput<'_>,
    tell: &mut Tell<'_>,
) -> (Vec<Variant>, Authored) {
    ask(
        templates,
        model,
        wanted,
        templates.slots(wanted),
        (&[], tell),
    )
}

/// One variant anew, after it was refused for these reasons; `None` if the model wrote nothing that could be taken.
pub fn write_anew(
    templates: &Templates,
    model: &LanguageModel,
    wanted: &TemplateInput<'_>,
    variant: &str,
    (refused, tell): (&[(String, String)], &mut Tell<'_>),
) -> Option<(Variant, Authored)> {
    let mut slots = templates.slots(wanted);
    slots.retain(|slot| slot.id == variant);
    let (variants, authored) = ask(templates, model, wanted, slots, (refused, tell));
    let written = variants.into_iter().find(|written| written.id == variant)?;
    authored.fallback.is_none().then_some((written, authored))
}

fn ask(
    templates: &Templates,
    model: &LanguageModel,
    wanted: &TemplateInput<'_>,
    slots: Vec<MessageSlot>,
    (refused, tell): (&[(String, String)], &mut Tell<'_>),
) -> (Vec<Variant>, Authored) {
    let brief = prompt::PromptInput::of(templates, wanted, &slots);
    let asked = prompt::messages(&brief, refused);
    let mut authored = Authored {
        service: model.name().to_owned(),
        parameters: model.parameters(),
        prompt: asked.to_string(),
        answer: None,
        fallback: None,
    };
    let written = match model.ask(&asked, tell) {
        Ok(text) => {
            let read = answer::read(&text, &brief);
            authored.answer = Some(text);
            read.map_err(|why| why.to_string())
        }
        Err(error) => Err(error.to_string()),
    };
    let written = written.unwrap_or_else(|why| {
        authored.fallback = Some(why);
        BTreeMap::new()
    });
    (templates.generate_with(wanted, &written), authored)
}
