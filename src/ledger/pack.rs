//! zstd with a dictionary of what the ledger holds, and with its working memory kept from value to value: setting it up
//! costs more than packing a small one.

use std::cell::RefCell;
use std::io;
use std::sync::LazyLock;
use zstd::bulk::{Compressor, Decompressor};
use zstd::dict::{DecoderDictionary, EncoderDictionary};

/// Level: three packs prose to a third at hundreds of megabytes a second.
const LEVEL: i32 = 3;

/// Never changes, since old values need it; a value says by number which dictionary it was packed with.
const FIRST: &[u8] = include_bytes!("../../assets/ledger/v1.dict");

static ENCODER: LazyLock<EncoderDictionary<'static>> =
    LazyLock::new(|| EncoderDictionary::copy(FIRST, LEVEL));
static DECODER: LazyLock<DecoderDictionary<'static>> =
    LazyLock::new(|| DecoderDictionary::copy(FIRST));

thread_local! {
    static COMPRESSOR: RefCell<Option<Compressor<'static>>> = const { RefCell::new(None) };
    static DECOMPRESSOR: RefCell<Option<Decompressor<'static>>> = const { RefCell::new(None) };
}

/// Packs bytes.
///
/// # Errors
/// No memory.
pub(super) fn compress(bytes: &[u8]) -> io::Result<Vec<u8>> {
    COMPRESSOR.with_borrow_mut(|slot| {
        let mut compressor = match slot.take() {
            Some(kept) => kept,
            None => Compressor::with_prepared_dictionary(&ENCODER)?,
        };
        let packed = compressor.compress(bytes);
        *slot = Some(compressor);
        packed
    })
}

/// Lengthens packed bytes to a multiple of `length` by a skippable frame (RFC 8878, 3.1.2), which unpacking passes over.
pub(super) fn pad(packed: &mut Vec<u8>, length: usize) {
    const HEAD: usize = 8;
    let whole = (packed.len() + HEAD).next_multiple_of(length);
    let filling = whole - packed.len() - HEAD;
    packed.extend(0x184D_2A50_u32.to_le_bytes());
    packed.extend(u32::try_from(filling).unwrap_or(0).to_le_bytes());
    packed.resize(whole, 0);
}

/// Unpacks bytes that are no longer than `most` unpacked, with or without the dictionary.
///
/// # Errors
/// They are not whole, or longer.
pub(super) fn decompress(packed: &[u8], most: usize) -> io::Result<Vec<u8>> {
    let size = Decompressor::upper_bound(packed).unwrap_or(most).min(most);
    DECOMPRESSOR.with_borrow_mut(|slot| {
        let mut decompressor = match slot.take() {
            Some(kept) => kept,
            None => Decompressor::with_prepared_dictionary(&DECODER)?,
        };
        let bytes = decompressor.decompress(packed, size);
        *slot = Some(decompressor);
        bytes
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::digest::Digest;

    #[test]
    fn padding_is_passed_over_and_fills_up() {
        for length in [0, 1, 300, 500, 511, 512, 5_000] {
            let text: Vec<u8> = (0..length)
                .map(|n: u32| (n.wrapping_mul(2_654_435_761) >> 24) as u8)
                .collect();
            let mut packed = compress(&text).unwrap();
            pad(&mut packed, 512);
            assert_eq!(packed.len() % 512, 0);
            assert_eq!(decompress(&packed, 10_000).unwrap(), text);
        }
    }

    #[test]
    fn the_first_dictionary_never_changes_and_values_without_one_are_read_too() {
        let known = "sha256:2c6440e31968cc9efcf8916e1cc2bbfa2ec784a6516a42e3af333dff324b95a3";
        assert_eq!(Digest::of(FIRST).to_string(), known);
        let text = b"an entry of a run, an entry of a run, an entry of a run";
        assert_eq!(decompress(&compress(text).unwrap(), 1_000).unwrap(), text);
        let plain = zstd::bulk::compress(text, LEVEL).unwrap();
        assert_eq!(decompress(&plain, 1_000).unwrap(), text);
        assert!(decompress(&plain, 10).is_err());
    }
}
