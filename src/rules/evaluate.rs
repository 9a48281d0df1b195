//! Runs a rule book over one message. Pure: same message, same book, same findings.

use super::builtin::{self, Builtin};
use super::claimed::Readings;
use super::compile::{CompiledMatch, CompiledRequirement, CompiledRule, RuleBook};
use super::condition::{self, Holds};
use super::coverage::CoverageTally;
use super::draft::{RawFinding, finish};
use super::expression::Expression;
use super::pack::{LegalStatus, MatchScope};
use super::prepared::{Prepared, PreparedPart};
use super::reach::{DispositionCap, Reached, Unknown};
use crate::claims::polarity::{self, PolarityMode};
use crate::domain::finding::{Coverage, Disposition, Finding, Part, Polarity};
use crate::domain::prescribed::LIBRARY;
use crate::text::hidden::is_disguised;
use crate::text::view::{self, View, ViewKind};
use std::cell::OnceCell;
use std::collections::BTreeMap;

/// What rules are run with.
pub(super) struct RuleRun<'m> {
    pub prepared: &'m Prepared<'m>,
    pub readings: &'m Readings<'m>,
    /// What each reach makes of the message.
    pub reached: &'m [Reached],
    /// Which literal-gated matchers can match at all.
    pub possible_slots: Vec<bool>,
}

/// What the rules said.
#[derive(Debug, Default)]
pub struct RuleFindings {
    pub findings: Vec<Finding>,
    pub coverage: Vec<Coverage>,
}

impl RuleBook {
    /// Evaluates every rule that applies. Never stops at the first finding.
    pub fn evaluate(&self, prepared: &Prepared<'_>) -> RuleFindings {
        // What learns from the others' silence comes last.
        let learned = |rule: &&CompiledRule| {
            rule.matches
                .iter()
                .any(|m| m.spec.builtin == Some(Builtin::Resembles))
        };
        let first = self.rules.iter().filter(|rule| !learned(rule));
        self.run_rules(first.chain(self.rules.iter().filter(learned)), prepared)
    }

    /// Evaluates one rule alone, as its self-test does.
    pub(super) fn evaluate_rule(&self, index: usize, prepared: &Prepared<'_>) -> RuleFindings {
        self.run_rules(self.rules.get(index).into_iter(), prepared)
    }

