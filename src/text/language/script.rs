//! Letters that are not Latin: which language they are, if they are more than a name.

use super::Language;
use super::detect::detected;
use unicode_normalization::char::is_combining_mark;

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
pub(super) fn of(sentence: &str) -> Option<Language> {
    let foreign = |c: &char| c.is_alphabetic() && !is_latin(*c);
    if sentence.is_ascii() || !sentence.chars().any(|c| foreign(&c)) {
        return None;
    }
    let written: String = sentence
        .chars()
        .map(|c| {
            if foreign(&c) || is_combining_mark(c) {
                c
            } else {
                ' '
            }
        })
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
        lower_case > 0 && words.len() > 1
            || words.len() > 2
            || words.iter().map(letters).sum::<usize>() > 20
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
