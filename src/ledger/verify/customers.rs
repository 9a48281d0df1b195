//! Customers' wrapped keys are those that the entries name: none was changed, swapped, added or lost.

use super::Walk;
use super::rows::{Bad, RowCheck};
use crate::ledger::entry::{Entry, EntryKind};
use crate::ledger::log::{
    AuditLog, Key, LogError, digest_of_customer, digest_of_customers, encode_subject,
};
use crate::ledger::vault::{Subject, Vault};
use std::collections::BTreeMap;

/// An entry says something of customers' keys that it may not, or does not say what it must.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum CustomerKeyRefusal {
    #[error("customers' keys in an entry that says nothing of them")]
    InOtherEntry,
    #[error("the hash of a customer's key in an entry about no customer")]
    AboutNobody,
    #[error("a new customer without the hash of their key, or a known one with another")]
    NotNamed,
}

/// What the entries say of customers' keys.
#[derive(Default)]
pub(super) struct Customers {
    /// Every customer that an entry names, with the first such entry.
    pub seen: BTreeMap<String, u64>,
    /// Hash of each key since the last time that all were wrapped anew, with its entry.
    each: BTreeMap<String, (String, u64)>,
    /// Hash of all those before.
    others: Option<(String, u64)>,
    /// The name of the key that they are wrapped under, where an entry says it.
    epoch: Option<String>,
}

impl Customers {
    /// Takes an entry in; `two`: under the rules of format 2.
    pub fn apply(&mut self, entry: &Entry, two: bool) -> Result<(), CustomerKeyRefusal> {
        let says_of_all = entry.data.names("customers") || entry.data.names("epoch");
        let may = matches!(
            entry.kind(),
            EntryKind::LogGenesis | EntryKind::LogRules | EntryKind::ErasureExecuted
        );
        if says_of_all && !may {
            return Err(CustomerKeyRefusal::InOtherEntry);
        }
        let keys = &entry.data.keys;
        if let Some(all) = &keys.customers {
            self.each.clear();
            self.others = Some((all.as_str().to_owned(), entry.seq));
        }
        if let Some(epoch) = &keys.epoch {
            self.epoch = Some(epoch.as_str().to_owned());
        }
        let names_one = entry.data.names("customer_key");
        let Some(subject) = &entry.subject else {
            if names_one {
                return Err(CustomerKeyRefusal::AboutNobody);
            }
            return Ok(());
        };
        let new = !self.seen.contains_key(subject);
        // Before the rules of format 2 no entry named one.
        if (two && new != names_one) || (!new && names_one) {
            return Err(CustomerKeyRefusal::NotNamed);
        }
        if let Some(key) = &keys.customer_key {
            self.each
                .insert(subject.clone(), (key.as_str().to_owned(), entry.seq));
        }
        self.seen.entry(subject.clone()).or_insert(entry.seq);
        Ok(())
    }
}

impl From<LogError> for Bad {
    fn from(error: LogError) -> Self {
        Self {
            seq: 0,
            problem: error.to_string(),
        }
    }
}

impl Walk {
    /// Whether this vault is the record's: by the name that an entry gives it, or else because it opens a key.
    pub(super) fn is_of(&self, log: &dyn AuditLog, vault: &Vault) -> RowCheck<bool> {
        if let Some(epoch) = &self.customers.epoch {
            return Ok(*epoch == vault.name().to_string());
        }
        let (mut some, mut opens) = (false, false);
        log.customers(&mut |_, subject| {
            (some, opens) = (true, opens || vault.fits(&subject));
            Ok::<_, Bad>(())
        })?;
        Ok(opens || !some)
    }

    /// The stored rows are what the entries say; with this record's own vault at hand each of them opens.
    pub(super) fn customers(
        &self,
        log: &dyn AuditLog,
        end: u64,
        vault: Option<&Vault>,
    ) -> RowCheck {
        let bad = |seq: u64, problem: String| Err(Bad { seq, problem });
        let mut rest: Vec<([u8; 32], Subject)> = Vec::new();
        let mut there = BTreeMap::new();
        log.customers(&mut |locator, subject| {
            let name = subject.pseudonym.clone();
            let Some(seen) = self.customers.seen.get(&name) else {
                return bad(end, "a customer's key that no entry explains".into());
            };
            if self.rules.erasures.is_erased(&name) {
                let still = "the key of a customer who was erased is still there";
                return bad(*seen, still.into());
            }
            if let Some(vault) = vault
                && vault.customer(&subject).map(|id| vault.locator(&id)) != Some(locator)
            {
                return bad(
                    *seen,
                    format!(
                        "the key of {name} does not open under vault.key, or is another customer's"
                    ),
                );
            }
            let by_name = log.one(Key::Pseudonym(&name))?;
            if by_name.as_deref() != Some(&encode_subject(&subject)) {
                return bad(
                    *seen,
                    format!("the key of {name} is another one by its name"),
                );
            }
            there.insert(name.clone(), *seen);
            match self.customers.each.get(&name) {
                Some((hash, _)) if *hash == digest_of_customer(&locator, &subject).to_string() => {}
                Some((_, seq)) => {
                    return bad(
                        *seq,
                        format!("the key of {name} is not the one that the entry names"),
                    );
                }
                None => rest.push((locator, subject)),
            }
            Ok::<_, Bad>(())
        })?;
        for (name, seq) in &self.customers.seen {
            if !there.contains_key(name) && !self.rules.erasures.is_erased(name) {
                return bad(
                    *seq,
                    "a customer's key is missing, and no erasure explains it".into(),
                );
            }
        }
        match &self.customers.others {
            Some((hash, seq)) if *hash != digest_of_customers(&rest).to_string() => bad(
                *seq,
                "the customers' keys are not those that were wrapped anew".into(),
            ),
            None if self.rules.two() && !rest.is_empty() => {
                bad(end, "a customer's key that no entry names".into())
            }
            _ => Ok(()),
        }
    }
}
