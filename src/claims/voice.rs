//! In what voice a claim is made: found out once, by whoever asks first.

use super::{Claim, polarity};
use crate::domain::finding::Polarity;
use crate::text::view::View;

/// How far from a claim its sentence is looked at, in bytes: keeps hostile input linear.
const REACH: usize = 1_000;

impl Claim {
    /// Its sentence, as far as it is looked at: bytes of the view's text.
    pub fn sentence_in(&self, view: &View) -> (usize, usize) {
        let text = view.text();
        let (from, to) = view.sentences[self.sentence];
        let from = from.max(text.floor_char_boundary(self.start.saturating_sub(REACH)));
        let to = to.min(text.ceil_char_boundary((self.end + REACH).min(text.len())));
        (from, to.max(self.end))
    }

    /// Its voice in the view that it was read from.
    pub fn voice(&self, view: &View) -> Polarity {
        *self.voice.get_or_init(|| {
            let (from, to) = self.sentence_in(view);
            let sentence = &view.text()[from..to];
            let (start, end) = (self.start - from, self.end - from);
            if self.is_english {
                let next = view.sentence_after(self.start);
                polarity::voice(sentence, start, end, next, self.by_negation)
            } else {
                polarity::voice_elsewhere(sentence, start, end, self.by_negation)
            }
        })
    }

    /// Whether its sentence is an approved disclosure; asked once.
    pub fn is_approved(&self, ask: impl FnOnce() -> bool) -> bool {
        *self.approved.get_or_init(ask)
    }

    /// Its sentence denies it, tells it of others, or has it word for word from a law: nobody makes the claim.
    pub fn is_disowned(&self, view: &View) -> bool {
        self.prescribed || matches!(self.voice(view), Polarity::Negated | Polarity::Attributed)
    }
}
