//! Prescribed texts, found whole, before any phrase is looked for.

use super::tokens::{ClaimToken, ClaimTokens};
use super::vocabulary::{PhraseVocabulary, TokenBoundary, UNKNOWN};
use crate::text::{numbers, sentence};
use std::collections::HashMap;

/// Words that `{}` stands for, at most.
const BLANK: usize = 8;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum LegendStep {
    Word(u32),
    Blank,
}

/// A prescribed text does not begin with a word, so that it could not be looked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the text `{0}` has to begin with a word")]
pub struct LegendError(pub String);

/// All legends, by the word they begin with.
#[derive(Clone, Debug, Default)]
pub struct Legends {
    begins: HashMap<u32, Vec<(usize, Vec<LegendStep>)>>,
}

impl Legends {
    /// Adds a wording of a legend. `{}` stands for up to eight words; none stands at the beginning.
    ///
    /// # Errors
    /// It begins with `{}` or says nothing.
    pub fn add(
        &mut self,
        legend: usize,
        text: &str,
        vocabulary: &mut PhraseVocabulary,
    ) -> Result<(), LegendError> {
        let mut steps = Vec::new();
        for (index, piece) in text.split("{}").enumerate() {
            if index > 0 {
                steps.push(LegendStep::Blank);
            }
            let sentences = sentence::sentences(piece);
            let quantities = numbers::quantities(piece);
            let tokens = ClaimTokens::of(piece, &sentences, &quantities, &mut |word| {
                vocabulary.add(word)
            });
            let words = tokens.all.iter().filter(|token| !is_mark(token));
            steps.extend(words.map(|token| LegendStep::Word(token.word)));
        }
        match steps.first() {
            Some(LegendStep::Word(first)) => {
                self.begins.entry(*first).or_default().push((legend, steps));
                Ok(())
            }
            _ => Err(LegendError(text.to_owned())),
        }
    }

    /// Legends of a text: which, and the range of tokens. The longest at each place.
    pub fn find(&self, tokens: &[ClaimToken]) -> Vec<(usize, usize, usize)> {
        let mut found = Vec::new();
        let mut from = 0;
        for (at, token) in tokens.iter().enumerate() {
            if at < from || token.word == UNKNOWN {
                continue;
            }
            let Some(all) = self.begins.get(&token.word) else {
                continue;
            };
            let best = all
                .iter()
                .filter_map(|(legend, steps)| Some((end_of(steps, tokens, at)?, *legend)))
                .max();
            if let Some((end, legend)) = best {
                found.push((legend, at, end));
                from = end;
            }
        }
        found
    }
}

fn is_mark(token: &ClaimToken) -> bool {
    token.word == UNKNOWN && token.figure.is_none() && token.mark != TokenBoundary::None
}

/// Where the steps end that begin at a token.
fn end_of(steps: &[LegendStep], tokens: &[ClaimToken], at: usize) -> Option<usize> {
    let mut place = at;
    let mut blank = 0;
    for step in steps {
        match step {
            LegendStep::Blank => blank = BLANK,
            LegendStep::Word(word) => {
                loop {
                    let token = tokens.get(place)?;
                    place += 1;
                    if is_mark(token) {
                        continue;
                    }
                    if token.word == *word {
                        break;
                    }
                    blank = blank.checked_sub(1)?;
                }
                blank = 0;
            }
        }
    }
    Some(place)
}
