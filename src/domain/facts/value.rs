//! One value, as the vocabulary wants it: spellings that exports use are read where they can mean one thing only.

use super::number;
use super::value_ten_thousandths;
use super::vocabulary::{Stricter, Type, VocabularyEntry};
use crate::domain::profile::flag_of;
use serde_json::{Map, Value};

/// Why a value was not read. Says nothing of the value itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unread {
    /// Nothing stands there.
    Empty,
    /// A word of exports for "nothing", which may be a slip too.
    NoWord,
    Wrong(&'static str),
}

/// Texts that a broken export writes where nothing was.
const NO_WORDS: [&str; 8] = ["null", "nil", "n/a", "na", "nan", "undefined", "-", "?"];

/// What an event says that is on record without its day.
pub const ON_RECORD: &str = "on record";

/// A JSON text of an object or list, as tables carry them in one cell.
fn nested(text: &str) -> Option<Value> {
    let text = text.trim();
    text.starts_with(['{', '['])
        .then(|| serde_json::from_str(text).ok())
        .flatten()
}

/// The value of a key, read.
///
/// # Errors
/// Why it counts as not known.
pub fn read(entry: &VocabularyEntry, value: &Value) -> Result<Value, Unread> {
    match value {
        Value::Null => Ok(Value::Null),
        Value::String(text) => text_of(entry, text),
        Value::Bool(flag) => bool_of(entry, *flag),
        Value::Number(_) => number_of(entry, value),
        Value::Array(items) => list_of(entry, items),
        Value::Object(_) if entry.takes(Type::Object) => Ok(value.clone()),
        Value::Object(_) => Err(Unread::Wrong("an object")),
    }
}

fn text_of(entry: &VocabularyEntry, text: &str) -> Result<Value, Unread> {
    let trimmed = text.trim();
    let lower = trimmed.to_lowercase();
    if trimmed.is_empty() {
        return Err(Unread::Empty);
    }
    if NO_WORDS.contains(&lower.as_str()) {
        return Err(Unread::NoWord);
    }
    if (entry.takes(Type::Object) || entry.takes(Type::List))
        && let Some(value) = nested(trimmed)
    {
        return read(entry, &value);
    }
    let flag = flag_of(&Value::String(lower.clone()));
    let plain_flag = flag.filter(|_| matches!(lower.as_str(), "true" | "false" | "yes" | "no"));
    if entry.stricter == Stricter::Value && !entry.takes(Type::Bool) {
        if matches!(lower.as_str(), "none" | "never") {
            return Ok(Value::Null);
        }
        if let Some(flag) = flag {
            return Ok(event(flag));
        }
    }
    if entry.takes(Type::Bool) && !entry.takes(Type::Text) {
        if let Some(flag) = flag {
            return Ok(Value::Bool(flag));
        }
    } else if entry.takes(Type::Bool)
        && let Some(flag) = plain_flag.or_else(|| (lower == "none").then_some(false))
    {
        return Ok(Value::Bool(flag));
    }
    let refuses = matches!(
        lower.as_str(),
        "none" | "no" | "not given" | "refused" | "declined"
    );
    if entry.takes(Type::Object) && (lower == "false" || entry.key == "consent" && refuses) {
        return Ok(Value::Null);
    }
    if entry.takes(Type::Text) {
        let known = (entry.key == "purpose").then(|| purpose(&lower)).flatten();
        return Ok(Value::String(known.unwrap_or(text).to_owned()));
    }
    if entry.takes(Type::Number) {
        let plain = number::plain(trimmed, entry.unit).map_err(Unread::Wrong)?;
        let value = serde_json::from_str(&plain).map_err(|_| Unread::Wrong("not a number"))?;
        return number_of(entry, &value);
    }
    if entry.takes(Type::Date) && trimmed.bytes().any(|b| b.is_ascii_digit()) {
        return Ok(Value::String(text.to_owned()));
    }
    if entry.takes(Type::List) {
        let items = trimmed.split([',', ';']).map(str::trim);
        let items = items.filter(|item| !item.is_empty()).map(Value::from);
        return Ok(Value::Array(items.collect()));
    }
    Err(Unread::Wrong("text"))
}

