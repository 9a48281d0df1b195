//! Text of the source with its entities undone, each character with its place.

/// The longest name of an entity, with `&` and `;`.
const LONGEST: usize = 34;

/// Calls `push` with each character of `source[from..to]` and the place it stands for.
pub(super) fn decode(
    source: &str,
    (from, to): (usize, usize),
    in_attribute: bool,
    mut push: impl FnMut(char, usize, usize),
) {
    let text = &source[from..to];
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        if rest.starts_with('&')
            && let Some((decoded, length)) = entity(rest, in_attribute)
        {
            for c in decoded.chars() {
                push(c, from + at, from + at + length);
            }
            at += length;
            continue;
        }
        let Some(c) = rest.chars().next() else { break };
        push(c, from + at, from + at + c.len_utf8());
        at += c.len_utf8();
    }
}

/// The entity that the text begins with and its length in bytes.
fn entity(text: &str, in_attribute: bool) -> Option<(String, usize)> {
    let name = text[1..]
        .bytes()
        .take(LONGEST)
        .take_while(|b| b.is_ascii_alphanumeric() || *b == b'#')
        .count();
    let mut end = 1 + name;
    if text.as_bytes().get(end) == Some(&b';') {
        end += 1;
    }
    // In an attribute, what stands behind a name without `;` decides.
    let seen = if in_attribute {
        text.ceil_char_boundary((end + 1).min(text.len()))
    } else {
        end
    };
    let written = &text[..seen];
    let decoded = if in_attribute {
        htmlize::unescape_attribute(written)
    } else {
        htmlize::unescape(written)
    };
    if decoded == written {
        return None;
    }
    // `&notit;` is `¬it;`: what is left as it was is no part of the entity.
    let kept = decoded
        .bytes()
        .rev()
        .zip(written.bytes().rev())
        .take_while(|(a, b)| a == b)
        .count();
    let kept = (0..=kept)
        .rev()
        .find(|k| {
            decoded.is_char_boundary(decoded.len() - k)
                && written.is_char_boundary(seen - k)
                && seen - k > 1
        })
        .unwrap_or(0);
    Some((decoded[..decoded.len() - kept].to_owned(), seen - kept))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn decoded(text: &str, in_attribute: bool) -> String {
        let mut out = String::new();
        decode(text, (0, text.len()), in_attribute, |c, _, _| out.push(c));
        out
    }

    #[test]
    fn entities_are_those_of_html() {
        for (written, read) in [
            ("a&amp;b &lt; &#97;&#x62; &euro;", "a&b < ab €"),
            (
                "&nbsp&copy2 &notit; &unknown; & &;",
                "\u{a0}©2 ¬it; &unknown; & &;",
            ),
            ("&amp;amp; &amp;;", "&amp; &;"),
            ("&NotEqualTilde;x", "≂̸x"),
        ] {
            assert_eq!(decoded(written, false), read, "{written}");
        }
        assert_eq!(decoded("?a=1&copy=2&amp;b", true), "?a=1&copy=2&b");
    }

    proptest! {
        #[test]
        fn any_text_reads_as_the_library_reads_it(text in "(&|;|#|x|amp|lt|not|copy|[a-z0-9é ]){0,30}") {
            prop_assert_eq!(decoded(&text, false), htmlize::unescape(text.as_str()));
        }
    }
}
