//! The thread that does what `update` asks for: it owns the open run, and answers with messages.

mod acts;
mod browser;
mod compare;
mod look;
mod runs;

use super::effect::Effect;
use super::msg::Msg;
use crate::error::{Error, Kind, Result};
use crate::service::audit::archive;
use crate::service::audit::quality;
use crate::service::audit::told::Titles;
use crate::service::check::message_files;
use crate::service::home::settings;
use crate::service::learning::experiments;
use crate::service::review::queue;
use crate::service::review::rendering::Rendering;
use crate::service::run::Session;
use crate::service::{Workspace, intake};
use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

/// Runs and entries that the desk keeps at hand.
const ROWS: usize = 500;

/// How often a quiet desk looks whether another process has written, or an approval's time to be sent has come.
const QUIET: Duration = Duration::from_secs(1);

/// Entries that a quiet desk files for searching at once.
const FILED: u64 = 2_000;

/// Where answers go; `false` when the desk is gone.
pub type MsgSender = Arc<dyn Fn(Msg) -> bool + Send + Sync>;

/// What the thread works with.
struct Worker<'w> {
    workspace: &'w Arc<Workspace>,
    answer: &'w MsgSender,
    pause: &'w Arc<AtomicBool>,
    /// Files and folders of profiles.
    places: &'w [PathBuf],
    session: Option<Session>,
    /// Rows that are read when the lists are read again.
    rows: usize,
    titles: Arc<Titles>,
    /// A failed hand-over was told.
    told: bool,
    /// Pages that a browser was given; they go when the desk does.
    renderings: Vec<Rendering>,
}

/// Works until the channel closes.
pub fn work(
    workspace: &Arc<Workspace>,
    effects: &Receiver<Effect>,
    answer: &MsgSender,
    pause: &Arc<AtomicBool>,
    places: &[PathBuf],
) {
    let mut worker = Worker {
        workspace,
        answer,
        pause,
        places,
        session: None,
        rows: ROWS,
        titles: Arc::new(queue::titles(workspace)),
        told: false,
        renderings: Vec::new(),
    };
    // They are the packs', and those stay as they are while the desk is open.
    answer(Msg::Titles(worker.titles.clone()));
    let (mut seen, mut filed) = (0, 0);
    let mut waiting: VecDeque<Effect> = VecDeque::new();
    loop {
        waiting.extend(effects.try_iter());
        let first = match waiting.pop_front() {
            Some(effect) => Ok(effect),
            None => effects.recv_timeout(QUIET),
        };
        let effect = match first {
            Ok(effect) if waiting.iter().any(|later| effect.is_outdone_by(later)) => {
                answer(Msg::Performed);
                continue;
            }
            Ok(effect) => effect,
            Err(RecvTimeoutError::Disconnected) => return,
            Err(RecvTimeoutError::Timeout) => {
                worker.follow(&mut seen);
                worker.hand_over();
                // The index saves time and proves nothing: without it all is found, only later.
                if !workspace.is_through_another() && filed < seen {
                    let left = archive::catch_up(workspace, FILED);
                    filed = seen - left.unwrap_or(0).min(seen);
                }
                continue;
            }
        };
        let beside = effect.goes_on_beside();
        let outcome = worker.perform(effect);
        if let Err(error) = outcome {
            worker.show(true);
            answer(Msg::Failed {
                text: error.to_string(),
                ledger: error.kind == Kind::Ledger,
            });
        }
        if !beside {
            answer(Msg::Performed);
        }
        // What this desk wrote is on its screen already.
        seen = worker.size().unwrap_or(seen);
    }
}

