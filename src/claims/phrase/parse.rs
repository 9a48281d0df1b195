//! Reads a phrase.

use super::{PhraseElement, PhraseError, PhraseProblem};
use crate::claims::tokens::{FigureKind, word_length};
use crate::domain::facts::decimal_ten_thousandths;

/// Alternatives and options may nest this deep.
pub(super) const DEEPEST: usize = 2;
/// Longest line of a phrase, in characters: what does not fit is two phrases.
pub(super) const LONGEST: usize = 160;
/// Words between when `..` gives no number.
const GAP: u8 = 3;

/// Reads a phrase.
///
/// # Errors
/// Too long, not closed, nested too deeply, an unknown figure, or nothing that has to stand.
pub fn parse(phrase: &str) -> Result<Vec<PhraseElement>, PhraseError> {
    let fail = |problem: PhraseProblem| PhraseError {
        phrase: phrase.to_owned(),
        problem,
    };
    if phrase.chars().count() > LONGEST {
        return Err(fail(PhraseProblem::TooLong));
    }
    let mut reader = PhraseParser { rest: phrase };
    let mut alternatives = reader.alternatives(0).map_err(fail)?;
    if let Some(closing) = reader.rest.chars().next() {
        return Err(fail(PhraseProblem::ClosesNothing(closing)));
    }
    if alternatives.len() != 1 {
        return Err(fail(PhraseProblem::LooseAlternatives));
    }
    let elements = alternatives.remove(0);
    if !elements.iter().any(is_anchor) {
        return Err(fail(PhraseProblem::NoAnchor));
    }
    Ok(elements)
}

fn is_anchor(element: &PhraseElement) -> bool {
    match element {
        PhraseElement::Word { .. }
        | PhraseElement::Cased(_)
        | PhraseElement::Class(_)
        | PhraseElement::Figure(_) => true,
        PhraseElement::Percent(_) => true,
        PhraseElement::Any(all) => all.iter().all(|one| one.iter().any(is_anchor)),
        PhraseElement::Optional(_)
        | PhraseElement::Gap(_)
        | PhraseElement::Begin
        | PhraseElement::End => false,
    }
}

struct PhraseParser<'p> {
    rest: &'p str,
}

impl<'p> PhraseParser<'p> {
    /// Sequences between `|`, up to what closes them (left unread) or the end.
    fn alternatives(&mut self, depth: usize) -> Result<Vec<Vec<PhraseElement>>, PhraseProblem> {
        let mut all = vec![Vec::new()];
        loop {
            self.rest = self.rest.trim_start_matches([' ', '-']);
            let Some(first) = self.rest.chars().next() else {
                return Ok(all);
            };
            match first {
                ']' | ')' => return Ok(all),
                '|' => {
                    self.rest = &self.rest[1..];
                    all.push(Vec::new());
                }
                _ => {
                    let element = self.element(first, depth)?;
                    if let Some(last) = all.last_mut() {
                        last.push(element);
                    }
                }
            }
        }
    }

