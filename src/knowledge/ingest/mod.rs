//! Files into documents: Markdown, plain text, HTML, JSON lines, PDF and Word.
//!
//! Every reader gives Markdown (headings, list items, paragraphs), so that one cutting into passages serves them all.

mod docx;
mod html;
mod pdf;

use super::document::{Document, DocumentError, one_or_many};
use crate::domain::citation::Trust;
use serde::Deserialize;
use std::path::{Path, PathBuf};

/// Largest document file, and largest text unpacked out of one, in bytes.
pub const MAX_DOCUMENT_BYTES: u64 = 64 << 20;

/// Endings of the files that can be read.
pub const ENDINGS: [&str; 9] = [
    "md", "markdown", "txt", "html", "htm", "jsonl", "ndjson", "pdf", "docx",
];

/// What a file gave: its documents, and an error for each part that could not be read.
type Read = (Vec<Document>, Vec<DocumentError>);

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
pub fn read_bytes(path: &Path) -> Result<Vec<u8>, DocumentError> {
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
    let fail = |problem: DocumentError| (Vec::new(), vec![problem]);
    let bytes = match read_bytes(path) {
        Ok(bytes) => bytes,
        Err(problem) => return fail(problem),
    };
    let about = match about(path) {
        Ok(about) => about,
        Err(problem) => return fail(problem),
    };
    let stem = path
        .file_stem()
        .map(|s| s.to_string_lossy().into_owned())
        .unwrap_or_default();
    let ending = ending(path).unwrap_or_default();
    let (mut documents, errors) = match ending.as_str() {
        "pdf" => pdf::read(bytes, stem),
        "docx" => one(docx::read(&bytes, &stem)),
        _ => {
            let Ok(text) = String::from_utf8(bytes) else {
                return fail(DocumentError("not UTF-8 text; convert it first".into()));
            };
            match ending.as_str() {
                "jsonl" | "ndjson" => read_jsonl(&text),
                "html" | "htm" => one(html::read(&text, &stem)),
                _ => one(Document::parse_markdown(&text, &stem)),
            }
        }
    };
    if let Some(about) = about {
        if documents.len() > 1 {
            return fail(DocumentError(
                "a .yaml file beside it cannot speak for several documents; give each line its own fields".into(),
            ));
        }
        for document in &mut documents {
            about.apply(document);
        }
    }
    (documents, errors)
}

/// What a sidecar says; a field that it leaves out stays as the document has it.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct About {
    id: Option<String>,
    title: Option<String>,
    section: Option<String>,
    url: Option<String>,
    published_date: Option<String>,
    source: Option<String>,
    trust: Option<Trust>,
    #[serde(deserialize_with = "one_or_many")]
    product: Vec<String>,
    #[serde(deserialize_with = "one_or_many")]
    jurisdiction: Vec<String>,
    valid_from: Option<String>,
    valid_to: Option<String>,
}

impl About {
    fn apply(&self, document: &mut Document) {
        let text = |from: &Option<String>, to: &mut String| {
            if let Some(text) = from {
                to.clone_from(text);
            }
        };
        text(&self.id, &mut document.id);
        text(&self.title, &mut document.title);
        text(&self.section, &mut document.section);
        text(&self.url, &mut document.url);
        text(&self.published_date, &mut document.published_date);
        text(&self.source, &mut document.source);
        if let Some(trust) = self.trust {
            document.trust = trust;
        }
        for (from, to) in [
            (&self.product, &mut document.product),
            (&self.jurisdiction, &mut document.jurisdiction),
        ] {
            if !from.is_empty() {
                to.clone_from(from);
            }
        }
        for (from, to) in [
            (&self.valid_from, &mut document.valid_from),
            (&self.valid_to, &mut document.valid_to),
        ] {
            if from.is_some() {
                to.clone_from(from);
            }
        }
    }
}

