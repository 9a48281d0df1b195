//! The gate on a message that somebody else wrote.

use super::workspace::Workspace;
use super::{check_names, intake};
use crate::domain::citation::Citation;
use crate::domain::facts::vocabulary;
use crate::domain::finding::Verdict;
use crate::domain::jurisdiction::{Channel, Jurisdiction};
use crate::domain::message::Message;
use crate::domain::profile::Profile;
use crate::error::{Error, Kind, Result};
use crate::pipeline::ports::Gate as _;
use crate::pipeline::{LayeredGate, customer_facts, lookalikes};
use crate::text::html;
use crate::text::json::Noted;

pub use crate::text::ruler::Ruler;
use serde_json::{Map, Value};
use std::path::Path;

/// Reads a message: JSON, `.eml`, Markdown, HTML or plain text.
///
/// # Errors
/// The file cannot be read, or is JSON of another shape.
pub fn read(path: &Path) -> Result<Message> {
    let name = if path.as_os_str() == "-" {
        "(standard input)".to_owned()
    } else {
        path.display().to_string()
    };
    let text = intake::read_text(path, &name)?;
    let extension = path
        .extension()
        .and_then(|e| e.to_str())
        .unwrap_or("")
        .to_ascii_lowercase();
    let complete = |channel| Message {
        channel,
        complete: channel.is_some(),
        ..Message::default()
    };
    Ok(match extension.as_str() {
        "eml" => read_eml(&text),
        "html" | "htm" => {
            let body = html::visible_text(&text).text().trim().to_owned();
            Message {
                body,
                html: Some(text),
                ..complete(Some(Channel::Email))
            }
        }
        "md" | "markdown" | "txt" => Message {
            body: text,
            ..Message::default()
        },
        _ if text.trim_start().starts_with('{') => match serde_json::from_str::<Noted>(&text) {
            Ok(noted) if is_message(&noted.value) => from_json(&noted).map_err(|e| e.at(name))?,
            Ok(_) | Err(_) if extension != "json" => Message {
                body: text,
                ..Message::default()
            },
            Ok(_) => {
                return Err(Error::new(Kind::Input, "body: missing")
                    .at(name)
                    .fix("give the message's text in `body`"));
            }
            Err(e) => {
                return Err(Error::new(
                    Kind::Input,
                    format!(
                        "not JSON: {}",
                        e.to_string().split(" at line").next().unwrap_or("")
                    ),
                )
                .at(format!("{name}:{}", e.line())));
            }
        },
        _ => Message {
            body: text,
            ..Message::default()
        },
    })
}

/// Whether an object is a message and no text that happens to be JSON.
fn is_message(value: &Value) -> bool {
    let is_body = |name: &String| vocabulary::folded(name) == "body";
    value
        .as_object()
        .is_some_and(|object| object.keys().any(is_body))
}

/// A line of `check --jsonl`.
///
/// # Errors
/// It is no JSON; its words are not repeated.
pub fn noted(line: &str) -> Result<Noted> {
    serde_json::from_str(line).map_err(|e| {
        let problem = e.to_string();
        let problem = problem.split(" at line").next().unwrap_or_default();
        Error::new(Kind::Input, format!("not JSON: {problem}"))
    })
}

/// Reads the object of `check --jsonl`.
///
/// # Errors
/// The first field of the wrong kind, or a name that stands twice.
pub fn from_json(noted: &Noted) -> Result<Message> {
    let (object, mut remarks) = check_names::own(noted)?;
    let object = &object;
    let text = |key: &str| -> Result<Option<String>> {
        match object.get(key) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(_) => Err(Error::new(Kind::Input, format!("{key}: expected text"))),
        }
    };
    let body = text("body")?.or(text("text")?).or(text("sms")?);
    let html = text("html")?;
    let body = match (body, &html) {
        (Some(body), _) => body,
        (None, Some(html)) => html::visible_text(html).text().trim().to_owned(),
        (None, None) => {
            return Err(
                Error::new(Kind::Input, "body: missing").fix("give the message's text in `body`")
            );
        }
    };
    let reading = check_names::facts(object, noted)?;
    remarks.extend(reading.remarks);
    let customer = match object.get("customer") {
        None | Some(Value::Null) => None,
        Some(value) => {
            let mut value = value.clone();
            if let Some(map) = value.as_object_mut()
                && !map.contains_key("id")
                && !map.contains_key("user_id")
            {
                map.insert("id".into(), "unnamed".into());
            }
            Some(Profile::from_value(&value).map_err(|e| {
                Error::new(Kind::Input, format!("customer.{}: {}", e.field, e.problem))
            })?)
        }
    };
    let named = text("channel")?;
    let channel = match named.as_deref() {
        None => customer.as_ref().and_then(|c| c.channel),
        Some(name) => Some(
            Channel::parse(name)
                .ok_or_else(|| Error::new(Kind::Input, "channel: expected email, sms or push"))?,
        ),
    };
    let jurisdiction = text("jurisdiction")?
        .map(|j| Jurisdiction::new(&j))
        .or_else(|| customer.as_ref().and_then(|c| c.jurisdiction.clone()));
    let mut all = customer
        .as_ref()
        .map(|c| customer_facts(c, channel))
        .unwrap_or_default();
    if let Some(channel) = channel {
        all.set("channel", channel.as_str());
    }
    all.0.remove("consent_recorded");
    all.tighten(&reading.facts);
    let product = text("product")?.or_else(|| all.text("product").map(str::to_owned));
    if let Some(product) = &product {
        all.set("product", product.as_str());
    }
    let subject =
        text("subject")?.or_else(|| (all.text("field") == Some("subject")).then(|| body.clone()));
    Ok(Message {
        subject,
        preheader: text("preheader")?,
        html,
        body,
        complete: named.is_some() && channel.is_some(),
        remarks,
        channel,
        jurisdiction,
        product,
        citations: citations(object)?,
        customer,
        facts: all,
        as_of: None,
    })
}

