//! For whoever runs it: health, counts, and the description of all of this.

use super::app::App;
use super::openapi::OPENAPI;
use crate::service::delivery::held::{self, Held};
use crate::service::run::transient::StoreStatus;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use serde_json::{Value, json};
use std::sync::Arc;

/// `ok`, or `degraded` with what is: it works, though not as it should. `down`: nothing can be recorded.
pub async fn health(State(app): State<Arc<App>>) -> (StatusCode, Json<Value>) {
    let ServerHealth {
        status,
        trouble,
        size,
        held,
    } = standing(&app);
    let code = match status {
        "down" => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::OK,
    };
    let body = json!({
        "status": status,
        "version": env!("CARGO_PKG_VERSION"),
        "entries": size,
        "store": app.workspace.transient.whereabouts().as_str(),
        "held": {"count": held.count, "since": held.since, "not_taken": held.not_taken},
        "trouble": trouble,
    });
    (code, Json(body))
}

/// How it stands.
pub(super) struct ServerHealth {
    pub status: &'static str,
    /// What is not as it should be.
    pub trouble: Vec<String>,
    /// Entries of the ledger, if it can be read.
    pub size: Option<u64>,
    /// Approved messages that wait.
    pub held: Held,
}

pub(super) fn standing(app: &App) -> ServerHealth {
    let workspace = &app.workspace;
    let mut trouble: Vec<String> = Vec::new();
    let size = workspace.log().and_then(|log| Ok(log.head()?.size)).ok();
    if workspace.is_through_another() {
        trouble.push("another process writes the ledger for this one".into());
    }
    if workspace.transient.whereabouts() == StoreStatus::FallenBack {
        trouble
            .push("the store does not answer: what is kept for a while is kept in memory".into());
    }
    let base = workspace.knowledge.as_ref();
    if base.is_some_and(|base| !base.finds_by_meaning()) {
        trouble.push("the embedding model does not run: citations are found by words alone".into());
    }
    if workspace.has_the_packs_in_force().is_err() {
        trouble.push("the policies in force have changed: start it again".into());
    }
    let held = held::look(workspace).unwrap_or_default();
    if held.not_taken > 0 {
        trouble.extend(held.told());
        trouble.extend(held.settings.iter().cloned());
    }
    let status = match (size, trouble.is_empty()) {
        (None, _) => "down",
        (Some(_), true) => "ok",
        (Some(_), false) => "degraded",
    };
    ServerHealth {
        status,
        trouble,
        size,
        held,
    }
}

/// Prometheus' text format.
pub async fn metrics(State(app): State<Arc<App>>) -> impl IntoResponse {
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(CONTENT_TYPE, kind)], app.metrics.text())
}

pub async fn openapi() -> impl IntoResponse {
    ([(CONTENT_TYPE, "application/json")], OPENAPI)
}
