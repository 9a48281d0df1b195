//! Runs of digits and separators: cards, tax numbers, IBANs, telephone and account numbers.

use super::context::{Cue, NumberContext};
use super::digit_run::DigitRun;
use super::{HitReason, PiiHit, PiiKind, bank, ids, national, network, place, validate};

impl DigitRun<'_> {
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

    /// 12 to 19 digits in the shapes that cards are written in.
    fn card(&self, first: usize) -> Option<(usize, PiiHit)> {
        if self.digits_from(first) < 12 {
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
