//! What an opt-out is known by in the record: keyed hashes that name nobody.
//!
//! The key is derived from the log's own, so it is wherever somebody may write to the ledger, and so wherever something
//! may be sent: on a second machine at the same database, after a restore, after a lost file. It is no key of the vault:
//! an erasure destroys those, and an opt-out outlives its customer's data.
//!
//! It keeps a stranger with the ledger, an export or a backup from finding out by trying who is on the list (a phone
//! number has few digits). It does not keep out whoever holds the log's key: they can ask, as the program does.

use super::keys::SigningKey;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// What the ids of all entries about opt-outs begin with.
const PREFIX: &str = "opt_out/";

/// The key under which opt-outs are hashed.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct SuppressionKey([u8; 32]);

impl SuppressionKey {
    /// The key of the log that this key signs.
    pub fn of(log: &SigningKey) -> Self {
        Self(keyed(log.seed().as_slice(), &[b"echovoice/suppression/v1"]))
    }

    /// The id of the entry that says so of a reading: of an `email`, `phone` or `id` in the form in which it is compared.
    /// Being unique, it is written once, and found by itself.
    pub fn entry_id(&self, form: &str, reading: &str) -> String {
        let hash = keyed(
            &self.0,
            &[
                b"echovoice/opt-out/v2\0",
                form.as_bytes(),
                b"\0",
                reading.as_bytes(),
            ],
        );
        format!("{PREFIX}{}", hex::encode(hash))
    }
}

impl SuppressionKey {
    /// What an address or a number of a customer is known by in an index: not what an opt-out of the same is.
    pub fn contact(&self, form: &str, reading: &str) -> String {
        let label: &[u8] = b"echovoice/contact/v1\0";
        hex::encode(keyed(
            &self.0,
            &[label, form.as_bytes(), b"\0", reading.as_bytes()],
        ))
    }
}

/// The entry's id of a hash in hexadecimal digits, if it is one.
pub fn id_of_hash(hash: &str) -> Option<String> {
    let is_hash = hash.len() == 64 && hash.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    is_hash.then(|| format!("{PREFIX}{hash}"))
}

/// The hash in the id of an entry about an opt-out.
pub fn hash_of_id(id: &str) -> Option<&str> {
    id.strip_prefix(PREFIX)
}

fn keyed(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let mut mac =
        Hmac::<Sha256>::new_from_slice(key).unwrap_or_else(|_| unreachable!("HMAC takes any key"));
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_of_its_log_its_form_and_its_reading() {
        let [one, other] =
            [1, 2].map(|seed| SuppressionKey::of(&SigningKey::from_seed([seed; 32])));
        let id = one.entry_id("email", "ann@b.example");
        assert_eq!(id, one.entry_id("email", "ann@b.example"));
        assert_ne!(id, other.entry_id("email", "ann@b.example"));
        assert_ne!(id, one.entry_id("id", "ann@b.example"));
        assert_eq!(hash_of_id(&id).and_then(id_of_hash), Some(id.clone()));
        assert_eq!(id_of_hash("C-1"), None);
        let contact = one.contact("email", "ann@b.example");
        assert_ne!(contact, other.contact("email", "ann@b.example"));
        assert_ne!(Some(contact.as_str()), hash_of_id(&id));
    }
}
