//! What the words of a sentence show: its features, and marks such as a negation or a source.

use crate::text::calendar::MONTHS;
use crate::text::stem::stem;
use rustc_hash::FxHashMap;
use std::collections::BTreeSet;
use std::sync::LazyLock;

/// What words and marks show, in the order of their weights.
pub const MARKS: [&str; 19] = [
    "neg",
    "strong_neg",
    "modal",
    "condition",
    "number",
    "percent",
    "money",
    "superlative",
    "source",
    "attributed",
    "question",
    "exclaims",
    "quotes",
    "you",
    "we",
    "k_law",
    "k_cond",
    "k_sure",
    "k_ease",
];

/// Marks of what promises or counts something.
const PROMISES: [&str; 8] = [
    "neg",
    "strong_neg",
    "number",
    "percent",
    "money",
    "superlative",
    "k_sure",
    "k_ease",
];

/// A sentence of fewer words, numbers and signs may be a greeting or a heading.
const OPENING: usize = 9;

/// The bit of a mark.
fn mark(name: &str) -> u32 {
    let at = MARKS.iter().position(|known| *known == name);
    at.map_or(0, |at| 1 << at)
}

/// Words that are a mark by themselves, by the mark's place in [`MARKS`].
const MARKED: [(usize, &str); 10] = [
    (
        0,
        "not no never nobody none nothing neither nor without cannot",
    ),
    (1, "no without never nothing nobody"),
    (2, "can could may might must should will would shall"),
    (
        3,
        "if unless when depend depends depending provided may might vary varies",
    ),
    (5, "%"),
    (6, "$ £ €"),
    (
        7,
        "best top leading lowest highest cheapest fastest greatest most perfect ultimate only unbeatable",
    ),
    (8, "source survey study trial"),
    (
        9,
        "says said warn warns beware scam scams fraud regulator regulators claim claims",
    ),
    (13, "you your yours yourself"),
];
const MARKED_TOO: (usize, &str) = (14, "we our us ours");
/// Pairs of words that are a mark.
const MARKED_PAIRS: [(usize, &str, &str); 10] = [
    (3, "subject", "to"),
    (3, "only", "after"),
    (3, "as", "long"),
    (8, "according", "to"),
    (8, "as", "of"),
    (8, "as", "at"),
    (9, "anyone", "who"),
    (9, "someone", "who"),
    (9, "tell", "you"),
    (9, "tells", "you"),
];
/// Words in "est" that are no superlatives.
const NO_SUPERLATIVES: [&str; 17] = [
    "interest",
    "invest",
    "reinvest",
    "request",
    "suggest",
    "honest",
    "modest",
    "protest",
    "latest",
    "forest",
    "harvest",
    "contest",
    "digest",
    "arrest",
    "midwest",
    "northwest",
    "southwest",
];

/// A bit for each mark that a word makes.
static OF_WORD: LazyLock<FxHashMap<&'static str, u32>> = LazyLock::new(|| {
    let mut bits: FxHashMap<&str, u32> = FxHashMap::default();
    for (mark, words) in MARKED.iter().chain([&MARKED_TOO]) {
        for word in words.split(' ') {
            *bits.entry(word).or_default() |= 1 << mark;
        }
    }
    bits
});

/// Words that speak of rights, conditions, certainty and ease: the last four of [`MARKS`].
const CLASSES: [&str; 4] = [
    concat!(
        "right rights law dispute complain ombudsman withdraw cancel notice agreement authorised regulated member ",
        "registered policy prospectus document"
    ),
    concat!(
        "if when unless subject depends depend depending provided may might could can only eligible qualify ",
        "qualifies apply applies terms conditions approval vary varies usually some most average about up least"
    ),
    concat!(
        "guarantee guaranteed guaranteeing certain certainty certainly sure surely assure assured assured promise ",
        "promised promises always definitely inevitable bound safe safely secure secured solid proof lock locked ",
        "locks forever steady reliable count bank rely"
    ),
    concat!(
        "easy easily simple simply effortless painless breeze hassle quick relax sit enjoy worry worries stress ",
        "treat dream dreams happy happier"
    ),
];

/// A bit for each mark that a stem makes.
static OF_STEM: LazyLock<FxHashMap<&'static str, u32>> = LazyLock::new(|| {
    let mut bits: FxHashMap<&str, u32> = FxHashMap::default();
    for (class, words) in CLASSES.iter().enumerate() {
        for word in words.split(' ') {
            *bits.entry(stem(word)).or_default() |= 1 << (MARKS.len() - CLASSES.len() + class);
        }
    }
    bits
});

