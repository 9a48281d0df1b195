//! Words that pick entries: the same in the desk and on the command line.

use crate::error::Result;
use crate::ledger::entry::Entry;
use crate::ledger_search::{SearchCondition, SearchField, begins_words};
use crate::service::audit::archive::says;
use crate::service::audit::{entries, told};
use crate::service::home::workspace::Workspace;
use crate::service::review::days::{TimeWordError, named_day, stretch};
use crate::service::review::run_filter::is_day_alone;
use chrono::{DateTime, Utc};

/// Conditions that must all hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter(Vec<FilterWord>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum FilterWord {
    /// Of a value, any part; of a text, the beginning of a word.
    Says(SearchCondition),
    Since(DateTime<Utc>),
    Until(DateTime<Utc>),
    /// What somebody decided, or did about a decision.
    Decision,
}

/// A word of a filter that asks for nothing that there is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FilterError {
    #[error(transparent)]
    Time(#[from] TimeWordError),
    #[error("verdict: is block, review or pass")]
    Verdict,
    #[error("is: is decision")]
    Is,
}

impl Filter {
    /// Reads words such as `who:okafor what:override since:2h late fee`; case does not matter.
    ///
    /// # Errors
    /// A time that is none, or a verdict that is none. A word before a colon that is not known is
    /// looked for as it stands.
    pub fn parse(text: &str, now: DateTime<Utc>) -> std::result::Result<Self, FilterError> {
        let mut words = Vec::new();
        for word in text.split_whitespace() {
            let lower = word.to_lowercase();
            // A day alone is all of it.
            if let Some(day) = named_day(&lower, now).filter(|_| is_day_alone(&lower)) {
                words.extend([FilterWord::Since(day.from), FilterWord::Until(day.to)]);
            } else {
                words.push(FilterWord::parse(&lower, now)?);
            }
        }
        Ok(Self(words))
    }

    /// The words that can be asked for, for a person to read.
    pub const WORDS: [&str; 3] = [
        "who: what: run: customer: segment: rule: reason: text: verdict:block",
        "is:decision since:2h since:monday until:2026-11-23 yesterday 2026-11-23",
        "any other word is looked for as it stands, in the whole record",
    ];

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The earliest time that can match: older entries need not be read.
    pub fn earliest(&self) -> Option<DateTime<Utc>> {
        self.0
            .iter()
            .filter_map(|word| match word {
                FilterWord::Since(time) => Some(*time),
                _ => None,
            })
            .max()
    }

    /// Whether it asks for words of messages.
    pub fn looks_into_messages(&self) -> bool {
        self.clauses()
            .iter()
            .any(|clause| clause.aspect == SearchField::Text)
    }

    /// What the index of past entries is asked for.
    pub(in crate::service) fn clauses(&self) -> Vec<SearchCondition> {
        self.0.iter().filter_map(FilterWord::clause).collect()
    }

    /// Whether an entry matches. `filed`: the index has said so of the words of messages.
    pub fn matches(&self, entry: &Entry, filed: bool) -> bool {
        let said = says(entry);
        self.0.iter().all(|word| word.matches(entry, &said, filed))
    }

    /// Where the entries after the time of `until:` begin, found by halving: times go forward with the numbers.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub(in crate::service) fn until_seq(&self, workspace: &Workspace) -> Result<Option<u64>> {
        let until = self.0.iter().filter_map(|word| match word {
            FilterWord::Until(time) => Some(*time),
            _ => None,
        });
        let Some(until) = until.min() else {
            return Ok(None);
        };
        let (mut low, mut high) = (0, workspace.log()?.head()?.size);
        while low < high {
            let middle = low + (high - low) / 2;
            let entry = entries(workspace, middle + 1, 1)?.pop();
            let after = entry.is_some_and(|entry| {
                DateTime::parse_from_rfc3339(&entry.time).is_ok_and(|time| time > until)
            });
            if after {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        Ok(Some(low))
    }
}

impl FilterWord {
    fn parse(lower: &str, now: DateTime<Utc>) -> std::result::Result<Self, FilterError> {
        let says = |aspect, part: &str| {
            let part = part.to_owned();
            Self::Says(SearchCondition { aspect, part })
        };
        let Some((name, value)) = lower.split_once(':') else {
            return Ok(says(SearchField::Any, lower));
        };
        Ok(match name {
            "who" => says(SearchField::Who, value),
            "what" => says(SearchField::What, value),
            "run" => says(SearchField::Run, value),
            "customer" => says(SearchField::Customer, value),
            "segment" => says(SearchField::Segment, value),
            "rule" => says(SearchField::Rule, value),
            "reason" => says(SearchField::Reason, value),
            "text" => says(SearchField::Text, value),
            "verdict" if ["block", "review", "pass"].contains(&value) => {
                says(SearchField::Verdict, value)
            }
            "verdict" => return Err(FilterError::Verdict),
            "is" if "decisions".starts_with(value) && value.len() > 2 => Self::Decision,
            "is" => return Err(FilterError::Is),
            "since" => Self::Since(stretch(value, now)?.from),
            "until" => Self::Until(stretch(value, now)?.to),
            _ => says(SearchField::Any, lower),
        })
    }

