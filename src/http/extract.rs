//! What a request brings, read in one place, so that whatever cannot be read is told as every other error is: as a
//! problem, in our own words, and without anything of what was sent.

use super::problem::Problem;
use crate::domain::profile::json;
use crate::text::json::Noted;
use axum::RequestPartsExt as _;
use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::header::{CONNECTION, CONTENT_TYPE};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode};
use serde::Deserialize as _;
use serde::de::{DeserializeOwned, Deserializer, IgnoredAny};
use serde_json::Value;
use serde_json::error::Category;
use std::time::Duration;
use tokio::time::timeout;

/// How long a body may take to come, where nothing is said.
const USUAL: Duration = Duration::from_secs(20);

/// How long a body may take to come: goes with every request.
#[derive(Clone, Copy, Debug)]
pub struct Patience(pub Duration);

/// What a request may bring, in words for whoever brought something else.
pub trait Takes: DeserializeOwned + Send + 'static {
    const TAKES: &'static str;
    /// A list in its place is not one, whatever stands in it.
    const IS_OBJECT: bool = true;
}

impl Takes for Value {
    const TAKES: &'static str = "any JSON";
    const IS_OBJECT: bool = false;
}

impl Takes for json::RepeatedJson {
    const TAKES: &'static str = "any JSON";
    const IS_OBJECT: bool = false;
}

impl Takes for Noted {
    const TAKES: &'static str = "any JSON";
    const IS_OBJECT: bool = false;
}

/// A body of JSON.
pub struct Json<T>(pub T);

/// A whole number, also as `6.0`: in JSON both are the same number.
///
/// # Errors
/// It is another one, or none.
pub fn whole<'de, D: Deserializer<'de>>(from: D) -> Result<usize, D::Error> {
    let number = serde_json::Number::deserialize(from)?;
    let text = number.to_string();
    let text = text.strip_suffix(".0").unwrap_or(&text);
    text.parse()
        .map_err(|_| serde::de::Error::custom("no whole number"))
}

/// The bytes of a body that came in time.
///
/// # Errors
/// It did not, is too large, or was cut off.
pub async fn body<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, Problem> {
    let patience = request
        .extensions()
        .get::<Patience>()
        .map_or(USUAL, |p| p.0);
    let Ok(body) = timeout(patience, Bytes::from_request(request, state)).await else {
        let what = "the body did not come in time";
        let mut problem = Problem::new(StatusCode::REQUEST_TIMEOUT, what);
        // What still comes is no next request.
        problem.header = Some(Box::new((CONNECTION, HeaderValue::from_static("close"))));
        return Err(problem);
    };
    body.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Problem::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "the body is larger than 1 MiB",
        ),
        _ => Problem::new(StatusCode::BAD_REQUEST, "the body was cut off"),
    })
}

impl<S: Send + Sync, T: Takes> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        if !is_json(&request) {
            return Err(Problem::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "send it as application/json",
            ));
        }
        let body = body(request, state).await?;
        once(&body)?;
        let read = serde_json::from_slice(&body);
        let is_list = body.trim_ascii_start().starts_with(b"[");
        match read {
            Ok(_) if T::IS_OBJECT && is_list => Err(shape::<T>("")),
            Ok(value) => Ok(Self(value)),
            // Of another shape, or broken off further on?
            Err(e)
                if e.classify() == Category::Data
                    && serde_json::from_slice::<IgnoredAny>(&body).is_ok() =>
            {
                Err(shape::<T>(&e.to_string()))
            }
            Err(_) => Err(Problem::new(
                StatusCode::BAD_REQUEST,
                "the body is not JSON",
            )),
        }
    }
}

/// Of a name that stands twice in an object, readers disagree on which one counts: neither does.
///
/// # Errors
/// There is one.
fn once(body: &[u8]) -> Result<(), Problem> {
    // What is no JSON is told elsewhere.
    let noted: Noted = serde_json::from_slice(body).unwrap_or_default();
    match noted.twice.first() {
        None => Ok(()),
        Some((path, _)) => Err(Problem::of_field(
            path,
            "a name stands twice in an object; give it once",
        )),
    }
}

/// JSON of another shape. Of the reader's own words only those are told that hold none of the sender's.
fn shape<T: Takes>(words: &str) -> Problem {
    let missing = words
        .strip_prefix("missing field `")
        .and_then(|rest| rest.split('`').next());
    match missing {
        Some(field) => Problem::of_field(field, "this field is needed"),
        None => Problem::of_field(
            "(body)",
            &format!("it is of another shape: it takes {}", T::TAKES),
        ),
    }
}

/// The media type that a request says, without its parameters, in small letters.
pub fn media_type(request: &Request) -> String {
    let kind = request.headers().get(CONTENT_TYPE);
    let kind = kind
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let essence = kind.split(';').next().unwrap_or_default().trim();
    essence.to_ascii_lowercase()
}

fn is_json(request: &Request) -> bool {
    let essence = media_type(request);
    essence == "application/json"
        || (essence.starts_with("application/") && essence.ends_with("+json"))
}

/// What stands behind the question mark.
pub struct Query<T>(pub T);

impl<S: Send + Sync, T: Takes> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        axum::extract::Query::<T>::try_from_uri(&parts.uri)
            .map(|query| Self(query.0))
            .map_err(|_| {
                Problem::new(
                    StatusCode::BAD_REQUEST,
                    format!("the query takes {}", T::TAKES),
                )
            })
    }
}

/// The part of the path that names something.
pub struct Path(pub String);

impl<S: Send + Sync> FromRequestParts<S> for Path {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let read = parts.extract::<axum::extract::Path<String>>().await;
        read.map(|path| Self(path.0))
            .map_err(|_| Problem::new(StatusCode::BAD_REQUEST, "the path is not UTF-8"))
    }
}
