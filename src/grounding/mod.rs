//! Claims and numbers of a message against its citations and product facts: supported, unsupported, contradicted.
//!
//! No language model: numbers, dates, negation and overlap with the cited sentence. A cosine sees none of these.

mod claims;
mod facts;
mod idle;
mod numbers;
mod overlap;
mod reading;

use crate::domain::citation::Trust;
use crate::domain::finding::{
    Check, Coverage, Disposition, EvidenceLink, EvidenceState, Finding, Part, Polarity, Severity,
};
use crate::domain::jurisdiction::Jurisdiction;
use crate::domain::law::LegalStatus;
use crate::domain::message::Message;
use reading::PartReading;

/// What grounding found.
#[derive(Debug, Default)]
pub struct GroundingResult {
    pub findings: Vec<Finding>,
    pub evidence: Vec<EvidenceLink>,
    pub coverage: Vec<Coverage>,
}

const RULE: &str = "core.grounding.number";
const CLAIM: &str = "core.grounding.claim";
const STALE: &str = "core.grounding.source";

/// Checks every number of the message, and the sources that carry it.
pub fn check(message: &Message) -> GroundingResult {
    let mut outcome = GroundingResult::default();
    let readings: Vec<PartReading<'_>> = reading::readings(message).collect();
    let parts: Vec<Part> = readings.iter().map(|r| r.part).collect();
    let law = SubstantiationLaw::of(message);
    let numbers = numbers::link(message, &readings);
    let contradicted = numbers
        .links
        .iter()
        .filter_map(|link| contradiction(link, law));
    outcome.findings.extend(contradicted);
    let unsourced = numbers.unsourced.iter().map(unsourced);
    outcome.findings.extend(unsourced);
    outcome.evidence.extend(numbers.links);
    for link in claims::link(message, &readings) {
        // What a source says of its figures is what the sentence claims.
        if link.state == EvidenceState::Unsupported && has_its_figures(&link, &outcome.evidence) {
            continue;
        }
        outcome.findings.extend(claim_finding(&link, law));
        outcome.evidence.push(link);
    }
    outcome
        .findings
        .extend(weak_sources(message, &outcome.evidence, law));
    for rule in [RULE, CLAIM, STALE] {
        outcome.coverage.push(Coverage {
            rules: 1,
            rule: rule.into(),
            check: Check::Factual,
            parts: parts.clone(),
            skipped: None,
            out_of_force: None,
        });
    }
    outcome
}

/// Whether a sentence has figures, and each is one that a source carries.
fn has_its_figures(sentence: &EvidenceLink, figures: &[EvidenceLink]) -> bool {
    let inside = |figure: &&EvidenceLink| {
        figure.part == sentence.part && sentence.start <= figure.start && figure.end <= sentence.end
    };
    let mut inside = figures.iter().filter(inside).peekable();
    inside.peek().is_some() && inside.all(|figure| figure.state == EvidenceState::Supported)
}

/// A figure that a source says otherwise: a finding of its own.
fn contradiction(link: &EvidenceLink, law: SubstantiationLaw) -> Option<Finding> {
    if link.state != EvidenceState::Contradicted {
        return None;
    }
    let why = format!("{} says {}.", link.source, link.quote);
    Some(Finding {
        replacement: link.source.starts_with("fact:").then(|| link.quote.clone()),
        ..finding(
            RULE,
            link,
            Disposition::Block,
            Severity::High,
            why,
            "Use the number on record.",
            law.citation("a figure needs a source"),
        )
    })
}

/// The figures of one sentence that nothing carries: one finding, since one source settles them.
fn unsourced(sentence: &numbers::Unsourced) -> Finding {
    let (this, these) = ("carries this number", "carries these numbers");
    let figures = sentence.figures.join("; ");
    let why = if sentence.figures.len() == 1 {
        format!("No citation and no product fact {this}.")
    } else {
        format!("No citation and no product fact {these}: {figures}.")
    };
    finding(
        RULE,
        &sentence.span,
        Disposition::Review,
        Severity::Medium,
        why,
        "Cite the source of the number, put it on record as a fact, or take it out.",
        // That nothing here carries a figure makes it no breach: the firm's own price may just not be on record.
        SubstantiationLaw::None.citation("a figure needs a source"),
    )
}

/// The law of the place that asks for a statement's proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum SubstantiationLaw {
    UnitedStates,
    UnitedKingdom,
    Union,
    /// Another place, one that is not known, or nothing that a law speaks of: the firm's own policy alone.
    None,
}

impl SubstantiationLaw {
    fn of(message: &Message) -> Self {
        let Some(place) = &message.jurisdiction else {
            return Self::None;
        };
        let within = |code: &str| place.is_within(&Jurisdiction::new(code));
        if within("US") {
            Self::UnitedStates
        } else if within("UK") {
            Self::UnitedKingdom
        } else if within("EU") {
            Self::Union
        } else {
            Self::None
        }
    }

