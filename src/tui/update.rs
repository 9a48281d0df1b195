//! `(model, message) → (model, effects)`. Pure: no terminal, no I/O, no clock.

use super::ask::{Ask, Asked, ask_key};
use super::commands::{quit, run_command};
use super::edit_keys::{dismiss_key, edit_key, policies_key};
use super::effect::Effect;
use super::keymap::{self, Command};
use super::model::{DecideField, Model, Overlay, Screen};
use super::msg::Msg;
use super::overlay_keys::{decide_key, filter_key, palette_key, picker_key};
use crate::service::queue::RunSummary;
use crate::service::run::RunEvent;
use crossterm::event::{Event, KeyCode, KeyEvent, KeyEventKind, MouseEventKind};

/// Lines of the log that are kept.
const LOG: usize = 200;
/// The one place where the desk changes.
pub fn update(model: &mut Model, msg: Msg) -> Vec<Effect> {
    match msg {
        Msg::Input(event) => input(model, &event),
        Msg::Stage(event) => {
            stage_event(model, event);
            Vec::new()
        }
        Msg::Run { run, idle } => {
            let fresh = model.run.as_ref().is_none_or(|old| old.id != run.id);
            if fresh {
                model.log.clear();
                (
                    model.citation_at,
                    model.check_at,
                    model.finding_at,
                    model.scroll,
                ) = (0, 0, 0, 0);
                model.variant_at = winner_index(&run).unwrap_or(0);
            } else if let Some(index) = winner_index(&run)
                .filter(|_| model.run.as_ref().is_some_and(|old| old.analysis.is_none()))
            {
                model.variant_at = index;
            }
            if let Some(next) = run.next_stage() {
                model.stage_at = next.index();
            }
            model.run = Some(*run);
            model.busy = !idle;
            if idle {
                model.pausing = false;
                return vec![Effect::LoadRuns];
            }
            Vec::new()
        }
        Msg::Runs {
            runs,
            waiting,
            size,
            now,
            through_another,
        } => {
            model.chain.through_another = through_another;
            (model.runs, model.waiting, model.now) = (runs, waiting, now);
            let waiting = &model.waiting;
            model
                .marked
                .retain(|id| waiting.iter().any(|run| run.run == *id));
            model.chain.size = size;
            model.queue_at = model
                .queue_at
                .min(model.shown_runs().len().saturating_sub(1));
            Vec::new()
        }
        Msg::Found {
            generation,
            entries,
            more,
        } => {
            if generation == model.search {
                if more {
                    model.entries.extend(entries);
                } else {
                    model.entries = entries;
                }
            }
            Vec::new()
        }
        Msg::MoreRuns(runs) => {
            let last = model.runs.last().map_or(u64::MAX, |run| run.seq);
            model
                .runs
                .extend(runs.into_iter().filter(|run| run.seq < last));
            Vec::new()
        }
        Msg::MoreWaiting(runs) => {
            let last = model.waiting.last().and_then(RunSummary::place);
            let fresh = |run: &RunSummary| run.place() > last;
            model.waiting.extend(runs.into_iter().filter(fresh));
            Vec::new()
        }
        // What is found stays on the screen while others write.
        Msg::Entries(_) if model.screen == Screen::Audit && !model.filter.is_empty() => Vec::new(),
        Msg::Entries(entries) => {
            model.search += 1;
            model.entries = entries;
            model.entry_at = model
                .entry_at
                .min(model.shown_entries().len().saturating_sub(1));
            Vec::new()
        }
        Msg::Verified(report) => {
            model.chain.verifying = false;
            let words = match &report.problem {
                None => (format!("ledger OK: {} entries", report.entries), false),
                Some(problem) => (
                    format!(
                        "LEDGER TAMPERED at entry {}: {problem}",
                        report.first_bad.unwrap_or(0)
                    ),
                    true,
                ),
            };
            model.chain.size = report.entries;
            model.chain.report = Some(*report);
            model.status = Some(words);
            Vec::new()
        }
        Msg::Comments(comments) => {
            if let Some(Overlay::Ask(ask)) = model.overlays.last_mut() {
                ask.comments = comments;
            }
            Vec::new()
        }
        Msg::Colleagues(names) => {
            if let Some(Overlay::Ask(ask)) = model.overlays.last_mut() {
                ask.choices = names;
            }
            Vec::new()
        }
        Msg::Unlocked => {
            model.overlays.retain(|over| {
                !matches!(over, Overlay::Ask(ask) if matches!(ask.asked, Asked::Passphrase { .. }))
            });
            Vec::new()
        }
        Msg::Locked(then) => {
            let ask = Ask::new(Asked::Passphrase { then });
            model.overlays.push(Overlay::Ask(Box::new(ask)));
            Vec::new()
        }
        Msg::Rechecked {
            generation,
            verdict,
        } => {
            if let Some(Overlay::Edit(editor)) = model.overlays.last_mut()
                && editor.generation == generation
            {
                editor.verdict = Some(*verdict);
                editor.finding_at = editor
                    .finding_at
                    .min(editor.findings().len().saturating_sub(1));
            }
            Vec::new()
        }
        Msg::Mended { generation, mended } => {
            if let Some(Overlay::Edit(editor)) = model.overlays.last_mut()
                && editor.generation == generation
            {
                editor.take(&mended.subject, &mended.body, mended.verdict);
            }
            Vec::new()
        }
        Msg::Policies(cards) => {
            let wanted = model
                .findings()
                .get(model.finding_at)
                .map(|f| f.rule.clone());
            if let Some(Overlay::Policies(open)) = model.overlays.last_mut()
                && let Some(index) =
                    wanted.and_then(|rule| cards.iter().position(|c| c.rule == rule))
                && model.screen == Screen::Safety
                && model.policies.is_none()
            {
                open.at = index;
            }
            model.policies = Some(cards);
            Vec::new()
        }
        Msg::WouldChange(words) => {
            if let Some(Overlay::Policies(open)) = model.overlays.last_mut() {
                open.what_if = Some(words);
            }
            Vec::new()
        }
        Msg::Said(text) => {
            model.overlays.retain(|o| {
                !matches!(
                    o,
                    Overlay::Decide(_) | Overlay::Edit(_) | Overlay::Dismiss(_) | Overlay::Ask(_)
                )
            });
            model.status = Some((text, false));
            vec![Effect::LoadRuns, Effect::LoadEntries]
        }
        Msg::Told { text, bad } => {
            model.status = Some((text, bad));
            vec![Effect::LoadRuns, Effect::LoadEntries]
        }
        Msg::Failed(text) => {
            model.busy = false;
            model.chain.verifying = false;
            match model.overlays.last_mut() {
                Some(Overlay::Decide(dialog)) => {
                    dialog.problem = Some(text.clone());
                    dialog.sent = false;
                    dialog.at = DecideField::Cancel;
                }
                Some(Overlay::Edit(editor)) => {
                    (editor.problem, editor.sent) = (Some(text.clone()), false);
                }
                Some(Overlay::Dismiss(dismiss)) => {
                    (dismiss.problem, dismiss.sent) = (Some(text.clone()), false);
                }
                Some(Overlay::Ask(ask)) => {
                    (ask.problem, ask.sent) = (Some(text.clone()), false);
                }
                Some(Overlay::Policies(open)) => open.what_if = Some(text.clone()),
                _ => {}
            }
            model.status = Some((text, true));
            Vec::new()
        }
        Msg::Terminate => {
            model.quit = true;
            vec![Effect::Quit]
        }
    }
}

