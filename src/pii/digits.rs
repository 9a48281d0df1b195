//! Runs of digits and separators: cards, tax numbers, IBANs, telephone and account numbers.

use super::context::{self, Cue, Distances, NumberContext};
use super::{HitReason, PiiHit, PiiKind, bank, ids, national, network, place, validate};
use std::cell::Cell;
use std::ops::Deref;

/// A group of digits inside a run: bytes of the text.
#[derive(Clone, Copy, Debug)]
pub(super) struct DigitGroup {
    pub(super) start: usize,
    pub(super) end: usize,
}

/// Longest run looked at as one, in groups. A longer one is looked at in pieces.
const MAX_GROUPS: usize = 24;

/// Lengths of the groups of a run: on the stack, since every number asks for them.
#[derive(Clone, Copy)]
pub(super) struct Lengths {
    values: [usize; MAX_GROUPS],
    len: usize,
}

impl Deref for Lengths {
    type Target = [usize];

    fn deref(&self) -> &[usize] {
        &self.values[..self.len]
    }
}

/// A run of digit groups that separators hold together. One is made a text and read again at each number, so that
/// its buffers are made once.
pub struct DigitRun<'a> {
    pub(super) text: &'a str,
    pub(super) groups: Vec<DigitGroup>,
    digits: Vec<u8>,
    /// Index into `digits` where each group starts.
    at: Vec<usize>,
    /// The last window read before a number, by the number's start; recognisers ask for the same one in turn.
    before: Cell<(usize, Distances)>,
    /// The last window read behind a number, by the number's end.
    behind: Cell<(usize, Distances)>,
}

fn is_separator(b: u8) -> bool {
    matches!(b, b' ' | b'-' | b'.' | b'(' | b')' | b'/' | b'\n' | b'\r')
}

impl<'a> DigitRun<'a> {
    pub fn new(text: &'a str) -> Self {
        let none = (usize::MAX, Distances::default());
        Self {
            text,
            groups: Vec::with_capacity(MAX_GROUPS),
            digits: Vec::with_capacity(64),
            at: Vec::with_capacity(MAX_GROUPS),
            before: Cell::new(none),
            behind: Cell::new(none),
        }
    }

    /// Reads the run whose first digit stands at `start`.
    pub fn read(&mut self, start: usize) {
        let bytes = self.text.as_bytes();
        self.groups.clear();
        self.digits.clear();
        self.at.clear();
        let mut at = start;
        while at < bytes.len() && self.groups.len() < MAX_GROUPS {
            let from = at;
            while at < bytes.len() && bytes[at].is_ascii_digit() {
                at += 1;
            }
            self.at.push(self.digits.len());
            self.digits.extend_from_slice(&bytes[from..at]);
            self.groups.push(DigitGroup {
                start: from,
                end: at,
            });
            let mut next = at;
            while next < bytes.len() && next - at < 3 && is_separator(bytes[next]) {
                next += 1;
            }
            if next == at || next >= bytes.len() || !bytes[next].is_ascii_digit() {
                break;
            }
            at = next;
        }
    }

    /// The words round the groups from `first` to `last`.
    pub(super) fn context(&self, first: usize, last: usize) -> NumberContext {
        let (start, end) = (self.groups[first].start, self.groups[last].end);
        if self.before.get().0 != start {
            self.before.set((start, context::before(self.text, start)));
        }
        if self.behind.get().0 != end {
            self.behind.set((end, context::behind(self.text, end)));
        }
        NumberContext::of(self.before.get().1, self.behind.get().1)
    }

    /// Where the search for the next run goes on.
    pub fn end(&self) -> usize {
        self.groups.last().map_or(0, |g| g.end)
    }

    pub(super) fn separator(&self, after: usize) -> &str {
        match (self.groups.get(after), self.groups.get(after + 1)) {
            (Some(a), Some(b)) => &self.text[a.end..b.start],
            _ => "",
        }
    }

    pub(super) fn slice(&self, first: usize, last: usize) -> &[u8] {
        let from = self.at[first];
        let to = self.at.get(last + 1).copied().unwrap_or(self.digits.len());
        &self.digits[from..to]
    }

    /// How many digits the run has from a group on.
    pub(super) fn digits_from(&self, first: usize) -> usize {
        self.digits.len() - self.at[first]
    }