fn citations(object: &Map<String, Value>) -> Result<Vec<Citation>> {
    let list = match object.get("citations") {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Array(list)) => list,
        Some(_) => return Err(Error::new(Kind::Input, "citations: expected a list")),
    };
    Ok(list
        .iter()
        .enumerate()
        .map(|(index, item)| {
            let field = |keys: &[&str]| {
                keys.iter()
                    .find_map(|key| item.get(*key).and_then(Value::as_str))
                    .unwrap_or_default()
                    .to_owned()
            };
            let text = item.as_str().map_or_else(
                || field(&["redacted_text", "text", "content", "quote"]),
                str::to_owned,
            );
            let id = field(&["id", "doc"]);
            Citation {
                id: if id.is_empty() {
                    format!("citation-{}", index + 1)
                } else {
                    id
                },
                title: field(&["title"]),
                section: field(&["section"]),
                redacted_text: text,
                url: field(&["url"]),
                published_date: field(&["published_date", "date"]),
                source: field(&["source"]),
                trust: item
                    .get("trust")
                    .and_then(|t| serde_json::from_value(t.clone()).ok())
                    .unwrap_or_default(),
                ..Citation::default()
            }
        })
        .collect())
}

/// An e-mail as a file: subject, plain and HTML parts. Transfer encodings are undone.
pub fn read_eml(text: &str) -> Message {
    let mut message = Message {
        channel: Some(Channel::Email),
        complete: true,
        ..Message::default()
    };
    let (head, body) = split_head(text);
    message.subject = header(head, "subject").map(|s| decode_words(&s));
    collect_parts(head, body, &mut message, 0);
    if message.body.is_empty()
        && let Some(html) = &message.html
    {
        message.body = html::visible_text(html).text().trim().to_owned();
    }
    message
}

fn split_head(text: &str) -> (&str, &str) {
    text.split_once("\r\n\r\n")
        .or_else(|| text.split_once("\n\n"))
        .unwrap_or((text, ""))
}

fn header(head: &str, name: &str) -> Option<String> {
    let mut lines = head.lines().peekable();
    while let Some(line) = lines.next() {
        let Some((key, value)) = line.split_once(':') else {
            continue;
        };
        if key.trim().eq_ignore_ascii_case(name) {
            let mut value = value.trim().to_owned();
            while let Some(next) = lines.next_if(|l| l.starts_with([' ', '\t'])) {
                value.push(' ');
                value.push_str(next.trim());
            }
            return Some(value);
        }
    }
    None
}

/// Depth of nested multiparts that is still read.
const MAX_DEPTH: usize = 6;

fn collect_parts(head: &str, body: &str, message: &mut Message, depth: usize) {
    let kind = header(head, "content-type").unwrap_or_else(|| "text/plain".to_owned());
    let lower = kind.to_ascii_lowercase();
    if lower.starts_with("multipart/") && depth < MAX_DEPTH {
        let Some(boundary) = kind.split("boundary=").nth(1).map(|b| {
            b.trim_matches('"')
                .split(['"', ';'])
                .next()
                .unwrap_or("")
                .to_owned()
        }) else {
            return;
        };
        for part in body.split(&format!("--{boundary}")).skip(1) {
            if part.starts_with("--") {
                break;
            }
            let (head, body) = split_head(part.trim_start_matches(['\r', '\n']));
            collect_parts(head, body, message, depth + 1);
        }
        return;
    }
    let decoded = decode_body(
        &header(head, "content-transfer-encoding").unwrap_or_default(),
        body,
    );
    if lower.starts_with("text/html") {
        message.html.get_or_insert(decoded);
    } else if lower.starts_with("text/plain") && message.body.is_empty() {
        message.body = decoded;
    }
}

