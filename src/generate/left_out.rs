//! What a template would say and a message does not: a fact that is not known, a source that was not found.

use super::templates::{TemplateInput, TemplateSentence, Templates, is_known};
use super::words::{fill, pick};
use std::collections::BTreeSet;

impl Templates {
    /// The sentences of a template that are left out for this customer, each with why. What another sentence says instead
    /// is not missing.
    pub fn left_out(&self, wanted: &TemplateInput<'_>, id: &str) -> Vec<String> {
        let words = self.words(wanted);
        let mut used = BTreeSet::new();
        let chosen = self.chosen(wanted).into_iter();
        let steps = chosen.filter(|template| template.id == id);
        steps
            .flat_map(|template| &template.sentences)
            .filter_map(|step| {
                let why = why_not(step, wanted, &mut used, &|text| {
                    fill(text, &words).is_some()
                })?;
                Some(match &step.say {
                    Some(say) => format!("“{say}”: {why}"),
                    None => why,
                })
            })
            .collect()
    }
}

/// Why a sentence is not said, if it is not and nothing else says it.
fn why_not(
    step: &TemplateSentence,
    wanted: &TemplateInput<'_>,
    used: &mut BTreeSet<String>,
    fills: &dyn Fn(&str) -> bool,
) -> Option<String> {
    let known = |key: &String| is_known(wanted.facts, key);
    if !step.unless.is_empty() && step.unless.iter().all(known) {
        return None;
    }
    let missing: Vec<&str> = step
        .facts
        .iter()
        .filter(|key| !known(key))
        .map(String::as_str)
        .collect();
    if !missing.is_empty() {
        return Some(format!("not known: {}", missing.join(", ")));
    }
    if step.say.as_deref().is_some_and(|say| !fills(say)) {
        return Some("a word in braces is not known".to_owned());
    }
    let mut found =
        |cues: &[String], proof| pick(wanted.citations, cues, step.max, used, proof).is_some();
    match &step.cite {
        Some(cues) if !found(cues, false) => {
            Some(format!("no source was found for: {}", cues.join(", ")))
        }
        _ if step.proof && !found(&[], true) => {
            Some("no source was found that tells of other customers".to_owned())
        }
        _ => None,
    }
}
