//! A question: what it is about, what was typed so far, what went wrong.

use crate::domain::review::Act;
use crate::tui::ask::{PromptDialog, PromptKind};
use crate::tui::model::Model;
use crate::tui::text::{safe, wrap};
use crate::tui::view::{Pane, lines, pane, popup};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

/// Comments that are shown.
const COMMENTS: usize = 8;
/// Names that are shown.
const NAMES: usize = 10;

/// Title, and what the person should know before answering.
fn words(ask: &PromptDialog) -> (String, Vec<String>, &'static str) {
    match &ask.asked {
        PromptKind::Words { run, act } => {
            let (title, says, label) = match act {
                Act::Escalate => (
                    "Escalate",
                    "Only a principal decides this run from now on. Nobody has it any more.",
                    "Why (10 characters or more)",
                ),
                Act::Withdraw => (
                    "Withdraw the decision of",
                    "The run waits for a decision again. Both entries stay in the ledger.",
                    "Why (10 characters or more)",
                ),
                Act::Recall => (
                    "Recall",
                    "A message that is still in the outbox is taken out. The record of its delivery stays.",
                    "Why (10 characters or more)",
                ),
                _ => (
                    "Comment on",
                    "Everybody who reads the ledger sees it. Say it without personal data.",
                    "Comment",
                ),
            };
            (format!("{title} {run}"), vec![says.to_owned()], label)
        }
        PromptKind::Colleague { run } => (
            format!("Give {run} to"),
            vec!["Nobody else decides it until they do or release it.".to_owned()],
            "Name",
        ),
        PromptKind::Count { runs } => (
            "Approve together".to_owned(),
            vec![format!(
                "The winners of {} runs are approved and handed over, each with your signature. You have not looked at each.",
                runs.len()
            )],
            "How many are they? Type the number to confirm",
        ),
        PromptKind::Passphrase { .. } => (
            "Your passphrase".to_owned(),
            vec![
                "Your key has not been used for a while. What you sign is signed as you."
                    .to_owned(),
            ],
            "Passphrase",
        ),
    }
}

pub fn draw(frame: &mut Frame<'_>, area: Rect, model: &Model, ask: &PromptDialog) {
    let (title, says, label) = words(ask);
    let height = 9 + ask.comments.len().min(COMMENTS) + ask.choices.len().min(NAMES);
    let at = popup(frame, area, 72, u16::try_from(height).unwrap_or(24));
    let inside = pane(frame, at, &title, &model.person.name, (model, Pane::Over));
    let width = usize::from(inside.width).saturating_sub(4);
    let mut text: Vec<Line<'_>> = says
        .iter()
        .flat_map(|line| wrap(line, width))
        .map(|line| Line::raw(format!(" {line}")))
        .collect();
    for comment in ask.comments.iter().rev().take(COMMENTS).rev() {
        let time = comment.time.get(5..16).unwrap_or("").replace('T', " ");
        let line = format!(" {time} {}: {}", comment.by, comment.text);
        let line = wrap(&safe(&line), width).into_iter().next();
        text.push(Line::styled(line.unwrap_or_default(), model.theme.dim()));
    }
    text.push(Line::raw(""));
    text.push(Line::raw(format!(" {label}")));
    let typed = match ask.asked {
        PromptKind::Passphrase { .. } => "*".repeat(ask.typed.text().chars().count()),
        _ => safe(ask.typed.text()),
    };
    let mut typed = wrap(&typed, width.saturating_sub(4));
    if let Some(last) = typed.last_mut() {
        last.push('_');
    }
    let from = typed.len().saturating_sub(2);
    for line in &typed[from..] {
        let room = width.saturating_sub(6);
        text.push(Line::raw(format!(" [ {line:<room$} ]")));
    }
    for (index, name) in ask.shown().into_iter().take(NAMES).enumerate() {
        let mark = if index == ask.at { ">" } else { " " };
        let line = Line::raw(format!("  {mark} {}", safe(name)));
        text.push(if index == ask.at {
            line.patch_style(model.theme.cursor())
        } else {
            line
        });
    }
    text.push(Line::raw(""));
    match (&ask.problem, ask.sent) {
        (Some(problem), _) => {
            for line in wrap(&safe(problem), width).into_iter().take(2) {
                text.push(Line::styled(format!(" ! {line}"), model.theme.warn()));
            }
        }
        (None, true) => text.push(Line::raw(" recording …")),
        (None, false) => {}
    }
    lines(frame, inside, text, 0);
}
