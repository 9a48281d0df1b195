//! Bytes of a file as text: which encoding they are in, found out or refused by name.
//!
//! Byte order marks, UTF-8 and UTF-16 are certain. What is none of them and still text is read as windows-1252, which is
//! what Western office programs write, and told: it is a guess.

use crate::domain::finding::Disposition;
use crate::domain::remark::{Remark, Topic};
use encoding_rs::{Decoder, Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use std::fmt;
use std::io::{self, Read};

/// A text, and how it was found in its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decoded {
    /// Without byte order mark.
    pub text: String,
    /// The encoding's name in the WHATWG standard: `UTF-8`, `UTF-16LE`, `UTF-16BE` or `windows-1252`.
    pub encoding: &'static str,
    /// What must be told about it: the encoding was guessed, or characters in it could not be read.
    pub remark: Option<Remark>,
}

/// Bytes that are no text, with what they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DecodeError {
    /// What the bytes are, as `a zip archive (DOCX, XLSX and the like)`.
    pub kind: &'static str,
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not text: {}", self.kind)
    }
}

impl std::error::Error for DecodeError {}

/// What other files begin with.
const MAGIC: [(&[u8], &str); 11] = [
    (b"PK\x03\x04", "a zip archive (DOCX, XLSX and the like)"),
    (b"PK\x05\x06", "an empty zip archive"),
    (b"%PDF-", "a PDF"),
    (
        b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1",
        "an old Office file (DOC, XLS, MSG)",
    ),
    (b"\x1F\x8B", "gzip"),
    (b"\x28\xB5\x2F\xFD", "zstd"),
    (b"\x89PNG\r\n", "a PNG picture"),
    (b"\xFF\xD8\xFF", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"SQLite format 3\0", "an SQLite database"),
    (b"{\\rtf", "rich text (RTF)"),
];

const NULS: DecodeError = DecodeError {
    kind: "binary data (it holds NUL bytes)",
};

/// How far bytes are looked at to tell UTF-16 without a mark from others.
const SNIFFED: usize = 64 << 10;

/// The encoding that the first bytes say for sure, and how many bytes its mark takes: by a byte order mark, or UTF-16 by
/// its zeros. None leaves UTF-8 or a guess.
///
/// # Errors
/// The bytes begin another kind of file.
pub fn sniff(bytes: &[u8]) -> Result<Option<(&'static Encoding, usize)>, DecodeError> {
    if let Some((_, kind)) = MAGIC.iter().find(|(magic, _)| bytes.starts_with(magic)) {
        return Err(DecodeError { kind });
    }
    // The mark of UTF-32LE begins with that of UTF-16LE.
    let wide = bytes.starts_with(b"\xFF\xFE\0\0") || bytes.starts_with(b"\0\0\xFE\xFF");
    if wide {
        return Err(DecodeError {
            kind: "UTF-32, which is not read",
        });
    }
    if let Some(found) = Encoding::for_bom(bytes) {
        return Ok(Some(found));
    }
    // Latin text in UTF-16 has a zero in most of every second byte; a stray NUL in other text has not.
    let head = &bytes[..bytes.len().min(SNIFFED)];
    let zeros = |parity: usize| {
        let half = head.iter().skip(parity).step_by(2);
        half.filter(|b| **b == 0).count()
    };
    let is_wide = |zeros: usize| zeros * 5 >= head.len() / 2 * 3 && head.len() > 1;
    match (zeros(0), zeros(1)) {
        (0, 0) => Ok(None),
        (0, odd) if is_wide(odd) => Ok(Some((UTF_16LE, 0))),
        (even, 0) if is_wide(even) => Ok(Some((UTF_16BE, 0))),
        _ => Err(NULS),
    }
}

