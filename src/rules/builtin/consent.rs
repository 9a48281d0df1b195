//! The record of consent, by its fields: whether it still holds, and for what.

use super::{Prepared, RawFinding};
use crate::domain::facts::{Known, said};
use crate::domain::finding::Disposition;
use crate::domain::jurisdiction::Channel;
use crate::text::numbers;

/// Scopes that are no marketing.
const SERVICE: [&str; 14] = [
    "reminder",
    "service",
    "transaction",
    "account",
    "order",
    "delivery",
    "recall",
    "security",
    "alert",
    "appointment",
    "statement",
    "notice",
    "receipt",
    "support",
];
const MARKETING: [&str; 14] = [
    "marketing",
    "offer",
    "news",
    "promotion",
    "sale",
    "advert",
    "deal",
    "all",
    "any",
    "commercial",
    "discount",
    "update",
    "campaign",
    "special",
];

/// A consent that has expired, that was taken back, or that is for another channel or purpose blocks; one that was given
/// to somebody else is for a person.
pub fn record(prepared: &Prepared<'_>, report: &mut dyn FnMut(RawFinding<'_>)) {
    let facts = &prepared.message.facts;
    let mut say = |disposition: Disposition, why: &str| {
        report(RawFinding {
            view: "facts",
            disposition: Some(disposition),
            why: Some(why.to_owned()),
            ..RawFinding::whole()
        });
    };
    let texts = |key: &str| match facts.get(key) {
        Known::Is(value) => said(key, value),
        _ => Vec::new(),
    };
    if matches!(facts.get("consent.revoked_at"), Known::Is(_)) {
        say(Disposition::Block, "The consent on record was taken back.");
    }
    let last_day = texts("consent.expires_at")
        .first()
        .map(|text| numbers::first_date(text).map(numbers::days));
    let today = prepared.today().map(numbers::days);
    match (last_day, today) {
        (Some(None), _) => say(
            Disposition::Review,
            "The last day of the consent on record cannot be read.",
        ),
        (Some(Some(last)), Some(today)) if last < today => {
            say(Disposition::Block, "The consent on record has expired.");
        }
        _ => {}
    }
    if let Some(channel) = prepared.message.channel {
        let names: &[&str] = match channel {
            Channel::Email => &["mail"],
            Channel::Sms => &["sms", "text", "phone", "mobile", "mms"],
            Channel::Push => &["push", "app"],
        };
        let given = texts("consent.channel");
        let covers = |text: &String| {
            let lower = text.to_lowercase();
            names.iter().any(|name| lower.contains(name)) || lower == "all" || lower == "any"
        };
        if !given.is_empty() && !given.iter().any(covers) {
            say(
                Disposition::Block,
                "The consent on record is for another channel.",
            );
        }
    }
    let scope = texts("consent.scope").join("; ").to_lowercase();
    let is_marketing = facts
        .text("purpose")
        .is_some_and(|purpose| purpose.eq_ignore_ascii_case("marketing"));
    if is_marketing && only_service(&scope) {
        say(
            Disposition::Block,
            "The consent on record does not cover marketing.",
        );
    }
    given_to_another(prepared, &texts("consent.given_to"), &mut say);
}

/// "recall notices, not offers" covers no offers; "sale news; no order updates" covers news.
fn only_service(scope: &str) -> bool {
    let covered = |words: &[&str]| {
        words.iter().any(|word| {
            scope.match_indices(word).any(|(at, _)| {
                // "recall" does not say "all".
                let inside = scope[..at]
                    .chars()
                    .next_back()
                    .is_some_and(char::is_alphabetic);
                let before = scope[..at].trim_end();
                !inside
                    && !["not", "no", "never", "without", "except", "excluding"]
                        .iter()
                        .any(|negator| before.ends_with(negator))
            })
        })
    };
    covered(&SERVICE) && !covered(&MARKETING)
}

fn given_to_another(
    prepared: &Prepared<'_>,
    given_to: &[String],
    say: &mut dyn FnMut(Disposition, &str),
) {
    let facts = &prepared.message.facts;
    let own: Vec<String> = ["firm_name", "sender_name"]
        .iter()
        .filter_map(|key| facts.text(key))
        .map(str::to_lowercase)
        .collect();
    if given_to.is_empty() {
        return;
    }
    let names_us = given_to.iter().any(|party| {
        let party = party.to_lowercase();
        own.iter()
            .any(|name| party.contains(name.as_str()) || name.contains(&party))
            || prepared.holds_text(&party)
    });
    if !names_us {
        say(
            Disposition::Review,
            "The consent on record was given to somebody else, as far as the facts say.",
        );
    }
}
