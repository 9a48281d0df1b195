//! Entries of a run's stages, written by the program itself.

use super::coded::Coded;
use super::define::payloads;
use super::field::{ByName, TextList};
use crate::domain::digest::Digest;
use crate::domain::run::Stage;
use serde_json::{Map, Value};

payloads! {
    /// A run begins.
    RunStartedPayload {
        /// By which channel the customer is written to.
        channel: String,
        /// The law of which place holds.
        jurisdiction: String,
        /// Versions and hashes of all that the run goes by.
        pins: Map<String, Value>,
        /// What else was under way for the same customer, or sent to them.
        again: String,
        /// The customer had their fill of messages.
        over_cap: bool,
    }

    /// What the customer is, and what the message is about.
    SegmentPayload {
        /// The segment's name.
        segment: String,
        /// Fields of the profile that it was told by.
        features_read: TextList,
        /// What the message is about, where that is known.
        product: String,
        /// How long the stage took, in microseconds.
        micros: u64,
    }

    /// What was found for the message.
    RetrievePayload {
        /// Ids of the passages.
        citations: TextList,
        /// Which state of the knowledge base was asked.
        snapshot: String,
        /// Something of the search was left out.
        degraded: bool,
        /// The service that was asked.
        service: String,
        /// Why the service's answer was not taken.
        fallback: String,
        /// How long the stage took, in microseconds.
        micros: u64,
    }

    /// The texts that were composed.
    VariantsPayload {
        /// Hash of each variant.
        artifacts: ByName<String>,
        /// Templates, in the order of the variants.
        templates: TextList,
        /// Where chance began.
        seed: u64,
        /// The model that was asked.
        model: String,
        /// What it was asked with.
        parameters: String,
        /// Hash of what it was asked.
        prompt: Coded<Digest>,
        /// Hash of what it answered.
        answer: Coded<Digest>,
        /// Why its answer was not taken.
        fallback: String,
        /// How long the stage took, in microseconds.
        micros: u64,
    }

    /// What the gate found.
    GatePayload {
        /// Variants without a finding.
        passed: u64,
        /// Variants that a person must look at.
        review: u64,
        /// Variants that are blocked.
        blocked: u64,
        /// Rules that blocked, with how often.
        rules: ByName<u64>,
        /// Rules that ask for a person, with how often.
        reviews: ByName<u64>,
        /// What each variant came to: `pass`, `review` or `block`.
        variants: ByName<String>,
        /// Variants that nobody may override.
        hard: TextList,
        /// Variants that two persons must approve, with why.
        two: ByName<String>,
        /// Hash of the sealed `gate`.
        verdict: Coded<Digest>,
        /// How long the stage took, in microseconds.
        micros: u64,
    }

    /// Which variant is proposed, and who is held out.
    AnalyticsPayload {
        /// The variant that is proposed; empty if none may go out.
        winner: String,
        /// Fields of the profile that the choice was made by.
        features_read: TextList,
        /// The experiment that sends this customer nothing.
        holdout: String,
        /// The segment that counts for it.
        segment: String,
        /// The channel that counts for it.
        channel: String,
        /// When the run is to be decided.
        due: String,
        /// It may be decided together with others.
        bulk: bool,
        /// How long the stage took, in microseconds.
        micros: u64,
    }

    /// A stage that came to nothing.
    FailurePayload {
        /// Which stage.
        stage: Coded<Stage>,
        /// Why.
        reason: String,
    }

    /// The run's text is made or judged anew.
    RevisionPayload {
        /// Its number, from 2 on.
        revision: u64,
        /// The stage that it begins anew with.
        from: Coded<Stage>,
        /// Who changed the words: a person, `rules` or `model`.
        maker: String,
        /// The variant whose words changed.
        variant: String,
    }
}

impl RevisionPayload {
    /// Somebody changed the words of a variant.
    pub fn of_words(maker: &str, variant: &str) -> Self {
        Self {
            maker: Some(maker.to_owned()),
            variant: Some(variant.to_owned()),
            ..Self::default()
        }
    }
}
