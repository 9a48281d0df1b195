//! `experiment`.

use super::global::Global;
use super::output::Out;
use super::service_args::{ExperimentArgs, ExperimentCommand};
use super::{Answer, open};
use crate::error::Result;
use crate::service::learning::experiments::{self, Conclusion};
use crate::service::{Needs, Workspace};
use crate::tui::experiments::lines;

/// Columns of a report.
const WIDTH: usize = 100;

pub fn run(global: &Global, args: &ExperimentArgs, out: &mut Out) -> Result<Answer> {
    let workspace = open(global, Needs::Rules)?;
    match &args.command {
        ExperimentCommand::List => list(global, &workspace, out),
        ExperimentCommand::Show { id } => {
            let report = experiments::report(&workspace, id)?;
            if global.json {
                out.json(&report);
            } else {
                for line in lines(&report, WIDTH) {
                    out.line(&line);
                }
            }
        }
    }
    Ok(Answer::Done)
}

fn list(global: &Global, workspace: &Workspace, out: &mut Out) {
    for report in experiments::reports(workspace) {
        if global.json {
            out.json(&report);
            continue;
        }
        let sent: u64 = report.arms.iter().map(|arm| arm.counts.sent).sum();
        let says = match &report.says {
            Conclusion::Best { kind } => format!("{kind} is best"),
            Conclusion::Open => "nothing yet".into(),
        };
        let split = if report.mismatch.is_some() {
            "  SPLIT NOT AS MEANT"
        } else {
            ""
        };
        out.line(&format!(
            "{:32} {:9} {sent:>8} sent  {says}{split}",
            report.id,
            report.assignment.unwrap_or("-")
        ));
    }
}
