//! The customer as the caller describes them. Every field but an id is optional; unknown fields are kept and shown,
//! never trusted.

use super::jurisdiction::{Channel, Jurisdiction};
use super::remark::Remark;
use super::segment::Goal;
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// What the customer agreed to, and how.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Consents {
    pub email: Option<bool>,
    pub sms: Option<bool>,
    pub push: Option<bool>,
    pub profiling: Option<bool>,
}

/// A customer profile after validation.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Profile {
    pub id: String,
    pub name: Option<String>,
    pub email: Option<String>,
    pub phone: Option<String>,
    pub viewed_page: Option<String>,
    pub form_started: bool,
    pub scheduled: bool,
    pub attended: bool,
    pub age: Option<u32>,
    pub age_group: Option<String>,
    /// Hundredths of a per cent: `0.82` is 8,200.
    pub engagement_bp: Option<u32>,
    pub channel: Option<Channel>,
    pub jurisdiction: Option<Jurisdiction>,
    pub product: Option<String>,
    /// What the campaign wants; without it the segment table says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub goal: Option<Goal>,
    pub consents: Consents,
    pub opted_out: bool,
    pub locale: Option<String>,
    pub time_zone: Option<String>,
    /// Fields nobody here knows, as they came.
    pub extra: BTreeMap<String, Value>,
    /// Which fields were in the input, by the name used there.
    pub given: Vec<String>,
    /// What was read otherwise than it was written, or not at all.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub remarks: Vec<Remark>,
    /// The profile exactly as it came, for the vault.
    #[serde(skip)]
    pub raw: Value,
}

/// A field of a profile that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    pub field: String,
    pub problem: String,
}

const KNOWN: [&str; 22] = [
    "user_id",
    "id",
    "name",
    "email",
    "phone",
    "viewed_page",
    "last_event",
    "form_started",
    "scheduled",
    "attended",
    "age",
    "age_group",
    "engagement_score",
    "channel",
    "jurisdiction",
    "product",
    "goal",
    "consents",
    "opted_out",
    "locale",
    "time_zone",
    "properties",
];

/// The longest text a profile field may hold, in bytes.
pub const MAX_FIELD_BYTES: usize = 4_096;

impl Profile {
    /// Reads a profile from JSON. Flags are also looked for inside `properties`.
    ///
    /// # Errors
    /// The first field that cannot be read, with what was expected there.
    pub fn from_value(value: &Value) -> Result<Self, FieldError> {
        let object = value.as_object().ok_or_else(|| FieldError {
            field: "(whole profile)".into(),
            problem: format!("expected an object, found {}", kind_of(value)),
        })?;
        let empty = Map::new();
        let nested = match object.get("properties") {
            None | Some(Value::Null) => &empty,
            Some(Value::Object(map)) => map,
            Some(other) => return Err(wrong("properties", "an object", other)),
        };
        let fields = Fields { object, nested };
        let id = match fields.id("user_id")?.or(fields.id("id")?) {
            Some(id) if !id.trim().is_empty() => id.trim().to_owned(),
            _ => {
                return Err(FieldError {
                    field: "user_id".into(),
                    problem: "missing; give `user_id` or `id`".into(),
                });
            }
        };
        let channel = match fields.text("channel")? {
            None => None,
            Some(text) => Some(Channel::parse(&text).ok_or_else(|| FieldError {
                field: "channel".into(),
                problem: "expected email, sms or push".into(),
            })?),
        };
        Ok(Self {
            id,
            name: fields.text("name")?,
            email: fields.text("email")?,
            phone: fields.text_or_number("phone")?,
            viewed_page: fields.text("viewed_page")?.or(fields.text("last_event")?),
            form_started: fields.flag("form_started")?.unwrap_or(false),
            scheduled: fields.flag("scheduled")?.unwrap_or(false),
            attended: fields.flag("attended")?.unwrap_or(false),
            age: fields.age()?,
            age_group: fields.text_or_number("age_group")?,
            engagement_bp: fields.engagement()?,
            channel,
            jurisdiction: fields.text("jurisdiction")?.map(|t| Jurisdiction::new(&t)),
            product: fields.text("product")?,
            goal: fields.goal()?,
            consents: fields.consents()?,
            opted_out: fields.flag("opted_out")?.unwrap_or(false),
            locale: fields.text("locale")?,
            time_zone: fields.text("time_zone")?,
            extra: object
                .iter()
                .filter(|(key, _)| !KNOWN.contains(&key.as_str()))
                .map(|(key, value)| (key.clone(), value.clone()))
                .collect(),
            given: object.keys().cloned().collect(),
            remarks: Vec::new(),
            raw: value.clone(),
        })
    }

