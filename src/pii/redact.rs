//! The text without the personal data.

use super::{PiiHit, PiiKind, Scanner};

/// Redacted text, and where its tags stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redacted {
    pub text: String,
    /// Bytes of `text` that a tag fills, and what it stands for.
    pub tags: Vec<(usize, usize, PiiKind)>,
}

/// Puts a tag in the place of every hit. Scanning the result again finds nothing: a value that only its neighbour
/// hid (`…1111+44 20…`) is taken in a further pass.
pub fn redact(text: &str, scanner: &Scanner<'_>) -> Redacted {
    let mut text = text.to_owned();
    loop {
        let hits = scanner.scan(&text);
        if hits.is_empty() {
            break;
        }
        text = apply(&text, &hits);
    }
    let tags = tags_of(&text);
    Redacted { text, tags }
}

fn apply(text: &str, hits: &[PiiHit]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    for hit in hits {
        out.push_str(&text[from..hit.start]);
        out.push_str(hit.kind.tag());
        from = hit.end;
    }
    out.push_str(&text[from..]);
    out
}

/// Where tags stand in a redacted text.
pub fn tags_of(text: &str) -> Vec<(usize, usize, PiiKind)> {
    text.match_indices("[REDACTED_")
        .filter_map(|(at, _)| {
            let kind = PiiKind::ALL
                .into_iter()
                .find(|kind| text[at..].starts_with(kind.tag()))?;
            Some((at, at + kind.tag().len(), kind))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn tags_take_the_place_of_values() {
        let text = "Mail ann@example.com or call (415) 555-2671.";
        let redacted = redact(text, &Scanner::default());
        assert_eq!(
            redacted.text,
            "Mail [REDACTED_EMAIL] or call [REDACTED_PHONE]."
        );
        let (start, end, _) = redacted.tags[1];
        assert_eq!(&redacted.text[start..end], "[REDACTED_PHONE]");
    }

    proptest! {
        #[test]
        fn spans_stay_on_character_borders_and_a_second_pass_finds_nothing(
            text in "(\\PC{0,8}( |-|:|@|\\.)?(4111 1111 1111 1111|ann@example\\.com|536-22-8726|\\+44 20 7946 0958|call 467 3395|x)?){0,6}"
        ) {
            let scanner = Scanner::default();
            for hit in scanner.scan(&text) {
                prop_assert!(text.is_char_boundary(hit.start) && text.is_char_boundary(hit.end) && hit.start < hit.end);
            }
            let once = redact(&text, &scanner).text;
            let twice = redact(&once, &scanner).text;
            prop_assert_eq!(&once, &twice);
        }

        #[test]
        fn invisible_characters_do_not_hide_a_number(at in 1usize..18, with in "[\u{200b}\u{200d}\u{ad}]") {
            let mut text = "4111 1111 1111 1111".to_owned();
            text.insert_str(at, &with);
            let hits = Scanner::default().scan(&text);
            prop_assert_eq!(hits.len(), 1);
            prop_assert_eq!(hits[0].kind, PiiKind::CreditCard);
        }
    }
}
