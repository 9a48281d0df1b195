//! A profile typed in by hand, or changed: a field a line, read as it is typed, the one that is wrong named.

use crate::domain::profile::{FieldError, Profile};
use crate::domain::remark::Remark;
use crate::tui::effect::Effect;
use crate::tui::model::{Model, Screen};
use crate::tui::overlay::edit::Buffer;
use crate::tui::text::{column, safe, wrap};
use crate::tui::view::{ColumnWish, Pane, lines, pane, popup, rows, widths};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};
use serde_json::{Map, Value};
use unicode_width::UnicodeWidthStr as _;

/// How a field is filled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FormFieldKind {
    Text,
    /// One of these; Left and Right turn them over.
    One(&'static [&'static str]),
}

const FLAG: FormFieldKind = FormFieldKind::One(&["", "yes", "no"]);

/// Fields in the order of the form: name in the profile, words beside it, how it is filled. A name with a point lies
/// within an object.
pub const FIELDS: [(&str, &str, FormFieldKind); 21] = [
    (
        "user_id",
        "required; the customer's number",
        FormFieldKind::Text,
    ),
    ("name", "as it is greeted", FormFieldKind::Text),
    ("email", "", FormFieldKind::Text),
    ("phone", "", FormFieldKind::Text),
    (
        "channel",
        "",
        FormFieldKind::One(&["", "email", "sms", "push"]),
    ),
    ("jurisdiction", "US, GB, DE, US-CA …", FormFieldKind::Text),
    ("product", "", FormFieldKind::Text),
    (
        "goal",
        "without it the table says",
        FormFieldKind::One(&["", "acquire", "activate", "retain", "win_back"]),
    ),
    (
        "viewed_page",
        "what they looked at last",
        FormFieldKind::Text,
    ),
    ("form_started", "", FLAG),
    ("scheduled", "", FLAG),
    ("attended", "", FLAG),
    ("age_group", "25-34", FormFieldKind::Text),
    ("engagement_score", "0 to 1", FormFieldKind::Text),
    ("consents.email", "", FLAG),
    ("consents.sms", "", FLAG),
    ("consents.push", "", FLAG),
    ("consents.profiling", "", FLAG),
    ("opted_out", "", FLAG),
    ("locale", "en-US", FormFieldKind::Text),
    ("time_zone", "America/New_York", FormFieldKind::Text),
];

/// Names under which a field may stand as well.
const ALSO: [(&str, &str); 2] = [("user_id", "id"), ("viewed_page", "last_event")];

/// What stands below the fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Button {
    Start,
    Keep,
    Cancel,
}

impl Button {
    pub const ALL: [Self; 3] = [Self::Start, Self::Keep, Self::Cancel];
}

/// The form under way.
#[derive(Clone, Debug)]
pub struct ProfileForm {
    /// The profile as it came: fields that the form does not know are kept.
    base: Map<String, Value>,
    pub texts: Vec<Buffer>,
    /// A field, or behind them a button.
    pub at: usize,
    pub problem: Option<FieldError>,
    /// What of it is read otherwise than it was typed, or not at all.
    pub remarks: Vec<Remark>,
    /// Changed words are thrown away only when asked twice.
    pub asked: bool,
    changed: bool,
}

impl ProfileForm {
    pub fn empty() -> Self {
        Self::of(&Value::Null)
    }

    /// Opens on a profile as it came.
    pub fn of(raw: &Value) -> Self {
        let base = raw.as_object().cloned().unwrap_or_default();
        let texts = FIELDS
            .iter()
            .map(|(name, _, kind)| {
                let found = find(&base, name);
                let text = match (found, kind) {
                    (None | Some(Value::Null), _) => String::new(),
                    (Some(value), FormFieldKind::One(_)) => spelled(value),
                    (Some(Value::String(text)), FormFieldKind::Text) => text.clone(),
                    (Some(value), FormFieldKind::Text) => value.to_string(),
                };
                Buffer::new(&text)
            })
            .collect();
        let mut form = Self {
            base,
            texts,
            at: 0,
            problem: None,
            remarks: Vec::new(),
            asked: false,
            changed: false,
        };
        form.read();
        form
    }

