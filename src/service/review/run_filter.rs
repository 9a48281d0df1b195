//! Words that pick runs: the same in the queue of the desk and on the command line.

use super::days::{TimeWordError, named_day, stretch};
use crate::ledger::summary::RunSummary;
use crate::service::audit::told::{Titles, title};
use chrono::{DateTime, Utc};

/// The words that name a field.
pub const FIELDS: [&str; 13] = [
    "run", "who", "with", "customer", "segment", "product", "channel", "place", "state", "rule",
    "finding", "decision", "reason",
];

/// Conditions that must all hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunFilter(Vec<RunWord>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum RunWord {
    Says { field: String, part: String },
    Since(DateTime<Utc>),
    Until(DateTime<Utc>),
}

impl RunFilter {
    /// Reads words such as `product:savings place:uk yesterday consent`; case does not matter. Times are those of the start.
    ///
    /// # Errors
    /// A time that is none.
    pub fn parse(text: &str, now: DateTime<Utc>) -> Result<Self, TimeWordError> {
        let mut words = Vec::new();
        for word in text.split_whitespace() {
            let lower = word.to_lowercase();
            if let Some(day) = named_day(&lower, now).filter(|_| is_day_alone(&lower)) {
                words.extend([RunWord::Since(day.from), RunWord::Until(day.to)]);
                continue;
            }
            match lower.split_once(':') {
                Some(("since", value)) => words.push(RunWord::Since(stretch(value, now)?.from)),
                Some(("until", value)) => words.push(RunWord::Until(stretch(value, now)?.to)),
                Some(("verdict", value)) => words.push(says("state", value)),
                Some((field, value)) if FIELDS.contains(&field) => words.push(says(field, value)),
                _ => words.push(says("", &lower)),
            }
        }
        Ok(Self(words))
    }

    /// The words that can be asked for, for a person to read.
    pub const WORDS: [&'static str; 3] = [
        "product: customer: place: channel: finding: rule: state: who: with: run:",
        "since:2h since:monday until:2026-11-23 yesterday 2026-11-23",
        "any other word is looked for as it stands, in all runs",
    ];

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn matches(&self, run: &RunSummary, titles: &Titles) -> bool {
        let started = || {
            let time = DateTime::parse_from_rfc3339(&run.started).ok()?;
            Some(time.to_utc())
        };
        self.0.iter().all(|word| match word {
            RunWord::Since(since) => started().is_some_and(|time| time >= *since),
            RunWord::Until(until) => started().is_some_and(|time| time <= *until),
            RunWord::Says { field, part } => {
                field_of(run, field, titles).to_lowercase().contains(part)
            }
        })
    }
}

/// A weekday alone may be a word of a title: only these and dates are days by themselves.
pub(super) fn is_day_alone(word: &str) -> bool {
    matches!(word, "today" | "yesterday") || word.starts_with(|c: char| c.is_ascii_digit())
}

fn says(field: &str, part: &str) -> RunWord {
    let (field, part) = (field.to_owned(), part.to_owned());
    RunWord::Says { field, part }
}

fn field_of(run: &RunSummary, field: &str, titles: &Titles) -> String {
    let rules = || {
        run.rules
            .iter()
            .chain(&run.asks)
            .map(|(rule, _)| rule.as_str())
    };
    let named = || rules().map(|rule| title(rule, titles));
    match field {
        "run" => run.run.clone(),
        "who" => format!("{} {}", run.by, run.decided_by),
        "with" => run.claimed.clone(),
        "customer" => run.subject.clone(),
        "segment" => run.segment.clone(),
        "product" => run.product.clone(),
        "channel" => run.channel.clone(),
        "place" => run.jurisdiction.clone(),
        "state" => run.state.as_str().to_owned(),
        "rule" => rules().collect::<Vec<_>>().join(" "),
        "finding" => named().collect::<Vec<_>>().join(" "),
        "decision" => run.decision.clone(),
        "reason" => format!("{} {}", run.reason, run.why),
        _ => {
            let all = FIELDS.map(|field| field_of(run, field, titles));
            all.join(" ")
        }
    }
}
