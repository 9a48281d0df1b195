//! Text that was changed on the way, with a map from every byte back to the characters it came from.

use super::hidden;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Changed text and, for each of its bytes, the byte range of the original that it stands for.
#[derive(Clone, Debug, Default)]
pub struct Mapped {
    text: String,
    /// `None` when nothing was changed.
    map: Option<Vec<(u32, u32)>>,
}

impl Mapped {
    /// The text itself, unchanged.
    pub fn identity(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            map: None,
        }
    }

    /// An empty text to push characters to.
    pub fn builder(capacity: usize) -> Self {
        Self {
            text: String::with_capacity(capacity),
            map: Some(Vec::with_capacity(capacity)),
        }
    }

    /// Appends a character that stands for `start..end` of the original.
    pub fn push(&mut self, c: char, start: usize, end: usize) {
        self.text.push(c);
        if let Some(map) = &mut self.map {
            let range = (narrow(start), narrow(end));
            map.extend(std::iter::repeat_n(range, c.len_utf8()));
        }
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    /// The original's byte range behind `start..end` of the changed text. Always on character borders of the
    /// original, provided that only character ranges were pushed.
    pub fn original(&self, start: usize, end: usize) -> (usize, usize) {
        let Some(map) = &self.map else {
            return (start, end);
        };
        let last = map.last().map_or(0, |r| r.1 as usize);
        let from = map.get(start).map_or(last, |r| r.0 as usize);
        if end <= start {
            return (from, from);
        }
        // Reordered text (right-to-left runs) may map backwards: take the hull.
        let mut low = from;
        let mut high = from;
        for range in &map[start..end.min(map.len())] {
            low = low.min(range.0 as usize);
            high = high.max(range.1 as usize);
        }
        (low, high)
    }

    /// Each character with its original byte range.
    pub fn chars(&self) -> impl Iterator<Item = (char, usize, usize)> + '_ {
        self.text
            .char_indices()
            .map(move |(at, c)| match &self.map {
                None => (c, at, at + c.len_utf8()),
                Some(map) => {
                    let range = map.get(at).copied().unwrap_or((0, 0));
                    (c, range.0 as usize, range.1 as usize)
                }
            })
    }
}

/// Offsets are kept in 32 bits; parts over 4 GiB never get here (bodies are limited long before).
fn narrow(offset: usize) -> u32 {
    u32::try_from(offset).unwrap_or(u32::MAX)
}

/// Spaces, quotes and dashes in one spelling; everything else as it stands. What a careful reader sees.
pub fn tidy(source: &Mapped) -> Mapped {
    if source.text.is_ascii() {
        return source.clone();
    }
    let mut out = Mapped::builder(source.text.len());
    for (c, start, end) in source.chars() {
        // A soft hyphen says where a word may break, and is not seen where it does not.
        if c != '\u{AD}' {
            out.push(tidy_char(c), start, end);
        }
    }
    out
}

/// The text without footnote marks: up to three small figures behind a word or a figure, with nothing joined to them.
pub fn without_marks(source: &Mapped) -> Mapped {
    let is_small = |c: char| matches!(c, '\u{B9}' | '\u{B2}' | '\u{B3}' | '\u{2070}' | '\u{2074}'..='\u{2079}' | '\u{2080}'..='\u{2089}');
    if source.text.is_ascii() || !source.text.contains(is_small) {
        return source.clone();
    }
    let chars: Vec<_> = source.chars().collect();
    let mut out = Mapped::builder(source.text.len());
    let mut at = 0;
    while at < chars.len() {
        let end = at + chars[at..].iter().take_while(|c| is_small(c.0)).count();
        let behind = at
            .checked_sub(1)
            .is_some_and(|i| !chars[i].0.is_whitespace());
        let joined = chars.get(end).is_some_and(|c| c.0.is_alphanumeric());
        if (1..=3).contains(&(end - at)) && behind && !joined {
            at = end;
            continue;
        }
        let end = end.max(at + 1);
        for (c, start, stop) in &chars[at..end] {
            out.push(*c, *start, *stop);
        }
        at = end;
    }
    out
}

fn tidy_char(c: char) -> char {
    match c {
        '\u{A0}' | '\u{1680}' | '\u{2000}'..='\u{200A}' | '\u{202F}' | '\u{205F}' | '\u{3000}' => {
            ' '
        }
        '\u{2018}' | '\u{2019}' | '\u{201B}' | '\u{2BC}' | '\u{FF07}' => '\'',
        '\u{201C}' | '\u{201D}' | '\u{201E}' | '\u{FF02}' => '"',
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{FE58}' | '\u{FE63}' | '\u{FF0D}' => '-',
        _ => c,
    }
}

