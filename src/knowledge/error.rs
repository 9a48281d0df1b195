//! What becomes of sources: what was taken, what was left out, how far it is, why there is no knowledge base.

use super::taken::Taken;
use std::io;
use std::path::{Path, PathBuf};

/// A document that was left out, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentProblem {
    pub file: PathBuf,
    pub reason: String,
}

/// A source file and the documents that were taken from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceFile {
    pub path: PathBuf,
    pub taken: Vec<Taken>,
}

/// How far a step of indexing has come.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    /// What is being done: `reading files`.
    pub what: &'static str,
    pub done: usize,
    pub of: usize,
}

impl Step {
    pub(super) fn new(what: &'static str, done: usize, of: usize) -> Self {
        Self { what, done, of }
    }
}

/// Why a knowledge base could not be opened or searched.
#[derive(Debug, thiserror::Error)]
pub enum KnowledgeError {
    #[error("{path}: {source}")]
    Io { path: PathBuf, source: io::Error },
    #[error("the search index: {0}; delete the index folder and start again")]
    Index(#[from] tantivy::TantivyError),
    #[error("no documents were found; add some with `echovoice kb add`")]
    Empty,
    /// Files there were, and none could be taken: the first reason, and how many more there are.
    #[error("no document could be taken: {first}{}", and_more(*.more))]
    NoneTaken { first: String, more: usize },
}

fn and_more(count: usize) -> String {
    match count {
        0 => String::new(),
        _ => format!(" (and {count} more)"),
    }
}

impl KnowledgeError {
    pub(super) fn at(path: &Path) -> impl Fn(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io {
            path: path.clone(),
            source,
        }
    }
}
