//! `pii scan` and `pii redact`: the engine alone.

use super::Answer;
use super::args::{Global, PiiAction, PiiArgs};
use super::output::Out;
use crate::error::{Error, Kind, Result};
use crate::service::check::Ruler;
use crate::service::intake;
use crate::service::personal::{AllowList, KnownValues, Scanner, redact};
use serde_json::{Value, json};

pub fn run(global: &Global, args: &PiiArgs, out: &mut Out) -> Result<Answer> {
    let (file, jsonl, redacting) = match &args.action {
        PiiAction::Scan { file, jsonl } => (file, *jsonl, false),
        PiiAction::Redact { file, jsonl } => (file, *jsonl, true),
    };
    let name = file.display().to_string();
    let text = intake::read_text(file, &name)?;
    if !jsonl {
        let scanner = Scanner::default();
        if redacting {
            out.line(redact(&text, &scanner).text.trim_end());
            return Ok(Answer::Done);
        }
        let hits = scanner.scan(&text);
        if global.json {
            out.json(&spans(&text, &scanner));
        } else {
            let ruler = Ruler::new(&text);
            for hit in &hits {
                out.line(&format!(
                    "{name}:{}: {} ({} characters, score .{:02})",
                    ruler.line(hit.start),
                    hit.kind.as_str(),
                    text[hit.start..hit.end].chars().count(),
                    hit.score.min(99)
                ));
            }
        }
        return Ok(if hits.is_empty() {
            Answer::Done
        } else {
            Answer::No
        });
    }
    for (index, line) in text
        .lines()
        .enumerate()
        .filter(|(_, l)| !l.trim().is_empty())
    {
        let wrong = |problem: &str| {
            Error::new(Kind::Input, problem)
                .at(format!("{name}:{}", index + 1))
                .fix("give {\"id\",\"text\"} on each line")
        };
        let value: Value = serde_json::from_str(line).map_err(|_| wrong("not JSON"))?;
        let text = value
            .get("text")
            .and_then(Value::as_str)
            .ok_or_else(|| wrong("text: missing"))?;
        let known = known(&value);
        let allow = allow(&value);
        let scanner = Scanner {
            known: known.as_ref(),
            allow: Some(&allow),
        };
        let id = value.get("id").unwrap_or(&Value::Null);
        if redacting {
            out.json(&json!({"id": id, "text": redact(text, &scanner).text}));
        } else {
            out.json(&json!({"id": id, "spans": spans(text, &scanner)}));
        }
    }
    Ok(Answer::Done)
}

/// Optional `known`: the customer's own values, in the profile's fields.
fn known(value: &Value) -> Option<KnownValues> {
    let mut known = value.get("known")?.clone();
    known.as_object_mut()?.insert("id".into(), "known".into());
    crate::domain::profile::Profile::from_value(&known)
        .ok()
        .map(|p| KnownValues::of_profile(&p))
}

/// Optional `allow`: exact values that may stand.
fn allow(value: &Value) -> AllowList {
    AllowList::new(
        value
            .get("allow")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str),
    )
}

fn spans(text: &str, scanner: &Scanner<'_>) -> Vec<Value> {
    let ruler = Ruler::new(text);
    scanner
        .scan(text)
        .into_iter()
        .map(|hit| {
            let (start, end) = (ruler.chars(hit.start), ruler.chars(hit.end));
            json!({"start": start, "end": end, "type": hit.kind.as_str(), "score": f64::from(hit.score) / 100.0})
        })
        .collect()
}
