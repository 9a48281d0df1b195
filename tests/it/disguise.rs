//! The gate under disguise: what is done to the letters of a violation never makes its verdict milder.

use echovoice::domain::facts::Facts;
use echovoice::domain::finding::{Disposition, Finding};
use echovoice::domain::message::Message;
use echovoice::rules::{Prepared, RuleBook};
use echovoice::service::policy::shipped;
use proptest::prelude::*;
use serde_json::Value;
use std::fs;
use std::sync::OnceLock;

fn book() -> &'static RuleBook {
    static BOOK: OnceLock<RuleBook> = OnceLock::new();
    BOOK.get_or_init(|| {
        let mut packs = shipped().unwrap();
        packs.sort_by(|a, b| a.head.id.cmp(&b.head.id));
        RuleBook::compile(&packs, []).unwrap()
    })
}

fn findings(text: &str, facts: &Facts) -> Vec<Finding> {
    let message = Message {
        body: text.to_owned(),
        facts: facts.clone(),
        ..Message::default()
    };
    book().evaluate(&Prepared::new(&message)).findings
}

fn worst(text: &str, facts: &Facts) -> Disposition {
    findings(text, facts)
        .iter()
        .map(|f| f.disposition)
        .max()
        .unwrap_or(Disposition::Pass)
}

/// Violations in words: mark-up, records and segment rules have a syntax that a stray character breaks.
fn violations() -> &'static [(String, Facts)] {
    static ROWS: OnceLock<Vec<(String, Facts)>> = OnceLock::new();
    ROWS.get_or_init(|| {
        let text = fs::read_to_string("tests/fixtures/policy-dev.jsonl").unwrap();
        text.lines()
            .map(|l| serde_json::from_str::<Value>(l).unwrap())
            .filter(|r| r["label"] == "violate")
            .map(|r| {
                let facts = serde_json::from_value(r["facts"].clone()).unwrap();
                (r["text"].as_str().unwrap().to_owned(), facts)
            })
            .filter(|(text, _)| {
                text.is_ascii() && !text.contains(['<', '{', '=']) && !text.contains("http")
            })
            .collect()
    })
}

/// Places inside words: a letter on both sides.
fn inside_words(text: &str) -> Vec<usize> {
    let bytes = text.as_bytes();
    (1..bytes.len())
        .filter(|i| bytes[i - 1].is_ascii_alphabetic() && bytes[*i].is_ascii_alphabetic())
        .collect()
}

fn full_width(c: char) -> char {
    char::from_u32(u32::from(c) + 0xFEE0)
        .filter(|_| c.is_ascii_graphic())
        .unwrap_or(c)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn an_invisible_character_never_makes_a_verdict_milder(row in 0usize..1000, places in prop::collection::vec(0usize..1000, 1..4), which in 0usize..6) {
        let (text, facts) = &violations()[row % violations().len()];
        let hidden = ['\u{200b}', '\u{200d}', '\u{ad}', '\u{2060}', '\u{feff}', '\u{34f}'][which];
        let inside = inside_words(text);
        prop_assume!(!inside.is_empty());
        let mut at: Vec<usize> = places.iter().map(|p| inside[p % inside.len()]).collect();
        at.sort_unstable();
        at.dedup();
        let mut disguised = text.clone();
        for place in at.into_iter().rev() {
            disguised.insert(place, hidden);
        }
        prop_assert!(worst(&disguised, facts) >= worst(text, facts), "{disguised:?}");
    }

    #[test]
    fn width_and_case_never_make_a_verdict_milder(row in 0usize..1000, seed in any::<u64>(), how in 0usize..3) {
        let (text, facts) = &violations()[row % violations().len()];
        let mut bits = seed;
        let disguised: String = text
            .chars()
            .map(|c| {
                bits = bits.rotate_left(1);
                match (how, bits & 1) {
                    (0, 1) => full_width(c),
                    (1, 1) => c.to_ascii_uppercase(),
                    (2, _) => c.to_ascii_uppercase(),
                    _ => c,
                }
            })
            .collect();
        prop_assert!(worst(&disguised, facts) >= worst(text, facts), "{disguised:?}");
    }

    #[test]
    fn every_span_lies_on_character_borders_and_the_same_input_gives_the_same_findings(text in "(no risk|guaranteed|\\$9 a month|[a-zé\u{200b}\u{202e}🙂Ａ ,.!?<>&;%0-9\n]){0,25}") {
        let facts = Facts::default();
        let first = findings(&text, &facts);
        for f in &first {
            prop_assert!(text.get(f.start..f.end).is_some(), "{f:?} in {text:?}");
        }
        prop_assert_eq!(first, findings(&text, &facts));
    }
}

#[test]
fn hostile_input_comes_to_an_end() {
    // How long it takes is for benches/pipeline to say: its three sizes show a straight line.
    let facts = Facts::default();
    for piece in [
        "guaranteed ",
        "no risk, but ",
        "a.",
        "\"",
        "<a ",
        "&#",
        "1-",
        "g u a r ",
        "-\n",
        "\u{202e}x",
        "(((",
        "a@b.c ",
    ] {
        let text = piece.repeat(20_000 / piece.len());
        let found = findings(&text, &facts);
        assert!(found.len() <= text.len());
    }
}
