//! Bytes of a part as text, by the charset that it names, and how surely.

use crate::text::meta;
use encoding_rs::{Encoding, REPLACEMENT, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use mail_parser::decoders::charsets::map::charset_decoder;

/// How surely a text was read, from surely to not at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum DecodingTrust {
    Sure,
    /// Read as nearly every reader does; to be known.
    Told,
    /// Readers differ.
    Doubtful,
    /// What readers show is not known.
    Unread,
}

/// A text and how it was read.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct DecodedText {
    pub text: String,
    /// Name in the WHATWG standard, or the label if that has none.
    pub charset: String,
    pub trust: DecodingTrust,
    pub why: Option<String>,
}

impl DecodedText {
    fn new(
        text: impl Into<String>,
        charset: impl Into<String>,
        trust: DecodingTrust,
        why: &str,
    ) -> Self {
        Self {
            text: text.into(),
            charset: charset.into(),
            trust,
            why: (!why.is_empty()).then(|| why.to_owned()),
        }
    }
}

/// Decodes bytes that name their charset, or none.
pub(super) fn decode(bytes: &[u8], label: Option<&str>) -> DecodedText {
    let label = label.map(str::trim).filter(|l| !l.is_empty());
    if let Some((marked, length)) = Encoding::for_bom(bytes) {
        let (text, broken) = marked.decode_without_bom_handling(&bytes[length..]);
        let trust = if broken {
            DecodingTrust::Doubtful
        } else {
            DecodingTrust::Sure
        };
        return DecodedText::new(text, marked.name(), trust, if broken { BROKEN } else { "" });
    }
    let plain = label.is_none_or(|label| {
        ["us-ascii", "ascii", "ansi_x3.4-1968"].contains(&label.to_ascii_lowercase().as_str())
    });
    if plain {
        return unlabelled(bytes);
    }
    let label = label.unwrap_or_default();
    match Encoding::for_label(label.as_bytes()) {
        Some(encoding) if encoding == REPLACEMENT => DecodedText::new(
            String::from_utf8_lossy(bytes),
            label,
            DecodingTrust::Unread,
            "a charset that is not read",
        ),
        Some(encoding) => labelled(bytes, encoding),
        None => match charset_decoder(label.as_bytes()) {
            Some(decoder) => {
                let text = decoder(bytes);
                let broken = text.contains('\u{FFFD}');
                let trust = if broken {
                    DecodingTrust::Doubtful
                } else {
                    DecodingTrust::Sure
                };
                DecodedText::new(text, label, trust, if broken { BROKEN } else { "" })
            }
            None => unknown(bytes, label),
        },
    }
}

const BROKEN: &str = "holds bytes that are no text in its charset";

/// The charset of an HTML part: what its type says, or else what it says itself.
pub(super) fn of_html<'b>(bytes: &'b [u8], label: Option<&'b str>) -> Option<&'b str> {
    label
        .filter(|l| !l.trim().is_empty())
        .or_else(|| meta::charset(bytes))
}

fn unlabelled(bytes: &[u8]) -> DecodedText {
    if bytes.is_ascii() {
        return DecodedText::new(
            String::from_utf8_lossy(bytes),
            "us-ascii",
            DecodingTrust::Sure,
            "",
        );
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => DecodedText::new(
            text,
            UTF_8.name(),
            DecodingTrust::Told,
            "names no charset; it is UTF-8",
        ),
        Err(_) => DecodedText::new(
            WINDOWS_1252.decode_without_bom_handling(bytes).0,
            WINDOWS_1252.name(),
            DecodingTrust::Doubtful,
            "names no charset and is not UTF-8; read as windows-1252",
        ),
    }
}

