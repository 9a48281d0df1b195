//! Words near a number that say what it is, or that it is something else.

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use std::sync::LazyLock;

/// What a word near a number says of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cue {
    Phone,
    Card,
    Ssn,
    Itin,
    Account,
    Routing,
    Mrn,
    Passport,
    License,
    Customer,
    Birth,
    /// Order, invoice, tracking, reference: not personal by itself.
    Other,
    Version,
}

const CUES: [Cue; 13] = [
    Cue::Phone,
    Cue::Card,
    Cue::Ssn,
    Cue::Itin,
    Cue::Account,
    Cue::Routing,
    Cue::Mrn,
    Cue::Passport,
    Cue::License,
    Cue::Customer,
    Cue::Birth,
    Cue::Other,
    Cue::Version,
];

const WORDS: &[(&str, Cue)] = &[
    ("phone", Cue::Phone),
    ("telephone", Cue::Phone),
    ("tel", Cue::Phone),
    ("mobile", Cue::Phone),
    ("cell", Cue::Phone),
    ("cellphone", Cue::Phone),
    ("call", Cue::Phone),
    ("calling", Cue::Phone),
    ("fax", Cue::Phone),
    ("dial", Cue::Phone),
    ("ring", Cue::Phone),
    ("reach", Cue::Phone),
    ("text me", Cue::Phone),
    ("sms", Cue::Phone),
    ("whatsapp", Cue::Phone),
    ("office", Cue::Phone),
    ("desk", Cue::Phone),
    ("contact", Cue::Phone),
    ("telefon", Cue::Phone),
    ("telephone number", Cue::Phone),
    ("phone number", Cue::Phone),
    ("registered", Cue::Phone),
    ("messages to", Cue::Phone),
    ("answering", Cue::Phone),
    ("voicemail", Cue::Phone),
    ("texts to", Cue::Phone),
    ("handy", Cue::Phone),
    ("hotline", Cue::Phone),
    ("toll-free", Cue::Phone),
    ("customer service", Cue::Phone),
    ("mob", Cue::Phone),
    ("ph", Cue::Phone),
    ("card", Cue::Card),
    ("credit card", Cue::Card),
    ("debit card", Cue::Card),
    ("pan", Cue::Card),
    ("cc", Cue::Card),
    ("visa", Cue::Card),
    ("mastercard", Cue::Card),
    ("amex", Cue::Card),
    ("maestro", Cue::Card),
    ("card number", Cue::Card),
    ("creditcard", Cue::Card),
    ("ssn", Cue::Ssn),
    ("social security", Cue::Ssn),
    ("social", Cue::Ssn),
    ("ss#", Cue::Ssn),
    ("taxpayer", Cue::Ssn),
    ("itin", Cue::Itin),
    ("account", Cue::Account),
    ("acct", Cue::Account),
    ("a/c", Cue::Account),
    ("account number", Cue::Account),
    ("loan number", Cue::Account),
    ("loan no", Cue::Account),
    ("konto", Cue::Account),
    ("account no", Cue::Account),
    ("routing", Cue::Routing),
    ("aba", Cue::Routing),
    ("rtn", Cue::Routing),
    ("routing number", Cue::Routing),
    ("sort code", Cue::Other),
    ("mrn", Cue::Mrn),
    ("medical record", Cue::Mrn),
    ("patient id", Cue::Mrn),
    ("chart number", Cue::Mrn),
    ("patient number", Cue::Mrn),
    ("health record", Cue::Mrn),
    ("passport", Cue::Passport),
    ("passport no", Cue::Passport),
    ("driver's license", Cue::License),
    ("drivers license", Cue::License),
    ("driver license", Cue::License),
    ("driving licence", Cue::License),
    ("driver's licence", Cue::License),
    ("licence no", Cue::License),
    ("license no", Cue::License),
    ("license number", Cue::License),
    ("licence number", Cue::License),
    ("dl", Cue::License),
    ("dl#", Cue::License),
    ("customer id", Cue::Customer),
    ("customer number", Cue::Customer),
    ("customer no", Cue::Customer),
    ("member id", Cue::Customer),
    ("member number", Cue::Customer),
    ("client id", Cue::Customer),
    ("client number", Cue::Customer),
    ("policy number", Cue::Customer),
    ("policy no", Cue::Customer),
    ("user id", Cue::Customer),
    ("membership number", Cue::Customer),
    ("subscriber id", Cue::Customer),
    ("born", Cue::Birth),
    ("dob", Cue::Birth),
    ("d.o.b", Cue::Birth),
    ("birth", Cue::Birth),
    ("date of birth", Cue::Birth),
    ("birthday", Cue::Birth),
    ("birthdate", Cue::Birth),
    ("order", Cue::Other),
    ("invoice", Cue::Other),
    ("tracking", Cue::Other),
    ("ref", Cue::Other),
    ("reference", Cue::Other),
    ("isbn", Cue::Other),
    ("issn", Cue::Other),
    ("imei", Cue::Other),
    ("ean", Cue::Other),
    ("upc", Cue::Other),
    ("sku", Cue::Other),
    ("batch", Cue::Other),
    ("trace", Cue::Other),
    ("ticket", Cue::Other),
    ("case", Cue::Other),
    ("serial", Cue::Other),
    ("model", Cue::Other),
    ("nmls", Cue::Other),
    ("frn", Cue::Other),
    ("uuid", Cue::Other),
    ("part", Cue::Other),
    ("coordinates", Cue::Other),
    ("latitude", Cue::Other),
    ("code", Cue::Other),
    ("lot", Cue::Other),
    ("shipment", Cue::Other),
    ("company number", Cue::Other),
    ("registered number", Cue::Other),
    ("registered charity", Cue::Other),
    ("charity number", Cue::Other),
    ("charity no", Cue::Other),
    ("item", Cue::Other),
    ("po", Cue::Other),
    ("transaction", Cue::Other),
    ("article", Cue::Other),
    ("rule", Cue::Other),
    ("section", Cue::Version),
    ("version", Cue::Version),
    ("build", Cue::Version),
    ("release", Cue::Version),
    ("firmware", Cue::Version),
    ("v", Cue::Version),
];