    pub(super) fn lengths(&self, first: usize, last: usize) -> Lengths {
        let mut lengths = Lengths {
            values: [0; MAX_GROUPS],
            len: last + 1 - first,
        };
        for (length, group) in lengths.values.iter_mut().zip(&self.groups[first..=last]) {
            *length = group.end - group.start;
        }
        lengths
    }

    pub(super) fn byte_before(&self, first: usize) -> Option<u8> {
        self.groups[first]
            .start
            .checked_sub(1)
            .map(|i| self.text.as_bytes()[i])
    }

    pub(super) fn byte_after(&self, last: usize) -> Option<u8> {
        self.text.as_bytes().get(self.groups[last].end).copied()
    }

    /// Whether the number is glued to letters, or to digits of a decimal.
    fn stands_alone(&self, first: usize, last: usize) -> bool {
        let before_ok = self
            .byte_before(first)
            .is_none_or(|b| !(b.is_ascii_alphanumeric() || matches!(b, b'_' | b'$' | b'#')))
            || self.literal_escape(first);
        let after_ok = self
            .byte_after(last)
            .is_none_or(|b| !(b.is_ascii_alphanumeric() || matches!(b, b'_' | b'%')));
        before_ok && after_ok
    }

    /// A literal `\n`, `\t` or `\r` of JSON right before the number.
    pub(super) fn literal_escape(&self, first: usize) -> bool {
        let start = self.groups[first].start;
        start >= 2
            && self.text.as_bytes()[start - 2] == b'\\'
            && matches!(self.text.as_bytes()[start - 1], b'n' | b't' | b'r')
    }

    /// Looks for personal data from the first group to the last.
    pub fn classify(&self, hits: &mut Vec<PiiHit>) {
        let mut first = 0;
        while first < self.groups.len() {
            match self.at_group(first) {
                Some((last, hit)) => {
                    hits.push(hit);
                    first = last + 1;
                }
                None => first += 1,
            }
        }
    }

    fn at_group(&self, first: usize) -> Option<(usize, PiiHit)> {
        if let Some(found) = national::at(self, first) {
            return Some(found);
        }
        if let Some(found) = bank::sort_code(self, first) {
            return Some(found);
        }
        if let Some(found) = self.card(first) {
            return Some(found);
        }
        let group = self.groups[first];
        let start = group.start;
        if group.end - start <= 3
            && self.byte_after(first) == Some(b'.')
            && let Some(hit) = network::ipv4(self.text, start)
        {
            return Some((self.last_within(first, hit.end), hit));
        }
        if let Some(hit) = self.iban(first) {
            return Some((self.last_within(first, hit.end), hit));
        }
        if let Some(found) = self.tax(first) {
            return Some(found);
        }
        if self.is_dateish(first) {
            return place::birth_date(self.text, start)
                .map(|hit| (self.last_within(first, hit.end), hit));
        }
        if self.is_small(first) {
            let birth = place::may_be_day(self.text, start, group.end)
                .then(|| place::birth_date_in(self.text, start, &self.context(first, first)))
                .flatten();
            return birth
                .or_else(|| place::address(self.text, start, || self.context(first, first)))
                .map(|hit| (self.last_within(first, hit.end), hit));
        }
        let context = self.context(first, first);
        if let Some(hit) = place::birth_date_in(self.text, start, &context) {
            return Some((self.last_within(first, hit.end), hit));
        }
        if let Some(hit) = ids::near(self.text, start, &context) {
            return Some((self.last_within(first, hit.end), hit));
        }
        if let Some(found) = self.account(first, &context) {
            return Some(found);
        }
        if let Some(found) = self.phone(first) {
            return Some(found);
        }
        place::address(self.text, start, || context)
            .map(|hit| (self.last_within(first, hit.end), hit))
    }

    /// One group of at most three digits that nothing is glued to: a day, a house number, a count, and no more.
    fn is_small(&self, first: usize) -> bool {
        let group = self.groups[first];
        let glued = |b: Option<u8>| {
            b.is_some_and(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'+' || b == b'(')
        };
        self.groups.len() == 1
            && group.end - group.start <= 3
            && !glued(self.byte_before(first))
            && !glued(self.byte_after(first))
    }

    pub(super) fn last_within(&self, first: usize, end: usize) -> usize {
        (first..self.groups.len())
            .take_while(|i| self.groups[*i].start < end)
            .last()
            .unwrap_or(first)
    }

