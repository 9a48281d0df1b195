//! National identifiers beside the American ones: which there are, how they are written, and what makes one believed.
//!
//! Each scheme has its validator (`europe`, `islands`, `overseas`), the words that name it, and how sure its shape is
//! without them. Where the check is weak or the shape is that of any number, the words must stand beside it.

mod candidates;
mod checks;
mod europe;
mod islands;
mod overseas;
mod scheme;
mod token;
mod words;

pub use scheme::Scheme;

use super::context::{Cue, NumberContext};
use super::digit_run::DigitRun;
use super::{HitReason, PiiHit, PiiKind, validate};
use token::NationalIdToken;

/// What a scheme's words give a valid number.
const NAMED: u8 = 90;

/// The identifier that the groups from `first` on are, or a part of. `context` is asked for only when a number is valid.
pub(super) fn at(run: &DigitRun<'_>, first: usize) -> Option<(usize, PiiHit)> {
    let start = run.groups[first].start;
    let mut best: Option<(NationalIdToken<'_>, Scheme, u8)> = None;
    for token in candidates::tokens(run, first) {
        let mut nearby = None;
        for scheme in scheme::of_shape(token.shape()) {
            if !scheme.is_valid(&token) {
                continue;
            }
            let last = run.last_within(first, token.end);
            let context = run.context(first, last);
            let nearby = nearby
                .get_or_insert_with(|| words::Nearby::around(run.text, token.start, token.end));
            let score = believed(nearby.distance(scheme), scheme, &token, &context);
            if score > 0
                && best
                    .as_ref()
                    .is_none_or(|(t, _, s)| (score, token.len()) > (*s, t.len()))
            {
                best = Some((token, scheme, score));
            }
        }
    }
    let (token, scheme, score) = best?;
    let hit = PiiHit {
        start: token.start,
        end: token.end,
        kind: PiiKind::National(scheme),
        score,
        reason: if score == NAMED && !scheme.has_check() {
            HitReason::Context
        } else {
            HitReason::Validator
        },
    };
    debug_assert!(hit.start <= start && hit.end > start);
    Some((run.last_within(first, hit.end), hit))
}

/// How sure it is that a valid number is one of the scheme: 0 if it is not.
fn believed(
    named: Option<usize>,
    scheme: Scheme,
    token: &NationalIdToken<'_>,
    context: &NumberContext,
) -> u8 {
    match named {
        Some(near)
            if !context.before(Cue::Other)
                || context
                    .distance(Cue::Other)
                    .is_some_and(|d| usize::from(d) >= near) =>
        {
            NAMED
        }
        _ if context.before(Cue::Other) || context.near(Cue::Version) || is_card(token) => 0,
        _ => scheme.alone(token),
    }
}

/// A payment card by its network and check digit, which some numbers of a state are by chance.
fn is_card(token: &NationalIdToken<'_>) -> bool {
    token.plain().iter().all(u8::is_ascii_digit)
        && token.len() >= 12
        && validate::card_brand(token.plain())
        && validate::luhn(token.plain())
}

#[cfg(test)]
mod tests;
