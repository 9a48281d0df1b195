//! `(model, message) → (model, effects)`. Pure: no terminal, no I/O, no clock.

use super::edit_keys::{dismiss_key, edit_key, mend, policies_key};
use super::editor::Editor;
use super::effect::Effect;
use super::keymap::{self, Command};
use super::model::{
    Aspect, Chooser, Decide, DecideField, Dismiss, Model, Overlay, Policies, Screen,
};
use super::msg::Msg;
use super::overlay_keys::{decide_key, filter_key, palette_key, picker_key};
use crate::domain::decision::DecisionKind;
use crate::domain::finding::{Check, Disposition};
use crate::domain::run::Stage;
use crate::service::run::RunEvent;
use crossterm::event::{Event, KeyCode, KeyEvent, KeyEventKind, MouseEventKind};

/// Lines of the log that are kept.
const LOG: usize = 200;
/// Rows of one page key.
const PAGE: isize = 10;

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
        Msg::Runs { runs, size } => {
            model.runs = runs;
            model.chain.size = size;
            model.queue_at = model
                .queue_at
                .min(model.shown_runs().len().saturating_sub(1));
            Vec::new()
        }
        Msg::Entries(entries) => {
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
                    Overlay::Decide(_) | Overlay::Edit(_) | Overlay::Dismiss(_)
                )
            });
            model.status = Some((text, false));
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
        return match keymap::command(model.screen.scope(), key) {
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
        Overlay::Filter => (filter_key(model, key), Vec::new()),
        Overlay::Palette(chooser) => palette_key(model, chooser, key),
        Overlay::Picker(chooser) => picker_key(model, chooser, key),
        Overlay::Decide(dialog) => decide_key(model, dialog, key),
        Overlay::Edit(editor) => edit_key(editor, key),
        Overlay::Dismiss(dismiss) => dismiss_key(dismiss, key),
        Overlay::Policies(open) => policies_key(model, open, key),
    };
    if keep {
        model.overlays.push(overlay);
    }
    effects
}

fn quit(model: &mut Model) -> Vec<Effect> {
    if model.busy && !matches!(model.overlays.last(), Some(Overlay::Quit)) {
        model.overlays.push(Overlay::Quit);
        return Vec::new();
    }
    model.quit = true;
    vec![Effect::Quit]
}

pub(super) fn run_command(model: &mut Model, command: Command) -> Vec<Effect> {
    use Command as C;
    match command {
        C::GoQueue => return go(model, Screen::Queue),
        C::GoReview => return go(model, Screen::Review),
        C::GoCitations => return go(model, Screen::Citations),
        C::GoSafety => return go(model, Screen::Safety),
        C::GoAudit => return go(model, Screen::Audit),
        C::NextPane => model.pane = (model.pane + 1) % 3,
        C::PreviousPane => model.pane = (model.pane + 2) % 3,
        C::Up => movement(model, -1),
        C::Down => movement(model, 1),
        C::PageUp => movement(model, -PAGE),
        C::PageDown => movement(model, PAGE),
        C::Top => movement(model, isize::MIN / 2),
        C::Bottom => movement(model, isize::MAX / 2),
        C::Left => sideways(model, -1),
        C::Right => sideways(model, 1),
        C::Open => return open(model),
        C::Back => return back(model),
        C::Filter => model.overlays.push(Overlay::Filter),
        C::NewRun => model.overlays.push(Overlay::Picker(Chooser::default())),
        C::Step => return stepping(model, Effect::Step),
        C::RunOn => return stepping(model, Effect::RunOn),
        C::Pause => {
            if model.busy {
                model.pausing = true;
                model.status = Some(("pausing after this stage".into(), false));
            }
        }
        C::Rerun => {
            if model.run.is_none() {
                model.status = Some(("no run is open".into(), true));
            } else if model.busy {
                model.status = Some(("a stage is running; pause first with .".into(), true));
            } else {
                return vec![Effect::RerunFrom(model.stage())];
            }
        }
        C::Decide => decide(model),
        C::Verify => {
            model.chain.verifying = true;
            return vec![Effect::Verify];
        }
        C::Copy => return copy(model),
        C::Below => model.show_below = !model.show_below,
        C::NextHit => hit(model, 1),
        C::PreviousHit => hit(model, -1),
        C::Edit => return edit(model, false),
        C::Fix => return edit(model, true),
        C::Dismiss => dismiss(model),
        C::Aspect => {
            model.aspect = match model.aspect {
                Aspect::Finding => Aspect::Evidence,
                Aspect::Evidence => Aspect::Coverage,
                Aspect::Coverage => Aspect::Finding,
            };
            (model.evidence_at, model.scroll) = (0, 0);
        }
        C::Policies => {
            let at = model.policies.as_ref().and_then(|cards| {
                let rule = &model.findings().get(model.finding_at)?.rule;
                cards.iter().position(|card| card.rule == *rule)
            });
            model.overlays.push(Overlay::Policies(Policies {
                at: at.filter(|_| model.screen == Screen::Safety).unwrap_or(0),
                ..Policies::default()
            }));
            return vec![Effect::LoadPolicies];
        }
        C::Help => model.overlays.push(Overlay::Help),
        C::Palette => model.overlays.push(Overlay::Palette(Chooser::default())),
        C::Mouse => {
            model.mouse = !model.mouse;
            model.status = Some((
                format!(
                    "mouse {}",
                    if model.mouse {
                        "on; Shift-drag selects text"
                    } else {
                        "off"
                    }
                ),
                false,
            ));
        }
        C::Quit => return quit(model),
    }
    Vec::new()
}

