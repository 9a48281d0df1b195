//! Planted tests of reviewers: a message whose right answer was laid down before anybody read it, and which never goes out.
//!
//! The mark lies sealed with the run's profile, and the run's salt is its hash. The hash of the planted text, which the
//! record holds from the beginning, is made with that salt: so it commits to the mark, and looks like any other.

use super::decision::DecisionKind;
use super::digest::Digest;
use super::variant::{Variant, artifact};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

/// What a reviewer should say of a planted text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Expectation {
    /// It breaks a rule and must not be released.
    Violation,
    /// Nothing is wrong with it.
    Clean,
}

impl Expectation {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Violation => "violation",
            Self::Clean => "clean",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        let all = [Self::Violation, Self::Clean];
        all.into_iter().find(|known| known.as_str() == text)
    }
}

/// What came of a planted test.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TestOutcome {
    /// A violation that was not released.
    Caught,
    /// A violation that was released.
    Missed,
    /// A clean text that was released.
    Passed,
    /// A clean text that was not released.
    FalseAlarm,
    /// Another text of the run was decided, or the words were changed first: it says nothing of the planted one.
    OtherText,
    /// A principal ended it before anybody decided.
    NotDecided,
}

impl TestOutcome {
    const ALL: [Self; 6] = [
        Self::Caught,
        Self::Missed,
        Self::Passed,
        Self::FalseAlarm,
        Self::OtherText,
        Self::NotDecided,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Caught => "caught",
            Self::Missed => "missed",
            Self::Passed => "passed",
            Self::FalseAlarm => "false_alarm",
            Self::OtherText => "other_text",
            Self::NotDecided => "not_decided",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.as_str() == text)
    }

    /// As it stands in a sentence.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::FalseAlarm => "a false alarm",
            Self::OtherText => "another text was decided",
            Self::NotDecided => "not decided",
            other => other.as_str(),
        }
    }
}

/// What whoever planted a test laid down, sealed until it is over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CanaryMark {
    pub expect: Expectation,
    /// Which of the run's variants holds the planted text.
    pub variant: String,
    pub planted_by: String,
    /// What is wrong with it, or why nothing is.
    pub why: String,
    /// 32 random bytes in base64, without which the mark could be guessed from its hash.
    pub nonce: String,
}

/// A planted test of a run that is at hand.
#[derive(Clone, Debug)]
pub struct Canary {
    pub mark: CanaryMark,
    /// The planted text, once it was written.
    pub text: Option<Variant>,
    /// Microseconds that each stage took the first time, before the text was placed: what was computed once goes faster
    /// the second time, and a faster run would be told by it. Empty of a run that was loaded.
    pub pace: Vec<u64>,
}

/// A planted text as it would be sent, in the open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenedText<'t> {
    pub channel: &'t str,
    pub subject: &'t str,
    pub body: &'t str,
    pub html: &'t str,
}

impl<'t> OpenedText<'t> {
    pub fn of(variant: &'t Variant) -> Self {
        Self {
            channel: variant.meta.channel.as_str(),
            subject: &variant.subject,
            body: &variant.body,
            html: variant.html.as_deref().unwrap_or(""),
        }
    }
}

impl CanaryMark {
    /// The salt of its run; `None` if the nonce is none.
    pub fn salt(&self) -> Option<[u8; 32]> {
        let nonce = STANDARD.decode(&self.nonce).ok()?;
        if nonce.len() != 32 {
            return None;
        }
        let digest = Digest::of_parts([
            b"echovoice/planted/v1".as_slice(),
            &nonce,
            self.expect.as_str().as_bytes(),
            self.variant.as_bytes(),
            self.planted_by.as_bytes(),
            self.why.as_bytes(),
        ]);
        Some(digest.0)
    }

    /// The hash under which the record holds this text, if it is the planted one.
    pub fn artifact(&self, text: &OpenedText<'_>) -> Option<Digest> {
        let salt = self.salt()?;
        let parts = [text.channel, text.subject, text.body, text.html];
        Some(artifact(&salt, parts))
    }

    /// What a decision comes to; `same`: it was about the planted text.
    pub fn outcome(&self, decision: DecisionKind, same: bool) -> TestOutcome {
        match (self.expect, decision.releases()) {
            _ if !same => TestOutcome::OtherText,
            (Expectation::Violation, true) => TestOutcome::Missed,
            (Expectation::Violation, false) => TestOutcome::Caught,
            (Expectation::Clean, true) => TestOutcome::Passed,
            (Expectation::Clean, false) => TestOutcome::FalseAlarm,
        }
    }
}

/// What a reviewer is told once a test is over.
pub fn told(expect: Expectation, outcome: TestOutcome) -> String {
    let (expect, outcome) = (expect.as_str(), outcome.in_words());
    format!("This was a planted test: {expect}, {outcome}. Nothing was sent.")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(expect: Expectation) -> CanaryMark {
        CanaryMark {
            expect,
            variant: "B".into(),
            planted_by: "cat".into(),
            why: "a promise of a return".into(),
            nonce: STANDARD.encode([7; 32]),
        }
    }

    #[test]
    fn every_pair_of_expectation_and_decision() {
        use DecisionKind as D;
        for kind in D::ALL {
            let releases = matches!(kind, D::Approve | D::Override);
            let of = |expect, same| mark(expect).outcome(kind, same);
            let violation = [TestOutcome::Caught, TestOutcome::Missed][usize::from(releases)];
            let clean = [TestOutcome::FalseAlarm, TestOutcome::Passed][usize::from(releases)];
            assert_eq!(of(Expectation::Violation, true), violation);
            assert_eq!(of(Expectation::Clean, true), clean);
            assert_eq!(of(Expectation::Violation, false), TestOutcome::OtherText);
            assert_eq!(of(Expectation::Clean, false), TestOutcome::OtherText);
        }
        for outcome in TestOutcome::ALL {
            assert_eq!(TestOutcome::parse(outcome.as_str()), Some(outcome));
        }
    }

    #[test]
    fn the_salt_holds_every_word_of_the_mark() {
        let own = mark(Expectation::Violation);
        let others = [
            mark(Expectation::Clean),
            CanaryMark {
                variant: "A".into(),
                ..own.clone()
            },
            CanaryMark {
                planted_by: "ann".into(),
                ..own.clone()
            },
            CanaryMark {
                why: "a promise".into(),
                ..own.clone()
            },
            CanaryMark {
                nonce: STANDARD.encode([8; 32]),
                ..own.clone()
            },
        ];
        for other in others {
            assert_ne!(own.salt(), other.salt());
        }
        let short = CanaryMark {
            nonce: STANDARD.encode([7; 16]),
            ..own
        };
        assert_eq!(short.salt(), None);
    }
}
