//! Whether a service that failed is asked again: not for a while, then once, then as before if it answers.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// The first pause after a failure; each further one is twice as long.
const PAUSE: Duration = Duration::from_millis(500);
const LONGEST: Duration = Duration::from_secs(30);

#[derive(Default)]
pub(super) struct Breaker(Mutex<BreakerState>);

#[derive(Default)]
struct BreakerState {
    /// Failures in a row.
    failures: u32,
    until: Option<Instant>,
}

impl Breaker {
    fn state(&self) -> MutexGuard<'_, BreakerState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether this call may ask. After a pause one call may, and the others wait for what it finds.
    pub fn may_ask(&self, now: Instant) -> bool {
        let mut state = self.state();
        match state.until {
            None => true,
            Some(until) if now < until => false,
            Some(_) => {
                state.until = Some(now + pause(state.failures));
                true
            }
        }
    }

    /// It answered; `true` if it had not before.
    pub fn answered(&self) -> bool {
        std::mem::take(&mut *self.state()).until.is_some()
    }

    pub fn failed(&self, now: Instant) {
        let mut state = self.state();
        state.until = Some(now + pause(state.failures));
        state.failures = state.failures.saturating_add(1);
    }

    pub fn is_open(&self) -> bool {
        self.state().until.is_some()
    }
}

fn pause(failures: u32) -> Duration {
    (PAUSE * 2_u32.saturating_pow(failures.min(16))).min(LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_pauses_longer_each_time_and_lets_one_call_try() {
        let breaker = Breaker::default();
        let start = Instant::now();
        assert!(breaker.may_ask(start) && !breaker.is_open());
        breaker.failed(start);
        assert!(!breaker.may_ask(start + PAUSE / 2) && breaker.is_open());
        assert!(breaker.may_ask(start + PAUSE));
        assert!(!breaker.may_ask(start + PAUSE), "one call tries");
        breaker.failed(start + PAUSE);
        assert!(!breaker.may_ask(start + PAUSE * 2));
        assert!(breaker.may_ask(start + PAUSE * 3));
        assert!(breaker.answered() && !breaker.is_open());
        assert!(!breaker.answered(), "told once");
        for _ in 0..40 {
            breaker.failed(start);
        }
        assert!(breaker.may_ask(start + LONGEST));
    }
}
