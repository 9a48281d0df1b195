//! In which language a text is written, passage by passage: the rules of a language read no other.
//!
//! A detector alone calls short English lines Latin or Norwegian, so words decide first: words that tell languages apart
//! (`assets/languages.txt`), then the letters, and the detector (whatlang) only for running text without one English word.

mod detect;
mod lexicon;
mod script;

use super::view::View;
use detect::by_detector;
use lexicon::LEXICON;
use unicode_normalization::char::is_combining_mark;

/// A passage and its language. Bytes of the view's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LanguageSpan {
    pub start: usize,
    pub end: usize,
    pub language: Language,
}

/// A language by its name and codes, or a script if no more than that is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Language {
    /// `German`, or `Cyrillic script`.
    pub name: String,
    /// ISO 639-1 and 639-3; empty where there is none.
    pub codes: [&'static str; 2],
}

impl Language {
    fn is_read_by(&self, languages: &dyn Fn(&str) -> bool) -> bool {
        self.codes
            .iter()
            .any(|code| !code.is_empty() && languages(code))
    }
}

/// Where a text says something in a language that nobody reads. `reads` knows the codes of those that are read.
pub fn unread(view: &View, reads: &dyn Fn(&str) -> bool) -> Vec<LanguageSpan> {
    let text = view.text();
    let mut found: Vec<LanguageSpan> = Vec::new();
    for (from, to) in &view.sentences {
        let Some(language) = of_sentence(&text[*from..*to]) else {
            continue;
        };
        if language.is_read_by(reads) {
            continue;
        }
        match found.last_mut() {
            Some(last) if last.language == language && text[last.end..*from].trim().is_empty() => {
                last.end = *to;
            }
            _ => found.push(LanguageSpan {
                start: *from,
                end: *to,
                language,
            }),
        }
    }
    found
}

struct LanguageToken<'t> {
    word: &'t str,
    lower: String,
    is_capital: bool,
}

/// The words of a sentence: no links, addresses, numbers or words with digits.
fn tokens(sentence: &str) -> Vec<LanguageToken<'_>> {
    sentence
        .split_whitespace()
        .filter(|chunk| {
            !chunk.contains(['@', '/', '\\', '_', '=', '{', '}', '<', '>', '|'])
                && !chunk.bytes().any(|b| b.is_ascii_digit())
        })
        .flat_map(|chunk| {
            chunk.split(|c: char| {
                !c.is_alphabetic() && !is_combining_mark(c) && !matches!(c, '\'' | '\u{2019}')
            })
        })
        .map(|word| word.trim_matches(|c: char| !c.is_alphabetic()))
        .filter(|word| !word.is_empty())
        .map(|word| LanguageToken {
            word,
            lower: word.to_lowercase().replace('\u{2019}', "'"),
            is_capital: word.chars().next().is_some_and(char::is_uppercase),
        })
        .collect()
}

/// The language of a sentence; none if it says too little, or nothing but names.
fn of_sentence(sentence: &str) -> Option<Language> {
    if let Some(language) = script::of(sentence) {
        return Some(language);
    }
    let tokens = tokens(sentence);
    if tokens.is_empty() {
        return None;
    }
    let votes: Vec<&[usize]> = tokens
        .iter()
        .enumerate()
        .map(|(at, token)| votes_of(&tokens, at, token))
        .collect();
    let mut by_language = vec![0_usize; LEXICON.known.len()];
    for languages in &votes {
        for language in *languages {
            by_language[*language] += 1;
        }
    }
    let english = by_language.first().copied().unwrap_or(0);
    let best = by_language
        .iter()
        .enumerate()
        .skip(1)
        // The first of equals: the table's order.
        .max_by_key(|(index, count)| (**count, usize::MAX - index));
    let (best, count) = best.map_or((0, 0), |(index, count)| (index, *count));
    let known = |index: usize| {
        let known = &LEXICON.known[index];
        Language {
            name: known.name.to_owned(),
            codes: known.codes,
        }
    };
    let share = english == 0 || count * 4 >= tokens.len();
    if count >= 2 && count > english && share {
        return Some(known(best));
    }
    if let Some(index) = passage_inside(&votes) {
        return Some(known(index));
    }
    if english > 0 {
        return (english > 1 || count == 0).then(|| known(0));
    }
    by_detector(sentence, &tokens, count)
}

/// Particles of names and streets: between capitals they speak for no language.
const PARTICLES: [&str; 32] = [
    "de", "la", "du", "des", "del", "della", "delle", "dei", "di", "da", "do", "dos", "das", "van",
    "von", "der", "den", "ten", "ter", "le", "les", "el", "los", "zu", "zum", "zur", "sur", "et",
    "en", "al", "nad", "y",
];

/// The languages that a word speaks for. Particles of names and short capitals (`EST`) speak for none.
fn votes_of<'l>(tokens: &[LanguageToken<'_>], at: usize, token: &LanguageToken<'_>) -> &'l [usize] {
    let letters = token.word.chars().count();
    let capitals = token.word.chars().all(char::is_uppercase);
    let is_capital = |index: Option<usize>| {
        let neighbour = index.and_then(|i| tokens.get(i));
        neighbour.is_some_and(|t| t.is_capital)
    };
    let in_a_name = PARTICLES.contains(&token.word)
        && is_capital(at.checked_sub(1))
        && is_capital(Some(at + 1));
    if in_a_name || capitals && (2..=4).contains(&letters) {
        return &[];
    }
    // "l'argent" is "argent" behind an article.
    let whole = LEXICON.words.get(&token.lower);
    let behind = || LEXICON.words.get(token.lower.split_once('\'')?.1);
    whole.or_else(behind).map_or(&[], Vec::as_slice)
}

/// Words in a row that are looked at for a passage inside an English sentence.
const IN_A_ROW: usize = 6;

/// A language that three words of six in a row speak for, and none of them English.
fn passage_inside(votes: &[&[usize]]) -> Option<usize> {
    votes.windows(IN_A_ROW).find_map(|window| {
        if window.iter().any(|languages| languages.first() == Some(&0)) {
            return None;
        }
        let said = |index: usize| window.iter().filter(|l| l.contains(&index)).count();
        let mut spoken: Vec<usize> = window.iter().flat_map(|l| l.iter().copied()).collect();
        spoken.sort_unstable();
        spoken.dedup();
        spoken
            .into_iter()
            .filter(|index| said(*index) >= 3)
            .max_by_key(|index| (said(*index), usize::MAX - index))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::view;
    use proptest::prelude::*;

    fn found(text: &str) -> Vec<String> {
        view::views(text)
            .iter()
            .flat_map(|view| unread(view, &|code| code == "en"))
            .map(|passage| passage.language.name)
            .collect()
    }

    #[test]
    fn a_foreign_sentence_in_an_english_message_is_found_and_named() {
        let text = "Here is how your plan works. Garantierte Rendite, kein Risiko. Costs may vary.";
        assert_eq!(found(text), ["German"]);
        let view = &view::views(text)[0];
        let passage = &unread(view, &|code| code == "en")[0];
        assert_eq!(
            &text[passage.start..passage.end],
            "Garantierte Rendite, kein Risiko."
        );
        assert!(unread(view, &|code| matches!(code, "en" | "de")).is_empty());
        assert_eq!(unread(view, &|code| code == "de").len(), 2);
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_a_slip(text in "\\PC{0,200}") {
            for view in view::views(&text) {
                for passage in unread(&view, &|code| code == "en") {
                    prop_assert!(view.text().get(passage.start..passage.end).is_some());
                }
            }
        }
    }
}
