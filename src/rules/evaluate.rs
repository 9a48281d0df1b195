//! Runs a rule book over one message. Pure: same message, same book, same findings.

use super::builtin;
use super::compile::{Book, CompiledMatch, CompiledRequirement, CompiledRule};
use super::condition::{self, Holds};
use super::pack::{LegalStatus, PolarityMode, Within};
use super::polarity;
use crate::domain::finding::{Coverage, Disposition, Finding, Part, Polarity};
use crate::domain::jurisdiction::Jurisdiction;
use crate::domain::message::Message;
use crate::text::hidden;
use crate::text::view::{self, View, ViewKind};
use chrono::NaiveDate;

/// A message read once, for all rules.
pub struct Prepared<'m> {
    pub message: &'m Message,
    pub parts: Vec<PreparedPart<'m>>,
    /// The day whose law applies.
    pub day: Option<NaiveDate>,
}

pub struct PreparedPart<'m> {
    pub part: Part,
    pub source: &'m str,
    pub views: Vec<View>,
}

/// What the rules said.
#[derive(Debug, Default)]
pub struct Outcome {
    pub findings: Vec<Finding>,
    pub coverage: Vec<Coverage>,
}

impl<'m> Prepared<'m> {
    pub fn new(message: &'m Message) -> Self {
        let parts = message
            .parts()
            .into_iter()
            .map(|(part, source)| PreparedPart {
                part,
                source,
                views: view::views(source),
            })
            .collect();
        Self {
            message,
            parts,
            day: message.as_of.map(|time| time.date_naive()),
        }
    }

    /// Whether any view of any part does.
    pub fn anywhere(&self, matches: impl Fn(&str) -> bool) -> bool {
        self.parts
            .iter()
            .any(|p| p.views.iter().any(|v| matches(v.text())))
    }

    /// Whether the text stands anywhere, white space and case aside.
    pub fn holds_text(&self, text: &str) -> bool {
        let wanted = view::folded(text);
        !wanted.is_empty()
            && self.parts.iter().any(|p| {
                p.views.iter().any(|v| {
                    v.kind == ViewKind::Visible && view::folded(v.text()).contains(&wanted)
                })
            })
    }
}

impl Book {
    /// Evaluates every rule that applies. Never stops at the first finding.
    pub fn evaluate(&self, prepared: &Prepared<'_>) -> Outcome {
        let mut outcome = Outcome::default();
        let awake = self.awake(prepared);
        for rule in &self.rules {
            self.run_rule(rule, prepared, &awake, &mut outcome);
        }
        outcome
    }

    /// Evaluates one rule alone, as its self-test does.
    pub(super) fn evaluate_rule(&self, index: usize, prepared: &Prepared<'_>) -> Outcome {
        let mut outcome = Outcome::default();
        let awake = self.awake(prepared);
        if let Some(rule) = self.rules.get(index) {
            self.run_rule(rule, prepared, &awake, &mut outcome);
        }
        outcome
    }

    /// Which literal-gated matchers can match at all: one pass over each view.
    fn awake(&self, prepared: &Prepared<'_>) -> Vec<bool> {
        let mut awake = vec![false; self.slots];
        for view in prepared.parts.iter().flat_map(|p| &p.views) {
            for found in self.literals.find_overlapping_iter(view.text()) {
                awake[self.wakes[found.pattern().as_usize()]] = true;
            }
        }
        awake
    }

