//! What comes of a run that is shown, and what is told of it beside itself. Pure, as `update` is.

use super::effect::Effect;
use super::model::{Model, Overlay, Screen};
use super::queue_commands::chosen;
use crate::domain::decision::ReviewState;
use crate::domain::run::Run;
use crate::service::review::brief::Brief;

/// The open run as it is now; a fresh one is opened on what matters of it.
pub(super) fn run_came(model: &mut Model, run: Run, idle: bool) -> Vec<Effect> {
    let fresh = model.run.as_ref().is_none_or(|old| old.id != run.id);
    if fresh {
        model.brief = None;
        model.safety_opened = false;
        model.log.clear();
        model.moved.clear();
        (
            model.citation_at,
            model.check_at,
            model.finding_at,
            model.scroll,
        ) = (0, 0, 0, 0);
        model.variant_at = place_to_begin(model, &run);
    } else if let Some(index) =
        winner_index(&run).filter(|_| model.run.as_ref().is_some_and(|old| old.analysis.is_none()))
    {
        model.variant_at = index;
    }
    if let Some(next) = run.next_stage() {
        model.stage_at = next.index();
    }
    model.run = Some(run);
    model.opening = false;
    // What a stage gave is on record.
    if model.busy && idle {
        model.refused = None;
    }
    model.busy = !idle;
    if !idle {
        return Vec::new();
    }
    model.pausing = false;
    [Effect::LoadRuns].into_iter().chain(brief(model)).collect()
}

/// Asks for what is told of the open run.
pub(super) fn brief(model: &Model) -> Option<Effect> {
    let run = model.run.as_ref()?;
    Some(Effect::LoadBrief(run.id.clone()))
}

/// Asks again where somebody acted on the open run since what is told of it was read.
pub(super) fn said_meanwhile(model: &Model) -> Option<Effect> {
    let told = model.told()?;
    let row = model.row_of(&told.run)?;
    if row.last > told.last {
        brief(model)
    } else {
        None
    }
}

/// Takes what is told of a run. Whoever is deciding meanwhile has not read what is new.
pub(super) fn brief_came(model: &mut Model, told: Box<Brief>) {
    let before = model.told().map_or(0, |told| told.said.len());
    let new = told.said.len() > before;
    if new
        && let Some(Overlay::Decide(dialog)) = model.overlays.last_mut()
        && dialog.run == told.run
    {
        dialog.said_meanwhile();
    }
    model.brief = Some(told);
}

/// The variant on which a run is opened: the one that waits for a second person or was sent back, else the winner.
fn place_to_begin(model: &Model, run: &Run) -> usize {
    let named = model
        .row_of(&run.id)
        .filter(|row| row.state.is_half_signed() || row.state == ReviewState::ChangesRequested);
    let named = named.and_then(|row| {
        let variants = run.variants.as_ref()?;
        variants.iter().position(|v| v.id == row.variant)
    });
    named.or_else(|| winner_index(run)).unwrap_or(0)
}

fn winner_index(run: &Run) -> Option<usize> {
    let winner = run.analysis.as_ref()?.winner.as_ref()?;
    run.variants
        .as_ref()?
        .iter()
        .position(|v| v.id == winner.variant_id)
}

/// What was said about the chosen run of the queue is asked for once, and again when more was.
pub(super) fn wanted_of_the_queue(model: &mut Model) -> Option<Effect> {
    if model.screen != Screen::Queue {
        return None;
    }
    let row = chosen(model)?;
    let spoken = row.comments > 0 || !row.decision.is_empty() || !row.reason.is_empty();
    let (run, last) = (row.run.clone(), row.last);
    let known = model.queue_said.as_ref();
    if !spoken || known.is_some_and(|(id, seq, _)| *id == run && *seq == last) {
        return None;
    }
    model.queue_said = Some((run.clone(), last, Vec::new()));
    Some(Effect::LoadSaid { run, last })
}