    fn element(&mut self, first: char, depth: usize) -> Result<PhraseElement, PhraseProblem> {
        match first {
            '[' | '(' => {
                if depth == DEEPEST {
                    return Err(PhraseProblem::TooDeep);
                }
                self.rest = &self.rest[1..];
                let all = self.alternatives(depth + 1)?;
                let closing = if first == '[' { ']' } else { ')' };
                let Some(rest) = self.rest.strip_prefix(closing) else {
                    return Err(PhraseProblem::NotClosed {
                        opened: first,
                        by: closing,
                    });
                };
                self.rest = rest;
                if all.iter().any(Vec::is_empty) {
                    return Err(PhraseProblem::EmptyAlternative);
                }
                Ok(if first == '[' {
                    PhraseElement::Any(all)
                } else if all.len() == 1 {
                    PhraseElement::Optional(all.into_iter().flatten().collect())
                } else {
                    PhraseElement::Optional(vec![PhraseElement::Any(all)])
                })
            }
            '<' => Ok(PhraseElement::Class(self.enclosed('>')?.to_owned())),
            '{' => {
                let name = self.enclosed('}')?;
                FigureKind::parse(name)
                    .map(PhraseElement::Figure)
                    .ok_or_else(|| PhraseProblem::NoFigure(name.to_owned()))
            }
            '^' => Ok(self.mark(PhraseElement::Begin)),
            '$' => Ok(self.mark(PhraseElement::End)),
            '=' => {
                self.rest = &self.rest[1..];
                let word = self.word();
                if word.is_empty() {
                    return Err(PhraseProblem::NoWord);
                }
                Ok(PhraseElement::Cased(word.to_owned()))
            }
            '.' if self.rest.starts_with("..") => {
                self.rest = self.rest.trim_start_matches('.');
                let digits = self.rest.len()
                    - self
                        .rest
                        .trim_start_matches(|c: char| c.is_ascii_digit())
                        .len();
                let (number, rest) = self.rest.split_at(digits);
                self.rest = rest;
                let words = if number.is_empty() {
                    GAP
                } else {
                    number.parse().map_err(|_| PhraseProblem::GapTooLong)?
                };
                if words == 0 || words > 12 {
                    return Err(PhraseProblem::Gap);
                }
                Ok(PhraseElement::Gap(words))
            }
            _ => {
                let word = self.word();
                if word.is_empty() {
                    return Err(PhraseProblem::Nothing(first));
                }
                if self.rest.starts_with('%')
                    && let Some(value) = decimal_ten_thousandths(word)
                {
                    return Ok(self.mark(PhraseElement::Percent(value)));
                }
                let word = word.replace(['\u{2019}', '\u{2018}'], "'").to_lowercase();
                // the apostrophe of "veterans'", the dot of an abbreviation
                self.rest = self.rest.trim_start_matches(['\'', '\u{2019}']);
                if self.rest.starts_with('.') && !self.rest.starts_with("..") {
                    self.rest = &self.rest[1..];
                }
                let inflected = self.rest.starts_with('~');
                if inflected {
                    self.rest = &self.rest[1..];
                }
                Ok(PhraseElement::Word { word, inflected })
            }
        }
    }

    fn mark(&mut self, element: PhraseElement) -> PhraseElement {
        self.rest = &self.rest[1..];
        element
    }

    fn enclosed(&mut self, closing: char) -> Result<&'p str, PhraseProblem> {
        let inside = &self.rest[1..];
        let end = inside.find(closing).ok_or(PhraseProblem::Open(closing))?;
        self.rest = &inside[end + 1..];
        Ok(&inside[..end])
    }

    fn word(&mut self) -> &'p str {
        let (word, rest) = self.rest.split_at(word_length(self.rest));
        self.rest = rest;
        word
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_read() {
        let all =
            parse("^ [rise~ | go~ up] (ever) ..5 <return> {percent} =FDIC no-risk $").unwrap();
        assert_eq!(all.len(), 10);
        assert!(matches!(&all[1], PhraseElement::Any(two) if two.len() == 2 && two[1].len() == 2));
        assert_eq!(all[3], PhraseElement::Gap(5));
        assert_eq!(all[6], PhraseElement::Cased("FDIC".into()));
    }

    #[test]
    fn what_is_none_says_why() {
        for (phrase, problem) in [
            ("[a | b", "not closed"),
            ("a | b", "between [ and ]"),
            ("(a) ..", "nothing would wake it"),
            ("{weight}", "is no figure"),
            ("[a [b [c]]]", "nests deeper"),
            ("a ]", "closes nothing"),
            ("[a | ]", "empty alternative"),
            ("a & b", "stands for nothing"),
        ] {
            let error = parse(phrase).unwrap_err().to_string();
            assert!(error.contains(problem), "{phrase}: {error}");
        }
    }
}
