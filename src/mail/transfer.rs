//! Transfer encodings, undone as lenient readers undo them.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// How the bytes of a part were written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Transfer {
    /// As they stand.
    Identity,
    QuotedPrintable,
    Base64,
    /// Nobody knows how: readers show what stands there.
    Unknown,
}

impl Transfer {
    /// By the value of `Content-Transfer-Encoding`.
    pub fn of(value: Option<&str>) -> Self {
        match token(value.unwrap_or("")).as_str() {
            "" | "7bit" | "8bit" | "binary" | "7-bit" | "8-bit" => Self::Identity,
            "quoted-printable" => Self::QuotedPrintable,
            "base64" => Self::Base64,
            _ => Self::Unknown,
        }
    }

    /// The bytes that were meant.
    pub fn undo(self, written: &[u8]) -> Vec<u8> {
        match self {
            Self::Identity | Self::Unknown => written.to_vec(),
            Self::QuotedPrintable => quoted_printable(written, true),
            Self::Base64 => {
                let read = base64(written);
                let mut bytes = read.bytes;
                if !read.behind.is_empty() {
                    bytes.push(b'\n');
                    bytes.extend_from_slice(&read.behind);
                }
                bytes
            }
        }
    }
}

/// RFC 2045 section 6.7. A sign that begins nothing stands for itself. Blanks before a line's end are padding of
/// transport, behind the sign of a soft break as well.
pub(super) fn quoted_printable(written: &[u8], lines: bool) -> Vec<u8> {
    let mut out = Vec::with_capacity(written.len());
    let hex = |at: usize| {
        let digit = char::from(*written.get(at)?).to_digit(16)?;
        u8::try_from(digit).ok()
    };
    let mut at = 0;
    // Blanks at the end of what was put out that were written as such.
    let mut padding = 0;
    while let Some(byte) = written.get(at) {
        match byte {
            b'=' => {
                padding = 0;
                if let (Some(high), Some(low)) = (hex(at + 1), hex(at + 2)) {
                    out.push(high * 16 + low);
                    at += 3;
                    continue;
                }
                let blanks = written[at + 1..]
                    .iter()
                    .take_while(|b| matches!(b, b' ' | b'\t' | b'\r'))
                    .count();
                match written.get(at + 1 + blanks) {
                    Some(b'\n') => at += blanks + 2,
                    None => at = written.len(),
                    Some(_) => {
                        out.push(b'=');
                        at += 1;
                    }
                }
                continue;
            }
            b'\n' if lines => {
                out.truncate(out.len() - padding);
                padding = 0;
                out.push(b'\n');
            }
            b' ' | b'\t' | b'\r' => {
                padding += 1;
                out.push(*byte);
            }
            _ => {
                padding = 0;
                out.push(*byte);
            }
        }
        at += 1;
    }
    out
}

/// What base64 gave, and the lines behind it that are none (a list's footer).
pub(super) struct Base64 {
    pub bytes: Vec<u8>,
    pub behind: Vec<u8>,
}

const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Characters that are no base64 are left out, as RFC 2045 section 6.8 asks; padding may be missing, and more may follow
/// it. Lines that read like words are text.
pub(super) fn base64(written: &[u8]) -> Base64 {
    let mut read = Base64 {
        bytes: Vec::with_capacity(written.len() / 4 * 3),
        behind: Vec::new(),
    };
    let mut digits: Vec<u8> = Vec::with_capacity(written.len());
    let flush = |digits: &mut Vec<u8>, bytes: &mut Vec<u8>| {
        // One digit alone holds no byte.
        if digits.len() % 4 == 1 {
            digits.pop();
        }
        if let Ok(decoded) = LENIENT.decode(&digits) {
            bytes.extend_from_slice(&decoded);
        }
        digits.clear();
    };
    for line in written.split(|b| *b == b'\n') {
        if reads_like_words(line) {
            read.behind.extend_from_slice(line.trim_ascii_end());
            read.behind.push(b'\n');
            continue;
        }
        for byte in line {
            match byte {
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'+' | b'/' => digits.push(*byte),
                b'=' => flush(&mut digits, &mut read.bytes),
                _ => {}
            }
        }
    }
    flush(&mut digits, &mut read.bytes);
    read
}

