//! The decide dialog: what is decided beside how it is decided. It opens on Cancel with nothing chosen, is bound to the
//! hash of the text that is shown, lets nothing out before the end of that text was in view, and asks for the letter.

use crate::domain::decision::{
    DecisionDraft, DecisionKind, REASON_CHARS, allowed_by, suggested_codes,
};
use crate::domain::digest::Digest;
use crate::domain::finding::Verdict;
use crate::domain::person::Action;
use crate::domain::run::Run;
use crate::domain::variant::Variant;
use crate::tui::effect::{DecideRequest, Effect};
use crate::tui::model::Model;
use crate::tui::queue_commands::chosen;
use crate::tui::view::KeyHints;
use crossterm::event::{KeyCode, KeyEvent};

mod view;

pub use view::draw;

/// Rows of one page key, in the text that is decided.
const PAGE: usize = 8;

/// What can be done while it is open, for the footer.
pub const KEYS: KeyHints = &[
    ("PgDn", "reads on"),
    ("Up/Down", "choose"),
    ("Tab", "next"),
    ("letter", "confirms"),
    ("Esc", "leaves"),
];

/// Fields of the dialog, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecideField {
    Choice,
    Reason,
    Code,
    Letter,
    Cancel,
    Record,
}

/// The dialog under way: bound to the hash of exactly the text that is shown.
#[derive(Clone, Debug)]
pub struct Decide {
    pub run: String,
    pub variant: String,
    pub seen: Digest,
    /// Nobody's choice is made for them.
    pub kind: Option<DecisionKind>,
    pub reason: String,
    pub code: Option<&'static str>,
    pub letter: String,
    pub at: DecideField,
    /// First line of the text that is in view.
    pub scroll: usize,
    /// The end of the text was in view.
    pub read: bool,
    /// Typed words are thrown away only when asked twice.
    pub asked: bool,
    /// Why the last attempt was refused.
    pub problem: Option<String>,
    /// A decision is on its way.
    pub sent: bool,
}

impl Decide {
    /// Opens on a variant of a run that was judged.
    pub fn open(run: &Run, variant: &Variant) -> Self {
        Self {
            run: run.id.clone(),
            variant: variant.id.clone(),
            seen: variant.artifact(&run.salt),
            kind: None,
            reason: String::new(),
            code: None,
            letter: String::new(),
            at: DecideField::Cancel,
            scroll: 0,
            read: false,
            asked: false,
            problem: None,
            sent: false,
        }
    }

    /// Something was said about the run since the dialog was opened: it is to be read before anything goes out.
    pub fn said_meanwhile(&mut self) {
        (self.read, self.scroll) = (false, 0);
        if self.kind.is_some_and(DecisionKind::releases) {
            self.kind = None;
        }
        self.problem = Some("something was said about this run; it stands above the text".into());
    }

