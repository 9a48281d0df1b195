//! Profiles: fields, tables, ages, places, names.
//!
//! One row a case. A profile here agrees to e-mail in the documented field, so that nothing but the case itself keeps its
//! message back.

use crate::support::{self, AS_OF};
use echovoice::domain::finding::{Disposition, Verdict};
use echovoice::domain::jurisdiction::{Channel, Jurisdiction};
use echovoice::domain::message::Message;
use echovoice::domain::profile::Profile;
use echovoice::domain::remark::Remark;
use echovoice::pipeline::ports::Gate as _;
use echovoice::pipeline::{LayeredGate, customer_facts, set_age, why_held};
use echovoice::service::home::workspace::Options;
use echovoice::service::{Needs, Workspace, intake};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

static GATE: LazyLock<LayeredGate> = LazyLock::new(|| {
    let home = tempfile::tempdir().unwrap();
    let workspace = Workspace::open(Options {
        home: home.path(),
        needs: Needs::Pipeline,
        judges: false,
        person: None,
        as_of: Some(chrono::DateTime::parse_from_rfc3339(AS_OF).unwrap()),
        tenant: None,
        progress: &mut |_| {},
    })
    .unwrap();
    LayeredGate::new(workspace.book.clone(), workspace.allow.clone())
});

fn verdict(profile: &Profile, channel: Channel) -> Verdict {
    of_text(
        profile,
        channel,
        "Here is how your plan works. Costs may vary.",
    )
}

fn of_text(profile: &Profile, channel: Channel, body: &str) -> Verdict {
    let as_of = chrono::DateTime::parse_from_rfc3339(AS_OF).unwrap();
    let mut facts = customer_facts(profile, Some(channel));
    set_age(&mut facts, profile, as_of.date_naive());
    facts.set("postal_address", true);
    facts.set("lawful_basis", "consent");
    facts.set("product_class", "savings");
    GATE.check(&Message {
        body: body.into(),
        channel: Some(channel),
        jurisdiction: profile.jurisdiction.clone(),
        facts,
        customer: Some(profile.clone().into()),
        as_of: Some(as_of),
        ..Message::default()
    })
}

/// What becomes of a profile by e-mail: the verdict, or `held` at the hand-over.
fn becomes(profile: &Profile, channel: Channel) -> &'static str {
    let now = chrono::DateTime::parse_from_rfc3339("2026-11-23T17:00:00Z").unwrap();
    let home = profile.jurisdiction.clone().unwrap_or_default();
    let verdict = verdict(profile, channel).disposition;
    if why_held(profile, channel, &home, now).is_some() {
        return "held";
    }
    match verdict {
        Disposition::Block => "block",
        Disposition::Review => "review",
        _ => "clear",
    }
}

/// A profile that agrees to everything, with these fields beside it.
fn with(fields: &Value) -> Value {
    let mut all = json!({
        "user_id": "C-1", "name": "Amara Osei", "email": "amara.osei@example.com", "jurisdiction": "US",
        "time_zone": "America/New_York", "consents": {"email": true, "sms": true, "push": true}
    });
    for (key, value) in fields.as_object().unwrap() {
        all[key] = value.clone();
    }
    all
}

fn read(fields: &Value) -> Profile {
    let value = with(fields);
    Profile::from_value(&value).unwrap_or_else(|e| panic!("{value}: {e:?}"))
}

#[test]
fn a_profile_that_agrees_is_clear() {
    for fields in [
        json!({}),
        json!({"unsubscribed": false, "opted_out": "no", "properties": {"opted_out": null}}),
        json!({"HasOptedOutOfEmail": "0", "hs_email_optout": "", "DoNotCall": 0, "DoNotEMail": "Allow"}),
        json!({"opted_out_at": null, "objected_at": null, "consents.email_unsubscribed_at": null}),
        json!({"status": "subscribed", "MEMBER_RATING": 4, "OPTIN_TIME": "2024-01-01 10:00:00"}),
        json!({"status": "active", "state": "NY", "tier": "gold", "language": "en", "message_count": 3}),
        json!({"age": 34, "age_group": "25-34", "dob": "1992-03-04"}),
        json!({"account_age_days": 12, "cookie_consent": false, "unsubscribe_url": "https://example.com/u"}),
        json!({"subscriptions": {"email": {"marketing": {"consent": "SUBSCRIBED", "consent_timestamp": "2024-01-01T00:00:00Z"}}}}),
        json!({"email_subscribe": "opted_in", "preferred_language": "de", "page": "pricing"}),
        json!({"hs_email_first_open_date": "2025-01-01", "emails_received": 12, "email_banner_clicks": 3}),
        json!({"Phone No": "+1 302 555 0177", "withdrawals_30d": 1, "last_withdrawal_at": "2026-01-02"}),
        json!({"bounced_payments": 1, "overdraft_opt_in": false, "service_agreement": "no", "allowance": 0}),
    ] {
        let profile = read(&fields);
        assert_eq!(
            becomes(&profile, Channel::Email),
            "clear",
            "{fields}: {:?}",
            profile.remarks
        );
    }
}