    /// What a finding cites: the firm's policy, and the law where the recipient is.
    fn citation(self, policy: &str) -> String {
        let law = match self {
            Self::UnitedStates => "; 15 U.S.C. 45",
            Self::UnitedKingdom => {
                "; Digital Markets, Competition and Consumers Act 2024, s. 226 (misleading actions)"
            }
            Self::Union => "; Directive 2005/29/EC Art. 6",
            Self::None => "",
        };
        format!("Firm policy: {policy}{law}")
    }
}

/// Sentences are compared by their words, so the worst that they come to is a person's look.
fn claim_finding(link: &EvidenceLink, law: SubstantiationLaw) -> Option<Finding> {
    let (why, fix) = match link.state {
        EvidenceState::Supported => return None,
        EvidenceState::Unsupported => (
            "The sentence claims a fact, and no citation carries it.".to_owned(),
            "Cite the source of the claim, or take it out.",
        ),
        EvidenceState::Contradicted => (
            format!("{} says: {}", link.source, link.quote),
            "Say what the source says.",
        ),
    };
    Some(finding(
        CLAIM,
        link,
        Disposition::Review,
        Severity::Medium,
        why,
        fix,
        match link.state {
            EvidenceState::Contradicted => law,
            _ => SubstantiationLaw::None,
        }
        .citation("a claim needs a source"),
    ))
}

fn finding(
    rule: &str,
    link: &EvidenceLink,
    disposition: Disposition,
    severity: Severity,
    why: String,
    fix: &str,
    citation: String,
) -> Finding {
    Finding {
        rule: rule.into(),
        version: "2".into(),
        check: Check::Factual,
        disposition,
        severity,
        part: link.part,
        start: link.start,
        end: link.end,
        text: link.text.clone(),
        polarity: Polarity::Asserted,
        view: "visible".into(),
        missing: Vec::new(),
        citation,
        why,
        fix: fix.into(),
        replacement: None,
        hard: false,
        title: "Figures and claims have a source".into(),
        claim: String::new(),
        source: String::new(),
        legal_status: LegalStatus::Policy,
    }
}

/// Months after which a source that has no end of its own is worth a second look.
const OLD: i64 = 24;

/// What carries a statement and should not do so alone: somebody's words, or a source past its day.
fn weak_sources(
    message: &Message,
    evidence: &[EvidenceLink],
    law: SubstantiationLaw,
) -> Vec<Finding> {
    let day = message
        .as_of
        .map(|time| crate::text::numbers::days(time.date_naive()));
    evidence
        .iter()
        .filter(|link| link.state == EvidenceState::Supported)
        .filter_map(|link| {
            let id = link.source.strip_prefix("citation:")?;
            let citation = message.citations.iter().find(|c| c.id == id)?;
            let passed = |date: &str| {
                Some(day? - crate::text::numbers::days(crate::text::numbers::first_date(date)?))
            };
            let expired = citation.valid_to.as_deref().and_then(passed);
            let age = passed(&citation.published_date);
            let (disposition, why) = if citation.trust == Trust::Unverified {
                (
                    Disposition::Review,
                    format!(
                        "Only an unverified source ({}) carries this.",
                        citation.title
                    ),
                )
            } else if expired.is_some_and(|days| days > 0) {
                (
                    Disposition::Review,
                    format!("Its source ({}) is no longer valid.", citation.title),
                )
            } else if age.is_some_and(|days| days > OLD * 365 / 12) {
                (
                    Disposition::Info,
                    format!(
                        "Its source ({}) was published on {}, more than {OLD} months ago.",
                        citation.title, citation.published_date
                    ),
                )
            } else {
                return None;
            };
            Some(finding(
                STALE,
                link,
                disposition,
                Severity::Medium,
                why,
                "Cite an approved source that is in date, or take it out.",
                law.citation("a source is approved and in date"),
            ))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::citation::Citation;

    fn outcome(citation: Citation) -> Vec<(Disposition, String)> {
        let message = Message {
            body: "The fee is $12 a month.".into(),
            citations: vec![Citation {
                id: "c".into(),
                redacted_text: "A fee of $12 a month.".into(),
                ..citation
            }]
            .into(),
            as_of: chrono::DateTime::parse_from_rfc3339("2026-11-25T12:00:00Z").ok(),
            ..Message::default()
        };
        check(&message)
            .findings
            .into_iter()
            .map(|f| (f.disposition, f.rule))
            .collect()
    }

    #[test]
    fn a_source_past_its_day_is_for_a_person_and_an_old_one_is_said() {
        let dated = |valid_to: Option<&str>, published: &str| Citation {
            valid_to: valid_to.map(str::to_owned),
            published_date: published.into(),
            ..Citation::default()
        };
        assert_eq!(outcome(dated(Some("2026-12-31"), "2026-01-01")), []);
        assert_eq!(
            outcome(dated(Some("2026-11-24"), "2026-01-01")),
            [(Disposition::Review, STALE.to_owned())]
        );
        assert_eq!(
            outcome(dated(None, "2023-01-01")),
            [(Disposition::Info, STALE.to_owned())]
        );
    }
}
