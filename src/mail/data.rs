//! Files of data: the quotes and brackets of tables and JSON are marks of the format and quote nobody.

use serde_json::Value;

/// The words of a text part, by its type and its file's name: the cells of a table and the values of JSON as they would
/// be read, anything else as it stands.
pub(super) fn words(media: &str, name: Option<&str>, text: String) -> String {
    let ending = name.and_then(|name| name.rsplit_once('.'));
    let ending = ending.map_or_else(String::new, |(_, ending)| ending.to_ascii_lowercase());
    let is = |word: &str| media.ends_with(word) || ending == word;
    if is("json") || is("jsonl") || is("ndjson") {
        return of_json(&text).unwrap_or_else(|| text.replace('"', " "));
    }
    if is("csv") || is("tsv") || is("tab-separated-values") {
        let delimiter = if is("csv") { b',' } else { b'\t' };
        return of_table(&text, delimiter).unwrap_or_else(|| text.replace('"', " "));
    }
    text
}

fn of_json(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    for value in serde_json::Deserializer::from_str(text).into_iter::<Value>() {
        gather(&value.ok()?, &mut out);
    }
    Some(out)
}

/// Every value on a line of its own behind its name. The reader of JSON bounds the depth.
fn gather(value: &Value, out: &mut String) {
    match value {
        Value::Null => {}
        Value::String(text) => {
            out.push_str(text);
            out.push('\n');
        }
        Value::Bool(_) | Value::Number(_) => {
            out.push_str(&value.to_string());
            out.push('\n');
        }
        Value::Array(list) => list.iter().for_each(|item| gather(item, out)),
        Value::Object(map) => {
            for (name, item) in map {
                out.push_str(name);
                out.push_str(": ");
                gather(item, out);
            }
        }
    }
}

fn of_table(text: &str, delimiter: u8) -> Option<String> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .from_reader(text.as_bytes());
    let mut out = String::with_capacity(text.len());
    for record in reader.records() {
        let record = record.ok()?;
        out.push_str(&record.iter().collect::<Vec<_>>().join(" | "));
        out.push('\n');
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_marks_of_a_format_are_no_quotation() {
        for (media, name, text, read) in [
            (
                "application/json",
                None,
                r#"{"a": "No \u0022risk\u0022", "b": [1, null]}"#,
                "a: No \"risk\"\nb: 1\n",
            ),
            (
                "text/plain",
                Some("x.jsonl"),
                "{\"a\":\"b\"}\n{\"a\":\"c\"}",
                "a: b\na: c\n",
            ),
            (
                "text/csv",
                None,
                "\"No, risk\",x\n\"a\"\n",
                "No, risk | x\na\n",
            ),
            ("text/plain", Some("x.TSV"), "a\t\"b\"\n", "a | b\n"),
            ("application/json", None, "{\"a\": \"b", "{ a :  b"),
            ("text/plain", None, "\"as it is\"", "\"as it is\""),
        ] {
            assert_eq!(words(media, name, text.into()), read, "{text}");
        }
    }
}
