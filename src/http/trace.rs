//! Traces by OTLP over HTTP, where an endpoint is configured by the standard's own variables: a span a request, one a
//! stage, without anybody's data.

use super::traced::{TracedRequest, asked_by};
use crate::error::{Error, Kind, Result};
use async_trait::async_trait;
use axum::body::Bytes;
use axum::http::{HeaderMap, Request, Response};
use opentelemetry::propagation::TextMapPropagator as _;
use opentelemetry::trace::{
    Span as _, SpanKind, Status, TraceContextExt as _, Tracer as _, TracerProvider as _,
};
use opentelemetry::{Context, KeyValue};
use opentelemetry_http::{HeaderExtractor, HttpClient, HttpError};
use opentelemetry_otlp::{SpanExporter, WithHttpConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider};
use std::time::{Duration, SystemTime};

/// How long one export may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// Methods that the conventions know (RFC 9110, RFC 5789); any other is `_OTHER`.
const METHODS: [&str; 9] = [
    "GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH",
];

/// Where spans go.
pub struct Traces {
    provider: SdkTracerProvider,
    tracer: SdkTracer,
}

/// The request that stages belong to, if it is traced.
#[derive(Clone, Default)]
pub struct Trace(Option<Context>);

/// Sends what the exporter made.
#[derive(Debug)]
struct Sender(ureq::Agent);

#[async_trait]
impl HttpClient for Sender {
    async fn send_bytes(
        &self,
        request: Request<Bytes>,
    ) -> std::result::Result<Response<Bytes>, HttpError> {
        // The exporter has a thread of its own, which may wait.
        let answer = self.0.run(request.map(|body| body.to_vec()))?;
        let (parts, mut body) = answer.into_parts();
        let body = body.read_to_vec()?;
        Ok(Response::from_parts(parts, body.into()))
    }
}

/// Who traces: `OTEL_SERVICE_NAME` before the `service.name` of `OTEL_RESOURCE_ATTRIBUTES` (OpenTelemetry's general
/// SDK configuration), before this program's own name.
fn resource() -> Resource {
    let said = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let builder = Resource::builder();
    if let Some(name) = said("OTEL_SERVICE_NAME") {
        return builder.with_service_name(name).build();
    }
    let named = said("OTEL_RESOURCE_ATTRIBUTES").is_some_and(|all| {
        let name = |pair: &str| pair.split('=').next().unwrap_or_default().trim().to_owned();
        all.split(',').any(|pair| name(pair) == "service.name")
    });
    if named {
        builder.build()
    } else {
        builder.with_service_name("echovoice").build()
    }
}

impl Traces {
    /// Traces to where the environment says; `None` if it names no place.
    ///
    /// # Errors
    /// What it says cannot be used.
    pub fn open() -> Result<Option<Self>> {
        if asked_by().is_none() {
            return Ok(None);
        }
        let agent = ureq::Agent::config_builder()
            .timeout_global(Some(PATIENCE))
            .http_status_as_error(false)
            .build();
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(Sender(agent.into()))
            .build()
            .map_err(|e| {
                Error::of(Kind::Input, e)
                    .at("OTEL_EXPORTER_OTLP_ENDPOINT")
                    .fix("it is like http://collector:4318; without it nothing is traced")
            })?;
        let provider = SdkTracerProvider::builder()
            .with_batch_exporter(exporter)
            .with_resource(resource())
            .build();
        let tracer = provider.tracer("echovoice");
        Ok(Some(Self { provider, tracer }))
    }

    /// A request begins; its caller's trace goes on, if it says so in `traceparent`. Names and attributes are those of
    /// OpenTelemetry's semantic conventions for HTTP servers, without what may name a customer.
    pub fn request(&self, asked: TracedRequest<'_>, headers: &HeaderMap) -> Trace {
        let parent = TraceContextPropagator::new().extract(&HeaderExtractor(headers));
        let known = METHODS.contains(&asked.method);
        let method = if known { asked.method } else { "_OTHER" };
        let name = match (known, asked.route) {
            (true, Some(route)) => format!("{method} {route}"),
            (true, None) => method.to_owned(),
            (false, Some(route)) => format!("HTTP {route}"),
            (false, None) => "HTTP".to_owned(),
        };
        let mut attributes = vec![
            KeyValue::new("http.request.method", method.to_owned()),
            KeyValue::new("url.scheme", asked.scheme),
        ];
        if let Some(route) = asked.route {
            attributes.push(KeyValue::new("http.route", route.to_owned()));
            // What stands for a parameter may name a customer: there the route is all that is told.
            let path = if route.contains('{') {
                route
            } else {
                asked.path
            };
            attributes.push(KeyValue::new("url.path", path.to_owned()));
        }
        let span = self
            .tracer
            .span_builder(name)
            .with_kind(SpanKind::Server)
            .with_attributes(attributes)
            .start_with_context(&self.tracer, &parent);
        Trace(Some(parent.with_span(span)))
    }

    /// A stage of a run, just done.
    pub fn stage(&self, trace: &Trace, stage: &str, took: Duration, run: &str, ok: bool) {
        let Some(context) = &trace.0 else { return };
        let end = SystemTime::now();
        let mut span = self
            .tracer
            .span_builder(stage.to_owned())
            .with_start_time(end - took)
            .with_attributes([KeyValue::new("echovoice.run", run.to_owned())])
            .start_with_context(&self.tracer, context);
        if !ok {
            span.set_status(Status::error("the stage failed"));
        }
        span.end_with_timestamp(end);
    }

    /// Sends what is left.
    pub fn end(&self) {
        // A collector that is away costs its spans, nothing else.
        let _ = self.provider.shutdown();
    }
}

impl Trace {
    /// The request is answered.
    pub fn done(&self, status: u16) {
        let Some(context) = &self.0 else { return };
        let span = context.span();
        span.set_attribute(KeyValue::new(
            "http.response.status_code",
            i64::from(status),
        ));
        if status >= 500 {
            span.set_attribute(KeyValue::new("error.type", status.to_string()));
            span.set_status(Status::error("the request failed"));
        }
        span.end();
    }
}
