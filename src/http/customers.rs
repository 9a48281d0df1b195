//! What is asked about a customer's data: erased, kept until a day, held for the law.

use super::app::App;
use super::auth::Caller;
use super::extract::{self, Takes};
use super::problem::Problem;
use crate::service::Workspace;
use crate::service::audit::erasure::{self, Ask};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

/// Whose data goes, and why. The customer stands in the body: addresses of requests are written down by many.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Erasure {
    /// Their own id, an address, a number, or a pseudonym.
    customer: String,
    reason: String,
    /// Not yet: the data must stay until this day.
    defer_until: Option<String>,
}

impl Takes for Erasure {
    const TAKES: &'static str = "customer, reason and defer_until (a day), each a string";
}

/// Whose data must stay, or may go again.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hold {
    customer: String,
    reason: String,
    #[serde(default)]
    lift: bool,
}

impl Takes for Hold {
    const TAKES: &'static str = "customer, reason (strings) and lift (true or false)";
}

/// Destroys the key of a customer's data, or says until when it must stay.
///
/// # Errors
/// Not allowed, nobody or several are meant, held, erased already, or the ledger refused.
pub async fn erase(
    State(app): State<Arc<App>>,
    Caller(workspace): Caller,
    extract::Json(sent): extract::Json<Erasure>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    if let Some(day) = &sent.defer_until
        && day.parse::<chrono::NaiveDate>().is_err()
    {
        return Err(Problem::of_field(
            "defer_until",
            "expected a day, as 2028-12-31",
        ));
    }
    done(&app, workspace, move |workspace| {
        let ask = sent.defer_until.as_deref().map_or(Ask::Erase, Ask::Defer);
        erasure::about(workspace, &sent.customer, ask, &sent.reason)
    })
    .await
}

/// Keeps a customer's data from erasure, or ends that.
///
/// # Errors
/// Not allowed, nobody or several are meant, erased, no hold to lift, or the ledger refused.
pub async fn hold(
    State(app): State<Arc<App>>,
    Caller(workspace): Caller,
    extract::Json(sent): extract::Json<Hold>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    done(&app, workspace, move |workspace| {
        let ask = if sent.lift { Ask::Lift } else { Ask::Hold };
        erasure::about(workspace, &sent.customer, ask, &sent.reason)
    })
    .await
}

async fn done(
    app: &App,
    workspace: Arc<Workspace>,
    act: impl FnOnce(&Workspace) -> crate::error::Result<erasure::Done> + Send + 'static,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let done = app.work(move || act(&workspace)).await?;
    let told = json!({"subject": done.subject, "entry": done.seq, "files": done.files, "ended": done.ended});
    Ok((StatusCode::CREATED, Json(told)))
}
