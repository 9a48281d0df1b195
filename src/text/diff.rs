//! What changed between two texts, word by word.

use similar::{Algorithm, DiffOp, capture_diff_slices};
use std::ops::Range;
use unicode_segmentation::UnicodeSegmentation as _;

/// Longest text that is compared word by word, in bytes; longer ones are compared line by line.
const BY_WORDS: usize = 64 << 10;

/// Byte ranges of what only the one text has, and only the other. Neighbours are joined.
pub fn changed(old: &str, new: &str) -> (Vec<Range<usize>>, Vec<Range<usize>>) {
    let tokens = |text| -> Vec<&str> {
        if old.len().max(new.len()) > BY_WORDS {
            str::split_inclusive(text, '\n').collect()
        } else {
            text.split_word_bounds().collect()
        }
    };
    let (old_tokens, new_tokens) = (tokens(old), tokens(new));
    let starts = |tokens: &[&str]| -> Vec<usize> {
        let mut at = 0;
        let mut out = vec![0];
        out.extend(tokens.iter().map(|token| {
            at += token.len();
            at
        }));
        out
    };
    let (old_at, new_at) = (starts(&old_tokens), starts(&new_tokens));
    let (mut gone, mut come) = (Vec::new(), Vec::new());
    for op in capture_diff_slices(Algorithm::Myers, &old_tokens, &new_tokens) {
        if matches!(op, DiffOp::Equal { .. }) {
            continue;
        }
        join(&mut gone, range(&old_at, op.old_range()), old);
        join(&mut come, range(&new_at, op.new_range()), new);
    }
    (gone, come)
}

fn range(starts: &[usize], tokens: Range<usize>) -> Range<usize> {
    starts[tokens.start]..starts[tokens.end]
}

/// Two changes with nothing but spaces between them are one: a reader takes them for one.
fn join(ranges: &mut Vec<Range<usize>>, next: Range<usize>, text: &str) {
    if next.is_empty() {
        return;
    }
    match ranges.last_mut() {
        Some(last) if text[last.end..next.start].chars().all(|c| c == ' ') => last.end = next.end,
        _ => ranges.push(next),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn words<'t>(text: &'t str, ranges: &[Range<usize>]) -> Vec<&'t str> {
        ranges.iter().map(|range| &text[range.clone()]).collect()
    }

    #[test]
    fn words_that_changed_are_named_and_neighbours_are_one() {
        let old = "There is no risk in splitting a payment.";
        let new = "There is little to lose in splitting a payment, or two.";
        let (gone, come) = changed(old, new);
        assert_eq!(words(old, &gone), ["no risk"]);
        assert_eq!(words(new, &come), ["little to lose", ", or two"]);
        assert_eq!(changed(old, old), (Vec::new(), Vec::new()));
        let (gone, come) = changed("", "日本語");
        assert!(gone.is_empty());
        assert_eq!(words("日本語", &come), ["日本語"]);
    }

    proptest! {
        #[test]
        fn without_the_changes_both_texts_are_the_same(old in "[ab é.\n]{0,60}", new in "[ab é.\n]{0,60}") {
            let (gone, come) = changed(&old, &new);
            let rest = |text: &str, ranges: &[Range<usize>]| {
                let mut out = String::new();
                let mut at = 0;
                for range in ranges {
                    out.push_str(&text[at..range.start]);
                    at = range.end;
                }
                out.push_str(&text[at..]);
                out.replace(' ', "")
            };
            prop_assert_eq!(rest(&old, &gone), rest(&new, &come));
        }
    }
}
