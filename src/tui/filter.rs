//! Keys of the filter. Pure, as `update` is.

use super::effect::Effect;
use super::model::{Model, Screen, Sort};
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

/// The words of a filter without some, and whether there were any of those.
pub(super) fn words_without(filter: &str, is: impl Fn(&str) -> bool) -> (String, bool) {
    let (gone, kept): (Vec<&str>, Vec<&str>) = filter.split_whitespace().partition(|word| is(word));
    (kept.join(" "), !gone.is_empty())
}

/// Looks for what the filter says in the whole record, and in all runs of the queue's list.
pub(super) fn find(model: &mut Model) -> Vec<Effect> {
    if !matches!(model.screen, Screen::Audit | Screen::Queue) {
        return Vec::new();
    }
    let filter = model.filter().to_owned();
    let is_empty = filter.trim().is_empty();
    // Customers whom it names by the firm's own number are looked for by the name that the record has for them.
    let mut effects: Vec<Effect> = (!is_empty)
        .then(|| Effect::NameCustomers(filter.clone()))
        .into_iter()
        .collect();
    if model.screen == Screen::Audit {
        model.search += 1;
        effects.push(Effect::Find {
            generation: model.search,
            filter,
            before: None,
        });
    } else if is_empty || model.count() <= model.listed().len() {
        // What is on the screen is picked from at once; what is not has to be read.
        model.found = None;
    } else {
        model.run_search += 1;
        effects.push(Effect::FindRuns {
            generation: model.run_search,
            filter,
            waiting: model.sort == Sort::Waiting,
        });
    }
    effects
}
