//! What each command of the key table does to the desk. Pure, as `update` is.

use super::columns;
use super::effect::Effect;
use super::filter::{find, words_without};
use super::findings;
use super::keymap::DeskCommand;
use super::links::{sentence, source, users};
use super::model::{Model, Overlay, SafetyPane, Screen};
use super::movement::{PAGE, more, movement, sideways};
use super::overlay::brief::BriefPage;
use super::overlay::choose::{Commands, Picker};
use super::overlay::decide::Decide;
use super::overlay::dismiss::Dismiss;
use super::overlay::edit::{Editor, mend};
use super::overlay::form::ProfileForm;
use super::overlay::policies::Policies;
use super::overlay::received::Received;
use super::overlay::{charts, check, customer_data, tour};
use super::queue_commands::{queue_command, why_not};
use crate::domain::finding::Disposition;
use crate::domain::run::Stage;
use crate::service::home::settings::Clipboard;

pub(super) fn quit(model: &mut Model) -> Vec<Effect> {
    let asked = matches!(model.overlays.last(), Some(Overlay::Quit));
    let holds_words = model.overlays.iter().any(Overlay::holds_words);
    if (model.busy || holds_words) && !asked {
        model.overlays.push(Overlay::Quit);
        return Vec::new();
    }
    model.quit = true;
    vec![Effect::Quit]
}

