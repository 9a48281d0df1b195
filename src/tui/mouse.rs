//! The mouse, when it is on: the wheel moves, a click chooses, a click on what is chosen opens it.

use super::commands::{go, run_command};
use super::effect::Effect;
use super::keymap::DeskCommand;
use super::model::{Model, Screen};
use super::view::tabs;
use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::Position;

pub(super) fn mouse_event(model: &mut Model, mouse: &MouseEvent) -> Vec<Effect> {
    // What stands over a screen is answered by keys alone: a slip of the mouse must decide nothing.
    if !model.overlays.is_empty() {
        return Vec::new();
    }
    match mouse.kind {
        MouseEventKind::ScrollDown => run_command(model, DeskCommand::Down),
        MouseEventKind::ScrollUp => run_command(model, DeskCommand::Up),
        MouseEventKind::Down(MouseButton::Left) => click(model, (mouse.column, mouse.row).into()),
        _ => Vec::new(),
    }
}

fn click(model: &mut Model, at: Position) -> Vec<Effect> {
    if at.y == 0 {
        let mut from = 0;
        for (screen, width) in tabs(model) {
            let to = from + width;
            if (from..to).contains(&usize::from(at.x)) {
                return screen.map_or_else(Vec::new, |screen| go(model, screen));
            }
            from = to;
        }
        return Vec::new();
    }
    let (row, pane) = {
        let drawn = model.drawn.borrow();
        let pane = drawn.panes.iter().find(|p| p.inside.contains(at));
        let pane = pane.and_then(|pane| pane.place);
        (drawn.row_at(at), pane)
    };
    let Some(row) = row else {
        if let Some(pane) = pane.filter(|pane| *pane < 3) {
            (model.pane, model.scroll) = (pane, 0);
        }
        return Vec::new();
    };
    let chosen = cursor(model);
    let again = *chosen == row;
    *chosen = row;
    if again && model.pane == 0 {
        return run_command(model, DeskCommand::Open);
    }
    model.pane = 0;
    Vec::new()
}

/// The cursor of the screen's list.
pub(super) fn cursor(model: &mut Model) -> &mut usize {
    match model.screen {
        Screen::Queue => &mut model.queue_at,
        Screen::Review => &mut model.stage_at,
        Screen::Citations => &mut model.citation_at,
        Screen::Safety => &mut model.check_at,
        Screen::Audit => &mut model.entry_at,
    }
}
