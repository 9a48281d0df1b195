//! Consents and opt-outs of a profile, under whatever names they stand: a stated no holds against every yes.

use super::Consents;
use super::known::{Means, Scope};
use super::leaf::{Leaf, squash, words};
use super::sense::{self, Sense};
use super::words::scopes;
use crate::domain::finding::Disposition;
use crate::domain::remark::{Remark, Topic};
use serde_json::Value;
use std::collections::BTreeMap;

/// What all fields together say.
#[derive(Debug, Default)]
pub(super) struct Said {
    refused: BTreeMap<Scope, Vec<String>>,
    given: BTreeMap<Scope, Vec<String>>,
    /// Names under which a profile says that nobody opted out.
    not_out: Vec<String>,
    /// Consents of which it is said when or how, by their channel.
    beside: BTreeMap<Scope, String>,
    pub remarks: Vec<Remark>,
}

/// Values that say no whatever the field is called: a tag, a segment, a stage.
const REFUSALS: [&str; 18] = [
    "unsubscribed",
    "unsubscribe",
    "optedout",
    "optout",
    "donotcontact",
    "donotemail",
    "donotmail",
    "donotcall",
    "donottext",
    "dnc",
    "suppressed",
    "blacklisted",
    "blocklisted",
    "nomarketing",
    "noconsent",
    "consentwithdrawn",
    "complained",
    "deceased",
];

/// Words of what goes with a consent: when, how and where it was given.
const BESIDE: [&str; 30] = [
    "at",
    "on",
    "date",
    "time",
    "timestamp",
    "datetime",
    "source",
    "method",
    "ip",
    "by",
    "via",
    "text",
    "version",
    "wording",
    "evidence",
    "proof",
    "purpose",
    "type",
    "level",
    "scope",
    "language",
    "lang",
    "updated",
    "created",
    "modified",
    "changed",
    "channel",
    "basis",
    "form",
    "info",
];

impl Said {
    /// Takes in one field that its name makes an opt-out or a consent.
    pub fn hear(&mut self, leaf: &Leaf, means: &Means) {
        match means {
            Means::OptOut(scopes) => self.opt_out(leaf, scopes),
            Means::Consent { scopes, explicit } => self.consent(leaf, scopes, *explicit),
            Means::State(scopes) => {
                for value in each(&leaf.value) {
                    let chooses = !squash(&leaf.name).ends_with("status");
                    let none = value.as_str().is_some_and(|text| squash(text) == "none");
                    match sense::of(value) {
                        Sense::Out => {}
                        Sense::No if chooses => {
                            self.refuse(leaf, scopes);
                            continue;
                        }
                        _ if chooses && none => {
                            self.refuse(leaf, scopes);
                            continue;
                        }
                        _ => continue,
                    }
                    let state = value.as_str().map(squash).unwrap_or_default();
                    match state.as_str() {
                        // What a customer may be without having said no.
                        "inactive" | "disabled" | "expired" | "lapsed" | "removed" => {}
                        "pending" | "archived" | "transactional" | "unconfirmed"
                        | "notconfirmed" | "invalid" => {
                            self.review(leaf, "may say that the customer gets no marketing");
                        }
                        _ => self.refuse(leaf, scopes),
                    }
                }
            }
            Means::Unclear if sense::of(&leaf.value) != Sense::Nothing => {
                self.review(leaf, "its name can be read both ways");
            }
            _ => {}
        }
    }

    /// Takes in a field whose name says nothing of consents: its value may.
    pub fn overhear(&mut self, leaf: &Leaf) {
        let says_no = |value: &&Value| {
            let text = value
                .as_str()
                .filter(|text| text.len() <= 200)
                .unwrap_or_default();
            text.split([',', ';', '|'])
                .any(|part| REFUSALS.contains(&squash(part).as_str()))
        };
        if each(&leaf.value).iter().any(says_no) {
            self.review(leaf, "its value reads like an opt-out");
        }
    }