pub(super) fn run_command(model: &mut Model, command: DeskCommand) -> Vec<Effect> {
    use DeskCommand as C;
    if let Some(why) = why_not(model, command) {
        model.status = Some((why, true));
        return Vec::new();
    }
    match command {
        C::GoQueue => return go(model, Screen::Queue),
        C::GoReview => return go(model, Screen::Review),
        C::GoCitations => return go(model, Screen::Citations),
        C::GoSafety => return go(model, Screen::Safety),
        C::GoAudit => return go(model, Screen::Audit),
        C::NextPane => model.pane = (model.pane + 1) % 3,
        C::PreviousPane => model.pane = (model.pane + 2) % 3,
        C::Up => movement(model, -1),
        C::Down => {
            movement(model, 1);
            return more(model);
        }
        C::PageUp => movement(model, -PAGE),
        C::PageDown => {
            movement(model, PAGE);
            return more(model);
        }
        C::Top => movement(model, isize::MIN / 2),
        C::Bottom => {
            movement(model, isize::MAX / 2);
            return more(model);
        }
        C::Left if model.screen == Screen::Queue => step_column(model, -1),
        C::Right if model.screen == Screen::Queue => step_column(model, 1),
        C::Left => sideways(model, -1),
        C::Right => sideways(model, 1),
        C::Open => return open(model),
        C::Back => return back(model),
        C::Filter if matches!(model.screen, Screen::Queue | Screen::Audit) => {
            model.overlays.push(Overlay::Filter);
        }
        C::Filter => {
            return said(
                model,
                "there is no list to look through here; 1 the queue, 5 the record",
            );
        }
        C::SortColumn | C::Wider | C::Narrower | C::SameFinding => {
            return queue_command(model, command);
        }
        C::DecisionsOnly => return decisions_only(model),
        C::NewRun => return pick(model),
        C::EnterProfile => {
            let open = model
                .run
                .as_ref()
                .filter(|_| model.screen == Screen::Review);
            let form =
                open.map_or_else(ProfileForm::empty, |run| ProfileForm::of(&run.profile.raw));
            model.overlays.push(Overlay::Form(Box::new(form)));
        }
        C::Diff => {
            return match &model.run {
                Some(run) if run.variants.is_some() => vec![Effect::LoadTries(run.id.clone())],
                _ => said(model, "nothing to compare yet: open a run, c runs it on"),
            };
        }
        C::Compare => return compare(model),
        C::Replay => {
            return match run_of_entry(model) {
                Some(run) => {
                    model.status = Some((format!("running {run} again …"), false));
                    vec![Effect::Replay(run)]
                }
                None => said(model, "this entry is of no run"),
            };
        }
        C::WhatIf => {
            if model.run.as_ref().is_none_or(|run| run.gate.is_none()) {
                return said(model, "nothing to judge yet: open a run, c runs it on");
            }
            model.overlays.push(Overlay::Packs(Box::default()));
            return vec![Effect::ListPacks];
        }
        C::Charts => return charts::open(model),
        C::Check => return check::open(model),
        C::CustomerData => return customer_data::open(model),
        C::Users => users(model),
        C::Tour => return tour::begin(model),
        C::Suspend => return vec![Effect::Suspend],
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
        C::SendBack => return send_back(model),
        C::Decide => decide(model),
        C::Brief | C::Received => {
            if model.variant().is_none() {
                return said(model, "no message yet: open a run, c runs it on");
            }
            model.drawn.borrow_mut().over_text = None;
            model.overlays.push(match command {
                C::Brief => Overlay::Brief(BriefPage::default()),
                _ => Overlay::Received(Received::default()),
            });
        }
        C::Verify => {
            model.chain.verifying = true;
            return vec![Effect::Verify];
        }
        C::Copy => return copy(model),
        C::Below => model.show_below = !model.show_below,
        C::NextHit => findings::walk(model, true),
        C::PreviousHit => findings::walk(model, false),
        C::Edit => return edit(model, false),
        C::Fix => return edit(model, true),
        C::Dismiss => dismiss(model),
        C::Aspect => {
            model.aspect = match model.aspect {
                SafetyPane::Finding => SafetyPane::Evidence,
                SafetyPane::Evidence => SafetyPane::Coverage,
                SafetyPane::Coverage => SafetyPane::Finding,
            };
            (model.evidence_at, model.scroll) = (0, 0);
            let words = match model.aspect {
                SafetyPane::Finding => "the finding; e shows the evidence",
                SafetyPane::Evidence => {
                    "the evidence; e: which rules looked, e again: back to the finding"
                }
                SafetyPane::Coverage => "which rules looked; e goes back to the finding",
            };
            model.status = Some((words.into(), false));
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
        C::Claim
        | C::Give
        | C::Escalate
        | C::Comment
        | C::Withdraw
        | C::Recall
        | C::Mark
        | C::Together
        | C::Sort => return queue_command(model, command),
        C::Help => {
            let list = Commands::help(model);
            model.overlays.push(Overlay::Help(Box::new(list)));
        }
        C::Palette => {
            let list = Commands::palette(model);
            model.overlays.push(Overlay::Palette(Box::new(list)));
        }
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

/// Another column of those that the list shows: inside its frame, beside cursor and mark.
fn step_column(model: &mut Model, by: isize) {
    let width = columns::room(model.size.0.saturating_sub(1));
    model.columns.step(width, by);
}

/// The word of the filter that lets decisions alone through.
const DECISIONS: &str = "is:decision";

/// Decisions alone, or everything again; what else was looked for stays.
fn decisions_only(model: &mut Model) -> Vec<Effect> {
    let filter = model.filter_mut();
    let (without, was_on) = words_without(filter, |word| word == DECISIONS);
    *filter = if was_on {
        without
    } else {
        format!("{without} {DECISIONS}").trim().to_owned()
    };
    model.entry_at = 0;
    find(model)
}

pub(super) fn go(model: &mut Model, screen: Screen) -> Vec<Effect> {
    model.screen = screen;
    (model.pane, model.scroll) = (0, 0);
    if screen == Screen::Safety {
        findings::begin(model);
    }
    match screen {
        Screen::Queue => vec![Effect::LoadRuns],
        // What was looked for there is looked for again.
        Screen::Audit if !model.filter().is_empty() => find(model),
        Screen::Audit => vec![Effect::LoadEntries],
        _ => Vec::new(),
    }
}

fn said(model: &mut Model, problem: &str) -> Vec<Effect> {
    model.status = Some((problem.to_owned(), true));
    Vec::new()
}

fn pick(model: &mut Model) -> Vec<Effect> {
    let (picker, effects) = Picker::open(model);
    model.overlays.push(Overlay::Picker(Box::new(picker)));
    effects
}

/// The run of the entry under the cursor.
fn run_of_entry(model: &Model) -> Option<String> {
    model.shown_entries().get(model.entry_at)?.run.clone()
}

/// The chosen run of the queue or of the record, beside the open one.
fn compare(model: &mut Model) -> Vec<Effect> {
    let chosen = match model.screen {
        Screen::Queue => model
            .shown_runs()
            .get(model.queue_at)
            .map(|row| row.run.clone()),
        _ => run_of_entry(model),
    };
    let open = model.run.as_ref().filter(|run| !run.is_preview());
    let open = open.map(|run| run.id.clone());
    match chosen {
        Some(run) => {
            let open = open.filter(|id| *id != run);
            vec![Effect::LoadOther { run, open }]
        }
        None => said(model, "no run is chosen"),
    }
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
                None => pick(model),
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
        Screen::Audit => match run_of_entry(model) {
            Some(id) => {
                model.screen = Screen::Review;
                vec![Effect::OpenRun(id)]
            }
            None => Vec::new(),
        },
        Screen::Safety if model.pane == 2 && model.aspect == SafetyPane::Evidence => {
            source(model);
            Vec::new()
        }
        Screen::Safety => {
            model.unfolded = !model.unfolded;
            model.finding_at = 0;
            Vec::new()
        }
        Screen::Citations => {
            sentence(model);
            Vec::new()
        }
    }
}

fn back(model: &mut Model) -> Vec<Effect> {
    if matches!(model.screen, Screen::Queue | Screen::Audit) && !model.filter().is_empty() {
        model.filter_mut().clear();
        return find(model);
    }
    match model.screen {
        Screen::Citations | Screen::Safety => go(model, Screen::Review),
        Screen::Review | Screen::Audit => go(model, Screen::Queue),
        Screen::Queue => Vec::new(),
    }
}

fn stepping(model: &mut Model, effect: Effect) -> Vec<Effect> {
    if model.opening {
        return said(model, "the run is being opened");
    }
    let Some(run) = &model.run else {
        return pick(model);
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
        editor.go_to_finding();
        effects = mend(&mut editor);
    }
    model.overlays.push(Overlay::Edit(Box::new(editor)));
    effects
}

/// The blocked variant under the cursor goes back with its findings.
fn send_back(model: &mut Model) -> Vec<Effect> {
    let blocked = |model: &Model| {
        let verdict = model.verdict()?;
        let id = model.variant()?.id.clone();
        (verdict.disposition == Disposition::Block).then_some(id)
    };
    let why = if model.busy {
        "a stage is running; pause first with ."
    } else if let Some(id) = blocked(model) {
        model.status = Some((format!("sending {id} back …"), false));
        return vec![Effect::SendBack(id)];
    } else {
        "only a blocked variant is sent back"
    };
    model.status = Some((why.into(), true));
    Vec::new()
}

fn dismiss(model: &mut Model) {
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
    let dialog = Decide::open(run, variant);
    // What another frame showed was not this text.
    model.drawn.borrow_mut().over_text = None;
    model.overlays.push(Overlay::Decide(Box::new(dialog)));
}

fn copy(model: &mut Model) -> Vec<Effect> {
    if model.clipboard == Clipboard::Off {
        return said(model, "copying is off: clipboard = \"off\" in config.toml");
    }
    let text = match model.screen {
        Screen::Queue => model
            .shown_runs()
            .get(model.queue_at)
            .map(|r| r.run.clone()),
        Screen::Review | Screen::Safety => model.variant().map(|v| v.body.clone()),
        Screen::Citations => model
            .citation()
            .map(|c| format!("> {}\n\n{} ({})", c.redacted_text, c.title, c.url)),
        Screen::Audit => model
            .shown_entries()
            .get(model.entry_at)
            .map(|e| e.prev.clone()),
    };
    match text {
        Some(text) => {
            let words = match model.clipboard {
                Clipboard::Osc52 => "copied",
                // Whether the terminal took it cannot be known.
                _ => "sent to the terminal's clipboard",
            };
            model.status = Some((words.into(), false));
            vec![Effect::Copy(text)]
        }
        None => Vec::new(),
    }
}
