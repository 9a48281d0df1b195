//! Documents and their passages. Text is redacted here, before anything else sees it.

use crate::domain::citation::{Redaction, Trust};
use crate::domain::digest::Digest;
use crate::pii::{self, AllowList, Scanner};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// A document as read, before redaction.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Document {
    pub id: String,
    pub title: String,
    pub section: String,
    pub url: String,
    pub published_date: String,
    pub source: String,
    pub trust: Trust,
    #[serde(deserialize_with = "one_or_many")]
    pub product: Vec<String>,
    #[serde(deserialize_with = "one_or_many")]
    pub jurisdiction: Vec<String>,
    pub valid_from: Option<String>,
    pub valid_to: Option<String>,
    pub text: String,
}

/// A document that cannot be read; the rest go on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct DocumentError(pub String);

/// A passage as it is indexed and cited. Holds no personal data that was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passage {
    pub id: String,
    pub doc: String,
    pub title: String,
    pub section: String,
    pub text: String,
    pub url: String,
    pub published_date: String,
    pub source: String,
    pub trust: Trust,
    pub product: Vec<String>,
    pub jurisdiction: Vec<String>,
    pub valid_from: Option<String>,
    pub valid_to: Option<String>,
    pub redactions: Vec<Redaction>,
}

fn one_or_many<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum OneOrMany {
        None,
        One(String),
        Many(Vec<Option<String>>),
    }
    let list = match OneOrMany::deserialize(deserializer)? {
        OneOrMany::None => Vec::new(),
        OneOrMany::One(one) => vec![one],
        OneOrMany::Many(many) => many.into_iter().flatten().collect(),
    };
    Ok(list.into_iter().filter(|s| !s.trim().is_empty()).collect())
}

/// Largest document file, in bytes.
pub const MAX_DOCUMENT_BYTES: u64 = 64 << 20;

impl Document {
    /// Reads a file: Markdown with front matter, plain text, HTML, or JSONL with a document a line. Lines that cannot
    /// be read come back as errors beside the documents that can.
    pub fn read_file(path: &Path) -> (Vec<Self>, Vec<DocumentError>) {
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
        let Ok(text) = String::from_utf8(bytes) else {
            return fail("not UTF-8 text; convert it first".into());
        };
        let stem = path
            .file_stem()
            .map(|s| s.to_string_lossy().into_owned())
            .unwrap_or_default();
        match path.extension().and_then(|e| e.to_str()).unwrap_or("") {
            "jsonl" | "ndjson" => Self::read_jsonl(&text),
            "html" | "htm" => {
                let visible = crate::text::html::visible_text(&text);
                let document = Self {
                    id: stem.clone(),
                    title: stem,
                    text: visible.text().trim().to_owned(),
                    ..Self::default()
                };
                document.validated()
            }
            _ => match Self::parse_markdown(&text, &stem) {
                Ok(document) => document.validated(),
                Err(problem) => (Vec::new(), vec![problem]),
            },
        }
    }

    fn validated(self) -> (Vec<Self>, Vec<DocumentError>) {
        if self.text.trim().is_empty() {
            return (Vec::new(), vec![DocumentError("holds no text".into())]);
        }
        for date in [&self.valid_from, &self.valid_to].into_iter().flatten() {
            if chrono::NaiveDate::parse_from_str(date, "%Y-%m-%d").is_err() {
                return (
                    Vec::new(),
                    vec![DocumentError(
                        "valid_from and valid_to are dates, YYYY-MM-DD".into(),
                    )],
                );
            }
        }
        (vec![self], Vec::new())
    }

    fn read_jsonl(text: &str) -> (Vec<Self>, Vec<DocumentError>) {
        let (mut documents, mut errors) = (Vec::new(), Vec::new());
        for (index, line) in text.lines().enumerate() {
            if line.trim().is_empty() {
                continue;
            }
            match serde_json::from_str::<Self>(line) {
                Ok(document) if document.id.is_empty() => {
                    errors.push(DocumentError(format!("line {}: id: missing", index + 1)));
                }
                Ok(document) => {
                    let (mut good, bad) = document.validated();
                    documents.append(&mut good);
                    errors.extend(
                        bad.into_iter()
                            .map(|e| DocumentError(format!("line {}: {}", index + 1, e.0))),
                    );
                }
                Err(e) => errors.push(DocumentError(format!(
                    "line {}: {}",
                    index + 1,
                    e.to_string().split(" at line").next().unwrap_or("")
                ))),
            }
        }
        (documents, errors)
    }

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