    fn run_rule(
        &self,
        rule: &CompiledRule,
        prepared: &Prepared<'_>,
        awake: &[bool],
        outcome: &mut Outcome,
    ) {
        let skipped = why_not(rule, prepared);
        let parts = if skipped.is_none() {
            prepared.parts.iter().map(|p| p.part).collect()
        } else {
            Vec::new()
        };
        outcome.coverage.push(Coverage {
            rule: rule.rule.id.clone(),
            check: rule.rule.check,
            parts,
            skipped: skipped.clone(),
        });
        if skipped.is_some() {
            return;
        }
        for matcher in &rule.matches {
            if matcher.spec.complete_only && !prepared.message.complete {
                continue;
            }
            if matcher.spec.needs_jurisdiction && prepared.message.jurisdiction.is_none() {
                continue;
            }
            let asleep = matcher.literal_slot.is_some_and(|slot| !awake[slot]);
            if asleep && matcher.lookalikes.is_none() {
                continue;
            }
            let perhaps = match condition::all(&matcher.spec.facts, &prepared.message.facts) {
                Holds::No => continue,
                Holds::Yes => None,
                Holds::Perhaps(fact) => Some(fact),
            };
            let from = outcome.findings.len();
            if let Some(builtin) = matcher.spec.builtin {
                builtin::run(builtin, prepared, &mut |draft| {
                    outcome.findings.push(finish(rule, matcher, draft));
                });
            } else if matcher.find.is_some() || matcher.lookalikes.is_some() {
                self.run_lexical(rule, matcher, asleep, prepared, &mut outcome.findings);
            } else {
                let missing = missing_of(matcher, prepared, None);
                if matcher.requires.is_empty() || !missing.is_empty() {
                    let draft = Draft {
                        missing,
                        view: "facts",
                        ..Draft::whole()
                    };
                    outcome.findings.push(finish(rule, matcher, draft));
                }
            }
            if let Some(fact) = perhaps {
                for finding in &mut outcome.findings[from..] {
                    finding.disposition = finding.disposition.min(Disposition::Review);
                    finding.why = format!("{} The fact `{fact}` is not known.", finding.why);
                }
            }
        }
        if rule.rule.legal_status == LegalStatus::Proposed {
            for finding in outcome
                .findings
                .iter_mut()
                .filter(|f| f.rule == rule.rule.id)
            {
                finding.disposition = finding.disposition.min(Disposition::Info);
            }
        }
    }

    fn run_lexical(
        &self,
        rule: &CompiledRule,
        matcher: &CompiledMatch,
        asleep: bool,
        prepared: &Prepared<'_>,
        findings: &mut Vec<Finding>,
    ) {
        for part in &prepared.parts {
            if !matcher.spec.parts.is_empty() && !matcher.spec.parts.contains(&part.part) {
                continue;
            }
            let mut seen: Vec<(usize, usize)> = Vec::new();
            for view in &part.views {
                for hit in matcher.hits(view.text(), asleep) {
                    let (start, end) = view.mapped.original(hit.0, hit.1);
                    if seen.iter().any(|(s, e)| start < *e && *s < end) {
                        continue;
                    }
                    seen.push((start, end));
                    if let Some(draft) = self.judge(matcher, prepared, part, view, hit) {
                        findings.push(finish(rule, matcher, draft));
                    }
                }
            }
        }
    }

    /// What one hit comes to; `None` when it is nothing.
    fn judge<'v>(
        &self,
        matcher: &CompiledMatch,
        prepared: &Prepared<'_>,
        part: &'v PreparedPart<'_>,
        view: &'v View,
        (from, to): (usize, usize),
    ) -> Option<Draft<'v>> {
        let text = view.text();
        let (s_from, s_to) = view.sentence_at(from);
        let s_to = s_to.max(to);
        let sentence = &text[s_from..s_to];
        let (start, end) = view.mapped.original(from, to);
        let original = part.source.get(start..end).unwrap_or("");
        let disguised = view.kind == ViewKind::Skeleton && is_disguised(original);
        let mut draft = Draft {
            part: part.part,
            start,
            end,
            text: original,
            view: view.kind.as_str(),
            polarity: Polarity::Asserted,
            ..Draft::whole()
        };
        draft.owned_text = Some(original.to_owned());
        if let Some(exempt) = &matcher.exempt
            && exempt.covers(sentence, from - s_from, to - s_from)
        {
            draft.polarity = Polarity::Exempt;
            draft.disposition = Some(Disposition::Info);
            return Some(draft);
        }
        let scope = match matcher.spec.within {
            Within::Clause => {
                let (a, b) =
                    crate::text::sentence::clause_around(sentence, from - s_from, to - s_from);
                &sentence[a..b]
            }
            Within::Sentence => sentence,
            Within::Part | Within::Message => text,
        };
        if let Some(near) = &matcher.near {
            let found = near.is_match_or(scope, true)
                || matcher.spec.within == Within::Message
                    && prepared.anywhere(|text| near.is_match_or(text, true));
            if !found {
                return None;
            }
        }
        if let Some(unless) = &matcher.unless_near {
            let found = unless.is_match_or(scope, false)
                || matcher.spec.within == Within::Message
                    && prepared.anywhere(|text| unless.is_match_or(text, false));
            if found && !disguised {
                return None;
            }
        }
        if !matcher.requires.is_empty() {
            let scope = match matcher.spec.requires_within {
                Within::Message => None,
                Within::Part => Some(text),
                Within::Sentence | Within::Clause => Some(sentence),
            };
            draft.missing = missing_of(matcher, prepared, scope);
            if draft.missing.is_empty() {
                return None;
            }
        }
        if disguised {
            draft.disguised = true;
            draft.disposition = Some(Disposition::Block);
            return Some(draft);
        }
        if matcher.spec.polarity != PolarityMode::Any {
            if self.approved.contains(&view::folded(sentence)) {
                return None;
            }
            draft.polarity = polarity::of_hit(
                sentence,
                from - s_from,
                to - s_from,
                view.sentence_after(from),
                matcher.spec.polarity,
            );
            if draft.polarity != Polarity::Asserted {
                draft.disposition = Some(matcher.spec.disposition.min(Disposition::Review));
            }
        }
        Some(draft)
    }
}

