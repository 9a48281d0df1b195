//! Whether bytes are a mail, whatever the file is called, or something else that mail programs write.

use super::fields::{line_end, name_length};
use encoding_rs::{Encoding, UTF_8};
use std::ops::Range;

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailFileKind {
    Mail,
    /// A mailbox with so many messages.
    Mailbox(usize),
    /// Outlook's own format (.msg, .oft), or another old Office file.
    Outlook,
    Other,
}

/// Fields that only mail has, or hardly anything else.
const TELLING: [&str; 11] = [
    "from",
    "mime-version",
    "received",
    "message-id",
    "return-path",
    "dkim-signature",
    "delivered-to",
    "content-type",
    "x-mailer",
    "reply-to",
    "date",
];
/// Fields beside which one of those makes a mail.
const USUAL: [&str; 5] = ["subject", "to", "cc", "sender", "content-transfer-encoding"];

/// What the bytes are.
pub fn shape(bytes: &[u8]) -> MailFileKind {
    if bytes.starts_with(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1") {
        return MailFileKind::Outlook;
    }
    let owned = with_line_feeds(bytes);
    let bytes = owned.as_deref().unwrap_or(bytes);
    let from = extent(bytes).start;
    if bytes[from..].starts_with(b"From ") {
        let count = messages(&bytes[from..]);
        if count > 1 {
            return MailFileKind::Mailbox(count);
        }
    }
    if is_header(&bytes[from..]) {
        MailFileKind::Mail
    } else {
        MailFileKind::Other
    }
}

/// Whether the text begins with fields of a mail. One field alone may be anybody's note.
fn is_header(bytes: &[u8]) -> bool {
    let (mut telling, mut usual) = (0, 0);
    let mut at = 0;
    let mut first = true;
    while at < bytes.len().min(64 << 10) {
        let (end, next) = line_end(bytes, at);
        let line = &bytes[at..end];
        at = next;
        if line.is_empty() {
            break;
        }
        let continues = matches!(line[0], b' ' | b'\t') && !first;
        match name_length(line) {
            _ if continues || line.starts_with(b"From ") || line.starts_with(b">From ") => {}
            Some(length) => {
                let name = String::from_utf8_lossy(&line[..length]).to_ascii_lowercase();
                telling += usize::from(TELLING.contains(&name.as_str()));
                usual += usize::from(USUAL.contains(&name.as_str()));
            }
            None if first => return false,
            None => {}
        }
        first = false;
    }
    telling > 1 || telling == 1 && usual > 0
}

/// Messages of a mailbox: an envelope line behind an empty one, with fields under it.
fn messages(bytes: &[u8]) -> usize {
    let mut count = 0;
    let mut at = 0;
    let mut empty = true;
    while at < bytes.len() {
        let (end, next) = line_end(bytes, at);
        if empty && bytes[at..end].starts_with(b"From ") && name_length(&bytes[next..]).is_some() {
            count += 1;
        }
        empty = at == end;
        at = next;
    }
    count
}

/// Where the mail stands: behind a byte order mark, empty lines, and the count of bytes that Apple Mail writes first and
/// follows with notes of its own.
pub(super) fn extent(bytes: &[u8]) -> Range<usize> {
    let mark = usize::from(bytes.starts_with(b"\xEF\xBB\xBF")) * 3;
    let from = skip_empty(bytes, mark);
    let (end, next) = line_end(bytes, from);
    let count = std::str::from_utf8(&bytes[from..end])
        .ok()
        .and_then(|line| line.trim().parse::<usize>().ok());
    match count {
        Some(count) if is_header(&bytes[next..]) => {
            next..next.saturating_add(count).min(bytes.len())
        }
        _ => from..bytes.len(),
    }
}

/// The first place that is no line end.
pub(super) fn skip_empty(bytes: &[u8], from: usize) -> usize {
    let empty = bytes[from..]
        .iter()
        .take_while(|b| matches!(b, b'\r' | b'\n'))
        .count();
    from + empty
}

/// The bytes with lines that end as others do, and one byte a letter: old Macs' lines and UTF-16 are turned.
pub(super) fn with_line_feeds(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut owned = match Encoding::for_bom(bytes) {
        Some((encoding, length)) if encoding != UTF_8 => {
            let (text, _) = encoding.decode_without_bom_handling(&bytes[length..]);
            Some(text.into_owned().into_bytes())
        }
        _ => None,
    };
    let now = owned.as_deref().unwrap_or(bytes);
    if memchr::memchr(b'\n', now).is_none() && memchr::memchr(b'\r', now).is_some() {
        let lines = now.iter().map(|b| if *b == b'\r' { b'\n' } else { *b });
        owned = Some(lines.collect());
    }
    owned
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_is_known_by_its_fields() {
        for (text, found) in [
            ("From: a@b.example\nSubject: x\n\ny", MailFileKind::Mail),
            (
                "\u{FEFF}From: a@b.example\r\nSubject: x\r\n\r\ny",
                MailFileKind::Mail,
            ),
            ("From: a@b.example\rSubject: x\r\ry", MailFileKind::Mail),
            (
                "Received: by x;\n\tnow\nMIME-Version: 1.0\n\ny",
                MailFileKind::Mail,
            ),
            (
                "From x Mon\nFrom: a@b.example\nTo: c@d.example\n\ny",
                MailFileKind::Mail,
            ),
            (
                "123\nFrom: a@b.example\nSubject: x\n\ny",
                MailFileKind::Mail,
            ),
            (
                "From x Mon\nFrom: a@b.example\n\ny\n\nFrom x Tue\nFrom: a@b.example\n\nz",
                MailFileKind::Mailbox(2),
            ),
            (
                "From x Mon\nFrom: a@b.example\nTo: c@d.example\n\ny\n\nFrom our desk to yours\nmore",
                MailFileKind::Mail,
            ),
            ("Subject: your plan\n\nHello", MailFileKind::Other),
            ("Dear Amara,\nfrom: us", MailFileKind::Other),
            ("Note: call back\nDate: tomorrow", MailFileKind::Other),
            ("{\"body\": \"From: a\"}", MailFileKind::Other),
            ("", MailFileKind::Other),
        ] {
            assert_eq!(shape(text.as_bytes()), found, "{text:?}");
        }
    }
}
