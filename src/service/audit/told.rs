//! What an entry says, as a person would say it: who did what, to which text, and why.

use crate::domain::canary::TestOutcome;
use crate::domain::decision::DecisionKind;
use crate::domain::review::Act;
use crate::ledger::entry::{Entry, EntryKind};
use crate::ledger::payload::coded::{Coded, HandoverStatus};
use crate::ledger::payload::field::{ByName, FieldRef, TextList};
use crate::ledger::payload::{
    CanaryPayload, DecisionPayload, DeliveryPayload, GatePayload, Payload, PersonPayload,
    VariantsPayload,
};
use serde_json::Value;
use std::collections::BTreeMap;

/// Titles of rules by their ids.
pub type Titles = BTreeMap<String, String>;

/// Rules named in one sentence.
const NAMED: usize = 2;

/// The reason that somebody gave: beside the entry's own, the one that was signed.
pub fn reason(entry: &Entry) -> Option<&str> {
    let given = entry.payload().reason().or_else(|| entry.signed_reason());
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

/// Rules by their titles; those that no pack has any more by their ids. None if there are none.
fn rules<'r>(ids: impl Iterator<Item = &'r str>, titles: &Titles) -> Option<String> {
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
    let code = entry.payload().decision().and_then(|d| d.code.as_deref());
    let code = code.filter(|code| !code.is_empty());
    let given = reason(entry).filter(|_| !says_its_reason(entry.kind()));
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
    for (key, value) in entry.data.fields() {
        if matches!(key, "note" | "kind" | "variant" | "pins") {
            continue;
        }
        let Some((name, words)) = field(key, value, titles) else {
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
fn field(key: &str, value: FieldRef<'_>, titles: &Titles) -> Option<(String, String)> {
    let text = value.in_words();
    let items = || {
        let items = value.as_array().unwrap_or_default().iter();
        items.filter_map(Value::as_str)
    };
    let list = || {
        value
            .as_array()
            .map(|_| items().collect::<Vec<_>>().join(", "))
    };
    let (name, words) = match key {
        "micros" => ("took", took(value.as_u64()?)),
        "bulk" if value.as_bool() == Some(true) => (
            "together",
            "several runs were decided at once, each signed".to_owned(),
        ),
        // What opens a planted test is for verifiers; its words stand in the run.
        "bulk" | "html" | "nonce" => return None,
        "rules" => ("blocked by", all_rules(value, titles)),
        "reviews" => ("to look at", all_rules(value, titles)),
        "against" => ("rule", rules(items(), titles)?),
        "rule" => ("rule", rules(value.as_str().into_iter(), titles)?),
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
fn all_rules(value: FieldRef<'_>, titles: &Titles) -> String {
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
    use Payload as P;
    let who = &entry.actor;
    match entry.payload() {
        P::LogGenesis(_) => "the record begins".into(),
        P::KeyEnrolled(person) if who == "system" => {
            let (name, role) = named(person);
            format!("the record begins with {name} as {role}")
        }
        P::KeyEnrolled(person) => {
            let (name, role) = named(person);
            format!("{who} gives {name} a key as {role}")
        }
        P::KeyRevoked(person) => format!("{who} ends what {} may do", named(person).0),
        P::KeyProposed(person) => format!("{who} proposes a new key for {}", named(person).0),
        P::RoleGranted(person) => {
            let (name, role) = named(person);
            format!("{who} makes {name} {role}")
        }
        P::PackActivated(change) => {
            let (action, pack) = (said(change.action.as_ref()), said(change.pack.as_ref()));
            format!("{who}: {action} the pack {pack}")
        }
        P::StateProposed(change) => {
            match (said(change.action.as_ref()), said(change.pack.as_ref())) {
                (_, "") => format!("{who} proposes to accept the texts and packs as they are"),
                (action, pack) => format!("{who} proposes to {action} the pack {pack}"),
            }
        }
        P::HomeAccepted(_) => format!("{who} accepts the texts and packs as they are"),
        P::TokenMade(token) => format!("{who} makes a token for {}", said(token.name.as_ref())),
        P::TokenRevoked(token) => format!("{who} ends a token of {}", said(token.name.as_ref())),
        P::RunStarted(run) => {
            let anew = run.again.as_ref().map_or("", |_| ", beside another one");
            let (by, at) = (said(run.channel.as_ref()), said(run.jurisdiction.as_ref()));
            format!("{who} starts a run by {by} to {at}{anew}")
        }
        P::SegmentDone(done) => match (said(done.segment.as_ref()), said(done.product.as_ref())) {
            (segment, "") => format!("the customer is {segment}"),
            (segment, product) => format!("the customer is {segment}, about {product}"),
        },
        P::RetrieveDone(done) => {
            let count = done.citations.as_ref().map_or(0, TextList::len);
            format!("{count} passages found")
        }
        P::VariantGenerated(done) => variants(done),
        P::GateResult(gate) => judged(gate, titles),
        P::AnalyticsDone(done) => match (said(done.holdout.as_ref()), said(done.winner.as_ref())) {
            ("", "") => "no variant may go out; a person decides".into(),
            ("", winner) => format!("variant {winner} is proposed; a person decides"),
            _ => "the customer is held out: nothing is sent".into(),
        },
        P::StageFailed(failure) => format!("the run stopped: {}", said(failure.reason.as_ref())),
        P::FindingDismissed(finding) => {
            let rule = rules(finding.rule.as_deref().into_iter(), titles).unwrap_or_default();
            let variant = finding.variant.as_deref().unwrap_or("?");
            format!("{who} calls a finding a false alarm on variant {variant}: {rule}")
        }
        P::Revision(revision) => {
            let number = revision.revision.unwrap_or(0);
            format!("{who} changes the text (try {number})")
        }
        P::Decision(decided) | P::Override(decided) => decision(entry, decided, titles),
        P::Assigned(act) => match act.how.as_ref().and_then(Coded::known) {
            Some(Act::Assign) => format!("{who} gives the run to {}", said(act.to.as_ref())),
            Some(Act::Release) => format!("{who} lets the run go"),
            Some(Act::Escalate) => format!("{who} leaves the run to a principal"),
            _ => format!("{who} takes the run"),
        },
        P::Comment(_) => format!("{who} comments"),
        P::Withdrawn(_) => format!("{who} takes the decision back"),
        P::Recall(_) => format!("{who} calls the message back"),
        P::Expired(_) => "the approval lapsed".into(),
        P::Reopened(_) => format!("{who} sends the approval back to review"),
        P::Delivery(step) => delivery(entry, step),
        P::CanaryRevealed(test) => planted(test),
        P::OptOut(_) => format!("{who} notes that a customer wants no more messages"),
        P::HoldSet(_) => format!("{who} holds a customer's data"),
        P::HoldLifted(_) => format!("{who} lifts a hold"),
        P::ErasureDeferred(_) => format!("{who} puts an erasure off"),
        P::ErasureExecuted(_) => format!("{who} erases a customer's data"),
        P::DisposalProposed(_) => "data is due for disposal".into(),
        P::Export(_) => format!("{who} exports the record"),
        P::VerifyDone(_) => format!("{who} verifies the record"),
        other => {
            let kind = other.kind().as_str();
            format!("{who}: {}", kind.replace(['.', '_'], " "))
        }
    }
}

fn said(text: Option<&String>) -> &str {
    text.map_or("", String::as_str)
}

/// Who it is about, and in which role.
fn named(person: &PersonPayload) -> (&str, &str) {
    let role = person.role.as_ref().map_or("", Coded::as_str);
    (said(person.name.as_ref()), role)
}

fn planted(test: &CanaryPayload) -> String {
    let outcome = test.outcome.as_ref().and_then(Coded::known);
    format!(
        "this was a test that {} planted ({}): {}; nothing of it is sent: {}",
        test.planted_by.as_deref().unwrap_or("?"),
        test.expect.as_ref().map_or("?", Coded::as_str),
        outcome.map_or("?", TestOutcome::in_words),
        test.why.as_deref().unwrap_or("?")
    )
}

fn variants(done: &VariantsPayload) -> String {
    let letters: Vec<&str> = done.artifacts.iter().flat_map(ByName::names).collect();
    match letters.as_slice() {
        [] => "no text could be composed".into(),
        letters => format!("texts {} are composed", letters.join(", ")),
    }
}

fn judged(gate: &GatePayload, titles: &Titles) -> String {
    let mut said: Vec<String> = Vec::new();
    for (n, words) in [
        (gate.passed, "clear"),
        (gate.review, "for a person"),
        (gate.blocked, "blocked"),
    ] {
        if let Some(n) = n.filter(|n| *n > 0) {
            said.push(format!("{n} {words}"));
        }
    }
    let titled = |found: &Option<ByName<u64>>| rules(found.iter().flat_map(ByName::names), titles);
    let why = titled(&gate.rules).or_else(|| titled(&gate.reviews));
    let why = why.map_or_else(String::new, |why| format!(": {why}"));
    format!("checked: {}{why}", said.join(", "))
}

fn decision(entry: &Entry, decided: &DecisionPayload, titles: &Titles) -> String {
    let who = &entry.actor;
    let on = format!("variant {}", decided.variant.as_deref().unwrap_or("?"));
    // A forged or handmade one may say so by another type than the batch's name.
    let together = if entry.data.names("bulk") {
        ", together with others"
    } else {
        ""
    };
    match entry.decision() {
        Some(DecisionKind::Approve) => format!("{who} approves {on}{together}"),
        Some(DecisionKind::Reject) => format!("{who} rejects {on}{together}"),
        Some(DecisionKind::RequestChanges) => format!("{who} asks for changes of {on}"),
        Some(DecisionKind::Override) => {
            match rules(decided.against.iter().flat_map(TextList::iter), titles) {
                Some(rules) => format!("{who} overrides on {on}: {rules}"),
                None => format!("{who} overrides on {on}"),
            }
        }
        None => {
            let other = decided.kind.as_ref().map_or("", Coded::as_str);
            format!("{who}: {other} {on}")
        }
    }
}

fn delivery(entry: &Entry, step: &DeliveryPayload) -> String {
    let by = step.channel.as_deref().unwrap_or("message");
    let why = || reason(entry).unwrap_or("no reason");
    match step.status.as_ref().and_then(Coded::known) {
        Some(HandoverStatus::Delivered) => format!("handed over ({by})"),
        Some(HandoverStatus::Begun) => format!("the hand-over begins ({by})"),
        Some(HandoverStatus::Failed) => format!("the hand-over failed: {}", why()),
        Some(HandoverStatus::Held) => format!("held: {}", why()),
        None => {
            let other = step.status.as_ref().map_or("", Coded::as_str);
            format!("hand-over: {other}")
        }
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
                json!({"kind": "reject", "variant": "A", "bulk": "batch/7"}),
                "m.okafor rejects variant A, together with others",
            ),
            (
                "decision",
                json!({"kind": "request-changes", "variant": "B", "code": ""}),
                "m.okafor asks for changes of variant B",
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
