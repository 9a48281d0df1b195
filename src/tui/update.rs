//! `(model, message) → (model, effects)`. Pure: no terminal, no I/O, no clock.

use super::effect::Effect;
use super::filter::find;
use super::keys::on_key;
use super::model::{Model, Overlay, Screen};
use super::mouse::mouse_event;
use super::movement::{chosen_entry, chosen_run, keep_chosen, keep_entry};
use super::msg::Msg;
use super::overlay::ask::{PromptDialog, PromptKind};
use super::overlay::check::checked;
use super::overlay::choose::peeked;
use super::overlay::compare::Compare;
use super::overlay::decide::{self};
use super::paste::pasted;
use super::told::{brief, brief_came, run_came, said_meanwhile, wanted_of_the_queue};
use crate::service::review::queue::RunSummary;
use crate::service::run::RunEvent;
use crossterm::event::{Event, KeyCode, KeyEventKind};

/// Lines of the log that are kept.
const LOG: usize = 200;

/// The one place where the desk changes.
pub fn update(model: &mut Model, msg: Msg) -> Vec<Effect> {
    let mut effects = changed(model, msg);
    model.opening |= effects.iter().any(Effect::opens_a_run);
    effects.extend(wanted_of_the_queue(model));
    effects
}

/// The open run may be the erased customer's: it is closed, with everything that shows it, and opened again only from the
/// record.
fn erased(model: &mut Model, text: String) -> Vec<Effect> {
    model.overlays.clear();
    (model.run, model.brief) = (None, None);
    model.log.clear();
    model.moved.clear();
    if model.screen != Screen::Audit {
        model.screen = Screen::Queue;
    }
    model.status = Some((text, false));
    vec![Effect::CloseRun, Effect::LoadRuns, Effect::LoadEntries]
}

