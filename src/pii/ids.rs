//! Identifiers that only the words before them give away: medical record, passport, licence, customer numbers.

use super::context::{Cue, NumberContext};
use super::{HitReason, PiiHit, PiiKind};

const KINDS: [(Cue, PiiKind); 4] = [
    (Cue::Mrn, PiiKind::Mrn),
    (Cue::Passport, PiiKind::Passport),
    (Cue::License, PiiKind::DriverLicense),
    (Cue::Customer, PiiKind::CustomerId),
];

/// The identifier round the digit at `start`, if a word right before it names its kind.
pub fn near(text: &str, start: usize, context: &NumberContext) -> Option<PiiHit> {
    let (_, kind) = KINDS.into_iter().find(|(cue, _)| {
        context.is_nearest(*cue) && context.distance(*cue).is_some_and(|d| d <= 18)
    })?;
    let bytes = text.as_bytes();
    let part = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
    let mut from = start;
    while from > 0 && start - from < 8 && part(bytes[from - 1]) {
        from -= 1;
    }
    let mut end = start;
    while end < bytes.len() && end - from < 24 && part(bytes[end]) {
        end += 1;
    }
    while end > from && bytes[end - 1] == b'-' {
        end -= 1;
    }
    let token = &bytes[from..end];
    let digits = token.iter().filter(|b| b.is_ascii_digit()).count();
    let upper = token
        .iter()
        .filter(|b| b.is_ascii_alphabetic())
        .all(u8::is_ascii_uppercase);
    (digits >= 4 && token.len() >= 5 && upper && !token.starts_with(b"-")).then_some(PiiHit {
        start: from,
        end,
        kind,
        score: 80,
        reason: HitReason::Context,
    })
}