#[test]
fn numbers_and_reasons_of_other_systems_are_looked_at_by_a_person() {
    for fields in [
        json!({"contactLists": [{"list": "1", "status": "2"}]}),
        json!({"OptInStatusID": 2, "OptOutStatusID": 0}),
        json!({"hs_email_customer_quarantined_reason": "LIST_QUALITY"}),
        json!({"CLEAN_CAMPAIGN_ID": "5f0a"}),
        json!({"unsubscribedChannelIds": [123]}),
    ] {
        let profile = read(&fields);
        let becomes = becomes(&profile, Channel::Email);
        assert_eq!(becomes, "review", "{fields}: {:?}", profile.remarks);
    }
    // Whoever opted out of texts has a 1 there: no text goes out.
    let left = read(&json!({"OptInStatusID": 2, "OptOutStatusID": 1}));
    assert_ne!(becomes(&left, Channel::Sms), "clear", "{:?}", left.remarks);
    assert_eq!(left.consents.sms, Some(false), "{:?}", left.remarks);
    let label = read(&json!({"Send Marketing Materials": "Send"}));
    assert_eq!(
        becomes(&label, Channel::Email),
        "clear",
        "{:?}",
        label.remarks
    );
}

/// Names and values by which a customer system says that somebody gets no e-mail. (A4, A5, A7; intake 3.)
fn refusals() -> Vec<Value> {
    vec![
        json!({"HasOptedOutOfEmail": "1"}),
        json!({"PersonHasOptedOutOfEmail": true}),
        json!({"DoNotEMail": "Do Not Allow"}),
        json!({"hs_email_optout": true}),
        json!({"hs_email_optout_8123": "true"}),
        json!({"hs_email_bad_address": true}),
        json!({"hs_marketable_status": "false"}),
        json!({"unsubscribed": true}),
        json!({"Unsubscribed": "Yes"}),
        json!({"optedOut": true}),
        json!({"Opted_Out": "y"}),
        json!({"opted-out": 1}),
        json!({"OPTED OUT": "TRUE"}),
        json!({"opt_out": true}),
        json!({"email_opt_out": "1.0"}),
        json!({"subscribed": false}),
        json!({"isSubscribed": "no"}),
        json!({"status": "cleaned"}),
        json!({"STATUS": "Unsubscribed"}),
        json!({"status": "bounced"}),
        json!({"consents.email_unsubscribed_at": "2026-01-02T10:00:00Z"}),
        json!({"unsubscribed_at": 1_764_000_000}),
        json!({"opted_out_at": "2026-01-02"}),
        json!({"objected_at": "2026-01-02"}),
        json!({"do_not_contact": "yes"}),
        json!({"doNotEmail": true}),
        json!({"donotbulkemail": true}),
        json!({"DoNotSendMM": 1}),
        json!({"Email_Opt_Out": true}),
        json!({"unsubscribed_from_emails": true}),
        json!({"Marketing Suspended": "true"}),
        json!({"blackListed": true}),
        json!({"emailInvalid": true}),
        json!({"EMAIL_BLACKLISTED": 1}),
        json!({"SUPPRESSED": "2026-01-02"}),
        json!({"email_subscribe": "unsubscribed"}),
        json!({"accepts_marketing": false}),
        json!({"Accepts Email Marketing": "no"}),
        json!({"email_marketing_consent": {"state": "unsubscribed", "opt_in_level": "single_opt_in"}}),
        json!({"marketing_status": "unsubscribed"}),
        json!({"marketing_status": "no_consent"}),
        json!({"marketing_status": "archived"}),
        json!({"SubscriberStatus": "Held"}),
        json!({"Status": "Held"}),
        json!({"Send Marketing Materials": "Do Not Send"}),
        json!({"Portal Unsubscribe": "TRUE"}),
        json!({"Global Bounce": "true"}),
        json!({"IsBounced": true}),
        json!({"C_UnsubscriptionDate": "2025-03-04 10:00:00"}),
        json!({"subscription_groups": [{"subscription_group_id": "a", "subscription_state": "unsubscribed"}]}),
        json!({"contactLists": [{"list": "1", "status": "0"}]}),
        json!({"preferences": {"email_unsubscribed": true}}),
        json!({"opted_out_channels": ["sms", "email"]}),
        json!({"opted_out_channels": "sms;email"}),
        json!({"unsubscribed_from": "all"}),
        json!({"newsletter": false}),
        json!({"gdpr_consent": "withdrawn"}),
        json!({"marketing_consent": "no"}),
        json!({"not_subscribed": true}),
        json!({"no_marketing": true}),
        json!({"acme_werbesperre": "ja"}),
        json!({"email_permission": "denied"}),
        json!({"consents": {"email": true, "Email": false}}),
        json!({"consents": {"Email": false}}),
        json!({"consents": {"eMail": "no"}}),
        json!({"consents": {"email": [true, false]}}),
        json!({"consents": {"email": {"status": "withdrawn", "at": "2026-01-02", "source": "phone"}}}),
        json!({"consents": {"email": {"granted": true, "withdrawn_at": "2026-01-02"}}}),
        json!({"consents": [{"channel": "email", "status": "opted_out"}]}),
        json!({"consents": {"marketing": {"email": {"val": "n"}}}}),
        json!({"consent": {"email": false}}),
        json!({"consent_email": "n"}),
        json!({"consents.email": "no"}),
        json!({"consents__email": "no"}),
        json!({"consents[email]": "no"}),
        json!({"Consents Email": "no"}),
        json!({"consents": "{\"email\": false}"}),
        json!({"opted_out": null, "properties": {"opted_out": true}}),
        json!({"opted_out": "", "properties": {"opted_out": "yes"}}),
        json!({"opted_out": false, "properties": {"opted_out": true}}),
        json!({"properties.opted_out": "true"}),
        json!({"consents": null, "properties": {"consents": {"email": false}}}),
        json!({"traits": {"unsubscribed": true}}),
        json!({"attributes": {"optedOut": "t"}}),
        json!({"custom_fields": [{"name": "Email opt-out", "value": "checked"}]}),
        json!({"fields": {"do_not_email": "x"}}),
        json!({"context": {"traits": {"emailOptedOut": true}}}),
        json!({"dnc": true}),
        json!({"doNotContact": [{"channel": "email", "reason": 1}]}),
        json!({"opted_out": [true, false]}),
        json!({"subscriptions": {"email": {"marketing": {"consent": "UNSUBSCRIBED"}}}}),
        json!({"subscriptions": {"email": {"marketing": {"consent": "NEVER_SUBSCRIBED"}}}}),
    ]
}

