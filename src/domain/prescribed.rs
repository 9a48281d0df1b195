//! Texts that a law or a regulator prescribes, and customary ones: what answers a finding that misses one. Nobody who
//! sends one word for word is asked about it.

use super::jurisdiction::Jurisdiction;
use super::law::{LegalStatus, Term, day};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::sync::LazyLock;

/// How far the words themselves are laid down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wording {
    /// The rule gives these words.
    Exact,
    /// Words of this sense; the rule names these as enough.
    Substance,
    /// A form that the rule offers.
    Model,
    /// A directive asks for it, and a country's law gives the words.
    National,
    Translation,
    /// No rule gives words; these are in use.
    Customary,
}

impl Wording {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Exact => "these words",
            Self::Substance => "words of this sense",
            Self::Model => "a model form",
            Self::National => "a country's words",
            Self::Translation => "a translation",
            Self::Customary => "customary words",
        }
    }
}

/// A prescribed text. `{name}` in it stands for a value of the sender.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Text {
    pub id: String,
    pub title: String,
    /// Whose readers it is for; none: everybody's.
    #[serde(default)]
    pub place: Option<Jurisdiction>,
    #[serde(default, deserialize_with = "day")]
    from: Option<NaiveDate>,
    #[serde(default, deserialize_with = "day")]
    to: Option<NaiveDate>,
    pub language: String,
    pub text: String,
    pub wording: Wording,
    pub cite: String,
    /// Where it was read.
    #[serde(default)]
    pub source: String,
    /// When somebody last read it there.
    #[serde(default, deserialize_with = "day")]
    pub checked_on: Option<NaiveDate>,
    pub status: LegalStatus,
    /// The legend of the claims that knows it.
    #[serde(default)]
    pub legend: Option<String>,
    /// Ids of rules that it answers; one that ends in a dot or a dash stands for all that begin so.
    #[serde(default)]
    pub fixes: Vec<String>,
}

impl Text {
    /// The days on which it is prescribed.
    pub fn term(&self) -> Term {
        Term {
            from: self.from,
            to: self.to,
        }
    }

    /// Whether it is for readers of a place; one that nobody named may be any.
    pub fn is_for(&self, place: Option<&Jurisdiction>) -> bool {
        match (&self.place, place) {
            (Some(own), Some(place)) => place.is_within(own),
            _ => true,
        }
    }

    fn answers(&self, rule: &str) -> bool {
        self.fixes
            .iter()
            .any(|fixed| match fixed.strip_suffix(['.', '-']) {
                Some(_) => rule.starts_with(fixed.as_str()),
                None => rule == fixed,
            })
    }

    fn holds(&self, place: Option<&Jurisdiction>, today: Option<NaiveDate>) -> bool {
        let term = self.term();
        let is_law = match today {
            Some(today) => term.out(today, today).is_none(),
            None => term.to.is_none(),
        };
        is_law
            && self.is_for(place)
            && matches!(
                self.status,
                LegalStatus::InForce | LegalStatus::Unverified | LegalStatus::Policy
            )
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "form")]
    _form: u8,
    text: Vec<Text>,
}

/// All texts that ship.
#[derive(Debug, Default)]
pub struct Library {
    texts: Vec<Text>,
    /// Their sentences, in small letters, white space and marks aside.
    sentences: BTreeSet<String>,
}

/// The texts of `assets/prescribed.toml`.
pub static LIBRARY: LazyLock<Library> = LazyLock::new(|| {
    // A test reads the table; a program that ships without it says nothing of texts.
    Library::parse(include_str!("../../assets/prescribed.toml")).unwrap_or_default()
});

impl Library {
    fn parse(table: &str) -> Result<Self, toml::de::Error> {
        let file: File = toml::from_str(table)?;
        let sentences = file.text.iter().flat_map(|text| {
            let ends = text.text.split_inclusive(['.', '!', '?']);
            ends.chain([text.text.as_str()]).map(plain)
        });
        let sentences = sentences.filter(|plain| plain.split(' ').count() >= LEAST);
        Ok(Self {
            sentences: sentences.collect(),
            texts: file.text,
        })
    }

    pub fn all(&self) -> &[Text] {
        &self.texts
    }

    pub fn get(&self, id: &str) -> Option<&Text> {
        self.texts.iter().find(|text| text.id == id)
    }

    /// What answers a rule for a reader in a place on a day, exact words first. Rules name their place, so that of the
    /// reader only parts the countries of a union; where no day is given, what has ended is left out.
    pub fn answers(
        &self,
        rule: &str,
        place: Option<&Jurisdiction>,
        today: Option<NaiveDate>,
    ) -> Vec<&Text> {
        let mut found: Vec<&Text> = self
            .texts
            .iter()
            .filter(|text| text.answers(rule) && text.holds(place, today))
            .collect();
        // A country's own text before that of its union.
        found.sort_by_key(|text| {
            let narrow = text.place.as_ref().map_or(0, |place| place.as_str().len());
            (std::cmp::Reverse(narrow), text.wording != Wording::Exact)
        });
        found
    }

    /// Whether a sentence is one of a prescribed text, word for word.
    pub fn holds(&self, sentence: &str) -> bool {
        self.sentences.contains(&plain(sentence))
    }
}

/// Shorter sentences are everybody's.
const LEAST: usize = 3;

fn plain(text: &str) -> String {
    let words = text.split(|c: char| !c.is_alphanumeric());
    let words: Vec<String> = words
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_read_and_answers_by_place_and_day() {
        let library = Library::parse(include_str!("../../assets/prescribed.toml")).unwrap();
        assert!(library.all().len() > 80);
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let place = Jurisdiction::new;
        let ids = |rule: &str, at: &str, on: &str| -> Vec<String> {
            let found = library.answers(rule, Some(&place(at)), Some(day(on)));
            found.into_iter().map(|text| text.id.clone()).collect()
        };
        let here = ids("eu.ccd.warning", "EU-DE", "2026-11-29");
        assert!(here.iter().any(|id| id == "eu.ccd.de"), "{here:?}");
        assert!(!here.iter().any(|id| id == "eu.ccd.fr"), "{here:?}");
        assert!(ids("eu.ccd.warning", "US", "2026-11-29").is_empty());
        assert!(ids("no.such.rule", "US", "2026-11-29").is_empty());
    }

    #[test]
    fn a_sentence_is_known_whatever_its_case_and_marks() {
        assert!(LIBRARY.holds("KREDITAUFNAHME KOSTET GELD"));
        assert!(!LIBRARY.holds("Your plan is ready now."));
    }
}
