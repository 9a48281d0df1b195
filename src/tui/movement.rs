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