#[test]
fn a_stated_no_is_a_no_under_every_name() {
    for fields in refusals() {
        let profile = read(&fields);
        assert_eq!(
            becomes(&profile, Channel::Email),
            "held",
            "{fields}: {:?}",
            profile.remarks
        );
        let verdict = verdict(&profile, Channel::Email).disposition;
        assert_eq!(verdict, Disposition::Block, "{fields}");
    }
}

#[test]
fn a_no_to_texts_is_none_to_mail_and_the_other_way() {
    for fields in [
        json!({"et4ae5__HasOptedOutOfMobile__c": true}),
        json!({"DoNotCall": true}),
        json!({"smsBlacklisted": true}),
        json!({"sms_opt_in": "no"}),
        json!({"consents": {"email": true, "SMS": "No"}}),
        json!({"opted_out_channels": ["text"]}),
        json!({"sms_marketing_consent": {"state": "UNSUBSCRIBED"}}),
    ] {
        let profile = read(&fields);
        assert_eq!(
            becomes(&profile, Channel::Email),
            "clear",
            "{fields}: {:?}",
            profile.remarks
        );
        assert_eq!(becomes(&profile, Channel::Sms), "held", "{fields}");
    }
    assert_eq!(
        becomes(&read(&json!({"push_opt_in": false})), Channel::Push),
        "held"
    );
}

#[test]
fn what_looks_like_a_consent_or_an_age_and_is_not_understood_asks_for_review() {
    for (fields, name) in [
        (json!({"opted_out": "perhaps"}), "opted_out"),
        (
            json!({"opt_out_reason": "asked by phone"}),
            "opt_out_reason",
        ),
        (json!({"email_consent": "see file"}), "email_consent"),
        (json!({"not_opted_out": true}), "not_opted_out"),
        (json!({"unsubscribe_flag": 7}), "unsubscribe_flag"),
        (
            json!({"consents": {"email": "2026-01-02"}}),
            "consents.email",
        ),
        (
            json!({"consents": {"sms": true, "email": {"at": "2026-01-02", "source": "form"}}}),
            "consents.email.at",
        ),
        (json!({"marketing_consent": "none"}), "marketing_consent"),
        (json!({"subscriptions": []}), "subscriptions"),
        (json!({"status": "pending"}), "status"),
        (
            json!({"unsubscribedChannelIds": [123]}),
            "unsubscribedChannelIds",
        ),
        (json!({"age_group": "B2"}), "age_group"),
        (json!({"age_group": "Gen Z"}), "age_group"),
        (json!({"age": "about forty-ish"}), "age"),
        (json!({"age": 999}), "age"),
        (json!({"dob": "soon"}), "dob"),
        (json!({"age_group": "under 25"}), "age_group"),
        (json!({"email": "n/a"}), "email"),
        (json!({"email": "amara.osei@example"}), "email"),
        (json!({"phone": "none of your business"}), "phone"),
        (json!({"time_zone": "EST"}), "time_zone"),
        (json!({"time_zone": "Mars/Olympus"}), "time_zone"),
        (json!({"jurisdiction": "CA"}), "jurisdiction"),
        (
            json!({"jurisdiction": "US", "country": "Germany"}),
            "jurisdiction",
        ),
        (json!({"jurisdiction": "US", "state": "Atlantis"}), "state"),
        (json!({"jurisdiction": "JP"}), "jurisdiction"),
        (
            json!({"properties": {"jurisdiction": "DE"}}),
            "jurisdiction",
        ),
        (json!({"Email": "somebody.else@example.com"}), "Email"),
        (
            json!({"time_zone": "Europe/Berlin", "timezone": "America/New_York"}),
            "time_zone",
        ),
    ] {
        let profile = read(&fields);
        let verdict = verdict(&profile, Channel::Email);
        assert_eq!(
            verdict.disposition,
            Disposition::Review,
            "{fields}: {:?}",
            profile.remarks
        );
        let named = verdict
            .findings
            .iter()
            .any(|f| f.rule == "core.intake" && f.why.starts_with(name));
        assert!(named, "{fields}: {:?}", verdict.findings);
        // Named, never its value.
        for value in ["asked by phone", "forty", "none of your"] {
            assert!(
                !profile
                    .remarks
                    .iter()
                    .any(|r| r.to_string().contains(value))
            );
        }
    }
}

