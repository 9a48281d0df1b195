//! What an entry says, as a person would say it: who did what, to which text, and why.

use crate::domain::canary::TestOutcome;
use crate::ledger::entry::{Entry, EntryKind};
use serde_json::Value;
use std::collections::BTreeMap;

/// Titles of rules by their ids.
pub type Titles = BTreeMap<String, String>;

/// Rules named in one sentence.
const NAMED: usize = 2;

/// The reason that somebody gave: beside the entry's own, the one that was signed.
pub fn reason(entry: &Entry) -> Option<&str> {
    let given = entry.text("reason").or_else(|| entry.signed_reason());
    let given = given?.trim();
    (!given.is_empty() && given != "none").then_some(given)
}

/// Whether somebody decided something, or acted on what was decided.
pub fn is_decision(kind: EntryKind) -> bool {
    use EntryKind as K;
    matches!(
        kind,
        K::Decision | K::Override | K::Withdrawn | K::Recall | K::Reopened | K::FindingDismissed
    )
}

/// What the program itself finds, without a pack: by the beginning of the id.
const OWN: [(&str, &str); 6] = [
    ("core.grounding.", "Figures and claims have a source"),
    ("core.pii", "Personal data stays with whose it is"),
    ("core.intake", "What is written is read"),
    ("core.unread", "What is written is read"),
    ("core.language", "What is written is read"),
    ("core.limit", "What is written is read"),
];

/// A rule by its title, and only by its id where nothing has one.
pub fn title<'t>(rule: &'t str, titles: &'t Titles) -> &'t str {
    if let Some(title) = titles.get(rule) {
        return title;
    }
    // Found by likeness to what rules of this family find.
    if rule.rsplit('.').next() == Some("alike") {
        return titles
            .get("core.resembles")
            .map_or("It reads like a known violation", String::as_str);
    }
    let own = OWN.iter().find(|(begins, _)| rule.starts_with(begins));
    own.map_or(rule, |(_, title)| title)
}

/// Rules by their titles; those that no pack has any more by their ids.
fn rules(entry: &Entry, name: &str, titles: &Titles) -> Option<String> {
    let ids: Vec<&str> = match entry.data.get(name)? {
        Value::Object(map) => map.keys().map(String::as_str).collect(),
        Value::Array(list) => list.iter().filter_map(Value::as_str).collect(),
        Value::String(one) => vec![one],
        _ => return None,
    };
    let mut all: Vec<&str> = Vec::new();
    for id in ids {
        let title = title(id, titles);
        if !all.contains(&title) {
            all.push(title);
        }
    }
    let mut named: Vec<String> = all.iter().take(NAMED).map(|t| (*t).to_owned()).collect();
    if all.len() > NAMED {
        named.push(format!("{} more", all.len() - NAMED));
    }
    (!named.is_empty()).then(|| named.join("; "))
}

fn number(entry: &Entry, name: &str) -> u64 {
    entry.data.get(name).and_then(Value::as_u64).unwrap_or(0)
}

/// How many there are of a list.
fn count(entry: &Entry, name: &str) -> usize {
    let list = entry.data.get(name).and_then(Value::as_array);
    list.map_or(0, Vec::len)
}

/// The sentence.
pub fn sentence(entry: &Entry, titles: &Titles) -> String {
    let said = what(entry, titles);
    match why(entry) {
        Some(why) => format!("{said} ({why})"),
        None => said,
    }
}

/// The reason that was given, with its code, where the sentence does not say it anyway.
pub fn why(entry: &Entry) -> Option<String> {
    let code = entry.text("code").filter(|code| !code.is_empty());
    let given = reason(entry).filter(|_| !says_its_reason(entry.kind));
    match (code, given) {
        (Some(code), Some(given)) if code != given => Some(format!("{code}: {given}")),
        (code, given) => given.or(code).map(str::to_owned),
    }
}

