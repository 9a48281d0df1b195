//! Encoded words of header fields (RFC 2047), as lenient readers take them.

use super::charset::{self, DecodingTrust};
use super::transfer;
use memchr::memmem;

/// A field's text, and how surely it was read.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct DecodedField {
    pub text: String,
    pub trust: DecodingTrust,
}

/// One encoded word: its charset, its bytes, and where it ends in the field.
struct EncodedWord<'f> {
    charset: &'f [u8],
    bytes: Vec<u8>,
    end: usize,
}

/// Decodes a field. White space between two encoded words is no text, and a character may be split over them.
pub(super) fn decode(field: &[u8]) -> DecodedField {
    let mut out = DecodedField {
        text: String::with_capacity(field.len()),
        trust: DecodingTrust::Sure,
    };
    let mut at = 0;
    let mut plain = 0;
    let mut open: Option<(Vec<u8>, Vec<u8>)> = None;
    while let Some(found) = memmem::find(&field[at..], b"=?") {
        let start = at + found;
        let Some(word) = read(field, start) else {
            at = start + 2;
            continue;
        };
        let between = &field[plain..start];
        let follows = open.is_some() && between.iter().all(u8::is_ascii_whitespace);
        if !follows {
            close(&mut out, &mut open);
            push(&mut out, charset::decode(between, None));
        }
        open = match open.take() {
            Some((name, mut bytes)) if name.eq_ignore_ascii_case(word.charset) => {
                bytes.extend_from_slice(&word.bytes);
                Some((name, bytes))
            }
            mut other => {
                close(&mut out, &mut other);
                Some((word.charset.to_vec(), word.bytes))
            }
        };
        at = word.end;
        plain = word.end;
    }
    close(&mut out, &mut open);
    push(&mut out, charset::decode(&field[plain..], None));
    out
}

fn close(out: &mut DecodedField, open: &mut Option<(Vec<u8>, Vec<u8>)>) {
    if let Some((name, bytes)) = open.take() {
        push(
            out,
            charset::decode(&bytes, Some(&String::from_utf8_lossy(&name))),
        );
    }
}

fn push(out: &mut DecodedField, read: charset::DecodedText) {
    out.text.push_str(&read.text);
    out.trust = out.trust.max(read.trust);
}

/// The word that begins at `start`, if one does. Its end is searched no further than words go.
fn read(field: &[u8], start: usize) -> Option<EncodedWord<'_>> {
    /// Ten times what RFC 2047 allows; some senders write whole subjects as one word.
    const LONGEST: usize = 8 << 10;
    let rest = &field[start + 2..field.len().min(start + 2 + LONGEST)];
    let mut marks = memchr::memchr_iter(b'?', rest);
    let (first, second) = (marks.next()?, marks.next()?);
    let name = &rest[..first];
    let kind = &rest[first + 1..second];
    if name.is_empty() || name.len() > 60 || !name.iter().all(|b| (0x21..0x7F).contains(b)) {
        return None;
    }
    let from = second + 1;
    let length = memmem::find(&rest[from..], b"?=")?;
    let data = &rest[from..from + length];
    let bytes = match kind {
        b"B" | b"b" => transfer::base64(data).bytes,
        b"Q" | b"q" => {
            let spaced: Vec<u8> = data
                .iter()
                .map(|b| if *b == b'_' { b' ' } else { *b })
                .collect();
            transfer::quoted_printable(&spaced, false)
        }
        _ => return None,
    };
    Some(EncodedWord {
        // A language may follow the charset (RFC 2231).
        charset: name.split(|b| *b == b'*').next().unwrap_or(name),
        bytes,
        end: start + 2 + from + length + 2,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_joined_as_readers_join_them() {
        for (field, text) in [
            ("plain", "plain"),
            ("=?utf-8?Q?no_risk?=", "no risk"),
            ("=?UTF-8?B?bm8gcmlzaw==?=", "no risk"),
            ("=?utf-8?Q?guaran?=  =?utf-8?Q?teed?=", "guaranteed"),
            ("=?utf-8?Q?guaran?=\t =?iso-8859-1?Q?teed?=", "guaranteed"),
            // a character split over two words
            ("=?utf-8?Q?no=C2?= =?utf-8?Q?=A0risk?=", "no\u{A0}risk"),
            ("=?utf-8?B?4oI=?= =?utf-8?B?rA==?=", "€"),
            ("=?windows-1252?Q?no=A0risk?=", "no\u{A0}risk"),
            ("=?iso-8859-1*en?Q?=A35?=", "£5"),
            ("a =?utf-8?Q?b?= c", "a b c"),
            ("a=?utf-8?Q?b?=c", "abc"),
            ("=?utf-8?Q?no risk?=", "no risk"),
            ("=?utf-8?B?bm8gcmlzaw?=", "no risk"),
            ("=?utf-8?Q?=3D?=", "="),
            ("=?x?y", "=?x?y"),
            ("=?utf-8?X?a?= =?utf-8?Q?b?=", "=?utf-8?X?a?= b"),
        ] {
            assert_eq!(decode(field.as_bytes()).text, text, "{field}");
        }
    }
}
