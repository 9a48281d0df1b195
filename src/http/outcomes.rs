//! What became of messages, and how the experiments stand.

use super::app::App;
use super::auth::Caller;
use super::extract;
use super::problem::Problem;
use crate::domain::person::Action;
use crate::service::learning::{experiments, feedback};
use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};
use std::sync::Arc;

/// Records outcomes, one or a list of them. Each event of a message is recorded once, however often it is posted.
///
/// # Errors
/// Not allowed, or the ledger refused. One outcome alone that cannot be one by its shape is refused; of a list it is told
/// by its place, and the others are recorded.
pub async fn post(
    State(app): State<Arc<App>>,
    Caller(workspace): Caller,
    extract::Json(body): extract::Json<Value>,
) -> Result<Json<Value>, Problem> {
    let told = match body {
        Value::Array(list) => list.into_iter().map(feedback::told).collect(),
        one => {
            let misshapen = feedback::misshapen(&one);
            match (feedback::told(one), misshapen) {
                (Err(why), Some(field)) => return Err(Problem::of_field(field, &why.what)),
                (told, _) => vec![told],
            }
        }
    };
    let told = (0..).zip(told).collect();
    let done = app.work(move || {
        let sum = feedback::take(&workspace, told)?;
        let wrong: Vec<Value> = (sum.wrong.iter())
            .map(|(at, why)| json!({"index": at, "message": why}))
            .collect();
        Ok(json!({
            "new": sum.new, "known": sum.known, "passed": sum.passed, "held": sum.held,
            "soft_bounces": sum.soft_bounces, "wrong": wrong
        }))
    });
    Ok(Json(done.await?))
}

/// How the experiments stand.
///
/// # Errors
/// Not allowed.
pub async fn experiments(
    State(app): State<Arc<App>>,
    Caller(workspace): Caller,
) -> Result<Json<Value>, Problem> {
    let done = app.work(move || {
        workspace.allow(Action::ReadLedger)?;
        Ok(json!({"experiments": experiments::reports(&workspace)}))
    });
    Ok(Json(done.await?))
}