/// All that an entry says, a line each: the sentence, who and about whom, its fields in words, and hashes last.
pub fn lines(entry: &Entry, titles: &Titles) -> Vec<(String, String)> {
    let mut said: Vec<(String, String)> = Vec::new();
    let mut hashes: Vec<(String, String)> = Vec::new();
    let mut say = |name: &str, value: String| said.push((name.to_owned(), value));
    say("what", sentence(entry, titles));
    say("by", format!("{} ({})", entry.actor, entry.role));
    if let Some(subject) = &entry.subject {
        say("customer", subject.clone());
    }
    for (key, value) in &entry.data {
        if matches!(key.as_str(), "note" | "kind" | "variant" | "pins") {
            continue;
        }
        let Some((name, words)) = field(entry, key, value, titles) else {
            continue;
        };
        if words.contains("sha256:") {
            hashes.push((name, words));
        } else if !words.is_empty() {
            say(&name, words);
        }
    }
    for (name, digest) in &entry.blobs {
        hashes.push((name.clone(), digest.to_string()));
    }
    for (name, sealed) in &entry.sealed {
        hashes.push((name.clone(), format!("sealed, {}", sealed.commit.short())));
    }
    if let Some(pack) = entry.pack {
        hashes.push(("rules".into(), pack.short()));
    }
    said.extend(hashes);
    said
}

/// A field in words; none for one that says nothing to a reader.
fn field(entry: &Entry, key: &str, value: &Value, titles: &Titles) -> Option<(String, String)> {
    let text = value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned);
    let list = || {
        let items = value.as_array()?.iter();
        let items: Vec<&str> = items.filter_map(Value::as_str).collect();
        Some(items.join(", "))
    };
    let (name, words) = match key {
        "micros" => ("took", took(value.as_u64()?)),
        "bulk" if *value == Value::Bool(true) => {
            ("together", "with others, by one word".to_owned())
        }
        // What opens a planted test is for verifiers; its words stand in the run.
        "bulk" | "html" | "nonce" => return None,
        "rules" => ("blocked by", all_rules(value, titles)),
        "reviews" => ("to look at", all_rules(value, titles)),
        "against" | "rule" => ("rule", rules(entry, key, titles)?),
        "features_read" => ("fields read", list()?),
        "proven_by" => ("proven by", text),
        "send_after" => ("not before", text),
        "passed" => ("clear", text),
        "winner" => ("proposed", text),
        _ => (
            key,
            list().filter(|words| !words.is_empty()).unwrap_or(text),
        ),
    };
    Some((name.replace('_', " "), words))
}

/// Rules with how often, by their titles.
fn all_rules(value: &Value, titles: &Titles) -> String {
    let counts = value.as_object().into_iter().flatten();
    let said = counts.map(|(rule, count)| format!("{} ({count}, {rule})", title(rule, titles)));
    said.collect::<Vec<_>>().join("; ")
}

/// How long it took, in the unit that says enough.
fn took(micros: u64) -> String {
    match micros / 1_000 {
        0 => "less than a millisecond".into(),
        millis if millis < 1_000 => format!("{millis} ms"),
        millis => format!("{}.{} s", millis / 1_000, millis % 1_000 / 100),
    }
}

/// Kinds whose own words hold the reason.
fn says_its_reason(kind: EntryKind) -> bool {
    matches!(kind, EntryKind::Delivery | EntryKind::StageFailed)
}