#[test]
fn a_yes_under_a_foreign_name_is_no_consent_unless_it_is_an_explicit_one() {
    let consent = |fields: Value| {
        let mut value = with(&fields);
        value.as_object_mut().unwrap().remove("consents");
        for (key, own) in fields.as_object().unwrap() {
            value[key] = own.clone();
        }
        Profile::from_value(&value).unwrap()
    };
    for fields in [
        json!({"newsletter": true}),
        json!({"subscribed": true}),
        json!({"email_subscribe": "subscribed"}),
        json!({"accepts_marketing": true}),
        json!({"can_receive_email_marketing": true}),
        json!({"not_opted_out": true}),
        json!({"consents": ["email"]}),
        json!({"partner": {"email_consent": true}}),
        json!({"consents": {"newsletter": true}}),
    ] {
        assert_eq!(consent(fields.clone()).consents.email, None, "{fields}");
    }
    for fields in [
        json!({"consents.email": "yes"}),
        json!({"Consent_Email": 1}),
        json!({"consents": {"EMAIL": "opted in"}}),
        json!({"consents": {"email": {"status": "granted", "at": "2026-01-02"}}}),
        json!({"email_subscribe": "opted_in"}),
        json!({"subscriptions": {"email": {"marketing": {"consent": "SUBSCRIBED"}}}}),
        json!({"email_marketing_consent": {"state": "subscribed"}}),
    ] {
        assert_eq!(
            consent(fields.clone()).consents.email,
            Some(true),
            "{fields}"
        );
    }
}

/// A6, A11, A12; intake 4: the same profile in every form of a file.
fn file(name: &str, bytes: &[u8]) -> Profile {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, bytes).unwrap();
    let read = intake::read(&path)
        .unwrap_or_else(|e| panic!("{name}: {e}: {}", String::from_utf8_lossy(bytes)));
    read.into_iter().next().unwrap().profile
}

fn utf16(text: &str, little: bool) -> Vec<u8> {
    let units = format!("\u{FEFF}{text}");
    let units = units.encode_utf16();
    if little {
        units.flat_map(u16::to_le_bytes).collect()
    } else {
        units.flat_map(u16::to_be_bytes).collect()
    }
}

#[test]
fn a_table_carries_what_json_does() {
    let head = "user_id,name,email,jurisdiction,consents.email,age";
    let row = "10234.0,Zoë Osei,zoe@example.com,US,no,34.0";
    let text = format!("{head}\n{row}\n");
    for separator in [",", ";", "\t", "|"] {
        let text = text.replace(',', separator);
        for bytes in [
            text.clone().into_bytes(),
            format!("\u{FEFF}{text}").into_bytes(),
            utf16(&text, true),
            utf16(&text, false),
            encoding_rs::WINDOWS_1252.encode(&text).0.into_owned(),
        ] {
            let profile = file("a.csv", &bytes);
            assert_eq!(profile.id, "10234");
            assert_eq!(profile.consents.email, Some(false), "{separator:?}");
            assert_eq!(profile.age, Some(34));
        }
    }
    for (head, row) in [
        ("user_id,consents", "1,\"{\"\"email\"\": false}\""),
        ("user_id,consents", "1,\"{'email': False}\""),
        (
            "user_id,properties",
            "1,\"{\"\"consents\"\": {\"\"email\"\": \"\"no\"\"}}\"",
        ),
        ("user_id,consent_email", "1,no"),
        ("user_id,\"Consents.Email\"", "1,\"No\""),
        ("user_id,consents.email,consents.email", "1,no,yes"),
        ("user_id,consents.email,consents.email", "1,yes,no"),
        ("user_id,consents.email,consents__email", "1,,f"),
    ] {
        let profile = file("a.csv", format!("{head}\n{row}\n").as_bytes());
        assert_eq!(profile.consents.email, Some(false), "{head} {row}");
    }
    let doubled = file("a.csv", b"user_id,opted_out,opted_out\n1,yes,no\n");
    assert!(doubled.opted_out && !doubled.remarks.is_empty());
    let gaps = file("a.csv", b"user_id,name,opted_out\n1,NaN,None\n");
    assert!(gaps.name.is_none() && !gaps.opted_out && gaps.remarks.len() == 1);
    let western = file("a.csv", b"user_id,name,opted_out\n1,Zo\xEB,yes\n");
    assert!(
        western.opted_out && western.name.as_deref() == Some("Zoë") && western.remarks.len() == 1
    );
    let named = file("a.csv", b"sep=;\nuser_id;opted_out\n1;yes\n");
    assert!(named.opted_out);
    let json = file(
        "a.json",
        br#"{"user_id": 1, "opted_out": true, "opted_out": false}"#,
    );
    assert!(json.opted_out && !json.remarks.is_empty());
    let lines = file(
        "a.jsonl",
        &utf16(
            "{\"id\":1,\"consents\":{\"email\":true,\"email\":false}}\n{\"id\":2}\n",
            true,
        ),
    );
    assert_eq!(lines.consents.email, Some(false));
}