/// Compatibility forms, look-alikes, digits of all scripts and marks reduced to plain letters and digits; invisible
/// characters dropped. The detection copy for personal data, and the first step of the skeleton.
pub fn fold(source: &Mapped) -> Mapped {
    let mut out = Mapped::builder(source.text.len());
    for (c, start, end) in source.chars() {
        if c.is_ascii() {
            out.push(c, start, end);
            continue;
        }
        if let Some(digit) = decimal_digit(c) {
            out.push(digit, start, end);
            continue;
        }
        if hidden::is_default_ignorable(c) || is_combining_mark(c) {
            continue;
        }
        if let Some(letter) = drawn_letter(c) {
            out.push(letter, start, end);
            continue;
        }
        let tidied = tidy_char(c);
        if tidied.is_ascii() {
            out.push(tidied, start, end);
            continue;
        }
        for k in std::iter::once(c).nfkd() {
            if is_combining_mark(k) || hidden::is_default_ignorable(k) {
                continue;
            }
            if k.is_ascii() {
                out.push(k, start, end);
                continue;
            }
            let mut pushed = false;
            for s in unicode_security::skeleton(k.encode_utf8(&mut [0; 4])) {
                if !is_combining_mark(s) {
                    out.push(s, start, end);
                    pushed = true;
                }
            }
            if !pushed {
                out.push(k, start, end);
            }
        }
    }
    out
}

/// Letters drawn as small capitals or in boxes, for which Unicode gives neither a compatibility form nor a skeleton.
fn drawn_letter(c: char) -> Option<char> {
    const SMALL: [(char, char); 25] = [
        ('ᴀ', 'a'),
        ('ʙ', 'b'),
        ('ᴄ', 'c'),
        ('ᴅ', 'd'),
        ('ᴇ', 'e'),
        ('ꜰ', 'f'),
        ('ɢ', 'g'),
        ('ʜ', 'h'),
        ('ɪ', 'i'),
        ('ᴊ', 'j'),
        ('ᴋ', 'k'),
        ('ʟ', 'l'),
        ('ᴍ', 'm'),
        ('ɴ', 'n'),
        ('ᴏ', 'o'),
        ('ᴘ', 'p'),
        ('ꞯ', 'q'),
        ('ʀ', 'r'),
        ('ꜱ', 's'),
        ('ᴛ', 't'),
        ('ᴜ', 'u'),
        ('ᴠ', 'v'),
        ('ᴡ', 'w'),
        ('ʏ', 'y'),
        ('ᴢ', 'z'),
    ];
    let boxed = match u32::from(c) {
        code @ 0x1F150..=0x1F169 => code - 0x1F150,
        code @ 0x1F170..=0x1F189 => code - 0x1F170,
        code @ 0x1F1E6..=0x1F1FF => code - 0x1F1E6,
        _ => {
            return SMALL
                .iter()
                .find(|(drawn, _)| *drawn == c)
                .map(|(_, plain)| *plain);
        }
    };
    char::from_u32(u32::from('a') + boxed)
}

/// Zeros of the decimal digit runs (general category Nd, Unicode 16).
const ZEROS: [u32; 44] = [
    0x660, 0x6F0, 0x7C0, 0x966, 0x9E6, 0xA66, 0xAE6, 0xB66, 0xBE6, 0xC66, 0xCE6, 0xD66, 0xDE6,
    0xE50, 0xED0, 0xF20, 0x1040, 0x1090, 0x17E0, 0x1810, 0x1946, 0x19D0, 0x1A80, 0x1A90, 0x1B50,
    0x1BB0, 0x1C40, 0x1C50, 0xA620, 0xA8D0, 0xA900, 0xA9D0, 0xA9F0, 0xAA50, 0xABF0, 0xFF10,
    0x104A0, 0x11066, 0x1D7CE, 0x1D7D8, 0x1D7E2, 0x1D7EC, 0x1D7F6, 0x1FBF0,
];

pub(crate) fn decimal_digit(c: char) -> Option<char> {
    let code = u32::from(c);
    let zero = ZEROS
        .iter()
        .find(|zero| (**zero..**zero + 10).contains(&code))?;
    char::from_digit(code - zero, 10)
}
