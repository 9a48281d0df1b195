//! A profile through the pipeline, and the gate on a message of somebody else's.

use super::app::App;
use super::auth::Caller;
use super::events;
use super::extract::{self, Takes};
use super::log::{RequestId, Telling};
use super::problem::Problem;
use super::recorded::{durable, through};
use crate::domain::profile::{Profile, json};
use crate::service::check;
use crate::service::check::verdict::verdict_json;
use crate::service::run::{self, response, transient};
use crate::text::json::Noted;
use axum::Json;
use axum::body::Bytes;
use axum::extract::{FromRequest, Request, State};
use axum::http::HeaderMap;
use axum::http::header::ACCEPT;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::Value;
use std::sync::Arc;

/// What may be asked for beside the profile.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequestOptions {
    /// The seed of everything that could be chance.
    seed: Option<String>,
}

impl RequestOptions {
    fn seed(&self) -> std::result::Result<u64, Problem> {
        let Some(text) = &self.seed else {
            return Ok(run::SEED);
        };
        let seed = text.parse().ok().filter(|seed| *seed <= run::MOST_SEED);
        seed.ok_or_else(|| {
            let what = format!("the seed is a whole number from 0 to {}", run::MOST_SEED);
            Problem::of_field("seed", &what)
        })
    }
}

impl Takes for RequestOptions {
    const TAKES: &'static str = "seed, a whole number from 0 on";
}

/// A run of the profile, recorded, as the seed's JSON; with `Accept: text/event-stream` its stages as they are done,
/// and the run as the last event.
///
/// # Errors
/// The profile is wrong, its sender may not start runs, or the ledger refused.
pub async fn personalize(
    State(app): State<Arc<App>>,
    Caller(workspace): Caller,
    request: RequestId,
    extract::Query(how): extract::Query<RequestOptions>,
    headers: HeaderMap,
    extract::Json(json::RepeatedJson(body)): extract::Json<json::RepeatedJson>,
) -> std::result::Result<Response, Problem> {
    let profile =
        Profile::from_value(&body).map_err(|e| Problem::of_field(&e.field, &e.problem))?;
    let mut telling = Telling::new(&app, request);
    let seed = how.seed()?;
    let live = headers.get(ACCEPT).is_some_and(|v| v == events::STREAM);
    if live {
        return Ok(events::live(&app, workspace, profile, seed, telling)
            .await?
            .into_response());
    }
    let Some(_room) = app.room().await else {
        return Err(Problem::ending());
    };
    let session = app.compute(move || through(&workspace, profile, seed, &mut telling));
    let run = durable(session.await).await?;
    app.metrics.run(&run);
    Ok(Json(response::of_run(&run, None)).into_response())
}

/// What is kept of a customer for a while: the parts of their last run.
///
/// # Errors
/// Not allowed, or nothing is kept.
pub async fn of_customer(
    State(app): State<Arc<App>>,
    Caller(workspace): Caller,
    extract::Path(id): extract::Path,
) -> std::result::Result<Json<Value>, Problem> {
    let done = app.work(move || transient::of_customer(&workspace, &id));
    Ok(Json(done.await?))
}

/// The gate's verdict on a message; nothing is recorded. A mail comes as it is, with its own media type.
///
/// # Errors
/// The message is wrong.
pub async fn check(
    State(app): State<Arc<App>>,
    Caller(workspace): Caller,
    given: GivenMessage,
) -> std::result::Result<Json<Value>, Problem> {
    let counted = app.clone();
    let done = app.compute(move || {
        let (id, mut message) = match given {
            GivenMessage::Mail(bytes) => (Value::Null, check::from_mail(&bytes)?),
            GivenMessage::Json(body) => (
                body.value.get("id").cloned().unwrap_or_default(),
                check::from_json(&body)?,
            ),
        };
        workspace.has_the_packs_in_force()?;
        let verdict = check::check(&workspace, &mut message)?;
        counted.metrics.verdict(&verdict);
        Ok(verdict_json(&id, &message, &verdict))
    });
    Ok(Json(done.await?))
}

/// A message to check.
pub enum GivenMessage {
    Mail(Bytes),
    Json(Noted),
}

impl<S: Send + Sync> FromRequest<S> for GivenMessage {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> std::result::Result<Self, Problem> {
        if extract::media_type(&request) == "message/rfc822" {
            return Ok(Self::Mail(extract::body(request, state).await?));
        }
        let extract::Json(body) = extract::Json::<Noted>::from_request(request, state).await?;
        Ok(Self::Json(body))
    }
}
