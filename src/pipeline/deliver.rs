//! Stage 6: what still stands in the way of an approved message at the moment of sending.

use super::context::customer_facts;
use crate::domain::facts::Facts;
use crate::domain::hours::{self, HoursAnswer, Reach, Whereabouts};
use crate::domain::jurisdiction::{Channel, Jurisdiction};
use crate::domain::profile::Profile;
use crate::domain::zone::Zone;
use chrono::{DateTime, FixedOffset};

/// Why the message may not go out now: opt-out, consent, or the hours of the recipient's place. `None`: it may.
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
        let Some(zone) = profile.time_zone.as_deref().and_then(Zone::named) else {
            let zone = match profile.time_zone {
                Some(_) => "is none of the IANA database",
                None => "is not known",
            };
            return Some(format!(
                "the recipient's time zone {zone}, so their night cannot be respected"
            ));
        };
        let place = whereabouts(profile, &facts, jurisdiction);
        let (local, answer) = hours::ask_at(&place, &zone, now, Reach::Texts);
        if let HoursAnswer::Closed(why) | HoursAnswer::Unsure(why) = answer {
            return Some(format!(
                "it is {} where the recipient lives; {why}",
                local.format("%H:%M on a %A")
            ));
        }
    }
    None
}

fn whereabouts(profile: &Profile, facts: &Facts, jurisdiction: &Jurisdiction) -> Whereabouts {
    let named = [facts.text("state"), facts.text("recipient_state")];
    let named: Vec<&str> = named.into_iter().flatten().collect();
    Whereabouts::of(Some(jurisdiction), &named, profile.phone.as_deref())
}

/// Where the customer may live, by all that is on record.
pub fn place_of(profile: &Profile, channel: Channel) -> Whereabouts {
    let facts = customer_facts(profile, Some(channel));
    let jurisdiction = profile.jurisdiction.clone().unwrap_or_default();
    whereabouts(profile, &facts, &jurisdiction)
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
