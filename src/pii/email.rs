//! E-mail addresses, plain and obfuscated.

use super::{HitReason, PiiHit, PiiKind};
use regex::Regex;
use std::sync::LazyLock;

/// Top-level domains that an obfuscated address must end in; plain addresses may end in any.
const TLDS: [&str; 34] = [
    "com", "org", "net", "edu", "gov", "io", "co", "uk", "de", "fr", "eu", "us", "ca", "au",
    "info", "biz", "me", "app", "dev", "bank", "example", "test", "email", "nl", "it", "es", "ch",
    "at", "in", "jp", "br", "mx", "online", "xyz",
];

fn is_local(b: u8) -> bool {
    b.is_ascii_alphanumeric()
        || b >= 0x80
        || matches!(
            b,
            b'.' | b'_' | b'%' | b'+' | b'-' | b'\'' | b'&' | b'#' | b'!' | b'*' | b'=' | b'~'
        )
}

fn is_domain(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b >= 0x80 || matches!(b, b'-' | b'.')
}

/// The address round the `@` at `at`. `sign` is the length of the sign itself (`@` 1, `&#64;` 5, `%40` 3).
pub fn around(text: &str, at: usize, sign: usize) -> Option<PiiHit> {
    let bytes = text.as_bytes();
    let mut start = at;
    while start > 0 && at - start < 64 && is_local(bytes[start - 1]) {
        start -= 1;
    }
    while start < at
        && matches!(
            bytes[start],
            b'.' | b'\'' | b'*' | b'-' | b'=' | b'#' | b'&' | b'!'
        )
    {
        start += 1;
    }
    // a literal \n, \t or \r of JSON before the address is no part of it
    if start > 0 && bytes[start - 1] == b'\\' && matches!(bytes[start], b'n' | b't' | b'r') {
        start += 1;
    }
    if let Some(equals) = bytes[start..at].iter().rposition(|b| *b == b'=') {
        start += equals + 1;
    }
    let mut end = at + sign;
    while end < bytes.len() && end - at < 255 && is_domain(bytes[end]) {
        end += 1;
    }
    while end > at + sign && matches!(bytes[end - 1], b'.' | b'-') {
        end -= 1;
    }
    let domain = text.get(at + sign..end)?;
    let (_, tld) = domain.rsplit_once('.')?;
    let labels_ok = domain
        .split('.')
        .all(|label| !label.is_empty() && label.len() <= 63 && !label.starts_with('-'));
    let tld_ok =
        tld.chars().count() >= 2 && tld.chars().all(char::is_alphabetic) || tld.starts_with("xn--");
    // user@host:path is an ssh remote, not a mailbox
    let remote = bytes.get(end) == Some(&b':')
        && bytes.get(end + 1).is_some_and(u8::is_ascii_alphabetic)
        && &text[start..at] == "git";
    (start < at && text.is_char_boundary(start) && labels_ok && tld_ok && !remote).then_some(
        PiiHit {
            start,
            end,
            kind: PiiKind::Email,
            score: 95,
            reason: HitReason::Shape,
        },
    )
}

#[expect(clippy::expect_used, reason = "constant pattern, covered by tests")]
static OBFUSCATED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?i)([a-z0-9][a-z0-9._%+-]{1,63}?)",
        r"(\s*[\[({<]\s*(?:at|@)\s*[\])}>]\s*|\s*[-_]at[-_]\s*|\s+at\s+|\s+@\s+|\s+@|@\s+)",
        r"([a-z0-9][a-z0-9-]{0,62}(?:(?:\s*[\[({<]\s*(?:dot|\.)\s*[\])}>]\s*|\s*[-_]dot[-_]\s*|\s+dot\s+|\s+\.\s+|\.)[a-z0-9-]{1,62}){0,3})",
        r"(\s*[\[({<]\s*(?:dot|\.)\s*[\])}>]\s*|\s*[-_]dot[-_]\s*|\s+dot\s+|\s+\.\s+|\.)([a-z]{2,10})\b"
    ))
    .expect("constant pattern")
});

/// Obfuscated addresses in a window of the text. A bare "at … dot …" needs a mail word within 30 bytes before.
pub fn obfuscated(text: &str, from: usize, to: usize, hits: &mut Vec<PiiHit>) {
    let window = &text[from..to];
    for c in OBFUSCATED.captures_iter(window) {
        let (Some(whole), Some(local)) = (c.get(0), c.get(1)) else {
            continue;
        };
        let (sign, dot, tld) = (&c[2], &c[4], c[5].to_ascii_lowercase());
        if !TLDS.contains(&tld.as_str()) {
            continue;
        }
        let plain_dot = dot == ".";
        let bracketed =
            sign.contains(['[', '(', '{', '<', '@']) || sign.trim().contains(['-', '_']);
        let start = from + local.start();
        let before = &text[super::context::floor(text, start.saturating_sub(30))..start];
        let lower = before.to_ascii_lowercase();
        let mail_word = ["mail", "write", "contact", "reach", "address"]
            .iter()
            .any(|word| lower.contains(word));
        let strong = bracketed && !(plain_dot && sign.trim() == "@" && !mail_word);
        let bare = !bracketed && !plain_dot && mail_word;
        let name_like = local.as_str().contains(['.', '_'])
            || local.as_str().bytes().any(|b| b.is_ascii_digit());
        if strong || bare || (!bracketed && !plain_dot && name_like) {
            hits.push(PiiHit {
                start,
                end: from + whole.end(),
                kind: PiiKind::Email,
                score: 75,
                reason: HitReason::Context,
            });
        }
    }
}
