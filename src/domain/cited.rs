//! The passages that a message may be checked against.

use super::citation::Citation;
use super::digest::Digest;
use std::ops::Deref;
use std::sync::{Arc, OnceLock};

/// Passages that all variants of a run share. Their digest is worked out once, when it is first asked for.
#[derive(Clone, Debug, Default)]
pub struct CitedPassages(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    citations: Vec<Citation>,
    digest: OnceLock<Digest>,
}

impl CitedPassages {
    /// Over everything that they hold.
    pub fn digest(&self) -> Digest {
        let whole = || serde_json::to_vec(&self.0.citations).unwrap_or_default();
        *self.0.digest.get_or_init(|| Digest::of(&whole()))
    }
}

impl From<Vec<Citation>> for CitedPassages {
    fn from(citations: Vec<Citation>) -> Self {
        Self(Arc::new(Shared {
            citations,
            digest: OnceLock::new(),
        }))
    }
}

impl Deref for CitedPassages {
    type Target = [Citation];

    fn deref(&self) -> &[Citation] {
        &self.0.citations
    }
}
