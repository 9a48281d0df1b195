//! A verdict that is remembered is the verdict that would be given: whoever the customer is, whatever the hour.

use crate::support::dice::Dice;
use chrono::DateTime;
use echovoice::domain::facts::Facts;
use echovoice::domain::jurisdiction::{Channel, Jurisdiction};
use echovoice::domain::message::Message;
use echovoice::domain::profile::Profile;
use echovoice::pii::AllowList;
use echovoice::pipeline::LayeredGate;
use echovoice::pipeline::ports::Gate as _;
use echovoice::rules::RuleBook;
use echovoice::service::policy::shipped;
use serde_json::{Value, json};
use std::fs;
use std::sync::Arc;

const MOMENTS: [&str; 8] = [
    "2026-11-27T12:00:00Z",
    "2026-11-27T12:07:31.25Z",
    "2026-11-27T23:59:59Z",
    "2026-11-28T00:00:00Z",
    "2026-11-27T23:55:00+00:07",
    "2026-12-31T18:14:59+05:45",
    "2027-01-01T04:59:00-05:00",
    "2026-11-27T05:00:00-08:00",
];

fn customer(dice: &mut Dice) -> Profile {
    let name = dice.pick(&["Amara Osei", "Jo Bloggs", "Guaranteed Free", "Li"]);
    let mut profile = json!({
        "user_id": format!("C-{}", dice.of(900)),
        "name": name,
        "email": "amara.osei@example.com",
        "phone": dice.pick(&["+1 206 555 0143", "+44 20 7946 0018", "+1 512 555 0100"]),
        "locale": dice.pick(&["en-US", "de-DE", "en-GB"]),
        "time_zone": dice.pick(&["America/New_York", "Europe/Berlin", "Asia/Kolkata", "Mars/Olympus"]),
    });
    if dice.of(3) == 0 {
        profile["age"] = json!("about thirty");
    }
    Profile::from_value(&profile).unwrap()
}

fn message(row: &Value, dice: &mut Dice) -> Message {
    let customer = (dice.of(4) > 0).then(|| customer(dice));
    let greeting = customer.as_ref().and_then(|c| c.name.clone());
    let text = row["text"].as_str().unwrap();
    let body = match (&greeting, dice.of(3)) {
        (Some(name), 0) => format!("Hi {name},\n\n{text}"),
        _ => text.to_owned(),
    };
    let mut facts: Facts = serde_json::from_value(row["facts"].clone()).unwrap_or_default();
    if dice.of(4) == 0 {
        facts.set(
            "send_local",
            dice.pick(&["22:15", "2026-11-27T09:00", "soon"]),
        );
    }
    Message {
        subject: (dice.of(2) == 0).then(|| dice.pick(&["", "Your plan", "Free money"]).to_owned()),
        html: (dice.of(3) == 0).then(|| format!("<p>{body}</p>")),
        body,
        channel: [None, Some(Channel::Email), Some(Channel::Sms)][dice.of(3)],
        jurisdiction: (dice.of(4) > 0)
            .then(|| Jurisdiction::new(dice.pick(&["US", "US-CA", "UK", "EU-DE"]))),
        facts,
        customer: customer.map(Into::into),
        as_of: (dice.of(8) > 0).then(|| DateTime::parse_from_rfc3339(dice.pick(&MOMENTS)).unwrap()),
        complete: dice.of(6) > 0,
        ..Message::default()
    }
}

#[test]
fn a_remembered_verdict_is_the_one_that_would_be_given() {
    let rows: Vec<Value> = fs::read_to_string("tests/fixtures/policy-own.jsonl")
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let book = || Arc::new(RuleBook::compile(&shipped().unwrap(), []).unwrap());
    let allow = Arc::new(AllowList::default());
    let keeps = LayeredGate::new(book(), allow.clone());
    // Books remember sentences: this one meets the same ones in the opposite order, each first where the other had it last.
    let fresh = LayeredGate::without_memory(book(), allow);
    let mut seen = Vec::new();
    let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
    for _ in 0..160 {
        let row = &rows[dice.of(rows.len())];
        // The same words to several customers at several moments, some of them twice.
        let mut same = dice;
        let first = message(row, &mut same);
        let mut others: Vec<Message> = (0..3).map(|_| message(row, &mut dice)).collect();
        for other in &mut others {
            if dice.of(2) == 0 {
                other.body.clone_from(&first.body);
                other.facts.clone_from(&first.facts);
                other.channel = first.channel;
                other.jurisdiction.clone_from(&first.jurisdiction);
            }
        }
        for message in std::iter::once(&first).chain(&others).chain([&first]) {
            seen.push((message.clone(), keeps.check(message)));
        }
    }
    for (message, kept) in seen.iter().rev() {
        assert_eq!(*kept, fresh.check(message), "{message:?}");
    }
}
