//! Letters that a font joins into one: the same words, whether a document or somebody who looks for them writes them so.

use std::borrow::Cow;
use unicode_normalization::UnicodeNormalization as _;

fn is_joined(c: char) -> bool {
    matches!(c, '\u{FB00}'..='\u{FB06}')
}

/// `ﬁ` is two letters; other compatibility forms, small figures among them, stay.
pub fn apart(text: &str) -> Cow<'_, str> {
    if !text.contains(is_joined) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if is_joined(c) {
            out.extend(std::iter::once(c).nfkc());
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn joined_letters_are_parted_and_nothing_else_is_touched() {
        assert_eq!(
            apart("ﬁnancial oﬀer, aﬄuent, ﬆ"),
            "financial offer, affluent, st"
        );
        assert!(matches!(apart("x² ½ ﷼ œ"), Cow::Borrowed("x² ½ ﷼ œ")));
    }
}
