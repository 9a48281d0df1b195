//! Reads a phrase.

use super::{PhraseElement, PhraseError};
use crate::claims::tokens::{FigureKind, word_length};
use crate::domain::facts::decimal_ten_thousandths;

/// Alternatives and options may nest this deep.
const DEEPEST: usize = 2;
/// Longest line of a phrase, in characters: what does not fit is two phrases.
const LONGEST: usize = 160;
/// Words between when `..` gives no number.
const GAP: u8 = 3;

/// Reads a phrase.
///
/// # Errors
/// Too long, not closed, nested too deeply, an unknown figure, or nothing that has to stand.
pub fn parse(phrase: &str) -> Result<Vec<PhraseElement>, PhraseError> {
    let fail = |problem: String| PhraseError {
        phrase: phrase.to_owned(),
        problem,
    };
    if phrase.chars().count() > LONGEST {
        return Err(fail(format!(
            "longer than {LONGEST} characters; write it as two phrases"
        )));
    }
    let mut reader = PhraseParser { rest: phrase };
    let mut alternatives = reader.alternatives(0).map_err(fail)?;
    if !reader.rest.is_empty() {
        return Err(fail(format!(
            "`{}` closes nothing",
            reader.rest.chars().next().unwrap_or(' ')
        )));
    }
    if alternatives.len() != 1 {
        return Err(fail("put the alternatives between [ and ]".into()));
    }
    let elements = alternatives.remove(0);
    if !elements.iter().any(is_anchor) {
        return Err(fail(
            "has no word, class or figure that must stand; nothing would wake it".into(),
        ));
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
    fn alternatives(&mut self, depth: usize) -> Result<Vec<Vec<PhraseElement>>, String> {
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

    fn element(&mut self, first: char, depth: usize) -> Result<PhraseElement, String> {
        match first {
            '[' | '(' => {
                if depth == DEEPEST {
                    return Err(format!("nests deeper than {DEEPEST}"));
                }
                self.rest = &self.rest[1..];
                let all = self.alternatives(depth + 1)?;
                let closing = if first == '[' { ']' } else { ')' };
                let Some(rest) = self.rest.strip_prefix(closing) else {
                    return Err(format!("`{first}` is not closed by `{closing}`"));
                };
                self.rest = rest;
                if all.iter().any(Vec::is_empty) {
                    return Err(
                        "has an empty alternative; write ( ) round what may be missing".into(),
                    );
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
                FigureKind::parse(name).map(PhraseElement::Figure).ok_or_else(|| {
                    format!(
                        "{{{name}}} is no figure; take money, percent, count, date, time or figure"
                    )
                })
            }
            '^' => Ok(self.mark(PhraseElement::Begin)),
            '$' => Ok(self.mark(PhraseElement::End)),
            '=' => {
                self.rest = &self.rest[1..];
                let word = self.word();
                if word.is_empty() {
                    return Err("a word follows `=`".into());
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
                    number.parse().map_err(|_| "a gap is at most 12 words")?
                };
                if words == 0 || words > 12 {
                    return Err("a gap is 1 to 12 words".into());
                }
                Ok(PhraseElement::Gap(words))
            }
            _ => {
                let word = self.word();
                if word.is_empty() {
                    return Err(format!("`{first}` stands for nothing"));
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

    fn enclosed(&mut self, closing: char) -> Result<&'p str, String> {
        let inside = &self.rest[1..];
        let end = inside
            .find(closing)
            .ok_or_else(|| format!("is not closed by `{closing}`"))?;
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
