//! A question over the screen: a reason, a comment, a colleague, a count to confirm, a passphrase.

use crate::domain::review::{Act, MOST_REASON};
use crate::service::review::Comment;
use crate::tui::effect::Effect;
use crate::tui::model::Model;
use crate::tui::text::{safe, wrap};
use crate::tui::view::{Pane, lines, pane, popup};
use crossterm::event::{KeyCode, KeyEvent};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use std::fmt;
use zeroize::Zeroizing;

/// What was typed: wiped from memory when dropped, and never printed.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Typed(Zeroizing<String>);

impl Typed {
    pub fn text(&self) -> &str {
        &self.0
    }

    pub(super) fn push(&mut self, c: char) {
        self.0.push(c);
    }

    pub(super) fn pop(&mut self) {
        self.0.pop();
    }
}

impl From<String> for Typed {
    fn from(text: String) -> Self {
        Self(Zeroizing::new(text))
    }
}

impl fmt::Debug for Typed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Typed({} bytes)", self.0.len())
    }
}

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PromptKind {
    /// A reason, or a comment.
    Words { run: String, act: Act },
    /// Whom a run is given to.
    Colleague { run: String },
    /// How many runs are approved together.
    Count { runs: Vec<String> },
    /// The passphrase, before something is signed.
    Passphrase { then: Box<Effect> },
}

/// A question under way.
#[derive(Clone, Debug)]
pub struct PromptDialog {
    pub asked: PromptKind,
    pub typed: Typed,
    /// Names to choose from.
    pub choices: Vec<String>,
    pub at: usize,
    /// What was said before.
    pub comments: Vec<Comment>,
    pub problem: Option<String>,
    pub sent: bool,
}

impl PromptDialog {
    pub fn new(asked: PromptKind) -> Self {
        Self {
            asked,
            typed: Typed::default(),
            choices: Vec::new(),
            at: 0,
            comments: Vec::new(),
            problem: None,
            sent: false,
        }
    }

    /// Whether words were typed that are kept nowhere else; a passphrase is none.
    pub fn holds_words(&self) -> bool {
        let typed = !self.typed.text().trim().is_empty();
        typed && !self.sent && matches!(self.asked, PromptKind::Words { .. })
    }

    /// Names that hold what was typed.
    pub fn shown(&self) -> Vec<&str> {
        let typed = self.typed.text().to_lowercase();
        let fits = |name: &&String| name.to_lowercase().contains(&typed);
        self.choices
            .iter()
            .filter(fits)
            .map(String::as_str)
            .collect()
    }
}

/// A key to a question: whether it stays open, and what is to be done.
pub(in crate::tui) fn ask_key(
    model: &mut Model,
    ask: &mut PromptDialog,
    key: &KeyEvent,
) -> (bool, Vec<Effect>) {
    if key.code == KeyCode::Esc {
        if matches!(ask.asked, PromptKind::Passphrase { .. }) {
            model.nothing_sent();
        }
        return (false, Vec::new());
    }
    if ask.sent {
        return (true, Vec::new());
    }
    match key.code {
        KeyCode::Up => ask.at = ask.at.saturating_sub(1),
        KeyCode::Down => ask.at = (ask.at + 1).min(ask.shown().len().saturating_sub(1)),
        KeyCode::Backspace => {
            ask.typed.pop();
            ask.at = 0;
        }
        KeyCode::Char(c) if !c.is_control() && ask.typed.text().chars().count() < MOST_REASON => {
            ask.typed.push(c);
            ask.at = 0;
        }
        KeyCode::Enter => return (true, answer(ask)),
        _ => {}
    }
    (true, Vec::new())
}

fn answer(ask: &mut PromptDialog) -> Vec<Effect> {
    let typed = ask.typed.text().trim().to_owned();
    let effect = match &ask.asked {
        PromptKind::Words { run, act } => {
            let (length, least) = (typed.chars().count(), act.least_reason());
            if length < least {
                ask.problem = Some(format!("{least} characters or more; it has {length}"));
                return Vec::new();
            }
            Effect::Act {
                run: run.clone(),
                act: *act,
                to: None,
                reason: typed,
            }
        }
        PromptKind::Colleague { run } => {
            let Some(name) = ask.shown().get(ask.at).map(|name| (*name).to_owned()) else {
                ask.problem = Some("nobody of that name may decide".into());
                return Vec::new();
            };
            Effect::Act {
                run: run.clone(),
                act: Act::Assign,
                to: Some(name),
                reason: String::new(),
            }
        }
        PromptKind::Count { runs } => {
            if typed != runs.len().to_string() {
                ask.problem = Some(format!("type {} to approve them all", runs.len()));
                return Vec::new();
            }
            Effect::ApproveTogether(runs.clone())
        }
        PromptKind::Passphrase { then } => Effect::Unlock {
            passphrase: ask.typed.clone(),
            then: then.clone(),
        },
    };
    (ask.sent, ask.problem) = (true, None);
    vec![effect]
}

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
            vec![match runs.len() {
                1 => "The winner of one run is approved and handed over, with your signature."
                    .to_owned(),
                count => format!(
                    "The winners of {count} runs are approved and handed over, each with your signature. You have not looked at each."
                ),
            }],
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