fn winner_index(run: &crate::domain::run::Run) -> Option<usize> {
    let winner = run.analysis.as_ref()?.winner.as_ref()?;
    run.variants
        .as_ref()?
        .iter()
        .position(|v| v.id == winner.variant_id)
}

fn stage_event(model: &mut Model, event: RunEvent) {
    let line = match event {
        RunEvent::Started { stage } => {
            model.stage_at = stage.index();
            model.busy = true;
            format!("{stage} started")
        }
        RunEvent::Done {
            stage,
            micros,
            summary,
        } => format!(
            "{stage} done in {}.{:01} ms: {summary}",
            micros / 1_000,
            micros % 1_000 / 100
        ),
        RunEvent::Failed { stage, reason } => {
            model.status = Some((format!("{stage} failed: {reason}"), true));
            format!("{stage} FAILED: {reason}")
        }
    };
    model.log.push(line);
    let extra = model.log.len().saturating_sub(LOG);
    model.log.drain(..extra);
}

fn input(model: &mut Model, event: &Event) -> Vec<Effect> {
    match event {
        // Some terminals report the release of a key as well.
        Event::Key(key) if key.kind != KeyEventKind::Release => {
            if matches!(key.kind, KeyEventKind::Repeat)
                && matches!(model.overlays.last(), Some(Overlay::Decide(_)))
                && key.code == KeyCode::Enter
            {
                return Vec::new();
            }
            on_key(model, key)
        }
        Event::Mouse(mouse) => match mouse.kind {
            MouseEventKind::ScrollDown => run_command(model, Command::Down),
            MouseEventKind::ScrollUp => run_command(model, Command::Up),
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}

fn on_key(model: &mut Model, key: &KeyEvent) -> Vec<Effect> {
    if keymap::name_of(key) == "Ctrl-C" {
        return quit(model);
    }
    let Some(mut overlay) = model.overlays.pop() else {
        return match model.keys.command(model.screen.scope(), key) {
            Some(command) => {
                model.status = None;
                run_command(model, command)
            }
            None => {
                model.status = Some(("no such key here; ? lists them".into(), false));
                Vec::new()
            }
        };
    };
    let (keep, effects) = match &mut overlay {
        Overlay::Help => (
            !matches!(
                key.code,
                KeyCode::Esc | KeyCode::Enter | KeyCode::Char('q' | '?')
            ),
            Vec::new(),
        ),
        Overlay::Quit => match key.code {
            KeyCode::Char('y') => {
                model.quit = true;
                (false, vec![Effect::Quit])
            }
            _ => (false, Vec::new()),
        },
        Overlay::Filter => filter_key(model, key),
        Overlay::Palette(chooser) => palette_key(model, chooser, key),
        Overlay::Picker(chooser) => picker_key(model, chooser, key),
        Overlay::Decide(dialog) => decide_key(model, dialog, key),
        Overlay::Edit(editor) => edit_key(editor, key),
        Overlay::Dismiss(dismiss) => dismiss_key(dismiss, key),
        Overlay::Policies(open) => policies_key(model, open, key),
        Overlay::Ask(ask) => ask_key(model, ask, key),
    };
    if keep {
        model.overlays.push(overlay);
    }
    effects
}
