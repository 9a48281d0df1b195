//! The thread that does what `update` asks for: it owns the open run, and answers with messages.

use super::effect::{DecideRequest, Effect};
use super::msg::Msg;
use crate::domain::decision::DecisionKind;
use crate::domain::delivery::Delivery;
use crate::domain::person::Action;
use crate::error::{Error, Kind, Result};
use crate::service::decide::{self, Word};
use crate::service::filter::Filter;
use crate::service::queue::List;
use crate::service::review::Said;
use crate::service::run::{Options, Session};
use crate::service::workspace::now;
use crate::service::{Workspace, archive, audit, handover, intake, policy, queue, review, run};
use chrono::Utc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

/// Runs and entries that the desk keeps at hand.
const ROWS: usize = 500;
/// Most rows that are read again when somebody has written.
const MOST: usize = 10_000;

/// How often a quiet desk looks whether another process has written, or an approval's time to be sent has come.
const QUIET: Duration = Duration::from_secs(1);

/// Entries that a quiet desk files for searching at once.
const FILED: u64 = 2_000;

/// Where answers go; `false` when the desk is gone.
pub type Answer = Arc<dyn Fn(Msg) -> bool + Send + Sync>;

/// Works until the channel closes.
pub fn work(
    workspace: &Arc<Workspace>,
    effects: &Receiver<Effect>,
    answer: &Answer,
    pause: &Arc<AtomicBool>,
) {
    let mut session: Option<Session> = None;
    let (mut seen, mut filed, mut told, mut rows) = (0, 0, false, ROWS);
    loop {
        let effect = match effects.recv_timeout(QUIET) {
            Ok(effect) => effect,
            Err(RecvTimeoutError::Disconnected) => return,
            Err(RecvTimeoutError::Timeout) => {
                follow(workspace, &mut seen, rows, answer);
                hand_over(workspace, &mut told, answer);
                // The index saves time and proves nothing: without it all is found, only later.
                if !workspace.is_through_another() && filed < seen {
                    let left = archive::catch_up(workspace, FILED);
                    filed = seen - left.unwrap_or(0).min(seen);
                }
                continue;
            }
        };
        let outcome = perform(workspace, &mut session, &mut rows, effect, answer, pause);
        if let Err(error) = outcome {
            if let Some(open) = &session {
                answer(Msg::Run {
                    run: Box::new(open.run.clone()),
                    idle: true,
                });
            }
            answer(Msg::Failed(error.to_string()));
        }
        // What this desk wrote is on its screen already.
        seen = size(workspace).unwrap_or(seen);
    }
}

fn size(workspace: &Workspace) -> Result<u64> {
    Ok(workspace.log()?.head()?.size)
}

/// Shows what other processes have written since the last look.
fn follow(workspace: &Workspace, seen: &mut u64, rows: usize, answer: &Answer) {
    let Ok(size) = size(workspace) else {
        return;
    };
    if size != std::mem::replace(seen, size) && load_runs(workspace, rows, answer).is_ok() {
        // The queue is fresh; should the entries not be, the next look shows them.
        let _ = load_entries(workspace, answer);
    }
}

fn load_entries(workspace: &Workspace, answer: &Answer) -> Result<()> {
    answer(Msg::Entries(audit::entries(workspace, u64::MAX, ROWS)?));
    Ok(())
}

/// Hands over what was approved and could still be withdrawn, now that its time has come. The process that writes does
/// it for all; a failure is told once, and tried again.
fn hand_over(workspace: &Workspace, told: &mut bool, answer: &Answer) {
    if workspace.is_through_another() || workspace.allow(Action::Deliver).is_err() {
        return;
    }
    match handover::deliver_due(workspace) {
        Ok(count) => {
            *told = false;
            if count > 0 {
                answer(Msg::Told {
                    text: format!("{count} approved messages handed over"),
                    bad: false,
                });
            }
        }
        Err(error) if !*told => {
            *told = true;
            answer(Msg::Told {
                text: error.to_string(),
                bad: true,
            });
        }
        Err(_) => {}
    }
}

