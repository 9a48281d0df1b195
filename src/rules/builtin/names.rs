//! Whose message it is: names of other firms and products in it, and whether it says anything at all.

use super::{Prepared, RawFinding};
use crate::domain::finding::{Disposition, Part, Polarity};
use crate::text::pattern::constant;
use crate::text::view::View;
use regex::Regex;
use serde_json::Value;
use std::cell::LazyCell;
use std::sync::LazyLock;

/// A name that only a firm has: capital words, and a word for a kind of firm.
static FIRM: LazyLock<Regex> = LazyLock::new(|| {
    constant(concat!(
        r"\b(?:[A-Z][\w'’&-]*[ \u{a0}](?:of[ \u{a0}]|and[ \u{a0}]|&[ \u{a0}])?){1,4}",
        r"(?:Bank|Bancorp|Financial|Assurance|Credit Union|Building Society|Inc\b\.?|LLC|Ltd\b\.?|PLC|plc|GmbH|N\.A\.)"
    ))
});

/// Words that begin a sentence with a capital and are no part of a name.
const NO_NAME: [&str; 26] = [
    "The", "A", "An", "Our", "Your", "My", "This", "That", "These", "Any", "Every", "Each", "No",
    "Not", "If", "When", "At", "In", "From", "With", "By", "For", "Ask", "Call", "Visit", "Dear",
];

/// Who watches over firms is named in messages of all of them.
const EVERYBODYS: [&str; 6] = [
    "Federal Reserve Bank",
    "European Central Bank",
    "Federal Home Loan Bank",
    "World Bank",
    "Online Bank",
    "Member Bank",
];

fn review(part: Part, view: &View, from: usize, to: usize, why: String) -> RawFinding<'_> {
    let (start, end) = view.mapped.original(from, to);
    RawFinding {
        part,
        start,
        end,
        text: &view.text()[from..to],
        view: view.kind.as_str(),
        polarity: Polarity::Asserted,
        disposition: Some(Disposition::Review),
        why: Some(why),
        ..RawFinding::whole()
    }
}

/// Names that are not this message's: those that the facts list (`other_names`), and those of firms that neither facts nor
/// citations know. Without a `firm_name` nobody can tell whose message it is.
pub fn other_names(prepared: &Prepared<'_>, report: &mut dyn FnMut(RawFinding<'_>)) {
    let facts = &prepared.message.facts;
    let listed: Vec<&str> = match facts.0.get("other_names") {
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let firm = facts.text("firm_name");
    // Most messages name no firm at all: then nothing of facts and sources is read.
    let own = LazyCell::new(|| own_words(prepared, firm.unwrap_or_default()));
    for part in prepared.shown_parts() {
        if prepared.message.repeats_body(part.part) {
            continue;
        }
        let Some(view) = part.visible() else {
            continue;
        };
        let text = view.text();
        for name in &listed {
            for (from, _) in text.match_indices(*name) {
                let to = from + name.len();
                if is_whole(text, from, to) {
                    let why = format!("“{name}” is another firm's or another product's name.");
                    report(review(part.part, view, from, to, why));
                }
            }
        }
        if firm.is_none() {
            continue;
        }
        for hit in FIRM.find_iter(text) {
            let name = without_lead(hit.as_str());
            let known = own.iter().any(|words| words.contains(&name.to_lowercase()))
                || EVERYBODYS.iter().any(|known| name.ends_with(known))
                || listed.iter().any(|listed| name.contains(listed));
            if name.contains(' ') && !known {
                let from = hit.end() - name.len();
                let why =
                    format!("“{name}” is not the firm that sends, and no fact or source names it.");
                report(review(part.part, view, from, hit.end(), why));
            }
        }
    }
}

/// Texts that say which firms belong to this message, in small letters.
fn own_words(prepared: &Prepared<'_>, firm: &str) -> Vec<String> {
    let message = prepared.message;
    let facts = message.facts.0.iter();
    let facts = facts
        .filter(|(key, _)| key.as_str() != "other_names")
        .filter_map(|(_, value)| value.as_str());
    let sources = message.citations.iter();
    let sources = sources.flat_map(|c| {
        [
            c.redacted_text.as_str(),
            c.title.as_str(),
            c.source.as_str(),
        ]
    });
    std::iter::once(firm)
        .chain(facts)
        .chain(sources)
        .map(str::to_lowercase)
        .collect()
}

/// A name without the words that only begin its sentence.
fn without_lead(name: &str) -> &str {
    let mut name = name;
    while let Some((first, rest)) = name.split_once([' ', '\u{a0}']) {
        if !NO_NAME.contains(&first) {
            break;
        }
        name = rest;
    }
    name
}

fn is_whole(text: &str, from: usize, to: usize) -> bool {
    let is_word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    !is_word(text[..from].chars().next_back()) && !is_word(text[to..].chars().next())
}

/// What every message has and none is sent for: greeting, links, the way out, the sender, thanks.
static FRAME: LazyLock<Regex> = LazyLock::new(|| {
    constant(concat!(
        r"(?i)^\W*(?:(?:hi|hello|hey|dear|good (?:morning|afternoon|evening)|hallo|guten tag|bonjour|hola)\b[^.!?]{0,40}$",
        r"|(?:kind |best |warm )?regards\b|sincerely\b|yours\b|thank you\.?$)",
        r"|https?://|\bwww\.|\bunsubscribe|\bopt[ -]?out|\breply stop|\btext stop|\byou (?:receive|are receiving|received) this"
    ))
});

/// A message that is to be sent and says nothing: it was composed without one sentence of its own (`statements`), or nothing
/// is left beside greeting, links and the way out.
pub fn no_statement(prepared: &Prepared<'_>, report: &mut dyn FnMut(RawFinding<'_>)) {
    let message = prepared.message;
    let composed_empty = message.facts.ten_thousandths("statements") == Some(0);
    let says = || {
        prepared.shown_parts().any(|part| {
            message.stands_for(part.part) != Some(Part::Subject)
                && (part.part != Part::Preheader)
                && part.visible().is_some_and(says_something)
        })
    };
    if composed_empty || message.complete && !says() {
        report(RawFinding {
            view: "visible",
            disposition: Some(Disposition::Review),
            ..RawFinding::whole()
        });
    }
}

