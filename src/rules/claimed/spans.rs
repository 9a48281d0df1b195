//! Ranges of a text that were looked at, as one set: asked in a few steps, however many there are.

use std::collections::BTreeMap;

/// Ranges of bytes; those that overlap are one.
#[derive(Clone, Debug, Default)]
pub struct Spans(BTreeMap<usize, usize>);

impl Spans {
    /// Whether some range shares a byte with this one.
    pub fn overlap(&self, start: usize, end: usize) -> bool {
        let before = self.0.range(..end).next_back();
        before.is_some_and(|(_, until)| start < *until)
    }

    pub fn add(&mut self, mut start: usize, mut end: usize) {
        while let Some((from, until)) = self.0.range(..end).next_back() {
            if *until <= start {
                break;
            }
            (start, end) = (start.min(*from), end.max(*until));
            let from = *from;
            self.0.remove(&from);
        }
        if start < end {
            self.0.insert(start, end);
        }
    }

    pub fn extend(&mut self, other: Self) {
        for (start, end) in other.0 {
            self.add(start, end);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn it_says_what_a_list_of_ranges_says(
            ranges in prop::collection::vec((0_usize..60, 1_usize..9), 0..40),
            (start, length) in (0_usize..60, 1_usize..9),
        ) {
            let mut spans = Spans::default();
            for (from, length) in &ranges {
                spans.add(*from, from + length);
            }
            let end = start + length;
            let listed = ranges.iter().any(|(s, l)| *s < end && start < s + l);
            prop_assert_eq!(spans.overlap(start, end), listed);
        }
    }
}
