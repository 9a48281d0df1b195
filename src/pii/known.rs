//! The customer's own values: whatever form they take in a text, they are recognised and never allowed.

use super::{HitReason, PiiHit, PiiKind};
use crate::domain::profile::Profile;
use crate::text::mapped::{self, Mapped};
use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use std::collections::BTreeMap;
use zeroize::Zeroize;

/// Values of one customer, prepared for matching. Wiped from memory when dropped.
pub struct KnownValues {
    words: Option<AhoCorasick>,
    patterns: Vec<(String, PiiKind, bool)>,
    /// Digits of telephone and account numbers.
    digits: BTreeMap<String, PiiKind>,
}

impl KnownValues {
    /// Prepares what a profile holds.
    pub fn of_profile(profile: &Profile) -> Self {
        let fields = profile.fields();
        let extra = |key: &str| fields.field(key).and_then(serde_json::Value::as_str);
        let mut values = KnownValuesBuilder::default();
        for name in profile.name.iter().chain(&profile.full_names()) {
            values.name(name);
        }
        if let Some(email) = &profile.email {
            values.email(email);
        }
        if let Some(phone) = &profile.phone {
            values.phone(phone);
        }
        for key in ["account", "account_number", "card", "iban"] {
            if let Some(account) = extra(key) {
                values.number(account, PiiKind::Account);
            }
        }
        if let Some(ssn) = extra("ssn") {
            values.number(ssn, PiiKind::Ssn);
        }
        for key in ["address", "postal_address"] {
            if let Some(address) = extra(key) {
                values.address(address);
            }
        }
        for key in ["dob", "date_of_birth"] {
            if let Some(dob) = extra(key) {
                values.birth(dob);
            }
        }
        values.build()
    }

    /// Finds the values in the detection copy of a text.
    pub fn find(&self, text: &str, hits: &mut Vec<PiiHit>) {
        if let Some(words) = &self.words {
            let lower = text.to_ascii_lowercase();
            for found in words.find_overlapping_iter(&lower) {
                let (_, kind, needs_provider) = &self.patterns[found.pattern().as_usize()];
                let bytes = lower.as_bytes();
                let alone = |b: Option<&u8>| b.is_none_or(|b| !b.is_ascii_alphanumeric());
                if !alone(found.start().checked_sub(1).and_then(|i| bytes.get(i)))
                    || !alone(bytes.get(found.end()))
                {
                    continue;
                }
                let mut end = found.end();
                if *needs_provider {
                    let rest = &lower[end..];
                    let Some(sign) = [" at ", "@", " @ ", " (at) ", " [at] ", "(at)", "[at]"]
                        .iter()
                        .find(|s| rest.starts_with(**s))
                    else {
                        continue;
                    };
                    let provider = rest[sign.len()..]
                        .find(|c: char| !(c.is_alphanumeric() || matches!(c, '.' | '-')))
                        .unwrap_or(rest.len() - sign.len());
                    if provider == 0 {
                        continue;
                    }
                    end += sign.len() + provider;
                }
                if *kind == PiiKind::Address {
                    end = extend_address(text, end);
                }
                hits.push(known(found.start(), end, *kind));
            }
        }
        if !self.digits.is_empty() {
            self.find_numbers(text, hits);
        }
    }

    fn find_numbers(&self, text: &str, hits: &mut Vec<PiiHit>) {
        // Digits with their offsets; separators of up to three signs between them, letters end a run.
        let bytes = text.as_bytes();
        let mut run: Vec<(u8, usize)> = Vec::new();
        let mut gap = 0;
        for (at, b) in bytes.iter().chain(std::iter::once(&b'x')).enumerate() {
            if b.is_ascii_digit() {
                run.push((*b, at));
                gap = 0;
            } else if !run.is_empty() {
                gap += 1;
                if gap > 3 || b.is_ascii_alphabetic() || *b == b';' {
                    self.match_run(&run, bytes, hits);
                    run.clear();
                    gap = 0;
                }
            }
        }
        self.match_run(&run, bytes, hits);
    }

