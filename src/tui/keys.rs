//! What a key does: in the dialog that is open, or as the command that the screen has for it. Pure, as `update` is.

use super::commands::{quit, run_command};
use super::effect::Effect;
use super::filter::filter_key;
use super::keymap;
use super::model::{Model, Overlay};
use super::overlay::ask::ask_key;
use super::overlay::brief::brief_key;
use super::overlay::charts::charts_key;
use super::overlay::check::{checked_key, file_key};
use super::overlay::choose::{commands_key, packs_key, picker_key, within_key};
use super::overlay::compare::compare_key;
use super::overlay::customer_data::data_key;
use super::overlay::decide::decide_key;
use super::overlay::dismiss::dismiss_key;
use super::overlay::edit::edit_key;
use super::overlay::form::form_key;
use super::overlay::policies::policies_key;
use super::overlay::received::received_key;
use super::overlay::tour::tour_key;
use crossterm::event::{KeyCode, KeyEvent};

/// Does a command as if its key had been pressed.
pub fn perform(model: &mut Model, command: keymap::DeskCommand) -> Vec<Effect> {
    model.status = None;
    run_command(model, command)
}

pub(super) fn on_key(model: &mut Model, key: &KeyEvent) -> Vec<Effect> {
    if keymap::name_of(key) == "Ctrl-C" {
        return quit(model);
    }
    let below = model.overlays.len().saturating_sub(1);
    let Some(mut overlay) = model.overlays.pop() else {
        return match model.keys.command(model.screen.scope(), key) {
            Some(command) => perform(model, command),
            None => {
                model.status = Some(("no such key here; ? lists them".into(), false));
                Vec::new()
            }
        };
    };
    // The footer is the keys' again.
    model.status = None;
    let (keep, effects) = match &mut overlay {
        Overlay::Quit => match key.code {
            KeyCode::Char('y') => {
                model.quit = true;
                (false, vec![Effect::Quit])
            }
            _ => (false, Vec::new()),
        },
        Overlay::Filter => filter_key(model, key),
        Overlay::Help(list) | Overlay::Palette(list) => commands_key(model, list, key),
        Overlay::Picker(picker) => picker_key(model, picker, key),
        Overlay::Within(within) => within_key(model, within, key),
        Overlay::Form(form) => form_key(model, form, key),
        Overlay::Packs(packs) => packs_key(packs, key),
        Overlay::Compare(compare) => compare_key(compare, key),
        Overlay::Charts(charts) => charts_key(charts, key),
        Overlay::FileAsked(asked) => file_key(model, asked, key),
        Overlay::Checked(shown) => checked_key(model, shown, key),
        Overlay::Tour(tour) => tour_key(model, tour, key),
        Overlay::Decide(dialog) => decide_key(model, dialog, key),
        Overlay::Brief(shown) => brief_key(model, shown, key),
        Overlay::Received(shown) => received_key(model, shown, key),
        Overlay::Edit(editor) => edit_key(editor, key),
        Overlay::Dismiss(dismiss) => dismiss_key(dismiss, key),
        Overlay::CustomerData(dialog) => data_key(dialog, key),
        Overlay::Policies(open) => policies_key(model, open, key),
        Overlay::Ask(ask) => ask_key(model, ask, key),
    };
    if keep {
        // What a key opened stands over what it was pressed in.
        model.overlays.insert(below, overlay);
    }
    effects
}
