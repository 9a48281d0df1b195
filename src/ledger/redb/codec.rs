//! How values lie on disk: one byte says how, the rest is the value. Hashes are always over the unpacked bytes.

use crate::ledger::log::LogError;
use crate::ledger::pack;

const RAW: u8 = 0;
/// zstd, as the first ledgers have it.
const ZSTD: u8 = 1;
/// zstd with a dictionary.
const DICTIONARY: u8 = 2;
/// Below this size compression gains nothing.
const LEAST: usize = 64;
/// No stored value is larger unpacked: a damaged length must not exhaust memory.
const MOST: usize = 64 << 20;

/// Packs a value, if that makes it smaller.
pub fn pack(bytes: &[u8]) -> Vec<u8> {
    let packed = (bytes.len() >= LEAST)
        .then(|| pack::compress(bytes).ok())
        .flatten();
    store(bytes, packed.as_deref())
}

/// A value as it lies on disk, packed already if there is a packed form.
pub fn store(bytes: &[u8], packed: Option<&[u8]>) -> Vec<u8> {
    let (code, body) = match packed {
        Some(packed) if packed.len() < bytes.len() => (DICTIONARY, packed),
        _ => (RAW, bytes),
    };
    let mut out = Vec::with_capacity(body.len() + 1);
    out.push(code);
    out.extend_from_slice(body);
    out
}

/// Unpacks a value.
pub fn unpack(bytes: &[u8]) -> Result<Vec<u8>, LogError> {
    match bytes.split_first() {
        Some((&RAW, rest)) => Ok(rest.to_vec()),
        Some((&(ZSTD | DICTIONARY), rest)) => pack::decompress(rest, MOST).map_err(|e| {
            LogError::Damaged(format!("a stored value cannot be unpacked: {e}").into())
        }),
        _ => Err(LogError::Damaged(
            "a stored value has an unknown form".into(),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_come_back_whole_and_damage_is_named() {
        for value in [
            b"".to_vec(),
            b"short".to_vec(),
            vec![b'a'; 10_000],
            (0..=255).cycle().take(999).collect(),
        ] {
            assert_eq!(unpack(&pack(&value)).unwrap(), value);
        }
        assert!(pack(&vec![b'a'; 10_000]).len() < 100);
        assert!(unpack(&[9, 1]).is_err() && unpack(&[]).is_err() && unpack(&[ZSTD, 1, 2]).is_err());
    }
}
