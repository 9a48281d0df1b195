//! Planted tests of reviewers: known violations and known clean messages among the others. They look like any other run,
//! are opened right after their decision, and are never sent.

pub mod bank;
mod customer;
mod placing;
pub(in crate::service) mod reveal;

use crate::domain::canary::{Canary, CanaryMark, Expectation, TestOutcome};
use crate::domain::decision::ReviewState;
use crate::domain::person::Action;
use crate::domain::profile::Profile;
use crate::domain::run::StageStatus;
use crate::error::{Error, Kind, Result};
use crate::ledger::EntryKind;
use crate::ledger::entry::Entry;
use crate::ledger::keys::random;
use crate::ledger::log::Page;
use crate::ledger::payload::Payload;
use crate::service::check::personal;
use crate::service::home::workspace::Workspace;
use crate::service::review::queue::{self, RunSummary};
use crate::service::run::{self, Listener, Options, RunEvent, Session, Unwatched};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

pub use bank::BankLine;
pub use reveal::end;

/// Customers that are invented before a line is given up: an experiment may send some of them nothing.
const TRIES: usize = 20;

/// A test that was planted, as whoever plants it sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PlantedTest {
    pub run: String,
    pub expect: Expectation,
    /// Which variant holds the planted text.
    pub variant: String,
    pub why: String,
    pub planted_by: String,
    /// None while it waits.
    pub outcome: Option<TestOutcome>,
    pub decided_by: Option<String>,
}

/// A message that has its place, and is not planted yet.
pub struct PlacedTest {
    profile: Profile,
    canary: Canary,
}

/// Plants one message.
///
/// # Errors
/// As [`prepare`] and [`PlacedTest::plant`].
pub fn plant(workspace: &Workspace, line: &BankLine) -> Result<PlantedTest> {
    prepare(workspace, line)?.plant(workspace)
}

/// Finds a message's place, and records nothing.
///
/// # Errors
/// Not allowed, the text holds personal data, the gate blocks it anyway, or another text would be proposed.
pub fn prepare(workspace: &Workspace, line: &BankLine) -> Result<PlacedTest> {
    let found = find(workspace, line).map_err(|e| e.at(line.at.clone()))?;
    found.ok_or_else(|| {
        Error::new(
            Kind::Input,
            "another text of the run would be proposed, so nobody would have to read this one",
        )
        .at(line.at.clone())
        .fix("take out what draws a remark, or plant it for another product")
    })
}

/// The first shipped messages that would be proposed in this home, as many as are asked for.
///
/// # Errors
/// There are not so many.
pub fn prepare_shipped(workspace: &Workspace, count: usize) -> Result<Vec<PlacedTest>> {
    let mut ready = Vec::new();
    for line in bank::shipped(count)? {
        ready.extend(find(workspace, &line).map_err(|e| e.at(line.at.clone()))?);
        if ready.len() == count {
            return Ok(ready);
        }
    }
    let most = ready.len();
    Err(Error::new(
        Kind::Input,
        format!("{most} of the shipped messages would be proposed in this home"),
    )
    .at("--shipped")
    .fix(format!("ask for 1 to {most}, or give a file of your own")))
}

/// A message's place; none where another text of the run would be proposed.
fn find(workspace: &Workspace, line: &BankLine) -> Result<Option<PlacedTest>> {
    workspace.allow(Action::PlantTests)?;
    for (what, text) in [
        ("text", &line.text),
        ("subject", &line.subject),
        ("why", &line.why),
    ] {
        personal::none_in(what, text, &workspace.allow, None)?;
    }
    let mut unseen = false;
    for _ in 0..TRIES {
        let profile = customer::invented(workspace, line)?;
        let options = Options {
            seed: run::SEED,
            record: false,
        };
        let mut tried = run::start(workspace, profile.clone(), options)?;
        through(workspace, &mut tried)?;
        if tried
            .run
            .analysis
            .as_ref()
            .is_some_and(|a| a.experiment.holds_out())
        {
            continue;
        }
        let taken = |status: &StageStatus| status.micros().unwrap_or(0);
        let pace = tried.run.status.iter().map(taken).collect();
        let Some(text) = placing::placed(workspace, &mut tried, line)? else {
            unseen = true;
            continue;
        };
        let nonce: [u8; 32] = random().map_err(|e| Error::of(Kind::Io, e))?;
        let mark = CanaryMark {
            expect: line.expect,
            variant: text.id.clone(),
            planted_by: workspace.person.name.clone(),
            why: line.why.trim().to_owned(),
            nonce: STANDARD.encode(nonce),
        };
        let text = Some(text);
        let canary = Canary { mark, text, pace };
        return Ok(Some(PlacedTest { profile, canary }));
    }
    if unseen {
        return Ok(None);
    }
    Err(Error::new(
        Kind::Input,
        "an experiment sends all customers of this line nothing, so nobody would review it",
    )
    .fix("plant it for another product or place"))
}

