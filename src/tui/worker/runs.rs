//! The open run: started, stepped, re-run from a stage, edited.

use super::{MsgSender, Worker};
use crate::domain::finding::Finding;
use crate::domain::profile::Profile;
use crate::domain::run::{Run, Stage};
use crate::error::{Error, Kind, Result};
use crate::service::check::mend;
use crate::service::check::message_files::is_called_a_mail;
use crate::service::review::{history, standing};
use crate::service::run::rewrite;
use crate::service::run::{Listener, Options, RunEvent, SEED, Session};
use crate::service::{intake, run};
use crate::tui::msg::Msg;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

/// Shows a run stage by stage, and stops between two when somebody pauses it.
struct RunProgress<'w> {
    answer: &'w MsgSender,
    pause: &'w AtomicBool,
}

impl Listener for RunProgress<'_> {
    fn told(&mut self, event: RunEvent) {
        (self.answer)(Msg::Stage(event));
    }

    fn after(&mut self, run: &Run) -> bool {
        (self.answer)(Msg::Run {
            run: Box::new(run.clone()),
            idle: false,
        });
        !self.pause.load(Ordering::Relaxed)
    }
}

impl Worker<'_> {
    /// Tells what a file holds: its profiles, or what is wrong with it.
    pub(super) fn peek(&self, path: PathBuf) {
        if is_called_a_mail(&path) {
            let found = Err(Error::new(
                Kind::Input,
                "a mail, and no profile: Enter checks it",
            ));
            (self.answer)(Msg::Peeked { path, found });
            return;
        }
        let found = intake::read(&path)
            .map(|intakes| intakes.into_iter().map(|intake| intake.profile).collect());
        (self.answer)(Msg::Peeked { path, found });
    }

    pub(super) fn start_from(&mut self, path: &Path, number: usize) -> Result<()> {
        let mut intakes = intake::read(path)?;
        if number >= intakes.len() {
            return Err(Error::new(
                Kind::NotFound,
                format!("profile {} is not there any more", number + 1),
            )
            .at(path.display().to_string()));
        }
        self.begin(intakes.swap_remove(number).profile, true)?;
        self.show(true);
        Ok(())
    }

    pub(super) fn start(&mut self, value: &Value) -> Result<()> {
        let profile = Profile::from_value(value)
            .map_err(|e| Error::new(Kind::Input, e.problem).at(e.field))?;
        self.begin(profile, true)?;
        self.show(true);
        Ok(())
    }

    pub(super) fn save_profile(&self, value: &Value) -> Result<()> {
        let path = intake::save(&self.workspace.home.join("profiles"), value)?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        (self.answer)(Msg::ProfileSaved {
            text: format!("kept as {name} in the home's profiles"),
            path,
        });
        Ok(())
    }

    /// A whole run of a demo profile that leaves no trace.
    pub(super) fn preview(&mut self, path: &Path) -> Result<()> {
        let profile = intake::read(path)?.swap_remove(0).profile;
        self.begin(profile, false)?;
        self.show(false);
        self.run_on()
    }

    fn begin(&mut self, profile: Profile, record: bool) -> Result<()> {
        let options = Options { seed: SEED, record };
        self.session = Some(run::start(self.workspace, profile, options)?);
        Ok(())
    }

    pub(super) fn open_run(&mut self, id: &str) -> Result<()> {
        let run = history::load(self.workspace, id)?;
        let moved = standing::of_run(self.workspace, &run);
        self.session = Some(Session::resume(run));
        self.show(true);
        (self.answer)(Msg::Moved(moved));
        Ok(())
    }

    pub(super) fn step(&mut self) -> Result<()> {
        let (workspace, answer) = (self.workspace, self.answer);
        let open = self.open()?;
        open.step(workspace, &AtomicBool::new(false), &mut |event| {
            answer(Msg::Stage(event));
        })?;
        open.settle()?;
        self.show(true);
        Ok(())
    }

    pub(super) fn run_on(&mut self) -> Result<()> {
        let (workspace, answer, pause) = (self.workspace, self.answer, self.pause);
        pause.store(false, Ordering::Relaxed);
        let open = self.open()?;
        open.run_on(
            workspace,
            &AtomicBool::new(false),
            &mut RunProgress { answer, pause },
        )?;
        self.show(true);
        Ok(())
    }

    pub(super) fn rerun_from(&mut self, stage: Stage) -> Result<()> {
        self.still_open()?;
        let workspace = self.workspace;
        self.open()?.rewind(workspace, stage)?;
        self.show(false);
        self.step()
    }

    /// Sends a blocked variant back; what was tried is told, and stands among the tries to compare.
    pub(super) fn send_back(&mut self, variant: &str) -> Result<()> {
        self.still_open()?;
        let workspace = self.workspace;
        let answer = self.answer;
        let mut watch = |event| {
            answer(Msg::Stage(event));
        };
        let session = self.open()?;
        let rewritten = rewrite::rewrite(workspace, session, variant, rewrite::TRIES, &mut watch)?;
        let tries = rewritten.tries;
        let said = tries.last().map_or_else(String::new, |last| {
            let times = match tries.len() {
                1 => "once".to_owned(),
                count => format!("{count} times"),
            };
            let now = last.disposition.as_str();
            format!(
                "{variant} was sent back {times}, to the {}; now {now}. D shows what changed",
                last.by
            )
        });
        self.show(true);
        (self.answer)(Msg::Notice {
            text: said,
            bad: false,
        });
        Ok(())
    }

    pub(super) fn recheck(
        &mut self,
        generation: u64,
        variant: &str,
        (subject, body): (&str, &str),
    ) -> Result<()> {
        let workspace = self.workspace;
        let verdict = mend::preview_edit(workspace, &self.open()?.run, variant, subject, body)?;
        (self.answer)(Msg::Rechecked {
            generation,
            verdict: Box::new(verdict),
        });
        Ok(())
    }

    pub(super) fn mend(
        &mut self,
        generation: u64,
        variant: &str,
        words: (&str, &str),
        finding: &Finding,
    ) -> Result<()> {
        let workspace = self.workspace;
        let mended = mend::mend(workspace, &self.open()?.run, variant, words, finding)?;
        (self.answer)(Msg::Mended {
            generation,
            mended: Box::new(mended),
        });
        Ok(())
    }

    pub(super) fn save_edit(&mut self, variant: &str, (subject, body): (&str, &str)) -> Result<()> {
        self.still_open()?;
        let (workspace, answer) = (self.workspace, self.answer);
        let open = self.open()?;
        open.edit(workspace, variant, subject, body)?;
        let mut shown = |event: RunEvent| {
            answer(Msg::Stage(event));
        };
        open.run_on(workspace, &AtomicBool::new(false), &mut shown)?;
        let verdict = open.run.verdict(variant);
        let comes_to = verdict.map_or("unchecked", |v| v.disposition.as_str());
        let words = format!(
            "variant {variant} is changed (revision {}), checked again: {comes_to}",
            open.run.revision
        );
        self.show(true);
        (self.answer)(Msg::ActionDone(words));
        Ok(())
    }

    /// What was decided is not changed any more.
    fn still_open(&mut self) -> Result<()> {
        let workspace = self.workspace;
        self.open()?.may_change(workspace).map(drop)
    }
}
