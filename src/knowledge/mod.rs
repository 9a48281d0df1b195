//! Documents in, citations out: reading, redaction, index, vectors, fused search, explanations.
//!
//! The only user of tantivy and of the embedding runtime.

mod bm25;
mod build;
mod cache;
mod document;
mod embed;
mod error;
pub mod eval;
pub mod external;
mod index;
mod ingest;
mod key;
mod late;
mod making;
mod manifest;
mod met;
mod nearest;
mod passages;
mod piece;
mod pieces;
mod request;
mod scale;
mod search;
mod store;
mod structure;
mod taken;
mod vectors;
mod ways;

pub use bm25::Constants;
pub use build::Shipped;
pub use cache::{piece_record, vector_record};
pub use document::{Document, DocumentError, Passage};
pub use embed::{Embedded, Embedder, ModelError};
pub use error::{DocumentProblem, KnowledgeError, SourceFile, Step};
pub use ingest::{Read, read_bytes, sidecar, text_of};
pub use piece::DIMENSIONS as VECTOR_LENGTH;
pub use piece::Piece;
pub use request::{Mode, Request};
pub use store::KnowledgeBase;
pub use taken::Taken;
pub use ways::{Late, Ways};