/// A text in small letters, with one kind of apostrophe and contractions written out.
pub fn plain(text: &str) -> String {
    let lower = text.to_lowercase();
    if !lower.contains(['\'', '\u{2019}', '\u{2018}']) {
        return lower;
    }
    lower
        .replace(['\u{2019}', '\u{2018}'], "'")
        .replace("can't", "can not")
        .replace("won't", "will not")
        .replace("n't", " not")
}

/// Words, whole numbers and the marks `%`, `$`, `£`, `€` of a text that [`plain`] made, as ranges of bytes.
pub fn spans(plain: &str) -> Vec<(usize, usize)> {
    let mut found = Vec::with_capacity(plain.len() / 5);
    let mut at = 0;
    while let Some(first) = plain[at..].chars().next() {
        let rest = &plain.as_bytes()[at..];
        let length = if first.is_ascii_lowercase() {
            rest.iter().position(|byte| !byte.is_ascii_lowercase())
        } else if first.is_ascii_digit() {
            rest.iter().position(|byte| !byte.is_ascii_digit())
        } else {
            Some(first.len_utf8())
        }
        .unwrap_or(rest.len());
        if first.is_ascii_alphanumeric() || matches!(first, '%' | '$' | '£' | '€') {
            found.push((at, at + length));
        }
        at += length;
    }
    found
}

/// Numbers of a text as it was written: no commas between thousands, no zeros that say nothing.
pub fn numbers(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut rest = text;
    while let Some(from) = rest.find(|c: char| c.is_ascii_digit()) {
        rest = &rest[from..];
        let mut end = rest
            .find(|c: char| !c.is_ascii_digit() && c != ',')
            .unwrap_or(rest.len());
        if let Some(behind) = rest[end..].strip_prefix('.') {
            let digits = behind
                .find(|c: char| !c.is_ascii_digit())
                .unwrap_or(behind.len());
            if digits > 0 {
                end += 1 + digits;
            }
        }
        found.insert(number(&rest[..end]));
        rest = &rest[end..];
    }
    found
}

/// One spelling for one number: "1,200.50" and "1200.5" are the same.
pub fn number(written: &str) -> String {
    let digits = written.replace(',', "");
    let digits = match digits.split_once('.') {
        Some((whole, part)) => {
            let part = part.trim_end_matches('0');
            if part.is_empty() {
                whole.to_owned()
            } else {
                format!("{whole}.{part}")
            }
        }
        None => digits,
    };
    let trimmed = digits.trim_start_matches('0');
    match trimmed.chars().next() {
        None => "0".into(),
        Some('.') => format!("0{trimmed}"),
        Some(_) => trimmed.to_owned(),
    }
}

/// A sentence read once.
#[derive(Debug)]
pub struct Sentence {
    /// In small letters, as [`plain`] makes it.
    lower: String,
    /// Its stems, numbers and signs, as ranges of `lower`; nothing for a number.
    spans: Vec<(usize, usize)>,
    /// A bit for each of [`MARKS`].
    pub marks: u32,
}

impl Sentence {
    pub fn read(text: &str) -> Self {
        let lower = plain(text);
        let all = spans(&lower);
        let tokens: Vec<&str> = all.iter().map(|(from, to)| &lower[*from..*to]).collect();
        let mut sentence = Self {
            spans: Vec::with_capacity(all.len()),
            marks: 0,
            lower: String::new(),
        };
        for ((from, to), token) in all.iter().zip(&tokens) {
            sentence.spans.push(match token.as_bytes().first() {
                Some(byte) if byte.is_ascii_digit() => (0, 0),
                Some(byte) if byte.is_ascii_lowercase() => (*from, from + stem(token).len()),
                _ if matches!(*token, "£" | "€") => continue,
                _ => (*from, *to),
            });
        }
        sentence.marks = marks(text, &tokens);
        sentence.lower = lower;
        let of_stems = sentence.words().filter_map(|word| OF_STEM.get(word));
        sentence.marks |= of_stems.fold(0, |bits, more| bits | more);
        sentence
    }

