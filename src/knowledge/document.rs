//! Documents and their passages. Text is redacted here, before anything else sees it.

use super::structure::{self, Section};
use crate::domain::citation::{Citation, Redaction, Trust};
use crate::domain::finding::Disposition;
use crate::domain::remark::{Remark, Topic};
use crate::pii::{self, AllowList, Redacted, Scanner};
use serde::{Deserialize, Serialize};

/// A document as read, before redaction.
#[derive(Clone, Debug, Default)]
pub struct Document {
    pub id: String,
    pub title: String,
    pub section: String,
    pub url: String,
    pub published_date: String,
    pub source: String,
    pub trust: Trust,
    pub product: Vec<String>,
    pub jurisdiction: Vec<String>,
    pub valid_from: Option<String>,
    pub valid_to: Option<String>,
    /// Ids of documents in whose place it stands.
    pub supersedes: Vec<String>,
    pub text: String,
    /// Already of a passage's size: cut at headings, but not by length.
    pub whole: bool,
    /// What of the document was left out, or read otherwise than it is written.
    pub remarks: Vec<Remark>,
}

/// A remark of a document's reader: worth knowing, and asks nothing of anybody.
pub(super) fn told(
    field: impl Into<String>,
    found: impl Into<String>,
    done: impl Into<String>,
) -> Remark {
    Remark::new(Topic::Unread, Disposition::Info, field, found, done)
}

/// A document that cannot be read; the rest go on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
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

impl Document {
    /// Passages by heading, redacted. `allow` holds what the firm itself publishes.
    pub fn passages(&self, allow: &AllowList) -> Vec<Passage> {
        let scanner = Scanner {
            known: None,
            allow: Some(allow),
        };
        let mut passages = Vec::new();
        let title = pii::redact(&self.title, &scanner).text;
        let sections = structure::sections(&self.text, &self.title);
        let many = sections.len() > 1;
        for (number, Section { path, text }) in (1..).zip(&sections) {
            let section = match (path.is_empty(), self.section.is_empty()) {
                (true, _) => self.section.clone(),
                (false, true) => path.clone(),
                (false, false) => format!("{} › {path}", self.section),
            };
            let pieces = if self.whole {
                vec![text.trim().to_owned()]
            } else {
                structure::pieces(text.trim())
            };
            for (part, piece) in (1..).zip(&pieces) {
                let redacted = pii::redact(piece.trim(), &scanner);
                if redacted.text.is_empty() {
                    continue;
                }
                passages.push(Passage {
                    // A section keeps its number when a longer text before it falls into more pieces.
                    id: match (many, pieces.len() > 1) {
                        (false, false) => self.id.clone(),
                        (true, false) => format!("{}#{number}", self.id),
                        (_, true) => format!("{}#{number}.{part}", self.id),
                    },
                    doc: self.id.clone(),
                    title: title.clone(),
                    section: pii::redact(&section, &scanner).text,
                    redactions: redactions(&redacted),
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
        }
        passages
    }
}

/// Where personal data was taken out of a text.
pub(super) fn redactions(redacted: &Redacted) -> Vec<Redaction> {
    redacted
        .tags
        .iter()
        .map(|(start, end, kind)| Redaction {
            start: *start,
            end: *end,
            kind: kind.as_str().into(),
        })
        .collect()
}

impl From<Passage> for Citation {
    /// The passage, not yet scored.
    fn from(passage: Passage) -> Self {
        Self {
            id: passage.id,
            title: passage.title,
            section: passage.section,
            redacted_text: passage.text,
            url: passage.url,
            published_date: passage.published_date,
            source: passage.source,
            trust: passage.trust,
            valid_from: passage.valid_from,
            valid_to: passage.valid_to,
            product: passage.product,
            redactions: passage.redactions,
            ..Self::default()
        }
    }
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
}
