//! zstd with its working memory kept from value to value: setting it up costs more than packing a small one.

use std::cell::RefCell;
use std::io;
use zstd::bulk::{Compressor, Decompressor};

/// Level: three packs prose to a third at hundreds of megabytes a second.
const LEVEL: i32 = 3;

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
            None => Compressor::new(LEVEL)?,
        };
        let packed = compressor.compress(bytes);
        *slot = Some(compressor);
        packed
    })
}

/// Unpacks bytes that are no longer than `most` unpacked.
///
/// # Errors
/// They are not whole, or longer.
pub(super) fn decompress(packed: &[u8], most: usize) -> io::Result<Vec<u8>> {
    let size = Decompressor::upper_bound(packed).unwrap_or(most).min(most);
    DECOMPRESSOR.with_borrow_mut(|slot| {
        let mut decompressor = match slot.take() {
            Some(kept) => kept,
            None => Decompressor::new()?,
        };
        let bytes = decompressor.decompress(packed, size);
        *slot = Some(decompressor);
        bytes
    })
}
