//! A verdict as SARIF 2.1.0, for tools that annotate files.
//!
//! A region lies in the file that it names. Where a part is the file's text, it is the very words; where the file holds
//! them encoded, it is the lines of the part, and the words stand in the snippet with their offset in the decoded part.

use crate::domain::finding::{Disposition, Finding, Part, Verdict};
use crate::domain::message::{Message, Region};
use crate::service::check::FileMessage;
use crate::service::check::verdict::{Rulers, TEXTS, texts_for};
use crate::text::html;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::path::Path;

/// Where to read about the tool.
const ABOUT: &str = "https://echovoice.example/";

/// The log of one file.
pub fn log(path: &Path, file: &FileMessage, verdict: &Verdict) -> Value {
    let mut rules: Vec<&Finding> = Vec::new();
    for finding in &verdict.findings {
        if !rules.iter().any(|r| r.rule == finding.rule) {
            rules.push(finding);
        }
    }
    let rulers = Rulers::of(&file.message);
    let uri = uri(path);
    let results: Vec<Value> = verdict
        .findings
        .iter()
        .map(|finding| {
            let index = rules.iter().position(|r| r.rule == finding.rule);
            result(&uri, index, file, &rulers, finding)
        })
        .collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "echovoice", "version": env!("CARGO_PKG_VERSION"), "informationUri": ABOUT,
                "rules": rules.iter().map(|rule| descriptor(rule)).collect::<Vec<_>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

fn descriptor(finding: &Finding) -> Value {
    json!({
        "id": finding.rule,
        "shortDescription": {"text": sentence(if finding.title.is_empty() { &finding.why } else { &finding.title })},
        "fullDescription": {"text": sentence(&finding.law())},
        "help": {"text": sentence(&finding.fix)},
        "properties": {"legal_status": finding.legal_status},
    })
}

fn sentence(text: &str) -> String {
    let text = text.trim();
    if text.is_empty() || text.ends_with('.') {
        text.to_owned()
    } else {
        format!("{text}.")
    }
}

fn result(
    uri: &str,
    rule: Option<usize>,
    file: &FileMessage,
    rulers: &Rulers<'_>,
    finding: &Finding,
) -> Value {
    let level = match finding.disposition {
        Disposition::Block => "error",
        Disposition::Review => "warning",
        _ => "note",
    };
    let (start, end) = rulers.span(finding.part, finding.start, finding.end);
    let mut physical = json!({"artifactLocation": {"uri": uri}});
    if let Some(region) = region(file, finding) {
        physical["region"] = region;
    }
    let texts = texts_for(finding, &file.message).into_iter().take(TEXTS);
    let texts: Vec<&str> = texts.map(|text| text.text.as_str()).collect();
    json!({
        "ruleId": finding.rule, "ruleIndex": rule, "level": level,
        "message": {"text": format!("{} {}", sentence(&finding.why), sentence(&finding.fix))},
        "locations": [{
            "physicalLocation": physical,
            "logicalLocations": [{"name": finding.part.as_str(), "kind": "member"}],
        }],
        "properties": {"part": finding.part.as_str(), "partOffset": start, "partLength": end - start, "legal_status": finding.legal_status, "texts": texts},
    })
}

/// Where in the file the words stand: in lines from 1 on, columns in characters.
fn region(file: &FileMessage, finding: &Finding) -> Option<Value> {
    let message = &file.message;
    let (part, start, end) = in_source(message, finding);
    let (source, first, exact) = if file.exact == Some(part) {
        (message.part(part), 1, true)
    } else {
        let listed = message.listed.iter().find(|l| l.part == Some(part))?;
        let region = listed.region?;
        if !region.exact {
            return Some(lines(region, finding));
        }
        (message.part(part), region.first_line, region.exact)
    };
    let (start, end) = (start.min(source.len()), end.min(source.len()).max(start));
    if !exact || !source.is_char_boundary(start) || !source.is_char_boundary(end) {
        return None;
    }
    let place = |at: usize| {
        let before = &source[..at];
        let line = before.rfind('\n').map_or(0, |n| n + 1);
        let number = before.matches('\n').count();
        (first + number, before[line..].chars().count() + 1)
    };
    let ((start_line, start_column), (end_line, end_column)) = (place(start), place(end));
    let mut region = json!({
        "startLine": start_line, "startColumn": start_column, "endLine": end_line, "endColumn": end_column,
    });
    if end > start {
        region["snippet"] = json!({"text": &source[start..end]});
    }
    Some(region)
}

/// The lines of a part whose text the file holds otherwise.
fn lines(region: Region, finding: &Finding) -> Value {
    let mut lines = json!({"startLine": region.first_line, "endLine": region.last_line});
    if !finding.text.is_empty() {
        lines["snippet"] = json!({"text": finding.text});
    }
    lines
}

/// The body of a message that is only HTML was made from it: the words stand there.
fn in_source(message: &Message, finding: &Finding) -> (Part, usize, usize) {
    let same = (finding.part, finding.start, finding.end);
    if finding.part != Part::Body {
        return same;
    }
    let Some(source) = &message.html else {
        return same;
    };
    let shown = html::visible_text(source);
    if shown.text().trim() != message.body {
        return same;
    }
    let cut = shown.text().len() - shown.text().trim_start().len();
    let (start, end) = shown.original(cut + finding.start, cut + finding.end);
    (Part::Html, start, end)
}

/// A file's name as a URI: relative as it was given, or with its scheme.
fn uri(path: &Path) -> String {
    let mut uri = String::new();
    if path.is_absolute() {
        uri.push_str("file://");
    }
    for byte in path.as_os_str().as_encoded_bytes() {
        let plain =
            byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'-' | b'.' | b'_' | b'~');
        if plain {
            uri.push(char::from(*byte));
        } else {
            // Writing to a text cannot fail.
            let _ = write!(uri, "%{byte:02X}");
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_uri() {
        assert_eq!(uri(Path::new("a b/ü #1.eml")), "a%20b/%C3%BC%20%231.eml");
        assert_eq!(uri(Path::new("/x/y.eml")), "file:///x/y.eml");
    }
}
