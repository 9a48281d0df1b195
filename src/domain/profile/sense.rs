//! What a value says: yes, no, a state in words, a day, or nothing.

use chrono::NaiveDate;
use serde_json::Value;
use unicode_normalization::UnicodeNormalization as _;

/// What a value of a flag or a state says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sense {
    /// `true`, `yes`, `1`.
    Yes,
    /// `false`, `no`, `0`.
    No,
    /// A state in which the customer gets messages: `subscribed`, `opted_in`, `granted`.
    In,
    /// A state in which they get none: `unsubscribed`, `withdrawn`, `cleaned`, `pending`.
    Out,
    /// A day, or a day and a time: since then.
    Day,
    /// Null, empty, or a word for nothing.
    Nothing,
    /// None of these.
    Unclear,
}

const YES: [&str; 15] = [
    "yes", "y", "true", "t", "1", "on", "x", "checked", "ja", "oui", "si", "sí", "sim", "wahr",
    "vrai",
];

const NO: [&str; 14] = [
    "no",
    "n",
    "false",
    "f",
    "0",
    "off",
    "unchecked",
    "nein",
    "non",
    "nao",
    "não",
    "falsch",
    "faux",
    "never",
];

/// Words that exports write for an empty cell.
pub const EMPTY: [&str; 17] = [
    "",
    "null",
    "none",
    "nil",
    "nan",
    "na",
    "n/a",
    "#n/a",
    "<na>",
    "nat",
    "undefined",
    "unknown",
    "-",
    "--",
    "?",
    "not set",
    "(not set)",
];

/// States of somebody who gets messages, without signs and case.
const IN: [&str; 30] = [
    "subscribed",
    "resubscribed",
    "optedin",
    "optin",
    "doubleoptin",
    "doubleoptedin",
    "confirmedoptin",
    "singleoptin",
    "granted",
    "given",
    "accepted",
    "accept",
    "agreed",
    "allowed",
    "allow",
    "consented",
    "confirmed",
    "active",
    "enabled",
    "marketable",
    "permitted",
    "explicit",
    "express",
    "expresswritten",
    "written",
    "approved",
    "optedintomarketing",
    "marketing",
    "send",
    "angemeldet",
];

/// States of somebody who gets none: they refused, never agreed, or cannot be reached.
const OUT: [&str; 76] = [
    "dn",
    "p",
    "optoutofall",
    "unsub",
    "unsubscribed",
    "unsubscribe",
    "neversubscribed",
    "notsubscribed",
    "nonsubscribed",
    "optedout",
    "optout",
    "notoptedin",
    "neveroptedin",
    "notoptin",
    "withdrawn",
    "withdrew",
    "revoked",
    "rescinded",
    "declined",
    "denied",
    "deny",
    "refused",
    "rejected",
    "objected",
    "removed",
    "suppressed",
    "blocked",
    "blacklisted",
    "blocklisted",
    "banned",
    "cleaned",
    "bounced",
    "bounce",
    "hardbounce",
    "hardbounced",
    "softbounced",
    "invalid",
    "undeliverable",
    "complained",
    "complaint",
    "spam",
    "spamcomplaint",
    "spamreport",
    "markedasspam",
    "abuse",
    "donotcontact",
    "donotemail",
    "donotcall",
    "donottext",
    "donotsend",
    "dnc",
    "held",
    "pending",
    "unconfirmed",
    "notconfirmed",
    "awaitingconfirmation",
    "transactional",
    "transactionalonly",
    "nonmarketing",
    "archived",
    "forgotten",
    "redacted",
    "expired",
    "lapsed",
    "inactive",
    "disabled",
    "disallowed",
    "notallowed",
    "notgiven",
    "notgranted",
    "noconsent",
    "nomarketing",
    "globallyunsubscribed",
    "manuallyunsubscribed",
    "usersuppressed",
    "abgemeldet",
];

/// The sense of a value; of a list the strictest of its items.
pub(super) fn of(value: &Value) -> Sense {
    match value {
        Value::Null => Sense::Nothing,
        Value::Bool(true) => Sense::Yes,
        Value::Bool(false) => Sense::No,
        Value::Number(number) => match number.as_f64() {
            Some(1.0) => Sense::Yes,
            Some(0.0) => Sense::No,
            // Seconds or milliseconds since 1970, from 2001 on.
            Some(time) if time >= 1e9 => Sense::Day,
            _ => Sense::Unclear,
        },
        Value::String(text) => of_text(text),
        Value::Array(_) | Value::Object(_) => Sense::Unclear,
    }
}

fn of_text(text: &str) -> Sense {
    let text: String = text.nfkc().collect();
    let text = text.trim().trim_matches(['"', '\'']).trim().to_lowercase();
    if EMPTY.contains(&text.as_str()) {
        return Sense::Nothing;
    }
    let flag = text.strip_suffix(".0").unwrap_or(&text);
    if YES.contains(&flag) || matches!(flag, "✓" | "✔" | "☑") {
        return Sense::Yes;
    }
    if NO.contains(&flag) || matches!(flag, "✗" | "✘" | "☐") {
        return Sense::No;
    }
    let state = super::leaf::squash(&text);
    if OUT.contains(&state.as_str()) {
        return Sense::Out;
    }
    if IN.contains(&state.as_str()) {
        return Sense::In;
    }
    if is_day(&text) {
        return Sense::Day;
    }
    Sense::Unclear
}

/// Whether a text is a date or a time stamp, as exports write them.
pub(super) fn is_day(text: &str) -> bool {
    let text = text.trim();
    let whole = |length: usize| text.len() == length && text.bytes().all(|b| b.is_ascii_digit());
    // Seconds or milliseconds since 1970.
    if whole(10) || whole(13) {
        return true;
    }
    let head = text.split(['T', 't', ' ']).next().unwrap_or_default();
    [
        "%Y-%m-%d", "%Y/%m/%d", "%m/%d/%Y", "%d/%m/%Y", "%d.%m.%Y", "%m/%d/%y", "%d-%m-%Y",
        "%Y%m%d",
    ]
    .iter()
    .any(|form| NaiveDate::parse_from_str(head, form).is_ok())
        || super::birth::days(text).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_are_read_in_the_spellings_of_exports() {
        for (value, sense) in [
            (json!("TRUE"), Sense::Yes),
            (json!("1.0"), Sense::Yes),
            (json!(1.0), Sense::Yes),
            (json!(" No "), Sense::No),
            (json!("OPT-OUT"), Sense::Out),
            (json!("Never Subscribed"), Sense::Out),
            (json!("opted_in"), Sense::In),
            (json!("2026-05-01T10:00:00Z"), Sense::Day),
            (json!("5/1/2026 10:00"), Sense::Day),
            (json!("NaN"), Sense::Nothing),
            (json!("#N/A"), Sense::Nothing),
            (json!("perhaps"), Sense::Unclear),
            (json!(7), Sense::Unclear),
        ] {
            assert_eq!(of(&value), sense, "{value}");
        }
    }
}
