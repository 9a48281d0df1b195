//! Connections: taken, served, and ended within a time that no client can stretch.

use axum::Router;
use axum::http::Request;
use axum::serve::Listener;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::timeout;

/// How patient it is with clients.
#[derive(Clone, Copy, Debug)]
pub struct Times {
    /// For the head of a request, a pause between two on one connection, and a body.
    pub patience: Duration,
    /// For what was accepted, once it is asked to end.
    pub grace: Duration,
    /// Connections that are open together; more wait until there is room.
    pub connections: usize,
}

/// Where a request comes from: goes with every request.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub IpAddr);

/// Serves until it ends; then nothing new is accepted, requests that are there are answered, and what is still open
/// after the grace is closed.
pub(super) async fn run<L: Listener<Addr = SocketAddr>>(
    mut listener: L,
    routes: Router,
    mut end: watch::Receiver<bool>,
    times: Times,
) {
    let mut open = JoinSet::new();
    let room = Arc::new(Semaphore::new(times.connections));
    loop {
        let ended = end.clone();
        let next = async {
            let place = room.clone().acquire_owned().await;
            (place, listener.accept().await)
        };
        tokio::select! {
            (place, (stream, from)) = next => {
                let (routes, patience) = (routes.clone(), times.patience);
                open.spawn(async move {
                    let _place = place;
                    one(stream, (routes, Peer(from.ip())), ended, patience).await;
                });
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

async fn one<I>(
    stream: I,
    (routes, from): (Router, Peer),
    mut end: watch::Receiver<bool>,
    patience: Duration,
) where
    I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let routes = TowerToHyperService::new(routes);
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(from);
        routes.call(request)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(patience)
        .serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    tokio::select! {
        // A client that breaks off is its own affair.
        _ = connection.as_mut() => return,
        _ = end.wait_for(|ended| *ended) => connection.as_mut().graceful_shutdown(),
    }
    let _ = connection.await;
}