/// Blanks between words, or signs that base64 does not have for more than a stray one.
fn reads_like_words(line: &[u8]) -> bool {
    let line = line.trim_ascii();
    let blanks = line.iter().filter(|b| matches!(b, b' ' | b'\t')).count();
    let signs = line
        .iter()
        .filter(|b| {
            !b.is_ascii_alphanumeric() && !matches!(b, b'+' | b'/' | b'=' | b' ' | b'\t' | b'\r')
        })
        .count();
    // Digits in blocks of one length are base64 with blanks in it.
    let even = || {
        let mut blocks: Vec<usize> = line
            .split(|b| matches!(b, b' ' | b'\t'))
            .filter(|w| !w.is_empty())
            .map(<[u8]>::len)
            .collect();
        blocks.pop();
        blocks.iter().all(|length| length % 4 == 0)
    };
    blanks > 0 && !even() || signs > 2 && signs * 8 > line.len()
}

/// A value without its comments and what follows the first word, in small letters: `base64` of `base64 (comment)`.
fn token(value: &str) -> String {
    let mut depth = 0_usize;
    let bare: String = value
        .chars()
        .filter(|c| {
            depth += usize::from(*c == '(');
            let outside = depth == 0;
            depth -= usize::from(*c == ')' && depth > 0);
            outside
        })
        .collect();
    bare.split([' ', '\t', ';', ','])
        .find(|word| !word.is_empty())
        .unwrap_or("")
        .trim_matches('"')
        .to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn qp(text: &str) -> String {
        String::from_utf8(quoted_printable(text.as_bytes(), true)).unwrap()
    }

    #[test]
    fn soft_breaks_and_padding_are_no_text() {
        for (written, text) in [
            ("guaran=\nteed", "guaranteed"),
            ("guaran=\r\nteed", "guaranteed"),
            ("guaran= \nteed", "guaranteed"),
            ("guaran=\t \r\nteed", "guaranteed"),
            ("a  \nb", "a\nb"),
            ("a=20\nb", "a \nb"),
            ("=e2=82=ac5", "€5"),
            ("a=", "a"),
            ("1=2", "1=2"),
            ("x==\ny", "x=y"),
        ] {
            assert_eq!(qp(written), text, "{written:?}");
        }
    }

    #[test]
    fn base64_is_read_however_it_ends() {
        for (written, text) in [
            ("bm8gcmlzaw==", "no risk"),
            ("bm8gcmlzaw", "no risk"),
            ("bm8g\r\ncmlz\r\naw==\r\n", "no risk"),
            ("bm8g*cmlzaw==", "no risk"),
            ("bm8gcmlzaw==bm8gcmlzaw==", "no riskno risk"),
            ("bm8g cmlz aw==", "no risk"),
            (
                "bm8gcmlzaw==\n-- \nYou get this list.\n",
                "no risk\nYou get this list.\n",
            ),
            (
                "bm8gcmlzaw==\n\n_______________________________________________\nlist mailing list\n",
                "no risk\n_______________________________________________\nlist mailing list\n",
            ),
        ] {
            let read = Transfer::Base64.undo(written.as_bytes());
            assert_eq!(String::from_utf8(read).unwrap(), text, "{written:?}");
        }
    }

    #[test]
    fn the_encoding_is_named_in_many_ways() {
        assert_eq!(Transfer::of(Some(" Base64 (x)")), Transfer::Base64);
        assert_eq!(
            Transfer::of(Some("quoted-printable;")),
            Transfer::QuotedPrintable
        );
        assert_eq!(Transfer::of(Some("x-uuencode")), Transfer::Unknown);
        assert_eq!(Transfer::of(None), Transfer::Identity);
    }

    #[test]
    fn a_token_is_read_without_its_comments() {
        for (value, read) in [
            ("base64 (comment)", "base64"),
            ("(x) Quoted-Printable ; y", "quoted-printable"),
            ("\"8bit\"", "8bit"),
            ("", ""),
            ("((a) b) 7bit", "7bit"),
        ] {
            assert_eq!(token(value), read);
        }
    }
}
