//! What an invitation shows (RFC 5545): what it is about, where, and its description, also in HTML.

/// The texts of a calendar.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct CalendarTexts {
    /// One property a paragraph.
    pub plain: String,
    pub html: String,
}

/// Joins folded lines. In bytes: a fold may part the bytes of one character.
pub(super) fn unfold(bytes: &[u8]) -> Vec<u8> {
    let mut out: Vec<u8> = Vec::with_capacity(bytes.len());
    let mut rest = bytes.iter().copied().peekable();
    while let Some(byte) = rest.next() {
        if byte == b'\n' && rest.peek().is_some_and(|next| matches!(next, b' ' | b'\t')) {
            rest.next();
            if out.last() == Some(&b'\r') {
                out.pop();
            }
            continue;
        }
        out.push(byte);
    }
    out
}

/// Properties that calendars show as text.
const SHOWN: [&str; 13] = [
    "SUMMARY",
    "DESCRIPTION",
    "LOCATION",
    "COMMENT",
    "CONTACT",
    "CATEGORIES",
    "STYLED-DESCRIPTION",
    "X-ALT-DESC",
    "X-WR-CALNAME",
    "X-WR-CALDESC",
    "NAME",
    "RESOURCES",
    "REQUEST-STATUS",
];

/// Reads unfolded calendar text. What has no line of a calendar is text as it stands.
pub(super) fn texts(unfolded: &str) -> CalendarTexts {
    let mut texts = CalendarTexts::default();
    if !unfolded.to_ascii_uppercase().contains("BEGIN:V") {
        unfolded.clone_into(&mut texts.plain);
        return texts;
    }
    for line in unfolded.lines() {
        let Some(colon) = value_at(line) else {
            continue;
        };
        let (left, value) = (&line[..colon], &line[colon + 1..]);
        let mut words = left.split(';');
        let name = words.next().unwrap_or("").trim();
        // A group may stand before the name, as in a card.
        let name = name.rsplit('.').next().unwrap_or(name).to_ascii_uppercase();
        if !SHOWN.contains(&name.as_str()) {
            continue;
        }
        let quoted = left.to_ascii_uppercase().contains("QUOTED-PRINTABLE");
        let value = if quoted {
            String::from_utf8_lossy(&super::transfer::quoted_printable(value.as_bytes(), false))
                .into_owned()
        } else {
            value.to_owned()
        };
        let value = unescape(&value);
        let marked_up =
            left.to_ascii_lowercase().contains("text/html") || name == "STYLED-DESCRIPTION";
        let to = if marked_up {
            &mut texts.html
        } else {
            &mut texts.plain
        };
        if !to.is_empty() {
            to.push_str("\n\n");
        }
        to.push_str(&value);
    }
    texts
}

/// The colon before the value: not one inside a quoted parameter.
fn value_at(line: &str) -> Option<usize> {
    let mut quoted = false;
    line.bytes().position(|b| {
        quoted ^= b == b'"';
        b == b':' && !quoted
    })
}

fn unescape(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    let mut chars = value.chars();
    while let Some(c) = chars.next() {
        match (c, c == '\\') {
            (_, true) => match chars.next() {
                Some('n' | 'N') => out.push('\n'),
                Some(other) => out.push(other),
                None => out.push('\\'),
            },
            (c, _) => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invitation_is_read_as_it_is_shown() {
        let file = "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY;LANGUAGE=en:Your plan\r\nDESCRIPTION;ALTREP=\"cid:a@b\":No r\r\n isk\\, ever\\nand\\; more\r\nX-ALT-DESC;FMTTYPE=text/html:<p>No r\r\n\tisk</p>\r\nUID:1\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
        let texts = texts(&String::from_utf8(unfold(file.as_bytes())).unwrap());
        assert_eq!(texts.plain, "Your plan\n\nNo risk, ever\nand; more");
        assert_eq!(texts.html, "<p>No risk</p>");
    }

    #[test]
    fn a_fold_may_part_a_character() {
        assert_eq!(unfold(b"caf\xC3\r\n \xA9"), "café".as_bytes());
    }
}
