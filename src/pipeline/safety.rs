//! Stage 4: the gate. Four layers on every variant: personal data, brand, law and policy, facts.

use super::context::{KnownFacts, message_of};
use super::language;
use super::memory::{KnownMessage, TextVerdict, VerdictMemory};
use super::node::{PipelineStage, StageContext, StageError};
use super::personal;
use super::ports::Gate;
use crate::domain::citation::Retrieved;
use crate::domain::facts;
use crate::domain::finding::{
    Check, Disposition, EvidenceLink, Finding, Part, Polarity, Severity, Verdict,
};
use crate::domain::law::LegalStatus;
use crate::domain::message::Message;
use crate::domain::remark::{Remark, Topic};
use crate::domain::run::GateResult;
use crate::domain::variant::Variant;
use crate::grounding;
use crate::pii::AllowList;
use crate::rules::fold::fold;
use crate::rules::{CompileError, LazyBook, Prepared, RuleBook};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Longest part the gate looks at; a longer one is blocked unseen, never passed unseen.
pub const MAX_PART_BYTES: usize = 4 << 20;

/// The gate over a rule book.
pub struct LayeredGate {
    pub book: LazyBook,
    pub allow: Arc<AllowList>,
    memory: VerdictMemory,
}

impl Gate for LayeredGate {
    fn check(&self, message: &Message) -> Verdict {
        let reread = message.facts.reread().map(|reading| Message {
            remarks: [message.remarks.clone(), reading.remarks].concat(),
            facts: reading.facts,
            ..message.clone()
        });
        let message = reread.as_ref().unwrap_or(message);
        if let Some((part, text)) = message
            .parts()
            .into_iter()
            .find(|(_, text)| text.len() > MAX_PART_BYTES)
        {
            return Verdict::from_findings(
                vec![too_large(part, text.len())],
                Vec::new(),
                Vec::new(),
            );
        }
        let book = match self.book.get() {
            Ok(book) => book,
            Err(why) => {
                return Verdict::from_findings(vec![without_rules(why)], Vec::new(), Vec::new());
            }
        };
        let judged = match KnownMessage::of(message) {
            Some(known) => self.memory.judged(&known, |message| judge(book, message)),
            None => Arc::new(judge(book, message)),
        };
        let mut findings = judged.findings.clone();
        findings.extend(unread(message, &judged.nearly));
        findings.extend(judged.of_message.iter().cloned());
        findings.extend(personal::findings(message, &self.allow));
        let mut coverage = judged.coverage.clone();
        coverage.push(personal::coverage(message));
        coverage.push(language::coverage(message));
        Verdict::from_findings(findings, coverage, judged.evidence.clone())
    }
}

impl LayeredGate {
    pub fn new(book: impl Into<LazyBook>, allow: Arc<AllowList>) -> Self {
        Self {
            book: book.into(),
            allow,
            memory: VerdictMemory::new(),
        }
    }

    /// A gate that judges every message anew.
    pub fn without_memory(book: impl Into<LazyBook>, allow: Arc<AllowList>) -> Self {
        Self {
            memory: VerdictMemory::none(),
            ..Self::new(book, allow)
        }
    }
}

fn judge(book: &RuleBook, message: &Message) -> TextVerdict {
    let prepared = Prepared::new(message);
    let outcome = book.evaluate(&prepared);
    let grounded = grounding::check(message);
    let mut findings = outcome.findings;
    findings.extend(grounded.findings);
    findings.extend(language::not_read(&prepared, book));
    let placeless = message.jurisdiction.is_none();
    let mut coverage = outcome.coverage;
    coverage.extend(grounded.coverage);
    TextVerdict {
        findings: fold(without_echo(message, findings), placeless),
        // Those of the engine are folded under nothing.
        of_message: (uncovered(book, message).into_iter())
            .chain(cut_short(&prepared))
            .collect(),
        nearly: lookalikes(book, message, &grounded.evidence),
        coverage,
        evidence: grounded.evidence,
    }
}

/// A place that no rule names: that nothing was found there says nothing.
fn uncovered(book: &RuleBook, message: &Message) -> Option<Finding> {
    let place = message.jurisdiction.as_ref()?;
    let rules = book.rules.iter();
    let mut scopes = rules.flat_map(|rule| &rule.rule.jurisdiction).peekable();
    scopes.peek()?;
    if scopes.any(|scope| place.is_within(scope)) {
        return None;
    }
    let remark = Remark::new(
        Topic::Intake,
        Disposition::Review,
        "jurisdiction",
        format!("no pack covers {place}"),
        "only the rules that hold everywhere ran",
    );
    Some(told(&remark))
}

/// An HTML part repeats the text beside it: what a text already shows is not said twice.
fn without_echo(message: &Message, findings: Vec<Finding>) -> Vec<Finding> {
    let in_text: BTreeSet<(String, String)> = findings
        .iter()
        .filter(|f| message.stands_for(f.part) == Some(Part::Body))
        .map(|f| (f.rule.clone(), f.text.clone()))
        .collect();
    findings
        .into_iter()
        .filter(|f| {
            message.stands_for(f.part) != Some(Part::Html)
                || f.text.is_empty()
                || !in_text.contains(&(f.rule.clone(), f.text.clone()))
        })
        .collect()
}

