//! Files into documents: Markdown, plain text, HTML, JSON lines, PDF and Word.
//!
//! Every reader gives Markdown (headings, list items, paragraphs), so that one cutting into passages serves them all.

mod docx;
mod fields;
mod front;
mod html;
mod markdown;
#[cfg(feature = "pdf")]
mod pdf;
#[cfg(not(feature = "pdf"))]
#[path = "without_pdf.rs"]
mod pdf;
mod yaml;

use super::document::{Document, DocumentError};
use crate::domain::jurisdiction::{Jurisdiction, UnknownPlace};
use crate::text::{decode, ligatures};
use fields::{DocumentFields, Others};
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::path::{Path, PathBuf};

/// Largest document file, and largest text unpacked out of one, in bytes.
pub const MAX_DOCUMENT_BYTES: u64 = 64 << 20;

/// Endings of the files that can be read.
pub const ENDINGS: [&str; 9] = [
    "md", "markdown", "txt", "html", "htm", "jsonl", "ndjson", "pdf", "docx",
];

/// Changes whenever a reader takes something else from a file than before: documents are then read anew.
pub(super) const READERS: &[u8] = b"readers-3";

/// What a file gave: its documents, and an error for each part that could not be read.
#[derive(Debug, Default)]
pub struct Read {
    pub documents: Vec<Document>,
    pub errors: Vec<DocumentError>,
}

impl Read {
    fn failed(problem: DocumentError) -> Self {
        Self {
            documents: Vec::new(),
            errors: vec![problem],
        }
    }
}

/// Whether a file of this name is read at all.
pub fn is_document(path: &Path) -> bool {
    ending(path).is_some_and(|e| ENDINGS.contains(&e.as_str()))
}

fn ending(path: &Path) -> Option<String> {
    Some(path.extension()?.to_str()?.to_ascii_lowercase())
}

/// Where a document's metadata may lie beside it: `terms.pdf.yaml`, with the keys of front matter.
pub fn sidecar(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".yaml");
    name.into()
}

/// The bytes of a document file.
///
/// # Errors
/// It cannot be read, or is larger than [`MAX_DOCUMENT_BYTES`].
pub fn load(path: &Path) -> Result<Vec<u8>, DocumentError> {
    let failed = |e: std::io::Error| DocumentError(e.to_string());
    if std::fs::metadata(path).map_err(failed)?.len() > MAX_DOCUMENT_BYTES {
        return Err(DocumentError(format!(
            "larger than {} MiB; split it",
            MAX_DOCUMENT_BYTES >> 20
        )));
    }
    std::fs::read(path).map_err(failed)
}

/// Reads a file by its ending, and what its sidecar says of it.
pub fn read_file(path: &Path) -> Read {
    let about = match about(path) {
        Ok(about) => about,
        Err(problem) => return Read::failed(problem),
    };
    let mut read = match load(path) {
        Ok(bytes) => read_bytes(path, bytes),
        Err(problem) => return Read::failed(problem),
    };
    if let Some(about) = about {
        if read.documents.len() > 1 {
            return Read::failed(DocumentError(
                "a .yaml file beside it cannot speak for several documents; give each line its own fields".into(),
            ));
        }
        for document in &mut read.documents {
            about.clone().apply(document);
        }
    }
    read.documents.retain(|document| {
        let known = |place: &String| Jurisdiction::read(place).is_ok();
        let all = document.jurisdiction.iter().all(known);
        if !all {
            read.errors
                .push(DocumentError(format!("jurisdiction: {UnknownPlace}")));
        }
        all
    });
    read
}

/// Reads bytes as the name's ending says: a file, or the attachment of a message. Each document tells in its remarks what
/// of it was left out.
pub fn read_bytes(name: &Path, bytes: Vec<u8>) -> Read {
    let stem = name
        .file_stem()
        .map(|s| s.to_string_lossy().into_owned())
        .unwrap_or_default();
    let ending = ending(name).unwrap_or_default();
    match ending.as_str() {
        "pdf" => return pdf::read(bytes, stem),
        "docx" => {
            let mut read = one(docx::read(&bytes, &stem));
            part_ligatures(&mut read);
            return read;
        }
        _ => {}
    }
    let decoded = match decode::to_text(&bytes) {
        Ok(decoded) => decoded,
        Err(problem) => return Read::failed(DocumentError(problem.to_string())),
    };
    let text = decoded.text;
    let mut read = match ending.as_str() {
        "jsonl" | "ndjson" => read_jsonl(&text),
        "html" | "htm" => one(html::read(&text, &stem)),
        _ => one(Document::parse_markdown(&text, &stem)),
    };
    if let Some(remark) = decoded.remark {
        for document in &mut read.documents {
            document.remarks.push(remark.clone());
        }
    }
    part_ligatures(&mut read);
    read
}

