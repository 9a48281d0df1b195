//! Text that was changed on the way, with a map from every byte back to the characters it came from.

use super::hidden;
use super::leet::{is_leet_like, undo_leet};
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

/// The skeleton: what the text would say to somebody who cannot see the disguise. Compatibility forms, look-alikes,
/// marks, invisible characters, spaced and dotted letters, digits for letters, right-to-left runs are undone.
pub fn skeleton(source: &Mapped) -> Mapped {
    let folded = if source.text.is_ascii() {
        source.clone()
    } else {
        fold(&reverse_overrides(&drop_notes(source)))
    };
    undo_leet(&join_spaced(&drop_pictures(&join_broken(&folded))))
}

/// Whether the skeleton can differ from the text at all: saves the work on plain text.
pub fn needs_skeleton(text: &str) -> bool {
    if !text.is_ascii() {
        return true;
    }
    let bytes = text.as_bytes();
    let broken = bytes
        .windows(2)
        .any(|w| w[0] == b'-' && matches!(w[1], b'\n' | b'\r'));
    // Single letters with one and the same sign between them.
    let spaced = bytes.windows(5).any(|w| {
        w[0].is_ascii_alphanumeric()
            && w[2].is_ascii_alphanumeric()
            && w[4].is_ascii_alphanumeric()
            && !w[1].is_ascii_alphanumeric()
            && w[1] == w[3]
    });
    broken || spaced || text.split_ascii_whitespace().any(is_leet_like)
}

/// One or two raised digits behind a figure are the number of a note: folded, `$500¹` would be `$5001`.
fn drop_notes(source: &Mapped) -> Mapped {
    let raised = |c: char| matches!(c, '⁰' | '¹' | '²' | '³' | '⁴'..='⁹');
    if !source.text.contains(raised) {
        return source.clone();
    }
    let chars: Vec<_> = source.chars().collect();
    let mut out = Mapped::builder(source.text.len());
    let mut at = 0;
    while at < chars.len() {
        let run = chars[at..].iter().take_while(|c| raised(c.0)).count();
        let figure = at > 0
            && (chars[at - 1].0 == '%'
                || decimal_digit(chars[at - 1].0).is_some()
                || chars[at - 1].0.is_ascii_digit());
        if (1..=2).contains(&run) && figure {
            at += run;
            continue;
        }
        for (c, start, end) in &chars[at..at + run.max(1)] {
            out.push(*c, *start, *end);
        }
        at += run.max(1);
    }
    out
}

