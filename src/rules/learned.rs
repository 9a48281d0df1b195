//! The net under the rules, run over a message: only where no rule spoke.

use super::compile::{Book, CompiledMatch, CompiledRule};
use super::draft::{Draft, finish};
use super::evaluate::Prepared;
use crate::domain::finding::{Disposition, Finding, Part, Polarity};
use crate::text::view::{self, ViewKind};
use std::collections::BTreeMap;

impl Book {
    /// Sentences of subject, preheader and body, and those that the mark-up hides from the body, that read like a
    /// violation, where no rule spoke.
    pub(super) fn run_net(
        &self,
        rule: &CompiledRule,
        matcher: &CompiledMatch,
        prepared: &Prepared<'_>,
        findings: &mut Vec<Finding>,
    ) {
        let spoke: BTreeMap<(Part, usize), usize> = findings
            .iter()
            .filter(|f| f.disposition >= Disposition::Review || f.polarity == Polarity::Exempt)
            .map(|f| ((f.part, f.start), f.end))
            .collect();
        for part in &prepared.parts {
            let wanted = if prepared.message.repeats_body(part.part) {
                ViewKind::Hidden
            } else {
                ViewKind::Visible
            };
            let Some(view) = part.views.iter().find(|v| v.kind == wanted) else {
                continue;
            };
            for (from, to) in &view.sentences {
                let sentence = &view.text()[*from..*to];
                let (start, end) = view.mapped.original(*from, *to);
                let told = spoke
                    .range((part.part, start)..(part.part, end.max(start)))
                    .next()
                    .is_some()
                    || spoke.keys().any(|(at, _)| *at == Part::Message);
                if told || self.approved.contains(&view::folded(sentence)) {
                    continue;
                }
                let Some(found) = self.net.judge(sentence, prepared.message.complete) else {
                    continue;
                };
                let why = format!(
                    "No rule knows these words, but they read like a known violation of {} (“{}”); the telling ones: {}.",
                    found.example.rule,
                    found.example.text,
                    found.words.join(", ")
                );
                let draft = Draft {
                    part: part.part,
                    start,
                    end,
                    owned_text: Some(sentence.to_owned()),
                    polarity: Polarity::Asserted,
                    why: Some(why),
                    ..Draft::whole()
                };
                findings.push(finish(rule, matcher, draft));
            }
        }
    }
}
