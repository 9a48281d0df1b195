//! How values lie on disk: one byte says how, the rest is the value. Hashes are always over the unpacked bytes.

use crate::ledger::log::LogError;
use crate::ledger::pack;
use std::borrow::Cow;

const RAW: u8 = 0;
const ZSTD: u8 = 1;
/// Below this size compression gains nothing.
const LEAST: usize = 256;
/// No stored value is larger unpacked: a damaged length must not exhaust memory.
const MOST: usize = 64 << 20;

/// Packs a value; codes from 2 on are kept for dictionaries.
pub fn pack(bytes: &[u8]) -> Vec<u8> {
    let packed: Cow<'_, [u8]> = if bytes.len() >= LEAST {
        pack::compress(bytes).map_or(Cow::Borrowed(bytes), Cow::Owned)
    } else {
        Cow::Borrowed(bytes)
    };
    let code = if matches!(packed, Cow::Owned(_)) && packed.len() < bytes.len() {
        ZSTD
    } else {
        RAW
    };
    let body: &[u8] = if code == ZSTD { &packed } else { bytes };
    let mut out = Vec::with_capacity(body.len() + 1);
    out.push(code);
    out.extend_from_slice(body);
    out
}

/// Unpacks a value.
pub fn unpack(bytes: &[u8]) -> Result<Vec<u8>, LogError> {
    match bytes.split_first() {
        Some((&RAW, rest)) => Ok(rest.to_vec()),
        Some((&ZSTD, rest)) => pack::decompress(rest, MOST)
            .map_err(|e| LogError::Damaged(format!("a stored value cannot be unpacked: {e}"))),
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