    /// The same customer for a campaign with this goal.
    #[must_use]
    pub fn with_goal(mut self, goal: Goal) -> Self {
        self.goal = Some(goal);
        if let Some(raw) = self.raw.as_object_mut() {
            raw.insert("goal".into(), goal.as_str().into());
        }
        self
    }

    /// A field as it came, from the profile or from within its `properties`; none if it is null or empty.
    pub fn field(&self, name: &str) -> Option<&Value> {
        let nested = self.raw.get("properties");
        let found = self.raw.get(name).or_else(|| nested?.get(name))?;
        let is_empty = found.is_null() || found.as_str().is_some_and(|text| text.trim().is_empty());
        (!is_empty).then_some(found)
    }

    /// The first word of the name: the only personal datum that may appear in this customer's message.
    pub fn given_name(&self) -> Option<&str> {
        self.name
            .as_deref()
            .and_then(|name| name.split_whitespace().next())
    }

    /// The least age that the profile proves: the age itself, or the lower end of an age group such as `13-17`.
    pub fn youngest_possible_age(&self) -> Option<u32> {
        self.age.or_else(|| {
            let group = self.age_group.as_deref()?.trim();
            if let Some(below) = group
                .strip_prefix("under ")
                .or_else(|| group.strip_prefix('<'))
            {
                return below
                    .trim()
                    .parse::<u32>()
                    .ok()
                    .map(|n| n.saturating_sub(1));
            }
            group
                .split(|c: char| !c.is_ascii_digit())
                .find(|digits| !digits.is_empty())?
                .parse()
                .ok()
        })
    }
}

struct Fields<'a> {
    object: &'a Map<String, Value>,
    nested: &'a Map<String, Value>,
}

