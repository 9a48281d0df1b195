//! What is done to a customer's data: the deed, whose data, until when, and why.

use crate::tui::customer_data::{DataDeed, DataDialog, DataField};
use crate::tui::model::Model;
use crate::tui::text::{safe, wrap};
use crate::tui::view::{Pane, lines, pane, popup};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

pub(super) const KEYS: &str = "Tab next   Left/Right what is done   Enter goes on   Esc leaves it";

/// Lines of a text that are shown, its end first of all.
const SHOWN: usize = 2;

pub fn draw(frame: &mut Frame<'_>, area: Rect, model: &Model, dialog: &DataDialog) {
    let at = popup(frame, area, 76, 19);
    let title = "A customer's data";
    let inside = pane(frame, at, title, &model.person.name, (model, Pane::Over));
    let width = usize::from(inside.width).saturating_sub(4);
    let (deed, comes_of_it) = dialog.deed.words();
    let mut text: Vec<Line<'_>> = Vec::new();
    for field in dialog.fields() {
        let here = *field == dialog.at;
        let mark = if here { ">" } else { " " };
        let (label, typed) = match field {
            DataField::Deed => ("What is done (Left and Right choose)", None),
            DataField::Customer => (
                "Whose data: number with the firm, address, phone number, pseudonym",
                Some(&dialog.customer),
            ),
            DataField::Day => ("Until which day (2028-12-31)", Some(&dialog.day)),
            DataField::Reason => (
                "Why: the request or the law, nothing personal (10 characters or more)",
                Some(&dialog.reason),
            ),
        };
        let label = Line::raw(format!("{mark}{label}"));
        text.push(if here {
            label.patch_style(model.theme.cursor())
        } else {
            label
        });
        match typed {
            None => text.push(Line::raw(format!("  < {deed} >"))),
            Some(typed) => {
                let mut typed = wrap(&safe(typed.text()), width.saturating_sub(6));
                if let Some(last) = typed.last_mut().filter(|_| here) {
                    last.push('_');
                }
                let from = typed.len().saturating_sub(SHOWN);
                let room = width.saturating_sub(6);
                let shown = typed.split_off(from);
                text.extend(
                    shown
                        .iter()
                        .map(|line| Line::raw(format!("  [ {line:<room$} ]"))),
                );
            }
        }
    }
    text.push(Line::raw(""));
    let style = match dialog.deed {
        DataDeed::Erase => model.theme.warn(),
        _ => model.theme.dim(),
    };
    let comes = wrap(comes_of_it, width).into_iter();
    text.extend(comes.map(|line| Line::styled(format!(" {line}"), style)));
    match (&dialog.problem, dialog.sent, dialog.asked) {
        (Some(problem), _, _) => {
            let problem = wrap(&safe(problem), width).into_iter().take(SHOWN);
            text.extend(problem.map(|line| Line::styled(format!(" ! {line}"), model.theme.warn())));
        }
        (None, true, _) => text.push(Line::raw(" recording …")),
        (None, false, true) => {
            let words = " ! This cannot be taken back. Enter once more erases it.";
            text.push(Line::styled(words, model.theme.warn()));
        }
        (None, false, false) => {}
    }
    lines(frame, inside, text, 0);
}