#[expect(
    clippy::expect_used,
    reason = "constant word list, covered by every test of this room"
)]
static AUTOMATON: LazyLock<AhoCorasick> = LazyLock::new(|| {
    AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .match_kind(MatchKind::LeftmostLongest)
        // Windows are short and many: the fastest automaton, whose memory is small for so few words.
        .kind(Some(AhoCorasickKind::DFA))
        .build(WORDS.iter().map(|(word, _)| *word))
        .expect("constant words")
});

/// How far before a number a word still speaks of it, in bytes.
const BEFORE: usize = 44;
/// How far after.
const AFTER: usize = 20;

/// The distance in bytes of the nearest word of each cue; `None` when there is none in the window.
pub type Distances = [Option<u8>; CUES.len()];

/// What the words on both sides of a number say.
#[derive(Clone, Copy, Debug, Default)]
pub struct NumberContext {
    before: Distances,
    after: Distances,
}

impl NumberContext {
    /// Reads the windows before `start` and behind `end`.
    pub fn around(text: &str, start: usize, end: usize) -> Self {
        Self {
            before: before(text, start),
            after: behind(text, end),
        }
    }

    pub fn of(before: Distances, after: Distances) -> Self {
        Self { before, after }
    }

    /// A word of the cue stands before the number.
    pub fn before(&self, cue: Cue) -> bool {
        self.before[cue as usize].is_some()
    }

    pub fn near(&self, cue: Cue) -> bool {
        self.before(cue) || self.after[cue as usize].is_some()
    }

    /// The cue is the nearest of those before the number.
    pub fn is_nearest(&self, cue: Cue) -> bool {
        match self.before[cue as usize] {
            None => false,
            Some(distance) => self.before.iter().flatten().all(|other| distance <= *other),
        }
    }

    /// Distance in bytes from the nearest such word before.
    pub fn distance(&self, cue: Cue) -> Option<u8> {
        self.before[cue as usize]
    }
}

/// The words that end before `start`.
pub fn before(text: &str, start: usize) -> Distances {
    let mut distances = Distances::default();
    let from = floor(text, start.saturating_sub(BEFORE));
    let window = &text[from..start];
    for found in AUTOMATON.find_iter(window) {
        if is_word(text.as_bytes(), from + found.start(), from + found.end()) {
            let cue = WORDS[found.pattern().as_usize()].1 as usize;
            distances[cue] = u8::try_from(window.len() - found.end()).ok();
        }
    }
    distances
}

/// The words that begin behind `end`.
pub fn behind(text: &str, end: usize) -> Distances {
    let mut distances = Distances::default();
    let to = floor(text, (end + AFTER).min(text.len()));
    for found in AUTOMATON.find_iter(&text[end..to]) {
        if is_word(text.as_bytes(), end + found.start(), end + found.end()) {
            let cue = WORDS[found.pattern().as_usize()].1 as usize;
            distances[cue] = distances[cue].or(u8::try_from(found.start()).ok());
        }
    }
    distances
}

fn is_word(bytes: &[u8], start: usize, end: usize) -> bool {
    let alone = |b: Option<&u8>| b.is_none_or(|b| !b.is_ascii_alphabetic());
    alone(start.checked_sub(1).and_then(|i| bytes.get(i))) && alone(bytes.get(end))
}

/// The nearest character border at or before `at`.
pub fn floor(text: &str, at: usize) -> usize {
    text.floor_char_boundary(at.min(text.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_word_decides() {
        let text = "routing number 021000021, account 9876543210";
        let at = text.find("9876").unwrap();
        let context = NumberContext::around(text, at, text.len());
        assert!(context.is_nearest(Cue::Account));
        assert!(context.before(Cue::Routing) && !context.is_nearest(Cue::Routing));
        let text = "Orders recorder 4155552671";
        assert!(!NumberContext::around(text, 16, text.len()).near(Cue::Other));
    }
}
