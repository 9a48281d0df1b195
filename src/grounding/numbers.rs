//! Every number of a message and what carries it.

use super::facts::LABELS;
use super::idle::{Idle, day_and_month, is_no_claim};
use super::overlap::Content;
use super::reading::PartReading;
use crate::domain::citation::Citation;
use crate::domain::facts::{Facts, value_ten_thousandths};
use crate::domain::finding::{EvidenceLink, EvidenceState};
use crate::domain::message::Message;
use crate::text::numbers::{self, Numerals, Quantity, UNREADABLE, Unit};
use crate::text::sentence;
use chrono::Datelike as _;
use serde_json::Value;

/// What the numbers of a message come to.
#[derive(Debug, Default)]
pub(super) struct Linked {
    /// Each number that is a claim, and what carries it.
    pub links: Vec<EvidenceLink>,
    pub unsourced: Vec<Unsourced>,
}

/// A sentence with figures that nothing carries.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unsourced {
    /// From the first such figure to the last.
    pub span: EvidenceLink,
    pub figures: Vec<String>,
}

/// Links the numbers of what a reader sees.
pub(super) fn link(message: &Message, readings: &[PartReading<'_>]) -> Linked {
    let numerals = Numerals::of(message);
    let sources = Sources::new(message, numerals);
    let mut linked = Linked::default();
    for reading in readings {
        let text = reading.text();
        let sentences = sentence::sentences(text);
        // Figures that claim nothing by where they stand, as those of addresses and list marks.
        let idle = Idle::of(text);
        // The sentence of the last figure without a source, and where such figures begin and end in it.
        let mut open: Option<(usize, usize, usize)> = None;
        for quantity in numbers::quantities_in(text, numerals) {
            // A struck-out price is none.
            if reading.is_struck(quantity.start, quantity.end) || is_no_claim(text, &quantity) {
                continue;
            }
            let index = sentences.partition_point(|(start, _)| *start <= quantity.start);
            let sentence = sentence_at(text, &sentences, quantity.start);
            let (state, from, quote) = sources.judge(text, sentence, &quantity);
            // A source is looked for before idleness: an idle figure that a fact contradicts is still a contradiction.
            let unsourced = state == EvidenceState::Unsupported;
            if unsourced && idle.holds(&quantity, (index, sentence)) {
                continue;
            }
            let (start, end) = reading.original(quantity.start, quantity.end);
            let link = EvidenceLink {
                part: reading.part,
                start,
                end,
                text: text[quantity.start..quantity.end].to_owned(),
                state,
                source: from,
                quote,
            };
            // One finding a sentence: its figures without a source are drawn together, every one keeps its own link.
            if unsourced {
                match (&mut open, linked.unsourced.last_mut()) {
                    (Some((of, first, last)), Some(group)) if *of == index => {
                        *last = quantity.end.max(*last);
                        (group.span.start, group.span.end) = reading.original(*first, *last);
                        text[*first..*last].clone_into(&mut group.span.text);
                        group.figures.push(link.text.clone());
                    }
                    _ => {
                        open = Some((index, quantity.start, quantity.end));
                        linked.unsourced.push(Unsourced {
                            span: link.clone(),
                            figures: vec![link.text.clone()],
                        });
                    }
                }
            }
            linked.links.push(link);
        }
    }
    linked
}

/// A number of a citation, with the sentence that holds it.
struct CitedNumber<'m> {
    quantity: Quantity,
    sentence: &'m str,
}

struct Sources<'m> {
    facts: Vec<(String, Quantity, String)>,
    citations: Vec<(&'m Citation, Vec<CitedNumber<'m>>)>,
    known: &'m Facts,
}

impl<'m> Sources<'m> {
    fn new(message: &'m Message, numerals: Numerals) -> Self {
        let mut facts = Vec::new();
        for (key, value) in &message.facts.0 {
            collect(key, value, numerals, &mut facts);
        }
        Self {
            facts,
            citations: message
                .citations
                .iter()
                .map(|c| (c, carriers(&c.redacted_text, numerals)))
                .collect(),
            known: &message.facts,
        }
    }

