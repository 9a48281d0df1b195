//! The charset that a page names in itself.

use super::decode::{self, DecodeError, Decoded};
use encoding_rs::{Encoding, UTF_8};
use memchr::memmem;

/// How far into a page its charset is looked for (the HTML standard looks at 1024 bytes; senders write more comments).
const LOOKED_AT: usize = 8 << 10;

/// What `<meta charset=…>` or `<meta http-equiv=… content="…; charset=…">` says.
pub fn charset(page: &[u8]) -> Option<&str> {
    let head = &page[..page.len().min(LOOKED_AT)];
    for open in memmem::find_iter(head, b"<") {
        let tag = &head[open + 1..];
        if !tag
            .get(..4)
            .is_some_and(|name| name.eq_ignore_ascii_case(b"meta"))
        {
            continue;
        }
        let tag = &tag[..memchr::memchr(b'>', tag).unwrap_or(tag.len())];
        for at in 0..tag.len().saturating_sub(7) {
            if !tag[at..at + 7].eq_ignore_ascii_case(b"charset") {
                continue;
            }
            let rest = tag[at + 7..].trim_ascii_start();
            let Some(value) = rest.strip_prefix(b"=") else {
                continue;
            };
            let value = value.trim_ascii_start();
            let value = value
                .strip_prefix(b"\"")
                .or_else(|| value.strip_prefix(b"'"))
                .unwrap_or(value);
            let length = value
                .iter()
                .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b':'))
                .count();
            if length > 0 {
                return std::str::from_utf8(&value[..length]).ok();
            }
        }
    }
    None
}

/// The text of a page: in the encoding of its byte order mark, the one that it names, or one that is found out.
///
/// # Errors
/// The bytes are no text.
pub fn page(bytes: &[u8]) -> Result<Decoded, DecodeError> {
    let named = charset(bytes)
        .and_then(|label| Encoding::for_label(label.as_bytes()))
        .filter(|named| *named != UTF_8 && named.is_ascii_compatible());
    match (decode::sniff(bytes)?, named) {
        (None, Some(named)) if std::str::from_utf8(bytes).is_err() => {
            let (text, broken) = named.decode_without_bom_handling(bytes);
            if broken {
                return decode::to_text(bytes);
            }
            Ok(Decoded {
                text: text.into_owned(),
                encoding: named.name(),
                remark: None,
            })
        }
        _ => decode::to_text(bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_says_its_charset_in_either_form() {
        for (page, found) in [
            ("<html><META CHARSET='windows-1252'>", Some("windows-1252")),
            ("<meta charset = utf-8 />", Some("utf-8")),
            (
                "<meta http-equiv=\"Content-Type\" content=\"text/html; charset=iso-8859-1\">",
                Some("iso-8859-1"),
            ),
            ("<meta name=viewport><p>charset=x", None),
            ("", None),
        ] {
            assert_eq!(charset(page.as_bytes()), found);
        }
    }
}
