//! Characters that a reader does not see: which they are, and how to show them safely.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Default-ignorable code points of Unicode 16 (`DerivedCoreProperties`, property `Default_Ignorable_Code_Point`).
pub fn is_default_ignorable(c: char) -> bool {
    matches!(c,
        '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}'..='\u{1160}' | '\u{17B4}'..='\u{17B5}'
        | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}'
        | '\u{FFA0}' | '\u{FFF0}'..='\u{FFF8}' | '\u{1BCA0}'..='\u{1BCA3}'
        | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}')
}

/// Controls that turn text round: overrides, embeddings and isolates. The plain direction marks turn nothing.
pub fn is_bidi_override(c: char) -> bool {
    matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// A hidden character that has no business in customer-facing text. Emoji joiners and variation selectors next to
/// a pictograph are part of the pictograph.
pub fn is_suspicious(c: char, before: Option<char>) -> bool {
    let after_pictograph = before.is_some_and(|b| {
        matches!(b, '\u{2190}'..='\u{2BFF}' | '\u{1F000}'..='\u{1FAFF}' | '\u{FE0F}' | '0'..='9' | '#' | '*')
    });
    match c {
        '\u{200D}' | '\u{FE0E}' | '\u{FE0F}' | '\u{E0020}'..='\u{E007F}' => !after_pictograph,
        '\n' | '\t' | '\r' => false,
        _ => c.is_control() || is_default_ignorable(c),
    }
}

/// Characters with which senders fill up the line that an inbox shows beside the subject, and soft hyphens.
pub fn is_filler(c: char) -> bool {
    matches!(
        c,
        '\u{AD}' | '\u{34F}' | '\u{200B}'..='\u{200D}' | '\u{2060}' | '\u{FEFF}'
    )
}

/// Runs of filler that hide nothing: beside no word or only at its end, or soft hyphens between the letters of one.
/// Blanks between them belong to the run. In bytes.
pub fn harmless_filler(text: &str) -> Vec<(usize, usize)> {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    let mut before: Option<char> = None;
    let mut rest = text.char_indices().peekable();
    while let Some((start, c)) = rest.next() {
        // A joiner in a pictograph is part of it.
        if !is_filler(c) || !is_suspicious(c, before) {
            before = Some(c);
            continue;
        }
        let mut end = start + c.len_utf8();
        let mut only_soft = c == '\u{AD}';
        while let Some((at, next)) = rest.next_if(|(_, next)| is_filler(*next)) {
            end = at + next.len_utf8();
            only_soft = false;
        }
        let after = rest.peek().map(|(_, next)| *next);
        let inside = |test: fn(char) -> bool| before.is_some_and(test) && after.is_some_and(test);
        if inside(char::is_alphanumeric) && !(only_soft && inside(char::is_alphabetic)) {
            continue;
        }
        match runs.last_mut() {
            Some(last) if text[last.1..start].chars().all(char::is_whitespace) => last.1 = end,
            _ => runs.push((start, end)),
        }
    }
    runs
}

/// Text as it may reach a terminal: control, bidi and invisible characters become `<U+202E>`, line breaks stay.
/// The only road from outside text to a screen.
pub fn visible(text: &str) -> Cow<'_, str> {
    if text
        .bytes()
        .all(|b| (0x20..0x7f).contains(&b) || b == b'\n')
    {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    let mut before = None;
    for c in text.chars() {
        match c {
            '\n' => shown.push('\n'),
            '\t' => shown.push_str("    "),
            '\r' => {}
            // Unassigned-by-name separators would break a line behind the layout's back.
            '\u{2028}' | '\u{2029}' | '\u{85}' => mark(&mut shown, c),
            _ if c.is_control() || is_suspicious(c, before) => mark(&mut shown, c),
            _ => shown.push(c),
        }
        before = Some(c);
    }
    Cow::Owned(shown)
}

/// Like [`visible`], on one line.
pub fn visible_line(text: &str) -> String {
    visible(text).replace('\n', " ")
}

fn mark(shown: &mut String, c: char) {
    // Writing to a String cannot fail.
    let _ = write!(shown, "<U+{:04X}>", u32::from(c));
}

/// Invisible, foreign or spaced characters inside a word: a line break with a hyphen, or mark-up, is no disguise.
pub fn is_disguised(original: &str) -> bool {
    let mut before = None;
    let mut odd = false;
    for c in original.chars() {
        odd |= !c.is_ascii() || is_suspicious(c, before);
        before = Some(c);
    }
    let broken = original.contains("-\n") || original.contains("-\r");
    odd || !broken && !original.contains('<') && !original.contains('&')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_steers_a_terminal_survives() {
        let shown = visible("a\u{1b}[2Jb\u{202e}c\u{200b}d\u{7}\u{9b}31m");
        assert_eq!(shown, "a<U+001B>[2Jb<U+202E>c<U+200B>d<U+0007><U+009B>31m");
        assert_eq!(visible_line("a\nb"), "a b");
    }

    #[test]
    fn filler_at_the_end_of_words_hides_nothing() {
        for (text, runs) in [
            ("Costs vary.\u{34F}\u{200C} \u{34F}\u{200C} \u{AD}", 1),
            ("Verbraucher\u{AD}schutz", 1),
            ("a\u{200B}b", 0),
            ("5\u{AD}0", 0),
            ("a\u{AD}\u{AD}b", 0),
            ("plan\u{200C} b", 1),
            ("👩\u{200D}👧", 0),
        ] {
            assert_eq!(harmless_filler(text).len(), runs, "{text:?}");
        }
    }

    #[test]
    fn emoji_sequences_are_left_whole() {
        assert_eq!(visible("👩\u{200d}👧 ok"), "👩\u{200d}👧 ok");
        assert_eq!(visible("a\u{200d}b"), "a<U+200D>b");
    }
}
