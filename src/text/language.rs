//! In which language a text is written, passage by passage: the rules of a language read no other.
//!
//! A detector alone calls short English lines Latin or Norwegian, so words decide first: words that tell languages apart
//! (`assets/languages.txt`), then the letters, and the detector (whatlang) only for running text without one English word.

use super::view::View;
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

/// A passage and its language. Bytes of the view's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passage {
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

struct Known {
    codes: [&'static str; 2],
    name: &'static str,
}

struct Lexicon {
    known: Vec<Known>,
    /// Word to the languages that have it, by index; 0 is English.
    words: HashMap<String, Vec<usize>>,
}

const TABLE: &str = include_str!("../../assets/languages.txt");

static LEXICON: LazyLock<Lexicon> = LazyLock::new(|| {
    let lines = || {
        TABLE.lines().filter(|l| !l.starts_with('#')).filter_map(|line| {
            let (head, words) = line.split_once(':')?;
            let mut head = head.split_whitespace();
            Some((head.next()?, head.next()?, head.next()?, words))
        })
    };
    let shared: HashSet<&str> = lines()
        .filter(|(short, ..)| matches!(*short, "--" | "en"))
        .flat_map(|(.., words)| words.split_whitespace())
        .collect();
    let mut lexicon = Lexicon {
        known: Vec::new(),
        words: HashMap::new(),
    };
    for (short, long, name, words) in lines().filter(|(short, ..)| *short != "--") {
        let index = lexicon.known.len();
        lexicon.known.push(Known {
            codes: [short, long],
            name,
        });
        for word in words.split_whitespace() {
            // Vietnamese without its marks is written like English.
            let bare = (short != "vi").then(|| without_marks(word));
            let forms = [Some(word.to_owned()), bare.filter(|b| b.chars().count() > 3)];
            for form in forms.into_iter().flatten() {
                let is_telling = short == "en"
                    || form.chars().count() > 1 && !shared.contains(form.as_str());
                let languages = lexicon.words.entry(form).or_default();
                if is_telling && !languages.contains(&index) {
                    languages.push(index);
                }
            }
        }
    }
    lexicon
});

fn without_marks(word: &str) -> String {
    word.nfd().filter(|c| !is_combining_mark(*c)).collect()
}

/// Where a text says something in a language that nobody reads. `reads` knows the codes of those that are read.
pub fn unread(view: &View, reads: &dyn Fn(&str) -> bool) -> Vec<Passage> {
    let text = view.text();
    let mut found: Vec<Passage> = Vec::new();
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
            _ => found.push(Passage {
                start: *from,
                end: *to,
                language,
            }),
        }
    }
    found
}

struct Token<'t> {
    word: &'t str,
    lower: String,
    is_capital: bool,
}

/// The words of a sentence: no links, addresses, numbers or words with digits.
fn tokens(sentence: &str) -> Vec<Token<'_>> {
    sentence
        .split_whitespace()
        .filter(|chunk| {
            !chunk.contains(['@', '/', '\\', '_', '=', '{', '}', '<', '>', '|'])
                && !chunk.bytes().any(|b| b.is_ascii_digit())
        })
        .flat_map(|chunk| {
            chunk.split(|c: char| !c.is_alphabetic() && !is_combining_mark(c) && !matches!(c, '\'' | '\u{2019}'))
        })
        .map(|word| word.trim_matches(|c: char| !c.is_alphabetic()))
        .filter(|word| !word.is_empty())
        .map(|word| Token {
            word,
            lower: word.to_lowercase().replace('\u{2019}', "'"),
            is_capital: word.chars().next().is_some_and(char::is_uppercase),
        })
        .collect()
}

