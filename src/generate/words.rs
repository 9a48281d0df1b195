//! Words for a body: outside text made harmless, placeholders filled, sentences picked from citations, and a body that
//! knows where each of its sentences comes from.

use crate::domain::citation::{Citation, Trust};
use crate::domain::variant::{SentenceSource, Source};
use crate::text::{hidden, sentence};
use std::collections::{BTreeMap, BTreeSet};

/// Outside text inside a message: one line, no mark-up, nothing hidden, short.
pub(super) fn plain(text: &str, most: usize) -> String {
    let mut before = None;
    text.chars()
        .filter(|c| {
            let keep = !hidden::is_suspicious(*c, before)
                && !c.is_control()
                && !matches!(c, '<' | '>' | '{' | '}' | '[' | ']');
            before = Some(*c);
            keep
        })
        .take(most)
        .collect::<String>()
        .trim()
        .to_owned()
}

/// Fills `{…}`; `None` if one is not known.
pub(super) fn fill(template: &str, words: &BTreeMap<String, String>) -> Option<String> {
    let mut out = String::with_capacity(template.len() + 32);
    let mut rest = template;
    while let Some(open) = rest.find('{') {
        let close = open + rest[open..].find('}')?;
        out.push_str(&rest[..open]);
        out.push_str(words.get(&rest[open + 1..close])?);
        rest = &rest[close + 1..];
    }
    out.push_str(rest);
    Some(out)
}

/// The best sentence of the citations: most cues, then the better citation. Proof comes from research and stories.
pub(super) fn pick(
    citations: &[Citation],
    cues: &[String],
    max: Option<usize>,
    used: &mut BTreeSet<String>,
    proof: bool,
) -> Option<(String, String)> {
    let is_proof =
        |c: &Citation| matches!(c.section.split(' ').next(), Some("Research" | "Stories"));
    let mut best: Option<(usize, String, String)> = None;
    for citation in citations
        .iter()
        .filter(|c| is_proof(c) == proof && (proof || c.trust != Trust::Unverified))
        .filter(|c| !proof || has_date_and_source(c))
    {
        let spans = sentence::sentences(&citation.redacted_text);
        for (start, end) in spans {
            let text = clean(&citation.redacted_text[start..end]);
            let words = text.split_whitespace().count();
            let usable = (5..=40).contains(&words)
                && !text.contains("[REDACTED_")
                && max.is_none_or(|m| text.chars().count() <= m)
                && !used.contains(&text)
                && text.ends_with(['.', '!', '?', '"'])
                && text
                    .chars()
                    .next()
                    .is_some_and(|c| c.is_uppercase() || c == '"' || c.is_ascii_digit());
            if !usable {
                continue;
            }
            let lower = text.to_lowercase();
            let said = usize::from(
                proof && (lower.contains("survey") || lower.contains('"') || lower.contains('%')),
            );
            let hits = cues
                .iter()
                .filter(|cue| lower.contains(cue.as_str()))
                .count()
                + said;
            if hits > 0 && best.as_ref().is_none_or(|(most, ..)| hits > *most) {
                best = Some((hits, citation.id.clone(), text));
            }
        }
    }
    let (_, id, text) = best?;
    used.insert(text.clone());
    Some((id, text))
}

/// Whether it says when and by whom it was published: what others say is repeated with both or not at all.
fn has_date_and_source(citation: &Citation) -> bool {
    let dated = citation.published_date.parse::<chrono::NaiveDate>().is_ok();
    dated && !citation.source.trim().is_empty()
}

/// A sentence without list marks and line breaks. A leading number that is no list mark ("87% of them") stays.
fn clean(text: &str) -> String {
    let joined = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let unmarked = joined.trim_start_matches(['-', '*', '•', ' ']);
    let digits = unmarked.bytes().take_while(u8::is_ascii_digit).count();
    match unmarked[digits..].strip_prefix(". ") {
        Some(rest) if digits > 0 => rest.to_owned(),
        _ => unmarked.to_owned(),
    }
}

/// A body that grows.
pub(super) struct BodyBuilder {
    pub body: String,
    pub sentences: Vec<SentenceSource>,
    pub separator: &'static str,
}

impl BodyBuilder {
    pub fn add(&mut self, text: &str, source: Source) {
        if !self.body.is_empty() {
            self.body.push_str(self.separator);
        }
        let start = self.body.len();
        self.body.push_str(text);
        self.sentences.push(SentenceSource {
            start,
            end: self.body.len(),
            source,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_that_is_not_known_drops_the_sentence() {
        let words = BTreeMap::from([("a".to_owned(), "1".to_owned())]);
        assert_eq!(fill("x {a} y", &words), Some("x 1 y".into()));
        assert_eq!(fill("x {b}", &words), None);
    }

    #[test]
    fn outside_text_cannot_bring_markup_or_placeholders() {
        assert_eq!(plain("Eve \u{1b}[2J<b>{link}\u{202e}", 40), "Eve 2Jblink");
        assert_eq!(clean("1. Choose Split Pay."), "Choose Split Pay.");
        assert_eq!(clean("87% of them agreed."), "87% of them agreed.");
    }
}
