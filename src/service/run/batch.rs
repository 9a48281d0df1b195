//! Many profiles through the pipeline: side by side, answered in the order in which they came, and gone on with after a
//! kill without a run twice.

use crate::domain::digest::Digest;
use crate::domain::profile::Profile;
use crate::domain::segment::Goal;
use crate::error::{Error, Kind, Result};
use crate::service::home::workspace::Workspace;
use crate::service::intake::profile_at;
use crate::service::intake::rows;
use crate::service::review::{history, queue};
use crate::service::run::response;
use crate::service::run::{self, Among, Options, Session};
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::Read as _;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};

/// Profiles that one worker is ahead of what was answered.
const AHEAD: usize = 16;

/// How a batch is run.
#[derive(Clone, Copy, Debug)]
pub struct How {
    pub seed: u64,
    /// What the campaign wants, instead of what the segment table says.
    pub goal: Option<Goal>,
    /// Runs that are computed side by side.
    pub jobs: usize,
    /// Not what the same file gave before, but new runs.
    pub anew: bool,
    /// Only the lines that no other process has taken.
    pub share: bool,
}

/// What became of a line.
#[derive(Debug)]
pub enum RowAnswer {
    /// The run, durable; `before`: it was there already.
    Run { value: Value, before: bool },
    /// Why the line gave none.
    Wrong(Error),
}

/// The sum of a batch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    pub runs: usize,
    /// Of those, how many were there already.
    pub before: usize,
    pub wrong: usize,
}

/// A line of the file: its number from 1 on, and its profile.
type Row = (usize, Result<Profile>);

/// A row by its place among all rows, for whoever works on it, and the line at which its customer stood before.
type RowJob = (usize, Row, Option<usize>);

/// What a row gave: its place, its line, and the run or the error.
type Given = (usize, usize, Done);

/// Runs every profile of a JSON-lines or CSV file. Each is answered once it is durable, in the order of the file.
///
/// # Errors
/// The file cannot be read, the packs in force do not compile or were replaced, or the ledger refused: then what was answered is recorded, and the same call goes on.
pub fn run(
    workspace: &Workspace,
    path: &Path,
    how: How,
    each: &mut dyn FnMut(usize, RowAnswer),
) -> Result<Sum> {
    workspace.rules()?;
    workspace.has_the_packs_in_force()?;
    let name = path.display().to_string();
    let key = key(path, how, &name)?;
    if how.share {
        return shared(workspace, (path, &name), (how, key), each);
    }
    let mut rows = rows(path, &name)?;
    all(workspace, &mut rows, (how, key), each)
}

/// Lines that are put up for others at once.
const OFFERED: usize = 10_000;

/// Runs the lines that no other process has taken, and answers those. Who is cut off gives its lines back.
fn shared(
    workspace: &Workspace,
    (path, name): (&Path, &str),
    (how, key): (How, Digest),
    each: &mut dyn FnMut(usize, RowAnswer),
) -> Result<Sum> {
    let database = workspace.database().ok_or_else(|| {
        Error::new(Kind::Input, "only a ledger in a database can be shared so")
            .fix("name one under [ledger] in config.toml, or leave --share out")
    })?;
    let mut lines = rows(path, name)?.map(|(line, _)| line as u64);
    loop {
        let some: Vec<u64> = lines.by_ref().take(OFFERED).collect();
        if some.is_empty() {
            break;
        }
        database.offer(&key, &some)?;
    }
    let mut sum = Sum::default();
    let mut ahead = rows(path, name)?;
    while let Some(taken) = database.take(&key, how.jobs.max(1) * AHEAD)? {
        let mut wanted = Vec::with_capacity(taken.lines.len());
        for line in &taken.lines {
            let line = usize::try_from(*line).unwrap_or(usize::MAX);
            let mut found = ahead.by_ref().find(|(number, _)| *number == line);
            if found.is_none() {
                // It lies behind: given back by somebody who was cut off.
                ahead = rows(path, name)?;
                found = ahead.by_ref().find(|(number, _)| *number == line);
            }
            wanted.extend(found);
        }
        let part = all(workspace, &mut wanted.into_iter(), (how, key), each)?;
        taken.done()?;
        sum.runs += part.runs;
        sum.before += part.before;
        sum.wrong += part.wrong;
    }
    Ok(sum)
}

/// Runs these rows side by side.
fn all(
    workspace: &Workspace,
    rows: &mut dyn Iterator<Item = Row>,
    (how, key): (How, Digest),
    each: &mut dyn FnMut(usize, RowAnswer),
) -> Result<Sum> {
    let (jobs, work) = channel::<RowJob>();
    let work = Arc::new(Mutex::new(work));
    let (done, answers) = channel();
    let began = crate::service::home::workspace::now();
    let began = began.as_str();
    std::thread::scope(|scope| {
        for _ in 0..how.jobs.max(1) {
            let (work, done) = (work.clone(), done.clone());
            scope.spawn(move || worker(workspace, (&work, &done), (how, key), began));
        }
        drop(done);
        let outcome = conduct(rows, (&jobs, &answers), how, each);
        // The workers end with the channel.
        drop(jobs);
        outcome
    })
}

