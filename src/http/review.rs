//! Recorded runs, and the decisions on them.

use super::app::App;
use super::auth::Caller;
use super::extract::{self, Takes};
use super::problem::Problem;
use crate::domain::decision::DecisionKind;
use crate::domain::digest::Digest;
use crate::domain::person::Action;
use crate::service::review::decide::{self, DecisionWord};
use crate::service::review::history;
use crate::service::review::queue::{self, RunList, RunSummary};
use crate::service::run::Session;
use crate::service::run::{response, rewrite};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

/// Most runs of one page.
const MOST: usize = 500;

/// Which runs are listed.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WhichRuns {
    #[serde(default = "fifty")]
    limit: usize,
    /// Those that started before the run of this sequence number: where the last page ended.
    before: Option<u64>,
    /// Only what waits for a decision, most urgent first.
    #[serde(default)]
    waiting: bool,
}

impl Takes for WhichRuns {
    const TAKES: &'static str =
        "limit (1 to 500), before (the `next` of the last page) and waiting (true or false)";
}

fn fifty() -> usize {
    50
}

/// Runs, newest first, one line each.
///
/// # Errors
/// Not allowed, or the ledger cannot be read.
pub async fn list(
    State(app): State<Arc<App>>,
    Caller(workspace): Caller,
    extract::Query(which): extract::Query<WhichRuns>,
) -> Result<Json<Value>, Problem> {
    if !(1..=MOST).contains(&which.limit) {
        let what = format!("the query takes {}", WhichRuns::TAKES);
        return Err(Problem::new(StatusCode::BAD_REQUEST, what));
    }
    let done = app.work(move || {
        workspace.allow(Action::ReadLedger)?;
        let limit = which.limit;
        let runs: Vec<RunSummary> = if which.waiting {
            queue::open(&workspace, RunList::Waiting, limit)?
        } else {
            queue::page(&workspace, which.before.unwrap_or(u64::MAX), limit)?
        };
        let next = runs
            .last()
            .filter(|_| runs.len() == limit && !which.waiting);
        Ok(json!({"next": next.map(|run| run.seq), "runs": runs}))
    });
    Ok(Json(done.await?))
}

/// A run as it is on record: its summary, the versions that it pinned, and the answer that `POST /personalize` gave.
///
/// # Errors
/// There is none, its data was erased, or the ledger cannot be read.
pub async fn show(
    State(app): State<Arc<App>>,
    Caller(workspace): Caller,
    extract::Path(id): extract::Path,
) -> Result<Json<Value>, Problem> {
    let done = app.work(move || {
        workspace.allow(Action::ReadLedger)?;
        let summary = queue::known(&workspace, &id)?;
        let run = history::load(&workspace, &id)?;
        let shown: serde_json::Map<String, Value> = run
            .variants
            .iter()
            .flatten()
            .map(|v| (v.id.clone(), json!(v.artifact(&run.salt).to_string())))
            .collect();
        Ok(json!({"summary": summary, "seen": shown, "pins": run.pins, "run": response::of_run(&run, None)}))
    });
    Ok(Json(done.await?))
}

/// A decision as it is sent.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    /// `approve`, `reject`, `override` or `request-changes`.
    decision: String,
    variant: String,
    #[serde(default)]
    reason: String,
    code: Option<String>,
    /// Hash of the text that was seen, as `GET /runs/{id}` gave it: a decision on another text is refused.
    seen: Option<String>,
}

impl Takes for Decision {
    const TAKES: &'static str = "decision, variant, reason, code and seen, each a string";
}

/// Records a decision, signed with the key of the person behind the token.
///
/// # Errors
/// Not allowed, not possible in this state, another text than the one that was seen, or the ledger refused. Then
/// nothing was delivered.
pub async fn decide(
    State(app): State<Arc<App>>,
    Caller(workspace): Caller,
    extract::Path(run): extract::Path,
    extract::Json(sent): extract::Json<Decision>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let kind = DecisionKind::named(&sent.decision).ok_or_else(|| {
        Problem::of_field(
            "decision",
            "expected approve, reject, override or request-changes",
        )
    })?;
    let seen = sent.seen.as_deref().map(|text| {
        serde_json::from_value::<Digest>(Value::String(text.to_owned()))
            .map_err(|_| Problem::of_field("seen", "expected a hash as GET /runs/{id} gives it"))
    });
    let seen = seen.transpose()?;
    let counted = app.clone();
    let done = app.work(move || {
        let word = DecisionWord {
            run: &run,
            variant: &sent.variant,
            kind,
            reason: &sent.reason,
            code: sent.code.as_deref(),
            seen,
        };
        // A run that is not there is not found, whatever the role.
        queue::known(&workspace, &run)?;
        let outcome = decide::decide(&workspace, &word)?;
        counted.metrics.delivery(outcome.delivery.status.as_str());
        Ok(json!({
            "run_id": run, "entry": outcome.seq, "state": outcome.state.as_str(), "delivery": outcome.delivery,
        }))
    });
    Ok((StatusCode::CREATED, Json(done.await?)))
}

/// Which blocked variant goes back, and how often it is tried.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Back {
    variant: String,
    #[serde(default = "tries", deserialize_with = "extract::whole")]
    tries: usize,
}

impl Takes for Back {
    const TAKES: &'static str = "variant (a string) and tries (a whole number)";
}

fn tries() -> usize {
    rewrite::TRIES
}

/// Sends a blocked variant back with its findings; every try comes back, with what still blocks it.
///
/// # Errors
/// Not allowed, there is no such run or variant, it is not blocked, or nothing helps.
pub async fn rewrite(
    State(app): State<Arc<App>>,
    Caller(workspace): Caller,
    extract::Path(id): extract::Path,
    extract::Json(back): extract::Json<Back>,
) -> Result<Json<Value>, Problem> {
    if !(1..=rewrite::MOST).contains(&back.tries) {
        let what = format!("expected a whole number from 1 to {}", rewrite::MOST);
        return Err(Problem::of_field("tries", &what));
    }
    let done = app.work(move || {
        let mut session = Session::resume(history::load(&workspace, &id)?);
        let rewritten = rewrite::rewrite(
            &workspace,
            &mut session,
            &back.variant,
            back.tries,
            &mut |_| {},
        )?;
        Ok(json!(rewritten))
    });
    Ok(Json(done.await?))
}