/// A8; intake 5.
#[test]
fn minors_are_minors_in_every_form() {
    for fields in [
        json!({"age_group": "Under 18"}),
        json!({"age_group": "UNDER 18"}),
        json!({"age_group": "less than 18"}),
        json!({"age_group": "below 18"}),
        json!({"age_group": "Younger than 18"}),
        json!({"age_group": "U18"}),
        json!({"age_group": "under18"}),
        json!({"age_group": "<=17"}),
        json!({"age_group": "minor"}),
        json!({"age_group": "teen"}),
        json!({"age_group": "13-17"}),
        json!({"age_group": "12 to 15"}),
        json!({"age_group": "17 or younger"}),
        json!({"age_group": "Gen Alpha"}),
        json!({"age_group": "１３–１７"}),
        json!({"Age Range": "13 - 17"}),
        json!({"ageGroup": "K-12"}),
        json!({"age": "17.0"}),
        json!({"age": 15}),
        json!({"age": "16 years"}),
        json!({"recipient_age": 12}),
        json!({"dob": "2010-05-01"}),
        json!({"birth_date": "05/06/2010"}),
        json!({"date_of_birth": "1 May 2010"}),
        json!({"Birthdate": "2010-05-01T00:00:00.000Z"}),
        json!({"birthYear": 2010}),
        json!({"yob": "2010"}),
        // The fourth of December or the twelfth of April.
        json!({"dob": "04/12/2008"}),
        json!({"is_minor": true}),
        json!({"is_adult": "no"}),
        json!({"over18": false}),
        json!({"age": 34, "age_group": "13-17"}),
        json!({"age": 34, "properties": {"dob": "2012-01-01"}}),
        json!({"traits": {"age": 14}}),
        json!({"age": null, "age_group": "teenager"}),
    ] {
        let profile = read(&fields);
        let verdict = of_text(&profile, Channel::Email, "Open your savings account today.");
        let blocked = verdict
            .findings
            .iter()
            .any(|f| f.rule.starts_with("us.minors"));
        assert!(blocked, "{fields}: {:?}", profile.years);
    }
    for fields in [
        json!({"age_group": "18+"}),
        json!({"age_group": "25–34"}),
        json!({"age_group": "over 18"}),
        json!({"age_group": "adult"}),
        json!({"age_group": "65+"}),
        json!({"dob": "2008-11-23"}),
        json!({"birthday": "05/17"}),
        json!({"is_adult": true}),
        json!({"is_minor": false}),
        json!({"age": "unknown"}),
    ] {
        let profile = read(&fields);
        assert_eq!(
            becomes(&profile, Channel::Email),
            "clear",
            "{fields}: {:?}",
            profile.remarks
        );
    }
    let contradiction = read(&json!({"age": 34, "age_group": "13-17"}));
    assert!(contradiction.remarks.iter().any(Remark::holds_back));
}

