//! Telephone numbers: with a country code, North American, and national forms that need a word beside them.

use super::context::{Cue, NumberContext};
use super::digit_run::DigitRun;
use super::{HitReason, PiiHit, PiiKind, place};

impl DigitRun<'_> {
    pub(super) fn phone(&self, first: usize) -> Option<(usize, PiiHit)> {
        let plus = self.leading_plus(first);
        if let Some(start) = plus {
            return self.international(first, start);
        }
        if !self.stands_alone_left(first) {
            return None;
        }
        let paren = self.byte_before(first) == Some(b'(');
        self.nanp(first, paren)
            .or_else(|| self.double_zero(first))
            .or_else(|| self.local(first, paren))
    }

    fn stands_alone_left(&self, first: usize) -> bool {
        self.byte_before(first).is_none_or(|b| {
            !(b.is_ascii_alphanumeric()
                || matches!(
                    b,
                    b'_' | b'$' | b'#' | b',' | b'=' | b':' | b'-' | b'.' | b'/'
                ))
        }) || self.literal_escape(first)
            || self.byte_before(first) == Some(b':')
            || self.byte_before(first) == Some(b',') && self.comma_separates(first)
            || self.byte_before(first) == Some(b'=')
                && self.text[..self.groups[first].start].ends_with("tel=")
    }

    /// A comma that parts words, not thousands.
    fn comma_separates(&self, first: usize) -> bool {
        let start = self.groups[first].start;
        start >= 2 && !self.text.as_bytes()[start - 2].is_ascii_digit()
    }

    /// The byte of a `+` right before the number, a bracket or a space between allowed.
    fn leading_plus(&self, first: usize) -> Option<usize> {
        let bytes = self.text.as_bytes();
        let mut at = self.groups[first].start;
        for _ in 0..2 {
            let before = *bytes.get(at.checked_sub(1)?)?;
            at -= 1;
            match before {
                b'+' => {
                    let glued = at > 0 && bytes[at - 1].is_ascii_alphabetic();
                    return (!glued).then_some(at);
                }
                b'(' | b' ' => {}
                _ => return None,
            }
        }
        None
    }

    fn international(&self, first: usize, start: usize) -> Option<(usize, PiiHit)> {
        let last = self.extend_phone(first, 15)?;
        let digits = self.slice(first, last);
        if !(8..=15).contains(&digits.len()) || digits[0] == b'0' {
            return None;
        }
        let (last, mut hit) = self.hit(first, last, PiiKind::Phone, 90, HitReason::Shape);
        hit.start = start;
        hit.end = self.with_extension(hit.end);
        Some((last, hit))
    }

    /// The furthest group that still belongs to one number of at most `most` digits.
    fn extend_phone(&self, first: usize, most: usize) -> Option<usize> {
        let mut last = first;
        let mut total = self.groups[first].end - self.groups[first].start;
        while last + 1 < self.groups.len() {
            let separator = self.separator(last);
            let next = self.groups[last + 1].end - self.groups[last + 1].start;
            if separator.contains('\n') || total + next > most {
                break;
            }
            total += next;
            last += 1;
        }
        (total <= most).then_some(last)
    }

    fn with_extension(&self, end: usize) -> usize {
        let rest = &self.text.as_bytes()[end..];
        let lower: Vec<u8> = rest.iter().take(14).map(u8::to_ascii_lowercase).collect();
        let mut at = 0;
        while lower.get(at) == Some(&b' ') || lower.get(at) == Some(&b',') {
            at += 1;
        }
        for word in [b"extension".as_slice(), b"ext.", b"ext", b"x"] {
            if lower[at..].starts_with(word) {
                let mut digits_from = at + word.len();
                while rest.get(digits_from) == Some(&b' ') {
                    digits_from += 1;
                }
                let mut to = digits_from;
                while to < rest.len() && to - digits_from < 6 && rest[to].is_ascii_digit() {
                    to += 1;
                }
                if to > digits_from {
                    return end + to;
                }
            }
        }
        end
    }

    /// North American numbers: 3-3-4, a leading 1 or 001 allowed; ten bare digits only with a telephone word.
    fn nanp(&self, first: usize, paren: bool) -> Option<(usize, PiiHit)> {
        let lengths = self.lengths(first, (first + 3).min(self.groups.len() - 1));
        let skip = usize::from(
            (matches!(&*lengths, [1, 3, 3, 4]) && self.slice(first, first) == b"1")
                || (matches!(&*lengths, [3, 3, 3, 4]) && self.slice(first, first) == b"001"),
        );
        let shape = &lengths[skip..];
        let (last, digits) = match shape {
            [3, 3, 4, ..] => (first + skip + 2, self.slice(first + skip, first + skip + 2)),
            [10, ..] => (first, self.slice(first, first)),
            _ => return None,
        };
        let ends_well = self.byte_after(last).is_none_or(|b| {
            !(b.is_ascii_alphanumeric() || matches!(b, b'_' | b'%'))
                || matches!(b, b'x' | b'e' | b'E' | b'X')
        });
        let (a, b) = (
            self.separator(first + skip),
            self.separator(first + skip + 1),
        );
        let same = a == b || paren || a.contains(')') || skip == 1;
        let start = self.groups[first].start - usize::from(paren);
        let context = self.context(first, last);
        if !ends_well || !matches!(digits[0], b'2'..=b'9') || context.is_nearest(Cue::Other) {
            return None;
        }
        if shape[0] == 3 && (!same || a.contains('/') && !context.near(Cue::Phone)) {
            return None;
        }
        let next_digit =
            self.groups.get(last + 1).is_some() && matches!(self.separator(last), "-" | ".");
        if next_digit {
            return None;
        }
        let score = match (shape[0], context.near(Cue::Phone)) {
            (3, true) => 95,
            (3, false) if a == " " && b == " " && !paren && skip == 0 => 65,
            (3, false) => 80,
            (_, true) => 75,
            (_, false) => return None,
        };
        let (last, mut hit) = self.hit(first, last, PiiKind::Phone, score, HitReason::Shape);
        hit.start = start;
        hit.end = self.with_extension(hit.end);
        Some((last, hit))
    }

    /// `00` and a country code.
    fn double_zero(&self, first: usize) -> Option<(usize, PiiHit)> {
        let group = self.slice(first, first);
        if !group.starts_with(b"00") || group.starts_with(b"000") {
            return None;
        }
        let last = self.extend_phone(first, 17)?;
        let digits = self.slice(first, last);
        let context = self.context(first, last);
        let grouped = last > first;
        if !(10..=17).contains(&digits.len())
            || context.is_nearest(Cue::Other)
            || !grouped && !context.near(Cue::Phone)
        {
            return None;
        }
        Some(self.hit(first, last, PiiKind::Phone, 70, HitReason::Shape))
    }

    /// National forms without a country code: they need a telephone word, or a trunk zero and telling groups.
    fn local(&self, first: usize, paren: bool) -> Option<(usize, PiiHit)> {
        let last = self.extend_phone(first, 13)?;
        let last = self.without_trailing_year(first, last);
        let digits = self.slice(first, last);
        let lengths = self.lengths(first, last);
        if !(6..=13).contains(&digits.len()) || lengths.contains(&1) && lengths[0] != 1 {
            return None;
        }
        let ends_well = self
            .byte_after(last)
            .is_none_or(|b| !(b.is_ascii_alphanumeric() || matches!(b, b'%' | b'_' | b':')));
        let bytes = self.text.as_bytes();
        let end = self.groups[last].end;
        let decimal = matches!(self.byte_after(last), Some(b',' | b'.'))
            && bytes.get(end + 1).is_some_and(u8::is_ascii_digit);
        let separators: Vec<&str> = (first..last).map(|i| self.separator(i)).collect();
        let slashes = separators.iter().filter(|s| s.contains('/')).count();
        if !ends_well || decimal || slashes > 1 {
            return None;
        }
        // 12.345.678 and 41.878113 are numbers, not telephone numbers
        let dotted = separators.iter().all(|s| *s == ".") && !separators.is_empty();
        if dotted && (lengths.len() < 3 || lengths[1..].iter().all(|n| *n == 3)) {
            return None;
        }
        let start = self.groups[first].start - usize::from(paren);
        let context = self.context(first, last);
        if context.is_nearest(Cue::Other)
            || context.is_nearest(Cue::Account)
            || context.before(Cue::Version)
        {
            return None;
        }
        // the house number of an address that follows, not the last group of a telephone number
        let house = (first..=last).any(|i| {
            place::address(self.text, self.groups[i].start, NumberContext::default).is_some()
        });
        if house {
            return None;
        }
        let telephone = context.near(Cue::Phone) && !context.is_nearest(Cue::License);
        let uniform = separators.windows(2).all(|w| w[0] == w[1]);
        let trunk = digits[0] == b'0'
            && lengths.len() >= 2
            && (9..=11).contains(&digits.len())
            && lengths[0] >= 2;
        let pairs = lengths.len() >= 4 && uniform && lengths.iter().all(|n| *n == 2);
        let score = match (telephone, trunk || pairs) {
            (true, true) => 90,
            (true, false) if lengths.len() == 1 && digits.len() < 7 => return None,
            (true, false) => 70,
            (false, true) if pairs && dotted && digits[0] != b'0' => return None,
            (false, true) => 62,
            (false, false) => self.lone_number(first, last, paren)?,
        };
        let (last, mut hit) = self.hit(first, last, PiiKind::Phone, score, HitReason::Context);
        hit.start = start;
        Some((last, hit))
    }

    /// A national shape with no word beside it that is still more likely a telephone number than anything else:
    /// an area code in brackets, or 3-3-3, 3-4, 2-3-3 groups that stand alone at a sentence's border.
    fn lone_number(&self, first: usize, last: usize, paren: bool) -> Option<u8> {
        let lengths = self.lengths(first, last);
        let closes = self.separator(first).starts_with(')');
        if paren && closes && (2..=5).contains(&lengths[0]) && lengths.len() >= 2 {
            return Some(65);
        }
        let rest = self.text[self.groups[last].end..].trim_start();
        let before = self.text[..self.groups[first].start].trim_end();
        let bordered = (rest.is_empty() || rest.starts_with(['.', '\n', ',', '?', '!', ')']))
            && (before.is_empty()
                || before.ends_with(['.', ':', '\n', ',', ')', '-'])
                || before.ends_with(" at")
                || before.ends_with(" is")
                || before.ends_with(" on"));
        let spaced = (first..last).all(|i| matches!(self.separator(i), " " | "-"));
        (bordered
            && spaced
            && lengths.len() >= 2
            && matches!(
                &*lengths,
                [3, 3, 3]
                    | [3, 4]
                    | [2, 3, 3]
                    | [2, 3, 2, 2]
                    | [4, 4]
                    | [3, 2, 3]
                    | [2, 3, 4, 4]
                    | [2, 4, 4]
                    | [3, 4, 4]
                    | [3, 3, 4]
            ))
        .then_some(52)
    }

    /// "call 467 3395 2026" – a year after a number is not part of it.
    fn without_trailing_year(&self, first: usize, last: usize) -> usize {
        let tail = self.slice(last, last);
        if last > first + 1
            && tail.len() == 4
            && (tail.starts_with(b"20") || tail.starts_with(b"19"))
            && self.separator(last - 1) == " "
            && self.separator(first) != " "
        {
            last - 1
        } else {
            last
        }
    }
}
