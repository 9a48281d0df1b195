//! Cosignatures of witnesses on checkpoints (C2SP tlog-cosignature, of the Ed25519 kind).

use super::keys::PublicKey;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// The kind of key and signature (C2SP signed-note): a timestamped Ed25519 cosignature.
const KIND: u8 = 4;

/// A witness's verifier key cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WitnessKeyError {
    #[error("a witness's key is NAME+ID+KEY")]
    Form,
    #[error("a witness's key is not canonical base64")]
    NotBase64,
    #[error("a witness's key is not of the kind 0x04 (Ed25519 cosignatures)")]
    OtherKind,
    #[error("a witness's key is no Ed25519 key")]
    NoKey,
    #[error("a witness's key does not fit its name and id")]
    OtherId,
}

/// A line claims to be a witness's cosignature and is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CosignatureError {
    #[error("the cosignature of {0} is too short")]
    TooShort(String),
    #[error("the cosignature of {0} does not fit")]
    OtherText(String),
}

/// A witness whose word counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cosigner {
    pub name: String,
    key: PublicKey,
}

impl Cosigner {
    /// Reads a verifier key (C2SP signed-note): `NAME+ID+KEY`.
    ///
    /// # Errors
    /// It is not in its form, or of another kind.
    pub fn parse(vkey: &str) -> Result<Self, WitnessKeyError> {
        let mut parts = vkey.trim().splitn(3, '+');
        let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(WitnessKeyError::Form);
        };
        let bytes = STANDARD
            .decode(key)
            .map_err(|_| WitnessKeyError::NotBase64)?;
        let key = match bytes.split_first() {
            Some((&KIND, key)) => PublicKey::parse(&STANDARD.encode(key)),
            _ => return Err(WitnessKeyError::OtherKind),
        };
        let key = key.ok_or(WitnessKeyError::NoKey)?;
        if name.is_empty() || hex::encode(key.note_id_of(name, KIND)) != id {
            return Err(WitnessKeyError::OtherId);
        }
        let name = name.to_owned();
        Ok(Self { name, key })
    }

    /// The time at which this witness cosigned a note's text, in seconds since 1970; none if no line of these is its own.
    ///
    /// # Errors
    /// A line says so and its signature does not fit.
    pub fn cosigned(&self, text: &str, lines: &str) -> Result<Option<u64>, CosignatureError> {
        for line in lines.lines() {
            let mut words = line.splitn(3, ' ');
            let (Some("\u{2014}"), Some(name), Some(encoded)) =
                (words.next(), words.next(), words.next())
            else {
                continue;
            };
            let Ok(bytes) = STANDARD.decode(encoded) else {
                continue;
            };
            let Some((id, rest)) = bytes.split_first_chunk::<4>() else {
                continue;
            };
            if name != self.name || *id != self.key.note_id_of(name, KIND) {
                continue;
            }
            let Some((time, signature)) = rest.split_first_chunk::<8>() else {
                return Err(CosignatureError::TooShort(name.to_owned()));
            };
            let time = u64::from_be_bytes(*time);
            let signed = format!("cosignature/v1\ntime {time}\n{text}");
            if time == 0 || !self.key.verifies(signed.as_bytes(), signature) {
                return Err(CosignatureError::OtherText(name.to_owned()));
            }
            return Ok(Some(time));
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::keys::SigningKey;

    #[test]
    fn a_key_fits_its_name_and_a_cosignature_its_text_and_time() {
        let key = SigningKey::from_seed([5; 32]);
        let id = hex::encode(key.public().note_id_of("w.example/1", KIND));
        let bytes = STANDARD.decode(key.public().to_text()).unwrap();
        let encoded = STANDARD.encode([vec![KIND], bytes].concat());
        let witness = Cosigner::parse(&format!("w.example/1+{id}+{encoded}")).unwrap();
        assert!(Cosigner::parse(&format!("other+{id}+{encoded}")).is_err());
        assert!(Cosigner::parse("w").is_err());

        let text = "log\n3\nroot\n";
        let line = |time: u64, said: u64| {
            let signature = key.sign(format!("cosignature/v1\ntime {said}\n{text}").as_bytes());
            let mut bytes = key.public().note_id_of("w.example/1", KIND).to_vec();
            bytes.extend(time.to_be_bytes());
            bytes.extend(signature);
            format!("\u{2014} w.example/1 {}\n", STANDARD.encode(bytes))
        };
        assert_eq!(witness.cosigned(text, &line(9, 9)), Ok(Some(9)));
        assert!(witness.cosigned(text, &line(9, 8)).is_err());
        assert!(witness.cosigned("log\n4\nroot\n", &line(9, 9)).is_err());
        assert_eq!(witness.cosigned(text, "\u{2014} else AAAA\n"), Ok(None));
    }
}
