//! What whoever watches a run is told.

use crate::domain::run::Stage;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RunEvent {
    Started {
        stage: Stage,
    },
    /// What a model has written so far; nothing of it is checked yet.
    Writing {
        words: String,
    },
    Done {
        stage: Stage,
        micros: u64,
        summary: String,
    },
    Failed {
        stage: Stage,
        reason: String,
    },
}
