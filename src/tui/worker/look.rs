//! What is read from the ledger: lists, searches, verification; and what a quiet desk does by itself.

use super::{ROWS, Worker};
use crate::domain::person::Action;
use crate::error::Result;
use crate::service::check::message_files;
use crate::service::delivery::{handover, sources};
use crate::service::home::workspace::now;
use crate::service::learning::tally;
use crate::service::review::brief::{self, Brief};
use crate::service::review::customer;
use crate::service::review::filter::Filter;
use crate::service::review::queue;
use crate::service::review::queue::{RunList, RunSummary};
use crate::service::review::run_filter::RunFilter;
use crate::service::run::transient::StoreStatus;
use crate::service::{Workspace, audit, policy};
use crate::tui::msg::{Msg, RunCounts};
use chrono::Utc;
use std::path::PathBuf;

/// Most rows that are read again when somebody has written.
const MOST: usize = 10_000;

impl Worker<'_> {
    pub(super) fn size(&self) -> Result<u64> {
        Ok(self.workspace.log()?.head()?.size)
    }

    /// Shows what other processes have written since the last look.
    pub(super) fn follow(&self, seen: &mut u64) {
        let Ok(size) = self.size() else {
            return;
        };
        if size == std::mem::replace(seen, size) {
            return;
        }
        // Should the counts not be fresh, the next look takes them up.
        let _ = tally::keep_up(self.workspace);
        if self.load_runs().is_ok() {
            // The queue is fresh; should the entries not be, the next look shows them.
            let _ = self.load_entries();
        }
    }

    /// Hands over what was approved and could still be withdrawn, now that its time has come. The process that writes
    /// does it for all; a failure is told once, and tried again.
    pub(super) fn hand_over(&mut self) {
        let workspace = self.workspace;
        workspace.publish(false);
        if workspace.is_through_another() || workspace.allow(Action::Deliver).is_err() {
            return;
        }
        let changed = sources::look_at_approvals(workspace);
        let handed = changed.and_then(|changed| {
            if let Some(first) = changed.first() {
                let text = format!("{} of the approvals: {}", changed.len(), first.said);
                (self.answer)(Msg::Notice { text, bad: true });
            }
            handover::deliver_due(workspace, &|| true)
        });
        match handed {
            Ok(count) => {
                self.told = false;
                if count > 0 {
                    (self.answer)(Msg::Notice {
                        text: format!("{count} approved messages handed over"),
                        bad: false,
                    });
                }
            }
            Err(error) if !self.told => {
                self.told = true;
                (self.answer)(Msg::Notice {
                    text: error.to_string(),
                    bad: true,
                });
            }
            Err(_) => {}
        }
    }

    pub(super) fn load_runs(&self) -> Result<()> {
        let workspace = self.workspace;
        let runs = queue::page(workspace, u64::MAX, self.rows)?;
        let waiting = queue::open(workspace, RunList::Waiting, self.rows)?;
        // A list that is not full is all there is.
        let counts = RunCounts {
            waiting: match waiting.len() {
                all if all < self.rows => all,
                _ => queue::count_open(workspace, RunList::Waiting)?,
            },
            all: match runs.len() {
                all if all < self.rows => all,
                _ => queue::count_all(workspace)?,
            },
        };
        (self.answer)(Msg::Runs {
            runs,
            waiting,
            counts,
            size: self.size()?,
            now: now(),
            through_another: workspace.is_through_another(),
            store_down: workspace.transient.whereabouts() == StoreStatus::FallenBack,
        });
        Ok(())
    }

    pub(super) fn load_entries(&self) -> Result<()> {
        (self.answer)(Msg::Entries(audit::entries(
            self.workspace,
            u64::MAX,
            ROWS,
        )?));
        Ok(())
    }

    pub(super) fn find(&self, generation: u64, filter: &str, before: Option<u64>) -> Result<()> {
        // A word that is still being typed picks nothing out.
        let filter = self.recorded(filter)?;
        let filter = Filter::parse(&filter, Utc::now()).unwrap_or_default();
        let more = before.is_some();
        let before = before.unwrap_or(u64::MAX);
        (self.answer)(Msg::Found {
            generation,
            entries: audit::matching(self.workspace, &filter, before, ROWS)?,
            more,
        });
        Ok(())
    }

    /// The words of a filter, with customers as the record names them.
    fn recorded(&self, filter: &str) -> Result<String> {
        let known = customer::named_in(self.workspace, filter)?;
        Ok(customer::as_recorded(filter, &known))
    }

    pub(super) fn find_runs(&self, generation: u64, filter: &str, waiting: bool) -> Result<()> {
        let filter = self.recorded(filter)?;
        let filter = RunFilter::parse(&filter, Utc::now()).unwrap_or_default();
        let list = waiting.then_some(RunList::Waiting);
        let (runs, more) = queue::find(self.workspace, list, (&filter, &self.titles), MOST)?;
        (self.answer)(Msg::FoundRuns {
            generation,
            runs,
            more,
        });
        Ok(())
    }

    /// What is told of the open run beside itself; of another one nothing is asked any more.
    pub(super) fn load_brief(&self, run: &str) {
        let open = self.session.as_ref().map(|open| open.run.clone());
        let open = open.filter(|open| open.id == run);
        let run = run.to_owned();
        self.beside(move |workspace| {
            let brief = match &open {
                Some(open) => brief::of(workspace, open)?,
                None => Brief {
                    run,
                    ..Brief::default()
                },
            };
            Ok(Msg::Brief(Box::new(brief)))
        });
    }

    pub(super) fn load_said(&self, run: String, last: u64) -> Result<()> {
        let said = brief::statements(self.workspace, &run)?;
        (self.answer)(Msg::Said { run, last, said });
        Ok(())
    }

    pub(super) fn name_customers(&self, filter: &str) -> Result<()> {
        let found = customer::named_in(self.workspace, filter)?;
        (self.answer)(Msg::Customers(found));
        Ok(())
    }

    pub(super) fn more_waiting(&mut self, last: &RunSummary) -> Result<()> {
        self.rows = (self.rows + ROWS).min(MOST);
        let more = queue::open_after(self.workspace, RunList::Waiting, Some(last), ROWS)?;
        (self.answer)(Msg::MoreWaiting(more));
        Ok(())
    }

    pub(super) fn more_runs(&mut self, before: u64) -> Result<()> {
        self.rows = (self.rows + ROWS).min(MOST);
        (self.answer)(Msg::MoreRuns(queue::page(self.workspace, before, ROWS)?));
        Ok(())
    }

    pub(super) fn verify(&self) {
        self.beside(|workspace| {
            let report = audit::verify(workspace, None)?;
            Ok(Msg::Verified(Box::new(report)))
        });
    }

    /// The gate on a message of somebody else's. A run that goes on does not wait for it.
    pub(super) fn check(&self, path: PathBuf) {
        self.beside(move |workspace| {
            let outcome = message_files::check(workspace, &path).map(Box::new);
            Ok(Msg::Checked { path, outcome })
        });
    }

    pub(super) fn load_policies(&self) {
        self.beside(|workspace| Ok(Msg::Policies(policy::browse(workspace)?)));
    }

    pub(super) fn what_if(&self, name: String) {
        self.beside(move |workspace| Ok(Msg::WouldChange(what_if(workspace, &name)?)));
    }
}

/// What the draft of a pack would change in the newest runs, in one line.
fn what_if(workspace: &Workspace, name: &str) -> Result<String> {
    let pack = policy::find(workspace, name)?;
    let report = policy::what_if(workspace, &pack, (policy::Which::All, ROWS), &mut |_, _| {})?;
    let first = report.changed.first().map_or(String::new(), |c| {
        format!(
            "; first {} {}: {} -> {}",
            c.run,
            c.variant,
            c.before.as_str(),
            c.after.as_str()
        )
    });
    Ok(format!(
        "under the draft of {} {}: {} of {} variants in {} runs would be judged otherwise{first}",
        pack.head.id,
        pack.head.version,
        report.changed.len(),
        report.variants,
        report.runs
    ))
}
