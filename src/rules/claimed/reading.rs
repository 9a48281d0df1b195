//! What a message says, read once for all rules over claims.

use crate::claims::{ClaimLexicon, ViewClaims};
use crate::domain::facts::value_ten_thousandths;
use crate::domain::finding::Part;
use crate::rules::prepared::Prepared;
use crate::text::numbers::{self, Numerals, Quantity, Unit};
use crate::text::view::{View, ViewKind};
use serde_json::Value;
use std::collections::BTreeSet;

/// Everything a message says, read once for all rules.
pub struct Readings<'m> {
    /// For each part, for each of its views.
    pub views: Vec<Vec<ViewClaims>>,
    pub said: ShownFigures<'m>,
    /// For each kind whether some view makes a claim of it.
    heard: Vec<bool>,
    /// Product classes: those of the product that the caller named, or those that the words tell.
    pub classes: BTreeSet<usize>,
    /// No class has the product whole: words of its name told these, and those of the text.
    pub told_by_name: bool,
}

/// The figures and texts that every reader is shown.
pub struct ShownFigures<'m> {
    prepared: &'m Prepared<'m>,
    quantities: Vec<&'m Quantity>,
}

impl ShownFigures<'_> {
    /// Whether the message states a value: its figure, its day, its text. A yes or no has no words of its own.
    pub fn says(&self, value: &Value) -> bool {
        if let Some(number) = value_ten_thousandths(value) {
            return self.quantities.iter().any(|quantity| {
                let same = |value: i64| {
                    value == number
                        || quantity.unit == Unit::Year && value.saturating_mul(10_000) == number
                };
                same(quantity.value) || quantity.also.is_some_and(same)
            });
        }
        let Some(text) = value.as_str() else {
            return false;
        };
        let day = text.get(..10).and_then(|day| day.parse().ok());
        let day = day.or_else(|| numbers::first_date(text)).map(numbers::days);
        if let Some(day) = day {
            let dated =
                |q: &&Quantity| q.unit == Unit::Date && (q.value == day || q.also == Some(day));
            return self.quantities.iter().any(dated);
        }
        self.prepared.holds_text(&text.replace('_', " "))
    }
}

impl<'m> Readings<'m> {
    pub fn of(lexicon: &ClaimLexicon, prepared: &'m Prepared<'m>) -> Self {
        let numerals = Numerals::of(prepared.message);
        let mut quantities = Vec::new();
        let mut classes = BTreeSet::new();
        let product = prepared.message.product_named();
        // The fact `product_class` says it too.
        let class = prepared.message.facts.text("product_class");
        let products = lexicon.products();
        for named in [product, class].into_iter().flatten() {
            classes.extend(products.of(named));
        }
        let told = !classes.is_empty();
        // A firm's own name for what it sells tells the class by its words, and so does the text then.
        if let (false, Some(named)) = (told, product) {
            classes.extend(products.within(named));
        }
        let told_by_name = !told && !classes.is_empty();
        let mut heard = vec![false; lexicon.kinds().len()];
        let views = prepared
            .parts
            .iter()
            .map(|part| {
                let read = |view: &'m View| {
                    let numbers = view.quantities(numerals);
                    let reading = lexicon.read(view, numbers);
                    for claim in &reading.claims {
                        heard[claim.kind] = true;
                    }
                    if !told && view.kind == ViewKind::Visible {
                        classes.extend(reading.classes.iter().copied());
                    }
                    if view.counts && prepared.message.shows(part.part) {
                        quantities.extend(numbers);
                    }
                    reading
                };
                part.views.iter().map(read).collect()
            })
            .collect();
        Self {
            views,
            said: ShownFigures {
                prepared,
                quantities,
            },
            heard,
            classes,
            told_by_name,
        }
    }

    /// Whether bytes of a part stand inside a prescribed text.
    pub fn prescribe(&self, part: Part, start: usize, end: usize) -> bool {
        let parts = self.said.prepared.parts.iter().zip(&self.views);
        let mut views = parts
            .filter(|(of, _)| of.part == part)
            .flat_map(|(of, readings)| of.views.iter().zip(readings));
        views.any(|(view, reading)| {
            view.kind == ViewKind::Visible
                && reading.legends.iter().any(|(_, from, to)| {
                    // The mark that ends a sentence is none of a legend's words.
                    let (from, to) = view.mapped.original(*from, *to);
                    from <= start && end <= to + 1 && start < end
                })
        })
    }

    /// Whether a claim of any of the kinds is made somewhere.
    pub fn hear_any(&self, kinds: &[usize]) -> bool {
        kinds.iter().any(|kind| self.heard[*kind])
    }
}

/// The sentence that speaks most of a fact, by the words of its name.
pub(super) fn sentence_about(
    prepared: &Prepared<'_>,
    fact: &str,
) -> Option<(Part, usize, usize, String)> {
    let words: Vec<&str> = fact
        .split(['_', '.'])
        .filter(|word| word.len() > 2 && !matches!(*word, "pct" | "min" | "max" | "has"))
        .collect();
    let mut best: Option<(usize, Part, usize, usize)> = None;
    for part in &prepared.parts {
        if !matches!(part.part, Part::Subject | Part::Preheader | Part::Body) {
            continue;
        }
        let Some(view) = part.visible() else {
            continue;
        };
        for (from, to) in &view.sentences {
            let sentence = view.text()[*from..*to].to_lowercase();
            let count = words
                .iter()
                .filter(|word| sentence.contains(**word))
                .count();
            let alone = view.sentences.len() == 1 && part.part == Part::Body;
            if count > best.map_or(0, |(count, ..)| count) || best.is_none() && alone {
                let (start, end) = view.mapped.original(*from, *to);
                best = Some((count, part.part, start, end));
            }
        }
    }
    let (_, part, start, end) = best?;
    let text = prepared.message.part(part).get(start..end)?;
    Some((part, start, end, text.to_owned()))
}
