//! An outcome as somebody tells it: our own words, or an event of a sender's service with all its fields.

use crate::domain::contact::EmailAddress;
use crate::error::{Error, Kind, Result};
use crate::service::intake::sheet;
use crate::service::learning::feedback::Event;
use crate::service::learning::feedback::events::{meaning, outcome, plain};
use chrono::{DateTime, NaiveDate, NaiveDateTime, SecondsFormat, Utc};
use serde_json::{Map, Value};

/// Something that happened to a message, as it is told.
#[derive(Clone, Debug)]
pub struct Told {
    /// The message's id, or the run's, without brackets and host.
    pub(super) id: String,
    /// `None`: known, and no outcome.
    pub(super) event: Option<Event>,
    pub(super) at: Option<When>,
    /// The address that the event names, should the message not be found.
    pub(super) address: Option<EmailAddress>,
}

/// When it happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum When {
    Moment(DateTime<Utc>),
    /// Only the day is told.
    Day(NaiveDate),
}

impl When {
    /// RFC 3339, or the day.
    pub fn text(self) -> String {
        match self {
            Self::Moment(at) => at.to_rfc3339_opts(SecondsFormat::AutoSi, true),
            Self::Day(day) => day.to_string(),
        }
    }
}

/// Names of fields, without case and signs, best first. A service's own id of a message is not ours.
const IDS: [&str; 9] = [
    "id",
    "smtpid",
    "mailcommonheadersmessageid",
    "eventdatamessageheadersmessageid",
    "messageheadersmessageid",
    "messageid",
    "xmessageid",
    "runid",
    "run",
];
const EVENTS: [&str; 9] = [
    "event",
    "eventdataevent",
    "eventtype",
    "notificationtype",
    "recordtype",
    "messagestatus",
    "optouttype",
    "metric",
    "type",
];
const TIMES: [&str; 22] = [
    "at",
    "timestamp",
    "eventdatatimestamp",
    "complainttimestamp",
    "bouncetimestamp",
    "opentimestamp",
    "clicktimestamp",
    "deliverytimestamp",
    "time",
    "datetime",
    "eventtime",
    "tsevent",
    "ts",
    "date",
    "eventdate",
    "occurredat",
    "bouncedat",
    "receivedat",
    "deliveredat",
    "changedat",
    "createdat",
    "created",
];
const ADDRESSES: [&str; 6] = [
    "email",
    "emailaddress",
    "recipient",
    "eventdatarecipient",
    "dataemail",
    "to",
];

/// The first of these fields that says something.
fn field<'f>(fields: &'f [(String, String)], names: &[&str]) -> Option<&'f str> {
    names.iter().find_map(|name| {
        let named = fields.iter().filter(|(known, _)| known == name);
        named
            .map(|(_, value)| value.trim())
            .find(|value| !value.is_empty())
    })
}

/// An outcome, if the value is one.
///
/// # Errors
/// It is none; the reason repeats nothing of it.
pub fn told(value: Value) -> Result<Told> {
    let wrong = |what: &str| Error::new(Kind::Input, what);
    let none = "not an outcome: id, event (sent, opened, clicked, converted, complained, opted_out, bounced, or a \
                sender's own name) and at";
    let Value::Object(map) = value else {
        return Err(wrong(none));
    };
    if is_of_another_kind(&map, "at") {
        return Err(no_time());
    }
    if is_of_another_kind(&map, "bounce") {
        return Err(wrong("`bounce` is neither a word nor an object"));
    }
    let named = sheet::flatten(&map);
    let fields: Vec<(String, String)> = named
        .iter()
        .map(|(name, value)| (plain(name), value.clone()))
        .collect();
    let event = field(&fields, &EVENTS).ok_or_else(|| wrong(none))?;
    let event = meaning(event).ok_or_else(|| {
        wrong("the event's name is known from no sender; assets/events.toml lists those that are")
            .fix(none)
    })?;
    let event = outcome(event, &named);
    let address = field(&fields, &ADDRESSES).and_then(|text| EmailAddress::parse(text).ok());
    let id = message(&fields);
    if id.is_empty() && address.is_none() {
        return Err(wrong(none));
    }
    let at = field(&fields, &TIMES).map(when).transpose()?;
    Ok(Told {
        id,
        event,
        at,
        address,
    })
}

/// Whether a field of ours holds neither a text nor a number. What is said of a bounce may be an object.
fn is_of_another_kind(map: &Map<String, Value>, name: &str) -> bool {
    map.iter().any(|(key, value)| {
        let is_other = match value {
            Value::Bool(_) | Value::Array(_) => true,
            Value::Object(_) => name != "bounce",
            _ => false,
        };
        is_other && plain(key) == name
    })
}

/// Why a value can be no outcome, whatever its words say: its own shape, or the field that has another one. What
/// services nest is left to be read.
pub fn misshapen(value: &Value) -> Option<&'static str> {
    let Value::Object(map) = value else {
        return Some("(body)");
    };
    let wrong = |name: &&str| is_of_another_kind(map, name);
    ["at", "bounce", "event", "id"].into_iter().find(wrong)
}

/// The message's id: of several the first one that has the form of ours, for services send their own beside it.
fn message(fields: &[(String, String)]) -> String {
    let named = IDS
        .iter()
        .filter_map(|name| field(fields, &[name]))
        .map(own_id);
    let ids: Vec<String> = named.filter(|id| !id.is_empty()).collect();
    let ours = ids.iter().find(|id| id.starts_with(RUN));
    ours.or(ids.first()).cloned().unwrap_or_default()
}

/// What a run's id begins with.
const RUN: &str = "r-";

