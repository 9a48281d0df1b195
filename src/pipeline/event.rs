//! What whoever watches a run is told.

use crate::domain::run::Stage;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RunEvent {
    Started {
        stage: Stage,
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
