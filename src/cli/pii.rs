//! `pii scan` and `pii redact`: the engine alone.

use super::Answer;
use super::args::{PiiAction, PiiArgs};
use super::global::Global;
use super::output::Out;
use crate::domain::profile::Profile;
use crate::error::{Error, Kind, Result};
use crate::service::check::Ruler;
use crate::service::check::lines;
use crate::service::check::personal::{AllowList, KnownValues, Scanner, redact};
use crate::service::intake;
use serde_json::{Value, json};
use std::path::Path;

pub fn run(global: &Global, args: &PiiArgs, out: &mut Out) -> Result<Answer> {
    let (file, jsonl, redacting) = match &args.action {
        PiiAction::Scan { file, jsonl } => (file, *jsonl, false),
        PiiAction::Redact { file, jsonl } => (file, *jsonl, true),
    };
    let name = file.display().to_string();
    if jsonl {
        return each_line(file, &name, redacting, out);
    }
    let scanner = Scanner::default();
    if redacting {
        let bytes = lines::read(file, &name)?;
        out.bytes(&lines::redacted(&bytes, &scanner, &name)?);
        return Ok(Answer::Done);
    }
    let text = intake::read_text(file, &name)?;
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
    Ok(if hits.is_empty() {
        Answer::Done
    } else {
        Answer::No
    })
}

/// One answer a line; a line that cannot be read gets an error with its number, and the rest goes on.
fn each_line(file: &Path, name: &str, redacting: bool, out: &mut Out) -> Result<Answer> {
    let mut wrong = 0;
    lines::each(&lines::read(file, name)?, |number, line| {
        match line.and_then(|line| answer(line, redacting)) {
            Ok(value) => out.json(&value),
            Err(error) => {
                wrong += 1;
                out.json(&error.at(format!("{name}:{number}")).to_json());
            }
        }
    });
    if wrong == 0 {
        Ok(Answer::Done)
    } else {
        Err(Error::new(Kind::Input, format!("{wrong} lines could not be read")).at(name))
    }
}

fn answer(line: &str, redacting: bool) -> Result<Value> {
    let wrong =
        |problem: &str| Error::new(Kind::Input, problem).fix("give {\"id\",\"text\"} on each line");
    let value: Value = serde_json::from_str(line).map_err(|_| wrong("not JSON"))?;
    let text = match value.get("text") {
        Some(Value::String(text)) => text,
        Some(_) => return Err(wrong("text: expected text")),
        None => return Err(wrong("text: missing")),
    };
    let known = known(&value)?;
    let allow = allow(&value)?;
    let scanner = Scanner {
        known: known.as_ref(),
        allow: Some(&allow),
    };
    let id = value.get("id").unwrap_or(&Value::Null);
    Ok(if redacting {
        json!({"id": id, "text": redact(text, &scanner).text})
    } else {
        json!({"id": id, "spans": spans(text, &scanner)})
    })
}

/// Optional `known`: the customer's own values, in the profile's fields.
fn known(value: &Value) -> Result<Option<KnownValues>> {
    let known = match value.get("known") {
        None | Some(Value::Null) => return Ok(None),
        Some(known) => known,
    };
    let wrong = |problem: String| Error::new(Kind::Input, format!("known: {problem}"));
    let mut known = known.clone();
    known
        .as_object_mut()
        .ok_or_else(|| wrong("expected an object".into()))?
        .insert("id".into(), "known".into());
    Profile::from_value(&known)
        .map(|profile| Some(KnownValues::of_profile(&profile)))
        .map_err(|e| wrong(format!("{}: {}", e.field, e.problem)))
}

/// Optional `allow`: exact values that may stand.
fn allow(value: &Value) -> Result<AllowList> {
    let list = match value.get("allow") {
        None | Some(Value::Null) => &[][..],
        Some(Value::Array(list)) => list,
        Some(_) => return Err(Error::new(Kind::Input, "allow: expected a list of texts")),
    };
    Ok(AllowList::new(list.iter().filter_map(Value::as_str)))
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