    fn judge(
        &self,
        text: &str,
        stated: &str,
        quantity: &Quantity,
    ) -> (EvidenceState, String, String) {
        // What is struck out is said and not in force: it needs a source, and contradicts nothing.
        if !quantity.is_struck
            && let Some((key, value)) = self.contradicting_fact(text, quantity)
        {
            return (EvidenceState::Contradicted, format!("fact:{key}"), value);
        }
        // A figure that can be read in two ways needs a source for each.
        let carried = self.carrier(quantity).or_else(|| {
            let only = |value: i64| Quantity {
                value,
                also: None,
                ..quantity.clone()
            };
            self.carrier(&only(quantity.also?))?;
            self.carrier(&only(quantity.value))
        });
        if let Some((source, quote)) = carried.or_else(|| self.dated(text, quantity)) {
            return (EvidenceState::Supported, source, quote);
        }
        match self.contradicting_citation(stated, quantity) {
            Some((id, quote)) => (EvidenceState::Contradicted, format!("citation:{id}"), quote),
            None => (EvidenceState::Unsupported, String::new(), String::new()),
        }
    }

    /// What carries the number: its source and the words there.
    fn carrier(&self, quantity: &Quantity) -> Option<(String, String)> {
        if let Some((key, _, shown)) = self
            .facts
            .iter()
            .find(|(_, known, _)| same(known, quantity))
        {
            return Some((format!("fact:{key}"), shown.clone()));
        }
        // Facts stand above citations; among these the most trusted, and of equal ones the first.
        let mut best: Option<(&Citation, &CitedNumber<'_>)> = None;
        for (citation, found) in &self.citations {
            if let Some(carrier) = found.iter().find(|known| same(&known.quantity, quantity))
                && best.is_none_or(|(b, _)| citation.trust < b.trust)
            {
                best = Some((citation, carrier));
            }
        }
        match best {
            Some((citation, carrier)) => Some((
                format!("citation:{}", citation.id),
                carrier.sentence.to_owned(),
            )),
            None => self
                .derived(quantity)
                .map(|how| ("fact:(derived)".to_owned(), how)),
        }
    }

    /// A date that a figure is the day of, its year left out: `December 7` beside 2026-12-07.
    fn dated(&self, text: &str, quantity: &Quantity) -> Option<(String, String)> {
        let said = day_and_month(text, quantity)?;
        // Days and months alone are compared: the year is not said, so it can be neither right nor wrong.
        let is_it = |known: &Quantity| {
            known.unit == Unit::Date
                && chrono::NaiveDate::default()
                    .checked_add_signed(chrono::TimeDelta::days(known.value))
                    .is_some_and(|date| (date.day(), date.month()) == said)
        };
        let fact = self.facts.iter().find(|(_, known, _)| is_it(known));
        fact.map(|(key, _, shown)| (format!("fact:{key}"), shown.clone()))
            .or_else(|| {
                self.citations.iter().find_map(|(citation, found)| {
                    let carrier = found.iter().find(|known| is_it(&known.quantity))?;
                    Some((
                        format!("citation:{}", citation.id),
                        carrier.sentence.to_owned(),
                    ))
                })
            })
    }

    /// A fact whose label stands beside the number and whose value is another one.
    fn contradicting_fact(&self, text: &str, quantity: &Quantity) -> Option<(String, String)> {
        // A label must stand in the same clause, close by; further off it may belong to another number.
        let before = text
            [text.floor_char_boundary(quantity.start.saturating_sub(26))..quantity.start]
            .to_lowercase();
        let after = text
            [quantity.end..text.ceil_char_boundary((quantity.end + 30).min(text.len()))]
            .to_lowercase();
        let after = after.split(['.', ';', ',']).next().unwrap_or("").to_owned();
        let before = before
            .rsplit(['.', ';', ','])
            .next()
            .unwrap_or("")
            .to_owned();
        if quantity.value == UNREADABLE {
            return None;
        }
        for label in LABELS.iter().filter(|label| label.unit == quantity.unit) {
            let near = label.words.iter().any(|word| {
                after
                    .trim_start_matches([' ', '('])
                    .starts_with(word.trim_start())
                    || after.contains(word) && after.find(word).is_some_and(|i| i < 14)
                    || before.contains(word) && label.unit != Unit::Count
            }) || label.before.iter().any(|word| before.ends_with(word));
            let Some(known) = self.value_of(label.key, label.unit) else {
                continue;
            };
            // What is another fact's number, in the label's range or in an approved citation contradicts nothing.
            let also = self.facts.iter().any(|(_, fact, _)| same(fact, quantity));
            if near
                && known != quantity.value
                && quantity.also != Some(known)
                && !also
                && !self.in_range(label.key, quantity.value)
                && !self.cited(quantity)
            {
                return Some((label.key.to_owned(), self.shown(label.key, label.unit)));
            }
        }
        None
    }

    /// A cited sentence that speaks of the same thing and has another number of the same kind, and only one.
    fn contradicting_citation(
        &self,
        stated: &str,
        quantity: &Quantity,
    ) -> Option<(String, String)> {
        if !matches!(quantity.unit, Unit::Percent | Unit::Money) || !quantity.is_clear() {
            return None;
        }
        // Two numbers of a kind in one cited sentence leave open which of them is meant: such a sentence contradicts
        // nothing. Nor does one that has less than half, or fewer than two, of the words that are said.
        let content = Content::of(stated);
        self.citations.iter().find_map(|(citation, found)| {
            found
                .iter()
                .filter(|known| known.quantity.unit == quantity.unit)
                .find(|known| {
                    let alone = found
                        .iter()
                        .filter(|other| {
                            other.quantity.unit == quantity.unit && other.sentence == known.sentence
                        })
                        .count()
                        == 1;
                    let shared = content.shared(&Content::of(known.sentence));
                    alone && shared >= 2 && shared * 2 >= content.len()
                })
                .map(|known| (citation.id.clone(), known.sentence.to_owned()))
        })
    }

    /// The one value of a fact, whether it is a number or words that hold one ("9,5 %").
    fn value_of(&self, key: &str, unit: Unit) -> Option<i64> {
        self.known.ten_thousandths(key).or_else(|| {
            let mut said = self
                .facts
                .iter()
                .filter(|(of, known, _)| {
                    of == key && matches!(known.unit, u if u == unit || u == Unit::Count)
                })
                .map(|(_, known, _)| known);
            match (said.next(), said.next()) {
                (Some(one), None) if one.is_clear() => Some(one.value),
                _ => None,
            }
        })
    }

    fn in_range(&self, key: &str, value: i64) -> bool {
        let bound = |suffix: &str| self.known.ten_thousandths(&format!("{key}_{suffix}"));
        matches!((bound("min"), bound("max")), (Some(low), Some(high)) if (low..=high).contains(&value))
    }

    fn cited(&self, quantity: &Quantity) -> bool {
        self.citations.iter().any(|(c, found)| {
            c.trust == crate::domain::citation::Trust::Approved
                && found.iter().any(|known| same(&known.quantity, quantity))
        })
    }

    fn shown(&self, key: &str, unit: Unit) -> String {
        let value = self
            .known
            .0
            .get(key)
            .map(|value| {
                value
                    .as_str()
                    .map_or_else(|| value.to_string(), str::to_owned)
            })
            .unwrap_or_default();
        match unit {
            // Words say their own unit.
            _ if value.contains(['%', '$', '£', '€', ' ']) => value,
            Unit::Percent => format!("{value}%"),
            Unit::Money => format!("${value}"),
            _ => value,
        }
    }

    /// Sums that the facts give: total of payments, amount financed, finance charge.
    fn derived(&self, quantity: &Quantity) -> Option<String> {
        let fact = |key: &str| self.known.ten_thousandths(key);
        if quantity.unit != Unit::Money || !quantity.is_clear() {
            return None;
        }
        let (payment, count) = (fact("payment")?, fact("installments")? / 10_000);
        let total = payment.checked_mul(count)?;
        let down = fact("down").unwrap_or(0);
        let price = fact("price").unwrap_or(0);
        let candidates = [
            (total, "payments × amount"),
            (total + down, "payments × amount + down payment"),
            (price - down, "price − down payment"),
            (total + down - price, "payments + down payment − price"),
        ];
        candidates
            .into_iter()
            .find(|(value, _)| (value - quantity.value).abs() <= 100)
            .map(|(_, how)| how.to_owned())
    }
}

fn collect(
    key: &str,
    value: &Value,
    numerals: Numerals,
    facts: &mut Vec<(String, Quantity, String)>,
) {
    match value {
        Value::Number(_) => {
            if let Some(value_e4) = value_ten_thousandths(value) {
                // A bare number carries any unit: the key says which, and keys are free.
                facts.push((
                    key.to_owned(),
                    Quantity::new(Unit::Count, value_e4, 0, 0),
                    value.to_string(),
                ));
            }
        }
        Value::String(text) => {
            for quantity in numbers::quantities_in(text, numerals) {
                facts.push((key.to_owned(), quantity, text.clone()));
            }
        }
        Value::Array(list) => list
            .iter()
            .for_each(|item| collect(key, item, numerals, facts)),
        Value::Object(map) => map
            .iter()
            .for_each(|(inner, item)| collect(&format!("{key}.{inner}"), item, numerals, facts)),
        Value::Null | Value::Bool(_) => {}
    }
}

/// Same value; units agree, or one side is a bare number. What is unclear on one side is so on the other.
fn same(known: &Quantity, stated: &Quantity) -> bool {
    if known.is_struck || known.value == UNREADABLE || known.also != stated.also {
        return false;
    }
    let date = |unit: Unit| matches!(unit, Unit::Date | Unit::Year);
    if known.unit == Unit::Date && stated.unit == Unit::Year {
        return chrono::NaiveDate::default()
            .checked_add_signed(chrono::TimeDelta::days(known.value))
            .is_some_and(|d| i64::from(chrono::Datelike::year(&d)) == stated.value);
    }
    // A fact's 2019 is the year that the text names.
    if known.unit == Unit::Count && stated.unit == Unit::Year {
        return stated.value.checked_mul(10_000) == Some(known.value);
    }
    if date(known.unit) != date(stated.unit) {
        return false;
    }
    let units_agree =
        known.unit == stated.unit || known.unit == Unit::Count || stated.unit == Unit::Count;
    let years_and_months = matches!((known.unit, stated.unit), (Unit::Years, Unit::Months))
        && known.value.checked_mul(12) == Some(stated.value)
        || matches!((known.unit, stated.unit), (Unit::Months, Unit::Years))
            && stated.value.checked_mul(12) == Some(known.value);
    units_agree && known.value == stated.value || years_and_months
}

fn carriers(text: &str, numerals: Numerals) -> Vec<CitedNumber<'_>> {
    let sentences = sentence::sentences(text);
    numbers::quantities_in(text, numerals)
        .into_iter()
        .filter(|quantity| !quantity.is_struck)
        .map(|quantity| CitedNumber {
            sentence: sentence_at(text, &sentences, quantity.start),
            quantity,
        })
        .collect()
}

