//! The detector (whatlang), asked only where words alone do not say it.

use super::lexicon::LEXICON;
use super::{Language, LanguageToken, votes_of};

/// Least lower-case words of running text that the detector is asked about, and how sure it has to be.
const RUNNING: usize = 5;
const SURE: f64 = 0.5;

/// Words of streets: with a number beside them, a line is an address.
const STREETS: [&str; 14] = [
    "rue",
    "avenue",
    "boulevard",
    "place",
    "quai",
    "via",
    "viale",
    "piazza",
    "calle",
    "avenida",
    "plaza",
    "rua",
    "straße",
    "strasse",
];

/// What the detector says of a text without one English word. `told` words speak for a language: it has to be theirs.
pub(super) fn by_detector(
    sentence: &str,
    tokens: &[LanguageToken<'_>],
    told: usize,
) -> Option<Language> {
    let running = tokens
        .iter()
        .filter(|t| !t.is_capital && t.word.chars().count() > 1)
        .count();
    let is_english_content = || {
        tokens
            .iter()
            .any(|t| LEXICON.content.contains(t.lower.as_str()))
    };
    let is_address = || {
        let in_street = |t: &LanguageToken<'_>| STREETS.contains(&t.lower.as_str());
        sentence.bytes().any(|b| b.is_ascii_digit()) && tokens.iter().any(in_street)
    };
    let enough = if told > 0 {
        tokens.len() >= 3 && running > 0 && !is_address()
    } else {
        running >= RUNNING && !is_english_content()
    };
    if !enough {
        return None;
    }
    let info = whatlang::detect(sentence)?;
    let code = info.lang().code();
    let agrees = || {
        tokens.iter().enumerate().any(|(at, token)| {
            votes_of(tokens, at, token)
                .iter()
                .any(|index| LEXICON.known[*index].codes[1] == code)
        })
    };
    let is_sure = if told > 0 {
        agrees()
    } else {
        info.confidence() >= SURE
    };
    (code != "eng" && is_sure).then(|| detected(info.lang()))
}

pub(super) fn detected(lang: whatlang::Lang) -> Language {
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