/// Hands out rows, and answers in their order.
fn conduct(
    rows: &mut dyn Iterator<Item = Row>,
    (jobs, answers): (&Sender<RowJob>, &Receiver<Given>),
    how: How,
    each: &mut dyn FnMut(usize, RowAnswer),
) -> Result<Sum> {
    let mut sum = Sum::default();
    let mut lines: HashMap<Digest, usize> = HashMap::new();
    let mut ready: BTreeMap<usize, (usize, Done)> = BTreeMap::new();
    let (mut handed, mut answered) = (0, 0);
    loop {
        while handed - answered < how.jobs.max(1) * AHEAD {
            let Some(row) = rows.next() else { break };
            let before = before(&mut lines, &row);
            // The workers live as long as this side sends.
            let _ = jobs.send((handed, row, before));
            handed += 1;
        }
        if answered == handed {
            return Ok(sum);
        }
        let Ok((index, line, done)) = answers.recv() else {
            return Err(Error::new(Kind::Stage, "a worker stopped unexpectedly")
                .fix("call it again: what was answered is recorded, and it goes on from there"));
        };
        ready.insert(index, (line, done));
        while let Some((line, done)) = ready.remove(&answered) {
            answered += 1;
            let answer = done.settle()?;
            match &answer {
                RowAnswer::Run { before, .. } => {
                    sum.runs += 1;
                    sum.before += usize::from(*before);
                }
                RowAnswer::Wrong(_) => sum.wrong += 1,
            }
            each(line, answer);
        }
    }
}

/// The last line before this one at which the same customer stands.
fn before(lines: &mut HashMap<Digest, usize>, (line, profile): &Row) -> Option<usize> {
    let id = &profile.as_ref().ok()?.id;
    lines.insert(Digest::of(id.as_bytes()), *line)
}

/// A row that was worked on; what it wrote may still be on its way to the disk.
enum Done {
    Ran { session: Box<Session>, before: bool },
    Failed(Error),
}

impl Done {
    fn settle(self) -> Result<RowAnswer> {
        match self {
            Self::Ran {
                mut session,
                before,
            } => {
                session.settle()?;
                let value = response::of_run(&session.run, None);
                Ok(RowAnswer::Run { value, before })
            }
            // Without the ledger nothing goes on, nor where other packs are in force by now.
            Self::Failed(error) if matches!(error.kind, Kind::Ledger | Kind::Changed) => Err(error),
            Self::Failed(error) => Ok(RowAnswer::Wrong(error)),
        }
    }
}

fn worker(
    workspace: &Workspace,
    (work, done): (&Mutex<Receiver<RowJob>>, &Sender<Given>),
    (how, key): (How, Digest),
    began: &str,
) {
    loop {
        let next = work.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok((index, (line, row), before)) = next else {
            return;
        };
        let among = Among {
            began: Some(began),
            line: before,
        };
        let outcome = row.and_then(|profile| one(workspace, profile, (line, among), (how, key)));
        let outcome = outcome.unwrap_or_else(Done::Failed);
        if done.send((index, line, outcome)).is_err() {
            return;
        }
    }
}

/// The run of a line: as it is on record, gone on with where it was cut off, or a new one.
fn one(
    workspace: &Workspace,
    profile: Profile,
    (line, among): (usize, Among<'_>),
    (how, key): (How, Digest),
) -> Result<Done> {
    let place = line.to_string();
    let digest = Digest::of_parts([key.0.as_slice(), place.as_bytes()]);
    let id = run::id_of(&digest);
    let before = queue::summary(workspace, &id)?.is_some();
    let mut session = if before {
        Session::resume(history::load(workspace, &id)?)
    } else {
        let options = Options {
            seed: how.seed,
            record: true,
        };
        let profile = match how.goal {
            Some(goal) => profile.with_goal(goal),
            None => profile,
        };
        run::start_among(workspace, profile, options, (id, among))?
    };
    let whole = before && session.run.next_stage().is_none();
    let never = AtomicBool::new(false);
    session.run_through(workspace, &never, &mut run::Unwatched)?;
    Ok(Done::Ran {
        session: Box::new(session),
        before: whole,
    })
}

/// What makes the runs of a batch: the same file, goal and seed give the same ids.
fn key(path: &Path, how: How, name: &str) -> Result<Digest> {
    let failed = |e: std::io::Error| Error::of(Kind::Io, e).at(name.to_owned());
    let mut file = File::open(path).map_err(|e| failed(e).fix("check the path"))?;
    let mut digest = Digest::of(b"echovoice/batch/v1");
    let mut block = vec![0; 1 << 20];
    loop {
        let count = file.read(&mut block).map_err(failed)?;
        if count == 0 {
            break;
        }
        digest = Digest::of_parts([digest.0.as_slice(), &block[..count]]);
    }
    let now = crate::service::home::workspace::now();
    let salt = if how.anew { now.as_str() } else { "" };
    let seed = how.seed.to_string();
    let all = [digest.0.as_slice(), seed.as_bytes(), salt.as_bytes()];
    // Without a goal the runs are those of before there were any.
    let goal = how.goal.map(|goal| goal.as_str().as_bytes());
    Ok(Digest::of_parts(all.into_iter().chain(goal)))
}

/// The rows of a file, read as they are asked for.
fn rows(path: &Path, name: &str) -> Result<impl Iterator<Item = Row> + Send> {
    let name = name.to_owned();
    Ok(rows::read(path, &name)?.map(move |row| {
        let place = format!("{name}:{}", row.line);
        let profile = row.value.and_then(|value| profile_at(&value, &place));
        let profile = profile.map(|mut profile| {
            profile.remarks.extend(row.remarks);
            profile
        });
        (row.line, profile)
    }))
}