impl Fields<'_> {
    fn find(&self, key: &str) -> Option<&Value> {
        self.object
            .get(key)
            .or_else(|| self.nested.get(key))
            .filter(|value| !value.is_null())
    }

    fn text(&self, key: &str) -> Result<Option<String>, FieldError> {
        match self.find(key) {
            None => Ok(None),
            Some(Value::String(text)) if text.len() > MAX_FIELD_BYTES => Err(FieldError {
                field: key.into(),
                problem: format!("longer than {MAX_FIELD_BYTES} bytes; shorten it"),
            }),
            Some(Value::String(text)) if text.trim().is_empty() => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.trim().to_owned())),
            Some(other) => Err(wrong(key, "text", other)),
        }
    }

    fn text_or_number(&self, key: &str) -> Result<Option<String>, FieldError> {
        match self.find(key) {
            Some(Value::Number(number)) => Ok(Some(number.to_string())),
            _ => self.text(key),
        }
    }

    fn id(&self, key: &str) -> Result<Option<String>, FieldError> {
        self.text_or_number(key)
    }

    fn flag(&self, key: &str) -> Result<Option<bool>, FieldError> {
        match self.find(key) {
            None => Ok(None),
            Some(value) => flag_of(value)
                .map(Some)
                .ok_or_else(|| wrong(key, "yes or no", value)),
        }
    }

    fn age(&self) -> Result<Option<u32>, FieldError> {
        match self.text_or_number("age")? {
            None => Ok(None),
            Some(text) => match text.parse::<u32>() {
                Ok(age) if age <= 130 => Ok(Some(age)),
                _ => Err(FieldError {
                    field: "age".into(),
                    problem: "expected whole years from 0 to 130".into(),
                }),
            },
        }
    }

    fn goal(&self) -> Result<Option<Goal>, FieldError> {
        let Some(text) = self.text("goal")? else {
            return Ok(None);
        };
        Goal::parse(&text).map(Some).ok_or_else(|| FieldError {
            field: "goal".into(),
            problem: "expected acquire, activate, retain or win_back".into(),
        })
    }

    fn engagement(&self) -> Result<Option<u32>, FieldError> {
        let Some(value) = self.find("engagement_score") else {
            return Ok(None);
        };
        match super::facts::value_ten_thousandths(value) {
            Some(bp @ 0..=10_000) => Ok(Some(u32::try_from(bp).unwrap_or(0))),
            _ => Err(FieldError {
                field: "engagement_score".into(),
                problem: "expected a number from 0 to 1".into(),
            }),
        }
    }

    fn consents(&self) -> Result<Consents, FieldError> {
        let map = match self.find("consents") {
            None => return Ok(Consents::default()),
            Some(Value::Object(map)) => map,
            Some(other) => {
                return Err(wrong(
                    "consents",
                    "an object such as {\"email\": true}",
                    other,
                ));
            }
        };
        let one = |key: &str| match map.get(key) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => flag_of(value)
                .map(Some)
                .ok_or_else(|| wrong(&format!("consents.{key}"), "yes or no", value)),
        };
        Ok(Consents {
            email: one("email")?,
            sms: one("sms")?,
            push: one("push")?,
            profiling: one("profiling")?,
        })
    }
}

/// Yes and no in the spellings that exports use.
pub fn flag_of(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(flag) => Some(*flag),
        Value::Number(number) => match number.as_u64() {
            Some(1) => Some(true),
            Some(0) => Some(false),
            _ => None,
        },
        Value::String(text) => match text.trim().to_lowercase().as_str() {
            "yes" | "y" | "true" | "t" | "1" | "on" => Some(true),
            "no" | "n" | "false" | "f" | "0" | "off" | "" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a yes/no value",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

fn wrong(field: &str, expected: &str, found: &Value) -> FieldError {
    FieldError {
        field: field.to_owned(),
        problem: format!("expected {expected}, found {}", kind_of(found)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn flags_are_read_in_any_spelling_and_from_properties() {
        let profile = Profile::from_value(&json!({
            "id": "c1", "last_event": "payment_plans",
            "properties": {"form_started": "YES", "scheduled": 0, "attended": "f"}
        }))
        .unwrap();
        assert!(profile.form_started && !profile.scheduled && !profile.attended);
        assert_eq!(profile.viewed_page.as_deref(), Some("payment_plans"));
    }

    #[test]
    fn a_wrong_field_is_named_without_repeating_its_value() {
        let error = Profile::from_value(&json!({"id": "c1", "form_started": "maybe"})).unwrap_err();
        assert_eq!(error.field, "form_started");
        assert!(!error.problem.contains("maybe"));
        let error = Profile::from_value(&json!({"name": "Ann"})).unwrap_err();
        assert_eq!(error.field, "user_id");
        assert!(Profile::from_value(&json!([1])).is_err());
    }

    #[test]
    fn unknown_fields_are_kept_and_age_groups_read() {
        let profile =
            Profile::from_value(&json!({"user_id": 7, "age_group": "13-17", "loyalty": "gold"}))
                .unwrap();
        assert_eq!(profile.id, "7");
        assert_eq!(profile.youngest_possible_age(), Some(13));
        assert_eq!(profile.extra["loyalty"], "gold");
    }
}
