//! What a knowledge base took of a document: for whoever added it, before anything cites it.

use super::document::{Document, Passage};
use crate::domain::citation::Trust;
use crate::domain::remark::Remark;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A document as it was taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taken {
    pub id: String,
    pub title: String,
    pub trust: Trust,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub published_date: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_to: Option<String>,
    /// Ids of documents in whose place it stands.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub supersedes: Vec<String>,
    pub sections: usize,
    pub passages: usize,
    /// Fields that the document does not give.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<String>,
    /// What was left out or read otherwise than it is written.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remarks: Vec<Remark>,
}

impl Taken {
    pub(super) fn of(document: &Document, passages: &[Passage]) -> Self {
        let sections: BTreeSet<&str> = passages.iter().map(|p| p.section.as_str()).collect();
        let given = [
            ("published_date", !document.published_date.is_empty()),
            ("source", !document.source.is_empty()),
            ("url", !document.url.is_empty()),
            ("valid_to", document.valid_to.is_some()),
        ];
        Self {
            id: document.id.clone(),
            title: passages
                .first()
                .map_or_else(|| document.title.clone(), |p| p.title.clone()),
            trust: document.trust,
            published_date: document.published_date.clone(),
            valid_from: document.valid_from.clone(),
            valid_to: document.valid_to.clone(),
            supersedes: document.supersedes.clone(),
            sections: sections.len(),
            passages: passages.len(),
            missing: given
                .iter()
                .filter(|(_, given)| !given)
                .map(|(name, _)| (*name).to_owned())
                .collect(),
            remarks: document.remarks.clone(),
        }
    }
}
