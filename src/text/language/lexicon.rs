//! The words that tell languages apart, from `assets/languages.txt`.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

/// A language of the table.
pub struct KnownLanguage {
    pub codes: [&'static str; 2],
    pub name: &'static str,
}

pub struct LanguageLexicon {
    pub known: Vec<KnownLanguage>,
    /// Word to the languages that have it, by index; 0 is English.
    pub words: HashMap<String, Vec<usize>>,
    /// Words of English messages that other languages use too.
    pub content: HashSet<&'static str>,
}

const TABLE: &str = include_str!("../../../assets/languages.txt");

pub static LEXICON: LazyLock<LanguageLexicon> = LazyLock::new(|| {
    let lines = || {
        TABLE
            .lines()
            .filter(|l| !l.starts_with('#'))
            .filter_map(|line| {
                let (head, words) = line.split_once(':')?;
                let mut head = head.split_whitespace();
                Some((head.next()?, head.next()?, head.next()?, words))
            })
    };
    let shared: HashSet<&str> = lines()
        .filter(|(short, ..)| matches!(*short, "--" | "en"))
        .flat_map(|(.., words)| words.split_whitespace())
        .collect();
    let mut lexicon = LanguageLexicon {
        known: Vec::new(),
        words: HashMap::new(),
        content: lines()
            .filter(|(short, ..)| *short == "~~")
            .flat_map(|(.., words)| words.split_whitespace())
            .collect(),
    };
    for (short, long, name, words) in lines().filter(|(short, ..)| !matches!(*short, "--" | "~~")) {
        let index = lexicon.known.len();
        lexicon.known.push(KnownLanguage {
            codes: [short, long],
            name,
        });
        for word in words.split_whitespace() {
            // Vietnamese without its marks is written like English.
            let bare = (short != "vi").then(|| without_marks(word));
            let forms = [
                Some(word.to_owned()),
                bare.filter(|b| b.chars().count() > 3),
            ];
            for form in forms.into_iter().flatten() {
                let is_telling =
                    short == "en" || form.chars().count() > 1 && !shared.contains(form.as_str());
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
