//! A profile's values one by one, each with the names on the way to it, however deep or flat an export wrote them.

use serde_json::Value;

/// Objects that only hold fields: what lies in them is the customer's own.
const CONTAINERS: [&str; 27] = [
    "properties",
    "traits",
    "attributes",
    "customfields",
    "customattributes",
    "customproperties",
    "customvariables",
    "custom",
    "fields",
    "mergefields",
    "mergevars",
    "data",
    "datafields",
    "user",
    "userattributes",
    "userproperties",
    "customer",
    "contact",
    "subscriber",
    "person",
    "profile",
    "member",
    "lead",
    "account",
    "record",
    "row",
    "context",
];

/// Keys of an object that names what it is about, as in `{"channel": "email", "status": "withdrawn"}`.
const NAMING: [&str; 9] = [
    "name",
    "key",
    "field",
    "attribute",
    "property",
    "channel",
    "medium",
    "type",
    "category",
];

/// Names of the value in such an object; they say nothing of their own.
const VALUE: [&str; 2] = ["value", "val"];

const DEEPEST: usize = 12;

/// A value without parts of its own: a scalar, a null, or a list of such.
#[derive(Clone, Debug)]
pub(super) struct Leaf {
    /// As the input names it, with points between: `consents.email.status`.
    pub name: String,
    /// The names on the way, containers left out, split at points, `__`, brackets, slashes and colons.
    pub path: Vec<String>,
    pub value: Value,
}

impl Leaf {
    /// All names in one, without case and signs: `consentsemailstatus`.
    pub fn squashed(&self) -> String {
        self.path.iter().map(|name| squash(name)).collect()
    }

    pub fn last(&self) -> &str {
        self.path.last().map_or("", String::as_str)
    }

    /// The words of all names, in lower case: `hasOptedOut` gives `has`, `opted`, `out`.
    pub fn words(&self) -> Vec<String> {
        self.path.iter().flat_map(|name| words(name)).collect()
    }
}

