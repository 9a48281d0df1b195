//! What is done to a customer's data from the desk: erased, kept until a day, held for the law, let go again. Pure, as
//! `update` is. Whose data it is is typed, wiped from memory afterwards, and printed nowhere.

use super::ask::Typed;
use crate::domain::review::MOST_REASON;
use crate::tui::effect::Effect;
use crate::tui::model::{Model, Overlay, Screen};
use crate::tui::queue_commands::chosen;
use crate::tui::text::{safe, wrap};
use crate::tui::view::{KeyHints, Pane, lines, pane, popup};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

/// Fewest characters of a reason.
const LEAST_REASON: usize = 10;
/// Most characters of an id, an address or a number, and of a day.
const MOST_NAME: usize = 320;
const DAY: usize = 10;

/// What is done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DataDeed {
    Erase,
    #[default]
    Hold,
    Lift,
    Defer,
}

impl DataDeed {
    pub const ALL: [Self; 4] = [Self::Hold, Self::Lift, Self::Defer, Self::Erase];

    /// What it is, and what comes of it.
    pub fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Hold => (
                "hold it for the law",
                "Nothing is erased until the hold is lifted.",
            ),
            Self::Lift => ("lift the hold", "The data may be erased again."),
            Self::Defer => (
                "keep it until a day",
                "It is used for nothing until that day, and may be erased after it.",
            ),
            Self::Erase => (
                "erase it",
                "The customer's key is destroyed: nothing of theirs can be read again, here or in any copy. What was decided stays on record.",
            ),
        }
    }
}

/// A line of the dialog.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DataField {
    #[default]
    Deed,
    Customer,
    Day,
    Reason,
}

/// What is asked, as the dialog has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataRequest {
    pub deed: DataDeed,
    pub customer: Typed,
    /// The last day on which it stays, of [`DataDeed::Defer`].
    pub until: String,
    pub reason: String,
}

/// The dialog under way.
#[derive(Clone, Debug, Default)]
pub struct DataDialog {
    pub deed: DataDeed,
    pub customer: Typed,
    pub day: Typed,
    pub reason: Typed,
    pub at: DataField,
    /// The customer stands there as the record names them; the first key puts another one in their place.
    proposed: bool,
    /// An erasure is done when it is asked for twice.
    pub asked: bool,
    pub problem: Option<String>,
    pub sent: bool,
}

impl DataDialog {
    /// The lines that there are now.
    pub fn fields(&self) -> &'static [DataField] {
        use DataField as F;
        match self.deed {
            DataDeed::Defer => &[F::Deed, F::Customer, F::Day, F::Reason],
            _ => &[F::Deed, F::Customer, F::Reason],
        }
    }

    /// Whether words were typed that are kept nowhere else.
    pub fn holds_words(&self) -> bool {
        let named = !self.proposed && !self.customer.text().is_empty();
        !self.sent && (named || !self.reason.text().trim().is_empty())
    }

    fn step(&mut self, by: usize) {
        let fields = self.fields();
        let at = fields.iter().position(|field| *field == self.at);
        self.at = fields[(at.unwrap_or(0) + by) % fields.len()];
    }

    fn turn(&mut self, by: usize) {
        let all = DataDeed::ALL;
        let at = all.iter().position(|deed| *deed == self.deed);
        self.deed = all[(at.unwrap_or(0) + by) % all.len()];
    }

    /// The text under the cursor, and how long it may get.
    fn text(&mut self) -> Option<(&mut Typed, usize)> {
        match self.at {
            DataField::Deed => None,
            DataField::Customer => {
                if std::mem::take(&mut self.proposed) {
                    self.customer = Typed::default();
                }
                Some((&mut self.customer, MOST_NAME))
            }
            DataField::Day => Some((&mut self.day, DAY)),
            DataField::Reason => Some((&mut self.reason, MOST_REASON)),
        }
    }

    /// What is still wrong, and in which line.
    fn wrong(&self) -> Option<(DataField, String)> {
        let day = self.day.text();
        if self.customer.text().trim().is_empty() {
            let words =
                "whose data? Their number with the firm, an address, a phone number or a pseudonym";
            return Some((DataField::Customer, words.into()));
        }
        if self.deed == DataDeed::Defer && day.parse::<chrono::NaiveDate>().is_err() {
            return Some((DataField::Day, "write the day as 2028-12-31".into()));
        }
        let length = self.reason.text().trim().chars().count();
        (length < LEAST_REASON).then(|| {
            let words = format!("{LEAST_REASON} characters or more; it has {length}");
            (DataField::Reason, words)
        })
    }

    fn answer(&mut self) -> Vec<Effect> {
        if let Some((at, problem)) = self.wrong() {
            (self.at, self.problem, self.asked) = (at, Some(problem), false);
            return Vec::new();
        }
        self.problem = None;
        if self.deed == DataDeed::Erase && !self.asked {
            self.asked = true;
            return Vec::new();
        }
        self.sent = true;
        vec![Effect::CustomerData(DataRequest {
            deed: self.deed,
            customer: self.customer.clone(),
            until: self.day.text().to_owned(),
            reason: self.reason.text().trim().to_owned(),
        })]
    }
}

/// Opens the dialog, about the customer of the chosen entry or run if there is one.
pub(in crate::tui) fn open(model: &mut Model) -> Vec<Effect> {
    let named = match model.screen {
        Screen::Audit => {
            let entries = model.shown_entries();
            entries.get(model.entry_at).and_then(|e| e.subject.clone())
        }
        _ => chosen(model).map(|run| run.subject.clone()),
    };
    let customer = Typed::from(named.unwrap_or_default());
    let dialog = DataDialog {
        proposed: !customer.text().is_empty(),
        customer,
        ..DataDialog::default()
    };
    model.overlays.push(Overlay::CustomerData(Box::new(dialog)));
    Vec::new()
}

/// A key to the dialog: whether it stays open, and what is to be done.
pub(in crate::tui) fn data_key(dialog: &mut DataDialog, key: &KeyEvent) -> (bool, Vec<Effect>) {
    if key.code == KeyCode::Esc {
        return (false, Vec::new());
    }
    if dialog.sent {
        return (true, Vec::new());
    }
    if key.code == KeyCode::Enter {
        if dialog.at == DataField::Reason {
            return (true, dialog.answer());
        }
        dialog.step(1);
        return (true, Vec::new());
    }
    dialog.asked = false;
    let back = dialog.fields().len() - 1;
    match key.code {
        KeyCode::Tab | KeyCode::Down => dialog.step(1),
        KeyCode::BackTab | KeyCode::Up => dialog.step(back),
        KeyCode::Right | KeyCode::Char(' ') if dialog.at == DataField::Deed => dialog.turn(1),
        KeyCode::Left if dialog.at == DataField::Deed => dialog.turn(DataDeed::ALL.len() - 1),
        KeyCode::Backspace => {
            if let Some((text, _)) = dialog.text() {
                text.pop();
            }
        }
        KeyCode::Char(c) if !c.is_control() && !key.modifiers.contains(KeyModifiers::CONTROL) => {
            if let Some((text, most)) = dialog.text()
                && text.text().chars().count() < most
            {
                text.push(c);
            }
        }
        _ => {}
    }
    (true, Vec::new())
}

pub(super) const KEYS: KeyHints = &[
    ("Enter", "goes on"),
    ("Tab", "next"),
    ("Left/Right", "what is done"),
    ("Esc", "leaves it"),
];

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
