//! The words round a value, as a reader sees them: whose it is stands there.

/// Bytes before and behind that are looked at.
const BEFORE: usize = 260;
const BEHIND: usize = 220;
/// A text's last bytes are its closing, however long it is.
const CLOSING: usize = 400;
/// A text's first bytes hold the letterhead.
const OPENING: usize = 400;

/// What stands round a value; mark-up is taken out.
pub(super) struct Surroundings {
    pub before: String,
    pub after: String,
    /// In the second half of the text, or close to its end.
    pub closing: bool,
    /// Close to the beginning of the text.
    pub opening: bool,
}

impl Surroundings {
    pub fn of(text: &str, start: usize, end: usize) -> Self {
        let from = text.floor_char_boundary(start.saturating_sub(BEFORE));
        let to = text.ceil_char_boundary((end + BEHIND).min(text.len()));
        Self {
            before: shown(&text[from..start]),
            after: shown(&text[end..to]),
            closing: is_closing(text, start),
            opening: start <= OPENING,
        }
    }

    /// The value's line up to it.
    pub fn line_before(&self) -> &str {
        self.before
            .rsplit('\n')
            .next()
            .unwrap_or_default()
            .trim_start()
    }

    /// The value's line behind it.
    pub fn line_after(&self) -> &str {
        self.after.split('\n').next().unwrap_or_default().trim_end()
    }

    /// The value's sentence up to it, within its line. The dot of a title or an initial ends none.
    pub fn sentence_before(&self) -> &str {
        let line = self.line_before();
        let mut from = 0;
        for (at, mark) in line.match_indices(['.', '!', '?']) {
            let behind = at + mark.len();
            let word = line[..at]
                .rsplit(|c: char| !c.is_alphanumeric())
                .next()
                .unwrap_or_default();
            let short = mark == "." && word.chars().count() <= 4 && !word.is_empty();
            let capital = word.chars().next().is_some_and(char::is_uppercase);
            if line[behind..].starts_with(char::is_whitespace) && !(short && capital) {
                from = behind;
            }
        }
        line[from..].trim_start()
    }
}

/// Whether a place is in the second half of a text, or close to its end.
pub(super) fn is_closing(text: &str, at: usize) -> bool {
    at * 2 >= text.len() || text.len() - at <= CLOSING
}

/// A piece of a page without its tags; what starts or ends a block becomes a line's end. A tag that the piece cuts in two
/// is a tag too.
fn shown(piece: &str) -> String {
    if !piece.contains(['<', '>']) {
        return piece.to_owned();
    }
    let cut = piece.find('>').filter(|close| {
        let head = &piece[..*close];
        !head.contains('<') && (head.contains('=') || head.len() < 12)
    });
    let mut rest = &piece[cut.map_or(0, |close| close + 1)..];
    let mut text = String::with_capacity(rest.len());
    while let Some(open) = rest.find('<') {
        text.push_str(&rest[..open]);
        let tag = &rest[open + 1..];
        if !tag.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!')) {
            text.push('<');
            rest = tag;
            continue;
        }
        let Some(close) = tag.find('>') else {
            return text.replace("&nbsp;", " ");
        };
        let name: String = tag
            .trim_start_matches('/')
            .chars()
            .take_while(char::is_ascii_alphanumeric)
            .collect::<String>()
            .to_ascii_lowercase();
        if !INLINE.contains(&name.as_str()) {
            text.push('\n');
        }
        rest = &tag[close + 1..];
    }
    text.push_str(rest);
    text.replace("&nbsp;", " ")
}

/// Elements that stand within a line.
const INLINE: [&str; 12] = [
    "a", "abbr", "b", "em", "font", "i", "small", "span", "strong", "sup", "u", "mark",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_sentences_are_those_of_the_reader() {
        let text = r#"<p class="x">Old line.</p><p>We wrote. Dear Mr. <b>Falk</b>, hello</p>"#;
        let at = text.find("Falk").unwrap();
        let around = Surroundings::of(text, at, at + 4);
        assert_eq!(around.line_before(), "We wrote. Dear Mr. ");
        assert_eq!(around.sentence_before(), "Dear Mr. ");
        assert_eq!(around.line_after(), ", hello");
    }

    #[test]
    fn a_tag_that_is_cut_is_no_text() {
        assert_eq!(shown("yle=\"a\">Call us <a href=\"tel:"), "Call us ");
        assert_eq!(shown("a < b"), "a < b");
    }
}
