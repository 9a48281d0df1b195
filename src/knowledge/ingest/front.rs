//! Front matter: YAML between `---` lines (or closed by `...`), TOML between `+++` lines.

use super::super::document::DocumentError;
use super::fields::{DocumentFields, Others};
use super::yaml;
use serde_json::{Map, Value};

/// The fields above a text, and the text. Without front matter the fields are empty.
///
/// # Errors
/// It is not closed, not of its language, or its fields are wrong.
pub(super) fn split(text: &str) -> Result<(DocumentFields, &str), DocumentError> {
    let text = text.trim_start_matches('\u{FEFF}');
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    let fence = first.trim_end();
    if !matches!(fence, "---" | "+++") || rest.is_empty() {
        return Ok((DocumentFields::default(), text));
    }
    let mut at = 0;
    for line in rest.split_inclusive('\n') {
        let mark = line.trim_end();
        if mark == fence || fence == "---" && mark == "..." {
            let fields = match fence {
                "---" => yaml_fields(&rest[..at])?,
                _ => toml_fields(&rest[..at])?,
            };
            let fields = DocumentFields::read(&fields, Others::Told)
                .map_err(|e| DocumentError(format!("front matter: {}", e.0)))?;
            return Ok((fields, &rest[at + line.len()..]));
        }
        at += line.len();
    }
    Err(DocumentError(format!(
        "the front matter is not closed with {fence}"
    )))
}

fn wrong(problem: impl ToString) -> DocumentError {
    DocumentError(format!(
        "front matter: {}",
        problem.to_string().replace('\n', " ")
    ))
}

fn yaml_fields(text: &str) -> Result<Map<String, Value>, DocumentError> {
    match yaml::read(text).map_err(wrong)? {
        Value::Object(map) => Ok(map),
        Value::Null => Ok(Map::new()),
        _ => Err(wrong("not a list of fields")),
    }
}

fn toml_fields(text: &str) -> Result<Map<String, Value>, DocumentError> {
    let table: toml::Table = toml::from_str(text).map_err(wrong)?;
    Ok(table.into_iter().map(|(k, v)| (k, plain(v))).collect())
}

/// A date of TOML is text elsewhere.
fn plain(value: toml::Value) -> Value {
    match value {
        toml::Value::String(text) => Value::String(text),
        toml::Value::Integer(number) => Value::from(number),
        toml::Value::Float(number) => Value::from(number),
        toml::Value::Boolean(flag) => Value::Bool(flag),
        toml::Value::Datetime(date) => Value::String(date.to_string()),
        toml::Value::Array(list) => Value::Array(list.into_iter().map(plain).collect()),
        toml::Value::Table(table) => {
            Value::Object(table.into_iter().map(|(k, v)| (k, plain(v))).collect())
        }
    }
}
