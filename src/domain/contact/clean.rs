//! What is taken off a text before it is read: what nobody sees, and what tools put around it.

use super::ContactError;
use unicode_normalization::UnicodeNormalization as _;

/// Longest text that is read, in bytes: twice the longest address with a long name before it.
const MOST_BYTES: usize = 1_024;

/// Whether a character shows nothing and means nothing here: zero-width, direction marks, soft hyphen, byte order mark,
/// controls.
fn is_unseen(c: char) -> bool {
    matches!(
        c,
        '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}'
    ) || c.is_control() && !c.is_whitespace()
}

/// Signs that stand around an address or a number and are no part of it.
const AROUND: &[char] = &[
    '"', '\'', '`', '“', '”', '„', '‘', '’', '‚', '«', '»', '‹', '›', ',', ';',
];

/// The text in compatibility form (full width is plain), with plain spaces, without what nobody sees.
///
/// # Errors
/// [`ContactError::Empty`] and [`ContactError::TooLong`].
pub(super) fn seen(text: &str) -> Result<String, ContactError> {
    if text.len() > MOST_BYTES {
        return Err(ContactError::TooLong);
    }
    let seen: String = text
        .nfkc()
        .filter(|c| !is_unseen(*c))
        .map(|c| if c.is_whitespace() { ' ' } else { c })
        .collect();
    match seen.trim() {
        "" => Err(ContactError::Empty),
        seen => Ok(seen.to_owned()),
    }
}

/// The text without quotes, commas and the like at its ends.
pub(super) fn bare(text: &str) -> &str {
    text.trim_matches(|c: char| c == ' ' || AROUND.contains(&c))
}

/// The text without a comment behind it: `# …` and `// …` after a space.
pub(super) fn without_comment(text: &str) -> &str {
    let ends = [" #", " //"].into_iter().filter_map(|sign| text.find(sign));
    ends.min().map_or(text, |end| &text[..end])
}

/// The rest of a text that begins with a scheme such as `mailto:`, in any case.
pub(super) fn after_scheme<'t>(text: &'t str, schemes: &[&str]) -> Option<&'t str> {
    schemes.iter().find_map(|scheme| {
        let (head, rest) = text.split_at_checked(scheme.len())?;
        (head.eq_ignore_ascii_case(scheme)).then_some(rest)
    })
}

/// A part of a URI with its `%40` and the like read; what is no such code stays.
pub(super) fn percent_decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let code = (byte == b'%')
            .then(|| text.get(at + 1..at + 3))
            .flatten()
            .and_then(|code| u8::from_str_radix(code, 16).ok());
        decoded.push(code.unwrap_or(byte));
        at += if code.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&decoded).into_owned()
}
