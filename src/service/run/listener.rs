//! Who watches a run, and may pause it.

use crate::domain::run::Run;
use crate::pipeline::RunEvent;

/// Whoever watches a run. A closure over events watches it to its end.
pub trait Listener {
    /// What happened, as it happens.
    fn told(&mut self, event: RunEvent);

    /// A stage came to its end, or the run to its last one, and what it gave is on its way to the record. `false` pauses
    /// the run here.
    fn after(&mut self, run: &Run) -> bool {
        let _ = run;
        true
    }
}

impl<F: FnMut(RunEvent)> Listener for F {
    fn told(&mut self, event: RunEvent) {
        self(event);
    }
}

/// Nobody watches.
pub struct Unwatched;

impl Listener for Unwatched {
    fn told(&mut self, _: RunEvent) {}
}
