//! Stage 4: the gate. Four layers on every variant: personal data, brand, law and policy, facts.

use super::context::message_of;
use super::language;
use super::node::{Context, Node, StageError};
use super::ports::Gate;
use crate::domain::citation::Retrieved;
use crate::domain::facts;
use crate::domain::finding::{
    Check, Coverage, Disposition, EvidenceLink, Finding, Part, Polarity, Severity, Verdict,
};
use crate::domain::message::{Message, MoreKind};
use crate::domain::remark::{Remark, Topic};
use crate::domain::run::GateResult;
use crate::domain::variant::Variant;
use crate::grounding;
use crate::pii::{self, AllowList, KnownValues, Reason, Scanner};
use crate::rules::fold::fold;
use crate::rules::{Book, Prepared};
use crate::text::html;
use crate::text::mapped::Mapped;
use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Longest part the gate looks at; a longer one is blocked unseen, never passed unseen.
pub const MAX_PART_BYTES: usize = 4 << 20;

/// The gate over a rule book.
pub struct LayeredGate {
    pub book: Arc<Book>,
    pub allow: Arc<AllowList>,
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
        let prepared = Prepared::new(message);
        let outcome = self.book.evaluate(&prepared);
        let grounded = grounding::check(message);
        let mut findings = outcome.findings;
        findings.extend(grounded.findings);
        findings.extend(personal_data(message, &self.allow));
        findings.extend(language::not_read(&prepared, &self.book));
        let nearly = lookalikes(&self.book, message, &grounded.evidence);
        findings.extend(unread(message, &nearly));
        findings.extend(self.uncovered(message));
        findings.extend(cut_short(&prepared));
        let findings = fold(without_echo(message, findings));
        let mut coverage = outcome.coverage;
        coverage.extend(grounded.coverage);
        coverage.push(Coverage {
            rule: PII_RULE.into(),
            check: Check::Pii,
            parts: message.parts().into_iter().map(|(part, _)| part).collect(),
            skipped: None,
        });
        coverage.push(language::coverage(message));
        Verdict::from_findings(findings, coverage, grounded.evidence)
    }
}

impl LayeredGate {
    /// A place that no rule names: that nothing was found there says nothing.
    fn uncovered(&self, message: &Message) -> Option<Finding> {
        let place = message.jurisdiction.as_ref()?;
        let rules = self.book.rules.iter();
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
pub fn lookalikes(book: &Book, message: &Message, evidence: &[EvidenceLink]) -> Vec<Remark> {
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
        title: String::new(),
        claim: String::new(),
        source: String::new(),
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

const PII_RULE: &str = "core.pii";

fn too_large(part: Part, bytes: usize) -> Finding {
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
        why: format!("{bytes} bytes; parts over {MAX_PART_BYTES} are not looked at."),
        fix: "Shorten the message.".into(),
        replacement: None,
        hard: true,
        title: String::new(),
        claim: String::new(),
        source: String::new(),
    }
}

/// Personal data in any part. The finding holds a tag, never the value.
fn personal_data(message: &Message, allow: &AllowList) -> Vec<Finding> {
    let known = message.customer.as_ref().map(KnownValues::of_profile);
    let scanner = Scanner {
        known: known.as_ref(),
        allow: Some(allow),
    };
    let shown = Shown::of(message);
    let mut findings = Vec::new();
    for (part, text) in message.parts() {
        for hit in scanner.scan(text) {
            if hit.reason != Reason::KnownValue
                && is_own_notice(message, &shown, &text[hit.start..hit.end], hit.kind)
            {
                continue;
            }
            let sure = hit.score >= pii::BLOCK_FROM;
            findings.push(Finding {
                rule: format!("{PII_RULE}.{}", hit.kind.as_str().to_lowercase()),
                version: "1".into(),
                check: Check::Pii,
                disposition: if sure {
                    Disposition::Block
                } else {
                    Disposition::Review
                },
                severity: Severity::High,
                part,
                start: hit.start,
                end: hit.end,
                text: hit.kind.tag().into(),
                polarity: Polarity::None,
                view: "visible".into(),
                missing: Vec::new(),
                citation: "GDPR Art. 5(1)(f); 15 U.S.C. 6801; firm policy on personal data".into(),
                why: match hit.reason {
                    Reason::KnownValue => {
                        "A value of the customer's own record stands in the message.".into()
                    }
                    Reason::Validator => {
                        "The shape and its check digits or ranges are those of personal data."
                            .into()
                    }
                    Reason::Context => "The words beside it say that it is personal data.".into(),
                    Reason::Shape => "The shape is that of personal data.".into(),
                },
                fix: "Take it out; only the recipient's given name may stand in a message.".into(),
                replacement: Some(String::new()),
                hard: sure,
                title: String::new(),
                claim: String::new(),
                source: String::new(),
            });
        }
    }
    findings
}

/// The sender's own address or contact, which a message must carry, is nobody's personal data.
fn is_own_notice(message: &Message, shown: &Shown<'_>, value: &str, kind: pii::Kind) -> bool {
    let facts = &message.facts;
    match kind {
        pii::Kind::Address => {
            let street = value.split(',').next().unwrap_or(value).trim();
            match facts.text("postal_address") {
                // The address on record is the sender's, and no other one.
                Some(own) => own.contains(street) || street.contains(own),
                None => {
                    facts.flag("postal_address") == Some(true)
                        || message.customer.is_none() && facts.text("firm_name").is_some()
                        || !street.is_empty() && looks_like_sender(message, shown, value)
                }
            }
        }
        pii::Kind::Phone | pii::Kind::Email => {
            ["firm_phone", "firm_email", "support_email", "support_phone"]
                .iter()
                .any(|key| facts.text(key).is_some_and(|own| own.contains(value)))
        }
        _ => false,
    }
}

/// An imprint: an address beside a company's name, or in the last part of a text beside the sender's name or the way
/// to opt out. The same street elsewhere in the message is the sender's too.
fn looks_like_sender(message: &Message, shown: &Shown<'_>, value: &str) -> bool {
    let street = value.split(',').next().unwrap_or(value).trim();
    shown.texts().any(|text| {
        text.match_indices(street)
            .any(|(at, _)| is_imprint(message, text, at, street.len()))
    })
}

/// The texts that readers see, mark-up taken out once and only when it is asked for.
struct Shown<'m> {
    message: &'m Message,
    pages: OnceCell<Vec<Mapped>>,
}

impl<'m> Shown<'m> {
    fn of(message: &'m Message) -> Self {
        Self {
            message,
            pages: OnceCell::new(),
        }
    }

