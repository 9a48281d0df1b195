//! Sentences and clauses, by offsets.

/// Abbreviations whose dot ends no sentence (English messages of regulated firms).
const ABBREVIATIONS: [&str; 30] = [
    "mr", "mrs", "ms", "dr", "prof", "st", "no", "inc", "ltd", "co", "corp", "llc", "vs", "e.g",
    "i.e", "etc", "approx", "jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct",
    "nov", "dec", "u.s",
];

/// Byte ranges of the sentences of a text, without surrounding white space. A blank line, a list mark or a line
/// break before a capital or a digit ends a sentence too.
pub fn sentences(text: &str) -> Vec<(usize, usize)> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut from = 0;
    let mut at = 0;
    while at < bytes.len() {
        let ends = match bytes[at] {
            b'.' | b'!' | b'?' => ends_sentence(text, from, at),
            b'\n' => line_break_ends(text, at).then_some(at + 1),
            _ => None,
        };
        match ends {
            Some(end) => {
                push_trimmed(text, from, end, &mut found);
                from = end;
                at = end;
            }
            None => at += 1,
        }
    }
    push_trimmed(text, from, text.len(), &mut found);
    found
}

fn push_trimmed(text: &str, from: usize, to: usize, found: &mut Vec<(usize, usize)>) {
    let part = &text[from..to];
    let start = from + (part.len() - part.trim_start().len());
    let end = to - (part.len() - part.trim_end().len());
    if start < end {
        found.push((start, end));
    }
}

/// If the mark at `at` ends a sentence, the offset behind it and any closing marks.
fn ends_sentence(text: &str, from: usize, at: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut end = at + 1;
    while end < bytes.len()
        && matches!(
            bytes[end],
            b'.' | b'!' | b'?' | b'"' | b'\'' | b')' | b']' | b'*'
        )
    {
        end += 1;
    }
    // closing typographic quotes are three bytes
    while text.is_char_boundary(end)
        && (text[end..].starts_with('\u{201D}') || text[end..].starts_with('\u{2019}'))
    {
        end += 3;
    }
    if end < bytes.len() && !bytes[end].is_ascii_whitespace() {
        return None;
    }
    if bytes[at] == b'.' && end == at + 1 {
        let word_from = text[from..at]
            .rfind(|c: char| c.is_whitespace() || c == '(')
            .map_or(from, |i| from + i + 1);
        let written = text.get(word_from..at).unwrap_or("");
        let word = written.to_lowercase();
        // "R.L." and "J." are initials; "APR." is an acronym, not the month.
        let initials = word
            .split('.')
            .all(|letter| letter.len() == 1 && letter.bytes().all(|b| b.is_ascii_alphabetic()));
        let acronym = written.len() > 2 && written.bytes().all(|b| b.is_ascii_uppercase());
        if initials || !acronym && ABBREVIATIONS.contains(&word.as_str()) {
            let next = text[end..].split_whitespace().next();
            // "No. 4" and "No. IM0417" are numbers, and "No. It is capped." an answer.
            let is_number = |word: &str| word.bytes().any(|b| b.is_ascii_digit());
            if word == "no" && !next.is_some_and(is_number) {
                return Some(end);
            }
            // At the very end the dot does end the sentence.
            return next.is_none().then_some(end);
        }
    }
    Some(end)
}

fn line_break_ends(text: &str, at: usize) -> bool {
    let rest = &text[at + 1..];
    let first = rest.trim_start_matches([' ', '\t', '\r']).chars().next();
    match first {
        None => true,
        Some(c) => matches!(c, '\n' | '-' | '*' | '•') || c.is_uppercase() || c.is_ascii_digit(),
    }
}

/// The clause of a sentence around `start..end` (offsets into `sentence`): NegEx-like termination at strong marks,
/// dashes, contrast words, and a comma, unless the comma stands in a list that is continued with "or" or "nor".
/// (Chapman et al. 2001 describe the four lists: negation, pseudo-negation, termination, following.)
pub fn clause_around(sentence: &str, start: usize, end: usize) -> (usize, usize) {
    let (before, after) = (&sentence[..start], &sentence[end..]);
    (clause_start(before, after), end + clause_end(after))
}