    fn opt_out(&mut self, leaf: &Leaf, scopes: &[Scope]) {
        for value in each(&leaf.value) {
            // Dynamics labels the two values of `DoNotEMail` so.
            match value.as_str().map(squash).as_deref() {
                Some("donotallow" | "notallowed" | "disallow" | "disallowed") => {
                    self.refuse(leaf, scopes);
                    continue;
                }
                Some("allow" | "allowed") => {
                    self.not_out.push(leaf.name.clone());
                    continue;
                }
                _ => {}
            }
            match sense::of(value) {
                Sense::Yes | Sense::Out | Sense::Day => self.refuse(leaf, scopes),
                Sense::No | Sense::In => self.not_out.push(leaf.name.clone()),
                Sense::Nothing => {}
                // Why or how somebody opted out does not say of what.
                Sense::Unclear => match channels(value).filter(|_| !is_comment(leaf)) {
                    Some(named) => self.refuse(leaf, &named),
                    None => self.review(
                        leaf,
                        "looks like an opt-out, and its value is not understood",
                    ),
                },
            }
        }
    }

    fn consent(&mut self, leaf: &Leaf, scopes: &[Scope], explicit: Option<&'static [String]>) {
        let last = words(leaf.last()).pop().unwrap_or_default();
        let beside = BESIDE.contains(&last.as_str()) && leaf.path.len() > 1
            || BESIDE.contains(&last.as_str()) && explicit.is_none();
        let ends = ["expires", "expiry", "expiration", "until", "expire"].contains(&last.as_str());
        if leaf.value.as_array().is_some_and(Vec::is_empty) {
            return self.review(leaf, "an empty list of what the customer agreed to");
        }
        for value in each(&leaf.value) {
            match sense::of(value) {
                Sense::Nothing if value.as_str().is_some_and(|text| squash(text) == "none") => {
                    self.review(leaf, "says none, which may be a no");
                }
                Sense::Nothing => {}
                _ if ends => self.review(leaf, "the consent ends on a day"),
                Sense::No | Sense::Out => self.refuse(leaf, scopes),
                Sense::Yes | Sense::In => match explicit {
                    Some(words) if counts(value, words) => {
                        for scope in scopes {
                            self.given
                                .entry(*scope)
                                .or_default()
                                .push(leaf.name.clone());
                        }
                    }
                    _ => self.tell(
                        leaf,
                        "says yes",
                        "not counted as a consent: it is no explicit one to this channel",
                    ),
                },
                Sense::Day | Sense::Unclear if beside => {
                    for scope in scopes {
                        self.beside
                            .entry(*scope)
                            .or_insert_with(|| leaf.name.clone());
                    }
                }
                Sense::Unclear if leaf.value.is_array() => {
                    self.tell(leaf, "a list of names", "not counted as a consent");
                }
                Sense::Unclear if channels(value).is_some() => {
                    self.tell(leaf, "names channels", "not counted as a consent");
                }
                Sense::Day | Sense::Unclear => {
                    self.review(
                        leaf,
                        "looks like a consent, and its value is not understood",
                    );
                }
            }
        }
    }

    fn refuse(&mut self, leaf: &Leaf, scopes: &[Scope]) {
        for scope in scopes {
            self.refused
                .entry(*scope)
                .or_default()
                .push(leaf.name.clone());
        }
    }

    fn review(&mut self, leaf: &Leaf, found: &str) {
        self.remark(Disposition::Review, &leaf.name, found, "a person must look");
    }

    fn tell(&mut self, leaf: &Leaf, found: &str, done: &str) {
        self.remark(Disposition::Info, &leaf.name, found, done);
    }

    fn remark(&mut self, asks: Disposition, name: &str, found: &str, done: &str) {
        let remark = Remark::new(Topic::Intake, asks, shown(name), found, done);
        if !self.remarks.contains(&remark) {
            self.remarks.push(remark);
        }
    }