fn perform(
    workspace: &Arc<Workspace>,
    session: &mut Option<Session>,
    rows: &mut usize,
    effect: Effect,
    answer: &Answer,
    pause: &Arc<AtomicBool>,
) -> Result<()> {
    if effect.is_signed() && workspace.is_locked() {
        answer(Msg::Locked(Box::new(effect)));
        return Ok(());
    }
    match effect {
        Effect::StartRun(path) => {
            let mut intakes = intake::read(&path)?;
            if intakes.len() > 1 {
                answer(Msg::Failed(format!(
                    "{} holds {} profiles; the first one is opened",
                    path.display(),
                    intakes.len()
                )));
            }
            let profile = intakes.swap_remove(0).profile;
            let opened = run::start(
                workspace,
                profile,
                Options {
                    seed: 7,
                    record: true,
                },
            )?;
            answer(Msg::Run {
                run: Box::new(opened.run.clone()),
                idle: true,
            });
            *session = Some(opened);
        }
        Effect::OpenRun(id) => {
            let opened = Session::resume(run::load(workspace, &id)?);
            answer(Msg::Run {
                run: Box::new(opened.run.clone()),
                idle: true,
            });
            *session = Some(opened);
        }
        Effect::Step => step(workspace, open(session)?, answer)?,
        Effect::RunOn => {
            pause.store(false, Ordering::Relaxed);
            let open = open(session)?;
            while open.run.next_stage().is_some() && !pause.load(Ordering::Relaxed) {
                open.step(workspace, &AtomicBool::new(false), &mut |event| {
                    answer(Msg::Stage(event));
                })?;
                answer(Msg::Run {
                    run: Box::new(open.run.clone()),
                    idle: false,
                });
            }
            open.settle()?;
            answer(Msg::Run {
                run: Box::new(open.run.clone()),
                idle: true,
            });
        }
        Effect::RerunFrom(stage) => {
            let open = open(session)?;
            still_open(workspace, open)?;
            open.rewind(workspace, stage)?;
            answer(Msg::Run {
                run: Box::new(open.run.clone()),
                idle: false,
            });
            step(workspace, open, answer)?;
        }
        Effect::LoadRuns => load_runs(workspace, *rows, answer)?,
        Effect::LoadEntries => load_entries(workspace, answer)?,
        Effect::Find {
            generation,
            filter,
            before,
        } => {
            // A word that is still being typed picks nothing out.
            let filter = Filter::parse(&filter, Utc::now()).unwrap_or_default();
            let more = before.is_some();
            let before = before.unwrap_or(u64::MAX);
            answer(Msg::Found {
                generation,
                entries: audit::matching(workspace, &filter, before, ROWS)?,
                more,
            });
        }
        Effect::MoreWaiting(last) => {
            *rows = (*rows + ROWS).min(MOST);
            let more = queue::open_after(workspace, List::Waiting, Some(&last), ROWS)?;
            answer(Msg::MoreWaiting(more));
        }
        Effect::MoreRuns(before) => {
            *rows = (*rows + ROWS).min(MOST);
            answer(Msg::MoreRuns(queue::page(workspace, before, ROWS)?));
        }
        Effect::Decide(request) => {
            let delivery = decide(workspace, &request, answer)?;
            if let Some(open) = session.as_mut().filter(|open| open.run.id == request.run) {
                open.run.deliver(delivery);
                answer(Msg::Run {
                    run: Box::new(open.run.clone()),
                    idle: true,
                });
            }
        }
        Effect::Verify => {
            // Beside the worker: reading everything back may take a while.
            let (workspace, answer) = (workspace.clone(), answer.clone());
            std::thread::spawn(move || {
                answer(match audit::verify(&workspace, None) {
                    Ok(report) => Msg::Verified(Box::new(report)),
                    Err(error) => Msg::Failed(error.to_string()),
                });
            });
        }
        Effect::Recheck {
            generation,
            variant,
            subject,
            body,
        } => {
            let verdict =
                run::preview_edit(workspace, &open(session)?.run, &variant, &subject, &body)?;
            answer(Msg::Rechecked {
                generation,
                verdict: Box::new(verdict),
            });
        }
        Effect::Mend {
            generation,
            variant,
            subject,
            body,
            finding,
        } => {
            let mended = run::mend(
                workspace,
                &open(session)?.run,
                &variant,
                (&subject, &body),
                &finding,
            )?;
            answer(Msg::Mended {
                generation,
                mended: Box::new(mended),
            });
        }
        Effect::SaveEdit {
            variant,
            subject,
            body,
        } => {
            let open = open(session)?;
            still_open(workspace, open)?;
            open.edit(workspace, &variant, &subject, &body)?;
            open.run_on(workspace, &AtomicBool::new(false), &mut |event| {
                answer(Msg::Stage(event));
            })?;
            let comes_to = open
                .run
                .verdict(&variant)
                .map_or("unchecked", |v| v.disposition.as_str());
            answer(Msg::Run {
                run: Box::new(open.run.clone()),
                idle: true,
            });
            answer(Msg::Said(format!(
                "variant {variant} is changed (revision {}), checked again: {comes_to}",
                open.run.revision
            )));
        }
        Effect::Dismiss {
            variant,
            finding,
            reason,
        } => {
            let open = open(session)?;
            let row = policy::dismiss(workspace, &open.run, &variant, &finding, &reason)?;
            answer(Msg::Said(format!(
                "dismissed: {} is a test row now; `echovoice policy test` runs it",
                row.rule
            )));
        }
        Effect::Act {
            run,
            act,
            to,
            reason,
        } => {
            let said = Said {
                act,
                to: to.as_deref(),
                reason: &reason,
            };
            let done = review::act(workspace, &run, said)?;
            answer(Msg::Said(format!(
                "recorded: {act} {run} (entry {}), now {}",
                done.seq,
                done.state.as_str()
            )));
        }
        Effect::ApproveTogether(runs) => approve_together(workspace, &runs, answer)?,
        Effect::Unlock { passphrase, then } => {
            workspace.unlock(passphrase.text())?;
            answer(Msg::Unlocked);
            perform(workspace, session, rows, *then, answer, pause)?;
        }
        Effect::LoadComments(run) => {
            answer(Msg::Comments(review::comments(workspace, &run)?));
        }
        Effect::LoadColleagues => {
            answer(Msg::Colleagues(review::colleagues(workspace)?));
        }
        Effect::LoadPolicies => {
            // Beside the worker: every pack's tests run.
            let (workspace, answer) = (workspace.clone(), answer.clone());
            std::thread::spawn(move || {
                answer(match policy::browse(&workspace) {
                    Ok(cards) => Msg::Policies(cards),
                    Err(error) => Msg::Failed(error.to_string()),
                });
            });
        }
        Effect::WhatIf(name) => {
            let (workspace, answer) = (workspace.clone(), answer.clone());
            std::thread::spawn(move || {
                answer(match what_if(&workspace, &name) {
                    Ok(words) => Msg::WouldChange(words),
                    Err(error) => Msg::Failed(error.to_string()),
                });
            });
        }
        Effect::Copy(_) | Effect::Quit => {}
    }
    Ok(())
}