/// What a message is for, in the word that rules ask for, where an export's word can mean nothing else.
fn purpose(written: &str) -> Option<&'static str> {
    let words = written.replace(['_', '-'], " ");
    // "required member notice", "account notice"; a notice of an offer is none.
    let sells = ["promo", "market", "offer", "sale", "advert"];
    if words.ends_with("notice") && !sells.iter().any(|word| words.contains(word)) {
        return Some("service");
    }
    Some(match words.trim() {
        "service message" | "service email" | "servicing" | "account servicing"
        | "customer service" => "service",
        "transaction"
        | "transactional message"
        | "transactional email"
        | "transactional notice" => "transactional",
        "promo" | "promotional" | "promotion" | "marketing message" | "marketing email" => {
            "marketing"
        }
        _ => return None,
    })
}

fn event(happened: bool) -> Value {
    if happened {
        Value::from(ON_RECORD)
    } else {
        Value::Null
    }
}

fn bool_of(entry: &VocabularyEntry, flag: bool) -> Result<Value, Unread> {
    if entry.takes(Type::Bool) {
        Ok(Value::Bool(flag))
    } else if entry.stricter == Stricter::Value {
        Ok(event(flag))
    } else if entry.takes(Type::Object) && !flag {
        // "consent: no" is a stated no.
        Ok(Value::Null)
    } else {
        Err(Unread::Wrong("yes or no"))
    }
}

fn number_of(entry: &VocabularyEntry, value: &Value) -> Result<Value, Unread> {
    if entry.takes(Type::Number) {
        return match value_ten_thousandths(value) {
            Some(0..) => Ok(value.clone()),
            Some(_) => Err(Unread::Wrong("a number below zero")),
            None => Err(Unread::Wrong("a number that is too large")),
        };
    }
    if entry.takes(Type::Bool)
        && let Some(flag) = flag_of(value)
    {
        return Ok(Value::Bool(flag));
    }
    if entry.stricter == Stricter::Value {
        return Ok(match flag_of(value) {
            Some(flag) => event(flag),
            None => Value::String(value.to_string()),
        });
    }
    if entry.unit == "id" {
        return Ok(Value::String(value.to_string()));
    }
    Err(Unread::Wrong("a number"))
}

fn list_of(entry: &VocabularyEntry, items: &[Value]) -> Result<Value, Unread> {
    if entry.takes(Type::List) {
        return Ok(Value::Array(items.to_vec()));
    }
    Err(Unread::Wrong("a list"))
}

/// The stricter of two values of one key; none if they are different and neither is.
pub fn stricter(entry: &VocabularyEntry, one: &Value, other: &Value) -> Option<Value> {
    let same = match (value_ten_thousandths(one), value_ten_thousandths(other)) {
        (Some(a), Some(b)) => a == b,
        _ => one == other,
    };
    if same {
        return Some(one.clone());
    }
    let either = |wanted: &dyn Fn(&Value) -> bool| {
        [one, other]
            .into_iter()
            .find(|value| wanted(value))
            .cloned()
    };
    match entry.stricter {
        Stricter::Value => either(&|v| !v.is_null()),
        Stricter::No => either(&|v| *v == Value::Bool(false)).or_else(|| either(&Value::is_null)),
        Stricter::Yes => {
            either(&|v| *v == Value::Bool(true)).or_else(|| either(&Value::is_boolean))
        }
        Stricter::Least => match (value_ten_thousandths(one), value_ten_thousandths(other)) {
            (Some(a), Some(b)) if b < a => Some(other.clone()),
            (Some(_), _) => Some(one.clone()),
            _ => Some(other.clone()),
        },
        // Two accounts of one consent: nothing on record is stricter than something.
        Stricter::Care => either(&Value::is_null),
        Stricter::Neither => None,
    }
}

/// Fields of a record of consent that no vocabulary holds and that may speak against sending.
pub fn speaks_against(name: &str, value: &Value) -> bool {
    const AGAINST: [&str; 16] = [
        "revok", "revoc", "withdr", "cancel", "expir", "laps", "end", "stop", "optout", "unsub",
        "refus", "den", "declin", "invalid", "void", "object",
    ];
    const FOR: [&str; 13] = [
        "valid", "activ", "confirm", "verif", "agree", "accept", "grant", "given", "sign",
        "affirm", "current", "optin", "consent",
    ];
    let name = super::vocabulary::folded(name);
    let is_no = value.is_null() || flag_of(value) == Some(false);
    let holds = |stems: &[&str]| stems.iter().any(|stem| name.contains(stem));
    if holds(&AGAINST) {
        return !is_no;
    }
    holds(&FOR) && is_no
}

/// The fields of an object under their own names.
pub type FactFields = Map<String, Value>;
