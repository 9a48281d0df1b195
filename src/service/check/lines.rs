//! Files as bytes: streams of lines of which one may be bad, and texts of which everything but the personal data stays.

use crate::error::{Error, Kind, Result};
use crate::pii::{Scanner, redact};
use crate::service::intake::{MAX_BYTES, read_up_to};
use std::borrow::Cow;
use std::path::Path;

/// The bytes of a file, or of standard input for `-`.
///
/// # Errors
/// Missing, unreadable, a folder, or larger than one input may be.
pub fn read(path: &Path, name: &str) -> Result<Vec<u8>> {
    read_up_to(path, name, MAX_BYTES, "split it")
}

/// UTF-16 with its mark as UTF-8; a mark of UTF-8 is taken off.
fn utf8(bytes: &[u8]) -> Cow<'_, [u8]> {
    match encoding_rs::Encoding::for_bom(bytes) {
        Some((encoding, mark)) if encoding == encoding_rs::UTF_8 => Cow::Borrowed(&bytes[mark..]),
        Some((encoding, mark)) => {
            let (text, _) = encoding.decode_without_bom_handling(&bytes[mark..]);
            Cow::Owned(text.into_owned().into_bytes())
        }
        None => Cow::Borrowed(bytes),
    }
}

/// Calls `each` with the number of every line that is not blank, from 1 on, and its text or why it has none.
pub fn each(bytes: &[u8], mut each: impl FnMut(usize, Result<&str>)) {
    for (index, line) in utf8(bytes).split(|b| *b == b'\n').enumerate() {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        let text = std::str::from_utf8(line).map_err(|_| {
            Error::new(Kind::Input, "not text (UTF-8)").fix("convert it to UTF-8 first")
        });
        each(index + 1, text);
    }
}

/// Characters of the last private plane that stand for the bytes which are no text.
const PRIVATE: [u32; 3] = [0x10_F000, 0x10_E000, 0x10_D000];

/// The bytes without the personal data, and otherwise as they were: marks, line ends, blanks, bytes that are no text.
///
/// # Errors
/// UTF-16 without its mark, or broken: it cannot be read, and nothing that was not read passes.
pub fn redacted(bytes: &[u8], scanner: &Scanner<'_>, name: &str) -> Result<Vec<u8>> {
    let unreadable = |what: &str| {
        Error::new(Kind::Input, what.to_owned())
            .at(name.to_owned())
            .fix("convert it to UTF-8 first")
    };
    if let Some((encoding, mark)) = encoding_rs::Encoding::for_bom(bytes)
        && encoding != encoding_rs::UTF_8
    {
        let text = encoding
            .decode_without_bom_handling_and_without_replacement(&bytes[mark..])
            .ok_or_else(|| unreadable("broken UTF-16"))?;
        let units = redact(&text, scanner).text;
        let big = encoding == encoding_rs::UTF_16BE;
        let mut out = bytes[..mark].to_vec();
        for unit in units.encode_utf16() {
            out.extend(if big {
                unit.to_be_bytes()
            } else {
                unit.to_le_bytes()
            });
        }
        return Ok(out);
    }
    if bytes.iter().filter(|b| **b == 0).count() * 4 > bytes.len() {
        return Err(unreadable("UTF-16 without its mark, or no text"));
    }
    let base = PRIVATE
        .into_iter()
        .find(|base| {
            let range = *base..*base + 256;
            !String::from_utf8_lossy(bytes)
                .chars()
                .any(|c| range.contains(&u32::from(c)))
        })
        .ok_or_else(|| unreadable("neither text nor free of private characters"))?;
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        let stand_in = |byte: &u8| char::from_u32(base + u32::from(*byte));
        text.extend(chunk.invalid().iter().filter_map(stand_in));
    }
    let text = redact(&text, scanner).text;
    let mut out = Vec::with_capacity(text.len());
    for c in text.chars() {
        match u32::from(c)
            .checked_sub(base)
            .and_then(|b| u8::try_from(b).ok())
        {
            Some(byte) => out.push(byte),
            None => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn plain(bytes: &[u8]) -> Vec<u8> {
        redacted(bytes, &Scanner::default(), "x").unwrap()
    }

    #[test]
    fn everything_but_the_personal_data_stays() {
        let cases: [(&[u8], &[u8]); 5] = [
            (
                b"\xef\xbb\xbfa\tb \r\nann@example.com  \r\n\r\n",
                b"\xef\xbb\xbfa\tb \r\n[REDACTED_EMAIL]  \r\n\r\n",
            ),
            (
                b"caf\xe9 \xff ann@example.com \x1b[0m",
                b"caf\xe9 \xff [REDACTED_EMAIL] \x1b[0m",
            ),
            (b"", b""),
            (b"\n\n", b"\n\n"),
            (b"no newline", b"no newline"),
        ];
        for (before, after) in cases {
            assert_eq!(plain(before), after);
        }
        let wide = |text: &str| -> Vec<u8> {
            let units = std::iter::once(0xfeff).chain(text.encode_utf16());
            units.flat_map(u16::to_le_bytes).collect()
        };
        assert_eq!(
            plain(&wide("é ann@example.com\r\n")),
            wide("é [REDACTED_EMAIL]\r\n")
        );
        assert!(redacted(&wide("ann@example.com")[2..], &Scanner::default(), "x").is_err());
    }

    proptest! {
        #[test]
        fn bytes_without_personal_data_come_back_as_they_were(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let found = Scanner::default().scan(&String::from_utf8_lossy(&bytes));
            if found.is_empty() && encoding_rs::Encoding::for_bom(&bytes).is_none()
                && let Ok(after) = redacted(&bytes, &Scanner::default(), "x")
            {
                prop_assert!(after == bytes || after.windows(9).any(|w| w == b"[REDACTED"));
            }
        }
    }
}