fn labelled(bytes: &[u8], encoding: &'static Encoding) -> DecodedText {
    let encoding = match encoding {
        // Which of its two orders, the label does not say; the zeros of Latin letters do.
        e if e == UTF_16LE || e == UTF_16BE => {
            let zeros = |from: usize| {
                bytes
                    .iter()
                    .skip(from)
                    .step_by(2)
                    .filter(|b| **b == 0)
                    .count()
            };
            match zeros(0).cmp(&zeros(1)) {
                std::cmp::Ordering::Greater => UTF_16BE,
                std::cmp::Ordering::Less => UTF_16LE,
                std::cmp::Ordering::Equal => e,
            }
        }
        e => e,
    };
    let (text, broken) = encoding.decode_without_bom_handling(bytes);
    let other_way = encoding != UTF_8
        && encoding.is_ascii_compatible()
        && !bytes.is_ascii()
        && (broken || encoding.is_single_byte());
    if other_way && let Ok(text) = std::str::from_utf8(bytes) {
        // Bytes that are UTF-8 by chance are rare: the label is wrong, and some readers see so.
        let why = format!("says {}, and is UTF-8; read as UTF-8", encoding.name());
        return DecodedText::new(text, UTF_8.name(), DecodingTrust::Doubtful, &why);
    }
    if broken && encoding == UTF_8 {
        return DecodedText::new(
            WINDOWS_1252.decode_without_bom_handling(bytes).0,
            WINDOWS_1252.name(),
            DecodingTrust::Doubtful,
            "says UTF-8, and is not; read as windows-1252",
        );
    }
    let trust = if broken {
        DecodingTrust::Doubtful
    } else {
        DecodingTrust::Sure
    };
    DecodedText::new(
        text,
        encoding.name(),
        trust,
        if broken { BROKEN } else { "" },
    )
}

/// Letters of ASCII are the same in nearly every charset; what else stands there, nobody can say.
fn unknown(bytes: &[u8], label: &str) -> DecodedText {
    let guess = unlabelled(bytes);
    let (trust, why) = if bytes.is_ascii() {
        (DecodingTrust::Doubtful, "an unknown charset; read as ASCII")
    } else {
        (DecodingTrust::Unread, "an unknown charset")
    };
    let label: String = label
        .chars()
        .filter(char::is_ascii_graphic)
        .take(40)
        .collect();
    DecodedText::new(guess.text, label, trust, why)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_charset_is_honoured_and_a_wrong_one_is_told() {
        for (bytes, label, text, trust) in [
            (
                &b"no\xA0risk"[..],
                Some("iso-8859-1"),
                "no\u{A0}risk",
                DecodingTrust::Sure,
            ),
            (b"\x805", Some("Windows-1252"), "€5", DecodingTrust::Sure),
            (b"\xA35", Some("latin1"), "£5", DecodingTrust::Sure),
            (b"n\0o\0", Some("utf-16le"), "no", DecodingTrust::Sure),
            (b"\0n\0o", Some("utf-16"), "no", DecodingTrust::Sure),
            (b"\xFE\xFF\0n\0o", Some("utf-16"), "no", DecodingTrust::Sure),
            (b"\x82\xA0", Some("shift_jis"), "あ", DecodingTrust::Sure),
            (b"\x9C", Some("cp850"), "£", DecodingTrust::Sure),
            (b"a+AKM-b", Some("utf-7"), "a£b", DecodingTrust::Sure),
            (b"\xEF\xBB\xBFa", None, "a", DecodingTrust::Sure),
            (b"caf\xC3\xA9", None, "café", DecodingTrust::Told),
            (
                b"caf\xC3\xA9",
                Some("us-ascii"),
                "café",
                DecodingTrust::Told,
            ),
            (b"caf\xE9", None, "café", DecodingTrust::Doubtful),
            (
                b"no\xA0risk",
                Some("utf-8"),
                "no\u{A0}risk",
                DecodingTrust::Doubtful,
            ),
            (
                b"no\xC2\xA0risk",
                Some("iso-8859-1"),
                "no\u{A0}risk",
                DecodingTrust::Doubtful,
            ),
            (
                b"no risk",
                Some("x-nobody"),
                "no risk",
                DecodingTrust::Doubtful,
            ),
            (
                b"no\xA0risk",
                Some("x-nobody"),
                "no\u{A0}risk",
                DecodingTrust::Unread,
            ),
            (
                b"~{abc~}",
                Some("hz-gb-2312"),
                "~{abc~}",
                DecodingTrust::Unread,
            ),
        ] {
            let read = decode(bytes, label);
            assert_eq!(
                (read.text.as_str(), read.trust),
                (text, trust),
                "{label:?} {bytes:?}"
            );
        }
    }
}