    /// Whether it is a question, or too short to be more than a greeting or a heading, and neither promises nor counts
    /// anything: an opening says nothing by itself.
    pub fn only_opens(&self) -> bool {
        let has = |names: &[&str]| (names.iter()).any(|name| self.marks & mark(name) != 0);
        (has(&["question"]) || self.length() < OPENING) && !has(&PROMISES)
    }

    /// How many words, numbers and signs it has.
    pub fn length(&self) -> usize {
        self.spans.len()
    }

    /// Its stems, numbers as `#`, and signs, in the order of the text.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        self.spans.iter().map(|(from, to)| {
            if to == from {
                NUMBER
            } else {
                &self.lower[*from..*to]
            }
        })
    }
}

/// What stands for every number.
const NUMBER: &str = "#";

/// Marks of the words as they are written.
fn marks(text: &str, tokens: &[&str]) -> u32 {
    let of_tokens = tokens.iter().filter_map(|token| OF_WORD.get(token));
    let mut bits = of_tokens.fold(0, |bits, more| bits | more);
    for pair in tokens.windows(2) {
        let pairs = MARKED_PAIRS.iter();
        for (mark, _, _) in pairs.filter(|(_, a, b)| *a == pair[0] && *b == pair[1]) {
            bits |= 1 << mark;
        }
        bits |= u32::from(is_dated(pair[0], pair[1])) << 8;
    }
    let number = tokens
        .iter()
        .any(|t| t.starts_with(|c: char| c.is_ascii_digit()));
    bits |= u32::from(number) << 4;
    bits |= u32::from(tokens.iter().any(|token| is_superlative(token))) << 7;
    bits |= u32::from(text.trim_end().ends_with('?')) << 10;
    bits |= u32::from(text.contains('!')) << 11;
    bits | u32::from(text.contains(['"', '\u{201C}'])) << 12
}

fn is_superlative(token: &str) -> bool {
    token.len() >= 5 && token.ends_with("est") && !NO_SUPERLATIVES.contains(&token)
}

/// "in 2025", "of 2025", "to March": a figure with its time.
fn is_dated(word: &str, next: &str) -> bool {
    let year =
        next.len() == 4 && next.starts_with("20") && next.bytes().all(|b| b.is_ascii_digit());
    matches!(word, "in" | "of") && year || word == "to" && MONTHS.contains(&next)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marks_of(text: &str) -> Vec<&'static str> {
        let marks = Sentence::read(text).marks;
        let set = |mark: &usize| marks >> mark & 1 == 1;
        (0..MARKS.len()).filter(set).map(|m| MARKS[m]).collect()
    }

    #[test]
    fn marks_are_seen() {
        assert_eq!(marks_of("Is it safe?"), ["question", "k_sure"]);
        assert!(marks_of("The best in town, says Jo.").contains(&"attributed"));
        assert!(marks_of("The loudest shop.").contains(&"superlative"));
        assert!(!marks_of("Interest is paid.").contains(&"superlative"));
        assert!(marks_of("The fund made 4% in 2025.").contains(&"source"));
        assert!(marks_of("You can’t lose.").contains(&"neg"));
    }

    #[test]
    fn an_opening_promises_and_counts_nothing() {
        let opens = |text: &str| Sentence::read(text).only_opens();
        for opening in [
            "Moving out of state?",
            "A project for the new year?",
            "Hi Sam, a word from us.",
            "Would you like to know more about the plans that we have for families like yours?",
        ] {
            assert!(opens(opening), "{opening}");
        }
        for claim in [
            "You can’t lose.",
            "Save a whopping £600!",
            "Is 9% a year what you want?",
            "The safest fund.",
            "Every month the fund pays its holders an income that they can live on.",
        ] {
            assert!(!opens(claim), "{claim}");
        }
    }

    #[test]
    fn words_are_stems_and_numbers_are_all_alike() {
        let read = Sentence::read("Fees, 20 fees at 5% (£3)!");
        let words: Vec<&str> = read.words().collect();
        assert_eq!(words, ["fee", "#", "fee", "at", "#", "%", "#"]);
        assert_eq!(read.length(), 7);
    }

    #[test]
    fn numbers_have_one_spelling() {
        let found = numbers("$1,200.50 on May 03, 5.");
        assert_eq!(found.into_iter().collect::<Vec<_>>(), ["1200.5", "3", "5"]);
        assert_eq!(number("0.50"), "0.5");
        assert_eq!(number("000"), "0");
    }
}