fn go(model: &mut Model, screen: Screen) -> Vec<Effect> {
    model.screen = screen;
    (model.pane, model.scroll) = (0, 0);
    match screen {
        Screen::Queue => vec![Effect::LoadRuns],
        Screen::Audit => vec![Effect::LoadEntries],
        _ => Vec::new(),
    }
}

fn shifted(at: usize, by: isize, count: usize) -> usize {
    at.saturating_add_signed(by).min(count.saturating_sub(1))
}

fn movement(model: &mut Model, by: isize) {
    if model.pane > 0 && model.screen != Screen::Safety {
        model.scroll = model.scroll.saturating_add_signed(by).min(10_000);
        return;
    }
    if !(model.screen == Screen::Safety && model.pane == 2) {
        model.scroll = 0;
    }
    match model.screen {
        Screen::Queue => model.queue_at = shifted(model.queue_at, by, model.shown_runs().len()),
        Screen::Review => model.stage_at = shifted(model.stage_at, by, Stage::ALL.len()),
        Screen::Citations => {
            let count = model
                .run
                .as_ref()
                .and_then(|r| r.retrieved.as_ref())
                .map_or(0, |r| {
                    r.citations.len() + if model.show_below { r.below.len() } else { 0 }
                });
            model.citation_at = shifted(model.citation_at, by, count);
        }
        Screen::Safety => {
            if model.pane == 0 {
                model.check_at = shifted(model.check_at, by, Check::ALL.len());
                model.finding_at = 0;
            } else if model.pane == 2 && model.aspect == Aspect::Evidence {
                let count = model.verdict().map_or(0, |v| v.evidence.len());
                model.evidence_at = shifted(model.evidence_at, by, count);
            } else if model.pane == 2 && model.aspect == Aspect::Coverage {
                model.scroll = model.scroll.saturating_add_signed(by).min(10_000);
            } else {
                hit(model, by.signum());
            }
        }
        Screen::Audit => model.entry_at = shifted(model.entry_at, by, model.shown_entries().len()),
    }
}

fn sideways(model: &mut Model, by: isize) {
    let count = model
        .run
        .as_ref()
        .and_then(|r| r.variants.as_ref())
        .map_or(0, Vec::len);
    if matches!(model.screen, Screen::Safety | Screen::Review) {
        model.variant_at = shifted(model.variant_at, by, count);
        model.finding_at = 0;
    }
}

fn hit(model: &mut Model, by: isize) {
    model.finding_at = shifted(model.finding_at, by, model.findings().len());
}

fn open(model: &mut Model) -> Vec<Effect> {
    match model.screen {
        Screen::Queue => {
            let id = model
                .shown_runs()
                .get(model.queue_at)
                .map(|r| r.run.clone());
            match id {
                Some(id) => {
                    model.screen = Screen::Review;
                    vec![Effect::OpenRun(id)]
                }
                None => {
                    model.overlays.push(Overlay::Picker(Chooser::default()));
                    Vec::new()
                }
            }
        }
        Screen::Review => {
            let screen = match model.stage() {
                Stage::Retrieve => Screen::Citations,
                Stage::Safety | Stage::Generate => Screen::Safety,
                _ => Screen::Review,
            };
            go(model, screen)
        }
        Screen::Audit => {
            let run = model
                .shown_entries()
                .get(model.entry_at)
                .and_then(|e| e.run.clone());
            match run {
                Some(id) => {
                    model.screen = Screen::Review;
                    vec![Effect::OpenRun(id)]
                }
                None => Vec::new(),
            }
        }
        Screen::Citations | Screen::Safety => Vec::new(),
    }
}

