//! Keys while something stands over the screen. Pure, as `update` is.

use super::effect::{DecideRequest, Effect};
use super::model::{Decide, DecideField, Model, Screen, Sort};
use crate::domain::decision::{DecisionKind, REASON_CODES};
use crossterm::event::{KeyCode, KeyEvent};

/// Types into the filter; `false` when it is done. The record is searched with every key.
pub(super) fn filter_key(model: &mut Model, key: &KeyEvent) -> (bool, Vec<Effect>) {
    match key.code {
        KeyCode::Enter => return (false, Vec::new()),
        KeyCode::Esc => {
            model.filter_mut().clear();
            return (false, find(model));
        }
        KeyCode::Backspace => {
            model.filter_mut().pop();
        }
        KeyCode::Char(c) if !c.is_control() && model.filter().len() < 200 => {
            model.filter_mut().push(c);
        }
        _ => {}
    }
    (model.queue_at, model.entry_at) = (0, 0);
    (true, find(model))
}

/// Looks for what the filter says in the whole record, and in all runs of the queue's list.
pub(super) fn find(model: &mut Model) -> Vec<Effect> {
    if !matches!(model.screen, Screen::Audit | Screen::Queue) {
        return Vec::new();
    }
    model.search += 1;
    let (generation, filter) = (model.search, model.filter().to_owned());
    if model.screen == Screen::Audit {
        let before = None;
        return vec![Effect::Find {
            generation,
            filter,
            before,
        }];
    }
    // What is on the screen is picked from at once; what is not has to be read.
    if filter.trim().is_empty() || model.count() <= model.listed().len() {
        model.found = None;
        return Vec::new();
    }
    vec![Effect::FindRuns {
        generation,
        filter,
        waiting: model.sort == Sort::Waiting,
    }]
}

pub(super) fn decide_key(
    model: &mut Model,
    dialog: &mut Decide,
    key: &KeyEvent,
) -> (bool, Vec<Effect>) {
    if dialog.sent {
        return (true, Vec::new());
    }
    let step = |dialog: &mut Decide, by: isize| {
        let at = DecideField::ALL
            .iter()
            .position(|f| *f == dialog.at)
            .unwrap_or(0);
        dialog.at = DecideField::ALL[at.saturating_add_signed(by).min(DecideField::ALL.len() - 1)];
    };
    match (dialog.at, key.code) {
        (_, KeyCode::Esc) => return (false, Vec::new()),
        (_, KeyCode::Tab | KeyCode::Down) => step(dialog, 1),
        (_, KeyCode::BackTab | KeyCode::Up) => step(dialog, -1),
        (DecideField::Kind, KeyCode::Left) => turn(dialog, DecisionKind::ALL.len() - 1),
        (DecideField::Kind, KeyCode::Right | KeyCode::Char(' ')) => turn(dialog, 1),
        (DecideField::Code, KeyCode::Left) => {
            dialog.code = (dialog.code + REASON_CODES.len() - 1) % REASON_CODES.len();
        }
        (DecideField::Code, KeyCode::Right | KeyCode::Char(' ')) => {
            dialog.code = (dialog.code + 1) % REASON_CODES.len();
        }
        (DecideField::Cancel, KeyCode::Right) => dialog.at = DecideField::Record,
        (DecideField::Record, KeyCode::Left) => dialog.at = DecideField::Cancel,
        (DecideField::Reason, KeyCode::Char(c))
            if !c.is_control() && dialog.reason.chars().count() < 2_000 =>
        {
            dialog.reason.push(c);
        }
        (DecideField::Reason, KeyCode::Backspace) => {
            dialog.reason.pop();
        }
        (DecideField::Letter, KeyCode::Char(c)) if c.is_ascii_alphabetic() => {
            dialog.letter = c.to_ascii_uppercase().to_string();
        }
        (DecideField::Letter, KeyCode::Backspace) => dialog.letter.clear(),
        (
            DecideField::Kind | DecideField::Reason | DecideField::Code | DecideField::Letter,
            KeyCode::Enter,
        ) => step(dialog, 1),
        (DecideField::Cancel, KeyCode::Enter) => return (false, Vec::new()),
        (DecideField::Record, KeyCode::Enter) => return (true, record(model, dialog)),
        _ => {}
    }
    (true, Vec::new())
}

fn turn(dialog: &mut Decide, by: usize) {
    let at = DecisionKind::ALL
        .iter()
        .position(|k| *k == dialog.kind)
        .unwrap_or(0);
    dialog.kind = DecisionKind::ALL[(at + by) % DecisionKind::ALL.len()];
    dialog.problem = None;
}

fn record(model: &Model, dialog: &mut Decide) -> Vec<Effect> {
    if dialog.letter != dialog.variant {
        dialog.problem = Some(format!(
            "type the variant's letter ({}) to confirm",
            dialog.variant
        ));
        dialog.at = DecideField::Letter;
        return Vec::new();
    }
    let request = DecideRequest {
        run: dialog.run.clone(),
        variant: dialog.variant.clone(),
        kind: dialog.kind,
        reason: dialog.reason.clone(),
        code: dialog.code_text(),
        seen: dialog.seen,
    };
    let draft = model
        .run
        .as_ref()
        .filter(|run| run.id == dialog.run)
        .and_then(|run| {
            let verdict = run.verdict(&dialog.variant)?;
            Some((
                crate::domain::decision::Draft {
                    run: request.run.clone(),
                    variant: request.variant.clone(),
                    artifact: request.seen,
                    verdict: run.verdict_digest()?,
                    pack: run.pins.pack,
                    kind: request.kind,
                    reason: request.reason.clone(),
                    code: request.code.clone(),
                },
                verdict,
            ))
        });
    match draft.map(|(draft, verdict)| draft.check(verdict)) {
        Some(Err(problem)) => {
            dialog.problem = Some(problem);
            dialog.at = DecideField::Cancel;
            Vec::new()
        }
        None => {
            dialog.problem = Some("the run has no verdict yet".into());
            Vec::new()
        }
        Some(Ok(())) => {
            dialog.sent = true;
            vec![Effect::Decide(request)]
        }
    }
}