/// A message's id without the brackets and the host that it has in a mail: `<id@host>`.
fn own_id(text: &str) -> String {
    let bare = text.trim_matches(|c: char| c.is_whitespace() || "<>\"'".contains(c));
    bare.split('@').next().unwrap_or_default().to_owned()
}

/// Years of 1970 in seconds, up to which a number is taken for seconds: later ones are in parts of them.
const MOST_SECONDS: f64 = 100_000_000_000.0;

fn no_time() -> Error {
    Error::new(Kind::Input, "`at` is not a time like 2026-11-23T10:00:00Z")
}

/// A time in any form that services write: RFC 3339, RFC 2822, without a zone (UTC), as a day, or since 1970 in seconds,
/// thousandths or millionths.
fn when(text: &str) -> Result<When> {
    if let Ok(number) = text.parse::<f64>() {
        let mut seconds = number;
        while seconds.abs() >= MOST_SECONDS {
            seconds /= 1_000.0;
        }
        // Within what a millisecond counter of this range can hold.
        #[allow(clippy::cast_possible_truncation, reason = "it is below 10^14")]
        let thousandths = (seconds * 1_000.0) as i64;
        let at = DateTime::from_timestamp_millis(thousandths).filter(|_| number.is_finite());
        return at.map(When::Moment).ok_or_else(no_time);
    }
    let zoned = DateTime::parse_from_rfc3339(text).or_else(|_| DateTime::parse_from_rfc2822(text));
    if let Ok(at) = zoned {
        return Ok(When::Moment(at.to_utc()));
    }
    let bare = text.trim_end_matches(" UTC").trim_end_matches('Z');
    for form in [
        "%Y-%m-%d %H:%M:%S%.f",
        "%Y-%m-%dT%H:%M:%S%.f",
        "%Y-%m-%d %H:%M",
        "%Y/%m/%d %H:%M:%S",
    ] {
        if let Ok(at) = NaiveDateTime::parse_from_str(bare, form) {
            return Ok(When::Moment(at.and_utc()));
        }
    }
    let with_offset = ["%Y-%m-%d %H:%M:%S%.f%#z", "%Y-%m-%d %H:%M:%S%.f %#z"];
    if let Some(at) = with_offset
        .iter()
        .find_map(|form| DateTime::parse_from_str(text, form).ok())
    {
        return Ok(When::Moment(at.to_utc()));
    }
    NaiveDate::parse_from_str(text, "%Y-%m-%d")
        .map(When::Day)
        .map_err(|_| no_time())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn ids_events_and_times_are_found_wherever_services_put_them() {
        for (value, event, at) in [
            (
                json!({"id": "<r-0123456789-A-ab@host.example>", "event": "unsubscribe"}),
                Event::OptedOut,
                None,
            ),
            (
                json!({"ID": "r-0123456789-A-ab", "Event": "CLICKED", "At": "2026-11-24T09:00:00+01:00", "x": 1}),
                Event::Clicked,
                Some("2026-11-24T08:00:00Z"),
            ),
            (
                json!({"smtp-id": "<r-0123456789-A-ab@h>", "sg_message_id": "zz", "event": "spamreport", "timestamp": 1_764_000_000}),
                Event::Complained,
                Some("2025-11-24T16:00:00Z"),
            ),
            (
                json!({"event-data": {"event": "failed", "severity": "temporary", "timestamp": 1_764_000_000.5, "message": {"headers": {"message-id": "r-0123456789-A-ab@h"}}}}),
                Event::BouncedSoft,
                Some("2025-11-24T16:00:00.500Z"),
            ),
            (
                json!({"eventType": "Complaint", "mail": {"messageId": "0102", "commonHeaders": {"messageId": "<r-0123456789-A-ab@h>"}}, "complaint": {"timestamp": "2026-11-24T09:00:00.000Z"}}),
                Event::Complained,
                Some("2026-11-24T09:00:00Z"),
            ),
            (
                json!({"RecordType": "Bounce", "Type": "SoftBounce", "MessageID": "r-0123456789-A-ab"}),
                Event::BouncedSoft,
                None,
            ),
            (
                json!({"id": "r-0123456789-A-ab", "event": "open", "date": "2026-11-24 09:00:00", "ts": ""}),
                Event::Opened,
                Some("2026-11-24T09:00:00Z"),
            ),
            (
                json!({"id": "r-0123456789-A-ab", "event": "open", "date": "1764000000000"}),
                Event::Opened,
                Some("2025-11-24T16:00:00Z"),
            ),
            (
                json!({"id": "r-0123456789-A-ab", "event": "open", "date": "2026-11-24"}),
                Event::Opened,
                Some("2026-11-24"),
            ),
        ] {
            let told = told(value.clone()).unwrap();
            assert_eq!(
                (told.id.as_str(), told.event),
                ("r-0123456789-A-ab", Some(event)),
                "{value}"
            );
            assert_eq!(told.at.map(When::text).as_deref(), at, "{value}");
        }
        for value in [
            json!([1]),
            json!({"id": "r"}),
            json!({"id": "r", "event": "liked"}),
            json!({"event": "open"}),
            json!({"id": "r", "event": "open", "at": "yesterday"}),
            json!({"id": "r", "event": "open", "At": true}),
            json!({"id": "r", "event": "bounce", "bounce": ["hard"]}),
            json!({"id": "r", "event": "open", "at": {"seconds": 5}}),
        ] {
            assert!(told(value).is_err());
        }
        assert_eq!(misshapen(&json!({"id": "r", "at": []})), Some("at"));
        assert_eq!(misshapen(&json!(5)), Some("(body)"));
        let nested = json!({"bounce": {"bounceType": "Transient"}, "at": null});
        assert_eq!(misshapen(&nested), None);
    }
}