/// Text between a right-to-left override and its end is read backwards.
fn reverse_overrides(source: &Mapped) -> Mapped {
    if !source.text.contains('\u{202E}') {
        return source.clone();
    }
    let mut out = Mapped::builder(source.text.len());
    let mut held: Option<Vec<(char, usize, usize)>> = None;
    let release = |out: &mut Mapped, held: &mut Option<Vec<(char, usize, usize)>>| {
        for (c, start, end) in held.take().into_iter().flatten().rev() {
            out.push(c, start, end);
        }
    };
    for (c, start, end) in source.chars() {
        match c {
            '\u{202E}' => {
                release(&mut out, &mut held);
                held = Some(Vec::new());
            }
            '\u{202C}' | '\u{2069}' | '\n' => {
                release(&mut out, &mut held);
                if c == '\n' {
                    out.push(c, start, end);
                }
            }
            _ => match &mut held {
                Some(run) => run.push((c, start, end)),
                None => out.push(c, start, end),
            },
        }
    }
    release(&mut out, &mut held);
    out
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

/// `guaran-\nteed` is one word.
fn join_broken(source: &Mapped) -> Mapped {
    if !source.text.contains("-\n") && !source.text.contains("-\r") {
        return source.clone();
    }
    let chars: Vec<_> = source.chars().collect();
    let mut out = Mapped::builder(source.text.len());
    let mut at = 0;
    while at < chars.len() {
        if chars[at].0 == '-' && at > 0 && chars[at - 1].0.is_alphabetic() {
            let mut next = at + 1;
            let mut breaks = 0;
            while next < chars.len() && matches!(chars[next].0, '\r' | '\n' | ' ') {
                breaks += usize::from(chars[next].0 == '\n');
                next += 1;
            }
            if breaks == 1 && next < chars.len() && chars[next].0.is_alphabetic() {
                at = next;
                continue;
            }
        }
        out.push(chars[at].0, chars[at].1, chars[at].2);
        at += 1;
    }
    out
}

/// `gua🔥ran🔥teed` is one word: pictures between letters are dropped.
fn drop_pictures(source: &Mapped) -> Mapped {
    if source.text.is_ascii() {
        return source.clone();
    }
    let chars: Vec<_> = source.chars().collect();
    let is_picture = |c: char| !c.is_ascii() && !c.is_alphanumeric() && !c.is_whitespace();
    let mut out = Mapped::builder(source.text.len());
    let mut at = 0;
    while at < chars.len() {
        if is_picture(chars[at].0) {
            let mut next = at;
            while next < chars.len() && is_picture(chars[next].0) {
                next += 1;
            }
            let inside = at > 0
                && chars[at - 1].0.is_alphabetic()
                && chars.get(next).is_some_and(|c| c.0.is_alphabetic());
            if !inside {
                for (c, start, end) in &chars[at..next] {
                    out.push(*c, *start, *end);
                }
            }
            at = next;
        } else {
            out.push(chars[at].0, chars[at].1, chars[at].2);
            at += 1;
        }
    }
    out
}

/// Letters of a spaced-out word that are looked at together: keeps hostile input linear.
const LONGEST_SPACED: usize = 64;

/// `g u a r a n t e e d`, `g.u.a.r.a.n.t.e.e.d`, and letters with emoji between them are one word, from four letters on.
fn join_spaced(source: &Mapped) -> Mapped {
    let chars: Vec<_> = source.chars().collect();
    let separator = |c: char| {
        matches!(
            c,
            ' ' | '.' | '-' | '_' | '*' | '|' | '/' | '\u{B7}' | '\u{2022}'
        ) || (!c.is_ascii() && !c.is_alphanumeric())
    };
    let mut out = Mapped::builder(source.text.len());
    let mut at = 0;
    while at < chars.len() {
        let starts_word = at == 0 || !chars[at - 1].0.is_alphanumeric();
        if starts_word && chars[at].0.is_alphanumeric() {
            let mut letters = vec![at];
            let mut next = at + 1;
            let mut kind: Option<char> = None;
            while letters.len() < LONGEST_SPACED
                && next + 1 < chars.len()
                && separator(chars[next].0)
                && kind.is_none_or(|k| {
                    k == chars[next].0 || !k.is_ascii() && !chars[next].0.is_ascii()
                })
                && chars[next + 1].0.is_alphanumeric()
                && chars.get(next + 2).is_none_or(|c| !c.0.is_alphanumeric())
            {
                kind = Some(chars[next].0);
                letters.push(next + 1);
                next += 2;
            }
            let alphabetic = letters
                .iter()
                .filter(|i| chars[**i].0.is_alphabetic())
                .count();
            if letters.len() >= 4 && alphabetic * 2 > letters.len() {
                for index in letters {
                    out.push(chars[index].0, chars[index].1, chars[index].2);
                }
                at = next;
                continue;
            }
        }
        out.push(chars[at].0, chars[at].1, chars[at].2);
        at += 1;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn skeleton_of(text: &str) -> String {
        skeleton(&Mapped::identity(text)).text().to_owned()
    }

    #[test]
    fn the_known_disguises_come_off() {
        for disguised in [
            "guar\u{200b}anteed",
            "guaran\u{ad}teed",
            "ｇｕａｒａｎｔｅｅｄ",
            "g.u.a.r.a.n.t.e.e.d",
            "g u a r a n t e e d",
            "gu\u{301}arante\u{301}ed",
            "guaran-\nteed",
            "\u{202e}deetnaraug\u{202c}",
            "gu4r4nt33d",
            "guаrаntееd",
            "𝐠𝐮𝐚𝐫𝐚𝐧𝐭𝐞𝐞𝐝",
            "g🙂u🙂a🙂r🙂a🙂n🙂t🙂e🙂e🙂d",
            "ɢᴜᴀʀᴀɴᴛᴇᴇᴅ",
            "🅶🆄🅰🆁🅰🅽🆃🅴🅴🅳",
            "gua🔥ran🔥teed",
        ] {
            assert!(
                skeleton_of(disguised).contains("guaranteed"),
                "{disguised:?} → {}",
                skeleton_of(disguised)
            );
        }
    }

    #[test]
    fn a_notes_number_joins_no_figure() {
        assert_eq!(
            skeleton_of("$500¹ at 9.5%² for ¹²³⁴ m²"),
            "$500 at 9.5% for 1234 m2"
        );
    }

    #[test]
    fn ordinary_text_is_left_alone() {
        for text in [
            "Pay in 4 parts of $25.50 a month.",
            "A 401k or an IRA",
            "I am at home",
            "Save 20% by 12 May",
        ] {
            assert_eq!(skeleton_of(text), text);
        }
    }

    #[test]
    fn spans_point_into_the_original() {
        let text = "Our fund is guar\u{200b}anteed to grow.";
        let mapped = skeleton(&Mapped::identity(text));
        let at = mapped.text().find("guaranteed").unwrap();
        let (start, end) = mapped.original(at, at + "guaranteed".len());
        assert_eq!(&text[start..end], "guar\u{200b}anteed");
    }

    proptest! {
        #[test]
        fn every_span_maps_to_character_borders(text in "\\PC{0,60}", from in 0usize..80, len in 0usize..20) {
            for mapped in [skeleton(&Mapped::identity(&text)), tidy(&Mapped::identity(&text))] {
                let from = from.min(mapped.text().len());
                let to = (from + len).min(mapped.text().len());
                let (start, end) = mapped.original(from, to);
                prop_assert!(start <= end && end <= text.len());
                prop_assert!(text.is_char_boundary(start) && text.is_char_boundary(end));
            }
        }
    }
}
