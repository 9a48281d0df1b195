//! What every request can reach: the workspace, who may come in, how much at once, and the counts.

use super::metrics::Metrics;
use super::problem::Problem;
use super::serving::Times;
use super::tls::Identity;
use super::trace::Traces;
use crate::error::{Error, Kind, Result};
use crate::service::Workspace;
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use rayon::{ThreadPool, ThreadPoolBuilder};
use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::num::NonZeroU32;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use tokio::task::spawn_blocking;

/// How much is let in.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Requests a second of one token, and how many may come at once.
    pub per_second: NonZeroU32,
    /// Requests that are worked on together; more wait until there is room, and then give up.
    pub at_once: usize,
}

/// Whom it is served for.
pub enum For {
    One(Arc<Workspace>),
    /// By name.
    Tenants(Vec<(String, Arc<Workspace>)>),
}

/// On which terms it is served.
pub struct Serve {
    pub whom: For,
    pub listen: SocketAddr,
    /// No token is needed; the workspace's own person acts. Only on this machine.
    pub open: bool,
    pub limits: Limits,
    /// Whether each request and stage is told on standard error.
    pub log: bool,
    /// Certificate and key, if connections are to be encrypted.
    pub tls: Option<Identity>,
    pub times: Times,
}

/// Everything that requests share.
pub struct App {
    pub workspace: Arc<Workspace>,
    /// Which of several tenants it serves.
    pub tenant: Option<String>,
    pub open: bool,
    pub metrics: Metrics,
    pub log: bool,
    /// What requests come by.
    pub scheme: &'static str,
    /// Where spans go, if anywhere.
    pub traces: Option<Arc<Traces>>,
    limits: Limits,
    room: Arc<Semaphore>,
    /// Threads that compute, as many as there are cores: each keeps the state of some hundred expressions, which more
    /// threads would only multiply.
    crew: Arc<ThreadPool>,
    /// The workspace with each person who acts.
    people: Mutex<HashMap<String, Arc<Workspace>>>,
    /// How much each token may still ask for.
    rates: Mutex<HashMap<String, DefaultDirectRateLimiter>>,
    /// How many wrong tokens may still come from each network.
    wrong: Mutex<HashMap<IpAddr, DefaultDirectRateLimiter>>,
}

/// Wrong tokens of one network in a minute that are told to be wrong.
const WRONG: NonZeroU32 = NonZeroU32::MIN.saturating_add(9);

/// Networks that are remembered together.
const NETWORKS: usize = 4_096;

/// Whoever has one address of a network of IPv6 has as many of it as they like.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(six) => {
            let [a, b, c, d, ..] = six.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
        four @ IpAddr::V4(_) => four,
    }
}

impl App {
    /// One for each who is served; they share threads and where spans go.
    ///
    /// # Errors
    /// The system gives no threads, or the place for traces cannot be used.
    pub fn all(serve: Serve) -> Result<Vec<Arc<Self>>> {
        let crew = ThreadPoolBuilder::new()
            .thread_name(|number| format!("crew-{number}"))
            .build()
            .map_err(|e| Error::of(Kind::Io, e))?;
        let (crew, traces) = (Arc::new(crew), Traces::open()?.map(Arc::new));
        let whom = match serve.whom {
            For::One(workspace) => vec![(None, workspace)],
            For::Tenants(all) => all.into_iter().map(|(name, w)| (Some(name), w)).collect(),
        };
        let scheme = if serve.tls.is_some() { "https" } else { "http" };
        let app = |(tenant, workspace)| {
            Arc::new(Self {
                crew: crew.clone(),
                workspace,
                tenant,
                open: serve.open,
                metrics: Metrics::default(),
                log: serve.log,
                scheme,
                traces: traces.clone(),
                limits: serve.limits,
                room: Arc::new(Semaphore::new(serve.limits.at_once)),
                people: Mutex::default(),
                rates: Mutex::default(),
                wrong: Mutex::default(),
            })
        };
        Ok(whom.into_iter().map(app).collect())
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
        let quota = Quota::per_second(self.limits.per_second);
        let rate = rates
            .entry(token.to_owned())
            .or_insert_with(|| RateLimiter::direct(quota));
        rate.check().is_ok()
    }

    /// Whether a wrong token from there is still looked at, or tries are made too fast.
    pub fn may_be_wrong(&self, from: IpAddr) -> bool {
        let mut wrong = self.wrong.lock().unwrap_or_else(PoisonError::into_inner);
        if wrong.len() >= NETWORKS {
            // They are remembered to slow them down, not to keep anybody out: beginning anew harms nobody.
            wrong.clear();
        }
        let rate = wrong
            .entry(network(from))
            .or_insert_with(|| RateLimiter::direct(Quota::per_minute(WRONG)));
        rate.check().is_ok()
    }

    /// Room to work in, once there is some.
    pub async fn room(&self) -> Option<OwnedSemaphorePermit> {
        self.room.clone().acquire_owned().await.ok()
    }

    /// Computes something that waits for nothing.
    ///
    /// # Errors
    /// What the job says, or that it stopped unexpectedly.
    pub async fn compute<T: Send + 'static>(
        &self,
        job: impl FnOnce() -> Result<T> + Send + 'static,
    ) -> std::result::Result<T, Problem> {
        let (answer, done) = oneshot::channel();
        self.crew.spawn(move || {
            // A panic is told as a defect and leaves the crew whole; nobody may be waiting any more.
            if let Ok(outcome) = catch_unwind(AssertUnwindSafe(job)) {
                let _ = answer.send(outcome);
            }
        });
        match done.await {
            Ok(outcome) => Ok(outcome?),
            Err(_) => Err(Problem::defect()),
        }
    }

    /// Does something that waits for the disk, where it holds nobody up.
    ///
    /// # Errors
    /// What the job says, or that it stopped unexpectedly.
    pub async fn work<T: Send + 'static>(
        &self,
        job: impl FnOnce() -> Result<T> + Send + 'static,
    ) -> std::result::Result<T, Problem> {
        let Some(room) = self.room().await else {
            return Err(Problem::ending());
        };
        let done = spawn_blocking(move || {
            let _room = room;
            job()
        });
        match done.await {
            Ok(outcome) => Ok(outcome?),
            Err(_) => Err(Problem::defect()),
        }
    }
}
