//! The HTTP face: the same use cases as desk and command line, over JSON.

mod app;
mod auth;
mod customers;
mod events;
mod extract;
mod log;
mod metrics;
mod names;
mod openapi;
mod ops;
mod outcomes;
mod problem;
mod recorded;
mod relay;
mod review;
mod runs;
mod serving;
mod tenants;
mod tls;
#[cfg(feature = "otlp")]
mod trace;
#[cfg(not(feature = "otlp"))]
#[path = "untraced.rs"]
mod trace;
mod traced;

pub use app::{For, Limits, Serve};
pub use serving::Times;
pub use tenants::is_name as is_tenant;
pub use tls::Identity;

use crate::domain::person::Action;
use crate::error::{Error, Kind, Result};
use crate::service::delivery::{handover, sources};
use crate::service::learning::tally;
use app::App;
use axum::extract::DefaultBodyLimit;
use axum::http::header::CACHE_CONTROL;
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::{from_fn, from_fn_with_state, map_response};
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Extension, Router};
use extract::Patience;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tls::Encrypted;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::request_id::{PropagateRequestIdLayer, SetRequestIdLayer};

/// Largest body of a request, in bytes.
const MOST_BYTES: usize = 1 << 20;

/// Time between two looks for messages that are due.
const DUE: Duration = Duration::from_secs(5);

/// How long work that cannot be stopped is waited for at the very end.
const LAST_WAIT: Duration = Duration::from_secs(2);

/// Every route, as the OpenAPI document has it: method and path.
pub const ROUTES: [(&str, &str); 15] = [
    ("get", "/health"),
    ("post", "/personalize"),
    ("get", "/runs"),
    ("get", "/runs/{id}"),
    ("get", "/runs/{id}/events"),
    ("post", "/runs/{id}/decisions"),
    ("post", "/runs/{id}/rewrites"),
    ("post", "/feedback"),
    ("get", "/experiments"),
    ("get", "/customers/{id}"),
    ("post", "/erasures"),
    ("post", "/holds"),
    ("post", "/check"),
    ("get", "/metrics"),
    ("get", "/openapi.json"),
];

/// The header that names a request, in its answer and in the log.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Behind a token all but health and the description; [`ROUTES`] lists the same.
fn router(app: Arc<App>) -> Router {
    let behind_a_token = Router::new()
        .route("/personalize", post(runs::personalize))
        .route("/runs", get(review::list))
        .route("/runs/{id}", get(review::show))
        .route("/runs/{id}/events", get(events::of_run))
        .route("/runs/{id}/decisions", post(review::decide))
        .route("/runs/{id}/rewrites", post(review::rewrite))
        .route("/feedback", post(outcomes::post))
        .route("/experiments", get(outcomes::experiments))
        .route("/customers/{id}", get(runs::of_customer))
        .route("/erasures", post(customers::erase))
        .route("/holds", post(customers::hold))
        .route("/check", post(runs::check))
        .route("/metrics", get(ops::metrics))
        .layer(from_fn_with_state(app.clone(), auth::admit));
    Router::new()
        .merge(behind_a_token)
        .route("/health", get(ops::health))
        .route("/openapi.json", get(ops::openapi))
        .fallback(problem::no_such_route)
        .method_not_allowed_fallback(problem::no_such_method)
        .layer(from_fn_with_state(app.clone(), log::count))
        .with_state(app)
}

/// Answers are about people: no cache keeps one.
async fn kept_nowhere(mut response: Response) -> Response {
    let never = HeaderValue::from_static("no-store");
    response.headers_mut().insert(CACHE_CONTROL, never);
    response
}

/// What holds for every request, whomever it is for.
fn around(routes: Router, times: Times, open: bool) -> Router {
    let routes = if open {
        routes.layer(from_fn(names::are_of_this_machine))
    } else {
        routes
    };
    routes
        .layer(CatchPanicLayer::custom(problem::panicked))
        .layer(from_fn(problem::in_time))
        .layer(DefaultBodyLimit::max(MOST_BYTES))
        .layer(Extension(Patience(times.patience)))
        .layer(PropagateRequestIdLayer::new(REQUEST_ID))
        .layer(SetRequestIdLayer::new(REQUEST_ID, log::RequestIds))
        .layer(from_fn(log::plain_name))
        .layer(map_response(kept_nowhere))
}