/// The language of a sentence; none if it says too little, or nothing but names.
fn of_sentence(sentence: &str) -> Option<Language> {
    if let Some(language) = of_script(sentence) {
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
    let share = count * 4 >= tokens.len();
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

/// The languages that a word speaks for. Particles of names and short capitals (`EST`) speak for none.
fn votes_of<'l>(tokens: &[Token<'_>], at: usize, token: &Token<'_>) -> &'l [usize] {
    let letters = token.word.chars().count();
    let capitals = token.word.chars().all(|c| c.is_uppercase() || !c.is_alphabetic());
    let neighbour = |index: Option<usize>| {
        index
            .and_then(|i| tokens.get(i))
            .is_some_and(|t| t.is_capital)
    };
    let in_a_name = letters <= 4
        && !token.is_capital
        && neighbour(at.checked_sub(1))
        && neighbour(Some(at + 1));
    if letters <= 4 && letters > 1 && capitals || in_a_name {
        return &[];
    }
    LEXICON
        .words
        .get(&token.lower)
        .map_or(&[], Vec::as_slice)
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

/// Least lower-case words of running text that the detector is asked about, and how sure it has to be.
const RUNNING: usize = 5;
const SURE: f64 = 0.5;

/// What the detector says of a text without one English word. One word that tells a language counts for it.
fn by_detector(sentence: &str, tokens: &[Token<'_>], told: usize) -> Option<Language> {
    let running = tokens.iter().filter(|t| !t.is_capital).count();
    let enough = running >= RUNNING || told > 0 && tokens.len() >= 3;
    if !enough {
        return None;
    }
    let info = whatlang::detect(sentence)?;
    let code = info.lang().code();
    if code == "eng" || told == 0 && info.confidence() < SURE {
        return None;
    }
    if told > 0 {
        let agrees = tokens.iter().enumerate().any(|(at, token)| {
            votes_of(tokens, at, token)
                .iter()
                .any(|index| LEXICON.known[*index].codes[1] == code)
        });
        if !agrees {
            return None;
        }
    }
    Some(detected(info.lang()))
}

fn detected(lang: whatlang::Lang) -> Language {
    let code = lang.code();
    match LEXICON.known.iter().find(|known| known.codes[1] == code) {
        Some(known) => Language {
            name: known.name.to_owned(),
            codes: known.codes,
        },
        None => Language {
            name: lang.eng_name().to_owned(),
            codes: ["", code],
        },
    }
}

fn is_latin(c: char) -> bool {
    matches!(c,
        'A'..='Z' | 'a'..='z' | '\u{aa}' | '\u{ba}' | '\u{c0}'..='\u{24f}' | '\u{250}'..='\u{2ff}' | '\u{1d00}'..='\u{1eff}'
        | '\u{2071}' | '\u{207f}' | '\u{2100}'..='\u{214f}' | '\u{2460}'..='\u{24ff}' | '\u{2c60}'..='\u{2c7f}' | '\u{a720}'..='\u{a7ff}' | '\u{fb00}'..='\u{fb06}'
        | '\u{ff21}'..='\u{ff3a}' | '\u{ff41}'..='\u{ff5a}' | '\u{1d400}'..='\u{1d7ff}')
}

/// Scripts that write without spaces: their letters are counted instead of words.
fn is_unspaced(c: char) -> bool {
    matches!(c, '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{3040}'..='\u{30ff}'
        | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}' | '\u{20000}'..='\u{2ffff}')
}

/// Letters without spaces that are more than a name.
const NAME_LETTERS: usize = 4;

/// The language of the letters that are not Latin, if they are more than a name.
fn of_script(sentence: &str) -> Option<Language> {
    let foreign = |c: &char| c.is_alphabetic() && !is_latin(*c);
    if sentence.is_ascii() || !sentence.chars().any(|c| foreign(&c)) {
        return None;
    }
    let written: String = sentence
        .chars()
        .map(|c| if foreign(&c) || is_combining_mark(c) { c } else { ' ' })
        .collect();
    let words: Vec<&str> = written
        .split_whitespace()
        .filter(|word| word.chars().filter(foreign).count() > 1)
        .collect();
    let latin = sentence.chars().filter(|c| is_latin(*c)).count();
    let letters = |word: &&str| word.chars().filter(foreign).count();
    let unspaced = written.chars().filter(|c| is_unspaced(*c)).count();
    let lower_case = words
        .iter()
        .filter(|w| !w.chars().next().is_some_and(char::is_uppercase))
        .count();
    let is_text = if unspaced > 0 {
        unspaced > NAME_LETTERS || latin == 0 && unspaced > 1
    } else if latin == 0 {
        // A line of its own: more than a name in capitals.
        words.len() > 1 && lower_case > 0 || words.len() > 3
    } else {
        lower_case > 0 && words.len() > 1 || words.len() > 2 || words.iter().map(letters).sum::<usize>() > 20
    };
    if !is_text {
        return None;
    }
    Some(match whatlang::detect(&written) {
        Some(info) => {
            let found = detected(info.lang());
            Language {
                name: format!("{} ({} script)", found.name, info.script().name()),
                ..found
            }
        }
        None => Language {
            name: "letters that are not Latin".to_owned(),
            codes: ["", ""],
        },
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
        assert_eq!(&text[passage.start..passage.end], "Garantierte Rendite, kein Risiko.");
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
