//! What the facts beside a text show: a cost, a limit or a proof, and whether the text says it.

use super::words::{number, numbers, plain, spans};
use crate::domain::facts::Facts;
use crate::text::calendar::{MONTHS, WEEKDAYS};
use chrono::{Datelike, NaiveDate};
use serde_json::Value;
use std::cell::LazyCell;
use std::collections::BTreeSet;

/// What facts show, in the order of their weights.
pub const SIGNS: [&str; 16] = [
    "cost_unsaid",
    "cost_said",
    "limit_unsaid",
    "limit_said",
    "proof_none",
    "proof_said",
    "end_open",
    "end_said",
    "tie_no",
    "tie_yes",
    "conflict",
    "renews",
    "any_unsaid",
    "all_said",
    "private",
    NUMBERS_KNOWN,
];
/// Every number of the sentence stands in the facts. It is the one sign that is asked sentence by sentence.
pub const NUMBERS_KNOWN: &str = "numbers_known";

/// A sign in words that an officer reads; none for one that speaks for the sentence.
pub fn in_words(sign: &str) -> Option<&'static str> {
    Some(match sign {
        "cost_unsaid" => "a cost in the facts that the text does not state",
        "limit_unsaid" => "a limit in the facts that the text does not state",
        "any_unsaid" => "a fact that the text does not state",
        "proof_none" => "no proof on record",
        "end_open" => "no end on record, or another one",
        "tie_no" => "a tie or status that the facts deny",
        "conflict" => "an interest or payment on record",
        "renews" => "it renews by itself",
        "private" => "private data, or a young reader",
        _ => return None,
    })
}

/// Facts that are about the sending, and not about what is said.
const ASIDE: [&str; 24] = [
    "product",
    "product_class",
    "firm_name",
    "postal_address",
    "opt_out",
    "opt_out_url",
    "prior_thread",
    "consent_email",
    "consent_sms",
    "consent",
    "frn",
    "nmls",
    "sender_name",
    "send_local",
    "recipient_tz",
    "recipient_state",
    "state",
    "field",
    "kind",
    "purpose",
    "lang",
    "firm_type",
    "stop_shortcode",
    "as_of",
];
const ASIDE_TOO: [&str; 4] = ["soft_opt_in", "brand", "firm_phone", "firm_email"];

#[derive(Clone, Copy, PartialEq, Eq)]
enum FactGroup {
    Cost,
    Limit,
    End,
    Proof,
    Risk,
    Tie,
    Conflict,
    Renewal,
    Other,
}