    /// Passages by heading, redacted. `allow` holds what the firm itself publishes.
    pub fn passages(&self, allow: &AllowList) -> Vec<Passage> {
        let scanner = Scanner {
            known: None,
            allow: Some(allow),
        };
        let mut passages = Vec::new();
        let sections = sections_of(&self.text);
        let many = sections.len() > 1;
        for (number, (heading, text)) in sections.into_iter().enumerate() {
            let redacted = pii::redact(text.trim(), &scanner);
            if redacted.text.is_empty() {
                continue;
            }
            let section = match (
                heading.is_empty() || heading == self.title,
                self.section.is_empty(),
            ) {
                (true, _) => self.section.clone(),
                (false, true) => heading.clone(),
                (false, false) => format!("{} › {heading}", self.section),
            };
            passages.push(Passage {
                id: if many {
                    format!("{}#{}", self.id, number + 1)
                } else {
                    self.id.clone()
                },
                doc: self.id.clone(),
                title: pii::redact(&self.title, &scanner).text,
                section,
                redactions: redacted
                    .tags
                    .iter()
                    .map(|(start, end, kind)| Redaction {
                        start: *start,
                        end: *end,
                        kind: kind.as_str().into(),
                    })
                    .collect(),
                text: redacted.text,
                url: self.url.clone(),
                published_date: self.published_date.clone(),
                source: self.source.clone(),
                trust: self.trust,
                product: self.product.clone(),
                jurisdiction: self.jurisdiction.clone(),
                valid_from: self.valid_from.clone(),
                valid_to: self.valid_to.clone(),
            });
        }
        passages
    }
}

/// Text under each heading, with the heading. Text before the first heading has none.
fn sections_of(text: &str) -> Vec<(String, String)> {
    let mut sections: Vec<(String, String)> = Vec::new();
    let mut current = (String::new(), String::new());
    for line in text.lines() {
        let hashes = line.bytes().take_while(|b| *b == b'#').count();
        if (1..=6).contains(&hashes) && line[hashes..].starts_with(' ') {
            if !current.1.trim().is_empty() {
                sections.push(std::mem::take(&mut current));
            }
            current = (line[hashes..].trim().to_owned(), String::new());
        } else {
            current.1.push_str(line);
            current.1.push('\n');
        }
    }
    if !current.1.trim().is_empty() {
        sections.push(current);
    }
    sections
}

impl Passage {
    /// What is embedded and searched: title path and text. A title that names a place says nothing of the subject and
    /// pulls all passages of one book together (measured on `ObliQA` dev: nine points of recall by meaning alone), so it stays out.
    pub fn search_text(&self) -> String {
        match (self.title_is_place(), self.section.is_empty()) {
            (true, true) => self.text.clone(),
            (true, false) => format!("{}. {}", self.section, self.text),
            (false, true) if self.title.is_empty() => self.text.clone(),
            (false, _) => format!("{}. {}. {}", self.title, self.section, self.text),
        }
    }

    /// Whether the title ends in the number of a rule or section: `Market Rules 6.2.6.(2)`.
    pub fn title_is_place(&self) -> bool {
        self.title.split_whitespace().next_back().is_some_and(|w| {
            w.contains(|c: char| c.is_ascii_digit()) && w.contains(['.', '(', ')'])
        })
    }

    /// Hash of everything a reader or a rank could see.
    pub fn digest(&self) -> Digest {
        // A struct of strings always serialises.
        Digest::of(&serde_json::to_vec(self).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markdown_is_cut_at_headings_and_redacted() {
        let text = "---\nid: a\ntitle: \"Plans\"\nsection: Terms\nproduct: [payment_plan]\njurisdiction: US\n---\n\n# Plans\n\nIntro.\n\n## Help\n\nCall (302) 555-0147 or 1-800-555-0114.\n";
        let document = Document::parse_markdown(text, "a").unwrap();
        let passages = document.passages(&AllowList::new(["1-800-555-0114"]));
        assert_eq!(passages.len(), 2);
        assert_eq!(passages[0].section, "Terms");
        assert_eq!(passages[1].id, "a#2");
        assert_eq!(passages[1].text, "Call [REDACTED_PHONE] or 1-800-555-0114.");
        assert_eq!(passages[1].redactions[0].kind, "PHONE");
        assert_eq!(passages[0].jurisdiction, ["US"]);
    }

    #[test]
    fn a_bad_line_is_named_and_the_rest_goes_on() {
        let (good, bad) = Document::read_jsonl(
            "{\"id\":\"1\",\"text\":\"a\"}\nnot json\n{\"text\":\"x\"}\n{\"id\":\"2\",\"text\":\"b\"}",
        );
        assert_eq!(good.len(), 2);
        assert!(bad[0].0.starts_with("line 2:") && bad[1].0.starts_with("line 3: id"));
        assert!(Document::parse_markdown("---\nid: [\n---\nx", "s").is_err());
    }
}
