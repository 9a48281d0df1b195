//! Lists to choose from: commands, keys, profiles with a look inside, packs.

use crate::domain::profile::Profile;
use crate::tui::choose::{Chooser, Commands, Packs, Picker, ProfilesInFile};
use crate::tui::keymap::KeyScope;
use crate::tui::model::Model;
use crate::tui::queue_commands::why_not;
use crate::tui::text::{column, cut, safe, wrap};
use crate::tui::view::{Pane, is_read, lines, pane, popup, rows_of};
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::Line;
use ratatui::widgets::Clear;

/// The line that is typed into, and the list below it. The list's area comes back.
pub(super) fn typed(frame: &mut Frame<'_>, area: Rect, chooser: &Chooser) -> Rect {
    let [head, list] = Layout::vertical([Constraint::Length(2), Constraint::Min(1)]).areas(area);
    let width = usize::from(head.width).saturating_sub(5);
    let tail: String = {
        let shown = safe(&chooser.typed);
        let skip = shown.chars().count().saturating_sub(width);
        shown.chars().skip(skip).collect()
    };
    frame.render_widget(Line::raw(format!(" > {tail}_")), head);
    if chooser.shown.is_empty() {
        frame.render_widget(Line::raw("   nothing matches"), list);
    }
    list
}

/// The rows in sight, made only for those.
pub(super) fn list<'l>(
    frame: &mut Frame<'_>,
    area: Rect,
    model: &Model,
    chooser: &Chooser,
    row: impl Fn(usize) -> Line<'l>,
) {
    rows_of(frame, area, &chooser.shown, chooser.at, model, |index| {
        row(*index)
    });
}

pub fn palette(frame: &mut Frame<'_>, area: Rect, model: &Model, commands: &Commands) {
    let at = popup(frame, area, 72, 20);
    let count = format!(
        "{} of {}",
        commands.chooser.shown.len(),
        commands.rows.len()
    );
    let inside = pane(
        frame,
        at,
        "Commands   Enter runs   Esc closes",
        &count,
        (model, Pane::Over),
    );
    let area = typed(frame, inside, &commands.chooser);
    let width = usize::from(inside.width);
    if let Some(path) = commands.file() {
        let words = format!("   Enter checks {}", path.display());
        frame.render_widget(Clear, area);
        frame.render_widget(Line::raw(cut(&words, width)), area);
        return;
    }
    list(frame, area, model, &commands.chooser, |index| {
        let row = &commands.rows[index];
        let binding = row.binding;
        // Whether a command of another screen can be done is known there.
        let here = [model.screen.scope(), KeyScope::Everywhere].contains(&binding.scope);
        match why_not(model, binding.command).filter(|_| here) {
            None => Line::raw(format!(
                "{} {} {}",
                column(binding.help, width.saturating_sub(30)),
                column(&row.key, 12),
                column(binding.scope.title(), 10)
            )),
            // Shown with its reason, never hidden.
            Some(why) => Line::styled(
                cut(&format!("{}: {why}", binding.help), width.saturating_sub(4)),
                model.theme.dim(),
            ),
        }
    });
}

pub fn help(frame: &mut Frame<'_>, area: Rect, model: &Model, commands: &Commands) {
    let own = model.screen.scope();
    let at = popup(frame, area, 78, 30);
    let title = format!(
        "Keys: {}   type to search, Enter runs, Esc closes",
        own.title()
    );
    let count = format!(
        "{} of {}",
        commands.chooser.shown.len(),
        commands.rows.len()
    );
    let inside = pane(frame, at, &title, &count, (model, Pane::Over));
    let [top, legend] = Layout::vertical([Constraint::Min(3), Constraint::Length(1)]).areas(inside);
    let area = typed(frame, top, &commands.chooser);
    let width = usize::from(inside.width);
    list(frame, area, model, &commands.chooser, |index| {
        let row = &commands.rows[index];
        let scope = match row.binding.scope {
            KeyScope::Everywhere => "",
            own => own.title(),
        };
        Line::raw(format!(
            "{} {} {}",
            column(&row.key, 12),
            column(row.binding.help, width.saturating_sub(29)),
            column(scope, 10)
        ))
    });
    frame.render_widget(
        Line::styled(
            " ok may go out   WARN a person must look   BLOCK may not go out",
            model.theme.dim(),
        ),
        legend,
    );
}

