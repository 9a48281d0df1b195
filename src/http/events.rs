//! Server-sent events: the stages of a run, as they are done or as they were recorded.

use super::app::App;
use super::auth::Caller;
use super::extract;
use super::log::Telling;
use super::problem::Problem;
use super::recorded::{durable, through};
use super::relay;
use crate::domain::person::Action;
use crate::domain::profile::Profile;
use crate::domain::run::Run;
use crate::service::run::response;
use crate::service::run::{Listener, RunEvent};
use crate::service::{Workspace, audit};
use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::future::ready;
use futures_util::stream::{iter, once, unfold};
use futures_util::{Stream, StreamExt};
use serde_json::{Value, json};
use std::convert::Infallible;
use std::sync::Arc;
use tokio::sync::oneshot;

/// What is asked for to get them.
pub const STREAM: &str = "text/event-stream";

fn event(name: &str, data: &Value) -> Event {
    Event::default().event(name).data(data.to_string())
}

/// A stage event as its name and data.
fn told(event: &RunEvent) -> (&'static str, Value) {
    match event {
        RunEvent::Started { stage } => ("started", json!({"stage": stage})),
        // What is not checked yet is for nobody outside: how far it is must do.
        RunEvent::Writing { words } => ("writing", json!({"characters": words.chars().count()})),
        RunEvent::Done {
            stage,
            micros,
            summary,
        } => (
            "done",
            json!({"stage": stage, "micros": micros, "summary": summary}),
        ),
        RunEvent::Failed { stage, reason } => ("failed", json!({"stage": stage, "reason": reason})),
    }
}

/// Runs a profile and tells its stages; the last event is `run`, or `error`. A run goes on if nobody listens any more:
/// what was accepted is recorded.
pub async fn live(
    app: &Arc<App>,
    workspace: Arc<Workspace>,
    profile: Profile,
    seed: u64,
    telling: Telling,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>> + use<>>, Problem> {
    let Some(room) = app.room().await else {
        return Err(Problem::ending());
    };
    let (sender, events) = relay::relay();
    let (ended, end) = oneshot::channel();
    let app = app.clone();
    tokio::spawn(async move {
        let _room = room;
        let session = app.compute(move || {
            let mut relayed = Relayed { sender, telling };
            through(&workspace, profile, seed, &mut relayed)
        });
        let last = match durable(session.await).await {
            Ok(run) => {
                app.metrics.run(&run);
                event("run", &response::of_run(&run, None))
            }
            Err(problem) => event("error", &problem.body()),
        };
        // Nobody may be listening any more.
        let _ = ended.send(last);
    });
    let stages = unfold(events, |events| async {
        let (name, data) = told(&events.next().await?);
        Some((Ok(event(name, &data)), events))
    });
    let last = once(end).filter_map(|last| ready(last.ok().map(Ok)));
    Ok(Sse::new(stages.chain(last)).keep_alive(KeepAlive::default()))
}

/// A run whose stages are logged, and told to a reader as they happen.
struct Relayed {
    sender: relay::Sender,
    telling: Telling,
}

impl Listener for Relayed {
    fn told(&mut self, event: RunEvent) {
        self.telling.told(event.clone());
        self.sender.send(event);
    }

    fn after(&mut self, run: &Run) -> bool {
        self.telling.after(run)
    }
}

/// The entries of a run, oldest first, as events; without what is sealed.
///
/// # Errors
/// There is no such run.
pub async fn of_run(
    State(app): State<Arc<App>>,
    Caller(workspace): Caller,
    extract::Path(id): extract::Path,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>> + use<>>, Problem> {
    let done = app.work(move || {
        workspace.allow(Action::ReadLedger)?;
        let entries = audit::show(&workspace, &id)?;
        let told = entries.iter().map(|entry| {
            let data = json!({
                "seq": entry.seq, "time": entry.time, "actor": entry.actor, "data": entry.data,
            });
            event(entry.kind().as_str(), &data).id(entry.seq.to_string())
        });
        Ok(told.collect::<Vec<Event>>())
    });
    Ok(Sse::new(iter(done.await?.into_iter().map(Ok))))
}