    /// The fields that there are for the choice, in the order of Tab.
    fn fields(&self) -> &'static [DecideField] {
        use DecideField as F;
        match self.kind {
            None | Some(DecisionKind::Approve) => {
                &[F::Choice, F::Reason, F::Letter, F::Cancel, F::Record]
            }
            Some(_) => &[
                F::Choice,
                F::Reason,
                F::Code,
                F::Letter,
                F::Cancel,
                F::Record,
            ],
        }
    }

    fn step(&mut self, back: bool) {
        let fields = self.fields();
        let at = fields.iter().position(|field| *field == self.at);
        let by = if back { fields.len() - 1 } else { 1 };
        self.at = fields[(at.unwrap_or(0) + by) % fields.len()];
    }

    /// Words as they were pasted, into the reason; nowhere else may they go.
    pub fn paste(&mut self, words: &str) -> bool {
        let fits = self.at == DecideField::Reason && !self.sent;
        if fits {
            words.chars().for_each(|c| self.type_reason(c));
        }
        fits
    }

    fn type_reason(&mut self, c: char) {
        if !c.is_control() && self.reason.chars().count() < *REASON_CHARS.end() {
            self.reason.push(c);
            self.asked = false;
        }
    }

    fn verdict<'m>(&self, model: &'m Model) -> Option<&'m Verdict> {
        let run = model.run.as_ref().filter(|run| run.id == self.run)?;
        run.verdict(&self.variant)
    }

    /// Why the variant cannot be decided so by this person now, if it cannot.
    fn refusal(&self, model: &Model, kind: DecisionKind) -> Option<String> {
        let verdict = self.verdict(model)?;
        if allowed_by(verdict, kind, &self.variant).is_err() {
            let why = match kind {
                DecisionKind::Override if verdict.has_hard_block() => {
                    "a hard block: nobody may override it"
                }
                DecisionKind::Override => "it is not blocked",
                _ => "it is blocked",
            };
            return Some(why.to_owned());
        }
        let role = model.person.role;
        let action = match kind {
            DecisionKind::Override => Action::Override,
            _ => Action::Decide,
        };
        if let Err(why) = role.may(action) {
            return Some(why.to_string());
        }
        if let Some(run) = chosen(model).filter(|run| run.run == self.run)
            && let Err(why) = run.may_decide(kind, &self.variant, (&model.person.name, role))
        {
            return Some(why.to_string());
        }
        (kind.releases() && !self.read).then(|| "read the text to its end first: PgDn".to_owned())
    }

    /// The choice after or before the one that is made, among those that there are.
    fn choose(&mut self, model: &Model, back: bool) {
        let open: Vec<DecisionKind> = DecisionKind::ALL
            .into_iter()
            .filter(|kind| self.refusal(model, *kind).is_none())
            .collect();
        let at = open.iter().position(|kind| Some(*kind) == self.kind);
        let next = match (at, back) {
            (Some(at), false) => (at + 1).min(open.len() - 1),
            (Some(at), true) => at.saturating_sub(1),
            (None, false) => 0,
            (None, true) => open.len().saturating_sub(1),
        };
        self.at = DecideField::Choice;
        self.set(open.get(next).copied());
    }

    fn set(&mut self, kind: Option<DecisionKind>) {
        if kind != self.kind {
            self.code = None;
        }
        (self.kind, self.problem) = (kind, None);
        if kind.is_none() {
            self.problem = Some("there is nothing to choose; Esc leaves".into());
        }
    }

    /// Makes the choice of this place in the list, or says why it is none.
    pub fn choose_at(&mut self, model: &Model, index: usize) -> bool {
        self.note_what_was_seen(model);
        let Some(kind) = DecisionKind::ALL.get(index).copied() else {
            return false;
        };
        self.at = DecideField::Choice;
        match self.refusal(model, kind) {
            None => self.set(Some(kind)),
            Some(why) => self.problem = Some(why),
        }
        true
    }

    fn choose_code(&mut self, model: &Model, back: bool) {
        let Some((kind, verdict)) = self.kind.zip(self.verdict(model)) else {
            return;
        };
        let (codes, _) = suggested_codes(kind, verdict);
        let at = codes.iter().position(|code| Some(*code) == self.code);
        let next = match (at, back) {
            (Some(at), false) => (at + 1) % codes.len().max(1),
            (Some(at), true) => (at + codes.len() - 1) % codes.len().max(1),
            (None, false) => 0,
            (None, true) => codes.len().saturating_sub(1),
        };
        self.code = codes.get(next).copied();
        self.problem = None;
    }

    /// What the last frame showed counts as seen.
    fn note_what_was_seen(&mut self, model: &Model) {
        if let Some(text) = model.drawn.borrow().over_text {
            self.scroll = self.scroll.min(text.last);
            self.read |= self.scroll >= text.last;
        }
    }

    fn confirm(&mut self, letter: char) {
        let letter = letter.to_uppercase().to_string();
        if letter == self.variant.to_uppercase() {
            (self.letter, self.problem) = (self.variant.clone(), None);
        } else {
            self.letter.clear();
            self.problem = Some(format!(
                "{letter} is not the letter of this variant: {} confirms; words are typed in Reason (Tab goes there)",
                self.variant
            ));
        }
    }

    /// The decision as it would be recorded, or where it is not complete and why.
    fn request(&self, model: &Model) -> Result<DecideRequest, (DecideField, String)> {
        use DecideField as F;
        let Some(kind) = self.kind else {
            return Err((F::Choice, "choose first: Up and Down".into()));
        };
        if let Some(why) = self.refusal(model, kind) {
            return Err((F::Choice, why));
        }
        let run = model.run.as_ref().filter(|run| run.id == self.run);
        let judged = run.and_then(|run| {
            let verdict = run.verdict(&self.variant)?;
            Some((run, verdict, run.verdict_digest()?))
        });
        let Some((run, verdict, digest)) = judged else {
            return Err((F::Cancel, "the run has no verdict yet".into()));
        };
        let draft = DecisionDraft {
            run: self.run.clone(),
            variant: self.variant.clone(),
            artifact: self.seen,
            verdict: digest,
            pack: run.pins.pack,
            kind,
            reason: self.reason.clone(),
            code: self.code.map(str::to_owned),
        };
        if let Err(why) = draft.check(verdict) {
            return Err((F::Reason, why.to_string()));
        }
        if kind != DecisionKind::Approve && self.code.is_none() {
            return Err((F::Code, "choose a code: Up and Down".into()));
        }
        if self.letter != self.variant {
            let words = format!("type the variant's letter ({}) to confirm", self.variant);
            return Err((F::Letter, words));
        }
        Ok(DecideRequest {
            run: draft.run,
            variant: draft.variant,
            kind,
            reason: draft.reason,
            code: draft.code,
            seen: self.seen,
        })
    }

    fn record(&mut self, model: &Model) -> Vec<Effect> {
        match self.request(model) {
            Ok(request) => {
                (self.sent, self.problem) = (true, None);
                vec![Effect::Decide(request)]
            }
            Err((field, why)) => {
                (self.at, self.problem) = (field, Some(why));
                Vec::new()
            }
        }
    }
}

