//! For whoever runs it: health, counts, and the description of all of this.

use super::app::App;
use crate::service::transient::Whereabouts;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use serde_json::{Value, json};
use std::sync::Arc;

/// What this interface is, for machines.
const OPENAPI: &str = include_str!("../../assets/openapi.json");

/// `ok`, or `degraded` with what is: it works, though not as it should. `down`: nothing can be recorded.
pub async fn health(State(app): State<Arc<App>>) -> (StatusCode, Json<Value>) {
    let (status, trouble, size) = state(&app);
    let code = match status {
        "down" => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::OK,
    };
    let body = json!({
        "status": status,
        "version": env!("CARGO_PKG_VERSION"),
        "entries": size,
        "store": app.workspace.transient.whereabouts().as_str(),
        "trouble": trouble,
    });
    (code, Json(body))
}

/// Status, what is not as it should be, and the ledger's size.
pub(super) fn state(app: &App) -> (&'static str, Vec<&'static str>, Option<u64>) {
    let workspace = &app.workspace;
    let mut trouble = Vec::new();
    let size = workspace.log().and_then(|log| Ok(log.head()?.size)).ok();
    if workspace.is_through_another() {
        trouble.push("another process writes the ledger for this one");
    }
    if workspace.transient.whereabouts() == Whereabouts::FallenBack {
        trouble.push("the store does not answer: what is kept for a while is kept in memory");
    }
    let base = workspace.knowledge.as_ref();
    if base.is_some_and(|base| !base.finds_by_meaning()) {
        trouble.push("the embedding model does not run: citations are found by words alone");
    }
    if workspace.has_the_packs_in_force().is_err() {
        trouble.push("the policies in force have changed: start it again");
    }
    let status = match (size, trouble.is_empty()) {
        (None, _) => "down",
        (Some(_), true) => "ok",
        (Some(_), false) => "degraded",
    };
    (status, trouble, size)
}

/// Prometheus' text format.
pub async fn metrics(State(app): State<Arc<App>>) -> impl IntoResponse {
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(CONTENT_TYPE, kind)], app.metrics.text())
}

pub async fn openapi() -> impl IntoResponse {
    ([(CONTENT_TYPE, "application/json")], OPENAPI)
}