fn changed(model: &mut Model, msg: Msg) -> Vec<Effect> {
    match msg {
        Msg::Input(event) => input(model, &event),
        Msg::Stage(_) if model.unwatched => Vec::new(),
        Msg::Run { run, idle } if model.unwatched && run.is_preview() => {
            model.unwatched = !idle;
            Vec::new()
        }
        Msg::Stage(event) => {
            stage_event(model, event);
            Vec::new()
        }
        Msg::Run { run, idle } => run_came(model, *run, idle),
        Msg::Brief(told) => {
            brief_came(model, told);
            Vec::new()
        }
        Msg::Said { run, last, said } => {
            if let Some((id, seq, words)) = &mut model.queue_said
                && (&*id, *seq) == (&run, last)
            {
                *words = said;
            }
            Vec::new()
        }
        Msg::Customers(found) => {
            model.customers = found;
            Vec::new()
        }
        Msg::Moved(moved) => {
            model.moved = moved;
            Vec::new()
        }
        Msg::Runs {
            runs,
            waiting,
            size,
            now,
            through_another,
            store_down,
            counts,
        } => {
            model.counts = counts;
            model.chain.through_another = through_another;
            model.chain.store_down = store_down;
            let chosen = chosen_run(model);
            (model.runs, model.waiting, model.now) = (runs, waiting, now);
            let waiting = &model.waiting;
            model
                .marked
                .retain(|id| waiting.iter().any(|run| run.run == *id));
            model.chain.size = size;
            keep_chosen(model, chosen.as_deref());
            let mut effects: Vec<Effect> = said_meanwhile(model).into_iter().collect();
            // What was found is found anew among what is there now.
            if model.found.is_some() && model.screen == Screen::Queue {
                effects.extend(find(model));
            }
            effects
        }
        Msg::Titles(titles) => {
            model.titles = titles;
            Vec::new()
        }
        Msg::FoundRuns {
            generation,
            runs,
            more,
        } => {
            if generation == model.run_search {
                let chosen = chosen_run(model);
                model.found = Some((runs, more));
                keep_chosen(model, chosen.as_deref());
            }
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
        Msg::Entries(_) if model.screen == Screen::Audit && !model.filter().is_empty() => {
            Vec::new()
        }
        Msg::Entries(entries) => {
            model.search += 1;
            let chosen = chosen_entry(model);
            model.entries = entries;
            keep_entry(model, chosen);
            Vec::new()
        }
        Msg::Experiments(reports) => {
            model.experiments = reports;
            Vec::new()
        }
        Msg::Reviewers(quality) => {
            model.quality = Some(quality);
            Vec::new()
        }
        Msg::Verified(report) => {
            model.chain.verifying = false;
            let words = match report.wrong() {
                None => (format!("ledger OK: {} entries", report.entries), false),
                Some(wrong) => (format!("LEDGER {wrong}"), true),
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
                !matches!(over, Overlay::Ask(ask) if matches!(ask.asked, PromptKind::Passphrase { .. }))
            });
            Vec::new()
        }
        Msg::Locked(then) => {
            let ask = PromptDialog::new(PromptKind::Passphrase { then });
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
                editor.offer = Some(mended);
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
        Msg::Size(width, height) => {
            model.size = (width, height);
            Vec::new()
        }
        Msg::Profiles(files) => {
            model.profiles = files;
            if let Some(Overlay::Picker(picker)) = model.overlays.last_mut() {
                picker.list(&model.profiles);
            }
            Vec::new()
        }
        Msg::Peeked { path, found } => peeked(model, path, found),
        Msg::Messages(files) => {
            if let Some(Overlay::FileAsked(asked)) = model.overlays.last_mut() {
                asked.list(files);
            }
            Vec::new()
        }
        Msg::Checked { path, outcome } => {
            checked(model, path, outcome);
            Vec::new()
        }
        Msg::ProfileSaved { path, text } => {
            if !model.profiles.contains(&path) {
                model.profiles.push(path);
            }
            model.status = Some((text, false));
            Vec::new()
        }
        Msg::Packs(packs) => {
            if let Some(Overlay::Packs(open)) = model.overlays.last_mut() {
                open.list(packs);
            }
            Vec::new()
        }
        Msg::Compare {
            what,
            sides,
            chosen,
            said,
        } => {
            let mut compare = Compare::new(what, sides, chosen, model.variant_at);
            compare.said = said;
            model.overlays.push(Overlay::Compare(Box::new(compare)));
            model.status = None;
            Vec::new()
        }
        Msg::Erased(text) => erased(model, text),
        Msg::ActionDone(text) => {
            model.refused = None;
            model.overlays.retain(|o| {
                !matches!(
                    o,
                    Overlay::Decide(_)
                        | Overlay::Edit(_)
                        | Overlay::Dismiss(_)
                        | Overlay::Ask(_)
                        | Overlay::CustomerData(_)
                )
            });
            model.status = Some((text, false));
            let lists = [Effect::LoadRuns, Effect::LoadEntries];
            lists.into_iter().chain(brief(model)).collect()
        }
        Msg::Notice { text, bad } => {
            model.status = Some((text, bad));
            vec![Effect::LoadRuns, Effect::LoadEntries]
        }
        Msg::Failed { text, ledger } => {
            if ledger {
                model.refused = Some(text.clone());
            }
            (model.busy, model.opening, model.unwatched) = (false, false, false);
            model.chain.verifying = false;
            match model.overlays.last_mut() {
                Some(Overlay::Decide(dialog)) => {
                    dialog.problem = Some(text.clone());
                    dialog.sent = false;
                    dialog.at = decide::DecideField::Cancel;
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
                Some(Overlay::CustomerData(dialog)) => {
                    (dialog.problem, dialog.sent) = (Some(text.clone()), false);
                    dialog.asked = false;
                }
                Some(Overlay::Policies(open)) => open.what_if = Some(text.clone()),
                _ => {}
            }
            model.status = Some((text, true));
            Vec::new()
        }
        Msg::Performed => {
            model.writing.clear();
            Vec::new()
        }
        Msg::Terminate => {
            model.quit = true;
            vec![Effect::Quit]
        }
    }
}

fn stage_event(model: &mut Model, event: RunEvent) {
    model.writing.clear();
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
        // Nothing of it is kept in the log.
        RunEvent::Writing { words } => {
            model.writing = words;
            return;
        }
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
        Event::Paste(text) => pasted(model, text),
        Event::Mouse(mouse) => mouse_event(model, mouse),
        Event::Resize(width, height) => {
            model.size = (*width, *height);
            Vec::new()
        }
        _ => Vec::new(),
    }
}
