//! Keys of the filter. Pure, as `update` is.

use super::effect::Effect;
use super::model::{Model, Screen};
use crossterm::event::{KeyCode, KeyEvent};

/// Types into the filter; `false` when it is done. The record is searched with every key.
pub(super) fn filter_key(model: &mut Model, key: &KeyEvent) -> (bool, Vec<Effect>) {
    match key.code {
        KeyCode::Enter => return (false, Vec::new()),
        KeyCode::Esc => {
            model.filter.clear();
            return (false, find(model));
        }
        KeyCode::Backspace => {
            model.filter.pop();
        }
        KeyCode::Char(c) if !c.is_control() && model.filter.len() < 200 => model.filter.push(c),
        _ => {}
    }
    (model.queue_at, model.entry_at) = (0, 0);
    (true, find(model))
}

/// Looks for what the filter says in the whole record; the queue's filter picks from what is on the screen.
pub(super) fn find(model: &mut Model) -> Vec<Effect> {
    let filter = model.filter.clone();
    let mut effects = vec![Effect::NameCustomers(filter.clone())];
    if model.filter.is_empty() {
        effects.clear();
    }
    if model.screen == Screen::Audit {
        model.search += 1;
        effects.push(Effect::Find {
            generation: model.search,
            filter,
            before: None,
        });
    }
    effects
}
