//! Words that pick entries: the same in the desk and on the command line.

use crate::ledger::entry::Entry;
use chrono::{DateTime, Duration, Utc};
use serde_json::Value;

/// Conditions that must all hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter(Vec<Word>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Word {
    Who(String),
    What(String),
    Run(String),
    Customer(String),
    Segment(String),
    Rule(String),
    Verdict(String),
    Reason(String),
    Since(DateTime<Utc>),
    Until(DateTime<Utc>),
    /// Anywhere in what the entry says in the open.
    Any(String),
}

impl Filter {
    /// Reads words such as `who:okafor what:override since:2h late fee`; case does not matter.
    ///
    /// # Errors
    /// A time that is none, or a verdict that is none: a sentence to show. A word before a colon that is not known is
    /// looked for as it stands.
    pub fn parse(text: &str, now: DateTime<Utc>) -> Result<Self, String> {
        text.split_whitespace()
            .map(|word| {
                let lower = word.to_lowercase();
                let Some((name, value)) = lower.split_once(':') else {
                    return Ok(Word::Any(lower));
                };
                let value = value.to_owned();
                Ok(match name {
                    "who" => Word::Who(value),
                    "what" => Word::What(value),
                    "run" => Word::Run(value),
                    "customer" => Word::Customer(value),
                    "segment" => Word::Segment(value),
                    "rule" => Word::Rule(value),
                    "reason" => Word::Reason(value),
                    "verdict" if ["block", "review", "pass"].contains(&value.as_str()) => {
                        Word::Verdict(value)
                    }
                    "verdict" => return Err("verdict: is block, review or pass".into()),
                    "since" => Word::Since(moment(word, now)?),
                    "until" => Word::Until(moment(word, now)?),
                    _ => Word::Any(lower),
                })
            })
            .collect::<Result<_, _>>()
            .map(Self)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The earliest time that can match: older entries need not be read.
    pub fn earliest(&self) -> Option<DateTime<Utc>> {
        self.0
            .iter()
            .filter_map(|word| match word {
                Word::Since(time) => Some(*time),
                _ => None,
            })
            .max()
    }

    pub fn matches(&self, entry: &Entry) -> bool {
        self.0.iter().all(|word| word.matches(entry))
    }
}

/// A day, which is its first moment in UTC, or a time (RFC 3339).
pub(super) fn day_or_time(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(text)
        .or_else(|_| DateTime::parse_from_rfc3339(&format!("{text}T00:00:00Z")))
        .ok()
        .map(|time| time.to_utc())
}

/// `2h`, `3d`, `2w`, a day, or a time.
fn moment(word: &str, now: DateTime<Utc>) -> Result<DateTime<Utc>, String> {
    let text = word.split_once(':').map_or("", |(_, value)| value);
    let span = text.char_indices().last().and_then(|(at, unit)| {
        let count: i64 = text[..at].parse().ok()?;
        match unit {
            'm' => Duration::try_minutes(count),
            'h' => Duration::try_hours(count),
            'd' => Duration::try_days(count),
            'w' => Duration::try_weeks(count),
            _ => None,
        }
    });
    if let Some(span) = span {
        return now
            .checked_sub_signed(span)
            .ok_or_else(|| format!("{text} is too long ago"));
    }
    // Words are in small letters by now.
    day_or_time(&text.to_uppercase())
        .ok_or_else(|| "a time is 2h, 3d, 2w, 2026-11-23 or 2026-11-23T10:00:00Z".to_owned())
}

impl Word {
    fn matches(&self, entry: &Entry) -> bool {
        let holds = |text: &str, part: &String| text.to_lowercase().contains(part);
        let data = |name: &str, part: &String| entry.text(name).is_some_and(|t| holds(t, part));
        let time = || {
            DateTime::parse_from_rfc3339(&entry.time)
                .ok()
                .map(|time| time.with_timezone(&Utc))
        };
        match self {
            Self::Who(part) => holds(&entry.actor, part),
            Self::What(part) => holds(entry.kind.as_str(), part) || data("kind", part),
            Self::Run(part) => entry.run.as_deref().is_some_and(|run| holds(run, part)),
            Self::Customer(part) => {
                entry.subject.as_deref().is_some_and(|s| holds(s, part)) || data("subject", part)
            }
            Self::Segment(part) => data("segment", part),
            Self::Rule(part) => {
                let rules = entry.data.get("rules").and_then(Value::as_object);
                rules.is_some_and(|map| map.keys().any(|rule| holds(rule, part)))
                    || data("rule", part)
                    || entry
                        .data
                        .get("against")
                        .is_some_and(|list| holds(&list.to_string(), part))
            }
            Self::Verdict(part) => {
                let name = match part.as_str() {
                    "block" => "blocked",
                    "pass" => "passed",
                    other => other,
                };
                entry.data.get(name).and_then(Value::as_u64).unwrap_or(0) > 0
            }
            Self::Reason(part) => {
                let signed = entry
                    .text("note")
                    .and_then(|note| note.lines().find_map(|line| line.strip_prefix("reason ")));
                data("reason", part) || data("code", part) || signed.is_some_and(|t| holds(t, part))
            }
            Self::Since(since) => time().is_some_and(|time| time >= *since),
            Self::Until(until) => time().is_some_and(|time| time <= *until),
            Self::Any(part) => {
                holds(&entry.actor, part)
                    || holds(entry.kind.as_str(), part)
                    || entry.run.as_deref().is_some_and(|run| holds(run, part))
                    || entry.data.values().any(|value| match value {
                        Value::String(text) => holds(text, part),
                        other => holds(&other.to_string(), part),
                    })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

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
        let found = |words: &str, entry: &Entry| Filter::parse(words, now).unwrap().matches(entry);
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
            "until:2026-11-23",
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
        ] {
            assert!(Filter::parse(bad, now).is_err(), "{bad}");
        }
    }
}