fn sentence_at<'t>(text: &'t str, sentences: &[(usize, usize)], at: usize) -> &'t str {
    let index = sentences.partition_point(|(start, _)| *start <= at);
    index
        .checked_sub(1)
        .and_then(|i| sentences.get(i))
        .map_or("", |(start, end)| &text[*start..*end])
}

#[cfg(test)]
mod tests {
    use super::super::reading::readings;
    use super::*;
    use serde_json::json;

    fn states(body: &str, facts: Value) -> Vec<(String, EvidenceState)> {
        let message = Message {
            body: body.into(),
            facts: serde_json::from_value(facts).unwrap(),
            ..Message::default()
        };
        link(&message, &readings(&message).collect::<Vec<_>>())
            .links
            .into_iter()
            .map(|l| (l.text, l.state))
            .collect()
    }

    #[test]
    fn facts_carry_contradict_or_say_nothing() {
        let facts =
            json!({"apr": 9.5, "payment": 107.69, "installments": 18, "price": 2000, "down": 200});
        assert_eq!(
            states(
                "18 monthly payments of $107.69, 9.50% APR, $1,938.42 in all, over 3 years",
                facts.clone()
            ),
            [
                ("18".into(), EvidenceState::Supported),
                ("$107.69".into(), EvidenceState::Supported),
                ("9.50%".into(), EvidenceState::Supported),
                ("$1,938.42".into(), EvidenceState::Supported),
                ("3 years".into(), EvidenceState::Unsupported),
            ]
        );
        assert_eq!(
            states("Only 7.9% APR.", facts),
            [("7.9%".into(), EvidenceState::Contradicted)]
        );
    }

    #[test]
    fn another_number_in_the_cited_sentence_contradicts() {
        let message = Message {
            body: "Members saved 31% on average. The course has 12 parts.".into(),
            citations: vec![Citation {
                id: "survey".into(),
                redacted_text: "In the survey, members saved 13% on average.".into(),
                ..Citation::default()
            }]
            .into(),
            ..Message::default()
        };
        let links = link(&message, &readings(&message).collect::<Vec<_>>()).links;
        assert_eq!(links[0].state, EvidenceState::Contradicted);
        assert_eq!(links[0].source, "citation:survey");
        assert_eq!(links[1].state, EvidenceState::Unsupported);
    }

    #[test]
    fn addresses_ages_and_links_claim_nothing() {
        assert_eq!(
            states(
                "400 Quayside Avenue, Wilmington, DE 19801. You must be 18 or over. https://x.example/a1?b=22",
                json!({})
            ),
            []
        );
    }
}