/// What is looked for is parted in the same way: see [`ligatures`].
fn part_ligatures(read: &mut Read) {
    for document in &mut read.documents {
        for text in [&mut document.text, &mut document.title] {
            if let Cow::Owned(parted) = ligatures::apart(text) {
                *text = parted;
            }
        }
    }
}

/// Reads a document's sidecar. One that cannot be read leaves the document out: it may say that it is not to be trusted.
fn about(path: &Path) -> Result<Option<DocumentFields>, DocumentError> {
    let sidecar = sidecar(path);
    let name = sidecar
        .file_name()
        .map(|n| n.to_string_lossy().into_owned())
        .unwrap_or_default();
    let wrong = |problem: String| DocumentError(format!("{name}: {}", problem.replace('\n', " ")));
    let text = match std::fs::read_to_string(&sidecar) {
        Ok(text) => text,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(wrong(e.to_string())),
    };
    let text = text.trim_start_matches('\u{FEFF}');
    let map: Option<Map<String, Value>> = yaml::read(text).map_err(|e| wrong(e.to_string()))?;
    DocumentFields::read(&map.unwrap_or_default(), Others::Refused)
        .map(Some)
        .map_err(|e| wrong(e.0))
}

fn one(read: Result<Document, DocumentError>) -> Read {
    match read.and_then(validated) {
        Ok(document) => Read {
            documents: vec![document],
            errors: Vec::new(),
        },
        Err(problem) => Read::failed(problem),
    }
}

fn validated(document: Document) -> Result<Document, DocumentError> {
    if document.text.trim().is_empty() {
        return Err(DocumentError("holds no text".into()));
    }
    Ok(document)
}

/// A document a line. Whoever writes these has cut them already, so they are cut no further by length.
fn read_jsonl(text: &str) -> Read {
    let mut read = Read::default();
    for (index, line) in text.lines().enumerate() {
        if line.trim().is_empty() {
            continue;
        }
        match json_line(line) {
            Ok(document) => read.documents.push(document),
            Err(e) => read
                .errors
                .push(DocumentError(format!("line {}: {}", index + 1, e.0))),
        }
    }
    read
}

fn json_line(line: &str) -> Result<Document, DocumentError> {
    let mut map: Map<String, Value> = serde_json::from_str(line)
        .map_err(|e| DocumentError(e.to_string().split(" at line").next().unwrap_or("").into()))?;
    let text = match map.remove("text") {
        Some(Value::String(text)) => text,
        None | Some(Value::Null) => String::new(),
        Some(_) => return Err(DocumentError("text: expected text".into())),
    };
    let mut document = Document {
        text,
        whole: true,
        ..Document::default()
    };
    DocumentFields::read(&map, Others::Told)?.apply(&mut document);
    if document.id.is_empty() {
        return Err(DocumentError("id: missing".into()));
    }
    validated(document)
}

/// The text of a file in memory, by its ending, with its title, and what of it could not be read.
///
/// # Errors
/// Nothing of it could be read.
pub fn text_of(
    bytes: Vec<u8>,
    ending: &str,
) -> Result<(String, Vec<DocumentError>), DocumentError> {
    let Read {
        documents,
        mut errors,
    } = match ending {
        "pdf" => pdf::read(bytes, String::new()),
        "docx" => one(docx::read(&bytes, "")),
        _ => return Err(DocumentError("is no document that is read".into())),
    };
    if documents.is_empty() {
        let nothing = || DocumentError("holds no text".into());
        return Err(errors.pop().unwrap_or_else(nothing));
    }
    let texts = documents.iter().map(|document| {
        let title = document.title.trim();
        if title.is_empty() || document.text.contains(title) {
            document.text.clone()
        } else {
            format!("{title}\n\n{}", document.text)
        }
    });
    Ok((texts.collect::<Vec<_>>().join("\n\n"), errors))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bad_line_is_named_and_the_rest_goes_on() {
        let Read {
            documents: good,
            errors: bad,
        } = read_jsonl(
            "{\"id\":\"1\",\"text\":\"a\"}\nnot json\n{\"text\":\"x\"}\n{\"id\":\"2\",\"text\":\"b\"}",
        );
        assert_eq!(good.len(), 2);
        assert!(bad[0].0.starts_with("line 2:") && bad[1].0.starts_with("line 3: id"));
        assert!(Document::parse_markdown("---\nid: [\n---\nx", "s").is_err());
    }

    #[test]
    fn endings_are_known_in_any_case() {
        assert!(is_document(Path::new("a.PDF")) && is_document(Path::new("a.Docx")));
        assert!(!is_document(Path::new("a.exe")) && !is_document(Path::new("pdf")));
    }
}
