//! Records of an audit trail, when somebody asks whether they would satisfy 17 CFR 240.17a-4(f).

use super::{Prepared, RawFinding};
use crate::domain::finding::Part;
use serde_json::Value;

/// Reads the body as one JSON record. A change needs actor, time, before and after; a delivery an approval.
pub fn fields(prepared: &Prepared<'_>, report: &mut dyn FnMut(RawFinding<'_>)) {
    let body = prepared.message.body.trim();
    if !body.starts_with('{') {
        return;
    }
    let Ok(Value::Object(record)) = serde_json::from_str::<Value>(body) else {
        return;
    };
    let Some(kind) = record.get("type").and_then(Value::as_str) else {
        return;
    };
    let has = |keys: &[&str]| {
        keys.iter()
            .any(|key| record.get(*key).is_some_and(|v| !v.is_null() && v != ""))
    };
    let mut missing = Vec::new();
    let mut need = |name: &str, keys: &[&str]| {
        if !has(keys) {
            missing.push(name.to_owned());
        }
    };
    let kind = kind.to_ascii_lowercase();
    if [
        "update", "revis", "chang", "edit", "delet", "remov", "modif", "redact", "replac",
    ]
    .iter()
    .any(|stem| kind.contains(stem))
    {
        need("who (actor)", &["actor", "by", "user"]);
        need("when (time)", &["time", "timestamp", "at"]);
        need("the version before", &["before", "prev", "previous"]);
        if !(kind.contains("delet") || kind.contains("remov")) {
            need("the version after", &["after", "new", "next"]);
        }
    } else if ["deliver", "sent", "send", "dispatch"]
        .iter()
        .any(|stem| kind.contains(stem))
    {
        need(
            "an approval of the same content",
            &["approval", "approved_by", "decision"],
        );
    } else if ["decision", "approv", "overrid", "dismiss"]
        .iter()
        .any(|stem| kind.contains(stem))
    {
        need("who (actor)", &["actor", "by", "user"]);
        need(
            "the content it binds (artifact)",
            &["artifact", "content", "hash", "finding"],
        );
    } else if ["retention", "archive"]
        .iter()
        .any(|stem| kind.contains(stem))
    {
        need("a retention class or date", &["class", "until", "years"]);
        if record
            .get("years")
            .and_then(Value::as_f64)
            .is_some_and(|years| years < 3.0)
        {
            missing.push("at least 3 years of retention".into());
        }
    }
    if !missing.is_empty() {
        report(RawFinding {
            part: Part::Body,
            end: prepared.message.body.len(),
            owned_text: Some(String::new()),
            missing,
            ..RawFinding::whole()
        });
    }
}
