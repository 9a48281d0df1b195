//! Personal data at rest: sealed under a key of each customer, which can be destroyed.
//!
//! Customer keys are wrapped by an epoch key that lives in a small file of its own, outside the database, because a
//! copy-on-write database keeps old pages. Erasing means: drop the key, wrap the rest anew, destroy the epoch key.

use super::entry::Sealed;
use super::keys;
use super::pack;
use crate::domain::digest::Digest;
use crate::files;
use crate::wait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac};
use sha2::{Digest as _, Sha256};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// Most bytes of a sealed value: a damaged length must not exhaust memory.
const MOST: usize = 64 << 20;

/// The epoch key: wraps customer keys, and keys the search by customer.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct Vault {
    epoch: [u8; 32],
    /// Where the epoch key lies; none in tests and previews.
    #[zeroize(skip)]
    file: Option<PathBuf>,
}

/// A customer's key, unwrapped.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct SubjectKey([u8; 32]);

/// A customer as the log knows them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// Random; says nothing of the customer.
    pub pseudonym: String,
    /// The customer's key under the epoch key.
    pub wrapped: Vec<u8>,
}

/// A value that cannot be opened: its key is gone, or it was tampered with.
#[derive(Debug, thiserror::Error)]
#[error("the sealed value cannot be opened: its key was destroyed, or it was changed")]
pub struct CannotOpen;

