//! Byte offsets to character offsets and lines, without counting from the start each time.

/// Bytes between two marks.
const STEP: usize = 1024;

/// Character and line counts at every so many bytes of a text.
#[derive(Clone, Debug)]
pub struct Ruler<'t> {
    text: &'t str,
    /// Characters and line breaks before each mark.
    marks: Vec<(usize, usize)>,
}

impl<'t> Ruler<'t> {
    pub fn new(text: &'t str) -> Self {
        let (mut chars, mut lines) = (0, 0);
        let mut marks = Vec::with_capacity(text.len() / STEP + 1);
        for chunk in text.as_bytes().chunks(STEP) {
            marks.push((chars, lines));
            let (c, l) = count(chunk);
            chars += c;
            lines += l;
        }
        Self { text, marks }
    }

    fn before(&self, at: usize) -> (usize, usize) {
        let at = at.min(self.text.len());
        let mark = (at / STEP).min(self.marks.len().saturating_sub(1));
        let (chars, lines) = self.marks.get(mark).copied().unwrap_or_default();
        let (c, l) = count(&self.text.as_bytes()[(mark * STEP).min(at)..at]);
        (chars + c, lines + l)
    }

    /// Unicode scalar values before the byte.
    pub fn chars(&self, at: usize) -> usize {
        self.before(at).0
    }

    /// The line of the byte, from 1.
    pub fn line(&self, at: usize) -> usize {
        self.before(at).1 + 1
    }
}

/// Characters that begin, and line breaks, in a piece of UTF-8.
fn count(bytes: &[u8]) -> (usize, usize) {
    let begins = |b: &&u8| (**b & 0xC0) != 0x80;
    (
        bytes.iter().filter(begins).count(),
        bytes.iter().filter(|b| **b == b'\n').count(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn it_counts_as_counting_does(text in "[a-zé\u{1F600}\n]{0,2000}", at in 0usize..4000) {
            let ruler = Ruler::new(&text);
            let at = text.floor_char_boundary(at.min(text.len()));
            prop_assert_eq!(ruler.chars(at), text[..at].chars().count());
            prop_assert_eq!(ruler.line(at), text[..at].matches('\n').count() + 1);
        }
    }
}
