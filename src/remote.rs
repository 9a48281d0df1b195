//! Services outside that are spoken to over HTTP: to whom in the open, for how long, how often, and when not at all.

use backon::{BackoffBuilder as _, ExponentialBuilder};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use ureq::http::Response;
use ureq::{Agent, Body};

/// How long a service that failed is left alone: a reviewer should not wait for it at every step.
const REST: Duration = Duration::from_secs(30);

/// Whether what is sent there may be read by nobody on the way: it is encrypted, or stays on this machine.
pub fn is_private(url: &str) -> bool {
    let Some(rest) = url.strip_prefix("http://") else {
        return url.starts_with("https://");
    };
    ["127.0.0.1", "localhost", "[::1]"].iter().any(|host| {
        rest.strip_prefix(host)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '/']))
    })
}

/// An endpoint without its scheme, for the record.
pub fn host(endpoint: &str) -> &str {
    endpoint
        .split_once("://")
        .map_or(endpoint, |(_, host)| host)
}

/// Asks with this patience for a whole answer; follows nobody elsewhere, and gives every status to whoever asked.
pub fn agent(patience: Duration) -> Agent {
    Agent::config_builder()
        .timeout_global(Some(patience))
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .build()
        .into()
}

/// Why there is no answer now, where there may be one later. Holds nothing that was asked or answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Passing {
    #[error("did not answer in time")]
    Late,
    #[error("cannot be reached")]
    Unreachable,
    #[error("is busy ({status})")]
    Busy {
        status: u16,
        /// Seconds that it asks to wait.
        after: Option<u64>,
    },
}

impl Passing {
    /// Why nothing came back.
    pub fn of(error: &ureq::Error) -> Self {
        match error {
            ureq::Error::Timeout(_) => Self::Late,
            _ => Self::Unreachable,
        }
    }

    /// Whether this answer is “later” (RFC 9110, 6585).
    pub fn in_answer(response: &Response<Body>) -> Option<Self> {
        let status = response.status().as_u16();
        let after = response
            .headers()
            .get("retry-after")
            .and_then(|value| value.to_str().ok()?.trim().parse().ok());
        matches!(status, 408 | 429 | 500..).then_some(Self::Busy { status, after })
    }
}

/// How often a service is asked, and how long is waited in between.
#[derive(Clone, Copy, Debug)]
pub struct RetryPolicy {
    pub attempts: usize,
    /// First pause; each is about twice the one before, with jitter.
    pub first: Duration,
    /// Longest pause, also if the service asks for more.
    pub longest: Duration,
}

impl RetryPolicy {
    /// Asks until there is an answer, an error that does not pass by itself, or no patience left.
    ///
    /// # Errors
    /// The last one.
    pub fn ask<T, E>(
        self,
        passing: impl Fn(&E) -> Option<Passing>,
        mut once: impl FnMut() -> Result<T, E>,
    ) -> Result<T, E> {
        let mut pauses = ExponentialBuilder::default()
            .with_min_delay(self.first)
            .with_max_delay(self.longest)
            .with_max_times(self.attempts.saturating_sub(1))
            .with_jitter()
            .build();
        loop {
            let error = match once() {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            let wish = match passing(&error) {
                None => return Err(error),
                Some(Passing::Busy { after, .. }) => after.map(Duration::from_secs),
                Some(_) => None,
            };
            let too_long = wish.is_some_and(|wish| wish > self.longest);
            match pauses.next().filter(|_| !too_long) {
                // Jitter comes on top of the longest pause.
                Some(usual) => std::thread::sleep(wish.unwrap_or(usual.min(self.longest))),
                None => return Err(error),
            }
        }
    }
}

/// A rest after failure, in which nobody asks.
#[derive(Default)]
pub struct Rest(Mutex<Option<Instant>>);

impl Rest {
    fn until(&self) -> MutexGuard<'_, Option<Instant>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn is_on(&self) -> bool {
        self.until().is_some_and(|until| Instant::now() < until)
    }

    /// It failed: the rest begins. It answered: there is none.
    pub fn after<T, E>(&self, asked: &Result<T, E>) {
        *self.until() = asked.is_err().then(|| Instant::now() + REST);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_spoken_to_in_the_open() {
        for private in [
            "https://crm.example/hook",
            "http://127.0.0.1:9/hook",
            "http://localhost",
            "http://[::1]:80/",
        ] {
            assert!(is_private(private), "{private}");
        }
        for open in [
            "http://crm.example/hook",
            "http://127.0.0.1.evil.example/",
            "http://localhost@evil.example/",
            "ftp://x",
            "",
        ] {
            assert!(!is_private(open), "{open}");
        }
    }

    #[test]
    fn what_passes_is_asked_again_and_what_does_not_is_not() {
        let patience = RetryPolicy {
            attempts: 3,
            first: Duration::from_millis(1),
            longest: Duration::from_millis(2),
        };
        let asked = |answers: &[Result<u8, Option<Passing>>]| {
            let mut count = 0;
            let last = patience.ask(
                |error: &Option<Passing>| *error,
                || {
                    count += 1;
                    answers[(count - 1).min(answers.len() - 1)]
                },
            );
            (last, count)
        };
        let busy = |after| Err(Some(Passing::Busy { status: 503, after }));
        let late = Err(Some(Passing::Late));
        assert_eq!(asked(&[late, busy(None), Ok(1)]), (Ok(1), 3));
        assert_eq!(asked(&[late]), (late, 3));
        assert_eq!(asked(&[Err(None)]), (Err(None), 1));
        assert_eq!(asked(&[busy(Some(0)), Ok(2)]), (Ok(2), 2));
        // Who asks for more patience than there is, is not asked again.
        assert_eq!(asked(&[busy(Some(9))]), (busy(Some(9)), 1));
    }
}
