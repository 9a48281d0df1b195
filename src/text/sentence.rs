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
            let next = text[end..].trim_start().chars().next();
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
    let before = &sentence[..start];
    let after = &sentence[end..];
    let mut from = 0;
    for mark in ['.', ';', ':', '!', '?', '('] {
        if let Some(at) = before.rfind(mark) {
            // a dot inside a number ends nothing
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
    for word in [
        " but ",
        " yet ",
        " however ",
        " and ",
        " while ",
        " although ",
        " though ",
        " so ",
        " because ",
        " then ",
    ] {
        if let Some(at) = lower.rfind(word) {
            from = from.max(at + word.len());
        }
    }
    let mut search = before.len();
    while let Some(at) = before[..search].rfind(',') {
        if at < from {
            break;
        }
        let between = before[at + 1..].to_ascii_lowercase();
        let behind = after.to_ascii_lowercase();
        let listed = between.contains(" or ")
            || between.contains(" nor ")
            || (behind.trim_start().starts_with("or ") || behind.trim_start().starts_with("nor "))
            || behind.trim_start().starts_with(", or ");
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
    for word in [" but ", " yet ", " however ", " while ", " although "] {
        if let Some(at) = lower.find(word) {
            to = to.min(end + at);
        }
    }
    (from.min(start), to.max(end))
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