impl PlacedTest {
    /// Starts the run that holds it. It takes its time: its entries stand as far apart as those of another run.
    ///
    /// # Errors
    /// The ledger refused.
    pub fn plant(self, workspace: &Workspace) -> Result<PlantedTest> {
        let (mark, mut paced) = (self.canary.mark.clone(), Paced(self.canary.pace.clone()));
        let mut session = run::start_planted(workspace, self.profile, run::SEED, self.canary)?;
        session.run_on(workspace, &AtomicBool::new(false), &mut paced)?;
        Ok(PlantedTest {
            run: session.run.id.clone(),
            expect: mark.expect,
            variant: mark.variant,
            why: mark.why,
            planted_by: mark.planted_by,
            outcome: None,
            decided_by: None,
        })
    }
}

/// Waits at each stage as long as it took the first time.
struct Paced(Vec<u64>);

impl Listener for Paced {
    fn told(&mut self, event: RunEvent) {
        if let RunEvent::Started { stage } = event
            && let Some(micros) = self.0.get(stage.index())
        {
            std::thread::sleep(Duration::from_micros(*micros));
        }
    }
}

fn through(workspace: &Workspace, session: &mut Session) -> Result<()> {
    session.run_on(workspace, &AtomicBool::new(false), &mut Unwatched)
}

/// Planted tests, newest first: one's own, and those that are over. Who did not plant one is to stay blind to it.
///
/// # Errors
/// Not allowed, or the ledger cannot be read.
pub fn list(workspace: &Workspace) -> Result<Vec<PlantedTest>> {
    workspace.allow(Action::PlantTests)?;
    let mut found = Vec::new();
    queue::every(workspace.log()?.as_ref(), &mut |row| {
        // Who plants a test starts its run. Nothing else is opened, of which there may be a million.
        if row.state == ReviewState::Tested || row.by == workspace.person.name {
            found.extend(planted(workspace, row)?);
        }
        Ok(())
    })?;
    Ok(found)
}

fn planted(workspace: &Workspace, row: &RunSummary) -> Result<Option<PlantedTest>> {
    let mark = reveal::sealed_mark(workspace, row)?;
    let Some(mark) = mark else {
        return Ok(None);
    };
    let opened = opening(workspace, &row.run)?;
    let outcome = opened.and_then(|entry| match entry.payload() {
        Payload::CanaryRevealed(said) => said.outcome.as_ref()?.known(),
        _ => None,
    });
    let decided = !row.decided_by.is_empty();
    Ok(Some(PlantedTest {
        run: row.run.clone(),
        expect: mark.expect,
        variant: mark.variant,
        why: mark.why,
        planted_by: mark.planted_by,
        outcome,
        decided_by: decided.then(|| row.decided_by.clone()),
    }))
}

/// The entry that opened a test, if one did.
fn opening(workspace: &Workspace, run: &str) -> Result<Option<Entry>> {
    let rows = workspace.log()?.page(Page::OfRun { run })?;
    let mut entries = rows.iter().filter_map(|(_, bytes)| Entry::read(bytes).ok());
    Ok(entries.find(|entry| entry.kind() == EntryKind::CanaryRevealed))
}
