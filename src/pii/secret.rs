//! Keys and tokens that open doors.

use super::{HitReason, PiiHit, PiiKind};
use aho_corasick::AhoCorasick;
use std::sync::LazyLock;

/// Prefix, how many characters of which alphabet must follow at least.
const PREFIXES: &[(&str, usize)] = &[
    ("AKIA", 16),
    ("ASIA", 16),
    ("ghp_", 30),
    ("gho_", 30),
    ("ghs_", 30),
    ("github_pat_", 30),
    ("sk-", 20),
    ("sk_live_", 16),
    ("rk_live_", 16),
    ("xoxb-", 20),
    ("xoxp-", 20),
    ("glpat-", 18),
    ("AIza", 30),
    ("eyJ", 40),
    ("-----BEGIN ", 20),
    ("Bearer ", 20),
];

#[expect(clippy::expect_used, reason = "constant prefixes, covered by tests")]
static AUTOMATON: LazyLock<AhoCorasick> = LazyLock::new(|| {
    AhoCorasick::new(PREFIXES.iter().map(|(prefix, _)| *prefix)).expect("constant prefixes")
});

/// All secrets of a text, in one pass.
pub fn find(text: &str, hits: &mut Vec<PiiHit>) {
    let bytes = text.as_bytes();
    for found in AUTOMATON.find_iter(text) {
        let (prefix, least) = PREFIXES[found.pattern().as_usize()];
        if found.start() > 0 && bytes[found.start() - 1].is_ascii_alphanumeric() {
            continue;
        }
        let mut end = found.end();
        if prefix == "-----BEGIN " {
            if !text[end..].starts_with("PRIVATE KEY") && !text[end..].contains("PRIVATE KEY-----")
            {
                continue;
            }
            end = text[end..].find("-----END").map_or(text.len(), |i| {
                let close = end + i + 8;
                text[close..]
                    .find("-----")
                    .map_or(text.len(), |j| close + j + 5)
            });
        } else {
            while end < bytes.len()
                && (bytes[end].is_ascii_alphanumeric()
                    || matches!(bytes[end], b'_' | b'-' | b'.' | b'+' | b'/' | b'='))
            {
                end += 1;
            }
            while end > found.end() && matches!(bytes[end - 1], b'.' | b'-') {
                end -= 1;
            }
        }
        let body = &bytes[found.end()..end];
        if body.len() < least || prefix != "-----BEGIN " && !body.iter().any(u8::is_ascii_digit) {
            continue;
        }
        hits.push(PiiHit {
            start: found.start(),
            end,
            kind: PiiKind::Secret,
            score: 90,
            reason: HitReason::Shape,
        });
    }
}