/// Looks now and then whether an approved message is due, and what others were told of messages, as the desk does.
async fn due(app: Arc<App>, mut end: watch::Receiver<bool>) {
    let mut ticks = tokio::time::interval(DUE);
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            _ = end.wait_for(|ended| *ended) => return,
        }
        let (workspace, counted, ended) = (app.workspace.clone(), app.clone(), end.clone());
        let handed = tokio::task::spawn_blocking(move || {
            // What others were told scores the runs of this one too; should it fail, the next look finds it.
            if tally::keep_up(&workspace).is_err() {
                counted.metrics.failed("feedback");
            }
            workspace.publish(true);
            if workspace.is_through_another() || workspace.allow(Action::Deliver).is_err() {
                return;
            }
            let due = sources::look_at_approvals(&workspace)
                .and_then(|_| handover::deliver_due(&workspace, &|| !*ended.borrow()));
            match due {
                Ok(count) => counted.metrics.handed_over(count),
                // Told by the count; it is tried again at the next tick.
                Err(_) => counted.metrics.failed("deliver"),
            }
        });
        if handed.await.is_err() {
            app.metrics.failed("deliver");
        }
    }
}

/// Serves until a signal asks it to end; what was accepted is finished first, within the grace.
///
/// # Errors
/// The address cannot be listened on, or the terms are contradictory.
pub fn serve(serve: Serve, ready: &mut dyn FnMut(SocketAddr)) -> Result<()> {
    let failed = |e: std::io::Error| Error::of(Kind::Io, e);
    let grace = serve.times.grace;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .max_blocking_threads(serve.limits.at_once + 16)
        .build()
        .map_err(failed)?;
    let served = runtime.block_on(until_the_end(serve, ready));
    // Work on a thread of its own cannot be stopped: what is not done by now is left as a crash would leave it.
    runtime.shutdown_timeout(grace.min(LAST_WAIT));
    served
}

async fn until_the_end(serve: Serve, ready: &mut dyn FnMut(SocketAddr)) -> Result<()> {
    let failed = |e: std::io::Error| Error::of(Kind::Io, e);
    let (listen, times, open) = (serve.listen, serve.times, serve.open);
    if serve.open && !listen.ip().is_loopback() {
        return Err(Error::new(
            Kind::Input,
            "without tokens it may only listen on this machine",
        )
        .at(listen.to_string())
        .fix("use 127.0.0.1, or tokens: `echovoice token add NAME`"));
    }
    let listener = TcpListener::bind(listen).await.map_err(|e| {
        Error::of(Kind::Io, e)
            .at(listen.to_string())
            .fix("is something else listening there?")
    })?;
    let mut ends = (
        signal(SignalKind::terminate()).map_err(failed)?,
        signal(SignalKind::interrupt()).map_err(failed)?,
    );
    let tls = serve.tls.as_ref().map(tls::config).transpose()?;
    let apps = App::all(serve)?;
    ready(listener.local_addr().map_err(failed)?);
    let (ending, end) = watch::channel(false);
    tokio::spawn(async move {
        tokio::select! {
            _ = ends.0.recv() => {}
            _ = ends.1.recv() => {}
        }
        // Whoever serves listens for it.
        let _ = ending.send(true);
        // A second signal changes nothing, and must not end it at once.
        std::future::pending::<()>().await;
    });
    let mut looks = JoinSet::new();
    for app in &apps {
        looks.spawn(due(app.clone(), end.clone()));
    }
    let routes = match apps.as_slice() {
        [one] if one.tenant.is_none() => router(one.clone()),
        several => tenants::routes(several),
    };
    let routes = around(routes, times, open);
    match tls {
        None => serving::run(listener, routes, end, times).await,
        Some(tls) => {
            let listener = Encrypted::on(listener, tls).map_err(failed)?;
            serving::run(listener, routes, end, times).await;
        }
    }
    // A hand-over that is under way comes to its end, if it does so soon.
    let handed = async { while looks.join_next().await.is_some() {} };
    let _ = tokio::time::timeout(times.grace, handed).await;
    if let Some(traces) = apps.first().and_then(|app| app.traces.as_ref()) {
        traces.end();
    }
    Ok(())
}