    /// The button under the cursor.
    pub fn button(&self) -> Option<Button> {
        Button::ALL.get(self.at.checked_sub(FIELDS.len())?).copied()
    }

    /// The profile as it would be started.
    pub fn value(&self) -> Value {
        let mut out = self.base.clone();
        for ((name, _, _), text) in FIELDS.iter().zip(&self.texts) {
            put(&mut out, name, text.text().trim());
        }
        Value::Object(out)
    }

    fn read(&mut self) {
        (self.remarks, self.problem) = match Profile::from_value(&self.value()) {
            Ok(profile) => (profile.remarks, None),
            Err(problem) => (Vec::new(), Some(problem)),
        };
    }

    fn edit(&mut self, change: impl FnOnce(&mut Buffer) -> bool) {
        let Some(text) = self.texts.get_mut(self.at) else {
            return;
        };
        if change(text) {
            (self.changed, self.asked) = (true, false);
            self.read();
        }
    }

    fn turn(&mut self, choices: &[&str], by: usize) {
        let at = self.texts.get(self.at).and_then(|text| {
            let found = choices.iter().position(|c| *c == text.text());
            found.map(|at| (at + by) % choices.len())
        });
        let next = choices[at.unwrap_or(0)];
        self.edit(|text| {
            *text = Buffer::new(next);
            true
        });
    }
}

/// A field's value, wherever a profile may have it.
fn find<'b>(base: &'b Map<String, Value>, name: &str) -> Option<&'b Value> {
    if let Some((outer, inner)) = name.split_once('.') {
        return base.get(outer)?.get(inner);
    }
    let also = ALSO.iter().find(|(n, _)| *n == name).map(|(_, also)| *also);
    base.get(name)
        .or_else(|| base.get(also?))
        .or_else(|| base.get("properties")?.get(name))
}

/// Yes and no as the form writes them.
fn spelled(value: &Value) -> String {
    let text = match value {
        Value::String(text) => text.trim().to_lowercase(),
        other => other.to_string(),
    };
    match text.as_str() {
        "true" | "1" | "y" | "t" | "on" => "yes".into(),
        "false" | "0" | "n" | "f" | "off" => "no".into(),
        _ => text,
    }
}

/// Sets a field, or takes it out when nothing was typed. What was not changed stays as it came.
fn put(out: &mut Map<String, Value>, name: &str, text: &str) {
    let before = find(out, name);
    let same = match before {
        None => text.is_empty(),
        Some(Value::String(old)) => {
            old.trim() == text || spelled(&Value::String(old.clone())) == text
        }
        Some(old) => [spelled(old), old.to_string()].contains(&text.to_owned()),
    };
    if same {
        return;
    }
    if let Some((outer, inner)) = name.split_once('.') {
        let within = out
            .entry(outer)
            .or_insert_with(|| Value::Object(Map::new()));
        if let Some(within) = within.as_object_mut() {
            if text.is_empty() {
                within.remove(inner);
            } else {
                within.insert(inner.to_owned(), Value::String(text.to_owned()));
            }
        }
        return;
    }
    for (known, also) in ALSO {
        if known == name {
            out.remove(also);
        }
    }
    if let Some(Value::Object(nested)) = out.get_mut("properties") {
        nested.remove(name);
    }
    if text.is_empty() {
        out.remove(name);
    } else {
        out.insert(name.to_owned(), Value::String(text.to_owned()));
    }
}

impl ProfileForm {
    /// Whether the cursor stands in a field that is typed into.
    pub(in crate::tui) fn takes_words(&self) -> bool {
        matches!(FIELDS.get(self.at), Some((_, _, FormFieldKind::Text)))
    }

    /// Whether something was typed that is not kept.
    pub(in crate::tui) fn holds_words(&self) -> bool {
        self.changed
    }
}

