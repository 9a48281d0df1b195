//! The customer as the caller describes them. Every field but an id is optional; unknown fields are kept and shown,
//! never trusted.
//!
//! Field names are read in any spelling, wherever an export put them. What says something of a consent, an opt-out or an
//! age and is not understood is told in a remark that asks for a review; a stated no holds against every yes.

mod address;
mod age;
mod birth;
mod consent;
mod fields;
pub mod json;
mod known;
mod leaf;
mod name;
mod residence;
mod sense;
mod words;
mod years;

use super::finding::Disposition;
use super::jurisdiction::{Channel, Jurisdiction};
use super::remark::{Remark, Topic};
use super::segment::Goal;
use chrono::NaiveDate;
pub use fields::FieldReader;
use fields::{ProfileFields, wrong};
use known::Means;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;

pub use age::Age;
pub use known::{Scope, System, systems};
pub use leaf::squash;
pub use sense::EMPTY;
pub use years::Years;

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
    /// How old the customer is, by all fields that say something of it.
    #[serde(skip)]
    pub years: Years,
    /// The given name as it may be greeted.
    #[serde(skip)]
    greeted: Option<String>,
    /// First and last name from fields of their own.
    #[serde(skip)]
    full_name: Option<String>,
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

/// Fields that are read as such, without case and signs; every other one is kept.
const KNOWN: [&str; 22] = [
    "userid",
    "id",
    "name",
    "email",
    "phone",
    "viewedpage",
    "lastevent",
    "formstarted",
    "scheduled",
    "attended",
    "age",
    "agegroup",
    "engagementscore",
    "channel",
    "jurisdiction",
    "product",
    "goal",
    "consents",
    "optedout",
    "locale",
    "timezone",
    "properties",
];

/// The longest text a profile field may hold, in bytes.
pub const MAX_FIELD_BYTES: usize = 4_096;

/// What exports of customer systems call the customer's id, the surest first.
const OTHER_IDS: [&str; 14] = [
    "customer_id",
    "contact_id",
    "record_id",
    "person_id",
    "member_id",
    "subscriber_id",
    "subscriber_key",
    "profile_id",
    "lead_id",
    "client_id",
    "external_id",
    "customer_number",
    "euid",
    "leid",
];

const GIVEN_NAME: [&str; 5] = ["given_name", "first_name", "fname", "forename", "vorname"];
const FAMILY_NAME: [&str; 5] = ["family_name", "last_name", "lname", "surname", "nachname"];

/// An id under another system's name for it, which is told.
fn id_elsewhere(
    fields: &ProfileFields<'_>,
    remarks: &mut Vec<Remark>,
) -> Result<Option<String>, FieldError> {
    let Some((key, _)) = fields.find(&OTHER_IDS) else {
        return Ok(None);
    };
    let field = consent::shown(key);
    let done = "read as the customer's id";
    remarks.push(Remark::new(
        Topic::Intake,
        Disposition::Info,
        field,
        "there is no `user_id`",
        done,
    ));
    fields.id(&OTHER_IDS)
}

impl Profile {
    /// Where the customer is, by locale, zone and, if asked, phone: nothing else of them.
    #[must_use]
    pub fn place_alone(&self, with_phone: bool) -> Self {
        Self {
            locale: self.locale.clone(),
            time_zone: self.time_zone.clone(),
            phone: self.phone.clone().filter(|_| with_phone),
            ..Self::default()
        }
    }