    fn match_run(&self, run: &[(u8, usize)], bytes: &[u8], hits: &mut Vec<PiiHit>) {
        for (value, kind) in &self.digits {
            if run.len() < value.len() {
                continue;
            }
            for window in run.windows(value.len()) {
                let (first, last) = (window[0].1, window[window.len() - 1].1);
                let border = |i: Option<usize>| {
                    i.and_then(|i| bytes.get(i))
                        .is_none_or(|b| !b.is_ascii_digit())
                };
                if window.iter().map(|d| d.0).eq(value.bytes())
                    && border(first.checked_sub(1))
                    && border(Some(last + 1))
                {
                    hits.push(known(first, last + 1, *kind));
                }
            }
        }
    }

    /// Whether an address differs from the customer's own by at most one letter of its local part.
    pub fn nearly_email(&self, address: &str) -> bool {
        let address = address.to_ascii_lowercase();
        let Some((local, domain)) = address.split_once('@') else {
            return false;
        };
        self.patterns.iter().any(|(pattern, kind, _)| {
            *kind == PiiKind::Email
                && pattern
                    .split_once('@')
                    .is_some_and(|(l, d)| d == domain && l.len() >= 6 && within_one(l, local))
        })
    }
}

impl Drop for KnownValues {
    fn drop(&mut self) {
        for (pattern, ..) in &mut self.patterns {
            pattern.zeroize();
        }
        for (mut value, _) in std::mem::take(&mut self.digits) {
            value.zeroize();
        }
    }
}

fn known(start: usize, end: usize, kind: PiiKind) -> PiiHit {
    PiiHit {
        start,
        end,
        kind,
        score: 100,
        reason: HitReason::KnownValue,
    }
}

/// One insertion, deletion, substitution or swap of neighbours (Damerau-Levenshtein ≤ 1).
fn within_one(a: &str, b: &str) -> bool {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let head = a.iter().zip(&b).take_while(|(x, y)| x == y).count();
    let tail = a[head..]
        .iter()
        .rev()
        .zip(b[head..].iter().rev())
        .take_while(|(x, y)| x == y)
        .count();
    let (ra, rb) = (&a[head..a.len() - tail], &b[head..b.len() - tail]);
    match (ra.len(), rb.len()) {
        (0 | 1, 0 | 1) => true,
        (2, 2) => ra[0] == rb[1] && ra[1] == rb[0],
        _ => false,
    }
}

fn extend_address(text: &str, end: usize) -> usize {
    // ", Naperville, IL 60540" after the street
    let rest = &text[end..];
    let mut taken = 0;
    for (index, piece) in rest.split(',').enumerate().take(3) {
        let trimmed = piece.trim_start_matches(['.', ' ']);
        let word: usize = trimmed
            .split(' ')
            .take_while(|w| {
                w.chars()
                    .next()
                    .is_some_and(|c| c.is_uppercase() || c.is_ascii_digit())
            })
            .map(|w| w.len() + 1)
            .sum();
        if index == 0 && !trimmed.is_empty() && word == 0 {
            break;
        }
        if index == 0 {
            taken += piece.len() - trimmed.len();
            if !trimmed.is_empty() {
                break;
            }
        } else if word > 0 {
            taken += 1 + (piece.len() - trimmed.len()) + word - 1;
            if word - 1 < trimmed.len() {
                break;
            }
        } else {
            break;
        }
    }
    let stretched = super::context::floor(text, end + taken);
    text[..stretched]
        .trim_end_matches([',', ' '])
        .len()
        .max(end)
}

#[derive(Default)]
struct KnownValuesBuilder {
    patterns: Vec<(String, PiiKind, bool)>,
    digits: BTreeMap<String, PiiKind>,
}

