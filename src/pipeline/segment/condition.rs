//! What a table asks of a profile: conditions on its fields and on scores, each field that is looked at remembered.

use crate::domain::facts::value_ten_thousandths;
use crate::domain::profile::{FieldReader, Profile, flag_of};
use chrono::NaiveDate;
use serde::Deserialize;
use serde_json::Value;

const NUMBER: &str = "number";
const DATE: &str = "day up to now (2026-11-23)";

/// One condition. Of a field or a score that is not known nothing holds but `known = false`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct SegmentCondition {
    /// A field of the profile.
    pub field: Option<String>,
    /// The name of a score instead of a field's.
    pub score: Option<String>,
    /// Whether it is known at all.
    known: Option<bool>,
    /// Yes or no, in any spelling; a number; or a text, whatever its case.
    is: Option<toml::Value>,
    /// Any of these texts.
    one_of: Vec<String>,
    /// At least this number.
    least: Option<f64>,
    /// At most this number.
    most: Option<f64>,
    /// A date at most, or more than, so many days ago. One that is still to come is neither.
    within_days: Option<i64>,
    /// A date more than so many days ago.
    longer_ago_than_days: Option<i64>,
}

/// Whether all of `all` hold, and one of `any` where there are some.
pub(super) fn hold(
    all: &[SegmentCondition],
    any: &[SegmentCondition],
    reader: &mut ConditionReader<'_>,
) -> bool {
    // Each is looked at in its order until the answer is known, so that what was read is the same every time.
    let all = all.iter().all(|c| c.holds(reader));
    all && (any.is_empty() || any.iter().any(|c| c.holds(reader)))
}

/// A score from 1 to 5 by where a field's value falls among four steps.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Score {
    /// The name that conditions call it by.
    pub id: String,
    /// The field of the profile.
    pub field: String,
    /// 1 below the first, 5 from the last.
    #[serde(default)]
    pub steps: Vec<f64>,
    /// 5 within so many days, 1 longer ago than the last.
    #[serde(default)]
    pub steps_days: Vec<i64>,
}

impl Score {
    /// Why it is none, if it is not.
    pub fn problem(&self) -> Option<&'static str> {
        let counts = (self.steps.len(), self.steps_days.len());
        if !matches!(counts, (4, 0) | (0, 4)) {
            return Some("needs four `steps` or four `steps_days`");
        }
        let sorted = self.steps.is_sorted() && self.steps_days.is_sorted();
        (!sorted).then_some("has steps that do not grow")
    }

    fn of(&self, reader: &mut ConditionReader<'_>) -> Option<i64> {
        let value = reader.read(&self.field)?;
        let passed = if self.steps_days.is_empty() {
            let value = value_ten_thousandths(value);
            let value = reader.as_kind(&self.field, NUMBER, value)?;
            self.steps
                .iter()
                .filter(|step| value >= ten_thousandths(**step))
                .count()
        } else {
            let ago = days_ago(value, reader.day);
            let ago = reader.as_kind(&self.field, DATE, ago)?;
            self.steps_days.iter().filter(|step| ago <= **step).count()
        };
        i64::try_from(passed + 1).ok()
    }
}

/// A profile on a day, and which of its fields were looked at.
pub(super) struct ConditionReader<'p> {
    fields: FieldReader<'p>,
    day: NaiveDate,
    scores: &'p [Score],
    read: Vec<String>,
    /// Fields that hold something else than a condition or a score asks for.
    unread: Vec<String>,
}

impl<'p> ConditionReader<'p> {
    pub fn of(profile: &'p Profile, day: NaiveDate, scores: &'p [Score]) -> Self {
        Self {
            fields: profile.fields(),
            day,
            scores,
            read: Vec::new(),
            unread: Vec::new(),
        }
    }

    /// A value that is there must be of this kind, or it is told.
    fn as_kind<T>(&mut self, field: &str, kind: &str, value: Option<T>) -> Option<T> {
        let said = format!("{field} is no {kind}");
        if value.is_none() && !self.unread.contains(&said) {
            self.unread.push(said);
        }
        value
    }

    /// Takes note that a field was looked at.
    pub fn note(&mut self, field: &str) {
        if !self.read.iter().any(|known| known == field) {
            self.read.push(field.to_owned());
        }
    }

