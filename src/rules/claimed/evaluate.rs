//! Runs a rule over the claims of a message.

use super::compile::{Compiled, CompiledNeed, stands};
use super::condition::{self, ClaimContext, ConditionResult};
use super::deadline;
use super::filled::{filled, with_every_cost, without_facts};
use super::reading::{Readings, sentence_about};
use super::spans::Spans;
use super::{Claimed, Where};
use crate::claims::{Claim, Figure, ViewClaims};
use crate::domain::facts::Known;
use crate::domain::finding::{Disposition, Finding, Part, Polarity};
use crate::domain::law::LegalStatus;
use crate::rules::compile::{CompiledRule, RuleBook};
use crate::rules::prepared::{Prepared, PreparedPart};
use crate::rules::reach::{DispositionCap, Unknown};
use crate::rules::trade_law::GENERAL;
use crate::text::hidden::is_disguised;
use crate::text::view::{View, ViewKind, folded};
use serde_json::Value;
use std::collections::BTreeMap;

impl RuleBook {
    /// Runs a rule that speaks of this message.
    pub(in crate::rules) fn run_claimed(
        &self,
        rule: &CompiledRule,
        cap: DispositionCap,
        (prepared, readings): (&Prepared<'_>, &Readings<'_>),
        findings: &mut Vec<Finding>,
    ) {
        let Some(run) = ClaimedRun::of(self, rule, prepared, readings) else {
            return;
        };
        if run.claimed.is_absence() || run.claimed.is_fact_alone() {
            run.whole(cap, findings);
        } else {
            run.claims(cap, findings);
        }
    }
}

pub(in crate::rules) struct ClaimedRun<'r> {
    pub book: &'r RuleBook,
    pub rule: &'r CompiledRule,
    pub claimed: &'r Claimed,
    pub compiled: &'r Compiled,
    pub prepared: &'r Prepared<'r>,
    pub readings: &'r Readings<'r>,
}

/// Where a claim stands.
pub(super) struct Spot<'v> {
    pub part: &'v PreparedPart<'v>,
    pub view: &'v View,
    pub reading: &'v ViewClaims,
    pub claim: &'v Claim,
    /// No earlier view of the part showed these words.
    pub is_fresh: bool,
}

impl Spot<'_> {
    /// Bytes of the part.
    fn place(&self) -> (usize, usize) {
        self.view.mapped.original(self.claim.start, self.claim.end)
    }

    /// The words as they are written.
    fn original(&self) -> &str {
        let (start, end) = self.place();
        self.part.source.get(start..end).unwrap_or("")
    }

    /// In which voice it is said, and whether the words are disguised.
    fn voice(&self) -> (Polarity, bool) {
        let is_skeleton = self.is_fresh && self.view.kind == ViewKind::Skeleton;
        if is_skeleton && is_disguised(self.original()) {
            // A disguise counts as asserted: the denial round hidden words may be part of the disguise.
            (Polarity::Asserted, true)
        } else {
            (self.claim.voice(self.view), false)
        }
    }
}

/// What a claim, or the message, came to.
struct Breach<'c> {
    disposition: Disposition,
    missing: Vec<String>,
    fact: Option<&'c str>,
    /// Every fact by which the conditions hold, `fact` among them; none while one of them is not known.
    facts: Vec<&'c str>,
    is_perhaps: bool,
}

impl<'r> ClaimedRun<'r> {
    /// None for a rule of the first form.
    pub fn of(
        book: &'r RuleBook,
        rule: &'r CompiledRule,
        prepared: &'r Prepared<'r>,
        readings: &'r Readings<'r>,
    ) -> Option<Self> {
        Some(Self {
            book,
            rule,
            claimed: rule.rule.claimed.as_deref()?,
            compiled: rule.claimed.as_ref()?,
            prepared,
            readings,
        })
    }

    /// What the rule would say to do were its claim made, with the facts that decide. None: its facts do not hold, or what
    /// it asks for stands there.
    pub fn fix_if_claimed(&self) -> Option<String> {
        let asserted = self.claimed.voices.asserted?;
        let breach = self.breach(asserted, None, &[]).ok()?;
        let facts = &self.prepared.message.facts;
        let fix = &self.rule.rule.fix;
        Some(if breach.is_perhaps || breach.fact.is_none() {
            filled(&without_facts(fix), None, &[], facts)
        } else {
            let to_state = with_every_cost(breach.fact, &breach.facts, facts);
            filled(fix, breach.fact, &to_state, facts)
        })
    }