/// What was done, by whom, to which text; without the reason.
pub fn what(entry: &Entry, titles: &Titles) -> String {
    use EntryKind as K;
    let text = |name: &str| entry.text(name).unwrap_or_default();
    let who = &entry.actor;
    match entry.kind {
        K::LogGenesis => "the record begins".into(),
        K::KeyEnrolled if who == "system" => {
            format!(
                "the record begins with {} as {}",
                text("name"),
                text("role")
            )
        }
        K::KeyEnrolled => format!("{who} gives {} a key as {}", text("name"), text("role")),
        K::KeyRevoked => format!("{who} ends what {} may do", text("name")),
        K::KeyProposed => format!("{who} proposes a new key for {}", text("name")),
        K::RoleGranted => format!("{who} makes {} {}", text("name"), text("role")),
        K::PackActivated => format!("{who}: {} the pack {}", text("action"), text("pack")),
        K::StateProposed if text("pack").is_empty() => {
            format!("{who} proposes to accept the texts and packs as they are")
        }
        K::StateProposed => format!(
            "{who} proposes to {} the pack {}",
            text("action"),
            text("pack")
        ),
        K::HomeAccepted => format!("{who} accepts the texts and packs as they are"),
        K::TokenMade => format!("{who} makes a token for {}", text("name")),
        K::TokenRevoked => format!("{who} ends a token of {}", text("name")),
        K::RunStarted => {
            let anew = entry.text("again").map_or("", |_| ", beside another one");
            let (by, at) = (text("channel"), text("jurisdiction"));
            format!("{who} starts a run by {by} to {at}{anew}")
        }
        K::SegmentDone => match text("product") {
            "" => format!("the customer is {}", text("segment")),
            product => format!("the customer is {}, about {product}", text("segment")),
        },
        K::RetrieveDone => format!("{} passages found", count(entry, "citations")),
        K::VariantGenerated => variants(entry),
        K::GateResult => gate(entry, titles),
        K::AnalyticsDone => match (text("holdout"), text("winner")) {
            ("", "") => "no variant may go out; a person decides".into(),
            ("", winner) => format!("variant {winner} is proposed; a person decides"),
            _ => "the customer is held out: nothing is sent".into(),
        },
        K::StageFailed => format!("the run stopped: {}", text("reason")),
        K::FindingDismissed => {
            let rule = rules(entry, "rule", titles).unwrap_or_default();
            format!(
                "{who} calls a finding a false alarm on {}: {rule}",
                variant(entry)
            )
        }
        K::Revision => format!("{who} changes the text (try {})", number(entry, "revision")),
        K::Decision | K::Override => decision(entry, titles),
        K::Assigned => match (text("how"), text("to")) {
            ("assign", to) => format!("{who} gives the run to {to}"),
            ("release", _) => format!("{who} lets the run go"),
            ("escalate", _) => format!("{who} leaves the run to a principal"),
            _ => format!("{who} takes the run"),
        },
        K::Comment => format!("{who} comments"),
        K::Withdrawn => format!("{who} takes the decision back"),
        K::Recall => format!("{who} calls the message back"),
        K::Expired => "the approval lapsed".into(),
        K::Reopened => format!("{who} sends the approval back to review"),
        K::Delivery => delivery(entry),
        K::CanaryRevealed => planted(entry),
        K::OptOut => format!("{who} notes that a customer wants no more messages"),
        K::HoldSet => format!("{who} holds a customer's data"),
        K::HoldLifted => format!("{who} lifts a hold"),
        K::ErasureDeferred => format!("{who} puts an erasure off"),
        K::ErasureExecuted => format!("{who} erases a customer's data"),
        K::DisposalProposed => "data is due for disposal".into(),
        K::Export => format!("{who} exports the record"),
        K::VerifyDone => format!("{who} verifies the record"),
        other => format!("{who}: {}", other.as_str().replace(['.', '_'], " ")),
    }
}

fn planted(entry: &Entry) -> String {
    let text = |name: &str| entry.text(name).unwrap_or("?");
    let outcome = TestOutcome::parse(text("outcome")).map_or("?", TestOutcome::in_words);
    format!(
        "this was a test that {} planted ({}): {outcome}; nothing of it is sent: {}",
        text("planted_by"),
        text("expect"),
        text("why")
    )
}

fn variant(entry: &Entry) -> String {
    format!("variant {}", entry.text("variant").unwrap_or("?"))
}

fn variants(entry: &Entry) -> String {
    let letters = entry.data.get("artifacts").and_then(Value::as_object);
    let letters: Vec<&str> = letters
        .into_iter()
        .flat_map(|map| map.keys())
        .map(String::as_str)
        .collect();
    match letters.as_slice() {
        [] => "no text could be composed".into(),
        letters => format!("texts {} are composed", letters.join(", ")),
    }
}

fn gate(entry: &Entry, titles: &Titles) -> String {
    let (passed, review, blocked) = (
        number(entry, "passed"),
        number(entry, "review"),
        number(entry, "blocked"),
    );
    let mut said: Vec<String> = Vec::new();
    for (n, words) in [
        (passed, "clear"),
        (review, "for a person"),
        (blocked, "blocked"),
    ] {
        if n > 0 {
            said.push(format!("{n} {words}"));
        }
    }
    let why = rules(entry, "rules", titles).or_else(|| rules(entry, "reviews", titles));
    let why = why.map_or_else(String::new, |why| format!(": {why}"));
    format!("checked: {}{why}", said.join(", "))
}

