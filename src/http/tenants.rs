//! Several tenants behind one address: each under its own path, with its own workspace, people, tokens, limits and
//! counts. They share threads and nothing that holds data.

use super::app::App;
use super::{ops, problem, router};
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};
use std::sync::Arc;

/// Whether a word can be a tenant's name: part of a path and of keys.
pub fn is_name(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    (1..=40).contains(&text.len()) && text.chars().all(plain) && !text.starts_with('-')
}

/// Every tenant under `/tenants/{name}`; what belongs to none says nothing of any.
pub(super) fn routes(apps: &[Arc<App>]) -> Router {
    let all = Router::new()
        .route("/health", get(health))
        .with_state(Arc::from(apps.to_vec()));
    apps.iter()
        .filter_map(|app| Some((app.tenant.as_deref()?, app)))
        .fold(all, |all, (name, app)| {
            all.nest(&format!("/tenants/{name}"), router(app.clone()))
        })
        .route("/openapi.json", get(ops::openapi))
        .fallback(problem::no_such_route)
        .method_not_allowed_fallback(problem::no_such_method)
}

/// How many tenants are in which state: the worst is the status.
async fn health(State(apps): State<Arc<[Arc<App>]>>) -> (StatusCode, Json<Value>) {
    let states: Vec<&str> = apps.iter().map(|app| ops::standing(app).status).collect();
    let count = |wanted: &str| states.iter().filter(|state| **state == wanted).count();
    let (down, degraded) = (count("down"), count("degraded"));
    let (code, status) = match (down, degraded) {
        (0, 0) => (StatusCode::OK, "ok"),
        (0, _) => (StatusCode::OK, "degraded"),
        _ => (StatusCode::SERVICE_UNAVAILABLE, "down"),
    };
    let body = json!({
        "status": status,
        "version": env!("CARGO_PKG_VERSION"),
        "tenants": {"ok": states.len() - down - degraded, "degraded": degraded, "down": down},
    });
    (code, Json(body))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_part_of_a_path_and_of_keys() {
        assert!(is_name("acme") && is_name("bank-2"));
        for wrong in ["", "Acme", "a/b", "a:b", "..", "-a", "a b", &"x".repeat(41)] {
            assert!(!is_name(wrong), "{wrong}");
        }
    }
}
