//! Files that somebody else handed over: plain files alone are read, and no more of them than they can be. A pipe would be
//! waited for, and a device has no end.

use crate::domain::digest::Digest;
use sha2::{Digest as _, Sha256};
use std::fs::{self, File};
use std::io::{self, BufRead, Read as _};
use std::path::Path;

/// Most bytes of a file that is read whole.
const MOST: u64 = 64 << 20;

/// Opens a plain file.
///
/// # Errors
/// It is none, or cannot be opened.
pub(super) fn open(path: &Path) -> io::Result<File> {
    if fs::symlink_metadata(path)?.is_file() {
        return File::open(path);
    }
    Err(io::Error::other(
        "a link, a pipe or a device, and no plain file",
    ))
}

/// The bytes of a plain file.
///
/// # Errors
/// See [`open`]; or it is too long.
pub(super) fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open(path)?.take(MOST + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MOST {
        return Err(io::Error::other(format!("longer than {MOST} bytes")));
    }
    Ok(bytes)
}

/// The text of a plain file.
///
/// # Errors
/// See [`read`]; or it is not UTF-8.
pub fn read_text(path: &Path) -> io::Result<String> {
    String::from_utf8(read(path)?).map_err(|_| io::Error::other("not UTF-8"))
}

/// Hash and length of a plain file of any length.
///
/// # Errors
/// See [`open`].
pub(super) fn hash(path: &Path) -> io::Result<(Digest, u64)> {
    let (mut file, mut hasher) = (open(path)?, Sha256::new());
    let (mut part, mut length) = (vec![0; 64 << 10], 0);
    loop {
        let count = file.read(&mut part)?;
        if count == 0 {
            return Ok((Digest(hasher.finalize().into()), length));
        }
        hasher.update(&part[..count]);
        length += count as u64;
    }
}

/// The next line without its end; none after the last.
///
/// # Errors
/// It is longer than that, or has no end.
pub(super) fn line(reader: &mut impl BufRead, most: u64) -> io::Result<Option<Vec<u8>>> {
    let mut line = Vec::new();
    reader
        .by_ref()
        .take(most + 1)
        .read_until(b'\n', &mut line)?;
    if line.is_empty() {
        return Ok(None);
    }
    if line.pop() == Some(b'\n') {
        return Ok(Some(line));
    }
    Err(io::Error::other(
        "the line has no end, or is longer than a line may be",
    ))
}