fn decision(entry: &Entry, titles: &Titles) -> String {
    let (who, on) = (&entry.actor, variant(entry));
    let together = match entry.data.get("bulk").and_then(Value::as_bool) {
        Some(true) => ", together with others",
        _ => "",
    };
    match entry.text("kind").unwrap_or_default() {
        "approve" => format!("{who} approves {on}{together}"),
        "reject" => format!("{who} rejects {on}{together}"),
        "request_changes" => format!("{who} asks for changes of {on}"),
        "override" => match rules(entry, "against", titles) {
            Some(rules) => format!("{who} overrides on {on}: {rules}"),
            None => format!("{who} overrides on {on}"),
        },
        other => format!("{who}: {other} {on}"),
    }
}

fn delivery(entry: &Entry) -> String {
    let by = entry.text("channel").unwrap_or("message");
    match entry.text("status").unwrap_or_default() {
        "delivered" => format!("handed over ({by})"),
        "begun" => format!("the hand-over begins ({by})"),
        "failed" => format!(
            "the hand-over failed: {}",
            reason(entry).unwrap_or("no reason")
        ),
        "held" => format!("held: {}", reason(entry).unwrap_or("no reason")),
        other => format!("hand-over: {other}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn said(kind: &str, data: Value) -> String {
        let entry = serde_json::from_value(json!({
            "v": 1, "seq": 7, "prev": "", "id": "x", "time": "2026-11-23T14:05:12.5Z", "actor": "m.okafor",
            "role": "officer", "type": kind, "run": "r-1284", "subject": "s-77", "data": data,
        }))
        .unwrap();
        let titles = Titles::from([("us.x".to_owned(), "Says what it costs".to_owned())]);
        sentence(&entry, &titles)
    }

    #[test]
    fn a_title_leads_also_where_no_pack_has_the_rule() {
        let titles = Titles::from([("us.x".to_owned(), "Says what it costs".to_owned())]);
        for (rule, says) in [
            ("us.x", "Says what it costs"),
            ("us.x.alike", "It reads like a known violation"),
            ("core.pii.phone", "Personal data stays with whose it is"),
            ("gone.rule", "gone.rule"),
        ] {
            assert_eq!(title(rule, &titles), says);
        }
    }

    #[test]
    fn hashes_come_last_and_figures_are_words() {
        let entry = serde_json::from_value(json!({
            "v": 1, "seq": 7, "prev": "", "id": "x", "time": "2026-11-23T14:05:12.5Z", "actor": "system",
            "role": "system", "type": "analytics.done", "run": "r-1284",
            "data": {"artifact": "sha256:aa", "bulk": true, "micros": 1_670_972, "winner": "A"},
        }))
        .unwrap();
        let lines = lines(&entry, &Titles::new());
        let names: Vec<&str> = lines.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(
            names,
            ["what", "by", "together", "took", "proposed", "artifact"]
        );
        assert_eq!(lines[3].1, "1.6 s");
    }

    #[test]
    fn an_entry_is_a_sentence() {
        for (kind, data, says) in [
            (
                "decision",
                json!({"kind": "approve", "variant": "A", "bulk": true}),
                "m.okafor approves variant A, together with others",
            ),
            (
                "decision",
                json!({"kind": "reject", "variant": "B", "code": "misleading", "note": "x\nreason The rate is old\n"}),
                "m.okafor rejects variant B (misleading: The rate is old)",
            ),
            (
                "override",
                json!({"kind": "override", "variant": "C", "against": ["us.x"], "note": "x\nreason Cleared\n"}),
                "m.okafor overrides on variant C: Says what it costs (Cleared)",
            ),
            (
                "gate.result",
                json!({"passed": 2, "review": 0, "blocked": 1, "rules": {"us.x": 1}}),
                "checked: 2 clear, 1 blocked: Says what it costs",
            ),
            (
                "delivery",
                json!({"status": "held", "reason": "it is night there", "channel": "sms"}),
                "held: it is night there",
            ),
            (
                "analytics.done",
                json!({"winner": "", "micros": 12}),
                "no variant may go out; a person decides",
            ),
        ] {
            assert_eq!(said(kind, data), says);
        }
    }
}
