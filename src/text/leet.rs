//! Digits and signs that stand for letters.

use super::mapped::Mapped;

/// A digit or sign beside a letter, other than in an address.
pub(super) fn is_leet_like(word: &str) -> bool {
    let substitute = |b: u8| {
        matches!(
            b,
            b'0' | b'1' | b'3' | b'4' | b'5' | b'7' | b'@' | b'$' | b'!'
        )
    };
    let beside = word.as_bytes().windows(2).any(|w| {
        w[0].is_ascii_alphabetic() && substitute(w[1])
            || substitute(w[0]) && w[1].is_ascii_alphabetic()
    });
    let address = word.contains("://")
        || word
            .split_once('@')
            .is_some_and(|(local, domain)| !local.is_empty() && domain.contains('.'));
    beside && !address
}

/// `gu4r4nt33d` reads as `guaranteed`: digits and signs for letters inside words that are mostly letters.
pub(super) fn undo_leet(source: &Mapped) -> Mapped {
    let chars: Vec<_> = source.chars().collect();
    let in_word = |c: char| c.is_alphanumeric() || matches!(c, '@' | '$' | '!');
    let mut out = Mapped::builder(source.text().len());
    let mut at = 0;
    while at < chars.len() {
        if !in_word(chars[at].0) {
            out.push(chars[at].0, chars[at].1, chars[at].2);
            at += 1;
            continue;
        }
        // A hyphen binds: `r1sk-fr33` is judged as a whole.
        let mut end = at;
        while end < chars.len()
            && (in_word(chars[end].0)
                || chars[end].0 == '-' && chars.get(end + 1).is_some_and(|c| in_word(c.0)))
        {
            end += 1;
        }
        // A sign at the word's end is punctuation.
        let mut word_end = end;
        while word_end > at && matches!(chars[word_end - 1].0, '!' | '$') {
            word_end -= 1;
        }
        let word = &chars[at..word_end];
        let letters = word.iter().filter(|c| c.0.is_alphabetic()).count();
        let substitutes = word.iter().filter(|c| c.0 != '-').count() - letters;
        let leet = substitutes > 0
            && letters >= 3
            && letters > substitutes
            && (word[0].0.is_alphabetic() || word.len() > 1 && word[1].0.is_alphabetic());
        for (c, start, stop) in word {
            out.push(if leet { unleet(*c) } else { *c }, *start, *stop);
        }
        for (c, start, stop) in &chars[word_end..end] {
            out.push(*c, *start, *stop);
        }
        at = end;
    }
    out
}

fn unleet(c: char) -> char {
    match c {
        '0' => 'o',
        '1' | '!' => 'i',
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' => 't',
        _ => c,
    }
}
