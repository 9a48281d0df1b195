//! Files into documents: Markdown, plain text, HTML, JSON lines, PDF and Word.
//!
//! Every reader gives Markdown (headings, list items, paragraphs), so that one cutting into passages serves them all.

mod docx;
mod html;
mod pdf;

use super::document::{Document, DocumentError};
use std::path::Path;

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

/// Reads a file by its ending.
pub fn read_file(path: &Path) -> Read {
    let fail = |problem: String| (Vec::new(), vec![DocumentError(problem)]);
    match std::fs::metadata(path) {
        Err(e) => return fail(e.to_string()),
        Ok(meta) if meta.len() > MAX_DOCUMENT_BYTES => {
            return fail(format!(
                "larger than {} MiB; split it",
                MAX_DOCUMENT_BYTES >> 20
            ));
        }
        Ok(_) => {}
    }
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(e) => return fail(e.to_string()),
    };
    let stem = path
        .file_stem()
        .map(|s| s.to_string_lossy().into_owned())
        .unwrap_or_default();
    let ending = ending(path).unwrap_or_default();
    match ending.as_str() {
        "pdf" => pdf::read(bytes, stem),
        "docx" => one(docx::read(&bytes, &stem)),
        _ => {
            let Ok(text) = String::from_utf8(bytes) else {
                return fail("not UTF-8 text; convert it first".into());
            };
            match ending.as_str() {
                "jsonl" | "ndjson" => read_jsonl(&text),
                "html" | "htm" => one(html::read(&text, &stem)),
                _ => one(Document::parse_markdown(&text, &stem)),
            }
        }
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
    for date in [&document.valid_from, &document.valid_to]
        .into_iter()
        .flatten()
    {
        if chrono::NaiveDate::parse_from_str(date, "%Y-%m-%d").is_err() {
            return Err(DocumentError(
                "valid_from and valid_to are dates, YYYY-MM-DD".into(),
            ));
        }
    }
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
