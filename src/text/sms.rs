//! Parts of a text message (3GPP TS 23.038 and 23.040): what a phone is sent, and what is paid for.

/// How the characters of a text message are coded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coding {
    /// Seven bits a character, some by an escape and a second one.
    Gsm,
    /// UTF-16: one character outside the GSM alphabet makes the whole message so.
    Ucs2,
}

/// The parts of one message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SmsParts {
    pub coding: Coding,
    /// Septets or UTF-16 units.
    pub units: usize,
    pub parts: usize,
}

impl SmsParts {
    /// For a reader: parts, characters, the alphabet.
    pub fn in_words(&self) -> String {
        let coding = match self.coding {
            Coding::Gsm => "GSM-7",
            Coding::Ucs2 => "UCS-2",
        };
        match self.parts {
            1 => format!(
                "1 segment, {} of {} {coding} characters",
                self.units,
                Self::alone(self.coding)
            ),
            parts => format!(
                "{parts} segments of {} {coding} characters, {} in all",
                Self::room(self.coding),
                self.units
            ),
        }
    }

    /// Units that a message of one part holds.
    fn alone(coding: Coding) -> usize {
        match coding {
            Coding::Gsm => 160,
            Coding::Ucs2 => 70,
        }
    }

    /// Units that one part of several holds: a header takes the rest.
    pub fn room(coding: Coding) -> usize {
        match coding {
            Coding::Gsm => 153,
            Coding::Ucs2 => 67,
        }
    }
}

/// The default alphabet. The two line ends and the space belong to it.
const ALPHABET: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
/// The extension table: an escape comes before each.
const EXTENSION: &str = "\u{c}^{}\\[~]|€";

fn septets(c: char) -> Option<usize> {
    if c.is_ascii_alphanumeric() || ALPHABET.contains(c) {
        Some(1)
    } else {
        EXTENSION.contains(c).then_some(2)
    }
}

/// Counts the parts of a text. What two units code stands in one part: an escape or a surrogate pair is never torn.
pub fn parts(text: &str) -> SmsParts {
    let coding = if text.chars().all(|c| septets(c).is_some()) {
        Coding::Gsm
    } else {
        Coding::Ucs2
    };
    let units = text.chars().map(|c| size(c, coding)).sum();
    let parts = if units <= SmsParts::alone(coding) {
        1
    } else {
        cut(text, coding).len()
    };
    SmsParts {
        coding,
        units,
        parts,
    }
}

/// The text cut where a phone's carrier cuts it.
pub fn segments(text: &str) -> Vec<&str> {
    let counted = parts(text);
    if counted.parts == 1 {
        return vec![text];
    }
    cut(text, counted.coding)
}

/// A text as several parts.
fn cut(text: &str, coding: Coding) -> Vec<&str> {
    let room = SmsParts::room(coding);
    let (mut out, mut from, mut used) = (Vec::new(), 0, 0);
    for (at, c) in text.char_indices() {
        let size = size(c, coding);
        if used + size > room {
            out.push(&text[from..at]);
            (from, used) = (at, 0);
        }
        used += size;
    }
    out.push(&text[from..]);
    out
}

/// Characters that make the whole message UCS-2, each once.
pub fn outside_gsm(text: &str) -> Vec<char> {
    let mut found = Vec::new();
    for c in text.chars().filter(|c| septets(*c).is_none()) {
        if !found.contains(&c) {
            found.push(c);
        }
    }
    found
}

fn size(c: char, coding: Coding) -> usize {
    match coding {
        Coding::Gsm => septets(c).unwrap_or(1),
        Coding::Ucs2 => c.len_utf16(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn count(text: &str) -> usize {
        parts(text).parts
    }

    #[test]
    fn parts_by_alphabet_extension_and_pairs() {
        assert_eq!(ALPHABET.chars().count(), 127);
        for (text, expected) in [
            (String::new(), 1),
            ("a".repeat(160), 1),
            ("a".repeat(161), 2),
            ("a".repeat(306), 2),
            ("a".repeat(307), 3),
            ("£".repeat(300), 2),
            ("é".repeat(400), 3),
            (format!("{}`", "a".repeat(299)), 5),
            (format!("{}{}", "a".repeat(419), "[]".repeat(20)), 4),
            (format!("{}{}", "я".repeat(181), "🙂".repeat(20)), 4),
            ("я".repeat(70), 1),
            ("я".repeat(71), 2),
            ("€".repeat(80), 1),
            ("€".repeat(81), 2),
            // 152 + an escape that does not fit + …
            (format!("{}€{}", "a".repeat(152), "a".repeat(152)), 3),
            (format!("{}🙂{}", "я".repeat(66), "я".repeat(66)), 3),
        ] {
            assert_eq!(count(&text), expected, "{text}");
        }
    }

    /// The counter as one would write it on paper: a list of parts.
    fn naive(text: &str) -> usize {
        let gsm = text
            .chars()
            .all(|c| ALPHABET.contains(c) || EXTENSION.contains(c));
        let cost = |c: char| match (gsm, EXTENSION.contains(c)) {
            (true, escaped) => 1 + usize::from(escaped),
            (false, _) => c.to_string().encode_utf16().count(),
        };
        let total: usize = text.chars().map(cost).sum();
        let (single, room) = if gsm { (160, 153) } else { (70, 67) };
        if total <= single {
            return 1;
        }
        let mut parts = vec![0];
        for c in text.chars() {
            if parts[parts.len() - 1] + cost(c) > room {
                parts.push(0);
            }
            *parts.last_mut().unwrap() += cost(c);
        }
        parts.len()
    }

    proptest! {
        #[test]
        fn the_count_is_that_of_a_naive_one(text in "[a-z€é\\[\\]{} \n£`🙂я]{0,400}") {
            prop_assert_eq!(count(&text), naive(&text));
            let segments = segments(&text);
            prop_assert_eq!(segments.concat(), text.as_str());
            prop_assert_eq!(segments.len(), count(&text));
        }
    }
}