fn back(model: &mut Model) -> Vec<Effect> {
    if !model.filter.is_empty() {
        model.filter.clear();
        return Vec::new();
    }
    match model.screen {
        Screen::Citations | Screen::Safety => go(model, Screen::Review),
        Screen::Review | Screen::Audit => go(model, Screen::Queue),
        Screen::Queue => Vec::new(),
    }
}

fn stepping(model: &mut Model, effect: Effect) -> Vec<Effect> {
    let Some(run) = &model.run else {
        model.overlays.push(Overlay::Picker(Chooser::default()));
        return Vec::new();
    };
    if model.busy {
        model.status = Some(("a stage is running".into(), false));
        return Vec::new();
    }
    if run.next_stage().is_none() {
        model.status = Some(("all stages are done; d decides".into(), false));
        return Vec::new();
    }
    model.busy = true;
    vec![effect]
}

/// Opens the editor, if this person may and there is something to edit; with the fix of the chosen finding put in.
fn edit(model: &mut Model, fix: bool) -> Vec<Effect> {
    if let Err(why) = model
        .person
        .role
        .may(crate::domain::person::Action::EditVariant)
    {
        model.status = Some((why, true));
        return Vec::new();
    }
    let Some(mut editor) = model
        .run
        .as_ref()
        .filter(|run| run.gate.is_some() && !model.busy)
        .zip(model.variant())
        .and_then(|(run, variant)| Editor::open(run, &variant.id))
    else {
        model.status = Some(("nothing to edit yet: c runs the stages on".into(), true));
        return Vec::new();
    };
    let mut effects = Vec::new();
    if fix {
        let chosen = model.findings().get(model.finding_at).copied().cloned();
        editor.finding_at = editor
            .findings()
            .iter()
            .position(|f| Some(*f) == chosen.as_ref())
            .unwrap_or(0);
        effects = mend(&mut editor);
    }
    model.overlays.push(Overlay::Edit(Box::new(editor)));
    effects
}

fn dismiss(model: &mut Model) {
    if let Err(why) = model.person.role.may(crate::domain::person::Action::Decide) {
        model.status = Some((why, true));
        return;
    }
    let found = model.findings().get(model.finding_at).copied().cloned();
    let Some((finding, variant)) = found.zip(model.variant()) else {
        model.status = Some(("there is no finding to dismiss".into(), true));
        return;
    };
    if finding.hard && finding.disposition == Disposition::Block {
        model.status = Some((
            "a hard block (personal data, consent, age) may not be dismissed".into(),
            true,
        ));
        return;
    }
    let dialog = Dismiss {
        variant: variant.id.clone(),
        finding,
        reason: String::new(),
        problem: None,
        sent: false,
    };
    model.overlays.push(Overlay::Dismiss(Box::new(dialog)));
}

fn decide(model: &mut Model) {
    if let Err(why) = model.person.role.may(crate::domain::person::Action::Decide) {
        model.status = Some((why, true));
        return;
    }
    let Some((run, variant)) = model.run.as_ref().zip(model.variant()) else {
        model.status = Some((
            "nothing to decide yet: open a run, c runs it on".into(),
            true,
        ));
        return;
    };
    if run.analysis.is_none() || model.busy {
        model.status = Some(("the pipeline has not finished; c runs it on".into(), true));
        return;
    }
    let blocked = run
        .verdict(&variant.id)
        .is_some_and(|v| v.disposition == Disposition::Block);
    let dialog = Decide {
        run: run.id.clone(),
        variant: variant.id.clone(),
        seen: variant.artifact(&run.salt),
        kind: if blocked {
            DecisionKind::Reject
        } else {
            DecisionKind::Approve
        },
        reason: String::new(),
        code: 0,
        letter: String::new(),
        at: DecideField::Cancel,
        problem: None,
        sent: false,
    };
    model.overlays.push(Overlay::Decide(Box::new(dialog)));
}

fn copy(model: &mut Model) -> Vec<Effect> {
    let text = match model.screen {
        Screen::Queue => model
            .shown_runs()
            .get(model.queue_at)
            .map(|r| r.run.clone()),
        Screen::Review | Screen::Safety => model.variant().map(|v| v.body.clone()),
        Screen::Citations => model
            .run
            .as_ref()
            .and_then(|r| r.retrieved.as_ref())
            .and_then(|r| r.citations.iter().chain(&r.below).nth(model.citation_at))
            .map(|c| format!("> {}\n\n{} ({})", c.redacted_text, c.title, c.url)),
        Screen::Audit => model
            .shown_entries()
            .get(model.entry_at)
            .map(|e| e.prev.clone()),
    };
    match text {
        Some(text) => {
            model.status = Some(("sent to the terminal's clipboard".into(), false));
            vec![Effect::Copy(text)]
        }
        None => Vec::new(),
    }
}
