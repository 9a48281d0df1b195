//! A verdict on somebody else's message, as JSON.

use crate::domain::finding::{Disposition, Finding, Part, Verdict};
use crate::domain::message::{ListedPart, Message};
use crate::domain::prescribed::{LIBRARY, Text};
use crate::service::check::Ruler;
use serde_json::{Value, json};

/// Character offsets of every part of one message.
pub struct Rulers<'m>(Vec<(Part, Ruler<'m>)>);

impl<'m> Rulers<'m> {
    pub fn of(message: &'m Message) -> Self {
        Self(
            message
                .parts()
                .into_iter()
                .map(|(part, text)| (part, Ruler::new(text)))
                .collect(),
        )
    }

    /// First and last offset in characters.
    pub fn span(&self, part: Part, start: usize, end: usize) -> (usize, usize) {
        self.0
            .iter()
            .find(|(known, _)| *known == part)
            .map_or((0, 0), |(_, ruler)| (ruler.chars(start), ruler.chars(end)))
    }

    /// Line of a byte, from 1 on.
    pub fn line(&self, part: Part, at: usize) -> usize {
        self.0
            .iter()
            .find(|(known, _)| *known == part)
            .map_or(1, |(_, ruler)| ruler.line(at))
    }
}

/// Texts that would answer a finding, at most so many: the others are a command away.
pub const TEXTS: usize = 2;

/// Prescribed texts that would answer a finding that asks for something.
pub fn texts_for<'t>(finding: &Finding, message: &Message) -> Vec<&'t Text> {
    if finding.disposition < Disposition::Review {
        return Vec::new();
    }
    let today = message.as_of.map(|time| time.date_naive());
    LIBRARY.answers(&finding.rule, message.jurisdiction.as_ref(), today)
}

fn finding_json(rulers: &Rulers<'_>, message: &Message, finding: &Finding) -> Value {
    let (start, end) = rulers.span(finding.part, finding.start, finding.end);
    let texts = texts_for(finding, message).into_iter().take(TEXTS);
    let texts: Vec<Value> = texts
        .map(|text| json!({"id": text.id, "text": text.text, "wording": text.wording, "citation": text.cite}))
        .collect();
    json!({
        "texts": texts,
        "rule": finding.rule, "version": finding.version, "part": finding.part.as_str(), "start": start, "end": end, "text": finding.text,
        "disposition": finding.disposition.as_str(), "severity": finding.severity.as_str(), "check": finding.check.as_str(), "polarity": finding.polarity,
        "title": finding.title, "claim": finding.claim, "source": finding.source, "legal_status": finding.legal_status,
        "missing": finding.missing, "citation": finding.citation, "why": finding.why, "fix": finding.fix, "replacement": finding.replacement,
    })
}

/// The answer of `check --json` and of `POST /check`.
pub fn verdict_json(id: &Value, message: &Message, verdict: &Verdict) -> Value {
    let rulers = Rulers::of(message);
    let mut answer = json!({
        "id": id,
        "verdict": verdict.disposition.as_str(),
        "score": f64::from(verdict.score_bp) / 10_000.0,
        "findings": verdict.findings.iter().map(|f| finding_json(&rulers, message, f)).collect::<Vec<_>>(),
        "evidence": verdict.evidence.iter().map(|e| {
            let (start, end) = rulers.span(e.part, e.start, e.end);
            json!({"part": e.part.as_str(), "start": start, "end": end, "text": e.text, "state": e.state, "source": e.source, "quote": e.quote})
        }).collect::<Vec<_>>(),
        "coverage": verdict.coverage.iter().map(|c| json!({"rule": c.rule, "parts": c.parts.iter().map(|p| p.as_str()).collect::<Vec<_>>(), "skipped": c.skipped})).collect::<Vec<_>>(),
    });
    if !message.remarks.is_empty() {
        answer["remarks"] = json!(message.remarks);
    }
    if !message.listed.is_empty() {
        let listed = message.listed.iter().map(listed_json);
        answer["parts"] = Value::Array(listed.collect());
    }
    answer
}

/// A part of a mail, and whether it was read.
fn listed_json(listed: &ListedPart) -> Value {
    json!({
        "place": listed.place, "type": listed.media, "charset": listed.charset, "part": listed.part.map(Part::as_str),
        "state": if listed.read { "read" } else { "not read" }, "why": listed.why,
    })
}
