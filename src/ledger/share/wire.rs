//! What goes over the socket.

use crate::domain::digest::Digest;
use crate::domain::person::Role;
use crate::ledger::entry::{EntryKind, NewEntry};
use crate::ledger::job::{AppendAnswer, Receipt};
use crate::ledger::log::LogError;
use crate::ledger::payload::EntryData;
use crate::ledger::refusal::Refusal;
use base64::engine::general_purpose::STANDARD;
use base64::{DecodeError as Base64Error, Engine as _};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::io::{self, BufRead, Read as _, Write};
use std::sync::Arc;

/// Longest line in bytes. A run's entries with all that they carry come to some tens of thousands.
const LONGEST: u64 = 64 << 20;

/// Entries to be written together, and customers to be erased with them.
#[derive(Serialize, Deserialize)]
pub struct ShareRequest {
    entries: Vec<Carried>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    erase: Vec<String>,
}

/// A new entry, its bytes in base64.
#[derive(Serialize, Deserialize)]
struct Carried {
    id: String,
    time: String,
    actor: String,
    role: Role,
    kind: EntryKind,
    run: Option<String>,
    customer: Option<String>,
    engine: Option<String>,
    pack: Option<Digest>,
    input: Option<Digest>,
    data: Map<String, Value>,
    blobs: Vec<(String, String)>,
    sealed: Vec<(String, String)>,
    unchanged_since: Option<u64>,
}

fn encoded(parts: &[(String, Vec<u8>)]) -> Vec<(String, String)> {
    let encode = |(name, bytes): &(String, Vec<u8>)| (name.clone(), STANDARD.encode(bytes));
    parts.iter().map(encode).collect()
}

fn decoded(parts: Vec<(String, String)>) -> Result<Vec<(String, Vec<u8>)>, Base64Error> {
    let decode = |(name, text): (String, String)| {
        let bytes = STANDARD.decode(text)?;
        Ok((name, bytes))
    };
    parts.into_iter().map(decode).collect()
}

impl ShareRequest {
    pub fn of<'e>(entries: impl Iterator<Item = &'e NewEntry>, erase: &[String]) -> Self {
        let carry = |entry: &NewEntry| Carried {
            id: entry.id.clone(),
            time: entry.time.clone(),
            actor: entry.actor.clone(),
            role: entry.role,
            kind: entry.kind(),
            run: entry.run.clone(),
            customer: entry.customer.clone(),
            engine: entry.engine.clone(),
            pack: entry.pack,
            input: entry.input,
            data: entry.data.to_map(),
            blobs: encoded(&entry.blobs),
            sealed: encoded(&entry.sealed),
            unchanged_since: entry.unchanged_since,
        };
        Self {
            entries: entries.map(carry).collect(),
            erase: erase.to_vec(),
        }
    }

    /// The entries, and whom they erase.
    ///
    /// # Errors
    /// The bytes are no base64.
    pub fn open(self) -> Result<(Vec<NewEntry>, Vec<String>), Base64Error> {
        let entry = |carried: Carried| {
            Ok(NewEntry {
                id: carried.id,
                time: carried.time,
                actor: carried.actor,
                role: carried.role,
                run: carried.run,
                customer: carried.customer,
                engine: carried.engine,
                pack: carried.pack,
                input: carried.input,
                data: EntryData::read(carried.kind, carried.data),
                blobs: decoded(carried.blobs)?,
                sealed: decoded(carried.sealed)?,
                unchanged_since: carried.unchanged_since,
            })
        };
        let entries: Result<_, Base64Error> = self.entries.into_iter().map(entry).collect();
        Ok((entries?, self.erase))
    }
}

/// What became of a request.
#[derive(Serialize, Deserialize)]
pub enum Response {
    Written(Vec<(u64, Digest)>),
    Refused { kind: String, why: String },
}

