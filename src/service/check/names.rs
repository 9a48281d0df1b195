//! The names of a message in JSON: read in any spelling, told when they are nearly one, never given twice.

use crate::domain::facts::vocabulary::folded;
use crate::domain::facts::{Facts, Reading};
use crate::domain::finding::Disposition;
use crate::domain::remark::{Remark, Topic};
use crate::error::{Error, Kind, Result};
use crate::text::json::Noted;
use serde_json::{Map, Value};

/// The names that a message has.
const KNOWN: [&str; 15] = [
    "id",
    "subject",
    "preheader",
    "body",
    "text",
    "sms",
    "html",
    "eml",
    "eml_base64",
    "channel",
    "jurisdiction",
    "product",
    "facts",
    "citations",
    "customer",
];

/// The message's object under its own names, and what was told.
///
/// # Errors
/// It is none, or a name is given twice, in whatever spelling.
pub(in crate::service) fn own(noted: &Noted) -> Result<(Map<String, Value>, Vec<Remark>)> {
    let object = noted
        .value
        .as_object()
        .ok_or_else(|| Error::new(Kind::Input, "expected an object with `body`"))?;
    let twice = |name: &str| {
        Err(Error::new(Kind::Input, format!("{name}: given twice")).fix("give it once"))
    };
    // Two values of one fact are for the facts' own reader: the stricter holds.
    if let Some((name, _)) = noted
        .twice
        .iter()
        .find(|(name, _)| !name.starts_with("facts."))
    {
        return twice(name);
    }
    let mut message = Map::new();
    let mut remarks = Vec::new();
    for (name, value) in object {
        let own_name = KNOWN.into_iter().find(|known| *known == folded(name));
        if message
            .insert(own_name.unwrap_or(name).to_owned(), value.clone())
            .is_some()
        {
            return twice(own_name.unwrap_or(name));
        }
        remarks.extend(odd(name, own_name));
    }
    for spare in ["text", "sms"] {
        let is_text = message.get(spare).is_some_and(Value::is_string);
        if is_text && message.get("body").is_some_and(Value::is_string) {
            remarks.push(Remark::new(
                Topic::Unread,
                Disposition::Review,
                spare,
                "stands beside `body`",
                "it was not read",
            ));
        }
    }
    Ok((message, remarks))
}

/// A name in another spelling, or nearly a name.
fn odd(name: &str, own_name: Option<&str>) -> Option<Remark> {
    let say =
        |asks, found: String, done: &str| Some(Remark::new(Topic::Intake, asks, name, found, done));
    if let Some(own_name) = own_name {
        return (own_name != name)
            .then(|| {
                say(
                    Disposition::Info,
                    format!("means `{own_name}`"),
                    "read as that",
                )
            })
            .flatten();
    }
    let written = folded(name);
    let near = KNOWN
        .into_iter()
        .filter(|known| known.len() > 2)
        .find(|known| {
            let slips = if known.len() > 6 { 2 } else { 1 };
            strsim::damerau_levenshtein(known, &written) <= slips
        })?;
    say(
        Disposition::Review,
        format!("is no name of a message, and nearly `{near}`"),
        "it was not read",
    )
}

/// The facts of a message, with those that stand twice.
///
/// # Errors
/// They are no object.
pub(in crate::service) fn facts(message: &Map<String, Value>, noted: &Noted) -> Result<Reading> {
    let last = match message.get("facts") {
        None | Some(Value::Null) => return Ok(Reading::default()),
        Some(Value::Object(map)) => map,
        Some(_) => return Err(Error::new(Kind::Input, "facts: expected an object")),
    };
    let earlier: Vec<(String, Value)> = noted
        .twice
        .iter()
        .filter_map(|(path, value)| Some((path.strip_prefix("facts.")?, value)))
        .map(|(path, value)| match path.split_once('.') {
            // A field that stands twice: the object as it was before the last one.
            Some((object, field)) => {
                let mut whole = last.get(object).cloned().unwrap_or_default();
                if let Some(map) = whole.as_object_mut() {
                    map.insert(field.to_owned(), value.clone());
                }
                (object.to_owned(), whole)
            }
            None => (path.to_owned(), value.clone()),
        })
        .collect();
    let earlier = earlier.iter().map(|(key, value)| (key.as_str(), value));
    let last = last.iter().map(|(key, value)| (key.as_str(), value));
    Ok(Facts::read(earlier.chain(last)))
}
