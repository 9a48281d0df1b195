//! IP addresses.

use super::context::{Cue, NumberContext};
use super::{HitReason, PiiHit, PiiKind};
use std::net::Ipv6Addr;

/// A dotted quad whose first digit stands at `start`.
pub fn ipv4(text: &str, start: usize) -> Option<PiiHit> {
    let bytes = text.as_bytes();
    if start > 0
        && (bytes[start - 1].is_ascii_alphanumeric()
            || matches!(bytes[start - 1], b'.' | b'-' | b'_'))
    {
        return None;
    }
    let mut at = start;
    for octet in 0..4 {
        let from = at;
        while at < bytes.len() && at - from < 3 && bytes[at].is_ascii_digit() {
            at += 1;
        }
        let digits = &bytes[from..at];
        let value: u32 = digits
            .iter()
            .fold(0, |acc, d| acc * 10 + u32::from(d - b'0'));
        if digits.is_empty() || value > 255 || digits.len() > 1 && digits[0] == b'0' {
            return None;
        }
        if octet < 3 {
            if bytes.get(at) != Some(&b'.') {
                return None;
            }
            at += 1;
        }
    }
    let next = bytes.get(at);
    let goes_on = next.is_some_and(u8::is_ascii_alphanumeric)
        || next == Some(&b'.') && bytes.get(at + 1).is_some_and(u8::is_ascii_digit)
        || next == Some(&b'-') && bytes.get(at + 1).is_some_and(u8::is_ascii_alphanumeric);
    if goes_on || NumberContext::around(text, start, at).before(Cue::Version) {
        return None;
    }
    Some(PiiHit {
        start,
        end: at,
        kind: PiiKind::Ip,
        score: 85,
        reason: HitReason::Validator,
    })
}

/// An IPv6 address round the first `:` at `colon`.
pub fn ipv6(text: &str, colon: usize) -> Option<PiiHit> {
    let bytes = text.as_bytes();
    let part = |b: u8| b.is_ascii_hexdigit() || matches!(b, b':' | b'.');
    let mut start = colon;
    while start > 0 && colon - start < 5 && bytes[start - 1].is_ascii_hexdigit() {
        start -= 1;
    }
    if start > 0 && (bytes[start - 1].is_ascii_alphanumeric() || bytes[start - 1] == b':') {
        return None;
    }
    let mut end = colon;
    while end < bytes.len() && end - start < 46 && part(bytes[end]) {
        end += 1;
    }
    while end > start
        && (bytes[end - 1] == b'.' || bytes[end - 1] == b':' && !bytes[..end].ends_with(b"::"))
    {
        end -= 1;
    }
    let address = text.get(start..end)?;
    let colons = address.bytes().filter(|b| *b == b':').count();
    let digits = address.bytes().any(|b| b.is_ascii_digit());
    if !digits || !(colons >= 3 || address.contains("::") && address.len() >= 9) {
        return None;
    }
    if bytes.get(end).is_some_and(u8::is_ascii_alphanumeric) {
        return None;
    }
    address.parse::<Ipv6Addr>().ok()?;
    Some(PiiHit {
        start,
        end,
        kind: PiiKind::Ip,
        score: 85,
        reason: HitReason::Validator,
    })
}
