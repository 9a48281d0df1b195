//! Ways to mend a finding, nearest words first. Whether they do is for the gate to say: each is checked before it is
//! offered.

use super::compile::RuleBook;
use crate::domain::finding::Finding;
use crate::text::sentence;

/// Other words for a range of bytes of the part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mend {
    pub start: usize,
    pub end: usize,
    pub words: String,
}

/// What could be put in place of a finding, in the order in which it should be tried: the pack's rewrites of the
/// sentence, its nearest words, the words taken out, the sentence taken out.
pub fn mends(book: &RuleBook, text: &str, finding: &Finding) -> Vec<Mend> {
    let mut all = Vec::new();
    if text.get(finding.start..finding.end).is_none() || finding.start == finding.end {
        return all;
    }
    let (from, to) = sentence_of(text, finding);
    for matcher in book
        .rules
        .iter()
        .filter(|r| r.rule.id == finding.rule)
        .flat_map(|r| &r.matches)
    {
        for (expression, words) in &matcher.rewrites {
            if let Some((start, end, words)) =
                expression.replacement(&text[from..to], finding.start - from, words)
            {
                all.push(mend(text, from + start, from + end, &words));
            }
        }
    }
    if let Some(words) = &finding.replacement {
        all.push(mend(text, finding.start, finding.end, words));
    }
    all.push(mend(text, finding.start, finding.end, ""));
    all.push(mend(text, from, to, ""));
    all
}

/// Taking the whole sentence of a finding out: the one way that changes nobody else's words. `None` where that would
/// leave a quotation that begins and does not end, or ends and never began.
pub fn removal(text: &str, finding: &Finding) -> Option<Mend> {
    text.get(finding.start..finding.end)?;
    let (from, to) = sentence_of(text, finding);
    let taken = &text[from..to];
    let count = |marks: &[char]| taken.chars().filter(|c| marks.contains(c)).count();
    let whole = count(&['“', '„', '«']) == count(&['”', '»']) && count(&['"']) % 2 == 0;
    (whole && from < to).then(|| mend(text, from, to, ""))
}

/// The sentence that a finding begins in, and all of the finding.
fn sentence_of(text: &str, finding: &Finding) -> (usize, usize) {
    let (from, to) = sentence::sentences(text)
        .into_iter()
        .find(|(_, end)| finding.start < *end)
        .unwrap_or((0, text.len()));
    (from.min(finding.start), to.max(finding.end))
}

/// Taking words out takes the white space before them along, so that none is left double.
fn mend(text: &str, start: usize, end: usize, words: &str) -> Mend {
    let before = &text[..start];
    let trimmed = before.trim_end_matches([' ', '\n']);
    let behind = &text[end..];
    let start = if !words.is_empty() {
        start
    } else if behind.is_empty() || behind.starts_with('\n') {
        trimmed.len()
    } else if behind.starts_with([' ', '.', ',', '!', '?', ';', ':']) && before.ends_with(' ') {
        start - 1
    } else {
        start
    };
    let begins = before.trim_end().is_empty()
        || before.trim_end().ends_with(['.', '!', '?', ':'])
        || before.ends_with('\n');
    let first_was_upper = text[start..end]
        .chars()
        .find(|c| c.is_alphabetic())
        .is_some_and(char::is_uppercase);
    let words = if begins && first_was_upper {
        capital(words)
    } else {
        words.to_owned()
    };
    Mend { start, end, words }
}

fn capital(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_double_is_left_where_words_go() {
        let gone = |text: &str, words: &str| {
            let start = text.find(words).unwrap();
            let mend = mend(text, start, start + words.len(), "");
            format!("{}{}", &text[..mend.start], &text[mend.end..])
        };
        assert_eq!(gone("A no-risk plan.", "no-risk"), "A plan.");
        assert_eq!(gone("Good. We promise. Bye.", "We promise."), "Good. Bye.");
        assert_eq!(
            gone("Good.\n\nWe promise.\n\nBye.", "We promise."),
            "Good.\n\nBye."
        );
        assert_eq!(gone("It grows, guaranteed.", "guaranteed"), "It grows,.");
    }

    #[test]
    fn a_sentence_keeps_its_capital() {
        let text = "Guaranteed growth.";
        assert_eq!(mend(text, 0, 10, "possible").words, "Possible");
    }
}
