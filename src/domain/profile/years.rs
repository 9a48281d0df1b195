//! How old a customer is, by all that a profile says of it: the youngest holds.

use super::age::{self, Age};
use super::birth::{self, Birth};
use super::consent::shown;
use super::known::Means;
use super::leaf::{Leaf, squash};
use super::sense::{self, Sense};
use crate::domain::finding::Disposition;
use crate::domain::remark::{Remark, Topic};
use chrono::NaiveDate;
use serde_json::Value;

/// What a profile says of its customer's age.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Years {
    said: Vec<(String, Age)>,
    birth: Option<Birth>,
}

impl Years {
    /// Takes in one field that its name makes an age, a birth or a flag of one.
    pub(super) fn hear(&mut self, leaf: &Leaf, means: &Means, remarks: &mut Vec<Remark>) {
        let values = match &leaf.value {
            Value::Array(list) => list.iter().collect(),
            one => vec![one],
        };
        for value in values {
            let understood = match means {
                Means::Age => self.age(leaf, value),
                Means::Birth => self.birth(value),
                Means::Minor => self.flag(leaf, value, &[Sense::Yes, Sense::In], &[Sense::No]),
                Means::Adult => self.flag(
                    leaf,
                    value,
                    &[Sense::No],
                    &[Sense::Yes, Sense::In, Sense::Day],
                ),
                _ => true,
            };
            if !understood {
                remarks.push(Remark::new(
                    Topic::Intake,
                    Disposition::Review,
                    shown(&leaf.name),
                    "says something of an age that is not understood",
                    "a person must look",
                ));
            }
        }
    }

    fn age(&mut self, leaf: &Leaf, value: &Value) -> bool {
        let text = match value {
            Value::Null => return true,
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            _ => return false,
        };
        match age::read(&text) {
            age::Said::Age(age) => {
                // A range as an object: `{"min": 25, "max": 34}`.
                let age = match squash(leaf.last()).as_str() {
                    "min" | "from" | "lower" if leaf.path.len() > 1 => Age { most: None, ..age },
                    "max" | "to" | "upper" if leaf.path.len() > 1 => Age { least: None, ..age },
                    _ => age,
                };
                self.said.push((leaf.name.clone(), age));
                true
            }
            age::Said::Nothing => true,
            age::Said::Unclear => false,
        }
    }

    fn birth(&mut self, value: &Value) -> bool {
        let text = match value {
            Value::Null => return true,
            Value::String(text) if sense::of(value) == Sense::Nothing || text.trim().is_empty() => {
                return true;
            }
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            _ => return false,
        };
        match birth::read(&text) {
            birth::Said::Born(birth) => {
                self.birth = Some(self.birth.take().unwrap_or_default().or(birth));
                true
            }
            birth::Said::NoYear => true,
            birth::Said::Unclear => false,
        }
    }

    fn flag(&mut self, leaf: &Leaf, value: &Value, minor: &[Sense], grown: &[Sense]) -> bool {
        let sense = sense::of(value);
        if minor.contains(&sense) {
            self.said.push((leaf.name.clone(), Age::MINOR));
        }
        minor.contains(&sense) || grown.contains(&sense) || sense == Sense::Nothing
    }

    /// What must be told of it all together: two statements that cannot both be true, or one that leaves a minor open.
    pub(super) fn settle(&self, remarks: &mut Vec<Remark>) {
        let is_grown =
            |(_, age): &(String, Age)| age.least.is_some_and(|least| least >= age::OF_AGE);
        let grown = self.said.iter().any(is_grown);
        for (name, age) in &self.said {
            if age.may_be_minor() && !grown {
                remarks.push(Remark::new(
                    Topic::Intake,
                    Disposition::Review,
                    shown(name),
                    "may be somebody under age",
                    "a person must look",
                ));
            }
        }
        for (at, (name, age)) in self.said.iter().enumerate() {
            let against = self.said[..at]
                .iter()
                .find(|(_, other)| !age.agrees_with(*other));
            if let Some((other, _)) = against {
                remarks.push(Remark::new(
                    Topic::Intake,
                    Disposition::Review,
                    shown(name),
                    format!("another age than {}", shown(other)),
                    "the younger holds",
                ));
            }
        }
    }

    /// The youngest that the customer may be on a day; without a day only by what needs none.
    pub fn youngest(&self, day: Option<NaiveDate>) -> Option<u32> {
        let said = self.said.iter().filter_map(|(_, age)| age.youngest()).min();
        // A birth that is still to come is none; the rules for the youngest hold.
        let born = self
            .birth
            .as_ref()
            .zip(day)
            .map(|(birth, day)| birth.youngest_on(day).unwrap_or(0));
        said.into_iter().chain(born).min()
    }
}