impl Vault {
    /// Reads the epoch key, or makes one on first use.
    ///
    /// # Errors
    /// The file cannot be read or written, or is damaged.
    pub fn open(path: &Path) -> io::Result<Self> {
        match Self::read(path) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => {
                let epoch = keys::random()?;
                keys::write_private(path, format!("{}\n", STANDARD.encode(epoch)).as_bytes())?;
                Ok(Self {
                    epoch,
                    file: Some(path.to_owned()),
                })
            }
            read => read,
        }
    }

    /// The epoch key, if there is one: verify looks, and makes none.
    ///
    /// # Errors
    /// The file cannot be read, or is damaged.
    pub fn if_there(path: &Path) -> io::Result<Option<Self>> {
        match Self::read(path) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
            read => read.map(Some),
        }
    }

    /// A vault for tests and previews.
    pub fn in_memory(epoch: [u8; 32]) -> Self {
        Self { epoch, file: None }
    }

    /// The epoch key as its file has it now: another process may have begun a new epoch.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn again(&self) -> io::Result<Self> {
        Self::read(self.place()?)
    }

    /// Whether both are of one epoch.
    pub fn is(&self, other: &Self) -> bool {
        self.epoch == other.epoch
    }

    /// What the epoch key is known by: says nothing of it.
    pub fn name(&self) -> Digest {
        Digest::of(&Zeroizing::new(
            [b"echovoice/epoch/v1".as_slice(), &self.epoch].concat(),
        ))
    }

    /// Keeps other processes from beginning or ending an epoch while the file that comes back is open.
    ///
    /// # Errors
    /// The lock cannot be made.
    pub fn lock(&self) -> io::Result<Option<fs::File>> {
        self.file.as_deref().map(lock).transpose()
    }

    /// The vault of the epoch of this name, after another process has begun it, or was cut off within.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn follow(&self, epoch: &Digest) -> io::Result<Self> {
        let path = self.place()?;
        Self::recover(path, |vault| vault.name() == *epoch)?;
        Self::read(path)
    }

    fn place(&self) -> io::Result<&Path> {
        let none = || io::Error::other("this vault has no file");
        self.file.as_deref().ok_or_else(none)
    }

    /// What a customer is looked up by: dies with the epoch key.
    pub fn locator(&self, customer: &str) -> [u8; 32] {
        let mut mac = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(&self.epoch)
            .unwrap_or_else(|_| unreachable!("HMAC takes any key"));
        mac.update(b"echovoice/locator/v1");
        mac.update(customer.as_bytes());
        mac.finalize().into_bytes().into()
    }

    /// A new pseudonym and key for a customer.
    ///
    /// # Errors
    /// No randomness.
    pub fn new_subject(&self, customer: &str) -> io::Result<Subject> {
        let pseudonym = format!("s-{}", hex::encode(keys::random::<8>()?));
        let key: Zeroizing<[u8; 32]> = Zeroizing::new(keys::random()?);
        let wrapped = self.wrap(&pseudonym, key.as_slice(), customer.as_bytes())?;
        Ok(Subject { pseudonym, wrapped })
    }

    /// The customer's own id goes with the key: the look-up is made anew with each epoch.
    fn wrap(&self, pseudonym: &str, key: &[u8], customer: &[u8]) -> io::Result<Vec<u8>> {
        let inner = Zeroizing::new([key, customer].concat());
        encrypt(&self.epoch, pseudonym.as_bytes(), &inner)
    }

    fn unwrap(&self, subject: &Subject) -> Result<Zeroizing<Vec<u8>>, CannotOpen> {
        let inner = decrypt(&self.epoch, subject.pseudonym.as_bytes(), &subject.wrapped)?;
        if inner.len() < 32 {
            return Err(CannotOpen);
        }
        Ok(Zeroizing::new(inner))
    }

    /// The customer's key.
    ///
    /// # Errors
    /// The epoch has changed since, or the bytes were tampered with.
    pub fn unwrap_key(&self, subject: &Subject) -> Result<SubjectKey, CannotOpen> {
        let inner = self.unwrap(subject)?;
        let key = inner.first_chunk::<32>().ok_or(CannotOpen)?;
        Ok(SubjectKey(*key))
    }

    /// The customer's own id, if the key is of this epoch.
    pub fn customer(&self, subject: &Subject) -> Option<String> {
        let inner = self.unwrap(subject).ok()?;
        String::from_utf8(inner[32..].to_vec()).ok()
    }

    /// The same customer under the next epoch: look-up and wrapped key.
    ///
    /// # Errors
    /// The row is not of this epoch, or no randomness.
    pub fn rewrap(&self, next: &Self, subject: &Subject) -> io::Result<([u8; 32], Subject)> {
        let inner = self.unwrap(subject).map_err(io::Error::other)?;
        let (key, customer) = inner.split_at(32);
        let name = std::str::from_utf8(customer).map_err(io::Error::other)?;
        let wrapped = next.wrap(&subject.pseudonym, key, customer)?;
        let pseudonym = subject.pseudonym.clone();
        Ok((next.locator(name), Subject { pseudonym, wrapped }))
    }

    /// A new epoch key, already safe in a file beside the present one.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn begin_epoch(&self) -> io::Result<Self> {
        let path = self.place()?;
        let next = beside(path);
        files::remove(&next)?;
        let epoch = keys::random()?;
        keys::write_private(&next, format!("{}\n", STANDARD.encode(epoch)).as_bytes())?;
        Ok(Self {
            epoch,
            file: Some(path.to_owned()),
        })
    }

    /// Puts the new epoch key in place and destroys the old one.
    ///
    /// # Errors
    /// A file cannot be written; [`Vault::recover`] finishes it at the next start.
    pub fn end_epoch(&self) -> io::Result<()> {
        Self::replace(self.place()?)
    }

    fn replace(path: &Path) -> io::Result<()> {
        if let Ok(mut old) = files::overwrite(path) {
            let length = usize::try_from(old.metadata()?.len()).unwrap_or(64);
            let noise: [u8; 64] = keys::random()?;
            for part in vec![0_u8; length].chunks(64) {
                io::Write::write_all(&mut old, &noise[..part.len()])?;
            }
            old.sync_all()?;
        }
        fs::rename(beside(path), path)?;
        match path.parent() {
            Some(folder) => fs::File::open(folder)?.sync_all(),
            None => Ok(()),
        }
    }

    /// After a crash within an erasure: the right key stays, and the other goes. Waits for an erasure under way.
    ///
    /// # Errors
    /// A file cannot be read or written.
    pub fn recover(path: &Path, is_right: impl Fn(&Self) -> bool) -> io::Result<()> {
        let next = beside(path);
        if !next.exists() {
            return Ok(());
        }
        let _alone = lock(path)?;
        if !next.exists() {
            return Ok(());
        }
        if is_right(&Self::read(&next)?) {
            Self::replace(path)
        } else {
            files::remove(&next)
        }
    }

    /// Whether a customer's key is wrapped under this epoch's.
    pub fn fits(&self, subject: &Subject) -> bool {
        self.unwrap(subject).is_ok()
    }

    fn read(path: &Path) -> io::Result<Self> {
        let text = Zeroizing::new(fs::read_to_string(path)?);
        let bytes = STANDARD
            .decode(text.trim())
            .ok()
            .and_then(|bytes| bytes.try_into().ok());
        let file = Some(path.to_owned());
        bytes.map(|epoch| Self { epoch, file }).ok_or_else(|| {
            io::Error::new(
                io::ErrorKind::InvalidData,
                "the vault key is damaged; restore vault.key from a backup",
            )
        })
    }
}