    fn texts(&self) -> impl Iterator<Item = &str> {
        let message = self.message;
        let more = || message.more.iter().filter(|more| more.shown);
        let pages = self.pages.get_or_init(|| {
            let further = more().filter(|more| more.kind == MoreKind::Html);
            let pages = message.html.iter().chain(further.map(|more| &more.text));
            pages.map(|page| html::visible_text(page)).collect()
        });
        let plain = more().filter(|more| more.kind == MoreKind::Text);
        std::iter::once(message.body.as_str())
            .chain(plain.map(|more| more.text.as_str()))
            .chain(pages.iter().map(Mapped::text))
    }
}

const OPT_OUT: [&str; 9] = [
    "unsubscribe",
    "opt out",
    "opt-out",
    "optout",
    "preferences",
    "stop these",
    "object to",
    "withdraw",
    "you receive this",
];

fn is_imprint(message: &Message, body: &str, at: usize, length: usize) -> bool {
    let near = |before: usize, behind: usize| {
        let from = body.floor_char_boundary(at.saturating_sub(before));
        let to = body.ceil_char_boundary((at + length + behind).min(body.len()));
        &body[from..to]
    };
    let closing = at * 2 >= body.len() || body.len() - at <= 400;
    if closing && message.complete {
        let around = near(160, 220);
        let lower = around.to_lowercase();
        let named = message
            .facts
            .text("firm_name")
            .is_some_and(|name| around.contains(name));
        if named || OPT_OUT.iter().any(|word| lower.contains(word)) {
            return true;
        }
    }
    let before = near(60, 0);
    let before = &before[..before.len().saturating_sub(length)];
    let company = [
        "Inc",
        "LLC",
        "Ltd",
        "Bank",
        "Financial",
        "Credit",
        "Securities",
        "plc",
        "PLC",
        "GmbH",
        "Corp",
        "Company",
        "Insurance",
        "Mutual",
        "Union",
        "Capital",
        "Trust",
        "Clinic",
        "Health",
        "Group",
        "Savings",
        "Wealth",
        "Partners",
        "Pay",
        "Lending",
        "Academy",
        "School",
    ];
    company.iter().any(|word| before.contains(word))
}

pub(super) struct SafetyNode<'p>(pub &'p dyn Gate);

impl Node for SafetyNode<'_> {
    type In<'i> = (&'i [Variant], &'i Retrieved);
    type Out = Vec<GateResult>;

    fn run(
        &self,
        context: &Context<'_>,
        (variants, retrieved): Self::In<'_>,
    ) -> Result<Vec<GateResult>, StageError> {
        // One after the other: a thread a variant was tried and gained nothing that could be measured.
        Ok(variants
            .iter()
            .map(|variant| GateResult {
                variant_id: variant.id.clone(),
                verdict: self
                    .0
                    .check(&message_of(context, variant, &retrieved.citations)),
            })
            .collect())
    }
}
