//! Entries about what becomes of customers' data, and the keys that it lies under.

use super::coded::Coded;
use super::define::payloads;
use super::field::TextList;
use crate::domain::digest::Digest;

payloads! {
    /// A hold, a deferral, a disposal or an erasure. One form for all of its kinds, since one text is signed.
    CustodyPayload {
        /// The customer's pseudonym; of a proposal, how many customers, and the hash of their lines.
        subject: String,
        /// Pseudonyms that a proposal names.
        subjects: TextList,
        /// Last day of a deferral.
        until: String,
        /// Number of the proposal that an erasure carries out.
        disposal: u64,
        /// Why, in the words of who signs.
        reason: String,
        /// What was signed.
        note: String,
    }

    /// What the record itself says of customers' keys, in entries of whatever kind.
    CustomerKeys {
        /// Hash of a new customer's wrapped key.
        customer_key: Coded<Digest>,
        /// Hash of all customers' keys as they were wrapped then.
        customers: Coded<Digest>,
        /// The name of the key that they lie under.
        epoch: Coded<Digest>,
    }
}