pub(in crate::tui) fn form_key(
    model: &mut Model,
    form: &mut ProfileForm,
    key: &KeyEvent,
) -> (bool, Vec<Effect>) {
    let last = FIELDS.len() + Button::ALL.len() - 1;
    let kind = FIELDS.get(form.at).map(|(_, _, kind)| *kind);
    let control = key.modifiers.contains(KeyModifiers::CONTROL);
    match (key.code, kind) {
        (KeyCode::Esc, _) => {
            if !form.changed || form.asked {
                return (false, Vec::new());
            }
            form.asked = true;
        }
        (KeyCode::Char('s'), _) if control => return done(model, form, Button::Keep),
        (KeyCode::Char('r'), _) if control => return done(model, form, Button::Start),
        (KeyCode::Char(_), _) if control => {}
        (KeyCode::Enter, None) => {
            let button = form.button().unwrap_or(Button::Cancel);
            return done(model, form, button);
        }
        (KeyCode::Tab, _) => form.at = (form.at + 1) % (last + 1),
        (KeyCode::BackTab, _) => form.at = (form.at + last) % (last + 1),
        (KeyCode::Down | KeyCode::Enter, _) => form.at = (form.at + 1).min(last),
        (KeyCode::Up, _) => form.at = form.at.saturating_sub(1),
        (KeyCode::PageDown, _) => form.at = FIELDS.len(),
        (KeyCode::PageUp, _) => form.at = 0,
        (KeyCode::Left, Some(FormFieldKind::One(choices))) => form.turn(choices, choices.len() - 1),
        (KeyCode::Right | KeyCode::Char(' '), Some(FormFieldKind::One(choices))) => {
            form.turn(choices, 1);
        }
        (KeyCode::Left, None) => form.at = form.at.saturating_sub(1).max(FIELDS.len()),
        (KeyCode::Right, None) => form.at = (form.at + 1).min(last),
        (KeyCode::Char(c), Some(FormFieldKind::Text)) if !c.is_control() => {
            form.edit(|t| t.insert(c));
        }
        (KeyCode::Backspace, Some(FormFieldKind::Text)) => form.edit(Buffer::backspace),
        (KeyCode::Delete, Some(FormFieldKind::Text)) => form.edit(Buffer::delete),
        (KeyCode::Left, _) => form.texts[form.at].left(),
        (KeyCode::Right, _) => form.texts[form.at].right(),
        (KeyCode::Home, Some(_)) => form.texts[form.at].home(),
        (KeyCode::End, Some(_)) => form.texts[form.at].end(),
        _ => {}
    }
    (true, Vec::new())
}

/// Presses a button; a profile that cannot be read stays open, on the field that is wrong.
fn done(model: &mut Model, form: &mut ProfileForm, button: Button) -> (bool, Vec<Effect>) {
    if button == Button::Cancel {
        return (false, Vec::new());
    }
    if let Some(problem) = &form.problem {
        let wrong = |(name, _, _): &(&str, &str, FormFieldKind)| *name == problem.field;
        form.at = FIELDS.iter().position(wrong).unwrap_or(0);
        return (true, Vec::new());
    }
    let value = Box::new(form.value());
    if button == Button::Keep {
        (form.changed, form.asked) = (false, false);
        return (true, vec![Effect::SaveProfile(value)]);
    }
    model.screen = Screen::Review;
    (false, vec![Effect::StartProfile(value)])
}

/// Cells of a field's name.
const NAME: usize = 19;

