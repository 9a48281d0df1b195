//! Key files: plain ones for the log and for demo people, and ones that a passphrase locks.
//!
//! Locked: Argon2id (RFC 9106; 19 MiB, two passes, one lane: OWASP's recommendation) makes a key of the passphrase, and
//! XChaCha20-Poly1305 seals the seed under it, with the person's name bound in.

use super::keys::{SigningKey, random, write_private};
use super::vault::{decrypt, encrypt};
use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::fs;
use std::io;
use std::path::Path;
use zeroize::Zeroizing;

/// First words of the files; a note follows, then a line with the name.
const PLAIN: &str = "echovoice-key/v1";
const LOCKED: &str = "echovoice-key/v2";
/// Argon2id: KiB of memory, passes, lanes.
const COST: (u32, u32, u32) = (19_456, 2, 1);
/// Most that a file may ask for: a changed one must not exhaust memory or hours.
const MOST: (u32, u32, u32) = (1 << 20, 16, 16);
/// Fewest characters of a passphrase.
pub const PASSPHRASE_CHARS: usize = 12;

/// A key file as read.
pub enum KeyFile {
    Plain(SigningKey),
    Locked(LockedKey),
}

/// A key that a passphrase opens.
#[derive(Clone)]
pub struct LockedKey {
    name: String,
    cost: (u32, u32, u32),
    salt: Vec<u8>,
    sealed: Vec<u8>,
}

/// The passphrase is wrong, or the file was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the passphrase does not open the key")]
pub struct WrongPassphrase;

fn invalid() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "not a key file of this version")
}

impl KeyFile {
    /// Reads a key file.
    ///
    /// # Errors
    /// The file cannot be read or is no key file.
    pub fn load(path: &Path) -> io::Result<Self> {
        let text = Zeroizing::new(fs::read_to_string(path)?);
        let mut lines = text.lines();
        let (Some(magic), Some(name), Some(third)) = (lines.next(), lines.next(), lines.next())
        else {
            return Err(invalid());
        };
        if magic.starts_with(PLAIN) {
            let seed = STANDARD
                .decode(third)
                .ok()
                .and_then(|bytes| bytes.try_into().ok());
            return seed
                .map(|seed| Self::Plain(SigningKey::from_seed(seed)))
                .ok_or_else(invalid);
        }
        if !magic.starts_with(LOCKED) {
            return Err(invalid());
        }
        let locked = lines
            .next()
            .and_then(|sealed| LockedKey::parse(name, third, sealed));
        locked.map(Self::Locked).ok_or_else(invalid)
    }
}

impl LockedKey {
    /// `argon2id MEMORY PASSES LANES SALT`, and the sealed seed.
    fn parse(name: &str, how: &str, sealed: &str) -> Option<Self> {
        let mut words = how.split(' ');
        (words.next()? == "argon2id").then_some(())?;
        let cost = (
            words.next()?.parse().ok()?,
            words.next()?.parse().ok()?,
            words.next()?.parse().ok()?,
        );
        let within = cost.0 <= MOST.0 && cost.1 <= MOST.1 && cost.2 <= MOST.2;
        let salt = STANDARD.decode(words.next()?).ok()?;
        within.then_some(Self {
            name: name.to_owned(),
            cost,
            salt,
            sealed: STANDARD.decode(sealed).ok()?,
        })
    }

    /// Opens the key.
    ///
    /// # Errors
    /// The passphrase is wrong, or the file was changed.
    pub fn unlock(&self, passphrase: &str) -> Result<SigningKey, WrongPassphrase> {
        let key = stretched(passphrase, &self.salt, self.cost).ok_or(WrongPassphrase)?;
        let seed = decrypt(&key, bound(&self.name).as_bytes(), &self.sealed);
        let seed = Zeroizing::new(seed.map_err(|_| WrongPassphrase)?);
        let seed: [u8; 32] = seed.as_slice().try_into().map_err(|_| WrongPassphrase)?;
        Ok(SigningKey::from_seed(seed))
    }
}

/// Writes a key for its owner's eyes only, locked if there is a passphrase. Refuses to overwrite.
///
/// # Errors
/// The file exists or cannot be written.
pub fn save(
    key: &SigningKey,
    path: &Path,
    name: &str,
    note: &str,
    passphrase: Option<&str>,
) -> io::Result<()> {
    let seed = key.seed();
    let text = match passphrase {
        None => format!("{PLAIN} {note}\n{name}\n{}\n", STANDARD.encode(*seed)),
        Some(passphrase) => {
            let salt: [u8; 16] = random()?;
            let stretched = stretched(passphrase, &salt, COST)
                .ok_or_else(|| io::Error::other("the passphrase could not be used"))?;
            let sealed = encrypt(&stretched, bound(name).as_bytes(), seed.as_slice())?;
            format!(
                "{LOCKED} {note}\n{name}\nargon2id {} {} {} {}\n{}\n",
                COST.0,
                COST.1,
                COST.2,
                STANDARD.encode(salt),
                STANDARD.encode(sealed)
            )
        }
    };
    write_private(path, Zeroizing::new(text).as_bytes())
}

fn bound(name: &str) -> String {
    format!("{LOCKED}\n{name}")
}

fn stretched(passphrase: &str, salt: &[u8], cost: (u32, u32, u32)) -> Option<Zeroizing<[u8; 32]>> {
    let params = Params::new(cost.0, cost.1, cost.2, Some(32)).ok()?;
    let mut key = Zeroizing::new([0; 32]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(passphrase.as_bytes(), salt, key.as_mut())
        .ok()?;
    Some(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_locked_key_opens_with_its_passphrase_and_name_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ann.key");
        let key = SigningKey::from_seed([7; 32]);
        save(
            &key,
            &path,
            "ann",
            "reviewer",
            Some("correct horse battery"),
        )
        .unwrap();
        assert!(save(&key, &path, "ann", "reviewer", None).is_err());
        let text = fs::read_to_string(&path).unwrap();
        assert!(!text.contains(&STANDARD.encode([7; 32])));
        let open = |text: &str, passphrase: &str| {
            let path = folder.path().join("copy.key");
            fs::write(&path, text).unwrap();
            match KeyFile::load(&path).unwrap() {
                KeyFile::Locked(locked) => locked.unlock(passphrase).map(|k| k.public()),
                KeyFile::Plain(_) => panic!("it is not locked"),
            }
        };
        assert_eq!(open(&text, "correct horse battery"), Ok(key.public()));
        assert_eq!(open(&text, "correct horse batterz"), Err(WrongPassphrase));
        // Somebody else's file under this name.
        let renamed = text.replace("\nann\n", "\nbob\n");
        assert_eq!(
            open(&renamed, "correct horse battery"),
            Err(WrongPassphrase)
        );
        let greedy = text.replace("argon2id 19456", "argon2id 4000000000");
        let path = folder.path().join("greedy.key");
        fs::write(&path, greedy).unwrap();
        assert!(KeyFile::load(&path).is_err());
    }
}