fn says_something(view: &View) -> bool {
    view.sentences.iter().any(|(from, to)| {
        let sentence = view.text()[*from..*to].trim();
        sentence.chars().filter(|c| c.is_alphabetic()).count() >= 2 && !FRAME.is_match(sentence)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::facts::Facts;
    use crate::domain::message::Message;
    use serde_json::json;

    fn found(body: &str, facts: &[(&str, Value)]) -> Vec<String> {
        let mut known = Facts::default();
        for (key, value) in facts {
            known.set(key, value.clone());
        }
        let message = Message {
            body: body.into(),
            facts: known,
            complete: true,
            ..Message::default()
        };
        let mut found = Vec::new();
        other_names(&Prepared::new(&message), &mut |f| {
            found.push(f.text.to_owned());
        });
        found
    }

    #[test]
    fn names_of_others_are_found_and_own_ones_are_not() {
        let brook = [
            ("firm_name", json!("Brook Savings Bank")),
            ("partner_bank", json!("Harbor Street Bank")),
            ("other_names", json!(["Tidewater Savings"])),
        ];
        let others = |text: &str| found(text, &brook);
        assert_eq!(
            others("Tidewater Savings pays more."),
            ["Tidewater Savings"]
        );
        assert_eq!(others("Ask Norton Bank today."), ["Norton Bank"]);
        assert_eq!(
            others("The Bank of Norton and Vale Credit Union agree.").len(),
            1
        );
        for fine in [
            "Brook Savings Bank keeps it at Harbor Street Bank.",
            "Our Bank is open. Not a bank deposit.",
            "Tidewater Savingsplan",
            "Your Brook Savings Bank account",
        ] {
            assert!(others(fine).is_empty(), "{fine}: {:?}", others(fine));
        }
        assert!(found("Ask Norton Bank.", &[]).is_empty());
    }

    #[test]
    fn a_frame_without_a_statement_says_nothing() {
        let says = |body: &str| {
            let message = Message {
                body: body.into(),
                complete: true,
                ..Message::default()
            };
            let mut said = true;
            no_statement(&Prepared::new(&message), &mut |_| said = false);
            said
        };
        assert!(!says(
            "Hi Robin,\n\nSee it: https://a.example/x\n\nUnsubscribe: https://a.example/u"
        ));
        assert!(!says("...") && !says("Hello,"));
        assert!(says("Hi Robin,\n\nThe fee is $5 a month."));
        assert!(says("Hello Robin, your card is ready."));
    }
}