/// A10; intake 6.
#[test]
fn places_are_read_from_every_field_that_names_one() {
    for (fields, code) in [
        (json!({"jurisdiction": "GB-ENG"}), "UK"),
        (json!({"jurisdiction": "DE-BY"}), "EU-DE"),
        (json!({"jurisdiction": "GBR"}), "UK"),
        (json!({"jurisdiction": "EL"}), "EU-GR"),
        (json!({"jurisdiction": "NO"}), "EU-NO"),
        (json!({"jurisdiction": "EEA"}), "EU"),
        (json!({"jurisdiction": "United States of America"}), "US"),
        (json!({"jurisdiction": "U.S."}), "US"),
        (json!({"jurisdiction": "New York"}), "US-NY"),
        (json!({"jurisdiction": "FL"}), "US-FL"),
        (json!({"jurisdiction": "US/CA"}), "US-CA"),
        (json!({"jurisdiction": "England"}), "UK"),
        (json!({"jurisdiction": "Germany"}), "EU-DE"),
        (json!({"jurisdiction": "US", "state": "Florida"}), "US-FL"),
        (json!({"jurisdiction": "US", "state": "DE"}), "US-DE"),
        (
            json!({"jurisdiction": null, "country": "US", "state": "CA"}),
            "US-CA",
        ),
        (json!({"jurisdiction": null, "country_code": "DE"}), "EU-DE"),
        (
            json!({"jurisdiction": null, "Country": "Canada", "province": "Ontario"}),
            "CA-ON",
        ),
        (json!({"jurisdiction": null, "country": "CA"}), "CA"),
        (json!({"jurisdiction": "CA", "country": "US"}), "US-CA"),
        (json!({"jurisdiction": "CA", "country": "Canada"}), "CA"),
        (json!({"jurisdiction": null, "state": "TX"}), "US-TX"),
        (
            json!({"jurisdiction": null, "properties": {"country": "France"}}),
            "EU-FR",
        ),
        (json!({"jurisdiction": ["US", "US-FL"]}), "US-FL"),
    ] {
        let profile = read(&fields);
        assert_eq!(
            profile.jurisdiction.as_ref().map(Jurisdiction::as_str),
            Some(code),
            "{fields}"
        );
    }
    for fields in [
        json!({"jurisdiction": "Atlantis"}),
        json!({"jurisdiction": "USX"}),
        json!({"jurisdiction": "DE-ZZ"}),
        json!({"jurisdiction": "n/a"}),
        json!({"jurisdiction": null, "country": "Ruritania"}),
        json!({"jurisdiction": ["US", "DE"]}),
    ] {
        let error = Profile::from_value(&with(&fields)).unwrap_err();
        assert!(
            ["jurisdiction", "country"].contains(&error.field.as_str()),
            "{error:?}"
        );
    }
    for (zone, name) in [
        ("america/new_york", "America/New_York"),
        ("Europe/BERLIN", "Europe/Berlin"),
        ("America/New York", "America/New_York"),
    ] {
        assert_eq!(
            read(&json!({"time_zone": zone})).time_zone.as_deref(),
            Some(name)
        );
    }
    let night = read(&json!({"time_zone": "CET"}));
    assert_eq!(becomes(&night, Channel::Sms), "held");
}

/// Intake 7.
#[test]
fn a_greeting_has_a_name_or_none() {
    for (fields, greeted) in [
        (json!({"name": "Osei, Amara"}), Some("Amara")),
        (json!({"name": "Dr. Amara Osei"}), Some("Amara")),
        (json!({"name": "AMARA OSEI"}), Some("Amara")),
        (
            json!({"name": null, "first_name": "Amara", "last_name": "Osei"}),
            Some("Amara"),
        ),
        (
            json!({"name": "MR. OSEI", "FirstName": "Amara"}),
            Some("Amara"),
        ),
        (json!({"name": "MR. OSEI"}), None),
        (json!({"name": "null"}), None),
        (json!({"name": "N/A"}), None),
        (json!({"name": "{{first_name}}"}), None),
        (json!({"name": "*|FNAME|*"}), None),
        (json!({"name": "%FNAME%"}), None),
        (json!({"name": "+1 302 555 0177"}), None),
        (json!({"name": "<b>Amara</b>"}), None),
        (json!({"name": "amara.osei@example.com"}), None),
        (json!({"name": "Harbor Point Ltd"}), None),
        (json!({"name": "A."}), None),
    ] {
        let profile = read(&fields);
        assert_eq!(profile.given_name(), greeted, "{fields}");
        assert_eq!(
            profile.remarks.is_empty(),
            greeted.is_some(),
            "{fields}: {:?}",
            profile.remarks
        );
    }
    let turned = read(&json!({"name": "Osei, Dr. Amara"}));
    let known = echovoice::pii::KnownValues::of_profile(&turned);
    let mut hits = Vec::new();
    known.find("amara osei wrote", &mut hits);
    assert_eq!(hits.len(), 1);
}

/// Intake 3 and 6, as a user sees it: in the text, in JSON, and in the exit code.
#[test]
fn remarks_reach_the_text_and_the_json() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("p.json");
    fs::write(&path, with(&json!({"hs_email_optout": true})).to_string()).unwrap();
    let run = |path: &Path, extra: &[&str]| {
        let args = [
            "run",
            path.to_str().unwrap(),
            "--no-record",
            "--as-of",
            AS_OF,
        ];
        let output = support::echovoice(home.path(), &[&args[..], extra].concat());
        String::from_utf8(output.stdout).unwrap()
    };
    let text = run(&path, &[]);
    assert!(
        text.contains("hs_email_optout: says no to e-mail"),
        "{text}"
    );
    assert!(text.contains("BLOCK"), "{text}");
    let value: Value = serde_json::from_str(&run(&path, &["--json"])).unwrap();
    assert_eq!(value["remarks"][0]["field"], "hs_email_optout");
    fs::write(&path, with(&json!({})).to_string()).unwrap();
    let value: Value = serde_json::from_str(&run(&path, &["--json"])).unwrap();
    assert_eq!(value.get("remarks"), None);
}

