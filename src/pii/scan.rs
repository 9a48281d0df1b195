//! One pass over a text: anchors, recognisers, known values, allow-list, overlaps.

use super::digit_run::DigitRun;
use super::{HitReason, KnownValues, PiiHit, PiiKind, REDACT_FROM, email, network, secret};
use crate::text::mapped::{self, Mapped};
use std::collections::{BTreeMap, BTreeSet};

/// Exact values that may stand in any message: the firm's lines, role mailboxes, registered address.
#[derive(Clone, Debug, Default)]
pub struct AllowList {
    values: BTreeSet<String>,
}

impl AllowList {
    pub fn new<'a>(values: impl IntoIterator<Item = &'a str>) -> Self {
        Self {
            values: values.into_iter().map(normal).collect(),
        }
    }

    /// The values in order, without their separators.
    pub fn values(&self) -> impl Iterator<Item = &str> {
        self.values.iter().map(String::as_str)
    }

    /// Whether the exact value is allowed, whatever its separators; for an address, a part of an allowed one.
    fn allows(&self, text: &str, kind: PiiKind) -> bool {
        let value = normal(text);
        self.values.contains(&value)
            || kind == PiiKind::Address
                && value.len() >= 8
                && self
                    .values
                    .iter()
                    .any(|v| v.contains(&value) || value.contains(v.as_str()) && v.len() >= 12)
            || kind == PiiKind::Phone && self.values.contains(&format!("1{value}"))
            || kind == PiiKind::Phone
                && value
                    .strip_prefix('1')
                    .is_some_and(|v| self.values.contains(v))
    }
}

fn normal(value: &str) -> String {
    let lower = value.trim().to_lowercase();
    if lower.contains('@') {
        lower
    } else {
        lower.chars().filter(|c| c.is_alphanumeric()).collect()
    }
}

/// Finds personal data. Cheap to build; share one per request.
#[derive(Default)]
pub struct Scanner<'a> {
    pub known: Option<&'a KnownValues>,
    pub allow: Option<&'a AllowList>,
}

const DIGIT: u8 = 1;
const AT: u8 = 2;
const COLON: u8 = 4;
const SIGN: u8 = 8;
const FENCE: u8 = 16;

/// Byte classes that can start something: one look-up a byte.
static CLASS: [u8; 256] = {
    let mut table = [0; 256];
    let mut b = b'0';
    while b <= b'9' {
        table[b as usize] = DIGIT;
        b += 1;
    }
    table[b'@' as usize] = AT;
    table[b':' as usize] = COLON;
    table[b'%' as usize] = SIGN;
    table[b'&' as usize] = SIGN;
    table[b'[' as usize] = FENCE;
    table[b'(' as usize] = FENCE;
    table[b'{' as usize] = FENCE;
    table[b'<' as usize] = FENCE;
    table[b'-' as usize] = FENCE;
    table[b'_' as usize] = FENCE;
    table
};

fn is_fence(b: u8) -> bool {
    CLASS[b as usize] == FENCE || matches!(b, b' ' | b']' | b')' | b'}' | b'>')
}

impl Scanner<'_> {
    /// All hits that are sure enough to redact, in order, without overlaps. Offsets are bytes of `text`.
    pub fn scan(&self, text: &str) -> Vec<PiiHit> {
        if text.is_ascii() {
            return self.finish(text, None);
        }
        let detection = mapped::fold(&Mapped::identity(text));
        self.finish(detection.text(), Some((&detection, text)))
    }

    fn finish(&self, text: &str, original: Option<(&Mapped, &str)>) -> Vec<PiiHit> {
        let mut hits = Vec::new();
        scan_anchors(text, &mut hits);
        secret::find(text, &mut hits);
        scan_spoken(text, &mut hits);
        if let Some(known) = self.known {
            for hit in &mut hits {
                if hit.kind == PiiKind::Email && known.nearly_email(&text[hit.start..hit.end]) {
                    (hit.score, hit.reason) = (100, HitReason::KnownValue);
                }
            }
            known.find(text, &mut hits);
        }
        hits.retain(|hit| {
            hit.score >= REDACT_FROM
                && !inside_redaction(text, hit)
                && (hit.reason == HitReason::KnownValue
                    || self
                        .allow
                        .is_none_or(|allow| !allow.allows(&text[hit.start..hit.end], hit.kind)))
        });
        let mut hits = without_overlaps(hits);
        if let Some((map, _)) = original {
            for hit in &mut hits {
                (hit.start, hit.end) = map.original(hit.start, hit.end);
            }
        }
        hits
    }
}

