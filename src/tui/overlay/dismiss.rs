//! Calling a finding a false positive: what was found, and the reason why it should not have been.

use crate::domain::finding::Finding;
use crate::tui::card;
use crate::tui::effect::Effect;
use crate::tui::model::Model;
use crate::tui::text::{safe, wrap};
use crate::tui::view::{Pane, lines, pane, popup};
use crossterm::event::{KeyCode, KeyEvent};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

/// Why a finding is called a false positive.
#[derive(Clone, Debug)]
pub struct Dismiss {
    pub variant: String,
    pub finding: Finding,
    pub reason: String,
    pub problem: Option<String>,
    pub sent: bool,
}

pub(in crate::tui) fn dismiss_key(dismiss: &mut Dismiss, key: &KeyEvent) -> (bool, Vec<Effect>) {
    if dismiss.sent {
        return (true, Vec::new());
    }
    match key.code {
        KeyCode::Esc => return (false, Vec::new()),
        KeyCode::Backspace => {
            dismiss.reason.pop();
        }
        KeyCode::Char(c) if !c.is_control() && dismiss.reason.chars().count() < 500 => {
            dismiss.reason.push(c);
        }
        KeyCode::Enter => {
            dismiss.sent = true;
            dismiss.problem = None;
            return (
                true,
                vec![Effect::Dismiss {
                    variant: dismiss.variant.clone(),
                    finding: Box::new(dismiss.finding.clone()),
                    reason: dismiss.reason.clone(),
                }],
            );
        }
        _ => {}
    }
    (true, Vec::new())
}

pub fn draw(frame: &mut Frame<'_>, area: Rect, model: &Model, dismiss: &Dismiss) {
    let at = popup(frame, area, 72, 16);
    let inside = pane(
        frame,
        at,
        "A false positive",
        &model.person.name,
        (model, Pane::Over),
    );
    let width = usize::from(inside.width).saturating_sub(4);
    let mut text = card::stated(
        model,
        dismiss.finding.disposition,
        &card::sentence(&dismiss.finding),
        width,
    );
    text.push(Line::raw(""));
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
        (Some(problem), _) => {
            let style = model.theme.warn();
            let wrapped = wrap(&format!("! {problem}"), width).into_iter();
            text.extend(wrapped.map(|line| Line::styled(format!(" {line}"), style)));
        }
        (None, true) => text.push(Line::raw(" recording …")),
        (None, false) => {}
    }
    lines(frame, inside, text, 0);
}
