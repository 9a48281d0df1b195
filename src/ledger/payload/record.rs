//! Entries about the record itself: its rules, its clock, other copies of it, and who took it out of the house.

use super::coded::Coded;
use super::define::{FieldDoc, PayloadFields, payloads};
use super::field::{FieldRef, NumberList, TextList};
use crate::domain::digest::Digest;
use serde_json::{Map, Value};

payloads! {
    /// The rules that a record stands under: of its genesis, or of `log.rules`.
    RulesPayload {
        /// The format's name, such as `echovoice-ledger/3`.
        format: String,
        /// How many entries right after the genesis enrol people by the log itself.
        people: u64,
        /// What is in force in the home, a line each: `PATH sha256:HASH`.
        state: TextList,
    }

    /// The clock was set back.
    ClockJumpPayload {
        /// The newest time before it.
        from: String,
    }

    /// Somebody stands for the clock's being right again.
    ClockConfirmedPayload {
        /// Why, in their words.
        reason: String,
        /// What they signed.
        note: String,
    }

    /// This copy goes on, though others saw another.
    CopyPayload {
        /// Entries that the other copy had.
        size: u64,
        /// Root of the other copy's tree, base64.
        root: String,
        /// Why, in the words of who accepts it.
        reason: String,
        /// What they signed.
        note: String,
    }

    /// Somebody took the record out of the house.
    ExportPayload {
        /// From when on, as it was asked.
        since: String,
        /// Until when, as it was asked.
        until: String,
        /// Entries that the record had.
        size: u64,
        /// Numbers of the period's entries: from the first up to, and without, the second.
        period: NumberList,
        /// Hash of the period's runs, each with the numbers of its entries.
        runs: Coded<Digest>,
    }

    /// A recorded run was done again.
    RerunPayload {
        /// Whether it came to the same.
        same: bool,
        /// Hash of the verdict that it came to.
        verdict: Coded<Digest>,
    }
}

/// A kind of which nothing is said but that it happened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EmptyPayload;

impl PayloadFields for EmptyPayload {
    const DOCS: &'static [FieldDoc] = &[];

    fn take(_: &mut Map<String, Value>) -> Self {
        Self
    }

    fn show<'f>(&'f self, _: &mut dyn FnMut(&'static str, FieldRef<'f>)) {}
}
