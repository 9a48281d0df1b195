//! Entries about who may do what, and what is in force.

use super::coded::Coded;
use super::define::payloads;
use super::field::TextList;
use crate::domain::digest::Digest;
use crate::domain::person::Role;

payloads! {
    /// A change of the roster. One form for all of its kinds, since one text is signed.
    PersonPayload {
        /// Whom it is about.
        name: String,
        /// The role that they have from now on.
        role: Coded<Role>,
        /// Their public key, base64.
        key: String,
        /// A demo identity, not for real approvals.
        demo: bool,
        /// Number of the entry that proposed the key.
        proposal: u64,
        /// Why, in the words of who signs.
        reason: String,
        /// What was signed.
        note: String,
    }

    /// A change of what is in force, or a proposal of one.
    InForcePayload {
        /// `activate`, `deactivate` or `accept`.
        action: String,
        /// The pack's id.
        pack: String,
        /// The pack's hash.
        digest: String,
        /// The pack's version.
        version: String,
        /// Who wrote the pack.
        author: String,
        /// How many rules the pack has.
        rules: u64,
        /// All that is in force afterwards, a line each: `PATH sha256:HASH`, with ` two_persons` behind a pack that asks for them.
        state: TextList,
        /// Number of the entry that proposed it.
        proposal: u64,
        /// Why, in the words of who signs.
        reason: String,
        /// What was signed.
        note: String,
    }

    /// A token of the HTTP interface.
    TokenPayload {
        /// Its id.
        token: String,
        /// Who acts with it.
        name: String,
        /// Of the whole token.
        hash: Coded<Digest>,
        /// Its last day or moment.
        expires: String,
        /// What was signed.
        note: String,
    }
}