/// Reads a document's sidecar. One that cannot be read leaves the document out: it may say that it is not to be trusted.
fn about(path: &Path) -> Result<Option<About>, DocumentError> {
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
    let about: About = serde_norway::from_str(&text).map_err(|e| wrong(e.to_string()))?;
    dates([&about.valid_from, &about.valid_to]).map_err(|e| wrong(e.0))?;
    Ok(Some(about))
}

fn dates(dates: [&Option<String>; 2]) -> Result<(), DocumentError> {
    let good = |date: &String| chrono::NaiveDate::parse_from_str(date, "%Y-%m-%d").is_ok();
    if dates.into_iter().flatten().all(good) {
        Ok(())
    } else {
        Err(DocumentError(
            "valid_from and valid_to are dates, YYYY-MM-DD".into(),
        ))
    }
}

fn one(read: Result<Document, DocumentError>) -> Read {
    match read.and_then(validated) {
        Ok(document) => (vec![document], Vec::new()),
        Err(problem) => (Vec::new(), vec![problem]),
    }
}

fn validated(document: Document) -> Result<Document, DocumentError> {
    if document.text.trim().is_empty() {
        return Err(DocumentError("holds no text".into()));
    }
    dates([&document.valid_from, &document.valid_to])?;
    Ok(document)
}

/// A document a line. Whoever writes these has cut them already, so they are cut no further by length.
fn read_jsonl(text: &str) -> Read {
    let (mut documents, mut errors) = (Vec::new(), Vec::new());
    for (index, line) in text.lines().enumerate() {
        if line.trim().is_empty() {
            continue;
        }
        let read = serde_json::from_str::<Document>(line)
            .map_err(|e| DocumentError(e.to_string().split(" at line").next().unwrap_or("").into()))
            .and_then(|document| {
                if document.id.is_empty() {
                    Err(DocumentError("id: missing".into()))
                } else {
                    validated(document)
                }
            });
        match read {
            Ok(document) => documents.push(Document {
                whole: true,
                ..document
            }),
            Err(e) => errors.push(DocumentError(format!("line {}: {}", index + 1, e.0))),
        }
    }
    (documents, errors)
}

impl Document {
    /// Markdown with YAML front matter between `---` lines; without it the file's name is the id.
    ///
    /// # Errors
    /// The front matter is not closed or not YAML.
    pub fn parse_markdown(text: &str, stem: &str) -> Result<Self, DocumentError> {
        let text = text.trim_start_matches('\u{FEFF}');
        let mut document = match text
            .strip_prefix("---\n")
            .or_else(|| text.strip_prefix("---\r\n"))
        {
            None => Self {
                text: text.to_owned(),
                ..Self::default()
            },
            Some(rest) => {
                let end = rest.find("\n---").ok_or_else(|| {
                    DocumentError("the front matter is not closed with ---".into())
                })?;
                let mut document: Self = serde_norway::from_str(&rest[..end]).map_err(|e| {
                    DocumentError(format!(
                        "front matter: {}",
                        e.to_string().replace('\n', " ")
                    ))
                })?;
                let after = &rest[end + 4..];
                document.text = after
                    .split_once('\n')
                    .map_or("", |(_, body)| body)
                    .to_owned();
                document
            }
        };
        if document.id.is_empty() {
            stem.clone_into(&mut document.id);
        }
        if document.title.is_empty() {
            document.title = document
                .text
                .lines()
                .find_map(|l| l.strip_prefix("# "))
                .unwrap_or(stem)
                .trim()
                .to_owned();
        }
        Ok(document)
    }
}

/// The text of a file in memory, by its ending, with its title, and what of it could not be read.
///
/// # Errors
/// Nothing of it could be read.
pub fn text_of(bytes: Vec<u8>, ending: &str) -> Result<(String, Vec<DocumentError>), DocumentError> {
    let (documents, mut errors) = match ending {
        "pdf" => pdf::read(bytes, String::new()),
        "docx" => one(docx::read(&bytes, "")),
        _ => (Vec::new(), Vec::new()),
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
        let (good, bad) = read_jsonl(
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