    pub(super) fn hit(
        &self,
        first: usize,
        last: usize,
        kind: PiiKind,
        score: u8,
        reason: HitReason,
    ) -> (usize, PiiHit) {
        let hit = PiiHit {
            start: self.groups[first].start,
            end: self.groups[last].end,
            kind,
            score,
            reason,
        };
        (last, hit)
    }

    /// 12 to 19 digits in the shapes that cards are written in.
    fn card(&self, first: usize) -> Option<(usize, PiiHit)> {
        if self.digits.len() - self.at[first] < 12 {
            return None;
        }
        for last in (first..self.groups.len()).rev() {
            let digits = self.slice(first, last);
            if !(12..=19).contains(&digits.len()) {
                continue;
            }
            let lengths = self.lengths(first, last);
            let shape = lengths.len() == 1
                || lengths.iter().all(|n| *n == 1)
                || lengths[..lengths.len() - 1].iter().all(|n| *n == 4)
                    && lengths[lengths.len() - 1] <= 4
                || matches!(&*lengths, [4, 6, 4 | 5]);
            let glue = |i: usize| !matches!(self.separator(i), s if s.contains(['/', '(', ')']) || s.len() > 2);
            if !shape || !(first..last).all(glue) || !validate::luhn(digits) {
                continue;
            }
            if self.in_hex_or_uuid(first, last) {
                continue;
            }
            let context = self.context(first, last);
            let brand = validate::card_brand(digits);
            if context.near(Cue::Card) && !context.is_nearest(Cue::Other) {
                return Some(self.hit(first, last, PiiKind::CreditCard, 95, HitReason::Validator));
            }
            if brand && !context.before(Cue::Other) {
                return Some(self.hit(first, last, PiiKind::CreditCard, 85, HitReason::Validator));
            }
        }
        None
    }

    /// Part of a hash, a UUID or another machine identifier.
    fn in_hex_or_uuid(&self, first: usize, last: usize) -> bool {
        let bytes = self.text.as_bytes();
        let machine = |b: u8| b.is_ascii_hexdigit() || b == b'-';
        let mut start = self.groups[first].start;
        let mut end = self.groups[last].end;
        let digits = end - start;
        while start > 0 && machine(bytes[start - 1]) && end - start < 80 {
            start -= 1;
        }
        while end < bytes.len() && machine(bytes[end]) && end - start < 80 {
            end += 1;
        }
        let whole = &bytes[start..end];
        let letters = whole.iter().filter(|b| b.is_ascii_alphabetic()).count();
        (whole.len() == 36 && whole.iter().filter(|b| **b == b'-').count() == 4)
            || letters >= 2 && whole.len() >= digits + 8
    }

    fn iban(&self, first: usize) -> Option<PiiHit> {
        let bytes = self.text.as_bytes();
        let start = self.groups[first].start.checked_sub(2)?;
        let country = [
            bytes[start].to_ascii_uppercase(),
            bytes[start + 1].to_ascii_uppercase(),
        ];
        if !country.iter().all(u8::is_ascii_uppercase)
            || start > 0 && bytes[start - 1].is_ascii_alphanumeric()
        {
            return None;
        }
        let length = validate::iban_length(country)?;
        let mut plain = Vec::with_capacity(length);
        let mut at = start;
        let mut gap = 0;
        while at < bytes.len() && plain.len() < length {
            let b = bytes[at];
            if b.is_ascii_alphanumeric() {
                plain.push(b.to_ascii_uppercase());
                gap = 0;
            } else if matches!(b, b' ' | b'-' | b'.') && gap < 1 {
                gap += 1;
            } else {
                return None;
            }
            at += 1;
        }
        let whole =
            plain.len() == length && bytes.get(at).is_none_or(|b| !b.is_ascii_alphanumeric());
        (whole && validate::iban(&plain)).then_some(PiiHit {
            start,
            end: at,
            kind: PiiKind::Iban,
            score: 95,
            reason: HitReason::Validator,
        })
    }