    /// Reads a profile from JSON, as [`json::read`] gives it.
    ///
    /// # Errors
    /// The first field that cannot be read, with what was expected there.
    pub fn from_value(value: &Value) -> Result<Self, FieldError> {
        let object = value.as_object().ok_or_else(|| {
            let FieldError { problem, .. } = wrong("", "an object", value);
            FieldError {
                field: "(whole profile)".into(),
                problem,
            }
        })?;
        if let Some(other) = object.get("properties")
            && !matches!(other, Value::Null | Value::Object(_))
            && !other
                .as_str()
                .is_some_and(|text| text.trim().is_empty() || text.trim_start().starts_with('{'))
        {
            return Err(wrong("properties", "an object", other));
        }
        let fields = ProfileFields::of(object);
        let own = fields.id(&["user_id"])?.or(fields.id(&["id"])?);
        let mut remarks = Vec::new();
        let id = match own.map_or_else(|| id_elsewhere(&fields, &mut remarks), |id| Ok(Some(id)))? {
            Some(id) if !id.trim().is_empty() => id.trim().to_owned(),
            _ => {
                return Err(FieldError {
                    field: "user_id".into(),
                    problem: "missing; give `user_id` or `id`".into(),
                });
            }
        };
        let (said, years) = listen(value, &mut remarks);
        let (consents, opted_out) = said;
        let mut profile = Self {
            id,
            name: None,
            email: None,
            phone: None,
            viewed_page: fields.text(&["viewed_page", "last_event"])?,
            form_started: fields.flag("form_started")?.unwrap_or(false),
            scheduled: fields.flag("scheduled")?.unwrap_or(false),
            attended: fields.flag("attended")?.unwrap_or(false),
            age: fields
                .find(&["age"])
                .and_then(|(_, value)| whole_years(value)),
            age_group: fields
                .find(&["age_group"])
                .and_then(|(_, value)| scalar(value)),
            engagement_bp: fields.engagement()?,
            channel: channel(&fields)?,
            jurisdiction: residence::jurisdiction(&fields, &mut remarks)?,
            product: fields.text(&["product"])?,
            goal: goal(&fields)?,
            consents,
            opted_out,
            locale: fields.text(&["locale"])?,
            time_zone: residence::time_zone(&fields, &mut remarks)?,
            extra: object
                .iter()
                .filter(|(key, _)| !KNOWN.contains(&squash(key).as_str()))
                .map(|(key, value)| (key.clone(), value.clone()))
                .collect(),
            given: object.keys().cloned().collect(),
            remarks,
            years,
            greeted: None,
            full_name: None,
            raw: value.clone(),
        };
        profile.read_names(&fields)?;
        profile.read_addresses(&fields)?;
        Ok(profile)
    }

    fn read_names(&mut self, fields: &ProfileFields<'_>) -> Result<(), FieldError> {
        let part = |names: &[&str]| match fields.find(names) {
            Some((_, Value::String(_))) => fields.text(names),
            _ => Ok(None),
        };
        let (first, last) = (part(&GIVEN_NAME)?, part(&FAMILY_NAME)?);
        if let (Some(first), Some(last)) = (&first, &last) {
            self.full_name = Some(format!("{first} {last}"));
        }
        let whole = fields.find(&["name", "full_name", "display_name"]);
        self.name = match whole {
            Some((key, Value::Array(_))) => {
                self.told(
                    key,
                    "given twice, with different values",
                    "greeted without a name",
                );
                None
            }
            Some(_) => fields.text(&["name", "full_name", "display_name"])?,
            None => self.full_name.clone().or_else(|| first.clone()),
        };
        let of_whole = self.name.as_deref().map(name::given);
        let of_first = first.as_deref().map(name::given);
        let key = whole.map_or("first_name", |(key, _)| key).to_owned();
        match (of_first, of_whole) {
            (Some(Ok(name)), _) | (_, Some(Ok(name))) => self.greeted = Some(name),
            (Some(Err(why)), _) | (None, Some(Err(why))) => {
                self.told(&key, why, "greeted without a name");
            }
            (None, None) => {}
        }
        Ok(())
    }

    fn read_addresses(&mut self, fields: &ProfileFields<'_>) -> Result<(), FieldError> {
        let lost = "counts as missing; nothing is sent to it";
        let email = ["email", "email_address", "person_email"];
        match fields.find(&email) {
            Some((key, Value::Array(_))) => self.asked(key, "more than one address", lost),
            Some((key, _)) => {
                let text = fields.text(&email)?.unwrap_or_default();
                self.email = address::email(&text);
                if self.email.is_none() {
                    self.asked(key, "not an e-mail address", lost);
                }
                // Which one the customer reads, and which of them opted out, is not known.
                let is_other = |value: &Value| {
                    let other = value.as_str().and_then(address::email);
                    other.is_some_and(|o| {
                        Some(o.to_lowercase()) != self.email.as_ref().map(|e| e.to_lowercase())
                    })
                };
                let all = fields.all(&email);
                if let Some((other, _)) = all[1..].iter().find(|(_, value)| is_other(value)) {
                    self.asked(
                        other,
                        "another e-mail address",
                        "the first one is used; a person must look",
                    );
                }
            }
            None => {}
        }
        let phone = [
            "phone",
            "phone_number",
            "mobile_phone",
            "mobile",
            "mobile_number",
            "cell_phone",
            "telephone",
        ];
        match fields.find(&phone) {
            Some((key, Value::Array(_))) => self.asked(key, "more than one number", lost),
            Some((key, _)) => {
                let text = fields.text_or_number(&phone)?.unwrap_or_default();
                let country = self.jurisdiction.as_ref().map(Jurisdiction::as_str);
                self.phone = address::phone(&text, country);
                if self.phone.is_none() {
                    self.asked(key, "not a telephone number", lost);
                }
            }
            None => {}
        }
        Ok(())
    }

