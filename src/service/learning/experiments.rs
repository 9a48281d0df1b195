//! How the experiments stand.

use crate::error::{Error, Kind, Result};
use crate::experiment;
use crate::service::home::workspace::Workspace;

pub use crate::experiment::{ArmReport, Conclusion, ExperimentReport, Lift, Point};

/// Every experiment that is planned, and every segment with outcomes that none is planned for, as of the workspace's day.
pub fn reports(workspace: &Workspace) -> Vec<ExperimentReport> {
    let learned = &workspace.learned;
    experiment::reports(
        &learned.newest(),
        &learned.plan,
        workspace.as_of().date_naive(),
    )
}

/// One of them.
///
/// # Errors
/// There is none of that name.
pub fn report(workspace: &Workspace, id: &str) -> Result<ExperimentReport> {
    let found = reports(workspace).into_iter().find(|r| r.id == id);
    found.ok_or_else(|| {
        let id = crate::text::hidden::visible_line(id);
        Error::new(Kind::NotFound, format!("there is no experiment {id}"))
            .fix("list them with `echovoice experiment list`")
    })
}
