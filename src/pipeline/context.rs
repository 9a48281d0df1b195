//! From a profile and a variant to what the gate looks at.

use super::node::StageContext;
use crate::domain::cited::CitedPassages;
use crate::domain::facts::Facts;
use crate::domain::hours;
use crate::domain::jurisdiction::Channel;
use crate::domain::message::Message;
use crate::domain::profile::Profile;
use crate::domain::variant::Variant;
use chrono::NaiveDate;
use serde_json::Value;
use std::sync::Arc;

/// Profile fields outside the known ones that speak in the facts vocabulary.
const PASSED_ON: [&str; 15] = [
    "opt_out_sale_share",
    "gpc_signal",
    "limit_spi",
    "spi_used",
    "deletion_request",
    "data_source",
    "soft_opt_in",
    "lawful_basis",
    "objected_at",
    "opted_out_at",
    "first_contact",
    "parental_consent",
    "phone_source",
    "consent",
    "send_local",
];

/// What the customer's own record says about sending to them: consents, opt-out, age, state, time zone.
pub fn customer_facts(profile: &Profile, channel: Option<Channel>) -> Facts {
    let mut facts = Facts::default();
    let consents = &profile.consents;
    for (key, value) in [
        ("consent_email", consents.email),
        ("consent_sms", consents.sms),
        ("consent_push", consents.push),
    ] {
        if let Some(flag) = value {
            facts.set(key, flag);
        }
    }
    let own = match channel {
        Some(Channel::Email) | None => consents.email,
        Some(Channel::Sms) => consents.sms,
        Some(Channel::Push) => consents.push,
    };
    if let Some(channel) = channel {
        facts.set("channel", channel.as_str());
        facts.set(
            "consent_recorded",
            own.is_some() || consents.email.is_some() || consents.sms.is_some(),
        );
    }
    if own == Some(true) {
        facts.set("lawful_basis", "consent");
        facts.set("consent", "written");
    }
    if profile.opted_out {
        facts.set("opted_out_at", "on record");
        facts.set("objected_at", "on record");
    }
    if let Some(age) = profile.youngest_possible_age(None) {
        facts.set("recipient_age", age);
    }
    if let Some(zone) = &profile.time_zone {
        facts.set("recipient_tz", zone.as_str());
    }
    if let Some(state) = profile
        .jurisdiction
        .as_ref()
        .and_then(|j| j.as_str().strip_prefix("US-").map(str::to_owned))
    {
        facts.set("state", state);
    }
    // A record may name the state beside the jurisdiction. Where they differ, both hold.
    for key in ["state", "recipient_state"] {
        if let Some(named) = profile.extra.get(key).and_then(Value::as_str) {
            let code = hours::state(named).map_or(named, |s| s.code.as_str());
            match facts.text("state") {
                Some(known) if known != code => facts.set("recipient_state", code),
                Some(_) => {}
                None => facts.set("state", code),
            }
        }
    }
    let fields = profile.fields();
    let passed: Vec<(&str, &Value)> = PASSED_ON
        .into_iter()
        .filter_map(|key| Some((key, fields.field(key)?)))
        .collect();
    facts.tighten(&Facts::read(passed.iter().copied()).facts);
    for (key, unread) in passed {
        // What could not be read goes on as it came, so that the gate tells it.
        if !facts.0.contains_key(key) {
            facts.set(key, unread.clone());
        }
    }
    facts
}

/// Says how old the recipient may be on the day of sending: the youngest of what the record and the facts say.
pub fn set_age(facts: &mut Facts, profile: &Profile, day: NaiveDate) {
    let Some(age) = profile.youngest_possible_age(Some(day)) else {
        return;
    };
    let said = facts.ten_thousandths("recipient_age");
    if said.is_none_or(|said| i64::from(age) * 10_000 < said) {
        facts.set("recipient_age", age);
    }
}

/// What is known of the offer, the customer and the sources together: the same for all variants of a run.
pub struct KnownFacts {
    facts: Facts,
    customer: Arc<Profile>,
    citations: CitedPassages,
}

impl KnownFacts {
    pub fn of(context: &StageContext<'_>, citations: CitedPassages) -> Self {
        let mut facts = context.facts.clone();
        facts.tighten(&customer_facts(context.profile, Some(context.channel)));
        set_age(&mut facts, context.profile, context.as_of.date_naive());
        let product = facts.text("product_class").map(str::to_owned);
        if let Some(product) = product {
            facts.set("product", product);
        }
        Self {
            facts,
            customer: Arc::new(context.profile.clone()),
            citations,
        }
    }
}

/// The message that a variant would be.
pub fn message_of(context: &StageContext<'_>, known: &KnownFacts, variant: &Variant) -> Message {
    let mut facts = known.facts.clone();
    if variant.meta.says_nothing {
        facts.set("statements", 0);
    }
    let product = facts.text("product_class").map(str::to_owned);
    Message {
        subject: (!variant.subject.is_empty()).then(|| variant.subject.clone()),
        body: variant.body.clone(),
        html: variant.html.clone(),
        channel: Some(context.channel),
        jurisdiction: Some(context.jurisdiction.clone()),
        product,
        facts,
        citations: known.citations.clone(),
        customer: Some(known.customer.clone()),
        as_of: Some(context.as_of),
        complete: true,
        ..Message::default()
    }
}