    /// What the index is asked for; nothing for words of time.
    fn clause(&self) -> Option<SearchCondition> {
        match self {
            Self::Says(clause) => Some(clause.clone()),
            Self::Since(_) | Self::Until(_) | Self::Decision => None,
        }
    }

    fn matches(&self, entry: &Entry, said: &[(SearchField, String)], filed: bool) -> bool {
        let time = || {
            DateTime::parse_from_rfc3339(&entry.time)
                .ok()
                .map(|time| time.with_timezone(&Utc))
        };
        let clause = match self {
            Self::Since(since) => return time().is_some_and(|time| time >= *since),
            Self::Until(until) => return time().is_some_and(|time| time <= *until),
            Self::Decision => return told::is_decision(entry.kind()),
            Self::Says(clause) => clause,
        };
        let words = matches!(clause.aspect, SearchField::Reason | SearchField::Any);
        match clause.aspect {
            // Messages are sealed: only the index knows their words.
            SearchField::Text => filed,
            SearchField::Verdict => said
                .iter()
                .any(|(aspect, text)| *aspect == SearchField::Verdict && *text == clause.part),
            aspect => said.iter().filter(|(a, _)| *a == aspect).any(|(_, text)| {
                if words {
                    begins_words(text, &clause.part)
                } else {
                    text.to_lowercase().contains(&clause.part)
                }
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn entry(kind: &str, data: Value) -> Entry {
        serde_json::from_value(json!({
            "v": 1, "seq": 7, "prev": "", "id": "x", "time": "2026-11-23T14:05:12.5Z", "actor": "m.okafor",
            "role": "officer", "type": kind, "run": "r-1284", "subject": "s-77", "data": data,
        }))
        .unwrap()
    }

    #[test]
    fn every_word_finds_what_it_names_and_nothing_else() {
        let now = DateTime::parse_from_rfc3339("2026-11-23T15:00:00Z")
            .unwrap()
            .to_utc();
        let decision = entry(
            "override",
            json!({"kind": "override", "against": ["CLM-007"], "code": "legal cleared",
                "note": "x\nreason Cleared by counsel\n"}),
        );
        let gate = entry(
            "gate.result",
            json!({"rules": {"SUP-001": 2}, "blocked": 1, "passed": 0}),
        );
        let found =
            |words: &str, entry: &Entry| Filter::parse(words, now).unwrap().matches(entry, false);
        for words in [
            "",
            "who:OKAFOR",
            "what:over",
            "run:1284",
            "customer:77",
            "rule:clm",
            "reason:counsel",
            "reason:legal",
            "since:1h",
            "since:2026-11-23",
            "until:2026-11-23T14:06:00Z",
            "until:2026-11-23",
            "2026-11-23",
            "today",
            "since:yesterday",
            "since:monday",
            "is:decision",
            "cleared",
            "who:okafor what:override since:55m",
            "legal cleared",
        ] {
            assert!(found(words, &decision), "{words}");
        }
        for words in [
            "who:ruiz",
            "what:approve",
            "rule:SUP",
            "since:54m",
            "until:2026-11-22",
            "yesterday",
            "2026-11-22",
            "verdict:block",
            "segment:browsing",
            "who:okafor what:reject",
        ] {
            assert!(!found(words, &decision), "{words}");
        }
        assert!(found("rule:sup-001 verdict:block", &gate) && !found("verdict:pass", &gate));
        for bad in [
            "since:soon",
            "since:99999999999999w",
            "verdict:maybe",
            "until:",
            "is:odd",
        ] {
            assert!(Filter::parse(bad, now).is_err(), "{bad}");
        }
    }
}