    /// The consents that hold, and whether the customer opted out of everything.
    pub fn settle(&mut self) -> (Consents, bool) {
        let refused = std::mem::take(&mut self.refused);
        let given = std::mem::take(&mut self.given);
        for (scope, names) in &refused {
            if *scope == Scope::Other {
                continue;
            }
            let other = match scope {
                Scope::All => self.not_out.clone(),
                scope => given.get(scope).cloned().unwrap_or_default(),
            };
            for name in names {
                let against: Vec<&String> = other.iter().filter(|o| *o != name).collect();
                if let Some(against) = against.first() {
                    let found = format!(
                        "says no to {}, and {} does not",
                        scope.words(),
                        shown(against)
                    );
                    self.remark(Disposition::Info, name, &found, "the no holds");
                } else if other.contains(name) {
                    let found = format!("says both yes and no to {}", scope.words());
                    self.remark(Disposition::Info, name, &found, "the no holds");
                } else if !is_documented(name) {
                    let found = format!("says no to {}", scope.words());
                    self.remark(Disposition::Info, name, &found, "it holds");
                }
            }
        }
        for (scope, name) in std::mem::take(&mut self.beside) {
            let is_said = refused.contains_key(&scope) || given.contains_key(&scope);
            if Scope::SENT_BY.contains(&scope) && !is_said {
                let found = format!(
                    "goes with a consent to {}, and none says yes or no",
                    scope.words()
                );
                self.remark(Disposition::Review, &name, &found, "a person must look");
            }
        }
        let of = |scope: Scope| match (refused.contains_key(&scope), given.contains_key(&scope)) {
            (true, _) => Some(false),
            (false, true) => Some(true),
            (false, false) => None,
        };
        let consents = Consents {
            email: of(Scope::Email),
            sms: of(Scope::Sms),
            push: of(Scope::Push),
            profiling: of(Scope::Profiling),
        };
        (consents, refused.contains_key(&Scope::All))
    }
}

/// The names that our own documents give, with and without `properties`: they need no remark.
fn is_documented(name: &str) -> bool {
    let name = squash(name);
    let name = name.strip_prefix("properties").unwrap_or(&name);
    matches!(
        name,
        "optedout"
            | "optedoutat"
            | "objectedat"
            | "consentsemail"
            | "consentssms"
            | "consentspush"
            | "consentsprofiling"
            | "consentemail"
            | "consentsms"
            | "consentpush"
            | "pushoptin"
    )
}

/// A name of a field as it may be shown: no more than a line, and no signs that steer a terminal.
pub(super) fn shown(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(80).collect()
}

fn is_comment(leaf: &Leaf) -> bool {
    let last = words(leaf.last()).pop().unwrap_or_default();
    [
        "reason", "cause", "source", "method", "note", "notes", "comment", "comments", "via",
    ]
    .contains(&last.as_str())
}

fn each(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(list) => list.iter().flat_map(each).collect(),
        other => vec![other],
    }
}

/// Whether a yes is one that makes an explicit consent.
fn counts(value: &Value, explicit: &[String]) -> bool {
    let text = value.as_str().map(squash).unwrap_or_default();
    explicit.is_empty() || explicit.iter().any(|word| squash(word) == text)
}

/// The channels that a value names, as in `sms;email`; none if any of its words is no channel.
fn channels(value: &Value) -> Option<Vec<Scope>> {
    let text = value.as_str()?;
    let mut found = Vec::new();
    for part in text
        .split([',', ';', '|', '/', '+', '\n'])
        .flat_map(|p| p.split(" and "))
    {
        let word = squash(part);
        let scope = match word.as_str() {
            "" => continue,
            "all" | "everything" | "any" | "allchannels" | "marketing" | "both" | "global" => {
                Scope::All
            }
            "email" | "mail" | "emails" | "newsletter" | "newsletters" => Scope::Email,
            "sms" | "text" | "texts" | "mms" | "phone" | "mobile" | "call" | "calls" | "voice" => {
                Scope::Sms
            }
            "push" | "app" | "pushnotifications" | "notifications" => Scope::Push,
            "post" | "fax" | "whatsapp" | "postal" | "directmail" | "inapp" => Scope::Other,
            _ => {
                let words = words(part);
                match scopes(&words, &word).as_slice() {
                    [one] if *one != Scope::All && words.len() <= 2 => *one,
                    _ => return None,
                }
            }
        };
        found.push(scope);
    }
    (!found.is_empty()).then_some(found)
}