/// Parts of names that put a fact into a group, the first group that fits; `^` at the start, `$` at the end.
const GROUPS: [(FactGroup, &str); 8] = [
    (
        FactGroup::Cost,
        "fee charge cost margin commission premium deductible price_after spread penalty surcharge interest_rate ^apr rep_apr payment closing shipping",
    ),
    (
        FactGroup::Limit,
        "min_ _min max limit cap$ _cap days months years waiting eligible areas share floor until fixed_ pct",
    ),
    (FactGroup::End, "ends_at inventory seats left stock"),
    (
        FactGroup::Proof,
        "substantiat citation typical rating source study policy_id rep_example measured as_of",
    ),
    (FactGroup::Risk, "loss risk rmmi default winning profitable"),
    (
        FactGroup::Tie,
        "is_deposit is_idi insured government preapproved registered uses_ai affiliat authorised authorized member relation approver program",
    ),
    (
        FactGroup::Conflict,
        "remunerat paid promoter endorser conflict gift suppressed bought",
    ),
    (FactGroup::Renewal, "auto_renew renew trial"),
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum FactState {
    None,
    Yes,
    No,
    Object,
    Zero,
    Said,
    Unsaid,
    /// Words that the text does not repeat, which says nothing.
    Words,
}

fn group(key: &str) -> FactGroup {
    let fits = |part: &str| {
        if let Some(start) = part.strip_prefix('^') {
            key.starts_with(start)
        } else if let Some(end) = part.strip_suffix('$') {
            key.ends_with(end)
        } else {
            key.contains(part)
        }
    };
    GROUPS
        .iter()
        .find(|(_, parts)| parts.split(' ').any(fits))
        .map_or(FactGroup::Other, |(group, _)| *group)
}

/// What a text says, read once.
struct FactText {
    lower: String,
    /// Ranges of `lower`, in the order of their letters.
    words: Vec<(usize, usize)>,
    numbers: BTreeSet<String>,
    /// "end of", "last day"
    speaks_of_end: bool,
}

impl FactText {
    fn read(text: &str) -> Self {
        let lower = plain(text);
        let mut words = spans(&lower);
        let word = |(from, to): &(usize, usize)| &lower[*from..*to];
        let speaks_of_end = words
            .windows(2)
            .any(|w| matches!((word(&w[0]), word(&w[1])), ("end", "of") | ("last", "day")));
        words.sort_unstable_by(|a, b| word(a).cmp(word(b)));
        Self {
            words,
            numbers: numbers(text),
            speaks_of_end,
            lower,
        }
    }

    fn has(&self, word: &str) -> bool {
        let found = self
            .words
            .binary_search_by(|(from, to)| self.lower[*from..*to].cmp(word));
        found.is_ok()
    }

    /// Whether a fact's value stands in the text.
    fn says(&self, value: &Value, today: Option<NaiveDate>) -> bool {
        match value {
            Value::Number(n) => {
                let written = number(&n.to_string());
                self.numbers.contains(&written)
                    || number_word(&written).is_some_and(|word| self.has(word))
            }
            Value::String(text) => {
                if looks_like_date(text) {
                    day_of(text).is_some_and(|day| self.says_day(day, today))
                } else {
                    text.chars().count() > 2 && self.lower.contains(&text.to_lowercase())
                }
            }
            Value::Array(values) => values
                .iter()
                .any(|value| !value.is_boolean() && self.says(value, today)),
            Value::Null | Value::Bool(_) | Value::Object(_) => false,
        }
    }

    fn says_day(&self, day: NaiveDate, today: Option<NaiveDate>) -> bool {
        if self.numbers.contains(&day.day().to_string()) {
            return true;
        }
        let month_ends = day.succ_opt().is_some_and(|next| next.day() == 1);
        let weekday = WEEKDAYS[day.weekday().num_days_from_monday() as usize];
        let near = today.is_some_and(|today| {
            let gap = (day - today).num_days();
            gap == 0 && ["today", "tonight", "midnight"].iter().any(|w| self.has(w))
                || gap == 1 && self.has("tomorrow")
                || (0..=7).contains(&gap) && self.has(weekday)
                || matches!(gap, 6 | 7) && self.has("week")
                || (0..=31).contains(&gap) && month_ends && self.speaks_of_end
        });
        let christmas = day.month() == 12 && matches!(day.day(), 24 | 25) && self.has("christmas");
        let month = MONTHS[day.month0() as usize];
        near || christmas || self.has(month) && self.numbers.is_empty()
    }
}

fn number_word(written: &str) -> Option<&'static str> {
    const WORDS: [(&str, &str); 19] = [
        ("1", "one"),
        ("2", "two"),
        ("3", "three"),
        ("4", "four"),
        ("5", "five"),
        ("6", "six"),
        ("7", "seven"),
        ("8", "eight"),
        ("9", "nine"),
        ("10", "ten"),
        ("11", "eleven"),
        ("12", "twelve"),
        ("14", "fourteen"),
        ("20", "twenty"),
        ("30", "thirty"),
        ("40", "forty"),
        ("50", "fifty"),
        ("60", "sixty"),
        ("90", "ninety"),
    ];
    WORDS
        .iter()
        .find(|(number, _)| *number == written)
        .map(|(_, word)| *word)
}

fn looks_like_date(text: &str) -> bool {
    text.get(..10).is_some_and(|day| {
        day.bytes().enumerate().all(|(at, byte)| match at {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        })
    })
}

fn day_of(text: &str) -> Option<NaiveDate> {
    NaiveDate::parse_from_str(text.get(..10)?, "%Y-%m-%d").ok()
}

/// What the facts of a message show beside a text.
#[derive(Debug, Default)]
pub struct Signs {
    /// Places in [`SIGNS`], all but the last.
    pub signs: Vec<usize>,
    /// Numbers that the facts hold.
    pub numbers: BTreeSet<String>,
}

impl Signs {
    /// `shown` is what may state the facts: a fragment itself, or all that readers of a message are shown.
    pub fn read(facts: &Facts, shown: &str, today: Option<NaiveDate>) -> Self {
        let text = LazyCell::new(|| FactText::read(shown));
        let states: Vec<(FactGroup, FactState)> = facts
            .0
            .iter()
            .filter(|(key, _)| !ASIDE.contains(&key.as_str()) && !ASIDE_TOO.contains(&key.as_str()))
            .map(|(key, value)| (group(key), state(value, &text, today)))
            .collect();
        let has = |group: FactGroup, wanted: &[FactState]| {
            states
                .iter()
                .any(|(g, state)| *g == group && wanted.contains(state))
        };
        let all_said = states.iter().all(|(_, s)| {
            matches!(
                s,
                FactState::Said | FactState::Yes | FactState::Zero | FactState::Words
            )
        });
        let found = [
            has(FactGroup::Cost, &[FactState::Unsaid]),
            has(FactGroup::Cost, &[FactState::Said]),
            has(FactGroup::Limit, &[FactState::Unsaid]),
            has(FactGroup::Limit, &[FactState::Said]),
            has(FactGroup::Proof, &[FactState::None, FactState::No]),
            has(FactGroup::Proof, &[FactState::Said]),
            has(FactGroup::End, &[FactState::None, FactState::Unsaid]),
            has(FactGroup::End, &[FactState::Said]),
            has(FactGroup::Tie, &[FactState::No]),
            has(FactGroup::Tie, &[FactState::Yes, FactState::Said]),
            has(
                FactGroup::Conflict,
                &[FactState::Yes, FactState::Unsaid, FactState::Object],
            ),
            has(FactGroup::Renewal, &[FactState::Yes]),
            states.iter().any(|(_, state)| *state == FactState::Unsaid),
            !states.is_empty() && all_said,
            is_private(facts),
        ];
        let mut held = BTreeSet::new();
        for value in facts.0.values() {
            collect_numbers(value, &mut held);
        }
        Self {
            signs: (0..found.len()).filter(|sign| found[*sign]).collect(),
            numbers: held,
        }
    }
}