fn open(session: &mut Option<Session>) -> Result<&mut Session> {
    session
        .as_mut()
        .ok_or_else(|| Error::new(Kind::NotFound, "no run is open").fix("n starts one"))
}

/// What was decided is not changed any more.
fn still_open(workspace: &Workspace, open: &Session) -> Result<()> {
    use crate::domain::decision::ReviewState as State;
    let state = queue::summary(workspace, &open.run.id)?.map(|s| s.state);
    match state {
        Some(State::Approved | State::Delivered | State::Rejected) => Err(Error::new(
            Kind::NotAllowed,
            "this run is decided; start a new one with n",
        )),
        _ => Ok(()),
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

fn step(workspace: &Workspace, open: &mut Session, answer: &Answer) -> Result<()> {
    open.step(workspace, &AtomicBool::new(false), &mut |event| {
        answer(Msg::Stage(event));
    })?;
    open.settle()?;
    answer(Msg::Run {
        run: Box::new(open.run.clone()),
        idle: true,
    });
    Ok(())
}

fn load_runs(workspace: &Workspace, rows: usize, answer: &Answer) -> Result<()> {
    answer(Msg::Runs {
        runs: queue::page(workspace, u64::MAX, rows)?,
        waiting: queue::open(workspace, List::Waiting, rows)?,
        size: size(workspace)?,
        now: now(),
        through_another: workspace.is_through_another(),
    });
    Ok(())
}

fn approve_together(workspace: &Workspace, runs: &[String], answer: &Answer) -> Result<()> {
    let done = decide::decide_together(workspace, runs, DecisionKind::Approve, ("", None))?;
    let left: Vec<String> = done
        .iter()
        .filter_map(|(run, outcome)| Some(format!("{run}: {}", outcome.as_ref().err()?)))
        .collect();
    let words = format!(
        "recorded: {} of {} approved",
        runs.len() - left.len(),
        runs.len()
    );
    answer(Msg::Said(match left.first() {
        None => words,
        Some(first) => format!("{words}; left {first}"),
    }));
    Ok(())
}

fn decide(workspace: &Workspace, request: &DecideRequest, answer: &Answer) -> Result<Delivery> {
    let outcome = decide::decide(
        workspace,
        &Word {
            run: &request.run,
            variant: &request.variant,
            kind: request.kind,
            reason: &request.reason,
            code: request.code.as_deref(),
            seen: Some(request.seen),
        },
    )?;
    let delivery = match (&outcome.delivery.message_id, &outcome.delivery.reason) {
        (Some(id), _) => format!(", delivered as {id}"),
        (None, Some(reason)) => format!(", held: {reason}"),
        (None, None) => String::new(),
    };
    answer(Msg::Said(format!(
        "recorded: {} {} (entry {}), now {}{delivery}",
        request.kind,
        request.variant,
        outcome.seq,
        outcome.state.as_str()
    )));
    Ok(outcome.delivery)
}
