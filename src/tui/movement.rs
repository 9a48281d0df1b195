//! The cursor of each screen: up, down, sideways, and asking for more at the end. Pure, as `update` is.

use super::effect::Effect;
use super::model::{Model, SafetyPane, Screen, Sort};
use crate::domain::finding::Check;
use crate::domain::run::Stage;

/// Rows of one page key.
pub(super) const PAGE: isize = 10;

/// Moves what the focused pane shows, no further than its last line.
fn scroll(model: &mut Model, by: isize) {
    let last = model.drawn.borrow().last_line;
    model.scroll = model.scroll.min(last).saturating_add_signed(by).min(last);
}

/// Citations that are listed.
pub(super) fn citation_count(model: &Model) -> usize {
    let retrieved = model.run.as_ref().and_then(|run| run.retrieved.as_ref());
    retrieved.map_or(0, |r| {
        r.citations.len() + if model.show_below { r.below.len() } else { 0 }
    })
}

fn shifted(at: usize, by: isize, count: usize) -> usize {
    at.saturating_add_signed(by).min(count.saturating_sub(1))
}

pub(super) fn movement(model: &mut Model, by: isize) {
    if model.pane > 0 && model.screen != Screen::Safety {
        scroll(model, by);
        return;
    }
    if model.screen != Screen::Safety || model.pane == 0 {
        model.scroll = 0;
    }
    match model.screen {
        Screen::Queue => model.queue_at = shifted(model.queue_at, by, model.shown_runs().len()),
        Screen::Review => model.stage_at = shifted(model.stage_at, by, Stage::ALL.len()),
        Screen::Citations => {
            model.citation_at = shifted(model.citation_at, by, citation_count(model));
            model.user_at = 0;
        }
        Screen::Safety => {
            if model.pane == 0 {
                model.check_at = shifted(model.check_at, by, Check::ALL.len());
                model.finding_at = 0;
            } else if model.pane == 2 && model.aspect == SafetyPane::Evidence {
                let count = model.verdict().map_or(0, |v| v.evidence.len());
                model.evidence_at = shifted(model.evidence_at, by, count);
            } else if model.pane == 1 || model.aspect == SafetyPane::Coverage {
                scroll(model, by);
            } else {
                hit(model, by.signum());
            }
        }
        Screen::Audit => model.entry_at = shifted(model.entry_at, by, model.shown_entries().len()),
    }
}

/// At the end of what is on the screen, asks for what follows.
pub(super) fn more(model: &Model) -> Vec<Effect> {
    if model.pane != 0 {
        return Vec::new();
    }
    match model.screen {
        Screen::Audit if model.entry_at + 1 >= model.shown_entries().len() => {
            let last = model.entries.last().filter(|entry| entry.seq > 0);
            last.map_or_else(Vec::new, |last| {
                vec![Effect::Find {
                    generation: model.search,
                    filter: model.filter().to_owned(),
                    before: Some(last.seq),
                }]
            })
        }
        // All that the filter finds is there already.
        Screen::Queue if model.found.is_some() => Vec::new(),
        Screen::Queue if model.queue_at + 1 >= model.shown_runs().len() => match model.sort {
            Sort::Newest => {
                let last = model.runs.last();
                last.map_or_else(Vec::new, |last| vec![Effect::MoreRuns(last.seq)])
            }
            Sort::Waiting => {
                let last = model.waiting.last().cloned().map(Box::new);
                last.map_or_else(Vec::new, |last| vec![Effect::MoreWaiting(last)])
            }
        },
        _ => Vec::new(),
    }
}

pub(in crate::tui) fn sideways(model: &mut Model, by: isize) {
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

pub(super) fn hit(model: &mut Model, by: isize) {
    model.finding_at = shifted(model.finding_at, by, model.findings().len());
}

/// The run under the cursor of the queue.
pub(super) fn chosen_run(model: &Model) -> Option<String> {
    let shown = model.shown_runs();
    shown.get(model.queue_at).map(|run| run.run.clone())
}

/// Puts the cursor of a queue that was read anew on the run that it was on: what others write moves no choice. Where the
/// run is gone, it stays at its place.
pub(super) fn keep_chosen(model: &mut Model, chosen: Option<&str>) {
    let shown = model.shown_runs();
    let last = shown.len().saturating_sub(1);
    let same = chosen.and_then(|id| shown.iter().position(|run| run.run == id));
    model.queue_at = same.unwrap_or(model.queue_at.min(last));
}

/// The number of the entry under the cursor of the record; none on the newest one, which is followed.
pub(super) fn chosen_entry(model: &Model) -> Option<u64> {
    let shown = model.shown_entries();
    let chosen = shown.get(model.entry_at).filter(|_| model.entry_at > 0);
    chosen.map(|entry| entry.seq)
}

/// Puts the cursor of a record that was read anew on the entry that it was on.
pub(super) fn keep_entry(model: &mut Model, chosen: Option<u64>) {
    let shown = model.shown_entries();
    let last = shown.len().saturating_sub(1);
    let same = chosen.and_then(|seq| shown.iter().position(|entry| entry.seq == seq));
    model.entry_at = same.unwrap_or(model.entry_at.min(last));
}
