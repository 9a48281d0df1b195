//! The profile form: a field a line, the one that is wrong named, three buttons.

use crate::tui::form::{Button, FIELDS, FormFieldKind, ProfileForm};
use crate::tui::model::Model;
use crate::tui::text::{column, cut, safe};
use crate::tui::view::{Pane, pane, popup, rows};
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};

pub fn draw(frame: &mut Frame<'_>, area: Rect, model: &Model, form: &ProfileForm) {
    let at = popup(frame, area, 84, 28);
    let inside = pane(
        frame,
        at,
        "Profile",
        "Tab next   Ctrl-R starts   Ctrl-S keeps it",
        (model, Pane::Over),
    );
    let [body, foot] = Layout::vertical([Constraint::Min(3), Constraint::Length(1)]).areas(inside);
    let width = usize::from(inside.width);
    let mut table: Vec<Line<'_>> = Vec::new();
    for (index, ((name, hint, kind), text)) in FIELDS.iter().zip(&form.texts).enumerate() {
        let here = index == form.at;
        let typed = match kind {
            FormFieldKind::One(_) => format!("< {} >", safe(text.text())),
            FormFieldKind::Text if here => {
                let (before, behind) = text.text().split_at(text.at());
                format!("{}_{}", safe(before), safe(behind))
            }
            FormFieldKind::Text => safe(text.text()),
        };
        let wrong = form.problem.as_ref().filter(|p| p.field == *name);
        let room = width.saturating_sub(25 + 30);
        let note = match wrong {
            Some(problem) => Span::styled(cut(&problem.problem, 30), model.theme.warn()),
            None => Span::styled(cut(hint, 30), model.theme.dim()),
        };
        let tail = tail(&typed, room);
        table.push(Line::from(vec![
            Span::raw(format!("{} {} ", column(name, 19), column(&tail, room))),
            note,
        ]));
    }
    for button in Button::ALL {
        table.push(Line::raw(match button {
            Button::Start => "[ Start the run ]",
            Button::Keep => "[ Keep it as a file of the home ]",
            Button::Cancel => "[ Cancel ]",
        }));
    }
    rows(frame, body, table, form.at, model);
    let problem = form.problem.as_ref();
    let line = match (form.asked, problem) {
        (true, _) => Span::styled(" what was typed is lost: Esc again", model.theme.warn()),
        (false, Some(p)) => {
            Span::styled(format!(" ! {}: {}", p.field, p.problem), model.theme.warn())
        }
        (false, None) if !form.remarks.is_empty() => {
            // Each of them can be read in the run; here the first one that asks for most.
            let most = form.remarks.iter().max_by_key(|remark| remark.asks);
            let words = most.map(ToString::to_string).unwrap_or_default();
            Span::styled(
                cut(&format!(" ? {}", safe(&words)), width),
                model.theme.warn(),
            )
        }
        (false, None) => Span::styled(" The profile can be started.", model.theme.dim()),
    };
    frame.render_widget(Line::from(line), foot);
}

/// The end of a long text, where the cursor is most of the time.
fn tail(text: &str, width: usize) -> String {
    let skip = text.chars().count().saturating_sub(width);
    text.chars().skip(skip).collect()
}
