//! A person's decision: what may follow what, and the note that is signed.

use super::digest::Digest;
use super::finding::{Check, Disposition, Finding, Verdict};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What a person can say about a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DecisionKind {
    Approve,
    Reject,
    Override,
    RequestChanges,
}

impl DecisionKind {
    pub const ALL: [Self; 4] = [
        Self::Approve,
        Self::Reject,
        Self::Override,
        Self::RequestChanges,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Approve => "approve",
            Self::Reject => "reject",
            Self::Override => "override",
            Self::RequestChanges => "request-changes",
        }
    }

    /// By its name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    /// Whether this decision lets the message out.
    pub fn releases(self) -> bool {
        matches!(self, Self::Approve | Self::Override)
    }
}

impl fmt::Display for DecisionKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Where a run stands between the pipeline's end and its delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReviewState {
    /// The pipeline has not come to its end.
    Running,
    /// A stage failed; the run can be stepped again.
    Failed,
    Waiting,
    /// One person overrode a block; a second one must agree.
    SecondSignature,
    /// One person approved what the policy asks two for.
    SecondApproval,
    ChangesRequested,
    Approved,
    Rejected,
    Delivered,
    /// Delivered, and called back since.
    Recalled,
    /// The customer is of those whom an experiment sends nothing.
    HeldOut,
    /// It was a planted test of reviewers, and is over.
    Tested,
}

impl ReviewState {
    pub const ALL: [Self; 12] = [
        Self::Running,
        Self::Failed,
        Self::Waiting,
        Self::SecondSignature,
        Self::SecondApproval,
        Self::ChangesRequested,
        Self::Approved,
        Self::Rejected,
        Self::Delivered,
        Self::Recalled,
        Self::HeldOut,
        Self::Tested,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Running => "live",
            Self::Failed => "failed",
            Self::Waiting => "review",
            Self::SecondSignature => "2nd sign",
            Self::SecondApproval => "2nd appr",
            Self::ChangesRequested => "changes",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
            Self::Delivered => "delivered",
            Self::Recalled => "recalled",
            Self::HeldOut => "held out",
            Self::Tested => "test",
        }
    }

    /// As it stands in a sentence.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Running => "not finished",
            Self::Waiting => "waiting for a review",
            Self::SecondSignature | Self::SecondApproval => "waiting for a second person",
            Self::ChangesRequested => "waiting for changes",
            Self::Tested => "a planted test that is over",
            other => other.as_str(),
        }
    }

    /// The state after a decision, or why it may not be taken in this state. `two`: the policy asks two persons to
    /// approve this variant.
    ///
    /// # Errors
    /// The state does not allow it.
    pub fn after(self, kind: DecisionKind, two: bool) -> Result<Self, StateRefusal> {
        use DecisionKind as D;
        match (self, kind) {
            (Self::Waiting | Self::ChangesRequested, D::Approve) if two => Ok(Self::SecondApproval),
            (Self::Waiting | Self::ChangesRequested | Self::SecondApproval, D::Approve) => {
                Ok(Self::Approved)
            }
            (Self::Waiting | Self::ChangesRequested, D::Override) => Ok(Self::SecondSignature),
            (Self::SecondSignature, D::Override) => Ok(Self::Approved),
            (
                Self::Waiting
                | Self::SecondSignature
                | Self::SecondApproval
                | Self::ChangesRequested,
                D::Reject,
            ) => Ok(Self::Rejected),
            (Self::Waiting | Self::SecondSignature | Self::SecondApproval, D::RequestChanges) => {
                Ok(Self::ChangesRequested)
            }
            (Self::SecondApproval, D::Override) => Err(StateRefusal::SecondApprovalWaits),
            (Self::SecondSignature, D::Approve) => Err(StateRefusal::SecondSignatureWaits),
            (Self::ChangesRequested, D::RequestChanges) => Err(StateRefusal::ChangesRequested),
            (Self::Running | Self::Failed, _) => Err(StateRefusal::NotFinished),
            (Self::Approved | Self::Delivered | Self::Recalled, _) => Err(StateRefusal::Approved),
            (Self::HeldOut, _) => Err(StateRefusal::HeldOut),
            (Self::Tested, _) => Err(StateRefusal::Tested),
            (Self::Rejected, _) => Err(StateRefusal::Rejected),
        }
    }

    /// Whether the run still waits for a person.
    pub fn is_open(self) -> bool {
        matches!(
            self,
            Self::Waiting | Self::SecondSignature | Self::SecondApproval | Self::ChangesRequested
        )
    }

    /// Whether one person has signed and another one must.
    pub fn is_half_signed(self) -> bool {
        matches!(self, Self::SecondSignature | Self::SecondApproval)
    }
}