/// A key to the dialog: whether it stays open, and what is to be done.
pub(in crate::tui) fn decide_key(
    model: &mut Model,
    dialog: &mut Decide,
    key: &KeyEvent,
) -> (bool, Vec<Effect>) {
    use DecideField as F;
    if dialog.sent {
        return (true, Vec::new());
    }
    dialog.note_what_was_seen(model);
    let typing = dialog.at == F::Reason;
    match (dialog.at, key.code) {
        (_, KeyCode::Esc) => return (!leaves(dialog), Vec::new()),
        (_, KeyCode::Tab) => dialog.step(false),
        (_, KeyCode::BackTab) => dialog.step(true),
        (_, KeyCode::PageDown) => dialog.scroll += PAGE,
        (_, KeyCode::PageUp) => dialog.scroll = dialog.scroll.saturating_sub(PAGE),
        (_, KeyCode::Char(' ')) if !typing => dialog.scroll += PAGE,
        (_, KeyCode::Home) => dialog.scroll = 0,
        (_, KeyCode::End) => dialog.scroll = usize::MAX / 2,
        (F::Reason, KeyCode::Up) => dialog.step(true),
        (F::Reason, KeyCode::Down) => dialog.step(false),
        (F::Code, KeyCode::Up | KeyCode::Left) => dialog.choose_code(model, true),
        (F::Code, KeyCode::Down | KeyCode::Right) => dialog.choose_code(model, false),
        (F::Cancel, KeyCode::Right) => dialog.at = F::Record,
        (F::Record, KeyCode::Left) => dialog.at = F::Cancel,
        (_, KeyCode::Up | KeyCode::Left) if !typing => dialog.choose(model, true),
        (_, KeyCode::Down | KeyCode::Right) if !typing => dialog.choose(model, false),
        (F::Reason, KeyCode::Char(c)) => dialog.type_reason(c),
        (F::Reason, KeyCode::Backspace) => {
            dialog.reason.pop();
        }
        (_, KeyCode::Char(c)) if c.is_alphanumeric() => dialog.confirm(c),
        (_, KeyCode::Backspace) => dialog.letter.clear(),
        (F::Cancel, KeyCode::Enter) => return (!leaves(dialog), Vec::new()),
        (F::Record, KeyCode::Enter) => return (true, dialog.record(model)),
        (_, KeyCode::Enter) => dialog.step(false),
        _ => {}
    }
    (true, Vec::new())
}

/// Typed words are thrown away only when asked twice.
fn leaves(dialog: &mut Decide) -> bool {
    if dialog.reason.trim().is_empty() || dialog.asked {
        return true;
    }
    dialog.asked = true;
    dialog.problem = Some("the reason is lost if you leave; once more leaves".into());
    false
}