impl Worker<'_> {
    /// The open run, as it is now; `idle` when nothing runs any more.
    fn show(&self, idle: bool) {
        if let Some(open) = &self.session {
            (self.answer)(Msg::Run {
                run: Box::new(open.run.clone()),
                idle,
            });
        }
    }

    fn open(&mut self) -> Result<&mut Session> {
        self.session
            .as_mut()
            .ok_or_else(|| Error::new(Kind::NotFound, "no run is open").fix("n starts one"))
    }

    /// Does something beside the worker: reading everything back may take a while.
    fn beside(&self, job: impl FnOnce(&Workspace) -> Result<Msg> + Send + 'static) {
        let (workspace, answer) = (self.workspace.clone(), self.answer.clone());
        std::thread::spawn(move || {
            answer(job(&workspace).unwrap_or_else(|error| Msg::Failed {
                text: error.to_string(),
                ledger: error.kind == Kind::Ledger,
            }));
            answer(Msg::Performed);
        });
    }

    fn perform(&mut self, effect: Effect) -> Result<()> {
        if effect.is_signed() && self.workspace.is_locked() {
            (self.answer)(Msg::Locked(Box::new(effect)));
            return Ok(());
        }
        match effect {
            Effect::ListProfiles => {
                (self.answer)(Msg::Profiles(intake::list_all(self.places)));
            }
            Effect::Peek(path) => self.peek(path),
            Effect::ListMessages => {
                (self.answer)(Msg::Messages(message_files::list_all(self.places)));
            }
            Effect::Check(path) => self.check(path),
            Effect::StartRun { path, number } => self.start_from(&path, number)?,
            Effect::StartProfile(value) => self.start(&value)?,
            Effect::SaveProfile(value) => self.save_profile(&value)?,
            Effect::StartPreview(path) => self.preview(&path)?,
            Effect::CloseRun => self.session = None,
            Effect::OpenRun(id) => self.open_run(&id)?,
            Effect::Step => self.step()?,
            Effect::RunOn => self.run_on()?,
            Effect::RerunFrom(stage) => self.rerun_from(stage)?,
            Effect::SendBack(variant) => self.send_back(&variant)?,
            Effect::Recheck {
                generation,
                variant,
                subject,
                body,
            } => self.recheck(generation, &variant, (&subject, &body))?,
            Effect::Mend {
                generation,
                variant,
                subject,
                body,
                finding,
            } => self.mend(generation, &variant, (&subject, &body), &finding)?,
            Effect::SaveEdit {
                variant,
                subject,
                body,
            } => self.save_edit(&variant, (&subject, &body))?,
            Effect::LoadRuns => self.load_runs()?,
            Effect::LoadEntries => self.load_entries()?,
            Effect::LoadExperiments => {
                (self.answer)(Msg::Experiments(experiments::reports(self.workspace)));
            }
            Effect::LoadReviewers => {
                let quality = quality::of_newest(self.workspace)?;
                (self.answer)(Msg::Reviewers(Box::new(quality)));
            }
            Effect::Find {
                generation,
                filter,
                before,
            } => self.find(generation, &filter, before)?,
            Effect::FindRuns {
                generation,
                filter,
                waiting,
            } => self.find_runs(generation, &filter, waiting)?,
            Effect::MoreWaiting(last) => self.more_waiting(&last)?,
            Effect::MoreRuns(before) => self.more_runs(before)?,
            Effect::Verify => self.verify(),
            Effect::LoadPolicies => self.load_policies(),
            Effect::WhatIf(name) => self.what_if(name),
            Effect::LoadTries(run) => self.tries(&run)?,
            Effect::LoadOther { run, open } => self.other(&run, open)?,
            Effect::Replay(run) => self.replay(run),
            Effect::ListPacks => self.list_packs()?,
            Effect::JudgeUnder(pack) => self.judge_under(&pack)?,
            Effect::Decide(request) => self.decide(&request)?,
            Effect::Dismiss {
                variant,
                finding,
                reason,
            } => self.dismiss(&variant, &finding, &reason)?,
            Effect::Act {
                run,
                act,
                to,
                reason,
            } => self.act(&run, act, to.as_deref(), &reason)?,
            Effect::CustomerData(request) => self.customer_data(&request)?,
            Effect::ApproveTogether(runs) => self.approve_together(&runs)?,
            Effect::Unlock { passphrase, then } => {
                self.workspace.unlock(passphrase.text())?;
                (self.answer)(Msg::Unlocked);
                self.perform(*then)?;
            }
            Effect::LoadBrief(run) => self.load_brief(&run),
            Effect::LoadSaid { run, last } => self.load_said(run, last)?,
            Effect::NameCustomers(filter) => self.name_customers(&filter)?,
            Effect::LoadComments(run) => self.load_comments(&run)?,
            Effect::OpenRendering(variant) => self.open_rendering(&variant)?,
            Effect::LoadColleagues => self.load_colleagues()?,
            Effect::TourSeen => settings::tour_seen(&self.workspace.home)?,
            Effect::Copy(_) | Effect::Suspend | Effect::Quit => {}
        }
        Ok(())
    }
}