/// The text of a whole file or message.
///
/// # Errors
/// The bytes are no text; the error says what they are, never what they hold.
pub fn to_text(bytes: &[u8]) -> Result<Decoded, DecodeError> {
    let Some((encoding, mark)) = sniff(bytes)? else {
        return row(bytes);
    };
    let (text, broken) = encoding.decode_without_bom_handling(&bytes[mark..]);
    let remark = broken.then(|| {
        Remark::new(
            Topic::Intake,
            Disposition::Review,
            "encoding",
            format!("{} with characters that cannot be read", encoding.name()),
            "each stands as U+FFFD",
        )
    });
    with_zeros_refused(Decoded {
        text: text.into_owned(),
        encoding: encoding.name(),
        remark,
    })
}

/// Text that is not UTF-8, as windows-1252.
fn western(bytes: &[u8]) -> Decoded {
    // Five bytes that windows-1252 leaves free: who has them wrote something else.
    let foreign = bytes
        .iter()
        .any(|b| matches!(b, 0x81 | 0x8D | 0x8F | 0x90 | 0x9D));
    let (found, asks) = if foreign {
        (
            "not UTF-8, and with bytes that windows-1252 does not have",
            Disposition::Review,
        )
    } else {
        ("not UTF-8", Disposition::Info)
    };
    Decoded {
        text: WINDOWS_1252
            .decode_without_bom_handling(bytes)
            .0
            .into_owned(),
        encoding: WINDOWS_1252.name(),
        remark: Some(Remark::new(
            Topic::Intake,
            asks,
            "encoding",
            found,
            "read as windows-1252",
        )),
    }
}

/// A file as it is read: UTF-16 becomes UTF-8 and a byte order mark goes. Other bytes come as they are: each row of a
/// large file is looked at for itself, with [`row`].
pub struct Transcoder<R> {
    inner: R,
    decoder: Option<Decoder>,
    /// Bytes that were read and not decoded yet.
    raw: Vec<u8>,
    ready: Vec<u8>,
    given: usize,
    ended: bool,
}

impl<R: Read> Transcoder<R> {
    /// Looks at the first bytes of a file; they are given as well, decoded, to be looked at further.
    ///
    /// # Errors
    /// It cannot be read, or it is no text.
    pub fn new(mut inner: R) -> io::Result<Result<(Self, Vec<u8>), DecodeError>> {
        let mut head = Vec::new();
        inner.by_ref().take(SNIFFED as u64).read_to_end(&mut head)?;
        let (encoding, mark) = match sniff(&head) {
            Ok(found) => found.unwrap_or((UTF_8, 0)),
            Err(error) => return Ok(Err(error)),
        };
        let decoder = (encoding != UTF_8).then(|| encoding.new_decoder_without_bom_handling());
        let mut transcoder = Self {
            inner,
            decoder,
            raw: head.split_off(mark),
            ready: Vec::new(),
            given: 0,
            ended: false,
        };
        transcoder.decode(false);
        let first = transcoder.ready.clone();
        Ok(Ok((transcoder, first)))
    }

    fn decode(&mut self, last: bool) {
        let Some(decoder) = &mut self.decoder else {
            self.ready = std::mem::take(&mut self.raw);
            self.given = 0;
            return;
        };
        let most = decoder.max_utf8_buffer_length(self.raw.len()).unwrap_or(0);
        let mut text = String::with_capacity(most);
        let _ = decoder.decode_to_string(&self.raw, &mut text, last);
        self.raw.clear();
        self.ready = text.into_bytes();
        self.given = 0;
    }
}

impl<R: Read> Read for Transcoder<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.given == self.ready.len() && !self.ended {
            self.raw.resize(SNIFFED, 0);
            let count = self.inner.read(&mut self.raw)?;
            self.raw.truncate(count);
            self.ended = count == 0;
            self.decode(self.ended);
        }
        let rest = &self.ready[self.given..];
        let count = rest.len().min(into.len());
        into[..count].copy_from_slice(&rest[..count]);
        self.given += count;
        Ok(count)
    }
}

/// The text of one row or cell of a file: UTF-8, or else windows-1252, which is told.
///
/// # Errors
/// It holds NUL bytes.
pub fn row(bytes: &[u8]) -> Result<Decoded, DecodeError> {
    with_zeros_refused(match std::str::from_utf8(bytes) {
        Ok(text) => Decoded {
            text: text.to_owned(),
            encoding: UTF_8.name(),
            remark: None,
        },
        Err(_) => western(bytes),
    })
}