    fn whole(&self, cap: DispositionCap, findings: &mut Vec<Finding>) {
        let Some(asserted) = self.claimed.voices.asserted else {
            return;
        };
        let Ok(mut breach) = self.breach(asserted, None, &[]) else {
            return;
        };
        let spot = breach
            .fact
            .and_then(|fact| sentence_about(self.prepared, fact));
        if let Some(fact) = breach.fact
            && self.claimed.is_fact_alone()
            && breach.missing.is_empty()
        {
            breach.missing.push(fact.to_owned());
        }
        let (part, start, end, text) = spot.unwrap_or((Part::Message, 0, 0, String::new()));
        let mut finding = self.finding(cap, &breach, None);
        (finding.part, finding.start, finding.end, finding.text) = (part, start, end, text);
        finding.view = "facts".into();
        findings.push(finding);
    }

    fn claims(&self, cap: DispositionCap, findings: &mut Vec<Finding>) {
        // Most rules look for what nobody said.
        if !self.readings.hear_any(&self.compiled.kinds) {
            return;
        }
        let message = self.prepared.message;
        let parts = &self.claimed.parts;
        for (index, part) in self.prepared.parts.iter().enumerate() {
            let stands_for = message.stands_for(part.part);
            if !parts.is_empty() && !stands_for.is_some_and(|named| parts.contains(&named)) {
                continue;
            }
            // The strictest finding of each sentence, by where the sentence begins in the part.
            let mut found: BTreeMap<usize, Finding> = BTreeMap::new();
            let (mut earlier, mut told) = (Spans::default(), Spans::default());
            for (view, reading) in part.views.iter().zip(&self.readings.views[index]) {
                let mut looked = Spans::default();
                // Within a sentence the same voice comes to the same: whether it was a finding.
                let mut judged: BTreeMap<(usize, Polarity, bool), bool> = BTreeMap::new();
                for claim in &reading.claims {
                    if claim.prescribed || !self.compiled.kinds.contains(&claim.kind) {
                        continue;
                    }
                    // Other languages write the letters that a skeleton takes for a disguise.
                    if view.kind == ViewKind::Skeleton && !claim.is_english {
                        continue;
                    }
                    let (from, _) = view.sentences[claim.sentence];
                    let (sentence, _) = view.mapped.original(from, from + 1);
                    // One sentence that says it a thousand times is one finding.
                    if found
                        .get(&sentence)
                        .is_some_and(|known| known.disposition == Disposition::Block)
                    {
                        continue;
                    }
                    let (start, end) = view.mapped.original(claim.start, claim.end);
                    // A later view may show the same words in a harsher light: a negation that was faked.
                    if told.overlap(start, end) {
                        continue;
                    }
                    let is_fresh = !earlier.overlap(start, end);
                    looked.add(start, end);
                    let spot = Spot {
                        part,
                        view,
                        reading,
                        claim,
                        is_fresh,
                    };
                    let (voice, disguised) = spot.voice();
                    let key = (claim.sentence, voice, disguised);
                    if !self.looks_at_blocks()
                        && let Some(was_told) = judged.get(&key)
                    {
                        if *was_told {
                            told.add(start, end);
                        }
                        continue;
                    }
                    let finding = self.judge(cap, &spot);
                    judged.insert(key, finding.is_ok());
                    if let Ok(finding) = finding {
                        told.add(start, end);
                        match found.get(&sentence) {
                            Some(known) if known.disposition >= finding.disposition => {}
                            _ => {
                                found.insert(sentence, finding);
                            }
                        }
                    }
                }
                earlier.extend(looked);
            }
            findings.extend(found.into_values());
        }
    }

