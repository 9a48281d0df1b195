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
    let workspace = &app.workspace;
    let mut trouble: Vec<&str> = Vec::new();
    let size = workspace.log().and_then(|log| Ok(log.head()?.size));
    if workspace.is_through_another() {
        trouble.push("another process writes the ledger for this one");
    }
    let store = workspace.transient.whereabouts();
    if store == Whereabouts::FallenBack {
        trouble.push("the store does not answer: what is kept for a while is kept in memory");
    }
    if workspace.has_the_packs_in_force().is_err() {
        trouble.push("the policies in force have changed: start it again");
    }
    let (code, status) = match (&size, trouble.is_empty()) {
        (Err(_), _) => (StatusCode::SERVICE_UNAVAILABLE, "down"),
        (Ok(_), true) => (StatusCode::OK, "ok"),
        (Ok(_), false) => (StatusCode::OK, "degraded"),
    };
    let body = json!({
        "status": status,
        "version": env!("CARGO_PKG_VERSION"),
        "entries": size.ok(),
        "store": store.as_str(),
        "trouble": trouble,
    });
    (code, Json(body))
}

/// Prometheus' text format.
pub async fn metrics(State(app): State<Arc<App>>) -> impl IntoResponse {
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(CONTENT_TYPE, kind)], app.metrics.text())
}

pub async fn openapi() -> impl IntoResponse {
    ([(CONTENT_TYPE, "application/json")], OPENAPI)
}
