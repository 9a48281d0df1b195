//! One line a request and one a stage, as JSON on standard error, without anybody's data.

use super::REQUEST_ID;
use super::app::App;
use super::problem::Problem;
use super::trace::Trace;
use super::traced::TracedRequest;
use crate::domain::run::Run;
use crate::service::audit;
use crate::service::home::workspace::now;
use crate::service::run::{Listener, RunEvent};
use axum::extract::{FromRequestParts, MatchedPath, Request, State};
use axum::http::HeaderValue;
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::Response;
use serde_json::{Value, json};
use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tower_http::request_id::{MakeRequestId, RequestId as Id};

/// Names requests that came without a name.
#[derive(Clone, Copy, Debug)]
pub struct RequestIds;

impl MakeRequestId for RequestIds {
    fn make_request_id<B>(&mut self, _: &axum::http::Request<B>) -> Option<Id> {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("{}-{number}", std::process::id());
        HeaderValue::from_str(&name).ok().map(Id::new)
    }
}

/// A name that a client gave its request is repeated in the answer, so it must be plain; else the request gets another.
pub async fn plain_name(mut request: Request, next: Next) -> Response {
    let named = request.headers().get(REQUEST_ID);
    let is_plain = named.is_none_or(|value| {
        let plain = RequestId::of(Some(value)).name;
        !plain.is_empty() && plain.as_bytes() == value.as_bytes()
    });
    if !is_plain {
        request.headers_mut().remove(REQUEST_ID);
    }
    next.run(request).await
}

/// The name of a request, short and plain, or it is not repeated; and its trace.
#[derive(Clone, Default)]
pub struct RequestId {
    pub name: String,
    trace: Trace,
}

impl RequestId {
    fn of(value: Option<&HeaderValue>) -> Self {
        let text = value
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_.:".contains(c);
        Self {
            name: text.chars().filter(|c| plain(*c)).take(80).collect(),
            trace: Trace::default(),
        }
    }
}

impl<S: Sync> FromRequestParts<S> for RequestId {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let named = Self::of(parts.headers.get(REQUEST_ID));
        let trace = parts.extensions.get::<Trace>().cloned();
        Ok(Self {
            trace: trace.unwrap_or_default(),
            ..named
        })
    }
}

fn line(value: &Value) {
    // Whoever closed the log does not want it.
    let _ = writeln!(std::io::stderr().lock(), "{value}");
}

#[expect(clippy::cast_precision_loss, reason = "far from 2^52 microseconds")]
fn millis(took: Duration) -> f64 {
    took.as_micros() as f64 / 1_000.0
}

/// Tells the stages of one request's run.
pub struct Telling {
    app: Arc<App>,
    request: RequestId,
    /// How the last stage ended, until its line is written.
    ended: Option<RunEvent>,
}

impl Telling {
    pub fn new(app: &Arc<App>, request: RequestId) -> Self {
        Self {
            app: app.clone(),
            request,
            ended: None,
        }
    }

    /// A stage that is done, or failed, counted and told.
    fn stage(&self, ended: &RunEvent, run: &Run) {
        let (component, status, took) = match ended {
            RunEvent::Started { .. } | RunEvent::Writing { .. } => return,
            RunEvent::Done { stage, micros, .. } => {
                let took = Duration::from_micros(*micros);
                self.app.metrics.stage(stage.as_str(), took);
                (stage.as_str(), "ok", took)
            }
            RunEvent::Failed { stage, .. } => {
                self.app.metrics.failed(stage.as_str());
                (stage.as_str(), "error", Duration::ZERO)
            }
        };
        if let Some(traces) = &self.app.traces {
            let trace = &self.request.trace;
            traces.stage(trace, component, took, &run.id, status == "ok");
        }
        if !self.app.log {
            return;
        }
        let segment = run.segment.as_ref().map(|s| s.segment.as_str());
        line(&json!({
            "timestamp": now(), "request_id": self.request.name, "component": component, "status": status,
            "latency_ms": millis(took), "subject": audit::subject(&self.app.workspace, &run.profile.id),
            "run_id": run.id, "segment": segment, "tenant": self.app.tenant, "log_level": if status == "ok" { "INFO" } else { "ERROR" },
        }));
    }
}

impl Listener for Telling {
    fn told(&mut self, event: RunEvent) {
        if matches!(event, RunEvent::Done { .. } | RunEvent::Failed { .. }) {
            self.ended = Some(event);
        }
    }

    fn after(&mut self, run: &Run) -> bool {
        if let Some(ended) = self.ended.take() {
            self.stage(&ended, run);
        }
        true
    }
}

/// Counts a request and tells how it went.
pub async fn count(State(app): State<Arc<App>>, mut request: Request, next: Next) -> Response {
    let matched = request.extensions().get::<MatchedPath>();
    let matched = matched.map(|path| path.as_str().to_owned());
    let route = matched.as_deref().unwrap_or("none").to_owned();
    let id = RequestId::of(request.headers().get(REQUEST_ID)).name;
    let trace = match &app.traces {
        Some(traces) => {
            let asked = TracedRequest {
                method: request.method().as_str(),
                route: matched.as_deref(),
                path: request.uri().path(),
                scheme: app.scheme,
            };
            traces.request(asked, request.headers())
        }
        None => Trace::default(),
    };
    request.extensions_mut().insert(trace.clone());
    let began = Instant::now();
    app.metrics.began();
    let response = next.run(request).await;
    let (took, status) = (began.elapsed(), response.status().as_u16());
    app.metrics.request(&route, status, took);
    trace.done(status);
    if app.log {
        line(&json!({
            "timestamp": now(), "request_id": id, "component": "http", "route": route, "status": status,
            "latency_ms": millis(took), "tenant": app.tenant, "log_level": if status < 500 { "INFO" } else { "ERROR" },
        }));
    }
    response
}
