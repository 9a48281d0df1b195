//! What a fact says in words, for conditions that look for words.

use super::vocabulary::{self, Stricter, Type, VocabularyEntry};
use serde_json::{Map, Value};

/// The texts of a fact. A text or a number says itself, a list what its items say. An object says what its known fields
/// come to: the main ones their text, the others their name where they speak against sending (`written: false` says
/// "not written", `revoked_at: "2026-09-30"` "revoked at"). Its other fields and its names are never text.
pub fn said(key: &str, value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Number(number) => vec![number.to_string()],
        Value::Array(list) => list
            .iter()
            .filter(|item| !item.is_object())
            .flat_map(|item| said(key, item))
            .collect(),
        Value::Object(map) => of_object(key, map),
        Value::Bool(_) | Value::Null => Vec::new(),
    }
}

fn of_object(key: &str, map: &Map<String, Value>) -> Vec<String> {
    vocabulary::fields(key)
        .filter_map(|entry| {
            let (_, field) = entry.key.split_once('.')?;
            Some((entry, field, map.get(field)?))
        })
        .flat_map(|(entry, field, value)| of_field(entry, field, value))
        .collect()
}

fn of_field(entry: &VocabularyEntry, field: &str, value: &Value) -> Vec<String> {
    if entry.is_main && !value.is_object() {
        return said(entry.key, value);
    }
    let words = field.replace('_', " ");
    match (entry.stricter, value) {
        (Stricter::No, Value::Bool(false)) => vec![format!("not {words}")],
        (Stricter::Yes, Value::Bool(true)) => vec![words],
        // A word where yes or no was meant, such as "required".
        (Stricter::Yes, Value::String(_)) if entry.takes(Type::Bool) => vec![words],
        (Stricter::Value, value) if !value.is_null() => vec![words],
        _ => Vec::new(),
    }
}
