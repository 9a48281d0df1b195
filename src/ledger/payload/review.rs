//! Entries of a review: what people say of a run's text.

use super::coded::Coded;
use super::define::payloads;
use super::field::TextList;
use crate::domain::canary::{Expectation, TestOutcome};
use crate::domain::decision::DecisionKind;
use crate::domain::digest::Digest;
use crate::domain::review::Act;

payloads! {
    /// A decision. All but the reason stands in the signed note too, to the letter.
    DecisionPayload {
        /// What was decided.
        kind: Coded<DecisionKind>,
        /// About which variant.
        variant: String,
        /// Hash of the variant.
        artifact: Coded<Digest>,
        /// Hash of the verdict that stood.
        verdict: Coded<Digest>,
        /// The reason's code; empty where none is asked for.
        code: String,
        /// Nothing is sent before.
        send_after: String,
        /// Nothing is sent later.
        expires: String,
        /// The batch with which it was decided by one word.
        bulk: String,
        /// How it is known who decided.
        proven_by: String,
        /// Rules that an override goes against.
        against: TextList,
        /// What was signed, with the reason.
        note: String,
    }

    /// What becomes of a run beside its decisions. One form for all of its kinds, since one text is signed.
    ActPayload {
        /// `claim`, `release`, `assign` or `escalate`.
        how: Coded<Act>,
        /// Whom the run is given to.
        to: String,
        /// Why, or the comment.
        reason: String,
        /// Messages that a recall found before they were sent.
        stopped: u64,
        /// Hash of the variant that was called back.
        artifact: Coded<Digest>,
        /// What was signed.
        note: String,
    }

    /// A finding that is none.
    DismissalPayload {
        /// In which variant.
        variant: String,
        /// By which rule.
        rule: String,
        /// Which version of the rule.
        version: String,
        /// What was signed.
        note: String,
    }

    /// A planted test of reviewers is opened.
    CanaryPayload {
        /// What the text was.
        expect: Coded<Expectation>,
        /// Which variant held it.
        variant: String,
        /// The principal who planted it.
        planted_by: String,
        /// What is wrong with the text, or why nothing is.
        why: String,
        /// 32 bytes, base64.
        nonce: String,
        /// The planted text's channel.
        channel: String,
        /// The planted text's subject line.
        subject: String,
        /// The planted text.
        body: String,
        /// The planted text's markup; empty where it has none.
        html: String,
        /// What came of it.
        outcome: Coded<TestOutcome>,
        /// Why it was ended.
        reason: String,
        /// What was signed to end it.
        note: String,
    }
}