fn scan_anchors(text: &str, hits: &mut Vec<PiiHit>) {
    let bytes = text.as_bytes();
    let mut run = DigitRun::new(text);
    let mut fenced = Obfuscated::default();
    let mut spaced = Obfuscated::default();
    let mut at = 0;
    let mut v6_done = 0;
    while at < bytes.len() {
        let class = CLASS[bytes[at] as usize];
        if class == 0 {
            at += 1;
            continue;
        }
        match class {
            DIGIT => {
                run.read(at);
                run.classify(hits);
                at = run.end().max(at + 1);
                continue;
            }
            AT => {
                hits.extend(email::around(text, at, 1));
                let before = at.checked_sub(1).map(|i| bytes[i]);
                if matches!(before, Some(b' ' | b'[' | b'(' | b'<' | b'{'))
                    || bytes.get(at + 1) == Some(&b' ')
                {
                    spaced.look(text, at, 2, hits);
                }
            }
            COLON if at >= v6_done => {
                if let Some(hit) = network::ipv6(text, at) {
                    v6_done = hit.end;
                    hits.push(hit);
                }
            }
            SIGN => {
                for sign in ["&#64;", "&#x40;", "%40", "&commat;"] {
                    if text[at..].starts_with(sign) {
                        hits.extend(email::around(text, at, sign.len()));
                    }
                }
            }
            FENCE => {
                // "[at]", "( at )", "-at-"
                let word = at + 1 + usize::from(bytes.get(at + 1) == Some(&b' '));
                if is_at_word(bytes, word)
                    && bytes.get(word + 2).copied().is_some_and(is_fence)
                    && has_dot_soon(bytes, word)
                {
                    fenced.look(text, word, 8, hits);
                }
            }
            _ => {}
        }
        at += 1;
    }
}

fn is_at_word(bytes: &[u8], at: usize) -> bool {
    bytes
        .get(at..at + 2)
        .is_some_and(|word| word == b"at" || word == b"AT")
}

/// Windows round signs and words that stand for `@`; each place is looked at once.
#[derive(Default)]
struct Obfuscated {
    done: usize,
}

impl Obfuscated {
    fn look(&mut self, text: &str, at: usize, step: usize, hits: &mut Vec<PiiHit>) {
        if at < self.done {
            return;
        }
        let from = super::context::floor(text, at.saturating_sub(66));
        let to = super::context::floor(text, (at + 120).min(text.len()));
        email::obfuscated(text, from, to, hits);
        self.done = at + step;
    }
}

/// "jane at example dot com": the word between spaces.
fn scan_spoken(text: &str, hits: &mut Vec<PiiHit>) {
    let bytes = text.as_bytes();
    for spelling in [b" at ", b" AT "] {
        let mut spoken = Obfuscated::default();
        for at in memchr::memmem::find_iter(bytes, spelling) {
            if has_dot_soon(bytes, at + 1) {
                spoken.look(text, at + 1, 8, hits);
            }
        }
    }
}

/// A dot, or a word for it, within the next label: most "at"s of prose end here.
fn has_dot_soon(bytes: &[u8], at: usize) -> bool {
    let window = &bytes[at + 2..(at + 70).min(bytes.len())];
    memchr::memmem::find(window, b"dot").is_some()
        || memchr::memmem::find(window, b"DOT").is_some()
        || window.windows(3).any(|w| {
            w[1] == b'.'
                && (w[0].is_ascii_alphanumeric() && w[2].is_ascii_alphabetic()
                    || w[0] == b' ' && w[2] == b' ')
        })
}

/// A hit inside a tag that stands already. Tags are short, so only a few bytes are looked at.
fn inside_redaction(text: &str, hit: &PiiHit) -> bool {
    let from = super::context::floor(text, hit.start.saturating_sub(24));
    let before = &text[from..hit.start];
    before
        .rfind("[REDACTED_")
        .is_some_and(|open| !before[open..].contains(']'))
}

