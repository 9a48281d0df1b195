//! Panics of the library, caught where they begin.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

thread_local! {
    static DEPTH: Cell<u32> = const { Cell::new(0) };
}

/// Whether a panic of this thread, now, is caught and comes back as an error: then nobody need be told of it otherwise.
pub fn is_caught() -> bool {
    DEPTH.with(Cell::get) > 0
}

/// Does it; `None` if it panicked.
pub(super) fn caught<T>(job: impl FnOnce() -> T) -> Option<T> {
    DEPTH.with(|depth| depth.set(depth.get() + 1));
    // What is left half done within is only read again through this same door.
    let done = catch_unwind(AssertUnwindSafe(job));
    DEPTH.with(|depth| depth.set(depth.get() - 1));
    done.ok()
}

/// What is said of a file on which the library gave up. Its own words may hold data.
pub(super) fn broken() -> String {
    "its pages do not fit together".into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_caught_and_its_thread_goes_on() {
        assert_eq!(caught(|| 1), Some(1));
        let within = caught(|| caught::<()>(|| panic!("within")).is_none() && is_caught());
        assert_eq!(within, Some(true));
        assert!(!is_caught());
    }
}