impl Response {
    pub fn of(answer: &AppendAnswer) -> Self {
        let error = match answer {
            Ok(receipts) => {
                return Self::Written(receipts.iter().map(|r| (r.seq, r.hash)).collect());
            }
            Err(error) => error.as_ref(),
        };
        let (kind, why) = match error {
            LogError::Retry(why) => ("retry", why.clone()),
            LogError::Unknown(why) => ("unknown", why.clone()),
            LogError::Full(why) => ("full", why.clone()),
            LogError::Moved => ("moved", String::new()),
            LogError::Fenced(why) => ("fenced", why.clone()),
            LogError::Damaged(why) => ("damaged", why.to_string()),
            LogError::Refused(why) => ("refused", why.to_string()),
            LogError::Keys(why) => ("keys", why.clone()),
        };
        let kind = kind.to_owned();
        Self::Refused { kind, why }
    }

    pub fn open(self) -> AppendAnswer {
        match self {
            Self::Written(receipts) => Ok(receipts
                .into_iter()
                .map(|(seq, hash)| Receipt { seq, hash })
                .collect()),
            Self::Refused { kind, why } => Err(Arc::new(match kind.as_str() {
                "retry" => LogError::Retry(why),
                "full" => LogError::Full(why),
                "moved" => LogError::Moved,
                "fenced" => LogError::Fenced(why),
                "damaged" => LogError::Damaged(why.into()),
                "refused" => LogError::Refused(Refusal::Told(why)),
                "keys" => LogError::Keys(why),
                _ => LogError::Unknown(why),
            })),
        }
    }
}

/// Writes one line.
///
/// # Errors
/// The other end is gone.
pub fn write(out: &mut impl Write, message: &impl Serialize) -> io::Result<()> {
    let mut line = serde_json::to_vec(message)?;
    line.push(b'\n');
    out.write_all(&line)?;
    out.flush()
}

/// Reads one line; `None` at the end.
///
/// # Errors
/// The other end is gone in the middle of a line, or it is no message.
pub fn read<T: for<'de> Deserialize<'de>>(input: &mut impl BufRead) -> io::Result<Option<T>> {
    let mut line = Vec::new();
    input.take(LONGEST).read_until(b'\n', &mut line)?;
    if line.is_empty() {
        return Ok(None);
    }
    if line.pop() != Some(b'\n') {
        return Err(io::Error::new(
            io::ErrorKind::UnexpectedEof,
            "a message that was cut off",
        ));
    }
    Ok(Some(serde_json::from_slice(&line)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_entry_and_an_error_arrive_as_they_left() {
        let said = json!({"passed": 3, "hard": ["A", 5], "of_a_later_version": 1});
        let data = EntryData::read(EntryKind::GateResult, said.as_object().cloned().unwrap());
        let mut entry = NewEntry::new("r/1", data, "a", Role::Officer, "t").run("r");
        entry.customer = Some("c".into());
        entry.pack = Some(Digest::of(b"p"));
        entry.sealed.push(("gate".into(), vec![0, 10, 255]));
        entry.blobs.push(("seg".into(), b"line\nline".to_vec()));
        entry.unchanged_since = Some(7);
        let mut bytes = Vec::new();
        write(&mut bytes, &ShareRequest::of(std::iter::once(&entry), &[])).unwrap();
        let request: ShareRequest = read(&mut bytes.as_slice()).unwrap().unwrap();
        let (entries, erase) = request.open().unwrap();
        assert_eq!(format!("{entries:?}"), format!("{:?}", [entry]));
        assert!(erase.is_empty());
        for error in [
            LogError::Moved,
            LogError::Full("x".into()),
            LogError::Unknown("y".into()),
        ] {
            let words = error.to_string();
            let again = Response::of(&Err(Arc::new(error))).open().unwrap_err();
            assert_eq!(again.to_string(), words);
        }
        assert!(read::<ShareRequest>(&mut b"{\"entries\"".as_slice()).is_err());
        assert!(read::<ShareRequest>(&mut b"".as_slice()).unwrap().is_none());
    }
}
