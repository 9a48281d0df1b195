//! In what voice a claim of a message is made.

use crate::claims::{Claim, polarity};
use crate::domain::finding::Polarity;
use crate::text::view::View;

/// How far from a claim its sentence is looked at, in bytes: keeps hostile input linear.
const REACH: usize = 1_000;

/// The sentence of a claim, as far as it is looked at: bytes of the view's text.
pub(super) fn sentence_of(view: &View, claim: &Claim) -> (usize, usize) {
    let text = view.text();
    let (from, to) = view.sentences[claim.sentence];
    let from = from.max(text.floor_char_boundary(claim.start.saturating_sub(REACH)));
    let to = to.min(text.ceil_char_boundary((claim.end + REACH).min(text.len())));
    (from, to.max(claim.end))
}

/// In what voice a claim is made.
pub fn voice_of(view: &View, claim: &Claim) -> Polarity {
    let (from, to) = sentence_of(view, claim);
    let sentence = &view.text()[from..to];
    let (start, end) = (claim.start - from, claim.end - from);
    if claim.is_english {
        let next = view.sentence_after(claim.start);
        polarity::voice(sentence, start, end, next, claim.by_negation)
    } else {
        polarity::voice_elsewhere(sentence, start, end, claim.by_negation)
    }
}
