//! A run from its profile to its last durable entry.

use super::problem::Problem;
use crate::domain::profile::Profile;
use crate::domain::run::Run;
use crate::error::Result;
use crate::service::Workspace;
use crate::service::run::{self, Listener, Session};
use std::sync::atomic::AtomicBool;
use tokio::task::spawn_blocking;

/// The run, once everything that it wrote is durable.
pub(super) async fn durable(
    session: std::result::Result<Session, Problem>,
) -> std::result::Result<Run, Problem> {
    let mut session = session?;
    let settled = spawn_blocking(move || session.settle().map(|()| session.run));
    Ok(settled.await.map_err(|_| Problem::defect())??)
}

/// A recorded run, through all stages; what it wrote may still be on its way to the disk.
pub(super) fn through(
    workspace: &Workspace,
    profile: Profile,
    seed: u64,
    listener: &mut dyn Listener,
) -> Result<Session> {
    let options = run::Options { seed, record: true };
    let mut session = run::start(workspace, profile, options)?;
    session.run_through(workspace, &AtomicBool::new(false), listener)?;
    Ok(session)
}
