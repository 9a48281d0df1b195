//! The gate on a message that somebody else wrote.

pub mod firm;
pub mod lines;
pub(in crate::service) mod mail;
pub mod mend;
pub mod message_files;
mod named_place;
pub(in crate::service) mod names;
pub mod personal;
pub mod verdict;

use crate::domain::citation::Citation;
use crate::domain::facts::vocabulary;
use crate::domain::finding::{Disposition, Part, Verdict};
use crate::domain::jurisdiction::Channel;
use crate::domain::message::Message;
use crate::domain::profile::Profile;
use crate::domain::remark::{Remark, Topic};
use crate::error::{Error, Kind, Result};
use crate::knowledge::{self, DocumentError};
use crate::mail::html_differs;
use crate::pipeline::ports::Gate as _;
use crate::pipeline::{LayeredGate, customer_facts, lookalikes, set_age};
use crate::service::home::workspace::Workspace;
use crate::service::intake;
use crate::text::json::Noted;
use crate::text::{decode, html, meta};

pub use crate::service::check::mail::read_eml;
pub use crate::text::ruler::Ruler;
use serde_json::{Map, Value};
use std::path::Path;
use std::sync::Arc;

/// A message from a file, and how its parts lie in it.
#[derive(Debug)]
pub struct FileMessage {
    pub message: Message,
    /// The part that is the file's text, character for character.
    pub exact: Option<Part>,
}

/// Reads a message: a mail, JSON, Markdown, HTML, Word, PDF or plain text. A mail is one by its header, whatever the file is called.
///
/// # Errors
/// The file cannot be read, is a mailbox of several mails or in Outlook's own format, or is JSON of another shape.
pub fn read(path: &Path) -> Result<FileMessage> {
    let name = if path.as_os_str() == "-" {
        "(standard input)".to_owned()
    } else {
        path.display().to_string()
    };
    let bytes = read_bytes(path, &name)?;
    let extension = path
        .extension()
        .and_then(|e| e.to_str())
        .unwrap_or("")
        .to_ascii_lowercase();
    if let Some(message) = mail::if_mail(&bytes, &extension).map_err(|e| e.at(name.clone()))? {
        let exact = None;
        return Ok(FileMessage { message, exact });
    }
    if matches!(extension.as_str(), "docx" | "pdf") {
        let message = of_document(bytes, &extension).map_err(|e| e.at(name))?;
        let exact = None;
        return Ok(FileMessage { message, exact });
    }
    if bytes.len() as u64 > intake::MAX_BYTES {
        return Err(Error::new(
            Kind::Input,
            format!("larger than {} MiB", intake::MAX_BYTES >> 20),
        )
        .at(name)
        .fix("split it"));
    }
    let is_page = matches!(extension.as_str(), "html" | "htm" | "xhtml");
    let decoded = if is_page {
        meta::page(&bytes)
    } else {
        decode::to_text(&bytes)
    };
    let decoded = decoded.map_err(|e| {
        Error::of(Kind::Input, e)
            .at(name.clone())
            .fix("give a mail, JSON, Markdown, HTML or plain text")
    })?;
    let text = decoded.text;
    let plain = |body: String| Message {
        body,
        ..Message::default()
    };
    let (mut message, exact) = match extension.as_str() {
        _ if is_page => {
            let body = html::visible_text(&text).text().trim().to_owned();
            let message = Message {
                body,
                html: Some(text),
                channel: Some(Channel::Email),
                complete: true,
                ..Message::default()
            };
            (message, Some(Part::Html))
        }
        "md" | "markdown" | "txt" => (plain(text), Some(Part::Body)),
        _ if text.trim_start().starts_with('{') => match serde_json::from_str::<Noted>(&text) {
            Ok(noted) if is_message(&noted.value) => {
                (from_json(&noted).map_err(|e| e.at(name))?, None)
            }
            Ok(_) | Err(_) if extension != "json" => (plain(text), Some(Part::Body)),
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
        _ => (plain(text), Some(Part::Body)),
    };
    message.remarks.extend(decoded.remark);
    Ok(FileMessage { message, exact })
}

/// A Word or PDF file, read as the knowledge base reads it. What of it could not be read is for a person.
fn of_document(bytes: Vec<u8>, ending: &str) -> Result<Message> {
    let (body, problems) = knowledge::text_of(bytes, ending).map_err(|e| {
        Error::new(Kind::Input, e.0).fix("give a mail, JSON, Markdown, HTML or plain text")
    })?;
    let told = |problem: DocumentError| {
        let (topic, done) = (Topic::Unread, "the rest was read; a person must look");
        Remark::new(topic, Disposition::Review, "document", problem.0, done)
    };
    Ok(Message {
        body,
        remarks: problems.into_iter().map(told).collect(),
        ..Message::default()
    })
}

/// The bytes of a file or of standard input.
fn read_bytes(path: &Path, name: &str) -> Result<Vec<u8>> {
    let remedy = "take out what is not text, or split it";
    let bytes = intake::read_up_to(path, name, mail::MAX_BYTES, remedy)?;
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(Error::new(Kind::Input, "the file is empty")
            .at(name.to_owned())
            .fix("give a mail, JSON, Markdown, HTML or plain text"));
    }
    Ok(bytes)
}

