//! Documents in, citations out: reading, redaction, index, vectors, fused search, explanations.
//!
//! The only user of tantivy and of the embedding runtime.

mod build;
mod cache;
mod document;
mod embed;
pub mod eval;
pub mod external;
mod index;
mod ingest;
mod manifest;
mod nearest;
mod passages;
mod search;
mod store;
mod structure;
mod taken;
mod vectors;

pub use cache::vector_record;
pub use document::{Document, DocumentError, Passage};
pub use embed::{DIMENSIONS as VECTOR_LENGTH, Embedder, ModelError};
pub use ingest::{Read, read_bytes, sidecar, text_of};
pub use search::{Mode, Request};
pub use store::{File, KnowledgeBase, KnowledgeError, Problem, Step};
pub use taken::Taken;