/// Shortest and longest reason, in characters, for anything but a clean approval.
pub const REASON_CHARS: std::ops::RangeInclusive<usize> = 20..=2_000;

/// What is wrong with a message, from a list, so that reasons can be counted.
const MESSAGE_CODES: [&str; 12] = [
    "misleading claim",
    "missing disclosure",
    "unsupported claim",
    "consent",
    "opt-out",
    "privacy",
    "suitability",
    "vulnerable customer",
    "fairness",
    "wrong audience",
    "tone or brand",
    "other",
];

/// Codes of a decision against the gate.
const OVERRIDE_CODES: [&str; 3] = ["legal cleared", "false positive", "other"];

/// Words of rules and titles, and the code that they speak for; the first that fits counts.
const SUGGESTED: [(&str, &[&str]); 10] = [
    (
        "opt-out",
        &["opt-out", "opt_out", "optout", "unsubscribe", ".stop"],
    ),
    ("consent", &["consent", "tcpa", "pecr", "permission"]),
    (
        "vulnerable customer",
        &["vulnerab", "minor", "child", "hardship"],
    ),
    (
        "fairness",
        &["ecoa", "fair lending", "fairness", "discriminat"],
    ),
    ("suitability", &["suitab", "appropriat", "target market"]),
    ("privacy", &["pii", "personal", "privacy", "gdpr"]),
    (
        "missing disclosure",
        &["disclos", "missing", "risk-warning"],
    ),
    (
        "unsupported claim",
        &["grounding", "source", "unsupported", "substantiat"],
    ),
    ("tone or brand", &["brand", "tone", "style"]),
    ("wrong audience", &["audience", "segment"]),
];

/// The codes that fit a decision; none for an approval.
pub fn codes_for(kind: DecisionKind) -> &'static [&'static str] {
    match kind {
        DecisionKind::Approve => &[],
        DecisionKind::Override => &OVERRIDE_CODES,
        DecisionKind::Reject | DecisionKind::RequestChanges => &MESSAGE_CODES,
    }
}

/// The code that a finding speaks for.
fn suggested_by(finding: &Finding) -> &'static str {
    if !finding.missing.is_empty() {
        return "missing disclosure";
    }
    let words = format!("{} {}", finding.rule, finding.title).to_lowercase();
    let fits = |(_, parts): &&(&str, &[&str])| parts.iter().any(|part| words.contains(part));
    match (SUGGESTED.iter().find(fits), finding.check) {
        (Some((code, _)), _) => code,
        (None, Check::Pii) => "privacy",
        (None, Check::Brand) => "tone or brand",
        (None, _) => "misleading claim",
    }
}

/// Codes that fit a decision, those that the findings speak for first, worst finding first; and how many of them are
/// such. None is chosen for the person.
pub fn suggested_codes(kind: DecisionKind, verdict: &Verdict) -> (Vec<&'static str>, usize) {
    let fit = codes_for(kind);
    let mut found: Vec<&Finding> = verdict.findings.iter().collect();
    found.retain(|finding| finding.disposition >= Disposition::Review);
    found.sort_by_key(|finding| std::cmp::Reverse(finding.disposition));
    let mut codes: Vec<&'static str> = Vec::new();
    for code in found.into_iter().map(suggested_by) {
        if fit.contains(&code) && !codes.contains(&code) {
            codes.push(code);
        }
    }
    let suggested = codes.len();
    let rest: Vec<&str> = (fit.iter().copied())
        .filter(|code| !codes.contains(code))
        .collect();
    codes.extend(rest);
    (codes, suggested)
}

/// Whether a code is one of the list, for whatever decision.
fn is_code(code: &str) -> bool {
    MESSAGE_CODES.contains(&code) || OVERRIDE_CODES.contains(&code)
}

/// Whether a verdict lets a variant be decided so.
///
/// # Errors
/// The verdict does not allow it.
pub fn allowed_by(
    verdict: &Verdict,
    kind: DecisionKind,
    variant: &str,
) -> Result<(), DecisionRefusal> {
    let variant = || variant.to_owned();
    match (kind, verdict.disposition) {
        (DecisionKind::Approve, Disposition::Block) => Err(DecisionRefusal::Blocked(variant())),
        (DecisionKind::Override, Disposition::Block) if verdict.has_hard_block() => {
            Err(DecisionRefusal::HardBlock(variant()))
        }
        (DecisionKind::Override, d) if d != Disposition::Block => {
            Err(DecisionRefusal::NotBlocked(variant()))
        }
        _ => Ok(()),
    }
}

/// A decision before it is signed: exactly what the person saw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecisionDraft {
    pub run: String,
    pub variant: String,
    pub artifact: Digest,
    pub verdict: Digest,
    pub pack: Digest,
    pub kind: DecisionKind,
    pub reason: String,
    pub code: Option<String>,
}