/// Where the next epoch's key waits.
fn beside(path: &Path) -> PathBuf {
    path.with_extension("key.next")
}

/// Waits until no other process holds it.
fn lock(path: &Path) -> io::Result<fs::File> {
    wait::lock(&path.with_extension("lock"))
}

/// Sealed profiles are as long as a multiple of this, in bytes: nearly all of one length.
const COMMON_LENGTH: usize = 512;

/// A value that is ready to be sealed: salted, committed to and packed, which needs neither key nor place.
pub struct Closed {
    commit: Digest,
    /// Salt and packed plaintext.
    inner: Zeroizing<Vec<u8>>,
}

impl Closed {
    /// Makes a value ready.
    ///
    /// # Errors
    /// No randomness or memory.
    pub fn new(plaintext: &[u8]) -> io::Result<Self> {
        let salt: [u8; 32] = keys::random()?;
        let packed = Zeroizing::new(pack::compress(plaintext)?);
        Ok(Self {
            commit: commitment(&salt, plaintext),
            inner: Zeroizing::new([salt.as_slice(), &packed].concat()),
        })
    }

    /// The same, so that its length tells nothing of a value of usual size.
    ///
    /// # Errors
    /// No randomness or memory.
    pub fn of_a_common_length(plaintext: &[u8]) -> io::Result<Self> {
        let mut closed = Self::new(plaintext)?;
        pack::pad(&mut closed.inner, COMMON_LENGTH);
        Ok(closed)
    }
}

impl SubjectKey {
    /// Seals a value to one place: the entry, the field and the customer are bound in.
    ///
    /// # Errors
    /// No randomness.
    pub fn seal(
        &self,
        seq: u64,
        field: &str,
        pseudonym: &str,
        closed: &Closed,
    ) -> io::Result<(Sealed, Vec<u8>)> {
        let blob = encrypt(&self.0, &place(seq, field, pseudonym), &closed.inner)?;
        Ok((
            Sealed {
                commit: closed.commit,
                blob: Digest::of(&blob),
            },
            blob,
        ))
    }

    /// Opens a sealed value and checks its commitment.
    ///
    /// # Errors
    /// Wrong key, wrong place, or changed bytes.
    pub fn open(
        &self,
        seq: u64,
        field: &str,
        pseudonym: &str,
        sealed: &Sealed,
        blob: &[u8],
    ) -> Result<Vec<u8>, CannotOpen> {
        let inner = decrypt(&self.0, &place(seq, field, pseudonym), blob)?;
        let (salt, packed) = inner.split_first_chunk::<32>().ok_or(CannotOpen)?;
        let plaintext = pack::decompress(packed, MOST).map_err(|_| CannotOpen)?;
        if commitment(salt, &plaintext) == sealed.commit {
            Ok(plaintext)
        } else {
            Err(CannotOpen)
        }
    }
}