    fn run_rules<'r>(
        &self,
        rules: impl Iterator<Item = &'r CompiledRule>,
        prepared: &Prepared<'_>,
    ) -> RuleFindings {
        let readings = Readings::of(&self.lexicon, prepared);
        let reached = self.reaches.of(prepared, &readings);
        let run = RuleRun {
            prepared,
            readings: &readings,
            reached: &reached,
            possible_slots: self.prefilter(prepared),
        };
        let parts: Vec<Part> = prepared.parts.iter().map(|p| p.part).collect();
        let mut findings = Vec::new();
        let mut tally = CoverageTally::default();
        for rule in rules {
            match &reached[rule.reach] {
                Ok(cap) => {
                    let before = findings.len();
                    self.run_rule(rule, *cap, &run, &mut findings);
                    tally.looked(rule, findings.len() > before, &parts);
                }
                Err(reason) => tally.skipped(rule, reason),
            }
        }
        RuleFindings {
            findings,
            coverage: tally.lines(self, &parts),
        }
    }

    /// Which literal-gated matchers can match at all: one pass over each view.
    fn prefilter(&self, prepared: &Prepared<'_>) -> Vec<bool> {
        let mut possible = vec![false; self.slots];
        for view in prepared.parts.iter().flat_map(|p| &p.views) {
            for found in self.literals.find_overlapping_iter(view.text()) {
                possible[self.slot_of_literal[found.pattern().as_usize()]] = true;
            }
        }
        possible
    }

    fn run_rule(
        &self,
        rule: &CompiledRule,
        cap: DispositionCap,
        run: &RuleRun<'_>,
        findings: &mut Vec<Finding>,
    ) {
        let prepared = run.prepared;
        let first = findings.len();
        if rule.matches.is_empty() {
            self.run_claimed(rule, cap, (prepared, run.readings), findings);
        }
        for matcher in &rule.matches {
            if matcher.spec.complete_only && !prepared.message.complete {
                continue;
            }
            if matcher.spec.needs_jurisdiction && prepared.message.jurisdiction.is_none() {
                continue;
            }
            let ruled_out = matcher
                .literal_slot
                .is_some_and(|slot| !run.possible_slots[slot]);
            if ruled_out && matcher.lookalikes.is_none() {
                continue;
            }
            let perhaps = match condition::all(&matcher.spec.facts, &prepared.message.facts) {
                Holds::No => continue,
                Holds::Yes => None,
                Holds::Perhaps(fact) => Some(fact),
            };
            let from = findings.len();
            if matcher.spec.builtin == Some(Builtin::Resembles) {
                self.run_net(rule, matcher, run, findings);
            } else if let Some(builtin) = matcher.spec.builtin {
                builtin::run(builtin, prepared, &mut |draft| {
                    // Some laws prescribe capitals.
                    let prescribed = builtin == Builtin::PlainLanguage
                        && (LIBRARY.holds(draft.owned_text.as_deref().unwrap_or(draft.text))
                            || run.readings.prescribe(draft.part, draft.start, draft.end));
                    if !prescribed {
                        findings.push(finish(rule, matcher, draft));
                    }
                });
            } else if matcher.find.is_some() || matcher.lookalikes.is_some() {
                self.run_lexical(rule, matcher, ruled_out, prepared, findings);
            } else {
                let missing = missing_of(matcher, prepared, None);
                if matcher.requires.is_empty() || !missing.is_empty() {
                    let draft = RawFinding {
                        missing,
                        view: "facts",
                        ..RawFinding::whole()
                    };
                    findings.push(finish(rule, matcher, draft));
                }
            }
            if let Some(fact) = perhaps {
                for finding in &mut findings[from..] {
                    finding.disposition = finding.disposition.min(Disposition::Review);
                    finding.why = format!("{} The fact `{fact}` is not known.", finding.why);
                }
            }
        }
        let is_law = !matches!(
            rule.rule.legal_status,
            LegalStatus::Policy | LegalStatus::Proposed
        );
        // A rule for one class speaks of a product of no class: what it cites is put together already.
        if is_law && cap.unknown != Some(Unknown::Product) {
            let place = prepared.message.jurisdiction.as_ref();
            let place = place.or(rule.rule.jurisdiction.first());
            let classes = &run.readings.classes;
            if let Some(law) = self.trade_laws.instead(&rule.rule.id, place, classes) {
                findings[first..]
                    .iter_mut()
                    .for_each(|found| law.cite(found));
            }
        }
        // A check of the engine is no surer of the place than a claim is. Packs of the first form say for themselves what
        // they make of a place that is not known.
        if rule.claimed.is_some() && !rule.matches.is_empty() {
            for finding in &mut findings[first..] {
                if finding.disposition > cap.most {
                    finding.disposition = cap.most;
                    finding.hard = false;
                    let unknown = cap.unknown.map_or("", Unknown::as_str);
                    finding.why = format!("{} {unknown}", finding.why);
                }
            }
        }
        if rule.rule.legal_status == LegalStatus::Proposed {
            for finding in &mut findings[first..] {
                finding.disposition = finding.disposition.min(Disposition::Info);
            }
        }
    }

    fn run_lexical(
        &self,
        rule: &CompiledRule,
        matcher: &CompiledMatch,
        ruled_out: bool,
        prepared: &Prepared<'_>,
        findings: &mut Vec<Finding>,
    ) {
        for part in &prepared.parts {
            let stands_for = prepared.message.stands_for(part.part);
            if !matcher.spec.parts.is_empty()
                && !stands_for.is_some_and(|named| matcher.spec.parts.contains(&named))
            {
                continue;
            }
            // What was looked at already, by its place in the original: later views show the same words again, and
            // may show them in a harsher light (a negation that was faked with an invisible character).
            let mut seen: BTreeMap<usize, ExaminedSpan> = BTreeMap::new();
            for view in &part.views {
                let whole = WholeViewAnswers::default();
                for hit in matcher.hits(view.text(), ruled_out) {
                    let (start, end) = view.mapped.original(hit.0, hit.1);
                    let earlier = seen
                        .range_mut(..end)
                        .next_back()
                        .map(|(_, earlier)| earlier)
                        .filter(|earlier| earlier.end > start);
                    if earlier.as_ref().is_some_and(|e| e.settled) {
                        continue;
                    }
                    let fresh = earlier.is_none();
                    let judged = self.judge(matcher, prepared, (part, view), &whole, hit, fresh);
                    let settled = matches!(judged, HitOutcome::Approved);
                    let mut finding = match judged {
                        HitOutcome::Found(draft) => Some(finish(rule, matcher, *draft)),
                        HitOutcome::Approved | HitOutcome::Nothing => None,
                    };
                    let Some(earlier) = earlier else {
                        let index = finding.map(|finding| {
                            findings.push(finding);
                            findings.len() - 1
                        });
                        let looked = ExaminedSpan {
                            end,
                            index,
                            settled,
                        };
                        seen.insert(start, looked);
                        continue;
                    };
                    match (earlier.index, finding.take()) {
                        (Some(index), Some(later))
                            if later.disposition > findings[index].disposition =>
                        {
                            findings[index] = later;
                        }
                        (None, Some(later)) => {
                            findings.push(later);
                            earlier.index = Some(findings.len() - 1);
                        }
                        _ => {}
                    }
                }
            }
        }
    }

    /// What one hit comes to. `fresh`: no earlier view showed these words.
    fn judge<'v>(
        &self,
        matcher: &CompiledMatch,
        prepared: &Prepared<'_>,
        (part, view): (&'v PreparedPart<'_>, &'v View),
        whole: &WholeViewAnswers,
        (from, to): (usize, usize),
        fresh: bool,
    ) -> HitOutcome<'v> {
        // What is judged is the sentence round the hit, cut to `REACH` bytes on each side.
        let text = view.text();
        let (s_from, s_to) = view.sentence_at(from);
        let s_from = s_from.max(text.floor_char_boundary(from.saturating_sub(REACH)));
        let s_to = s_to
            .min(text.ceil_char_boundary((to + REACH).min(text.len())))
            .max(to);
        let sentence = &text[s_from..s_to];
        // From here on a finding's place is bytes of the original part, whichever view showed the words.
        let (start, end) = view.mapped.original(from, to);
        let original = part.source.get(start..end).unwrap_or("");
        // Only the skeleton undoes disguises; what a plainer view showed already was there to be read, so it is none.
        let disguised = fresh && view.kind == ViewKind::Skeleton && is_disguised(original);
        let mut draft = RawFinding {
            part: part.part,
            start,
            end,
            text: original,
            view: view.kind.as_str(),
            polarity: Polarity::Asserted,
            ..RawFinding::whole()
        };
        draft.owned_text = Some(original.to_owned());
        // An exemption goes first and ends the matter: the finding stays as information, so that the record shows why
        // nothing was held.
        if let Some(exempt) = &matcher.exempt
            && exempt.covers(sentence, from - s_from, to - s_from)
        {
            draft.polarity = Polarity::Exempt;
            draft.disposition = Some(Disposition::Info);
            return HitOutcome::Found(Box::new(draft));
        }
        // How far round the hit the words are looked for that aggravate or excuse it.
        let scope = match matcher.spec.within {
            MatchScope::Clause => {
                let (a, b) =
                    crate::text::sentence::clause_around(sentence, from - s_from, to - s_from);
                &sentence[a..b]
            }
            MatchScope::Sentence => sentence,
            MatchScope::Part | MatchScope::Message => text,
        };
        // What is asked of the whole part or message is the same for every hit, and asked once.
        let wide = matches!(matcher.spec.within, MatchScope::Part | MatchScope::Message);
        // What excuses must be shown to everybody; what aggravates, to anybody.
        let anywhere = |expression: &Expression, otherwise: bool| {
            let scope = if otherwise || view.counts {
                scope
            } else {
                part.shown()
            };
            expression.is_match_or(scope, otherwise)
                || matcher.spec.within == MatchScope::Message
                    && prepared
                        .in_any_view(!otherwise, |text| expression.is_match_or(text, otherwise))
        };
        // The rule asks for words that aggravate. Where they cannot be looked for they count as there, which is the
        // stricter side; a fact of the message may stand for them.
        if let Some(near) = &matcher.near {
            let facts = &prepared.message.facts;
            let told = matcher.spec.near_facts.iter();
            let found = if told
                .map(std::slice::from_ref)
                .any(|condition| condition::all(condition, facts) == Holds::Yes)
            {
                true
            } else if wide {
                *whole.near.get_or_init(|| anywhere(near, true))
            } else {
                near.is_match_or(scope, true)
            };
            if !found {
                return HitOutcome::Nothing;
            }
        }
        // The rule names words that excuse. Where they cannot be looked for they count as not there, and they never
        // excuse a disguise.
        if let Some(unless) = &matcher.unless_near {
            let found = if wide {
                *whole.unless.get_or_init(|| anywhere(unless, false))
            } else {
                unless.is_match_or(scope, false)
            };
            if found && !disguised {
                return HitOutcome::Nothing;
            }
        }
        // The rule asks for what must stand beside such words: nothing missing, no finding.
        if !matcher.requires.is_empty() {
            draft.missing = match matcher.spec.requires_within {
                MatchScope::Message | MatchScope::Part => whole
                    .missing
                    .get_or_init(|| {
                        let of_part = matcher.spec.requires_within == MatchScope::Part;
                        let shown = if view.counts { text } else { part.shown() };
                        missing_of(matcher, prepared, of_part.then_some(shown))
                    })
                    .clone(),
                MatchScope::Sentence | MatchScope::Clause => {
                    missing_of(matcher, prepared, Some(sentence))
                }
            };
            if draft.missing.is_empty() {
                return HitOutcome::Nothing;
            }
        }
        // A disguise is blocked in every voice: whoever hides words cannot be said to deny or quote them.
        if disguised {
            draft.disguised = true;
            draft.disposition = Some(Disposition::Block);
            return HitOutcome::Found(Box::new(draft));
        }
        // Last the voice, which only ever makes milder: an approved disclosure settles these words for all later views,
        // and what is denied, quoted or told of others goes to a person at most.
        if matcher.spec.polarity != PolarityMode::Any {
            if self.approved.contains(&view::folded(sentence)) {
                return HitOutcome::Approved;
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
        HitOutcome::Found(Box::new(draft))
    }
}

/// What a hit came to.
enum HitOutcome<'v> {
    Found(Box<RawFinding<'v>>),
    /// The sentence is an approved disclosure: nothing more is asked about it.
    Approved,
    Nothing,
}

/// Words of the original that were looked at.
struct ExaminedSpan {
    end: usize,
    /// Their finding, if they came to one.
    index: Option<usize>,
    settled: bool,
}

/// How far from a hit its sentence is looked at, in bytes: keeps hostile input linear.
const REACH: usize = 1_000;

/// Answers of one matcher about one view as a whole.
#[derive(Default)]
struct WholeViewAnswers {
    near: OnceCell<bool>,
    unless: OnceCell<bool>,
    missing: OnceCell<Vec<String>>,
}

impl CompiledMatch {
    /// Byte ranges of the words looked for (none of them stands anywhere when `ruled_out`), or of words almost like them.
    fn hits(&self, text: &str, ruled_out: bool) -> Vec<(usize, usize)> {
        let written = self.find.iter().filter(|_| !ruled_out);
        let mut all: Vec<_> = written.flat_map(|find| find.hits(text)).collect();
        if let Some(lookalikes) = &self.lookalikes {
            all.extend(lookalikes.find(text));
        }
        all
    }
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