    fn told(&mut self, field: &str, found: &str, done: &str) {
        self.remark(Disposition::Info, field, found, done);
    }

    fn asked(&mut self, field: &str, found: &str, done: &str) {
        self.remark(Disposition::Review, field, found, done);
    }

    fn remark(&mut self, asks: Disposition, field: &str, found: &str, done: &str) {
        let field = consent::shown(field);
        self.remarks
            .push(Remark::new(Topic::Intake, asks, field, found, done));
    }

    /// What was not understood and keeps every message to this customer back.
    pub fn blocking(&self) -> Option<&Remark> {
        let mut remarks = self.remarks.iter();
        remarks.find(|remark| remark.asks == Disposition::Block)
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

    /// A field as it came, in any spelling, from the profile or from within its `properties`, `traits` or `attributes`;
    /// none if it is null or empty everywhere.
    pub fn field(&self, name: &str) -> Option<&Value> {
        self.fields().field(name)
    }

    /// All fields, read once for whoever asks for several of them.
    pub fn fields(&self) -> FieldReader<'_> {
        FieldReader(self.raw.as_object().map(ProfileFields::of))
    }

    /// The given name: the only personal datum that may appear in this customer's message. None where what stands there
    /// is no name.
    pub fn given_name(&self) -> Option<&str> {
        self.greeted.as_deref()
    }

    /// Every full name of the customer, its words in the order of speech, without titles.
    pub fn full_names(&self) -> Vec<String> {
        let all = [self.name.as_deref(), self.full_name.as_deref()];
        let mut names: Vec<String> = all
            .into_iter()
            .flatten()
            .map(|whole| name::in_order(whole).join(" "))
            .collect();
        names.dedup();
        names
    }

    /// The youngest that the customer may be on a day, in whole years, by every field that says something of it: the
    /// least age, of a group such as `under 18` the most, and of a date the latest birth that it may mean.
    pub fn youngest_possible_age(&self, day: Option<NaiveDate>) -> Option<u32> {
        self.years.youngest(day)
    }
}

/// What all fields together say of consents and opt-outs, and of the age.
fn listen(value: &Value, remarks: &mut Vec<Remark>) -> ((Consents, bool), Years) {
    let mut said = consent::Said::default();
    let mut years = Years::default();
    for leaf in leaf::leaves(value) {
        let Some(means) = known::means(&leaf) else {
            said.overhear(&leaf);
            continue;
        };
        match means {
            Means::Age | Means::Birth | Means::Minor | Means::Adult => {
                years.hear(&leaf, &means, remarks);
            }
            _ => said.hear(&leaf, &means),
        }
    }
    years.settle(remarks);
    let settled = said.settle();
    remarks.append(&mut said.remarks);
    (settled, years)
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// An age that is given in years alone.
fn whole_years(value: &Value) -> Option<u32> {
    let text = scalar(value)?;
    let text = text.strip_suffix(".0").unwrap_or(&text);
    text.parse().ok().filter(|age| *age <= 130)
}

fn channel(fields: &ProfileFields<'_>) -> Result<Option<Channel>, FieldError> {
    let Some(text) = fields.text(&["channel"])? else {
        return Ok(None);
    };
    Channel::parse(&text).map(Some).ok_or_else(|| FieldError {
        field: "channel".into(),
        problem: "expected email, sms or push".into(),
    })
}

fn goal(fields: &ProfileFields<'_>) -> Result<Option<Goal>, FieldError> {
    let Some(text) = fields.text(&["goal"])? else {
        return Ok(None);
    };
    Goal::parse(&text).map(Some).ok_or_else(|| FieldError {
        field: "goal".into(),
        problem: "expected acquire, activate, retain or win_back".into(),
    })
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
        assert_eq!(profile.youngest_possible_age(None), Some(13));
        assert_eq!(profile.extra["loyalty"], "gold");
    }
}