/// Intake 6: a rule or a document for a place that nobody knows would hold nowhere.
#[test]
fn a_pack_and_a_document_for_an_unknown_place_are_refused() {
    let pack = fs::read_to_string("assets/policies/checks.toml").unwrap();
    assert!(echovoice::rules::Pack::parse(&pack).is_ok());
    let error = echovoice::rules::Pack::parse(&pack.replacen("[\"US\"]", "[\"Atlantis\"]", 1));
    let error = error.unwrap_err().to_string();
    assert!(
        error.contains("not a place that is known") && error.contains("line"),
        "{error}"
    );
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("fees.md");
    fs::write(
        &path,
        "---\nid: fees\ntitle: Fees\njurisdiction: Atlantis\n---\n\nThe fee is $5.\n",
    )
    .unwrap();
    let output = support::echovoice(home.path(), &["kb", "add", path.to_str().unwrap()]);
    let said = [output.stdout.clone(), output.stderr.clone()].concat();
    let said = String::from_utf8(said).unwrap();
    assert!(said.contains("not a place that is known"), "{said}");
}

/// Intake 4: `batch` reads what `run` does, and tells it a line.
#[test]
fn a_batch_reads_the_same_tables() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("customers.csv");
    let text = "user_id;email;jurisdiction;Consents.Email;HasOptedOutOfEmail\n\
        1.0;ann@example.com;US;yes;\n2.0;bob@example.com;FL;yes;1\n3.0;eve@example.com;Atlantis;yes;\n";
    fs::write(&path, utf16(text, true)).unwrap();
    let args = ["batch", path.to_str().unwrap(), "--json", "--as-of", AS_OF];
    let output = support::echovoice(home.path(), &args);
    let text = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<Value> = text
        .lines()
        .map(|l| serde_json::from_str(l).unwrap())
        .collect();
    // The last one says that a line gave no run.
    assert_eq!(lines.len(), 4, "{text}");
    assert_eq!(lines[0].get("remarks"), None);
    assert!(lines[0]["analysis"]["winner"].is_object());
    assert_eq!(lines[1]["remarks"][0]["field"], "HasOptedOutOfEmail");
    assert!(lines[1]["analysis"]["winner"].is_null());
    assert_eq!(lines[2]["line"], 4);
    assert!(
        lines[2]["error"]["where"]
            .as_str()
            .unwrap()
            .ends_with(":4: jurisdiction")
    );
    let told = support::echovoice(home.path(), &args[..2]);
    let told = String::from_utf8(told.stdout).unwrap();
    assert!(
        told.contains("profile: HasOptedOutOfEmail: says no to e-mail"),
        "{told}"
    );
}