    /// SSN and ITIN: 3-2-4 with one separator, or nine digits with the word.
    fn tax(&self, first: usize) -> Option<(usize, PiiHit)> {
        let lengths = self.lengths(first, (first + 2).min(self.groups.len() - 1));
        let (last, separated) = match &*lengths {
            [3, 2, 4] => {
                let (a, b) = (self.separator(first), self.separator(first + 1));
                if a != b || !matches!(a, "-" | " " | "." | "/") {
                    return None;
                }
                (first + 2, a == "-")
            }
            [9, ..] => (first, false),
            _ => return None,
        };
        let digits = self.slice(first, last);
        if !self.stands_alone(first, last)
            || self.byte_before(first) == Some(b'-')
            || self.byte_after(last) == Some(b'-') && self.groups.get(last + 1).is_some()
        {
            return None;
        }
        let context = self.context(first, last);
        if validate::itin(digits)
            && (separated || context.near(Cue::Itin) || context.near(Cue::Ssn))
        {
            return Some(self.hit(first, last, PiiKind::Itin, 90, HitReason::Validator));
        }
        if !validate::ssn(digits) {
            return None;
        }
        let named = context.near(Cue::Ssn)
            && !context.is_nearest(Cue::Other)
            && !context.is_nearest(Cue::Routing);
        match (named, separated) {
            (true, _) => Some(self.hit(first, last, PiiKind::Ssn, 95, HitReason::Context)),
            (false, true) if !context.is_nearest(Cue::Other) => {
                Some(self.hit(first, last, PiiKind::Ssn, 80, HitReason::Validator))
            }
            _ => None,
        }
    }

    /// A date, a time, a decimal amount, a version: not a telephone number.
    fn is_dateish(&self, first: usize) -> bool {
        let lengths = self.lengths(first, (first + 2).min(self.groups.len() - 1));
        let number = |i: usize| {
            self.slice(first + i, first + i)
                .iter()
                .take(4)
                .fold(0_u32, |acc, d| acc * 10 + u32::from(d - b'0'))
        };
        let (a, b) = (self.separator(first), self.separator(first + 1));
        match &*lengths {
            [4, 2, 2, ..] if a == b && matches!(a, "-" | "/" | ".") => {
                (1900..=2100).contains(&number(0)) && number(1) <= 12
            }
            [1 | 2, 1 | 2, 4, ..] if a == b && matches!(a, "-" | "/" | ".") => {
                number(0) <= 31 && number(1) <= 31 && (1900..=2100).contains(&number(2))
            }
            [1 | 2, 1 | 2, 2] if a == "/" && b == "/" => number(0) <= 31 && number(1) <= 31,
            _ => false,
        }
    }

    fn account(&self, first: usize, context: &NumberContext) -> Option<(usize, PiiHit)> {
        if !context.before(Cue::Account) && !context.before(Cue::Routing) {
            return None;
        }
        let mut last = first;
        while last + 1 < self.groups.len() && matches!(self.separator(last), " " | "-") {
            last += 1;
        }
        while last > first && self.slice(first, last).len() > 17 {
            last -= 1;
        }
        let digits = self.slice(first, last);
        if !(6..=17).contains(&digits.len()) || !self.plain_number(first, last) {
            return None;
        }
        let before = &self.text[super::context::floor(
            self.text,
            self.groups[first].start.saturating_sub(24),
        )..self.groups[first].start];
        let lower = before.to_ascii_lowercase();
        if lower.contains("ending")
            || lower.contains("balance")
            || lower.ends_with('$')
            || lower.contains("last four")
        {
            return None;
        }
        if context.is_nearest(Cue::Routing) {
            return validate::routing(digits)
                .then(|| self.hit(first, last, PiiKind::Routing, 90, HitReason::Validator));
        }
        (context.is_nearest(Cue::Account)
            && context.distance(Cue::Account).is_some_and(|d| d <= 20))
        .then(|| self.hit(first, last, PiiKind::Account, 80, HitReason::Context))
    }

    /// No amount, no decimal, no thousand separators.
    fn plain_number(&self, first: usize, last: usize) -> bool {
        let bytes = self.text.as_bytes();
        let end = self.groups[last].end;
        let decimal = matches!(self.byte_after(last), Some(b',' | b'.'))
            && bytes.get(end + 1).is_some_and(u8::is_ascii_digit);
        let before = self.byte_before(first);
        let amount =
            matches!(before, Some(b'$' | b',' | b'.')) || before.is_some_and(|b| b >= 0x80);
        self.stands_alone(first, last) && !decimal && !amount
    }
}
