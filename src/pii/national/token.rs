//! One way to read an identifier from a place in a text.

/// Most signs of any scheme.
pub(super) const MOST: usize = 16;

/// One way to read an identifier from a place in a text.
#[derive(Clone, Copy, Debug)]
pub(super) struct NationalIdToken<'t> {
    pub start: usize,
    pub end: usize,
    /// As it is written, with the signs between.
    pub written: &'t str,
    /// Its digits and letters, in capitals.
    signs: [u8; MOST],
    length: usize,
}

/// How many signs, and which of them are letters (bit by bit from the first on).
pub(super) type NationalIdShape = (usize, u32);

impl<'t> NationalIdToken<'t> {
    pub(super) fn of(text: &'t str, start: usize, end: usize) -> Self {
        let mut signs = [0; MOST];
        let mut length = 0;
        let plain = text[start..end].bytes().filter(u8::is_ascii_alphanumeric);
        for (place, b) in signs.iter_mut().zip(plain) {
            *place = b.to_ascii_uppercase();
            length += 1;
        }
        Self {
            start,
            end,
            written: &text[start..end],
            signs,
            length,
        }
    }

    pub fn plain(&self) -> &[u8] {
        &self.signs[..self.length]
    }

    pub fn len(&self) -> usize {
        self.length
    }

    /// Whether it is written so: `9` for a digit, `A` for a letter, and the signs between.
    pub fn is_written(&self, pattern: &str) -> bool {
        let class = |b: u8| match b {
            b'0'..=b'9' => b'9',
            b if b.is_ascii_alphabetic() => b'A',
            b => b,
        };
        self.written.bytes().map(class).eq(pattern.bytes())
    }

    pub fn shape(&self) -> NationalIdShape {
        let letters = self
            .plain()
            .iter()
            .enumerate()
            .filter(|(_, b)| b.is_ascii_alphabetic())
            .fold(0, |mask, (at, _)| mask | 1 << at);
        (self.length, letters)
    }

    /// The value of the digits from `from` on, `count` of them; letters count as nothing.
    pub fn number(&self, from: usize, count: usize) -> u64 {
        self.plain()[from..from + count]
            .iter()
            .filter(|b| b.is_ascii_digit())
            .fold(0, |sum, b| sum * 10 + u64::from(b - b'0'))
    }

    /// The value of the digit at a place; 0 for a letter.
    pub fn digit(&self, at: usize) -> u32 {
        match self.plain()[at] {
            b @ b'0'..=b'9' => u32::from(b - b'0'),
            _ => 0,
        }
    }
}
