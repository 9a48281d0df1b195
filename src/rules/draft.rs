//! A finding on its way: what was seen, before the rule adds its own words.

use super::compile::{CompiledMatch, CompiledRule};
use crate::domain::finding::{Disposition, Finding, Part, Polarity};

/// A finding before the rule's own words are added.
pub struct RawFinding<'v> {
    pub part: Part,
    pub start: usize,
    pub end: usize,
    pub text: &'v str,
    pub owned_text: Option<String>,
    pub view: &'static str,
    pub polarity: Polarity,
    pub missing: Vec<String>,
    pub disposition: Option<Disposition>,
    pub disguised: bool,
    /// Said instead of the matcher's or the rule's words.
    pub why: Option<String>,
    pub replacement: Option<String>,
}

impl RawFinding<'_> {
    /// A finding on the message as a whole.
    pub fn whole() -> Self {
        Self {
            part: Part::Message,
            start: 0,
            end: 0,
            text: "",
            owned_text: None,
            view: "visible",
            polarity: Polarity::None,
            missing: Vec::new(),
            disposition: None,
            disguised: false,
            why: None,
            replacement: None,
        }
    }
}

pub(super) fn finish(
    rule: &CompiledRule,
    matcher: &CompiledMatch,
    draft: RawFinding<'_>,
) -> Finding {
    let r = &rule.rule;
    let mut why = draft
        .why
        .or_else(|| matcher.spec.why.clone())
        .unwrap_or_else(|| r.rationale.clone());
    if draft.disguised {
        why = format!("The words are disguised (obfuscated), which no honest message needs. {why}");
    }
    if !draft.missing.is_empty() {
        why = format!("{why} Missing: {}.", draft.missing.join("; "));
    }
    Finding {
        rule: r.id.clone(),
        version: r.version.clone(),
        check: r.check,
        disposition: draft.disposition.unwrap_or(matcher.spec.disposition),
        severity: r.severity,
        part: draft.part,
        start: draft.start,
        end: draft.end,
        text: draft.owned_text.unwrap_or_else(|| draft.text.to_owned()),
        polarity: draft.polarity,
        view: draft.view.to_owned(),
        missing: draft.missing,
        citation: r.citation.clone(),
        why,
        fix: r.fix.clone(),
        replacement: draft.replacement.or_else(|| matcher.spec.suggest.clone()),
        title: r.title.clone(),
        claim: String::new(),
        source: r.source.clone().unwrap_or_default(),
        legal_status: r.legal_status,
        hard: r.hard,
    }
}
