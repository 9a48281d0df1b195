//! Addresses and numbers of customers, so that somebody is found by one of them. The index of past runs holds them hashed
//! under the log's key: it names nobody, and nobody without the key finds out by trying.

use super::who::{AddressReading, Form, Who, asked, asked_of};
use crate::domain::profile::Profile;
use crate::ledger::suppression::SuppressionKey;
use std::collections::BTreeSet;

/// Readings of addresses and numbers.
pub(in crate::service) struct Contacts(BTreeSet<AddressReading>);

impl Contacts {
    /// All of a customer's, in each way that they may be meant.
    pub fn of(profile: &Profile) -> Self {
        Self::kept(Who::of_profile(profile).0.into_iter().chain(asked(profile)))
    }

    /// What a person wrote; none if it is neither an address nor a number.
    pub fn named(text: &str) -> Self {
        Self::kept(asked_of(text).unwrap_or_default())
    }

    fn kept(readings: impl IntoIterator<Item = AddressReading>) -> Self {
        let contacts = readings.into_iter().filter(|(form, _)| *form != Form::Id);
        Self(contacts.collect())
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether any of them is the same.
    pub fn meet(&self, other: &Self) -> bool {
        !self.0.is_disjoint(&other.0)
    }

    /// What they are known by in the index.
    pub fn hashes(&self, key: &SuppressionKey) -> Vec<String> {
        let hash = |(form, reading): &AddressReading| key.contact(form.as_str(), reading);
        self.0.iter().map(hash).collect()
    }
}
