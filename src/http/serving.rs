//! Connections: taken, served, and ended within a time that no client can stretch.

use axum::Router;
use axum::serve::Listener;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::timeout;

/// How patient it is with clients.
#[derive(Clone, Copy, Debug)]
pub struct Times {
    /// For the head of a request, a pause between two on one connection, and a body.
    pub patience: Duration,
    /// For what was accepted, once it is asked to end.
    pub grace: Duration,
}

/// Serves until it ends; then nothing new is accepted, requests that are there are answered, and what is still open
/// after the grace is closed.
pub(super) async fn run<L: Listener>(
    mut listener: L,
    routes: Router,
    mut end: watch::Receiver<bool>,
    times: Times,
) {
    let mut open = JoinSet::new();
    loop {
        let ended = end.clone();
        tokio::select! {
            (stream, _) = listener.accept() => {
                open.spawn(one(stream, routes.clone(), ended, times.patience));
            }
            Some(_) = open.join_next(), if !open.is_empty() => {}
            _ = end.wait_for(|ended| *ended) => break,
        }
    }
    drop(listener);
    let finished = async { while open.join_next().await.is_some() {} };
    // Those that are left are closed with the set.
    let _ = timeout(times.grace, finished).await;
}

async fn one<I>(stream: I, routes: Router, mut end: watch::Receiver<bool>, patience: Duration)
where
    I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(patience)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(routes));
    tokio::pin!(connection);
    tokio::select! {
        // A client that breaks off is its own affair.
        _ = connection.as_mut() => return,
        _ = end.wait_for(|ended| *ended) => connection.as_mut().graceful_shutdown(),
    }
    let _ = connection.await;
}
