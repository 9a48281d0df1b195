//! The place that a message names. What may be two places is the one that the customer lives in, or that the message and
//! its facts speak of.

use crate::domain::facts::Facts;
use crate::domain::finding::Disposition;
use crate::domain::jurisdiction::{Jurisdiction, UnknownPlace};
use crate::domain::place;
use crate::domain::profile::Profile;
use crate::domain::remark::{Remark, Topic};
use crate::error::{Error, Kind, Result};

/// Words that only what concerns Canada has: its provinces and towns, its money, its laws and offices.
const CANADIAN: [&str; 39] = [
    "canada",
    "canadian",
    "canadians",
    "canadien",
    "canadienne",
    "alberta",
    "british columbia",
    "manitoba",
    "new brunswick",
    "newfoundland",
    "nova scotia",
    "ontario",
    "prince edward island",
    "quebec",
    "québec",
    "saskatchewan",
    "yukon",
    "nunavut",
    "toronto",
    "montreal",
    "montréal",
    "ottawa",
    "calgary",
    "edmonton",
    "winnipeg",
    "saskatoon",
    "mississauga",
    "cad",
    "c$",
    "ca$",
    "casl",
    "crtc",
    "cdic",
    "fcac",
    "osfi",
    "pipeda",
    "rrsp",
    "gst",
    "hst",
];

/// And California.
const CALIFORNIAN: [&str; 10] = [
    "california",
    "californian",
    "californians",
    "calif",
    "ccpa",
    "cpra",
    "los angeles",
    "san francisco",
    "san diego",
    "sacramento",
];

/// The place that a message names. What may be two is the one that the customer's own place says, or the message; else
/// the stricter, which is told.
///
/// # Errors
/// It is no place that is known.
pub(super) fn place_of(
    named: &str,
    customer: Option<&Profile>,
    (texts, facts): (&[&str], &Facts),
    remarks: &mut Vec<Remark>,
) -> Result<Jurisdiction> {
    let place = place::parse(named)
        .ok_or_else(|| Error::new(Kind::Input, format!("jurisdiction: {UnknownPlace}")))?;
    let home = customer.and_then(|c| c.jurisdiction.as_ref());
    Ok(match (place.or.clone(), home) {
        (Some(_), Some(home)) => place.within(home),
        (Some(country), None) if country.as_str() == "CA" && is_canadian(texts, facts) => country,
        (Some(or), None) => {
            let found = format!("may mean {} or {or}", place.jurisdiction);
            let done = format!("read as {}; a person must look", place.jurisdiction);
            remarks.push(Remark::new(
                Topic::Intake,
                Disposition::Review,
                "jurisdiction",
                found,
                done,
            ));
            place.jurisdiction
        }
        (None, _) => place.jurisdiction,
    })
}

/// Whether texts or facts speak of Canada, and of California nowhere.
fn is_canadian(texts: &[&str], facts: &Facts) -> bool {
    let of_facts = facts
        .0
        .iter()
        .map(|(fact, value)| format!("{fact} {value}"));
    let read: Vec<String> = texts
        .iter()
        .map(|text| (*text).to_owned())
        .chain(of_facts)
        .map(|text| spaced(&text))
        .collect();
    let speaks = |words: &[&str]| {
        let mut marks = words.iter().map(|word| format!(" {word} "));
        marks.any(|word| read.iter().any(|text| text.contains(&word)))
    };
    let is_there = || {
        read.iter()
            .any(|text| text.split(' ').any(is_canadian_host) || has_postal_code(text))
    };
    (speaks(&CANADIAN) || is_there()) && !speaks(&CALIFORNIAN)
}

/// Small letters, and one space for whatever parts words but the marks of money and addresses.
fn spaced(text: &str) -> String {
    let keep = |c: char| c.is_alphanumeric() || matches!(c, '$' | '.');
    let spaced: String = text
        .to_lowercase()
        .chars()
        .map(|c| if keep(c) { c } else { ' ' })
        .collect();
    let words = spaced
        .split(' ')
        .map(|word| word.trim_end_matches('.'))
        .filter(|word| !word.is_empty());
    let words: Vec<&str> = words.collect();
    // A sum of money says its currency: `c$25`.
    format!(" {} ", words.join(" ")).replace('$', "$ ")
}

/// `harbourgate.ca`, `www.example.qc.ca`.
fn is_canadian_host(word: &str) -> bool {
    let name = word.strip_suffix(".ca");
    name.is_some_and(|name| !name.is_empty() && name.chars().any(char::is_alphabetic))
}

/// `k1a 0b1`: letter and digit by turns, six of them.
fn has_postal_code(text: &str) -> bool {
    let words: Vec<&str> = text.split(' ').collect();
    let half = |word: &str, first_is_letter: bool| {
        word.len() == 3
            && word.bytes().enumerate().all(|(at, byte)| {
                if (at % 2 == 0) == first_is_letter {
                    byte.is_ascii_lowercase()
                } else {
                    byte.is_ascii_digit()
                }
            })
    };
    words
        .windows(2)
        .any(|pair| half(pair[0], true) && half(pair[1], false))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, facts: &[(&str, &str)]) -> (String, bool) {
        let mut known = Facts::default();
        for (fact, value) in facts {
            known.set(fact, *value);
        }
        let mut remarks = Vec::new();
        let place = place_of("CA", None, (&[text], &known), &mut remarks).unwrap();
        (place.to_string(), remarks.is_empty())
    }

    #[test]
    fn ca_is_canada_where_the_message_or_its_facts_say_so() {
        for text in [
            "Rates for Ontario homes.",
            "Only C$25 a month.",
            "Prices in CAD.",
            "Write to help@maple-lane.ca.",
            "See www.shop.qc.ca/offres",
            "12 Bank Street, Ottawa",
            "Suite 4, K1A 0B1",
            "Approved by Health Canada!",
        ] {
            assert_eq!(read(text, &[]), ("CA".into(), true), "{text}");
        }
        assert_eq!(read("A lamp.", &[("currency", "CAD")]), ("CA".into(), true));
        assert_eq!(
            read("A lamp.", &[("casl_consent", "none")]),
            ("CA".into(), true)
        );
    }

    #[test]
    fn ca_is_california_otherwise_and_a_person_looks() {
        for text in [
            "A lamp for $25.",
            "Made in California, sold in Canada.",
            "A cadence of ten.",
            "Call 415 555 0100.",
            "Model A1B 22C.",
        ] {
            assert_eq!(read(text, &[]), ("US-CA".into(), false), "{text}");
        }
    }
}