/// A name without case, spaces and signs, so that `Opted_Out`, `optedOut` and `opted-out` are one.
pub fn squash(name: &str) -> String {
    name.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

/// The words of a name, by its signs and its capitals.
pub(super) fn words(name: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut word = String::new();
    let mut before = ' ';
    let mut chars = name.chars().peekable();
    while let Some(c) = chars.next() {
        let next_is_lower = chars.peek().is_some_and(|n| n.is_lowercase());
        let begins = c.is_uppercase()
            && (before.is_lowercase() || before.is_uppercase() && next_is_lower)
            || c.is_numeric() != before.is_numeric() && before.is_alphanumeric();
        if (begins || !c.is_alphanumeric()) && !word.is_empty() {
            out.push(std::mem::take(&mut word));
        }
        if c.is_alphanumeric() {
            word.extend(c.to_lowercase());
        }
        before = c;
    }
    if !word.is_empty() {
        out.push(word);
    }
    out
}

/// The leaves of a profile, in its own order.
pub(super) fn leaves(profile: &Value) -> Vec<Leaf> {
    let mut out = Vec::new();
    walk(profile, &mut Vec::new(), String::new(), &mut out);
    out
}

fn walk(value: &Value, path: &mut Vec<String>, name: String, out: &mut Vec<Leaf>) {
    let mut leaf = |value: &Value, path: &[String]| {
        out.push(Leaf {
            name: name.clone(),
            path: path.to_vec(),
            value: value.clone(),
        });
    };
    if path.len() >= DEEPEST {
        return leaf(value, path);
    }
    match value {
        Value::Object(map) if map.is_empty() => leaf(value, path),
        Value::Object(map) => {
            for (key, inner) in map {
                let before = path.len();
                let mut inside = path.is_empty();
                for part in split(key) {
                    // A container at the front is no part of what a field means.
                    inside &= CONTAINERS.contains(&squash(part).as_str());
                    if !inside && !VALUE.contains(&squash(part).as_str()) {
                        path.push(part.to_owned());
                    }
                }
                if path.is_empty() && !matches!(inner, Value::Object(_) | Value::Array(_)) {
                    path.push(key.clone());
                }
                walk(inner, path, joined(&name, key), out);
                path.truncate(before);
            }
        }
        Value::Array(list) if list.iter().any(Value::is_object) => {
            for item in list {
                match item {
                    Value::Object(map) => named(map, path, &name, out),
                    other => walk(other, path, name.clone(), out),
                }
            }
        }
        Value::String(text) => match super::json::packed(text) {
            Some(inner) => walk(&inner, path, name, out),
            None => leaf(value, path),
        },
        _ => leaf(value, path),
    }
}

/// An object of a list, under the name that one of its own fields gives it.
fn named(
    map: &serde_json::Map<String, Value>,
    path: &mut Vec<String>,
    name: &str,
    out: &mut Vec<Leaf>,
) {
    let is_naming = |(key, value): &(&String, &Value)| {
        NAMING.contains(&squash(key).as_str()) && value.as_str().is_some_and(|v| v.len() <= 80)
    };
    let before = path.len();
    let names: Vec<(&String, &Value)> = map.iter().filter(is_naming).collect();
    let mut shown = name.to_owned();
    for (_, value) in &names {
        let text = value.as_str().unwrap_or_default();
        path.extend(split(text).map(str::to_owned));
        // Only a short plain word is shown: it may be a value of the customer.
        if text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "_-. ".contains(c))
            && text.len() <= 40
        {
            shown = joined(&shown, text);
        }
    }
    let rest: serde_json::Map<String, Value> = map
        .iter()
        .filter(|(key, _)| !names.iter().any(|(n, _)| n == key))
        .map(|(k, v)| (k.clone(), v.clone()))
        .collect();
    if path.is_empty() {
        walk(&Value::Object(rest), path, shown, out);
    } else {
        for (key, inner) in &rest {
            let inside = path.len();
            if !VALUE.contains(&squash(key).as_str()) {
                path.extend(split(key).map(str::to_owned));
            }
            walk(inner, path, joined(&shown, key), out);
            path.truncate(inside);
        }
    }
    path.truncate(before);
}

fn joined(outer: &str, inner: &str) -> String {
    if outer.is_empty() {
        inner.to_owned()
    } else {
        format!("{outer}.{inner}")
    }
}

/// The parts of a flattened name: `consents.email`, `consents__email`, `consents[email]`, `consents/email`.
fn split(key: &str) -> impl Iterator<Item = &str> {
    key.split(['.', '[', ']', '/', ':', '>', '|'])
        .flat_map(|part| part.split("__"))
        .map(str::trim)
        .filter(|part| !part.is_empty() && !matches!(*part, "c" | "r"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn names_are_one_in_any_spelling() {
        for name in [
            "Opted_Out",
            "optedOut",
            "OptedOut",
            "opted-out",
            "OPTED OUT",
            "opted.out",
        ] {
            assert_eq!(squash(name), "optedout");
        }
        assert_eq!(
            words("HasOptedOutOfEmail"),
            ["has", "opted", "out", "of", "email"]
        );
        assert_eq!(words("SMSOptIn2"), ["sms", "opt", "in", "2"]);
    }

    #[test]
    fn a_value_is_found_however_deep_or_flat_it_was_written() {
        for value in [
            json!({"consents": {"email": false}}),
            json!({"consents.email": false}),
            json!({"consents__email": false}),
            json!({"consents[email]": false}),
            json!({"consents": "{\"email\": false}"}),
            json!({"properties": {"consents": {"email": false}}}),
            json!({"properties.consents.email": false}),
            json!({"traits": {"custom_fields": [{"name": "consents.email", "value": false}]}}),
            json!({"consents": [{"channel": "email", "value": false}]}),
        ] {
            let leaves = leaves(&value);
            assert_eq!(leaves.len(), 1, "{value}");
            assert_eq!(leaves[0].path, ["consents", "email"], "{value}");
            assert_eq!(leaves[0].value, json!(false));
        }
    }
}
