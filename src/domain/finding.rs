//! What the gate found, where, why, and what would pass.

use super::law::{LegalStatus, OutOfForce};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;
use std::fmt;

/// What a finding, or a whole message, comes to. The order is the order of strictness.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Disposition {
    /// An exact approved disclosure, or nothing to say.
    Pass,
    /// Worth knowing; asks nothing of anybody.
    Info,
    /// A person must look.
    Review,
    /// May not go out.
    Block,
}

impl Disposition {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Info => "info",
            Self::Review => "review",
            Self::Block => "block",
        }
    }
}

/// How much harm a violation of the rule does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    Low,
    Medium,
    High,
}

impl Severity {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }

    /// What one open finding of this severity costs the safety score, in basis points.
    pub fn cost_bp(self) -> u32 {
        match self {
            Self::High => 4_000,
            Self::Medium => 2_000,
            Self::Low => 500,
        }
    }
}

/// The four layers of the gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Check {
    Pii,
    Brand,
    Compliance,
    Factual,
}

impl Check {
    pub const ALL: [Self; 4] = [Self::Pii, Self::Brand, Self::Compliance, Self::Factual];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pii => "pii",
            Self::Brand => "brand",
            Self::Compliance => "compliance",
            Self::Factual => "factual",
        }
    }

    /// The name a person reads in the safety matrix.
    pub fn label(self) -> &'static str {
        match self {
            Self::Pii => "personal data",
            Self::Brand => "brand and plain language",
            Self::Compliance => "law and policy",
            Self::Factual => "facts and claims",
        }
    }
}

/// A part of a message that spans point into.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    Subject,
    Preheader,
    Body,
    Html,
    /// A further text of a mail, by its number from 1 on; [`super::message::Message::more`] holds it.
    More(u16),
    /// The message as a whole, or how it is sent: the span is empty.
    Message,
}

impl Part {
    /// The name in every output: `subject`, `body`, `part-3`.
    pub fn as_str(self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::Subject => "subject",
            Self::Preheader => "preheader",
            Self::Body => "body",
            Self::Html => "html",
            Self::More(number) => return Cow::Owned(format!("part-{number}")),
            Self::Message => "message",
        })
    }

    /// The part of this name, as [`Self::as_str`] writes it.
    pub fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "subject" => Self::Subject,
            "preheader" => Self::Preheader,
            "body" => Self::Body,
            "html" => Self::Html,
            "message" => Self::Message,
            _ => Self::More(name.strip_prefix("part-")?.parse().ok()?),
        })
    }
}

impl Serialize for Part {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.as_str())
    }
}

impl<'de> Deserialize<'de> for Part {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(&name).ok_or_else(|| {
            D::Error::custom(format!(
                "unknown part `{name}`, expected subject, preheader, body, html, part-N or message"
            ))
        })
    }
}

/// In what light a claim stands in its sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Polarity {
    Asserted,
    Negated,
    Attributed,
    Quoted,
    /// In a question.
    Asked,
    /// Under a condition, or with "may".
    Conditional,
    /// A term of art or a name that only looks like the claim.
    Exempt,
    /// Not a matter of wording (a missing disclosure, a fact).
    None,
}

impl fmt::Display for Polarity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Asserted => "asserted",
            Self::Negated => "negated",
            Self::Attributed => "attributed",
            Self::Quoted => "quoted",
            Self::Asked => "asked",
            Self::Conditional => "conditional",
            Self::Exempt => "term of art",
            Self::None => "not wording",
        })
    }
}

/// One finding. `start..end` are bytes of the original part, on character borders.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    pub rule: String,
    pub version: String,
    pub check: Check,
    pub disposition: Disposition,
    pub severity: Severity,
    pub part: Part,
    pub start: usize,
    pub end: usize,
    /// The words found, as the original has them; for personal data a tag, never the value.
    pub text: String,
    pub polarity: Polarity,
    /// Which view showed it: `visible`, `attributes`, `skeleton`, `hidden`, `facts`.
    pub view: String,
    /// Required things that are missing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<String>,
    pub citation: String,
    pub why: String,
    pub fix: String,
    /// Words that would pass in place of `text`; empty text removes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replacement: Option<String>,
    /// The rule's title. Empty in records of before there was one.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub title: String,
    /// What the words say, in plain words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub claim: String,
    /// Where the law can be read.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub source: String,
    /// How that law stands. In force in records of before it was said.
    #[serde(default, skip_serializing_if = "LegalStatus::binds")]
    pub legal_status: LegalStatus,
    /// A hard block may not be overridden by anybody (personal data, no consent).
    #[serde(default)]
    pub hard: bool,
}