/// UTF-16 that was none shows as NULs in the text; no text has them.
fn with_zeros_refused(decoded: Decoded) -> Result<Decoded, DecodeError> {
    if decoded.text.contains('\0') {
        return Err(NULS);
    }
    Ok(decoded)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TEXT: &str = "id,name\nC1,Zoë – €5\n";

    fn utf16(text: &str, little: bool, mark: bool) -> Vec<u8> {
        let marked = if mark { "\u{FEFF}" } else { "" };
        format!("{marked}{text}")
            .encode_utf16()
            .flat_map(|unit| {
                if little {
                    unit.to_le_bytes()
                } else {
                    unit.to_be_bytes()
                }
            })
            .collect()
    }

    #[test]
    fn each_encoding_is_found_with_and_without_its_mark() {
        for (bytes, encoding) in [
            (TEXT.as_bytes().to_vec(), "UTF-8"),
            (format!("\u{FEFF}{TEXT}").into_bytes(), "UTF-8"),
            (utf16(TEXT, true, true), "UTF-16LE"),
            (utf16(TEXT, false, true), "UTF-16BE"),
            (utf16(TEXT, true, false), "UTF-16LE"),
            (utf16(TEXT, false, false), "UTF-16BE"),
            (WINDOWS_1252.encode(TEXT).0.into_owned(), "windows-1252"),
        ] {
            let decoded = to_text(&bytes).unwrap();
            assert_eq!((decoded.text.as_str(), decoded.encoding), (TEXT, encoding));
            assert_eq!(decoded.remark.is_some(), encoding == "windows-1252");
        }
    }

    #[test]
    fn other_files_are_refused_by_name() {
        for (bytes, name) in [
            (b"PK\x03\x04rest".as_slice(), "zip"),
            (b"%PDF-1.7\n", "PDF"),
            (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "old Office"),
            (b"\xFF\xFE\0\0a\0\0\0", "UTF-32"),
            (b"\x00\x00\x00ab\x00", "NUL"),
            (b"id,\xE9\n\0\0", "NUL"),
            (b"one NUL in a text\0of many words", "NUL"),
        ] {
            let error = to_text(bytes).unwrap_err().to_string();
            assert!(error.contains(name), "{error}");
        }
    }

    #[test]
    fn what_was_guessed_or_lost_is_told() {
        let guessed = to_text(b"caf\xE9").unwrap().remark.unwrap();
        assert_eq!(guessed.asks, Disposition::Info);
        assert!(to_text(b"\x8Dx").unwrap().remark.unwrap().holds_back());
        let torn = [utf16("a", true, true), vec![0x00, 0xD8]].concat();
        assert!(to_text(&torn).unwrap().remark.unwrap().holds_back());
    }

    #[test]
    fn a_long_file_is_decoded_as_it_is_read() {
        let long = TEXT.repeat(20_000);
        for bytes in [
            long.clone().into_bytes(),
            utf16(&long, true, true),
            utf16(&long, false, false),
        ] {
            let (mut reader, first) = Transcoder::new(bytes.as_slice()).unwrap().unwrap();
            assert!(first.starts_with(TEXT.as_bytes()));
            let mut text = String::new();
            reader.read_to_string(&mut text).unwrap();
            assert_eq!(text, long);
        }
        assert!(Transcoder::new(b"PK\x03\x04".as_slice()).unwrap().is_err());
    }

    proptest! {
        #[test]
        fn any_bytes_are_text_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            if let Ok(decoded) = to_text(&bytes) {
                prop_assert!(!decoded.text.contains('\0'));
            }
        }

        #[test]
        fn utf8_text_comes_back_as_it_was(text in "[^\u{0}]{0,40}") {
            prop_assume!(sniff(text.as_bytes()).is_ok_and(|found| found.is_none()));
            prop_assert_eq!(to_text(text.as_bytes()).unwrap().text, text);
        }
    }
}
