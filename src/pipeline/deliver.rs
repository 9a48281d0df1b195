//! Stage 6: what still stands in the way of an approved message at the moment of sending.

use super::context::customer_facts;
use crate::domain::jurisdiction::{Channel, Jurisdiction};
use crate::domain::profile::Profile;
use chrono::{DateTime, FixedOffset, Timelike};
use chrono_tz::Tz;

/// Why the message may not go out now: opt-out, consent, or the recipient's night. `None`: it may.
pub fn why_held(
    profile: &Profile,
    channel: Channel,
    jurisdiction: &Jurisdiction,
    now: DateTime<FixedOffset>,
) -> Option<String> {
    if profile.opted_out {
        return Some("the customer opted out".into());
    }
    let facts = customer_facts(profile, Some(channel));
    let consent = match channel {
        Channel::Email => facts.flag("consent_email"),
        Channel::Sms => facts.flag("consent_sms"),
        Channel::Push => facts.flag("consent_push"),
    };
    if consent == Some(false) {
        return Some(format!("the customer did not agree to {channel}"));
    }
    if channel == Channel::Sms {
        if consent.is_none() {
            return Some("no consent to texts is on record".into());
        }
        let Some(zone) = profile
            .time_zone
            .as_deref()
            .and_then(|z| z.parse::<Tz>().ok())
        else {
            return Some(
                "the recipient's time zone is not known, so their night cannot be respected".into(),
            );
        };
        let hour = now.with_timezone(&zone).hour();
        let end = if matches!(jurisdiction.as_str(), "US-FL" | "US-OK" | "US-WA" | "US-MD") {
            20
        } else {
            21
        };
        if !(8..end).contains(&hour) {
            return Some(format!(
                "it is {hour:02}:00 where the recipient lives; texts go out from 08:00 to {end}:00"
            ));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn texts_wait_for_the_recipients_day() {
        let profile = Profile::from_value(
            &json!({"id": "c", "consents": {"sms": true}, "time_zone": "America/New_York"}),
        )
        .unwrap();
        let at = |time: &str| {
            why_held(
                &profile,
                Channel::Sms,
                &Jurisdiction::new("US"),
                DateTime::parse_from_rfc3339(time).unwrap(),
            )
        };
        assert!(at("2026-11-23T15:00:00Z").is_none());
        assert!(at("2026-11-23T04:00:00Z").unwrap().contains("23:00"));
        let florida = why_held(
            &profile,
            Channel::Sms,
            &Jurisdiction::new("US-FL"),
            DateTime::parse_from_rfc3339("2026-11-24T01:30:00Z").unwrap(),
        );
        assert!(florida.is_some());
    }
}