fn state(value: &Value, text: &FactText, today: Option<NaiveDate>) -> FactState {
    match value {
        Value::Null => FactState::None,
        Value::Bool(true) => FactState::Yes,
        Value::Bool(false) => FactState::No,
        Value::Object(_) => FactState::Object,
        Value::Number(n) if number(&n.to_string()) == "0" => FactState::Zero,
        value if text.says(value, today) => FactState::Said,
        Value::String(words) if !looks_like_date(words) => FactState::Words,
        _ => FactState::Unsaid,
    }
}

/// Data that the law guards, or a reader who is no adult.
fn is_private(facts: &Facts) -> bool {
    let get = |key: &str| facts.0.get(key);
    let given = |key: &str| match get(key) {
        None | Some(Value::Null | Value::Bool(false)) => false,
        Some(Value::String(text)) => !text.is_empty(),
        Some(Value::Array(values)) => !values.is_empty(),
        Some(Value::Object(fields)) => !fields.is_empty(),
        Some(_) => true,
    };
    let yes = |key: &str| get(key) == Some(&Value::Bool(true));
    let young = get("recipient_age")
        .and_then(Value::as_f64)
        .is_some_and(|age| age < 18.0);
    let audience = get("audience").and_then(Value::as_str);
    yes("uses_phi") && !given("authorization")
        || given("art9")
        || yes("opt_out_sale_share")
        || young
        || matches!(audience, Some("child" | "teen"))
}

fn collect_numbers(value: &Value, held: &mut BTreeSet<String>) {
    match value {
        Value::Null | Value::Bool(_) => {}
        Value::Number(n) => {
            held.insert(number(&n.to_string()));
        }
        Value::String(text) => held.extend(numbers(text)),
        Value::Array(values) => values.iter().for_each(|v| collect_numbers(v, held)),
        Value::Object(fields) => fields.values().for_each(|v| collect_numbers(v, held)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signs(facts: &[(&str, Value)], text: &str) -> Vec<&'static str> {
        let facts = Facts(
            facts
                .iter()
                .map(|(k, v)| ((*k).to_owned(), v.clone()))
                .collect(),
        );
        let today = NaiveDate::from_ymd_opt(2026, 11, 23);
        let read = Signs::read(&facts, text, today);
        read.signs.iter().map(|sign| SIGNS[*sign]).collect()
    }

    #[test]
    fn a_cost_is_said_or_it_is_not() {
        let fee = [("monthly_fee", Value::from(9))];
        assert_eq!(signs(&fee, "Free checking."), ["cost_unsaid", "any_unsaid"]);
        assert_eq!(
            signs(&fee, "It costs nine dollars."),
            ["cost_said", "all_said"]
        );
    }

    #[test]
    fn a_day_is_said_in_many_ways() {
        for (day, text) in [
            ("2026-11-24", "Tomorrow it's over."),
            ("2026-11-27", "Only until Friday."),
            ("2026-11-30", "You have a week from today."),
            ("2026-12-24", "Until Christmas Eve."),
            ("2026-11-30", "The offer lapses at the end of this month."),
            ("2027-01-31", "It ends on January 31."),
        ] {
            let found = signs(&[("ends_at", Value::from(day))], text);
            assert!(found.contains(&"end_said"), "{text} {found:?}");
        }
        let found = signs(
            &[("ends_at", Value::from("2026-12-10"))],
            "Only until Saturday.",
        );
        assert!(found.contains(&"end_open"), "{found:?}");
    }

    #[test]
    fn what_is_about_the_sending_shows_nothing() {
        let facts = [
            ("consent", Value::Null),
            ("firm_name", Value::from("Alder Bank")),
        ];
        assert!(signs(&facts, "Hello.").is_empty());
    }
}