/// Words that begin a clause before a hit, and those that end one behind it, without the spaces around them.
const BEFORE: [&str; 10] = [
    "but", "yet", "however", "and", "while", "although", "though", "so", "because", "then",
];
const BEHIND: [&str; 5] = ["but", "yet", "however", "while", "although"];

/// If one of the words stands behind the space at `at`, and a space behind it, the place behind that.
fn word_at(text: &[u8], at: usize, words: &[&str]) -> Option<usize> {
    let rest = text.get(at + 1..)?;
    words.iter().find_map(|word| {
        let (head, tail) = rest.split_at_checked(word.len())?;
        let stands = head.eq_ignore_ascii_case(word.as_bytes()) && tail.first() == Some(&b' ');
        stands.then_some(at + word.len() + 2)
    })
}

/// A dot inside a number ends nothing.
fn ends_at(text: &str, at: usize) -> bool {
    text.as_bytes()[at] != b'.'
        || text[at + 1..]
            .chars()
            .next()
            .is_none_or(char::is_whitespace)
}

/// Where the clause begins that ends with `before`, when `after` follows the words between.
fn clause_start(before: &str, after: &str) -> usize {
    let bytes = before.as_bytes();
    let mut from = 0;
    let mut dot_seen = false;
    for at in (0..bytes.len()).rev() {
        let begins = match bytes[at] {
            // Only the last dot is looked at: an earlier one ends another sentence.
            b'.' => !std::mem::replace(&mut dot_seen, true) && ends_at(before, at),
            b';' | b':' | b'!' | b'?' | b'(' => true,
            b' ' => {
                let dash = bytes[at..].starts_with(b" - ").then_some(at + 3);
                if let Some(behind) = dash.or_else(|| word_at(bytes, at, &BEFORE)) {
                    from = behind;
                    break;
                }
                false
            }
            _ => false,
        };
        if begins {
            from = at + 1;
            break;
        }
    }
    // A comma ends the clause too, unless it stands in a list that goes on with "or" or "nor".
    let goes_on = |text: &str| {
        ["or ", "nor "].iter().any(|word| {
            let head = text.as_bytes().get(..word.len());
            head.is_some_and(|head| head.eq_ignore_ascii_case(word.as_bytes()))
        })
    };
    let behind = after.trim_start();
    let rest = behind.strip_prefix(", ");
    let in_list = goes_on(behind)
        || rest.is_some_and(|rest| {
            rest.as_bytes()
                .get(..3)
                .is_some_and(|w| w.eq_ignore_ascii_case(b"or "))
        });
    let mut listed = in_list;
    for at in (from..bytes.len()).rev() {
        match bytes[at] {
            b' ' if word_at(bytes, at, &["or", "nor"]).is_some() => listed = true,
            b',' if !listed => return (at + 1).min(before.len()),
            _ => {}
        }
    }
    from
}