fn decode_body(encoding: &str, body: &str) -> String {
    use base64::Engine as _;
    match encoding.trim().to_ascii_lowercase().as_str() {
        "quoted-printable" => String::from_utf8_lossy(&quoted_printable(body)).into_owned(),
        "base64" => {
            let flat: String = body.split_whitespace().collect();
            base64::engine::general_purpose::STANDARD
                .decode(flat)
                .map_or_else(
                    |_| body.to_owned(),
                    |bytes| String::from_utf8_lossy(&bytes).into_owned(),
                )
        }
        _ => body.to_owned(),
    }
}

fn quoted_printable(text: &str) -> Vec<u8> {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = |i: usize| bytes.get(i).and_then(|b| char::from(*b).to_digit(16));
        match bytes[at] {
            b'=' if bytes.get(at + 1) == Some(&b'\n') => at += 2,
            b'=' if bytes[at + 1..].starts_with(b"\r\n") => at += 3,
            b'=' => {
                if let (Some(high), Some(low)) = (hex(at + 1), hex(at + 2)) {
                    out.push(u8::try_from(high * 16 + low).unwrap_or(b'?'));
                    at += 3;
                } else {
                    out.push(b'=');
                    at += 1;
                }
            }
            b => {
                out.push(b);
                at += 1;
            }
        }
    }
    out
}

/// `=?utf-8?B?…?=` and `=?utf-8?Q?…?=` of header fields (RFC 2047).
fn decode_words(text: &str) -> String {
    use base64::Engine as _;
    let mut out = String::new();
    let mut rest = text;
    while let Some(open) = rest.find("=?") {
        out.push_str(&rest[..open]);
        let word = &rest[open + 2..];
        let mut fields = word.splitn(4, '?');
        let (Some(_), Some(kind), Some(data), Some(tail)) =
            (fields.next(), fields.next(), fields.next(), fields.next())
        else {
            out.push_str(&rest[open..]);
            return out;
        };
        let Some(after) = tail.strip_prefix('=') else {
            out.push_str(&rest[open..]);
            return out;
        };
        let bytes = if kind.eq_ignore_ascii_case("b") {
            base64::engine::general_purpose::STANDARD
                .decode(data)
                .unwrap_or_default()
        } else {
            quoted_printable(&data.replace('_', " "))
        };
        out.push_str(&String::from_utf8_lossy(&bytes));
        rest = after
            .strip_prefix(' ')
            .filter(|r| r.starts_with("=?"))
            .unwrap_or(after);
    }
    out.push_str(rest);
    out
}

/// The gate's verdict on a message. What the readers had to say comes into its remarks.
pub fn check(workspace: &Workspace, message: &mut Message) -> Verdict {
    message.as_of = Some(workspace.as_of());
    let verdict = LayeredGate {
        book: workspace.book.clone(),
        allow: workspace.allow.clone(),
    }
    .check(message);
    if let Some(reading) = message.facts.reread() {
        message.remarks.extend(reading.remarks);
    }
    let of_customer = message.customer.iter().flat_map(|c| c.remarks.clone());
    message.remarks.extend(of_customer);
    let nearly = lookalikes(&workspace.book, message, &verdict.evidence);
    message.remarks.extend(nearly);
    verdict
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_email_file_is_decoded() {
        let eml = "Subject: =?utf-8?Q?Caf=C3=A9_plan?=\nContent-Type: multipart/alternative; boundary=\"b\"\n\n--b\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\nguaran=\nteed =E2=82=AC5\n--b\nContent-Type: text/html\nContent-Transfer-Encoding: base64\n\nPHA+aGk8L3A+\n--b--\n";
        let message = read_eml(eml);
        assert_eq!(message.subject.as_deref(), Some("Café plan"));
        assert_eq!(message.body.trim(), "guaranteed €5");
        assert_eq!(message.html.as_deref(), Some("<p>hi</p>"));
    }

    #[test]
    fn wrong_fields_are_named() {
        let error = |value: Value| {
            let twice = Vec::new();
            from_json(&Noted { value, twice }).unwrap_err().what
        };
        assert!(error(serde_json::json!({"body": 5})).contains("body"));
        assert!(error(serde_json::json!({"body": "x", "channel": "pigeon"})).contains("channel"));
        assert!(error(serde_json::json!({"subject": "x"})).contains("body: missing"));
    }
}
