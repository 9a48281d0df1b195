//! What the queue's commands do to the chosen run: claim, give, escalate, comment, withdraw, recall, approve together.

use super::columns;
use super::effect::Effect;
use super::filter::{find, words_without};
use super::keymap::DeskCommand;
use super::model::{Model, Overlay, Screen, Sort};
use super::overlay::ask::{PromptDialog, PromptKind};
use crate::domain::decision::DecisionKind;
use crate::domain::person::Action;
use crate::domain::review::Act;
use crate::service::review;
use crate::service::review::decide::stands_together;
use crate::service::review::queue::RunSummary;

/// Why a command cannot be done now, for this person and the chosen run. Everybody sees every command; what may not be
/// done is shown with its reason.
pub fn why_not(model: &Model, command: DeskCommand) -> Option<String> {
    use DeskCommand as C;
    let role = model.person.role;
    let act = match command {
        C::Claim => claim_or_release(model),
        C::Give => Act::Assign,
        C::Escalate => Act::Escalate,
        C::Comment => Act::Comment,
        C::Withdraw => Act::Withdraw,
        C::Recall => Act::Recall,
        C::NewRun | C::Rerun | C::SendBack | C::Step | C::RunOn => {
            return sentence(role.may(Action::StartRun));
        }
        C::CustomerData => return sentence(role.may(Action::ManageData)),
        C::Edit | C::Fix => return sentence(role.may(Action::EditVariant)),
        C::Decide => return undecidable(model),
        C::Dismiss | C::Mark | C::Together => return sentence(role.may(Action::Decide)),
        _ => return None,
    };
    match chosen(model) {
        Some(run) => sentence(review::may(run, act, &model.person.name, role)),
        // The list is read again after each run, and may still be on its way.
        None if model.run.is_some() && model.screen != Screen::Queue => {
            Some("the run is not in the list yet; try again in a moment".into())
        }
        None => Some("no run is chosen".into()),
    }
}

/// What a refusal says.
fn sentence<T, E: std::error::Error>(asked: Result<T, E>) -> Option<String> {
    asked.err().map(|why| why.to_string())
}

/// Why nothing can be decided about the open run: whatever is said of it, rejecting included.
fn undecidable(model: &Model) -> Option<String> {
    let role = model.person.role;
    if let Err(why) = role.may(Action::Decide) {
        return Some(why.to_string());
    }
    let run = chosen(model)?;
    sentence(run.may_decide(DecisionKind::Reject, "", (&model.person.name, role)))
}

/// The run under the cursor of the queue, or the open one.
pub(super) fn chosen(model: &Model) -> Option<&RunSummary> {
    if model.screen == Screen::Queue {
        return model.shown_runs().get(model.queue_at).copied();
    }
    model.row_of(&model.run.as_ref()?.id)
}

fn claim_or_release(model: &Model) -> Act {
    match chosen(model) {
        Some(run) if run.claimed == model.person.name => Act::Release,
        _ => Act::Claim,
    }
}

/// Does a command of this family.
pub(super) fn queue_command(model: &mut Model, command: DeskCommand) -> Vec<Effect> {
    use DeskCommand as C;
    match command {
        C::Sort => {
            model.sort = match model.sort {
                Sort::Waiting => Sort::Newest,
                Sort::Newest => Sort::Waiting,
            };
            model.queue_at = 0;
            return find(model);
        }
        C::SortColumn => {
            model.columns.sort_on();
            model.queue_at = 0;
            return Vec::new();
        }
        C::Wider => {
            model.columns.widen(4);
            return Vec::new();
        }
        C::Narrower => {
            model.columns.widen(-4);
            return Vec::new();
        }
        C::SameFinding => return same_finding(model),
        C::Together => return together(model),
        _ => {}
    }
    let Some(run) = chosen(model).map(|row| row.run.clone()) else {
        return Vec::new();
    };
    let words = |act| PromptKind::Words {
        run: run.clone(),
        act,
    };
    let asked = match command {
        C::Mark => {
            mark(model);
            return Vec::new();
        }
        C::Claim => {
            let act = claim_or_release(model);
            return vec![Effect::Act {
                run,
                act,
                to: None,
                reason: String::new(),
            }];
        }
        C::Give => PromptKind::Colleague { run: run.clone() },
        C::Escalate => words(Act::Escalate),
        C::Withdraw => words(Act::Withdraw),
        C::Recall => words(Act::Recall),
        _ => words(Act::Comment),
    };
    let effect = match &asked {
        PromptKind::Colleague { .. } => Effect::LoadColleagues,
        _ => Effect::LoadComments(run),
    };
    model
        .overlays
        .push(Overlay::Ask(Box::new(PromptDialog::new(asked))));
    vec![effect]
}

/// Only the runs with the chosen one's worst finding, or all again.
fn same_finding(model: &mut Model) -> Vec<Effect> {
    let chosen = chosen(model).and_then(columns::worst_rule);
    let filter = model.filter().to_owned();
    let (without, was_on) = words_without(&filter, |word| word.starts_with("rule:"));
    *model.filter_mut() = match (was_on, chosen) {
        (true, _) => without,
        (false, Some(rule)) => format!("{without} rule:{rule}").trim().to_owned(),
        (false, None) => {
            model.status = Some(("this run has no finding".into(), true));
            return Vec::new();
        }
    };
    model.queue_at = 0;
    find(model)
}

/// Marks the chosen run for being approved together, if it may be, and goes on to the next.
fn mark(model: &mut Model) {
    let Some(run) = chosen(model).cloned() else {
        return;
    };
    if !model.marked.remove(&run.run) {
        if let Err(why) = stands_together(&run) {
            model.status = Some((why.to_string(), true));
            return;
        }
        model.marked.insert(run.run);
    }
    let last = model.shown_runs().len().saturating_sub(1);
    model.queue_at = (model.queue_at + 1).min(last);
    model.status = Some((
        format!("{} marked; b approves them together", model.marked.len()),
        false,
    ));
}

fn together(model: &mut Model) -> Vec<Effect> {
    if model.marked.is_empty() {
        model.status = Some(("nothing is marked; Space marks a run".into(), true));
        return Vec::new();
    }
    let runs = model.marked.iter().cloned().collect();
    let ask = PromptDialog::new(PromptKind::Count { runs });
    model.overlays.push(Overlay::Ask(Box::new(ask)));
    Vec::new()
}
