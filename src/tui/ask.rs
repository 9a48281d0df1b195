//! One question over the screen: a reason, a comment, a colleague, a count to confirm, a passphrase.

use super::effect::Effect;
use super::model::Model;
use crate::domain::review::{Act, MOST_REASON};
use crate::service::review::Comment;
use crossterm::event::{KeyCode, KeyEvent};
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
pub(super) fn ask_key(
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