/// Whether an object is a message and no text that happens to be JSON.
fn is_message(value: &Value) -> bool {
    let is_body = |name: &String| {
        let name = vocabulary::folded(name);
        ["body", "eml", "eml_base64"].contains(&name.as_str())
    };
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
    let (object, mut remarks) = names::own(noted)?;
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
    let mail = mail::of_json(text("eml")?, text("eml_base64")?)?;
    if mail.is_some() && (body.is_some() || html.is_some() || text("subject")?.is_some()) {
        return Err(Error::new(Kind::Input, "eml: given beside a text")
            .fix("give either the mail, or `subject`, `body` and `html`"));
    }
    let mail = mail.map(|message| (message.body.clone(), message));
    let (body, base) = match (body, &html, mail) {
        (_, _, Some(read)) => read,
        (Some(body), _, None) => (body, Message::default()),
        (None, Some(html), None) => (
            html::visible_text(html).text().trim().to_owned(),
            Message::default(),
        ),
        (None, None, None) => {
            return Err(
                Error::new(Kind::Input, "body: missing").fix("give the message's text in `body`")
            );
        }
    };
    let reading = names::facts(object, noted)?;
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
        None => base.channel.or(customer.as_ref().and_then(|c| c.channel)),
        Some(name) => Some(
            Channel::parse(name)
                .ok_or_else(|| Error::new(Kind::Input, "channel: expected email, sms or push"))?,
        ),
    };
    remarks.extend(base.remarks.iter().cloned());
    let jurisdiction = match text("jurisdiction")?.filter(|j| !j.trim().is_empty()) {
        Some(named) => {
            let subject = text("subject")?.unwrap_or_default();
            let html = html.as_deref().unwrap_or_default();
            let said = (&[subject.as_str(), html, &body][..], &reading.facts);
            Some(named_place::place_of(
                &named,
                customer.as_ref(),
                said,
                &mut remarks,
            )?)
        }
        None => customer.as_ref().and_then(|c| c.jurisdiction.clone()),
    };
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
    let subject = text("subject")?
        .or_else(|| base.subject.clone())
        .or_else(|| (all.text("field") == Some("subject")).then(|| body.clone()));
    let mut message = Message {
        subject,
        preheader: text("preheader")?,
        html: html.or_else(|| base.html.clone()),
        body,
        complete: base.complete || named.is_some() && channel.is_some(),
        remarks,
        channel,
        jurisdiction,
        product,
        citations: citations(object)?.into(),
        customer: customer.map(Arc::new),
        facts: all,
        ..base
    };
    message.html_differs = html_differs(&message);
    Ok(message)
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

/// A mail that came over the wire.
///
/// # Errors
/// It is several mails, or in another program's format.
pub fn from_mail(bytes: &[u8]) -> Result<Message> {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(Error::new(Kind::Input, "the mail is empty"));
    }
    Ok(mail::if_mail(bytes, "eml")?.unwrap_or_default())
}

/// The gate's verdict on a message. What the readers had to say comes into its remarks.
///
/// # Errors
/// The rules cannot be compiled.
pub fn check(workspace: &Workspace, message: &mut Message) -> Result<Verdict> {
    let book = workspace.rules()?;
    message.as_of = Some(workspace.as_of());
    if let Some(customer) = &message.customer {
        set_age(&mut message.facts, customer, workspace.as_of().date_naive());
    }
    let verdict =
        LayeredGate::without_memory(workspace.book.clone(), workspace.allow.clone()).check(message);
    if let Some(reading) = message.facts.reread() {
        message.remarks.extend(reading.remarks);
    }
    let of_customer = message.customer.iter().flat_map(|c| c.remarks.clone());
    message.remarks.extend(of_customer);
    let nearly = lookalikes(book, message, &verdict.evidence);
    message.remarks.extend(nearly);
    Ok(verdict)
}

#[cfg(test)]
mod tests {
    use super::*;

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