fn place(seq: u64, field: &str, pseudonym: &str) -> Vec<u8> {
    format!("echovoice/sealed/v1\n{seq}\n{field}\n{pseudonym}").into_bytes()
}

fn commitment(salt: &[u8; 32], plaintext: &[u8]) -> Digest {
    let mut hasher = Sha256::new();
    hasher.update(salt);
    hasher.update(plaintext);
    Digest(hasher.finalize().into())
}

pub(super) fn encrypt(key: &[u8; 32], bound: &[u8], plaintext: &[u8]) -> io::Result<Vec<u8>> {
    let nonce: [u8; 24] = keys::random()?;
    let cipher = XChaCha20Poly1305::new(&(*key).into());
    let sealed = cipher
        .encrypt(
            &XNonce::from(nonce),
            Payload {
                msg: plaintext,
                aad: bound,
            },
        )
        .map_err(|_| io::Error::other("encryption failed"))?;
    Ok([nonce.as_slice(), &sealed].concat())
}

pub(super) fn decrypt(key: &[u8; 32], bound: &[u8], bytes: &[u8]) -> Result<Vec<u8>, CannotOpen> {
    let (nonce, sealed) = bytes.split_first_chunk::<24>().ok_or(CannotOpen)?;
    XChaCha20Poly1305::new(&(*key).into())
        .decrypt(
            &XNonce::from(*nonce),
            Payload {
                msg: sealed,
                aad: bound,
            },
        )
        .map_err(|_| CannotOpen)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_opens_only_in_its_place_and_epoch() {
        let vault = Vault::in_memory([1; 32]);
        let subject = vault.new_subject("c1").unwrap();
        let key = vault.unwrap_key(&subject).unwrap();
        let (sealed, blob) = key
            .seal(
                7,
                "profile",
                &subject.pseudonym,
                &Closed::new(b"Ann Lee").unwrap(),
            )
            .unwrap();
        assert_eq!(
            key.open(7, "profile", &subject.pseudonym, &sealed, &blob)
                .unwrap(),
            b"Ann Lee"
        );
        assert!(
            key.open(8, "profile", &subject.pseudonym, &sealed, &blob)
                .is_err()
        );
        assert!(
            key.open(7, "variants", &subject.pseudonym, &sealed, &blob)
                .is_err()
        );
        assert!(Vault::in_memory([2; 32]).unwrap_key(&subject).is_err());
        assert_ne!(vault.locator("c1"), Vault::in_memory([2; 32]).locator("c1"));
        assert!(!blob.windows(3).any(|w| w == b"Ann"));
    }

    #[test]
    fn a_new_epoch_keeps_whom_it_takes_over_and_a_crash_is_finished_or_undone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("vault.key");
        let old = Vault::open(&path).unwrap();
        let old_text = fs::read_to_string(&path).unwrap();
        let subject = old.new_subject("c1").unwrap();
        let (sealed, blob) = old
            .unwrap_key(&subject)
            .unwrap()
            .seal(1, "f", &subject.pseudonym, &Closed::new(b"Ann").unwrap())
            .unwrap();

        // Cut off before the rows were stored: the old key stays.
        old.begin_epoch().unwrap();
        Vault::recover(&path, |vault| vault.fits(&subject)).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), old_text);

        // Cut off after: the new one.
        let next = old.begin_epoch().unwrap();
        let (locator, moved) = old.rewrap(&next, &subject).unwrap();
        assert_eq!(old.follow(&next.name()).unwrap().name(), next.name());
        Vault::recover(&path, |vault| vault.fits(&moved)).unwrap();
        let now = Vault::open(&path).unwrap();
        assert_ne!(fs::read_to_string(&path).unwrap(), old_text);
        assert_eq!(now.locator("c1"), locator);
        let key = now.unwrap_key(&moved).unwrap();
        assert_eq!(
            key.open(1, "f", &moved.pseudonym, &sealed, &blob).unwrap(),
            b"Ann"
        );
        assert!(now.unwrap_key(&subject).is_err());
        assert!(!beside(&path).exists());
    }
}