pub fn draw(frame: &mut Frame<'_>, area: Rect, model: &Model, form: &ProfileForm) {
    let at = popup(frame, area, 92, 28);
    let inside = pane(frame, at, "Profile", "", (model, Pane::Over));
    let told = said(model, form, usize::from(inside.width).saturating_sub(2));
    let parts = [
        Constraint::Min(3),
        Constraint::Length(u16::try_from(told.len()).unwrap_or(1)),
    ];
    let [body, foot] = Layout::vertical(parts).areas(inside);
    let typed: Vec<String> = (0..FIELDS.len()).map(|at| typed(form, at)).collect();
    let note = |at: usize| {
        let (name, hint, _) = FIELDS[at];
        let wrong = form.problem.as_ref().filter(|p| p.field == name);
        wrong.map_or((hint, model.theme.dim()), |_| {
            ("see below", model.theme.warn())
        })
    };
    let most = |widths: &mut dyn Iterator<Item = usize>| widths.max().unwrap_or(0);
    let given = widths(
        usize::from(inside.width).saturating_sub(3 + NAME + 3),
        &[
            // A long text shows its end, where the cursor is most of the time.
            ColumnWish::down_to(16, most(&mut typed.iter().map(|t| t.width())).max(24)).first(),
            ColumnWish::fixed(most(&mut (0..FIELDS.len()).map(|at| note(at).0.width()))),
        ],
    );
    let mut table: Vec<Line<'_>> = Vec::new();
    for (at, ((name, _, _), typed)) in FIELDS.iter().zip(&typed).enumerate() {
        let (hint, style) = note(at);
        let shown = column(&tail(typed, given[0]), given[0]);
        table.push(Line::from(vec![
            Span::raw(format!("{} {shown}  ", column(name, NAME))),
            Span::styled(hint, style),
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
    lines(frame, foot, told, 0);
}

/// A field's text as it is shown, with the cursor where that is.
fn typed(form: &ProfileForm, at: usize) -> String {
    let text = &form.texts[at];
    match FIELDS[at].2 {
        FormFieldKind::One(_) => format!("< {} >", safe(text.text())),
        FormFieldKind::Text if at == form.at => {
            let (before, behind) = text.text().split_at(text.at());
            format!("{}_{}", safe(before), safe(behind))
        }
        FormFieldKind::Text => safe(text.text()),
    }
}

/// What is wrong with it, what is remarked, or that it can be started.
fn said<'l>(model: &Model, form: &ProfileForm, width: usize) -> Vec<Line<'l>> {
    // Each remark can be read in the run; here the one that asks for most.
    let most = form.remarks.iter().max_by_key(|remark| remark.asks);
    let (words, style) = match (form.asked, &form.problem, most) {
        (true, ..) => (
            "what was typed is lost: Esc again".to_owned(),
            model.theme.warn(),
        ),
        (false, Some(p), _) => (format!("! {}: {}", p.field, p.problem), model.theme.warn()),
        (false, None, Some(remark)) => (format!("? {remark}"), model.theme.warn()),
        (false, None, None) => ("The profile can be started.".to_owned(), model.theme.dim()),
    };
    let wrapped = wrap(&words, width).into_iter().take(3);
    wrapped
        .map(|line| Line::from(vec![Span::raw(" "), Span::styled(line, style)]))
        .collect()
}

/// The end of a long text, where the cursor is most of the time.
fn tail(text: &str, width: usize) -> String {
    let skip = text.chars().count().saturating_sub(width);
    text.chars().skip(skip).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_not_changed_stays_as_it_came() {
        let raw = json!({
            "id": 7, "last_event": "loans", "loyalty": "gold", "consents": {"email": true, "fax": 1},
            "properties": {"attended": "YES", "x": 1}, "engagement_score": 0.5
        });
        let mut form = ProfileForm::of(&raw);
        assert_eq!(form.value(), raw);
        assert_eq!(form.problem, None);
        let at = |name: &str| FIELDS.iter().position(|(n, _, _)| *n == name).unwrap();
        form.at = at("attended");
        form.turn(&["", "yes", "no"], 1);
        form.at = at("consents.email");
        form.turn(&["", "yes", "no"], 1);
        form.at = at("viewed_page");
        form.edit(|text| text.insert('x'));
        let value = form.value();
        assert_eq!(value["attended"], "no");
        assert_eq!(value["properties"], json!({"x": 1}));
        assert_eq!(value["consents"], json!({"email": "no", "fax": 1}));
        assert_eq!(
            (&value["viewed_page"], value.get("last_event")),
            (&json!("loansx"), None)
        );
        assert_eq!(value["loyalty"], "gold");
    }

    #[test]
    fn a_field_that_cannot_be_read_is_named_as_it_is_typed() {
        let mut form = ProfileForm::empty();
        assert_eq!(form.problem.as_ref().unwrap().field, "user_id");
        form.edit(|text| text.insert('C'));
        assert_eq!(form.problem, None);
        form.at = FIELDS
            .iter()
            .position(|(name, ..)| *name == "engagement_score")
            .unwrap();
        form.edit(|text| text.insert('7'));
        assert_eq!(form.problem.as_ref().unwrap().field, "engagement_score");
    }
}
