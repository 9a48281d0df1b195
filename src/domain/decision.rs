//! A person's decision: what may follow what, and the note that is signed.

use super::digest::Digest;
use super::finding::{Disposition, Verdict};
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
}

impl ReviewState {
    pub const ALL: [Self; 11] = [
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
        }
    }

    /// As it stands in a sentence.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Running => "not finished",
            Self::Waiting => "waiting for a review",
            Self::SecondSignature | Self::SecondApproval => "waiting for a second person",
            Self::ChangesRequested => "waiting for changes",
            other => other.as_str(),
        }
    }

    /// The state after a decision, or why it may not be taken in this state. `two`: the policy asks two persons to
    /// approve this variant.
    ///
    /// # Errors
    /// A sentence to show.
    pub fn after(self, kind: DecisionKind, two: bool) -> Result<Self, String> {
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
            (Self::SecondApproval, D::Override) => Err(
                "an approval waits for its second person; sign it with approve, or reject it"
                    .into(),
            ),
            (Self::SecondSignature, D::Approve) => Err(
                "an override waits for its second signature; sign it with override, or reject it"
                    .into(),
            ),
            (Self::ChangesRequested, D::RequestChanges) => {
                Err("changes are already requested; edit the variant or reject the run".into())
            }
            (Self::Running | Self::Failed, _) => {
                Err("the pipeline has not finished; run it on to the end first".into())
            }
            (Self::Approved | Self::Delivered | Self::Recalled, _) => {
                Err("this run is already approved; start a new run to decide again".into())
            }
            (Self::HeldOut, _) => {
                Err("an experiment sends this customer nothing; there is nothing to decide".into())
            }
            (Self::Rejected, _) => {
                Err("this run is already rejected; start a new run to decide again".into())
            }
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

/// Why a rejection or an override happened, from a list, so that reasons can be counted.
pub const REASON_CODES: [&str; 7] = [
    "misleading claim",
    "missing disclosure",
    "wrong audience",
    "tone or brand",
    "legal cleared",
    "false positive",
    "other",
];

/// A decision before it is signed: exactly what the person saw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    pub run: String,
    pub variant: String,
    pub artifact: Digest,
    pub verdict: Digest,
    pub pack: Digest,
    pub kind: DecisionKind,
    pub reason: String,
    pub code: Option<String>,
}

impl Draft {
    /// Checks what can be checked without the ledger: reason, code, and whether the verdict allows this kind.
    ///
    /// # Errors
    /// A sentence to show.
    pub fn check(&self, verdict: &Verdict) -> Result<(), String> {
        let length = self.reason.trim().chars().count();
        let needs_reason = self.kind != DecisionKind::Approve;
        if (needs_reason || length > 0) && length > *REASON_CHARS.end() {
            return Err(format!(
                "the reason is longer than {} characters",
                REASON_CHARS.end()
            ));
        }
        if needs_reason && length < *REASON_CHARS.start() {
            return Err(format!(
                "{} needs a reason of at least {} characters; it has {length}",
                self.kind,
                REASON_CHARS.start()
            ));
        }
        if let Some(code) = &self.code
            && !REASON_CODES.contains(&code.as_str())
        {
            return Err(format!(
                "unknown reason code; use one of: {}",
                REASON_CODES.join(", ")
            ));
        }
        match (self.kind, verdict.disposition) {
            (DecisionKind::Approve, Disposition::Block) => Err(format!(
                "variant {} is blocked; approve another one, request changes, or override",
                self.variant
            )),
            (DecisionKind::Override, Disposition::Block) if verdict.has_hard_block() => {
                Err(format!(
                    "variant {} has a hard block (personal data, consent or age), which nobody may override",
                    self.variant
                ))
            }
            (DecisionKind::Override, d) if d != Disposition::Block => Err(format!(
                "variant {} is not blocked; approve it instead",
                self.variant
            )),
            _ => Ok(()),
        }
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

    fn draft(kind: DecisionKind, reason: &str) -> Draft {
        Draft {
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
