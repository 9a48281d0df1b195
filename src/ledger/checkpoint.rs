//! Checkpoints: C2SP signed notes (`origin`, size, root; Ed25519) that a person keeps elsewhere.

use super::keys::{PublicKey, SigningKey};
use super::tree::Hash;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// A signed note does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    #[error("the note was changed in transport (CR or BOM)")]
    Transport,
    #[error("the note has no signature")]
    Unsigned,
    #[error("the signature line is malformed")]
    Malformed,
    #[error("the signature is not canonical base64")]
    NotBase64,
    #[error("the signature is too short")]
    TooShort,
    #[error("the signature does not fit the text")]
    OtherText,
    #[error("no signature by the expected key")]
    OtherKey,
}

/// A note is no checkpoint of this log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    #[error(transparent)]
    Note(#[from] NoteError),
    #[error("the checkpoint does not have its three lines")]
    Lines,
    #[error("the size is not a number")]
    Size,
    #[error("the size is not in canonical form")]
    SizeForm,
    #[error("the root is not canonical base64")]
    RootForm,
    #[error("the root is not 32 bytes")]
    RootLength,
}

/// A point of the log that is signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    pub origin: String,
    pub size: u64,
    pub root: Hash,
}

impl Checkpoint {
    fn text(&self) -> String {
        format!(
            "{}\n{}\n{}\n",
            self.origin,
            self.size,
            STANDARD.encode(self.root)
        )
    }

    /// The signed note.
    pub fn sign(&self, key: &SigningKey) -> String {
        sign_note(&self.text(), &self.origin, key)
    }

    /// Reads a signed note and checks its signature. Only canonical base64 is accepted.
    ///
    /// # Errors
    /// It is not signed by this key, or is no checkpoint.
    pub fn open(note: &str, key: &PublicKey) -> Result<Self, CheckpointError> {
        let text = open_note(note, key)?;
        let mut lines = text.split('\n');
        let (Some(origin), Some(size), Some(root), Some(""), None) = (
            lines.next(),
            lines.next(),
            lines.next(),
            lines.next(),
            lines.next(),
        ) else {
            return Err(CheckpointError::Lines);
        };
        let parsed: u64 = size.parse().map_err(|_| CheckpointError::Size)?;
        if parsed.to_string() != size {
            return Err(CheckpointError::SizeForm);
        }
        let bytes = STANDARD
            .decode(root)
            .map_err(|_| CheckpointError::RootForm)?;
        let root: Hash = bytes.try_into().map_err(|_| CheckpointError::RootLength)?;
        Ok(Self {
            origin: origin.to_owned(),
            size: parsed,
            root,
        })
    }
}

/// A text with one signature line below it (C2SP signed-note).
pub fn sign_note(text: &str, name: &str, key: &SigningKey) -> String {
    let mut bytes = key.public().note_id(name).to_vec();
    bytes.extend_from_slice(&key.sign(text.as_bytes()));
    format!("{text}\n\u{2014} {name} {}\n", STANDARD.encode(bytes))
}

/// The text of a note whose signature by this key is good.
///
/// # Errors
/// There is none, or the note is not in its form.
pub fn open_note<'n>(note: &'n str, key: &PublicKey) -> Result<&'n str, NoteError> {
    if note.contains('\r') || note.starts_with('\u{FEFF}') || !note.ends_with('\n') {
        return Err(NoteError::Transport);
    }
    let split = note.rfind("\n\n").ok_or(NoteError::Unsigned)?;
    let (text, signatures) = (&note[..=split], &note[split + 2..]);
    for line in signatures.lines() {
        let mut words = line.splitn(3, ' ');
        let (Some("\u{2014}"), Some(name), Some(encoded)) =
            (words.next(), words.next(), words.next())
        else {
            return Err(NoteError::Malformed);
        };
        let bytes = STANDARD.decode(encoded).map_err(|_| NoteError::NotBase64)?;
        let Some((id, signature)) = bytes.split_first_chunk::<4>() else {
            return Err(NoteError::TooShort);
        };
        if *id == key.note_id(name) {
            return if key.verifies(text.as_bytes(), signature) {
                Ok(text)
            } else {
                Err(NoteError::OtherText)
            };
        }
    }
    Err(NoteError::OtherKey)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_opens_with_its_key_and_no_byte_may_change() {
        let key = SigningKey::from_seed([7; 32]);
        let checkpoint = Checkpoint {
            origin: "echovoice/test".into(),
            size: 5,
            root: [9; 32],
        };
        let note = checkpoint.sign(&key);
        assert_eq!(Checkpoint::open(&note, &key.public()).unwrap(), checkpoint);
        assert!(Checkpoint::open(&note, &SigningKey::from_seed([8; 32]).public()).is_err());
        let bytes = note.as_bytes();
        for at in 0..bytes.len() {
            let mut changed = bytes.to_vec();
            changed[at] ^= 1;
            if let Ok(text) = std::str::from_utf8(&changed) {
                assert!(Checkpoint::open(text, &key.public()).is_err(), "byte {at}");
            }
        }
        assert!(Checkpoint::open(&note.replace('\n', "\r\n"), &key.public()).is_err());
    }
}