impl CompiledMatch {
    /// Byte ranges of the words looked for (none of them stands anywhere when `asleep`), or of words almost like them.
    fn hits(&self, text: &str, asleep: bool) -> Vec<(usize, usize)> {
        let written = self.find.iter().filter(|_| !asleep);
        let mut all: Vec<_> = written.flat_map(|find| find.hits(text)).collect();
        if let Some(lookalikes) = &self.lookalikes {
            all.extend(lookalikes.find(text));
        }
        all
    }
}

/// Invisible, foreign or spaced characters inside a word: a line break with a hyphen, or mark-up, is no disguise.
fn is_disguised(original: &str) -> bool {
    let mut before = None;
    let mut odd = false;
    for c in original.chars() {
        odd |= !c.is_ascii() || hidden::is_suspicious(c, before);
        before = Some(c);
    }
    let broken = original.contains("-\n") || original.contains("-\r");
    odd || !broken && !original.contains('<') && !original.contains('&')
}

/// Why a rule does not apply to this message.
fn why_not(rule: &CompiledRule, prepared: &Prepared<'_>) -> Option<String> {
    let (rule, message) = (&rule.rule, prepared.message);
    if let (false, Some(recipient)) = (rule.jurisdiction.is_empty(), &message.jurisdiction)
        && !rule
            .jurisdiction
            .iter()
            .any(|scope: &Jurisdiction| recipient.is_within(scope))
    {
        return Some(format!("recipient is in {recipient}"));
    }
    if let (false, Some(channel)) = (rule.channel.is_empty(), message.channel)
        && !rule.channel.contains(&channel)
    {
        return Some(format!("channel is {channel}"));
    }
    if let (false, Some(product)) = (rule.product.is_empty(), &message.product)
        && !rule.product.iter().any(|p| p.eq_ignore_ascii_case(product))
    {
        return Some("another product".into());
    }
    let day = prepared.day?;
    let date = |text: &Option<String>| {
        text.as_deref()
            .and_then(|t| NaiveDate::parse_from_str(t, "%Y-%m-%d").ok())
    };
    if date(&rule.effective_from).is_some_and(|from| day < from) {
        return Some(format!(
            "in effect from {}",
            rule.effective_from.as_deref().unwrap_or("")
        ));
    }
    if date(&rule.effective_to).is_some_and(|to| day > to) {
        return Some(format!(
            "in effect until {}",
            rule.effective_to.as_deref().unwrap_or("")
        ));
    }
    None
}

/// Names of the requirements that nothing fulfils, in the scope (or anywhere).
fn missing_of(
    matcher: &CompiledMatch,
    prepared: &Prepared<'_>,
    scope: Option<&str>,
) -> Vec<String> {
    let fulfilled = |requirement: &CompiledRequirement| {
        if !requirement.facts.is_empty()
            && condition::all(&requirement.facts, &prepared.message.facts) != Holds::Yes
        {
            return true;
        }
        if let Some(key) = &requirement.fact_text {
            return match prepared.message.facts.text(key) {
                Some(text) => prepared.holds_text(text),
                None => requirement
                    .any
                    .as_ref()
                    .is_none_or(|any| prepared.anywhere(|text| any.is_match_or(text, false))),
            };
        }
        requirement.any.as_ref().is_none_or(|any| match scope {
            Some(text) => any.is_match_or(text, false),
            None => prepared.anywhere(|text| any.is_match_or(text, false)),
        })
    };
    matcher
        .requires
        .iter()
        .filter(|r| !fulfilled(r))
        .map(|r| r.name.clone())
        .collect()
}

/// A finding before the rule's own words are added.
pub struct Draft<'v> {
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

impl Draft<'_> {
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

fn finish(rule: &CompiledRule, matcher: &CompiledMatch, draft: Draft<'_>) -> Finding {
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
        hard: r.hard,
    }
}