/// Known over validator over score over length; what is left, in order. Kept hits lie in a map by their start, so that
/// a text full of hits costs no more than sorting them.
fn without_overlaps(mut hits: Vec<PiiHit>) -> Vec<PiiHit> {
    hits.sort_by(|a, b| {
        b.reason
            .cmp(&a.reason)
            .then(b.score.cmp(&a.score))
            .then((b.end - b.start).cmp(&(a.end - a.start)))
            .then(a.start.cmp(&b.start))
    });
    let mut kept: BTreeMap<usize, PiiHit> = BTreeMap::new();
    for hit in hits {
        let clash = kept
            .range(..hit.end)
            .next_back()
            .filter(|(_, other)| other.end > hit.start)
            .map(|(start, _)| *start);
        match clash.and_then(|start| kept.remove(&start)) {
            None => {
                kept.insert(hit.start, hit);
            }
            Some(mut other) => {
                // The union stays covered, so that no rest of a value remains readable.
                other.start = other.start.min(hit.start);
                other.end = other.end.max(hit.end);
                kept.insert(other.start, other);
            }
        }
    }
    let mut merged: Vec<PiiHit> = Vec::with_capacity(kept.len());
    for hit in kept.into_values() {
        match merged.last_mut() {
            Some(last) if hit.start < last.end => last.end = last.end.max(hit.end),
            _ => merged.push(hit),
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scan(text: &str) -> Vec<(PiiKind, &str)> {
        Scanner::default()
            .scan(text)
            .into_iter()
            .map(|h| (h.kind, &text[h.start..h.end]))
            .collect()
    }

    #[test]
    fn one_of_each_kind() {
        for (text, kind, value) in [
            (
                "write to jane.doe+x@mail.example.co.uk now",
                PiiKind::Email,
                "jane.doe+x@mail.example.co.uk",
            ),
            (
                "reach me: john [at] example dot com",
                PiiKind::Email,
                "john [at] example dot com",
            ),
            ("SSN: 536-22-8726", PiiKind::Ssn, "536-22-8726"),
            ("ITIN 912-70-1234 issued", PiiKind::Itin, "912-70-1234"),
            (
                "card 4111 1111 1111 1111 please",
                PiiKind::CreditCard,
                "4111 1111 1111 1111",
            ),
            (
                "Refund to GB29 NWBK 6016 1331 9268 19 by Friday",
                PiiKind::Iban,
                "GB29 NWBK 6016 1331 9268 19",
            ),
            (
                "on (415) 555-2671 after five",
                PiiKind::Phone,
                "(415) 555-2671",
            ),
            (
                "Her number: +44 20 7946 0958.",
                PiiKind::Phone,
                "+44 20 7946 0958",
            ),
            (
                "Login from 203.0.113.42 blocked.",
                PiiKind::Ip,
                "203.0.113.42",
            ),
            (
                "from fe80::1ff:fe23:4567:890a blocked",
                PiiKind::Ip,
                "fe80::1ff:fe23:4567:890a",
            ),
            (
                "Account number: 000123456789",
                PiiKind::Account,
                "000123456789",
            ),
            ("routing number 021000021", PiiKind::Routing, "021000021"),
            ("Patient MRN: 00482913", PiiKind::Mrn, "00482913"),
            ("passport no. 523918472", PiiKind::Passport, "523918472"),
            (
                "driver's license D1234567 (CA)",
                PiiKind::DriverLicense,
                "D1234567",
            ),
            (
                "policy number HX-4471920 lapses",
                PiiKind::CustomerId,
                "HX-4471920",
            ),
            (
                "He was born on 15 March 1989.",
                PiiKind::Dob,
                "15 March 1989",
            ),
            (
                "Ship to 742 Evergreen Terrace, Springfield, IL 62704 today",
                PiiKind::Address,
                "742 Evergreen Terrace, Springfield, IL 62704",
            ),
            (
                "key AKIAIOSFODNN7EXAMPLE leaked",
                PiiKind::Secret,
                "AKIAIOSFODNN7EXAMPLE",
            ),
        ] {
            assert_eq!(scan(text), [(kind, value)], "{text}");
        }
    }

    #[test]
    fn ordinary_numbers_are_left_alone() {
        for text in [
            "Earn 4.10% APY on balances over $10,000. Rate effective 11/01/2026.",
            "Plan A: 12 x $49; Plan C: 36 x $19.95 (total $718.20).",
            "Invoice 536228726 is paid. Order 4155552671 has shipped.",
            "UUID 41111111-1111-4111-8111-111111111111",
            "Your account ending in 4821 is ready. Account balance: 12,345.67 USD",
            "2026-05-14 10:30:00 to 2026-05-15",
            "Upgrade to version 10.4.3.2 today.",
            "Visit us at acme dot com for details.",
            "User [REDACTED_EMAIL] called from [REDACTED_PHONE].",
            "Coordinates 41.878113, -87.629799.",
        ] {
            assert_eq!(scan(text), [], "{text}");
        }
    }

    #[test]
    fn known_values_beat_the_allow_list_and_the_given_name_is_free() {
        let profile = crate::domain::profile::Profile::from_value(&serde_json::json!({
            "id": "c1", "name": "Maria Gonzalez", "email": "maria.gonzalez84@northmail.example",
            "phone": "+1 (312) 555-0147", "account": "774100982213",
            "address": "58 Larkspur Lane, Naperville, IL 60540", "dob": "1984-07-09"
        }))
        .unwrap();
        let known = KnownValues::of_profile(&profile);
        let allow = AllowList::new(["+1 (312) 555-0147"]);
        let scanner = Scanner {
            known: Some(&known),
            allow: Some(&allow),
        };
        let found = |text: &str| {
            scanner
                .scan(text)
                .into_iter()
                .map(|h| (h.kind, text[h.start..h.end].to_owned()))
                .collect::<Vec<_>>()
        };
        assert_eq!(
            found("Señora María González prefers mail."),
            [(PiiKind::Name, "María González".into())]
        );
        assert_eq!(found("Hi Maria, welcome back."), []);
        assert_eq!(
            found("ring 312 . 555 . 0147"),
            [(PiiKind::Phone, "312 . 555 . 0147".into())]
        );
        assert_eq!(
            found("ref 7741 0098 2213; ref 7741 0098 2214"),
            [(PiiKind::Account, "7741 0098 2213".into())]
        );
        assert_eq!(
            found("Deliver to 58 Larkspur Ln., Naperville asap"),
            [(PiiKind::Address, "58 Larkspur Ln., Naperville".into())]
        );
        assert_eq!(
            found("her login maria.gonzalez84 at northmail"),
            [(PiiKind::Email, "maria.gonzalez84 at northmail".into())]
        );
        assert_eq!(
            found("born July 9, 1984"),
            [(PiiKind::Dob, "July 9, 1984".into())]
        );
    }
}
