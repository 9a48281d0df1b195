//! Calling a finding a false positive: what was found, and the reason why it should not have been.

use crate::tui::model::{Dismiss, Model};
use crate::tui::text::{cut, safe, wrap};
use crate::tui::view::{Pane, lines, pane, popup};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

pub fn draw(frame: &mut Frame<'_>, area: Rect, model: &Model, dismiss: &Dismiss) {
    let at = popup(frame, area, 72, 14);
    let inside = pane(
        frame,
        at,
        &format!("Dismiss  {}", dismiss.finding.rule),
        &model.person.name,
        (model, Pane::Over),
    );
    let width = usize::from(inside.width).saturating_sub(4);
    let mut text = vec![
        Line::raw(cut(&format!(" “{}”", dismiss.finding.text), width)),
        Line::raw(""),
    ];
    for line in wrap(
        "The sentence becomes a test: a rule that finds it again cannot be activated. The finding of this run stays.",
        width,
    ) {
        text.push(Line::raw(format!(" {line}")));
    }
    text.push(Line::raw(""));
    text.push(Line::raw(
        " Why is it a false positive? (10 characters or more)",
    ));
    let mut reason = wrap(&safe(&dismiss.reason), width.saturating_sub(4));
    if let Some(last) = reason.last_mut() {
        last.push('_');
    }
    let from = reason.len().saturating_sub(3);
    for line in &reason[from..] {
        text.push(Line::raw(format!(
            " [ {line:<0$} ]",
            width.saturating_sub(6)
        )));
    }
    text.push(Line::raw(""));
    match (&dismiss.problem, dismiss.sent) {
        (Some(problem), _) => text.push(Line::styled(
            format!(" ! {}", cut(problem, width)),
            model.theme.warn(),
        )),
        (None, true) => text.push(Line::raw(" recording …")),
        (None, false) => {}
    }
    lines(frame, inside, text, 0);
}