impl KnownValuesBuilder {
    fn word(&mut self, pattern: &str, kind: PiiKind, needs_provider: bool) {
        let folded = mapped::fold(&Mapped::identity(pattern))
            .text()
            .to_ascii_lowercase();
        let pattern = folded.split_whitespace().collect::<Vec<_>>().join(" ");
        if pattern.len() >= 4 && !self.patterns.iter().any(|(p, ..)| *p == pattern) {
            self.patterns.push((pattern, kind, needs_provider));
        }
    }

    /// The full name in both orders; the given name alone is allowed.
    fn name(&mut self, name: &str) {
        let tokens: Vec<&str> = name.split_whitespace().collect();
        if let [first, .., last] = tokens.as_slice() {
            self.word(&tokens.join(" "), PiiKind::Name, false);
            self.word(&format!("{first} {last}"), PiiKind::Name, false);
            self.word(&format!("{last} {first}"), PiiKind::Name, false);
            self.word(&format!("{last}, {first}"), PiiKind::Name, false);
            if last.chars().count() >= 6 {
                self.word(last, PiiKind::Name, false);
            }
        }
    }

    fn email(&mut self, email: &str) {
        self.word(email, PiiKind::Email, false);
        if let Some((local, _)) = email.split_once('@')
            && local.len() >= 6
        {
            self.word(local, PiiKind::Email, true);
        }
    }

    fn phone(&mut self, phone: &str) {
        let digits: String = phone.chars().filter(char::is_ascii_digit).collect();
        if digits.len() >= 10 {
            self.digits
                .insert(digits[digits.len() - 10..].to_owned(), PiiKind::Phone);
        }
        if digits.len() >= 7 {
            self.digits.insert(digits, PiiKind::Phone);
        }
    }

    fn number(&mut self, number: &str, kind: PiiKind) {
        let digits: String = number.chars().filter(char::is_ascii_digit).collect();
        if digits.len() >= 6 {
            self.digits.insert(digits, kind);
        }
    }

    fn address(&mut self, address: &str) {
        const STEMS: [(&str, &[&str]); 8] = [
            ("lane", &["ln"]),
            ("street", &["st"]),
            ("avenue", &["ave"]),
            ("road", &["rd"]),
            ("drive", &["dr"]),
            ("boulevard", &["blvd"]),
            ("court", &["ct"]),
            ("place", &["pl"]),
        ];
        let street = address
            .split(',')
            .next()
            .unwrap_or("")
            .trim()
            .to_ascii_lowercase();
        self.word(&street, PiiKind::Address, false);
        for (long, shorts) in STEMS {
            for short in shorts {
                if let Some(stem) = street.strip_suffix(long) {
                    self.word(&format!("{stem}{short}"), PiiKind::Address, false);
                } else if let Some(stem) = street.strip_suffix(&format!(" {short}")) {
                    self.word(&format!("{stem} {long}"), PiiKind::Address, false);
                }
            }
        }
    }

    fn birth(&mut self, dob: &str) {
        let Some(date) = crate::text::numbers::first_date(dob) else {
            return;
        };
        for form in [
            "%Y-%m-%d",
            "%m/%d/%Y",
            "%d/%m/%Y",
            "%-m/%-d/%Y",
            "%-d %B %Y",
            "%B %-d, %Y",
            "%d.%m.%Y",
            "%-d %b %Y",
            "%b %-d, %Y",
        ] {
            self.word(&date.format(form).to_string(), PiiKind::Dob, false);
        }
    }

    fn build(self) -> KnownValues {
        let words = (!self.patterns.is_empty())
            .then(|| {
                AhoCorasick::builder()
                    .match_kind(MatchKind::Standard)
                    // Made for a handful of short texts: what is built fastest is fastest.
                    .kind(Some(AhoCorasickKind::NoncontiguousNFA))
                    .build(self.patterns.iter().map(|(p, ..)| p))
                    .ok()
            })
            .flatten();
        KnownValues {
            words,
            patterns: self.patterns,
            digits: self.digits,
        }
    }
}
