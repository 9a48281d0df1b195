//! What every request can reach: the workspace, who may come in, how much at once, and the counts.

use super::metrics::Metrics;
use super::problem::Problem;
use crate::error::{Error, Kind, Result};
use crate::service::Workspace;
use axum::http::StatusCode;
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use std::collections::HashMap;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::spawn_blocking;

/// How much is let in.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Requests a second of one token, and how many may come at once.
    pub per_second: NonZeroU32,
    pub burst: NonZeroU32,
    /// Requests that are worked on together; more wait until there is room, and then give up.
    pub at_once: usize,
}

impl Default for Limits {
    fn default() -> Self {
        let many = NonZeroU32::new(5_000).unwrap_or(NonZeroU32::MIN);
        Self {
            per_second: many,
            burst: many,
            at_once: 256,
        }
    }
}

/// On which terms it is served.
pub struct Serve {
    pub workspace: Arc<Workspace>,
    pub listen: SocketAddr,
    /// No token is needed; the workspace's own person acts. Only on this machine.
    pub open: bool,
    pub limits: Limits,
    /// Whether each request and stage is told on standard error.
    pub log: bool,
}

/// Everything that requests share.
pub struct App {
    pub workspace: Arc<Workspace>,
    pub open: bool,
    pub metrics: Metrics,
    pub log: bool,
    limits: Limits,
    room: Arc<Semaphore>,
    /// The workspace with each person who acts.
    people: Mutex<HashMap<String, Arc<Workspace>>>,
    /// How much each token may still ask for.
    rates: Mutex<HashMap<String, Arc<DefaultDirectRateLimiter>>>,
}

impl App {
    pub fn new(serve: Serve) -> Self {
        Self {
            workspace: serve.workspace,
            open: serve.open,
            metrics: Metrics::default(),
            log: serve.log,
            limits: serve.limits,
            room: Arc::new(Semaphore::new(serve.limits.at_once)),
            people: Mutex::default(),
            rates: Mutex::default(),
        }
    }

    /// The workspace with this person acting, as they stand on the roster now.
    ///
    /// # Errors
    /// They may not act any more.
    pub fn acting(&self, person: &str) -> Result<Arc<Workspace>> {
        let known = || self.people.lock().unwrap_or_else(PoisonError::into_inner);
        let found = known().get(person).cloned();
        if let Some(workspace) = found
            && workspace.still_stands()?
        {
            return Ok(workspace);
        }
        let workspace = Arc::new(self.workspace.acting_as(person)?);
        known().insert(person.to_owned(), workspace.clone());
        Ok(workspace)
    }

    /// Whether a token may ask for something now.
    pub fn has_turn(&self, token: &str) -> bool {
        let mut rates = self.rates.lock().unwrap_or_else(PoisonError::into_inner);
        let quota = Quota::per_second(self.limits.per_second).allow_burst(self.limits.burst);
        let rate = rates
            .entry(token.to_owned())
            .or_insert_with(|| Arc::new(RateLimiter::direct(quota)));
        rate.check().is_ok()
    }

    /// Room to work in, once there is some.
    pub async fn room(&self) -> Option<OwnedSemaphorePermit> {
        self.room.clone().acquire_owned().await.ok()
    }

    /// Does something that computes or waits for the disk, where it holds nobody up.
    ///
    /// # Errors
    /// What the job says, or that it stopped unexpectedly.
    pub async fn work<T: Send + 'static>(
        &self,
        job: impl FnOnce() -> Result<T> + Send + 'static,
    ) -> std::result::Result<T, Problem> {
        let Some(room) = self.room().await else {
            return Err(Problem::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "it is ending",
            ));
        };
        let done = spawn_blocking(move || {
            let _room = room;
            job()
        });
        match done.await {
            Ok(outcome) => Ok(outcome?),
            Err(_) => Err(Error::new(Kind::Stage, "a defect stopped the request").into()),
        }
    }
}