/// The table of names is printed with where each is from.
#[test]
fn the_names_of_other_systems_are_printed() {
    let home = tempfile::tempdir().unwrap();
    let output = support::echovoice(home.path(), &["fields"]);
    let text = String::from_utf8(output.stdout).unwrap();
    for words in [
        "Salesforce",
        "hs_email_optout",
        "https://",
        "consent, e-mail: consents.email",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// A refusal under any known name, spelling, nesting, shadow, duplicate and file format never leaves the way free.
    #[test]
    fn a_refusal_is_never_clear_for_sending(
        at in 0..KNOWN.len(),
        spelling in 0..6_usize,
        nesting in 0..7_usize,
        shadow in 0..4_usize,
        format in 0..9_usize,
    ) {
        let (name, yes) = KNOWN[at];
        let name = spelled(name, spelling);
        let mut value = with(&json!({}));
        let table = format > 1;
        let key = match (nesting, table) {
            (0, _) => name.clone(),
            (n, true) => format!("{}{}{name}", ["properties", "traits", "attributes", "fields", "customFields", "contact"][n - 1], [".", "__"][n % 2]),
            (n, false) => {
                let outer = ["properties", "traits", "attributes", "fields", "customFields", "contact"][n - 1];
                value[outer] = json!({name.as_str(): yes});
                String::new()
            }
        };
        if !key.is_empty() {
            value[&key] = json!(yes);
        }
        // A null or an empty value above it hides nothing.
        if shadow == 1 && nesting > 0 {
            value[&name] = if table { json!("") } else { Value::Null };
        }
        let bytes = match format {
            0 => value.to_string().into_bytes(),
            1 => format!("{value}\n{}\n", with(&json!({"user_id": "C-2"}))).into_bytes(),
            _ => table_of(&value, [',', ';', '\t', '|', ',', ',', ';'][format - 2], format, shadow),
        };
        // The same key once more, and nothing under it: most readers keep the last.
        let bytes = if shadow == 2 && format == 0 && !key.is_empty() {
            let text = String::from_utf8(bytes).unwrap();
            let cut = text.strip_suffix('}').unwrap();
            format!("{cut},{}:null}}", json!(key)).into_bytes()
        } else {
            bytes
        };
        let ending = ["json", "jsonl", "csv"][format.min(2)];
        let profile = file(&format!("a.{ending}"), &bytes);
        prop_assert_ne!(becomes(&profile, Channel::Email), "clear", "{} {:?}", String::from_utf8_lossy(&bytes), profile.remarks);
    }

    #[test]
    fn no_profile_makes_the_reader_fall_over(key in "[a-zA-Z_. \\[\\]-]{0,24}", text in ".{0,24}", number in any::<i64>()) {
        for value in [json!(text), json!(number), json!([text, number]), json!({key.as_str(): text})] {
            let _ = Profile::from_value(&json!({"id": "1", key.as_str(): value.clone(), "age": value.clone(), "dob": value.clone(), "name": value.clone(), "consents": value.clone(), "jurisdiction": "US", "country": text}));
        }
    }
}

/// Names under which a value says no to e-mail.
const KNOWN: [(&str, &str); 24] = [
    ("opted_out", "yes"),
    ("unsubscribed", "true"),
    ("do_not_contact", "1"),
    ("has_opted_out_of_email", "true"),
    ("hs_email_optout", "true"),
    ("hs_email_optout_12", "true"),
    ("email_opt_out", "Yes"),
    ("do_not_email", "1"),
    ("donotbulkemail", "1"),
    ("email_blacklisted", "1"),
    ("black_listed", "true"),
    ("marketing_suspended", "true"),
    ("unsubscribed_from_emails", "true"),
    ("accepts_marketing", "no"),
    ("email_subscribe", "unsubscribed"),
    ("marketing_status", "unsubscribed"),
    ("subscribed", "false"),
    ("consents.email", "no"),
    ("consent_email", "off"),
    ("opted_out_at", "2026-01-02"),
    ("unsubscribed_at", "2026-01-02T10:00:00Z"),
    ("newsletter_opt_in", "0"),
    ("suppressed", "true"),
    ("email_status", "bounced"),
];

fn spelled(name: &str, how: usize) -> String {
    match how {
        0 => name.to_owned(),
        1 => name.to_uppercase(),
        2 => name.replace('_', "-"),
        3 => name.replace('_', " "),
        4 => name
            .split('_')
            .map(|word| {
                let mut letters = word.chars();
                let first = letters.next().map(|c| c.to_ascii_uppercase());
                first.into_iter().chain(letters).collect::<String>()
            })
            .collect(),
        _ => {
            let mut out = String::new();
            for (at, word) in name.split('_').enumerate() {
                let mut letters = word.chars();
                let first = letters
                    .next()
                    .map(|c| if at == 0 { c } else { c.to_ascii_uppercase() });
                out.extend(first.into_iter().chain(letters));
            }
            out
        }
    }
}

/// A profile as a table of one row, in one of the encodings; `shadow` 3 doubles each refusal's column with a yes.
fn table_of(value: &Value, separator: char, format: usize, shadow: usize) -> Vec<u8> {
    let mut cells: Vec<(String, String)> = Vec::new();
    for (key, value) in value.as_object().unwrap() {
        match value {
            Value::Object(map) => {
                for (inner, value) in map {
                    cells.push((
                        format!("{key}.{inner}"),
                        value
                            .as_str()
                            .map_or_else(|| value.to_string(), str::to_owned),
                    ));
                }
            }
            Value::String(text) => cells.push((key.clone(), text.clone())),
            other => cells.push((key.clone(), other.to_string())),
        }
    }
    if shadow == 3 {
        cells.push(("consents.email".into(), "yes".into()));
    }
    let quote = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
    let line = |pick: fn(&(String, String)) -> &String| {
        cells
            .iter()
            .map(|cell| quote(pick(cell)))
            .collect::<Vec<_>>()
            .join(&separator.to_string())
    };
    let text = format!("{}\n{}\n", line(|c| &c.0), line(|c| &c.1));
    match format {
        6 => utf16(&text, true),
        7 => utf16(&text, false),
        8 => encoding_rs::WINDOWS_1252
            .encode(&text.replace("Amara", "Zoë"))
            .0
            .into_owned(),
        5 => format!("\u{FEFF}{text}").into_bytes(),
        _ => text.into_bytes(),
    }
}

/// Exports of two customer systems under their own column names: who it is, where they live, and the no.
#[test]
fn exports_under_their_own_columns_are_read_whole() {
    let home = tempfile::tempdir().unwrap();
    for (name, table) in [
        (
            "hubspot.csv",
            "Record ID,First Name,Last Name,Email,Mobile Phone Number,Country/Region,State/Region,hs_email_optout\n\
             10234.0,Amara,Osei,amara.osei@example.com,+1 302 555 0142,United States,New York,true\n",
        ),
        (
            "salesforce.csv",
            "\"Contact ID\",\"First Name\",\"Last Name\",\"Email\",\"Mailing Country\",\"Mailing State\",\"HasOptedOutOfEmail\"\n\
             \"10234\",\"Amara\",\"Osei\",\"amara.osei@example.com\",\"USA\",\"NY\",\"1\"\n",
        ),
        (
            "crm.csv",
            "Customer ID;First Name;Last Name;E-Mail;Country;State;Email Opt Out\n\
             10234.0;Amara;Osei;amara.osei@example.com;U.S.;New York;1\n",
        ),
    ] {
        let file = home.path().join(name);
        std::fs::write(&file, table).unwrap();
        let read = intake::read(&file).unwrap();
        let profile = &read[0].profile;
        assert_eq!(profile.id, "10234", "{name}");
        assert_eq!(profile.given_name(), Some("Amara"), "{name}");
        assert_eq!(
            profile.email.as_deref(),
            Some("amara.osei@example.com"),
            "{name}"
        );
        assert_ne!(becomes(profile, Channel::Email), "clear", "{name}");
    }
}