    fn read(&mut self, field: &str) -> Option<&'p Value> {
        self.note(field);
        self.fields.field(field)
    }

    pub fn score(&mut self, id: &str) -> Option<i64> {
        let score = self.scores.iter().find(|score| score.id == id)?;
        score.of(self)
    }

    /// What could not be read, in words.
    pub fn unread(&self) -> &[String] {
        &self.unread
    }

    pub fn into_read(self) -> Vec<String> {
        self.read
    }
}

impl SegmentCondition {
    /// The condition that a flag is set.
    pub fn flag(name: &str) -> Self {
        Self {
            field: Some(name.to_owned()),
            is: Some(toml::Value::Boolean(true)),
            ..Self::default()
        }
    }

    /// Why it is none, if it is not.
    pub fn problem(&self, scores: &[Score]) -> Option<String> {
        let known = |id: &String| scores.iter().any(|score| score.id == *id);
        match (&self.field, &self.score) {
            (None, Some(id)) if !known(id) => return Some(format!("there is no score {id}")),
            (Some(_), None) | (None, Some(_)) => {}
            _ => return Some("a condition is on a `field` or on a `score`".into()),
        }
        let asked = [
            self.known.is_some(),
            self.is.is_some(),
            !self.one_of.is_empty(),
            self.least.is_some() || self.most.is_some(),
            self.within_days.is_some() || self.longer_ago_than_days.is_some(),
        ];
        (asked.into_iter().filter(|asked| *asked).count() != 1).then(|| {
            let name = self.field.as_ref().or(self.score.as_ref());
            format!(
                "the condition on {} asks for none, or more than one, of known, is, one_of, least and most, within_days and longer_ago_than_days",
                name.map_or("", String::as_str)
            )
        })
    }

    pub fn holds(&self, reader: &mut ConditionReader<'_>) -> bool {
        if let Some(id) = &self.score {
            let score = reader.score(id);
            return match (score, self.known) {
                (score, Some(known)) => score.is_some() == known,
                (Some(score), None) => self.is_between(10_000 * score),
                (None, None) => false,
            };
        }
        let Some(field) = &self.field else {
            return false;
        };
        let value = reader.read(field);
        match (value, self.known) {
            (value, Some(known)) => value.is_some() == known,
            (None, None) => false,
            (Some(value), None) => self.suits(field, value, reader),
        }
    }

    fn is_between(&self, value: i64) -> bool {
        self.least
            .is_none_or(|least| value >= ten_thousandths(least))
            && self.most.is_none_or(|most| value <= ten_thousandths(most))
    }

    fn suits(&self, field: &str, value: &Value, reader: &mut ConditionReader<'_>) -> bool {
        if let Some(is) = &self.is {
            return match is {
                toml::Value::Boolean(wanted) => flag_of(value) == Some(*wanted),
                toml::Value::Integer(wanted) => {
                    value_ten_thousandths(value) == wanted.checked_mul(10_000)
                }
                other => is_text(value, other.as_str().unwrap_or_default()),
            };
        }
        if !self.one_of.is_empty() {
            return self.one_of.iter().any(|wanted| is_text(value, wanted));
        }
        if self.least.is_some() || self.most.is_some() {
            let value = reader.as_kind(field, NUMBER, number(value));
            return value.is_some_and(|value| self.is_between(value));
        }
        let ago = days_ago(value, reader.day);
        let Some(ago) = reader.as_kind(field, DATE, ago) else {
            return false;
        };
        self.within_days.is_none_or(|days| ago <= days)
            && self.longer_ago_than_days.is_none_or(|days| ago > days)
    }
}

fn is_text(value: &Value, wanted: &str) -> bool {
    let text = value.as_str().map(|text| text.trim().to_lowercase());
    text.is_some_and(|text| text == wanted.to_lowercase())
}

/// A number, or how many a list has.
fn number(value: &Value) -> Option<i64> {
    match value {
        Value::Array(list) => i64::try_from(list.len()).ok()?.checked_mul(10_000),
        other => value_ten_thousandths(other),
    }
}

/// Days from a date to the day of the run; none for what is no date, or still to come.
fn days_ago(value: &Value, day: NaiveDate) -> Option<i64> {
    let date: NaiveDate = value.as_str()?.trim().get(..10)?.parse().ok()?;
    let ago = (day - date).num_days();
    (ago >= 0).then_some(ago)
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a step in a table; beyond the range it is never reached"
)]
fn ten_thousandths(step: f64) -> i64 {
    (step * 10_000.0).round() as i64
}
