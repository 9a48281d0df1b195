//! What stands over a screen: decide, keys, palette, profile picker, quit.

mod ask;
mod decide;
mod dismiss;
mod edit;
mod policies;

use super::keymap::Scope;
use super::model::{Chooser, Model, Overlay};
use super::overlay_keys::{fuzzy, palette_rows};
use super::queue_commands::why_not;
use super::text::{column, cut, safe};
use super::view::{lines, pane, popup, rows};
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::Line;

pub fn draw(frame: &mut Frame<'_>, area: Rect, model: &Model, overlay: &Overlay) {
    match overlay {
        Overlay::Decide(dialog) => decide::draw(frame, area, model, dialog),
        Overlay::Edit(editor) => edit::draw(frame, area, model, editor),
        Overlay::Dismiss(dialog) => dismiss::draw(frame, area, model, dialog),
        Overlay::Policies(open) => policies::draw(frame, area, model, open),
        Overlay::Ask(question) => ask::draw(frame, area, model, question),
        Overlay::Help => help(frame, area, model),
        Overlay::Palette(chooser) => palette(frame, area, model, chooser),
        Overlay::Picker(chooser) => picker(frame, area, model, chooser),
        Overlay::Filter => {}
        Overlay::Quit => {
            let at = popup(frame, area, 52, 5);
            let inside = pane(frame, at, "Quit", "", true);
            lines(
                frame,
                inside,
                vec![
                    Line::raw(" A run is going on. What is recorded stays."),
                    Line::raw(""),
                    Line::raw(" y quits, any other key goes back."),
                ],
                0,
            );
        }
    }
}

fn help(frame: &mut Frame<'_>, area: Rect, model: &Model) {
    let own = model.screen.scope();
    let at = popup(frame, area, 78, 26);
    let inside = pane(
        frame,
        at,
        &format!("Keys: {}", own.title()),
        "Esc closes",
        true,
    );
    let [left, right] =
        Layout::horizontal([Constraint::Fill(1), Constraint::Fill(1)]).areas(inside);
    let list = |scope: Scope, width: usize| -> Vec<Line<'static>> {
        let mut out = vec![Line::raw(format!(" {}", scope.title())), Line::raw("")];
        for (binding, keys) in model.keys.listed(scope) {
            out.push(Line::raw(format!(
                " {} {}",
                column(&keys.join(" "), 12),
                column(binding.help, width.saturating_sub(15))
            )));
        }
        out
    };
    let mut first = list(own, usize::from(left.width));
    first.extend([
        Line::raw(""),
        Line::raw(" Status"),
        Line::raw(" ok    may go out"),
        Line::raw(" WARN  a person must look"),
        Line::raw(" BLOCK may not go out"),
    ]);
    lines(frame, left, first, 0);
    lines(
        frame,
        right,
        list(Scope::Everywhere, usize::from(right.width)),
        0,
    );
}

fn palette(frame: &mut Frame<'_>, area: Rect, model: &Model, chooser: &Chooser) {
    let at = popup(frame, area, 64, 18);
    let inside = pane(frame, at, "Commands", "Enter runs   Esc closes", true);
    let found = palette_rows(model, &chooser.typed);
    let width = usize::from(inside.width);
    let table: Vec<Line<'_>> = found
        .iter()
        .map(|row| (row.binding, &row.key))
        .map(|(b, key)| match why_not(model, b.command) {
            None => Line::raw(format!(
                "{} {key}",
                column(b.help, width.saturating_sub(18)),
            )),
            // Shown with its reason, never hidden.
            Some(why) => Line::styled(
                cut(&format!("{}: {why}", b.help), width.saturating_sub(4)),
                model.theme.dim(),
            ),
        })
        .collect();
    typed_list(frame, inside, model, chooser, table);
}

fn picker(frame: &mut Frame<'_>, area: Rect, model: &Model, chooser: &Chooser) {
    let at = popup(frame, area, 64, 22);
    let names = model.profile_names();
    let shown = fuzzy(&chooser.typed, &names);
    let inside = pane(
        frame,
        at,
        "New run from a profile",
        &format!("{} of {}", shown.len(), names.len()),
        true,
    );
    let table: Vec<Line<'_>> = shown.iter().map(|i| Line::raw(safe(&names[*i]))).collect();
    typed_list(frame, inside, model, chooser, table);
}

fn typed_list(
    frame: &mut Frame<'_>,
    area: Rect,
    model: &Model,
    chooser: &Chooser,
    table: Vec<Line<'_>>,
) {
    let [head, list] = Layout::vertical([Constraint::Length(2), Constraint::Min(1)]).areas(area);
    frame.render_widget(Line::raw(format!(" > {}_", safe(&chooser.typed))), head);
    if table.is_empty() {
        frame.render_widget(Line::raw("   nothing matches"), list);
    } else {
        rows(frame, list, table, chooser.at, model);
    }
}