/// Facts that no rule and no number used and whose key is nearly one of the vocabulary.
pub fn lookalikes(book: &RuleBook, message: &Message, evidence: &[EvidenceLink]) -> Vec<Remark> {
    facts::lookalikes(&message.facts, &|key| {
        let carries = |link: &EvidenceLink| {
            let source = link.source.strip_prefix("fact:");
            source.is_some_and(|used| used.split('.').next() == Some(key))
        };
        book.uses_fact(key) || evidence.iter().any(carries)
    })
}

/// What the readers of the message and of its profile could not read: nothing of it counts in favour of sending.
fn unread(message: &Message, nearly: &[Remark]) -> Vec<Finding> {
    let customer = message.customer.iter().flat_map(|c| &c.remarks);
    let holding = message.remarks.iter().chain(customer).chain(nearly);
    holding
        .filter(|remark| remark.holds_back())
        .map(told)
        .collect()
}

fn told(remark: &Remark) -> Finding {
    Finding {
        rule: remark.topic.rule().into(),
        version: "1".into(),
        check: Check::Compliance,
        disposition: remark.asks,
        severity: Severity::High,
        part: Part::Message,
        start: 0,
        end: 0,
        text: String::new(),
        polarity: Polarity::None,
        view: "facts".into(),
        missing: Vec::new(),
        citation: "Firm policy: what was not read does not pass".into(),
        why: remark.to_string(),
        fix: "Correct the input, or read that part yourself before you approve.".into(),
        replacement: None,
        hard: false,
        title: "What is written is read".into(),
        claim: String::new(),
        source: String::new(),
        legal_status: LegalStatus::Policy,
    }
}

/// Mark-up past the limits of nesting or size: its text was judged as if all of it were shown, and nobody worked out what
/// a reader sees.
fn cut_short(prepared: &Prepared<'_>) -> Vec<Finding> {
    prepared
        .parts
        .iter()
        .filter(|part| part.page.as_ref().is_some_and(|page| !page.is_complete()))
        .map(|part| Finding {
            part: part.part,
            ..told(&Remark::new(
                Topic::Unread,
                Disposition::Review,
                part.part.as_str(),
                "the mark-up nests too deeply, or is too large, for its look to be worked out",
                "all of its text was judged as if it were shown",
            ))
        })
        .collect()
}

fn too_large(part: Part, bytes: usize) -> Finding {
    unseen(
        part,
        format!("{bytes} bytes; parts over {MAX_PART_BYTES} are not looked at."),
        "Shorten the message.",
    )
}

/// Packs that say no rules: nothing was judged.
fn without_rules(why: &CompileError) -> Finding {
    unseen(
        Part::Body,
        format!("The rules cannot be compiled: {why}."),
        "Correct the pack, then judge the message again.",
    )
}

/// A message that was not looked at.
fn unseen(part: Part, why: String, fix: &str) -> Finding {
    Finding {
        rule: "core.limit".into(),
        version: "1".into(),
        check: Check::Compliance,
        disposition: Disposition::Block,
        severity: Severity::High,
        part,
        start: 0,
        end: 0,
        text: String::new(),
        polarity: Polarity::None,
        view: "visible".into(),
        missing: Vec::new(),
        citation: "Firm policy: what was not looked at does not pass".into(),
        why,
        fix: fix.into(),
        replacement: None,
        hard: true,
        title: "What is written is read".into(),
        claim: String::new(),
        source: String::new(),
        legal_status: LegalStatus::Policy,
    }
}

pub(super) struct SafetyNode<'p>(pub &'p dyn Gate);

impl PipelineStage for SafetyNode<'_> {
    type In<'i> = (&'i [Variant], &'i Retrieved);
    type Out = Vec<GateResult>;

    fn run(
        &self,
        context: &StageContext<'_>,
        (variants, retrieved): Self::In<'_>,
    ) -> Result<Vec<GateResult>, StageError> {
        let known = KnownFacts::of(context, retrieved.citations.clone().into());
        // One after the other: a thread a variant was tried and gained nothing that could be measured.
        Ok(variants
            .iter()
            .map(|variant| GateResult {
                variant_id: variant.id.clone(),
                verdict: self.0.check(&message_of(context, &known, variant)),
            })
            .collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::Pack;

    #[test]
    fn rules_that_cannot_be_compiled_block_whatever_is_said() {
        let text = include_str!("../../assets/policies/examples.toml");
        let text = text.replace("builtin = \"resembles\"", "find = ['{no_such_class}']");
        let packs = Arc::new(vec![Pack::parse(&text).unwrap()]);
        let gate = LayeredGate::new(LazyBook::of(packs, Vec::new()), Arc::default());
        let verdict = gate.check(&Message {
            body: "Good morning.".into(),
            ..Message::default()
        });
        assert_eq!(verdict.disposition, Disposition::Block);
        assert!(verdict.findings[0].why.contains("no_such_class"));
    }
}