impl Finding {
    /// What it is about: the rule's title, or its id where it has none.
    pub fn headline(&self) -> &str {
        if self.title.is_empty() {
            &self.rule
        } else {
            &self.title
        }
    }

    /// The law, and how it stands where it is more or less than law that binds. A citation that calls itself a policy is
    /// not called so twice.
    pub fn law(&self) -> String {
        let says_so = self.legal_status == LegalStatus::Policy
            && self.citation.to_lowercase().contains("policy");
        match self.legal_status.told().filter(|_| !says_so) {
            Some(status) => format!("{} ({status})", self.citation),
            None => self.citation.clone(),
        }
    }

    /// What it costs the safety score, in basis points.
    pub fn cost_bp(&self) -> u32 {
        match self.disposition {
            Disposition::Block => self.severity.cost_bp(),
            Disposition::Review => self.severity.cost_bp() / 4,
            Disposition::Info | Disposition::Pass => 0,
        }
    }

    /// A claim that only seems one: negated, attributed or quoted. Shown on demand, so that what matters stands out.
    pub fn is_collapsed(&self) -> bool {
        self.disposition == Disposition::Review
            && matches!(
                self.polarity,
                Polarity::Negated | Polarity::Attributed | Polarity::Quoted
            )
    }
}

/// Which rules looked at which parts, so that silence is distinguishable from absence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coverage {
    pub rule: String,
    pub check: Check,
    pub parts: Vec<Part>,
    /// Why the rule did not apply, if it did not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub skipped: Option<String>,
    /// The days of its law, if those are why it did not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub out_of_force: Option<OutOfForce>,
    /// How many rules the line stands for: those of a pack that were skipped for one reason share one.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub rules: usize,
}

fn one() -> usize {
    1
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde asks for a reference"
)]
fn is_one(count: &usize) -> bool {
    *count == 1
}

/// A statement of the message and what carries it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EvidenceLink {
    pub part: Part,
    pub start: usize,
    pub end: usize,
    pub text: String,
    /// `supported`, `unsupported` or `contradicted`.
    pub state: EvidenceState,
    /// `fact:apr` or `citation:ID`; empty when nothing carries it.
    pub source: String,
    /// The sentence or value that carries or contradicts it.
    pub quote: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EvidenceState {
    Supported,
    Unsupported,
    Contradicted,
}

/// The gate's whole answer for one message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    pub disposition: Disposition,
    /// 10,000 is spotless.
    pub score_bp: u32,
    pub findings: Vec<Finding>,
    pub coverage: Vec<Coverage>,
    pub evidence: Vec<EvidenceLink>,
}

impl Verdict {
    /// Sorts the findings (strictest first, of those the gravest, then by place) and draws the sum. Same findings, same bytes.
    pub fn from_findings(
        mut findings: Vec<Finding>,
        coverage: Vec<Coverage>,
        evidence: Vec<EvidenceLink>,
    ) -> Self {
        findings.sort_by(|a, b| {
            b.disposition
                .cmp(&a.disposition)
                .then(b.severity.cmp(&a.severity))
                .then(a.part.cmp(&b.part))
                .then(a.start.cmp(&b.start))
                .then(a.rule.cmp(&b.rule))
                .then(a.end.cmp(&b.end))
        });
        findings.dedup();
        let disposition = match findings.iter().map(|f| f.disposition).max() {
            Some(worst) if worst >= Disposition::Review => worst,
            _ => Disposition::Pass,
        };
        let cost: u32 = findings.iter().map(Finding::cost_bp).sum();
        Self {
            disposition,
            score_bp: 10_000_u32.saturating_sub(cost),
            findings,
            coverage,
            evidence,
        }
    }

    /// How many rules looked, and how many there are.
    pub fn looked(&self) -> (usize, usize) {
        let sum = |all: &mut dyn Iterator<Item = &Coverage>| all.map(|line| line.rules).sum();
        let mut ran = self.coverage.iter().filter(|line| line.skipped.is_none());
        (sum(&mut ran), sum(&mut self.coverage.iter()))
    }

    /// The strictest disposition among the findings of one layer.
    pub fn of_check(&self, check: Check) -> Disposition {
        self.findings
            .iter()
            .filter(|f| f.check == check)
            .map(|f| f.disposition)
            .max()
            .unwrap_or(Disposition::Pass)
    }

    /// A hard block is beyond anybody's override.
    pub fn has_hard_block(&self) -> bool {
        self.findings
            .iter()
            .any(|f| f.hard && f.disposition == Disposition::Block)
    }
}