    /// The finding that a claim comes to, or why it comes to none.
    pub(super) fn judge(
        &self,
        cap: DispositionCap,
        spot: &Spot<'_>,
    ) -> Result<Finding, &'static str> {
        let (view, claim) = (spot.view, spot.claim);
        let (from, to) = claim.sentence_in(view);
        let sentence = &view.text()[from..to];
        if claim.is_approved(|| self.book.approved.contains(&folded(sentence))) {
            return Err("the sentence is an approved disclosure");
        }
        let (start, end) = spot.place();
        let original = spot.original();
        let (voice, disguised) = spot.voice();
        let voices = &self.claimed.voices;
        let disposition = voices.of(voice).ok_or("it is not said in that voice")?;
        // Conditions see the figures of this sentence alone, and the days that its words name.
        let mut figures: Vec<Figure> = spot.reading.tokens.figures(claim.sentence).collect();
        figures.extend(deadline::day_in_words(sentence, self.prepared.today()));
        let breach = self.breach(disposition, Some(spot), &figures)?;
        // A disguise is blocked even where the place is not known, which otherwise allows review at most.
        let cap = if disguised {
            DispositionCap {
                most: Disposition::Block,
                ..cap
            }
        } else {
            cap
        };
        let mut finding = self.finding(cap, &breach, Some(claim.kind));
        finding.part = spot.part.part;
        (finding.start, finding.end) = (start, end);
        finding.text = original.to_owned();
        finding.polarity = voice;
        view.kind.as_str().clone_into(&mut finding.view);
        if disguised {
            finding.disposition = Disposition::Block;
            finding.why = format!(
                "The words are disguised (obfuscated), which no honest message needs. {}",
                finding.why
            );
        }
        Ok(finding)
    }

    /// Whether facts, needs and cures make a breach of it, or why they do not.
    fn breach(
        &self,
        disposition: Disposition,
        spot: Option<&Spot<'_>>,
        figures: &[Figure],
    ) -> Result<Breach<'_>, &'static str> {
        let claimed = self.claimed;
        let context = ClaimContext {
            facts: &self.prepared.message.facts,
            said: &self.readings.said,
            figures,
        };
        // Facts first. One that is not known lets the breach stand as a doubt, and never takes it away.
        let mut fact = None;
        let mut is_perhaps = false;
        let asked = [
            condition::all(&claimed.facts, &context),
            condition::any(&claimed.any_fact, &context),
        ];
        for met in asked.into_iter().flatten() {
            match met {
                ConditionResult::No => return Err("its facts do not hold"),
                ConditionResult::Yes(name) => fact = Some(name),
                ConditionResult::Perhaps(name) => {
                    fact.get_or_insert(name);
                    is_perhaps = true;
                }
            }
        }
        // What excuses must be known to hold: an unknown fact excuses nothing.
        if matches!(
            condition::any(&claimed.unless_fact, &context),
            Some(ConditionResult::Yes(_))
        ) {
            return Err("a fact excuses it");
        }
        // So must what cures.
        let unless = &self.compiled.unless;
        if unless
            .iter()
            .any(|need| self.is_met(need, spot, &context) == Some(true))
        {
            return Err("what cures it stands there");
        }
        // A need asks only where its own fact is known to hold, and is missing only where it is surely not met.
        let needed = |need: &&CompiledNeed| match &need.spec.if_fact {
            Some(condition) => matches!(
                condition::all(std::slice::from_ref(condition), &context),
                Some(ConditionResult::Yes(_))
            ),
            None => true,
        };
        let missing: Vec<String> = self
            .compiled
            .needs
            .iter()
            .filter(needed)
            .filter(|need| self.is_met(need, spot, &context) == Some(false))
            .map(|need| need.name.clone())
            .collect();
        if missing.is_empty() && !self.compiled.needs.is_empty() {
            return Err("what it asks for stands there");
        }
        Ok(Breach {
            disposition,
            missing,
            fact,
            facts: self.decided(fact, &context),
            is_perhaps,
        })
    }

    /// The facts of the condition that decided: a fix that names one fee of three leaves two unsaid.
    fn decided(&self, fact: Option<&str>, context: &ClaimContext<'_>) -> Vec<&'r str> {
        let claimed = self.claimed;
        let any = condition::decided(&claimed.any_fact, context);
        let first = || {
            let mut each = claimed.facts.iter().map(std::slice::from_ref);
            each.find_map(|one| {
                let facts = condition::decided(one, context);
                (!facts.is_empty()).then_some(facts)
            })
        };
        let facts = if any.is_empty() {
            first().unwrap_or_default()
        } else {
            any
        };
        if fact.is_some_and(|fact| facts.contains(&fact)) {
            facts
        } else {
            Vec::new()
        }
    }

    /// Whether a need is fulfilled. None: the text of a fact that nobody gave can neither be missed nor found.
    fn is_met(
        &self,
        need: &CompiledNeed,
        spot: Option<&Spot<'_>>,
        context: &ClaimContext<'_>,
    ) -> Option<bool> {
        if let Some(key) = &need.spec.fact_text {
            return match context.facts.get(key) {
                Known::Is(Value::String(text)) => Some(self.prepared.holds_text(text)),
                Known::Is(Value::Bool(stated)) => Some(*stated),
                Known::Is(_) | Known::Unknown => None,
                Known::Absent => Some(false),
            };
        }
        Some(match (need.spec.place, spot) {
            (Where::Message, _) | (_, None) => self.anywhere(need),
            (Where::Near, Some(spot)) => {
                let at = spot.claim.sentence;
                let sentences = &spot.view.sentences;
                let from = sentences[at.saturating_sub(1)].0;
                let to = sentences[(at + 1).min(sentences.len() - 1)].1;
                stands(need, spot.reading, from, to)
            }
            (Where::Block, Some(spot)) => {
                let text = spot.view.text();
                let from = text[..spot.claim.start]
                    .rfind("\n\n")
                    .map_or(0, |at| at + 2);
                let to = text[spot.claim.end..]
                    .find("\n\n")
                    .map_or(text.len(), |at| spot.claim.end + at);
                stands(need, spot.reading, from, to)
            }
        })
    }

    /// Whether a need or a cure is looked for in the block of the claim, of which a sentence may have several.
    fn looks_at_blocks(&self) -> bool {
        let mut asked = self.compiled.needs.iter().chain(&self.compiled.unless);
        asked.any(|need| need.spec.place == Where::Block)
    }

    /// In any text that every reader is shown.
    fn anywhere(&self, need: &CompiledNeed) -> bool {
        let parts = self.prepared.parts.iter().zip(&self.readings.views);
        parts
            .filter(|(part, _)| self.prepared.message.shows(part.part))
            .flat_map(|(part, readings)| part.views.iter().zip(readings))
            .any(|(view, reading)| view.counts && stands(need, reading, 0, usize::MAX))
    }

    fn finding(&self, cap: DispositionCap, breach: &Breach<'_>, kind: Option<usize>) -> Finding {
        let rule = &self.rule.rule;
        let facts = &self.prepared.message.facts;
        let fill = |text: &str| filled(text, breach.fact, &breach.facts, facts);
        let to_state = with_every_cost(breach.fact, &breach.facts, facts);
        let mut why = fill(&rule.rationale);
        if let Some(unknown) = cap.unknown {
            why = format!("{why} {}", unknown.as_str());
        }
        if breach.is_perhaps
            && let Some(fact) = breach.fact
        {
            why = format!("{why} The fact `{fact}` is not known.");
        }
        if !breach.missing.is_empty() && !self.claimed.is_fact_alone() {
            why = format!("{why} Missing: {}.", breach.missing.join("; "));
        }
        let most = if breach.is_perhaps {
            Disposition::Review
        } else {
            cap.most
        };
        let mut citation = rule.citation.clone();
        let mut fix = filled(&rule.fix, breach.fact, &to_state, facts);
        if cap.unknown == Some(Unknown::Product) && rule.legal_status != LegalStatus::Policy {
            let products = self.book.lexicon.products();
            let classes = self.compiled.classes.as_slice();
            let place = self.prepared.message.jurisdiction.as_ref();
            let laws = &self.book.general_laws;
            let disclosure = !self.claimed.needs.is_empty();
            let trades = &self.book.trade_laws;
            let trade = trades.instead(GENERAL, place, &self.readings.classes);
            citation = laws.before(&citation, (products, classes), (place, disclosure), trade);
            fix = format!(
                "Take the words out, or say what the product is (the fact `product_class`) and only what the record proves; {}: {fix}",
                products.if_it_is(classes)
            );
        }
        Finding {
            rule: rule.id.clone(),
            version: rule.version.clone(),
            check: rule.check,
            disposition: breach.disposition.min(most),
            severity: rule.severity,
            part: Part::Message,
            start: 0,
            end: 0,
            text: String::new(),
            polarity: Polarity::None,
            view: "visible".into(),
            missing: breach.missing.clone(),
            citation,
            why,
            fix,
            replacement: None,
            hard: rule.hard && most == Disposition::Block,
            title: fill(&rule.title),
            claim: kind
                .map(|kind| self.book.lexicon.kinds()[kind].says.clone())
                .unwrap_or_default(),
            source: rule.source.clone().unwrap_or_default(),
            legal_status: rule.legal_status,
        }
    }
}