/// Where the clause ends that `after` goes on.
fn clause_end(after: &str) -> usize {
    let bytes = after.as_bytes();
    let mut dot_seen = false;
    for (at, byte) in bytes.iter().enumerate() {
        let ends = match byte {
            b'.' => !std::mem::replace(&mut dot_seen, true) && ends_at(after, at),
            b';' | b':' | b'!' | b'?' | b')' | b',' => true,
            b' ' => word_at(bytes, at, &BEHIND).is_some(),
            _ => false,
        };
        if ends {
            return at;
        }
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &str) -> Vec<&str> {
        sentences(text)
            .into_iter()
            .map(|(a, b)| &text[a..b])
            .collect()
    }

    #[test]
    fn dots_in_numbers_names_and_abbreviations_end_nothing() {
        assert_eq!(
            split("Pay $1.50 by Dec. 31 at 9.50% APR. Ask Dr. Lee! \"Good,\" says R.L. now."),
            [
                "Pay $1.50 by Dec. 31 at 9.50% APR.",
                "Ask Dr. Lee!",
                "\"Good,\" says R.L. now."
            ]
        );
        assert_eq!(
            split("One\n\nTwo\n- three\n- four"),
            ["One", "Two", "- three", "- four"]
        );
        assert_eq!(split("  "), Vec::<&str>::new());
    }

    #[test]
    fn no_is_an_answer_or_the_number_of_something() {
        assert_eq!(
            split("Can I lose it? No. Interest is capped. See No. 4."),
            ["Can I lose it?", "No.", "Interest is capped.", "See No. 4."]
        );
        assert_eq!(
            split("Registered as No. IM0417 in Florida. Call us."),
            ["Registered as No. IM0417 in Florida.", "Call us."]
        );
    }

    /// The clause as it was found before, word by word over the whole sentence.
    fn slow_clause_around(sentence: &str, start: usize, end: usize) -> (usize, usize) {
        let (before, after) = (&sentence[..start], &sentence[end..]);
        let mut from = 0;
        for mark in ['.', ';', ':', '!', '?', '('] {
            if let Some(at) = before.rfind(mark) {
                let next = before[at + 1..].chars().next();
                if mark != '.' || next.is_none_or(char::is_whitespace) {
                    from = from.max(at + 1);
                }
            }
        }
        if let Some(at) = before.rfind(" - ") {
            from = from.max(at + 3);
        }
        let lower = before.to_ascii_lowercase();
        for word in BEFORE {
            if let Some(at) = lower.rfind(&format!(" {word} ")) {
                from = from.max(at + word.len() + 2);
            }
        }
        let mut search = before.len();
        while let Some(at) = before[..search].rfind(',') {
            if at < from {
                break;
            }
            let between = lower[at + 1..].to_owned();
            let behind = after.to_ascii_lowercase();
            let behind = behind.trim_start();
            let listed = between.contains(" or ")
                || between.contains(" nor ")
                || ["or ", "nor ", ", or "]
                    .iter()
                    .any(|w| behind.starts_with(w));
            if listed {
                search = at;
            } else {
                from = at + 1;
                break;
            }
        }
        let mut to = sentence.len();
        for mark in ['.', ';', ':', '!', '?', ')', ','] {
            if let Some(at) = after.find(mark) {
                let next = after[at + 1..].chars().next();
                if mark != '.' || next.is_none_or(char::is_whitespace) {
                    to = to.min(end + at);
                }
            }
        }
        let lower = after.to_ascii_lowercase();
        for word in BEHIND {
            if let Some(at) = lower.find(&format!(" {word} ")) {
                to = to.min(end + at);
            }
        }
        (from.min(start), to.max(end))
    }

    proptest::proptest! {
        #[test]
        fn one_pass_finds_the_clause_that_many_find(
            words in proptest::collection::vec(
                proptest::sample::select(vec![
                    "no", "fees", "but", "Yet", "and", "or", "nor", ",", ",", ".", "1.5", ";", "(", ")", "-", "–", "it", "then", "so", "!", "then",
                ]),
                1..24,
            ),
            at in 0_usize..24,
        ) {
            let at = at % words.len();
            let mut sentence = String::new();
            let (mut start, mut end) = (0, 0);
            for (index, word) in words.iter().enumerate() {
                if index > 0 && !(word.len() == 1 && *word != "-" && index % 3 > 0) {
                    sentence.push(' ');
                }
                if index == at {
                    start = sentence.len();
                }
                sentence.push_str(word);
                if index == at {
                    end = sentence.len();
                }
            }
            proptest::prop_assert_eq!(
                clause_around(&sentence, start, end),
                slow_clause_around(&sentence, start, end),
                "{}", sentence
            );
        }
    }

    #[test]
    fn a_clause_ends_where_its_negation_ends() {
        let clause = |sentence: &str, word: &str| {
            let at = sentence.rfind(word).unwrap();
            let (from, to) = clause_around(sentence, at, at + word.len());
            sentence[from..to].trim().to_owned()
        };
        assert_eq!(
            clause("No fees, guaranteed 6% growth.", "guaranteed"),
            "guaranteed 6% growth"
        );
        assert_eq!(
            clause(
                "The fund does not promise, assure or guarantee any return.",
                "guarantee"
            ),
            "The fund does not promise, assure or guarantee any return"
        );
        assert_eq!(
            clause("Not insured, yet guaranteed to grow", "guaranteed"),
            "guaranteed to grow"
        );
    }
}
