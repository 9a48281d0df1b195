//! Errors as `application/problem+json` (RFC 9457).

use super::openapi::OPENAPI;
use crate::error::{Error, Kind};
use axum::body::Body;
use axum::extract::Request;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderName, HeaderValue, Response, StatusCode};
use axum::middleware::Next;
use axum::response::IntoResponse;
use serde_json::{Value, json};
use std::any::Any;
use std::collections::BTreeSet;
use std::sync::LazyLock;
use std::time::Duration;
use tokio::time::timeout;

/// How long a request may take, with everything that it waits for.
const MOST_TIME: Duration = Duration::from_secs(30);

/// What went wrong, for whoever asked.
#[derive(Debug)]
pub struct Problem {
    status: StatusCode,
    code: &'static str,
    detail: String,
    /// The field that is wrong, as a JSON pointer.
    pointer: Option<String>,
    remedy: Option<String>,
    /// A header that the answer has besides.
    pub header: Option<Box<(HeaderName, HeaderValue)>>,
}

impl Problem {
    pub fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self {
            status,
            code: "request",
            detail: detail.into(),
            pointer: None,
            remedy: None,
            header: None,
        }
    }

    /// Nothing is taken on any more.
    pub fn ending() -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "it is ending")
    }

    /// Something stopped unexpectedly; what it said may hold data, and is not repeated.
    pub fn defect() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "a defect stopped the request",
        )
    }

    /// A field of the body that cannot be read.
    pub fn of_field(field: &str, detail: &str) -> Self {
        Self {
            code: "input",
            pointer: pointer(field),
            ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, detail)
        }
    }
}

/// A field's path as a JSON pointer, as far as its names are ours: a name that was sent is not repeated.
fn pointer(field: &str) -> Option<String> {
    static OURS: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
        let mut names = BTreeSet::new();
        let document: Value = serde_json::from_str(OPENAPI).unwrap_or_default();
        collect(&document["components"]["schemas"], &mut names);
        names
    });
    let known = field.split('.').take_while(|part| OURS.contains(*part));
    let path: String = known.flat_map(|part| ["/", part]).collect();
    (!path.is_empty()).then_some(path)
}

/// The names of all fields below a schema.
fn collect(schema: &Value, names: &mut BTreeSet<String>) {
    if let Some(fields) = schema["properties"].as_object() {
        names.extend(fields.keys().cloned());
    }
    match schema {
        Value::Object(map) => map.values().for_each(|value| collect(value, names)),
        Value::Array(list) => list.iter().for_each(|value| collect(value, names)),
        _ => {}
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let status = match error.kind {
            Kind::Input => StatusCode::UNPROCESSABLE_ENTITY,
            Kind::NotFound => StatusCode::NOT_FOUND,
            Kind::NotAllowed => StatusCode::FORBIDDEN,
            Kind::Refused | Kind::Changed => StatusCode::CONFLICT,
            // Nothing was recorded, so nothing was done: it can be asked again.
            Kind::Locked | Kind::Ledger => StatusCode::SERVICE_UNAVAILABLE,
            Kind::Io | Kind::Stage => StatusCode::INTERNAL_SERVER_ERROR,
        };
        // What is not there was named by whoever asks, and is not repeated.
        let (what, remedy) = match error.kind {
            Kind::NotFound => (
                "there is no such run, variant or customer here, or the customer's data was erased"
                    .into(),
                None,
            ),
            _ => (error.what, error.remedy),
        };
        // Places are files of this machine: they are no business of whoever asks.
        Self {
            code: error.kind.as_str(),
            remedy: remedy.filter(|_| status.is_client_error()),
            ..Self::new(status, what)
        }
    }
}

impl Problem {
    /// The body of the answer.
    pub fn body(&self) -> Value {
        let mut body = json!({
            "type": "about:blank",
            "title": self.status.canonical_reason().unwrap_or("Error"),
            "status": self.status.as_u16(),
            "detail": self.detail,
            "code": self.code,
        });
        if let Some(remedy) = &self.remedy {
            body["remedy"] = Value::String(remedy.clone());
        }
        if let Some(pointer) = &self.pointer {
            body["errors"] = json!([{"pointer": pointer, "detail": self.detail}]);
        }
        body
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response<Body> {
        let body = self.body();
        let mut response = Response::new(Body::from(body.to_string()));
        *response.status_mut() = self.status;
        let kind = HeaderValue::from_static("application/problem+json");
        response.headers_mut().insert(CONTENT_TYPE, kind);
        if let Some((name, value)) = self.header.map(|pair| *pair) {
            response.headers_mut().insert(name, value);
        }
        response
    }
}

pub async fn no_such_route() -> Problem {
    let mut problem = Problem::new(StatusCode::NOT_FOUND, "there is no such path");
    problem.remedy = Some("see /openapi.json".into());
    problem
}

pub async fn no_such_method() -> Problem {
    Problem::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "this path has other methods",
    )
}

/// Answers in time, or says that it could not.
pub async fn in_time(request: Request, next: Next) -> Response<Body> {
    let late = || Problem::new(StatusCode::SERVICE_UNAVAILABLE, "it took longer than 30 s");
    match timeout(MOST_TIME, next.run(request)).await {
        Ok(response) => response,
        Err(_) => late().into_response(),
    }
}

/// A defect: the panic's words may hold data, so they are not repeated.
pub fn panicked(_: Box<dyn Any + Send + 'static>) -> Response<Body> {
    Problem::defect().into_response()
}
