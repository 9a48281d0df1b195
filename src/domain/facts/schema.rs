//! The vocabulary as a JSON Schema, for whoever writes facts.

use super::vocabulary::{self, Type, VocabularyEntry};
use serde_json::{Map, Value, json};

/// The schema (draft 2020-12) of the object `facts`. Other keys are allowed: their values still ground numbers.
pub fn schema() -> Value {
    let mut properties = Map::new();
    for entry in vocabulary::all().iter().filter(|e| !e.key.contains('.')) {
        properties.insert(entry.key.to_owned(), of(entry));
    }
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Facts of a message",
        "description": "Money in major units, rates in per cent, dates in ISO 8601. null: known to be absent; a missing key: not known.",
        "type": "object",
        "properties": properties,
        "additionalProperties": true,
    })
}

fn of(entry: &VocabularyEntry) -> Value {
    let mut types: Vec<&str> = entry
        .types
        .iter()
        .map(|kind| match kind {
            Type::Bool => "boolean",
            Type::Number => "number",
            Type::Text | Type::Date => "string",
            Type::List => "array",
            Type::Object => "object",
        })
        .collect();
    types.push("null");
    let mut schema = Map::new();
    schema.insert("description".to_owned(), json!(entry.meaning));
    schema.insert("type".to_owned(), json!(types));
    if entry.takes(Type::Number) {
        schema.insert("minimum".to_owned(), json!(0));
    }
    if !entry.unit.is_empty() && entry.unit != "id" {
        schema.insert("x-unit".to_owned(), json!(entry.unit));
    }
    let fields: Map<String, Value> = vocabulary::fields(entry.key)
        .filter_map(|field| Some((field.key.split_once('.')?.1.to_owned(), of(field))))
        .collect();
    if !fields.is_empty() {
        schema.insert("properties".to_owned(), Value::Object(fields));
    }
    Value::Object(schema)
}