impl DecisionDraft {
    /// Checks what can be checked without the ledger: reason, code, and whether the verdict allows this kind.
    ///
    /// # Errors
    /// The first of these that does not hold.
    pub fn check(&self, verdict: &Verdict) -> Result<(), DecisionRefusal> {
        self.is_worded()?;
        allowed_by(verdict, self.kind, &self.variant)
    }

    /// Checks its reason and its code.
    ///
    /// # Errors
    /// The first of these that does not hold.
    pub fn is_worded(&self) -> Result<(), DecisionRefusal> {
        let length = self.reason.trim().chars().count();
        let kind = self.kind;
        let needs_reason = kind != DecisionKind::Approve;
        if (needs_reason || length > 0) && length > *REASON_CHARS.end() {
            return Err(DecisionRefusal::LongReason);
        }
        if needs_reason && length < *REASON_CHARS.start() {
            return Err(DecisionRefusal::ShortReason { kind, length });
        }
        if let Some(code) = &self.code
            && !is_code(code)
        {
            return Err(DecisionRefusal::UnknownCode(kind));
        }
        Ok(())
    }

    /// The signed text: what a person can read and any tool can check.
    pub fn note(&self, terms: &Terms, time: &str) -> String {
        let or_none = |text: &Option<String>| text.as_deref().unwrap_or("none").to_owned();
        note(|name| match name {
            "run" => self.run.clone(),
            "variant" => self.variant.clone(),
            "artifact" => self.artifact.to_string(),
            "verdict" => self.verdict.to_string(),
            "pack" => self.pack.to_string(),
            "decision" => self.kind.as_str().to_uppercase(),
            "code" => or_none(&self.code),
            "reason" => one_line(&self.reason),
            "send_after" => or_none(&terms.send_after),
            "expires" => or_none(&terms.expires),
            "bulk" => or_none(&terms.bulk),
            "proven_by" => terms.proven_by.to_owned(),
            _ => time.to_owned(),
        })
    }
}

/// On which terms a decision is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// RFC 3339; nothing is sent before.
    pub send_after: Option<String>,
    /// RFC 3339; nothing is sent later.
    pub expires: Option<String>,
    /// Which decisions were made together with it.
    pub bulk: Option<String>,
    /// How the person showed who they are.
    pub proven_by: &'static str,
}

/// The lines of a decision's signed text, in order.
const LINES: [&str; 13] = [
    "run",
    "variant",
    "artifact",
    "verdict",
    "pack",
    "decision",
    "code",
    "reason",
    "send_after",
    "expires",
    "bulk",
    "proven_by",
    "time",
];

/// A decision's signed text, its lines filled by name.
pub fn note(value: impl Fn(&str) -> String) -> String {
    let mut text = String::from("echovoice/decision/v2\n");
    for name in LINES {
        text.push_str(name);
        text.push(' ');
        text.push_str(&value(name));
        text.push('\n');
    }
    text
}

/// A line break in what is signed could forge a line.
fn one_line(text: &str) -> String {
    let plain = |c: char| if c.is_control() { ' ' } else { c };
    text.chars().map(plain).collect()
}

/// A run does not stand so that it could be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StateRefusal {
    #[error("the pipeline has not finished; run it on to the end first")]
    NotFinished,
    #[error("an approval waits for its second person; sign it with approve, or reject it")]
    SecondApprovalWaits,
    #[error("an override waits for its second signature; sign it with override, or reject it")]
    SecondSignatureWaits,
    #[error("changes are already requested; edit the variant or reject the run")]
    ChangesRequested,
    #[error("this run is already approved; start a new run to decide again")]
    Approved,
    #[error("this run is already rejected; start a new run to decide again")]
    Rejected,
    #[error("an experiment sends this customer nothing; there is nothing to decide")]
    HeldOut,
    #[error("this was a planted test and is over; there is nothing to decide")]
    Tested,
    /// Its words are changed no more.
    #[error(
        "this run is {}; what was decided is not changed any more: withdraw the decision, or start a new run",
        .0.in_words()
    )]
    Decided(ReviewState),
    #[error("this run does not wait for a decision; it is {}", .0.as_str())]
    NotWaiting(ReviewState),
    /// A decision that is to be withdrawn.
    #[error("the message is delivered; recall it instead")]
    Delivered,
    #[error("there is no decision to withdraw")]
    NoDecision,
    /// A message that is to be recalled.
    #[error("nothing was delivered; withdraw the decision instead")]
    NotYetDelivered,
    #[error("nothing was delivered that could be recalled")]
    NothingDelivered,
    #[error("there is no approval that waits for its delivery")]
    NoApproval,
}