pub fn picker(frame: &mut Frame<'_>, area: Rect, model: &Model, picker: &Picker) {
    let at = popup(frame, area, 110, 24);
    let count = format!("{} of {}", picker.chooser.shown.len(), picker.names.len());
    let inside = pane(
        frame,
        at,
        "New run from a profile",
        &count,
        (model, Pane::Over),
    );
    let [body, foot] = Layout::vertical([Constraint::Min(3), Constraint::Length(1)]).areas(inside);
    let [names, look] = if inside.width < 76 || is_read(inside) {
        Layout::vertical([Constraint::Fill(3), Constraint::Fill(2)]).areas(body)
    } else {
        Layout::horizontal([Constraint::Fill(1), Constraint::Fill(1)]).areas(body)
    };
    let area = typed(frame, names, &picker.chooser);
    list(frame, area, model, &picker.chooser, |index| {
        let name = &picker.names[index];
        Line::raw(cut(name, usize::from(area.width).saturating_sub(4)))
    });
    let width = usize::from(look.width).saturating_sub(2);
    let text = match picker.found(model) {
        None => vec![Line::styled(" Enter reads it", model.theme.dim())],
        Some(Err(problem)) => wrap(&problem.to_string(), width)
            .into_iter()
            .map(|line| Line::styled(format!(" {line}"), model.theme.warn()))
            .collect(),
        Some(Ok(found)) => inside_of(found, width),
    };
    lines(frame, look, text, 0);
    let keys =
        " Enter starts   Ctrl-E changes it first   Ctrl-N types one in   a path opens a file";
    frame.render_widget(
        Line::styled(cut(keys, usize::from(foot.width)), model.theme.dim()),
        foot,
    );
}

/// What a file holds: the one profile's fields, or how many there are.
fn inside_of<'l>(found: &[Profile], width: usize) -> Vec<Line<'l>> {
    let [one] = found else {
        let words = format!("{} profiles; Enter lists them", found.len());
        return vec![Line::raw(format!(" {words}"))];
    };
    let Some(fields) = one.raw.as_object() else {
        return Vec::new();
    };
    let pair = |(name, value): (&String, &serde_json::Value)| {
        let value = value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned);
        Line::raw(cut(&format!(" {} {value}", column(name, 16)), width))
    };
    fields.iter().map(pair).collect()
}

pub fn within(frame: &mut Frame<'_>, area: Rect, model: &Model, within: &ProfilesInFile) {
    let at = popup(frame, area, 84, 24);
    let count = format!(
        "{} of {}",
        within.chooser.shown.len(),
        within.profiles.len()
    );
    let title = format!(
        "Profiles of {}   Enter starts, Esc goes back",
        within.file()
    );
    let inside = pane(frame, at, &title, &count, (model, Pane::Over));
    let area = typed(frame, inside, &within.chooser);
    let width = usize::from(area.width).saturating_sub(4);
    list(frame, area, model, &within.chooser, |index| {
        Line::raw(cut(&within.names[index], width))
    });
}

pub fn packs(frame: &mut Frame<'_>, area: Rect, model: &Model, packs: &Packs) {
    let at = popup(frame, area, 64, 16);
    let inside = pane(
        frame,
        at,
        "What if this pack judged?   Enter shows, Esc closes",
        "",
        (model, Pane::Over),
    );
    let area = typed(frame, inside, &packs.chooser);
    let width = usize::from(area.width).saturating_sub(4);
    list(frame, area, model, &packs.chooser, |index| {
        Line::raw(cut(&packs.names[index], width))
    });
}
