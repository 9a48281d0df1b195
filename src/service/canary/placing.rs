//! Where a planted text stands in its run, so that it looks like the others and is the one that is proposed.

use super::bank::BankLine;
use super::through;
use crate::domain::finding::Disposition;
use crate::domain::run::{Run, Stage};
use crate::domain::variant::{Source, Variant};
use crate::error::{Error, Kind, Result};
use crate::generate::SuppliedText;
use crate::service::home::wiring;
use crate::service::home::workspace::Workspace;
use crate::service::run::Session;
use crate::text::sentence;
use std::collections::BTreeMap;

/// The text as the variant of the run that would be proposed with it; none where another would be: who decides reads that one.
pub(super) fn placed(
    workspace: &Workspace,
    tried: &mut Session,
    line: &BankLine,
) -> Result<Option<Variant>> {
    let written = tried.run.variants.clone().unwrap_or_default();
    let proposed = winner(&tried.run);
    let mut slots: Vec<&Variant> = written.iter().collect();
    slots.sort_by_key(|slot| Some(slot.id.as_str()) != proposed.as_deref());
    for (slot, named) in slots
        .into_iter()
        .flat_map(|slot| [(slot, true), (slot, false)])
    {
        let text = composed(workspace, &tried.run, (slot, named), line)?;
        tried.run.rewind_to(Stage::Safety);
        let mut variants = written.clone();
        for place in variants.iter_mut().filter(|place| place.id == text.id) {
            place.clone_from(&text);
        }
        tried.run.variants = Some(variants);
        through(workspace, tried)?;
        let blocks = blocking(&tried.run, &text.id);
        if !blocks.is_empty() {
            return Err(Error::new(
                Kind::Input,
                format!(
                    "the gate blocks this text by itself ({})",
                    blocks.join(", ")
                ),
            )
            .fix("plant what the gate lets through to a person"));
        }
        if winner(&tried.run).as_deref() == Some(text.id.as_str()) {
            return Ok(Some(text));
        }
    }
    if written.is_empty() {
        return Err(Error::new(
            Kind::Input,
            "no message is made for this product and channel",
        )
        .fix("name another product or channel in the line"));
    }
    Ok(None)
}

/// Rules that block a variant.
fn blocking<'r>(run: &'r Run, variant: &str) -> Vec<&'r str> {
    let found = run
        .verdict(variant)
        .into_iter()
        .flat_map(|verdict| &verdict.findings);
    found
        .filter(|finding| finding.disposition == Disposition::Block)
        .map(|finding| finding.rule.as_str())
        .collect()
}

fn winner(run: &Run) -> Option<String> {
    let winner = run.analysis.as_ref()?.winner.as_ref()?;
    Some(winner.variant_id.clone())
}

/// The line's words in a variant's place, with the firm's own greeting, disclosures and closing; `named`: with the sources of
/// the sentences there.
fn composed(
    workspace: &Workspace,
    run: &Run,
    (slot, named): (&Variant, bool),
    line: &BankLine,
) -> Result<Variant> {
    let context = workspace
        .orchestrator()?
        .context(run)
        .map_err(|e| Error::of(Kind::Stage, e))?;
    let none = || Error::new(Kind::Stage, "the trial run came to no segment");
    let wanted = wiring::wanted_in(run, &context).ok_or_else(none)?;
    let sentences = sentence::sentences(&line.text)
        .into_iter()
        .map(|(start, end)| line.text[start..end].trim().to_owned())
        .filter(|words| !words.is_empty())
        .map(|words| {
            let source = if named {
                nearest(slot, &words)
            } else {
                Source::Plain
            };
            (words, source)
        })
        .collect();
    let subject = match line.subject.trim() {
        "" => slot.subject.clone(),
        own => own.to_owned(),
    };
    let supplied = SuppliedText { subject, sentences };
    let written = BTreeMap::from([(slot.id.clone(), supplied)]);
    let made = workspace.templates.generate_with(&wanted, &written);
    let mut text = made
        .into_iter()
        .find(|variant| variant.id == slot.id)
        .ok_or_else(none)?;
    text.meta.clone_from(&slot.meta);
    text.meta.says_nothing = false;
    Ok(text)
}

/// The source of the sentence that shares most words: a text whose sentences have none would be told at a glance.
fn nearest(slot: &Variant, words: &str) -> Source {
    let own: Vec<String> = words.split_whitespace().map(str::to_lowercase).collect();
    let shared = |at: (usize, usize)| {
        let other = slot.body.get(at.0..at.1).unwrap_or_default().to_lowercase();
        other
            .split_whitespace()
            .filter(|word| own.iter().any(|o| o == word))
            .count()
    };
    let best = slot
        .sentences
        .iter()
        .max_by_key(|sentence| shared((sentence.start, sentence.end)));
    best.map_or(Source::Plain, |sentence| sentence.source.clone())
}