/// A decision does not fit the verdict, or lacks a reason that can be taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecisionRefusal {
    #[error("the reason is longer than {} characters", REASON_CHARS.end())]
    LongReason,
    #[error("{kind} needs a reason of at least {} characters; it has {length}", REASON_CHARS.start())]
    ShortReason { kind: DecisionKind, length: usize },
    #[error("unknown reason code; use one of: {}", codes_for(*.0).join(", "))]
    UnknownCode(DecisionKind),
    #[error("variant {0} is blocked; approve another one, request changes, or override")]
    Blocked(String),
    #[error(
        "variant {0} has a hard block (personal data, consent or age), which nobody may override"
    )]
    HardBlock(String),
    #[error("variant {0} is not blocked; approve it instead")]
    NotBlocked(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every pair of state and decision, against the table a compliance head would sign.
    #[test]
    fn every_pair_of_state_and_decision() {
        use DecisionKind as D;
        use ReviewState as S;
        for (state, two) in S::ALL.into_iter().flat_map(|s| [(s, false), (s, true)]) {
            for kind in D::ALL {
                let expected = match (state, kind) {
                    (S::Waiting | S::ChangesRequested, D::Approve) if two => {
                        Some(S::SecondApproval)
                    }
                    (S::Waiting | S::ChangesRequested | S::SecondApproval, D::Approve)
                    | (S::SecondSignature, D::Override) => Some(S::Approved),
                    (S::Waiting | S::ChangesRequested, D::Override) => Some(S::SecondSignature),
                    (state, D::Reject) if state.is_open() => Some(S::Rejected),
                    (S::Waiting | S::SecondSignature | S::SecondApproval, D::RequestChanges) => {
                        Some(S::ChangesRequested)
                    }
                    _ => None,
                };
                assert_eq!(state.after(kind, two).ok(), expected, "{state:?} {kind:?}");
            }
        }
    }

    fn draft(kind: DecisionKind, reason: &str) -> DecisionDraft {
        DecisionDraft {
            run: "r-1".into(),
            variant: "A".into(),
            artifact: Digest::of(b"a"),
            verdict: Digest::of(b"v"),
            pack: Digest::of(b"p"),
            kind,
            reason: reason.into(),
            code: None,
        }
    }

    #[test]
    fn a_blocked_variant_is_never_approved_and_a_hard_block_never_overridden() {
        let mut verdict = Verdict::from_findings(vec![], vec![], vec![]);
        verdict.disposition = Disposition::Block;
        let long = "a reason that is long enough to count";
        assert!(draft(DecisionKind::Approve, "").check(&verdict).is_err());
        assert!(draft(DecisionKind::Override, long).check(&verdict).is_ok());
        assert!(
            draft(DecisionKind::Override, "short")
                .check(&verdict)
                .is_err()
        );
    }

    #[test]
    fn codes_fit_the_decision_and_the_worst_finding_speaks_first() {
        let finding = |rule: &str, disposition: Disposition| -> Finding {
            let found = serde_json::json!({
                "rule": rule, "version": "1", "check": "compliance", "disposition": disposition, "severity": "high",
                "part": "body", "start": 0, "end": 1, "text": "x", "polarity": "asserted", "view": "visible",
                "citation": "", "why": "", "fix": "",
            });
            serde_json::from_value(found).unwrap()
        };
        let verdict = Verdict::from_findings(
            vec![
                finding("us.ecoa.proxy", Disposition::Review),
                finding("core.consent.email", Disposition::Block),
                finding("us.ftc.certain", Disposition::Pass),
            ],
            vec![],
            vec![],
        );
        let (codes, suggested) = suggested_codes(DecisionKind::Reject, &verdict);
        assert_eq!((&codes[..2], suggested), (&["consent", "fairness"][..], 2));
        assert_eq!(codes.len(), MESSAGE_CODES.len());
        let (codes, suggested) = suggested_codes(DecisionKind::Override, &verdict);
        assert_eq!((codes.as_slice(), suggested), (&OVERRIDE_CODES[..], 0));
        assert!(codes_for(DecisionKind::Approve).is_empty());
        for old in [
            "misleading claim",
            "wrong audience",
            "false positive",
            "legal cleared",
        ] {
            assert!(is_code(old), "{old}");
        }
    }

    #[test]
    fn a_reason_cannot_forge_a_line_of_the_note() {
        let terms = Terms {
            send_after: None,
            expires: None,
            bulk: None,
            proven_by: "key file",
        };
        let draft = draft(DecisionKind::Reject, "no\ndecision APPROVE");
        let note = draft.note(&terms, "2026-11-23T00:00:00Z");
        assert_eq!(
            note.lines().filter(|l| l.starts_with("decision ")).count(),
            1
        );
        assert!(note.contains("decision REJECT"));
    }
}
