//! What a text would say to somebody who cannot see its disguise.

use super::leet::{is_leet_like, undo_leet};
use super::mapped::{Mapped, decimal_digit, fold};

/// The skeleton: what the text would say to somebody who cannot see the disguise. Compatibility forms, look-alikes,
/// marks, invisible characters, spaced and dotted letters, digits for letters, right-to-left runs are undone.
pub fn skeleton(source: &Mapped) -> Mapped {
    let folded = if source.text().is_ascii() {
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
    if !source.text().contains(raised) {
        return source.clone();
    }
    let chars: Vec<_> = source.chars().collect();
    let mut out = Mapped::builder(source.text().len());
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
    if !source.text().contains('\u{202E}') {
        return source.clone();
    }
    let mut out = Mapped::builder(source.text().len());
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

/// `guaran-\nteed` is one word.
fn join_broken(source: &Mapped) -> Mapped {
    if !source.text().contains("-\n") && !source.text().contains("-\r") {
        return source.clone();
    }
    let chars: Vec<_> = source.chars().collect();
    let mut out = Mapped::builder(source.text().len());
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
    if source.text().is_ascii() {
        return source.clone();
    }
    let chars: Vec<_> = source.chars().collect();
    let is_picture = |c: char| !c.is_ascii() && !c.is_alphanumeric() && !c.is_whitespace();
    let mut out = Mapped::builder(source.text().len());
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
    let mut out = Mapped::builder(source.text().len());
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
    use crate::text::mapped::tidy;
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
