//! Lists to choose from: commands, keys, profiles with a look inside, packs.

use super::{Chooser, Commands, Packs, Picker, ProfilesInFile};
use crate::domain::profile::Profile;
use crate::tui::keymap::KeyScope;
use crate::tui::model::Model;
use crate::tui::queue_commands::why_not;
use crate::tui::text::{column, cut, safe, wrap};
use crate::tui::theme::Theme;
use crate::tui::view::{Pane, is_read, lines, pane, popup, rows_of};
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Clear;
use serde_json::Value;

/// The line that is typed into, and the list below it. The list's area comes back.
pub(in crate::tui::overlay) fn typed(
    frame: &mut Frame<'_>,
    area: Rect,
    chooser: &Chooser,
    theme: &Theme,
) -> Rect {
    let [head, list] = Layout::vertical([Constraint::Length(2), Constraint::Min(1)]).areas(area);
    let width = usize::from(head.width).saturating_sub(5);
    let tail: String = {
        let shown = safe(&chooser.typed);
        let skip = shown.chars().count().saturating_sub(width);
        shown.chars().skip(skip).collect()
    };
    let mut typed = vec![Span::raw(format!(" > {tail}_"))];
    if tail.is_empty() {
        typed.push(Span::styled("  type to search", theme.dim()));
    }
    lines(frame, head, vec![Line::from(typed)], 0);
    if chooser.shown.is_empty() {
        frame.render_widget(Line::raw("   nothing matches"), list);
    }
    list
}

/// The rows in sight, made only for those.
pub(in crate::tui::overlay) fn list<'l>(
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
    let at = popup(frame, area, 104, 30);
    let count = format!(
        "{} of {}",
        commands.chooser.shown.len(),
        commands.rows.len()
    );
    let inside = pane(frame, at, "Commands", &count, (model, Pane::Over));
    let area = typed(frame, inside, &commands.chooser, &model.theme);
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
    let at = popup(frame, area, 104, 30);
    let title = format!("Keys of {}", own.title());
    let count = format!(
        "{} of {}",
        commands.chooser.shown.len(),
        commands.rows.len()
    );
    let inside = pane(frame, at, &title, &count, (model, Pane::Over));
    let [top, legend] = Layout::vertical([Constraint::Min(3), Constraint::Length(1)]).areas(inside);
    let area = typed(frame, top, &commands.chooser, &model.theme);
    list(frame, area, model, &commands.chooser, |index| {
        let row = &commands.rows[index];
        // The keys of the screen, then those of everywhere.
        let style = match row.binding.scope {
            KeyScope::Everywhere => model.theme.dim(),
            _ => Style::default(),
        };
        Line::from(vec![
            Span::styled(column(&row.key, 12), model.theme.focus()),
            Span::styled(format!(" {}", row.binding.help), style),
        ])
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
    let area = typed(frame, names, &picker.chooser, &model.theme);
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
    let words = " type to search, or a path that opens a file";
    lines(frame, foot, vec![Line::styled(words, model.theme.dim())], 0);
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
    let pair = |(name, value): (&String, &Value)| {
        let value = in_words(value);
        let wrapped = wrap(&value, width.saturating_sub(18))
            .into_iter()
            .enumerate();
        let line = |(at, line): (usize, String)| {
            let name = if at == 0 { name.as_str() } else { "" };
            Line::raw(format!(" {} {line}", column(name, 16)))
        };
        wrapped.map(line).collect::<Vec<_>>()
    };
    fields.iter().flat_map(pair).collect()
}

/// A value as people write it: `yes`, and the fields of an object one after the other.
fn in_words(value: &Value) -> String {
    match value {
        Value::String(words) => words.clone(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::Object(fields) => {
            let named = fields
                .iter()
                .map(|(name, value)| format!("{name} {}", in_words(value)));
            named.collect::<Vec<_>>().join(", ")
        }
        other => other.to_string(),
    }
}

pub fn within(frame: &mut Frame<'_>, area: Rect, model: &Model, within: &ProfilesInFile) {
    let at = popup(frame, area, 84, 24);
    let count = format!(
        "{} of {}",
        within.chooser.shown.len(),
        within.profiles.len()
    );
    let title = format!("Profiles of {}", within.file());
    let inside = pane(frame, at, &title, &count, (model, Pane::Over));
    let area = typed(frame, inside, &within.chooser, &model.theme);
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
        "What if this pack judged?",
        "",
        (model, Pane::Over),
    );
    let area = typed(frame, inside, &packs.chooser, &model.theme);
    let width = usize::from(area.width).saturating_sub(4);
    list(frame, area, model, &packs.chooser, |index| {
        Line::raw(cut(&packs.names[index], width))
    });
}
