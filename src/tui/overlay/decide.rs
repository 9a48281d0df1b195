//! The decide dialog: what is decided beside how it is decided. It opens on Cancel with nothing chosen, is bound to the
//! hash of the text that is shown, lets nothing out before the end of that text was in view, and asks for the letter.

use crate::domain::decision::{
    DecisionKind, Draft, REASON_CHARS, ReviewState, allowed_by, suggested_codes,
};
use crate::domain::digest::Digest;
use crate::domain::finding::{Disposition, Part, Verdict};
use crate::domain::jurisdiction::Channel;
use crate::domain::person::Action;
use crate::domain::run::Run;
use crate::domain::variant::Variant;
use crate::text::sms;
use crate::tui::card::{self, flagged};
use crate::tui::drawn::OverText;
use crate::tui::effect::{DecideRequest, Effect};
use crate::tui::model::Model;
use crate::tui::queue_commands::chosen;
use crate::tui::screen::light;
use crate::tui::text::{cut, safe, wrap};
use crate::tui::view::{NARROW, Pane, is_read, lines, pane, rows_at};
use crossterm::event::{KeyCode, KeyEvent};
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Clear;

/// Rows of one page key, in the text that is decided.
const PAGE: usize = 8;

/// What can be done while it is open, for the footer.
pub const KEYS: &str = "PgDn/PgUp read   Up/Down choose   Tab next   letter confirms   Enter presses   Esc leaves";

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
        if let Err(why) = allowed_by(verdict, kind, &self.variant) {
            return Some(why);
        }
        let role = model.person.role;
        let action = match kind {
            DecisionKind::Override => Action::Override,
            _ => Action::Decide,
        };
        if let Err(why) = role.may(action) {
            return Some(why);
        }
        if let Some(run) = chosen(model).filter(|run| run.run == self.run)
            && let Err(why) = run.may_decide(kind, &self.variant, (&model.person.name, role))
        {
            return Some(why);
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
        let draft = Draft {
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
            return Err((F::Reason, why));
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

pub fn draw(frame: &mut Frame<'_>, area: Rect, model: &Model, dialog: &Decide) {
    frame.render_widget(Clear, area);
    let rows = u16::try_from(form(model, dialog, usize::from(area.width) - 2).len() + 2);
    let rows = rows.unwrap_or(12);
    let [left, right] = if is_read(area) || area.width < NARROW {
        Layout::vertical([Constraint::Min(4), Constraint::Length(rows)]).areas(area)
    } else {
        Layout::horizontal([Constraint::Fill(11), Constraint::Fill(9)]).areas(area)
    };
    message(frame, left, model, dialog);
    let inside = pane(
        frame,
        right,
        &format!("Decide  {}  variant {}", dialog.run, dialog.variant),
        &model.person.name,
        (model, Pane::Over),
    );
    let text = form(model, dialog, usize::from(inside.width));
    rows_at(inside, (0, DecisionKind::ALL.len()), model);
    lines(frame, inside, text, 0);
}

/// What is decided: whom it goes to, what was said before, the words, and what is accepted with them.
fn message(frame: &mut Frame<'_>, area: Rect, model: &Model, dialog: &Decide) {
    let known = model.run.as_ref().filter(|run| run.id == dialog.run);
    let both = known.and_then(|run| Some((run, run.variant(&dialog.variant)?)));
    let Some((run, variant)) = both else {
        return;
    };
    let verdict = run.verdict(&variant.id);
    let word = verdict.map_or("unchecked", |v| light(&model.theme, v.disposition).0);
    let title = format!("You decide on  {}  {word}", variant.id);
    let reads_on = "PgDn reads on";
    let inside = pane(frame, area, &title, reads_on, (model, Pane::Over));
    let width = usize::from(inside.width).saturating_sub(2);
    let text = document(model, run, variant, width);
    let last = text.len().saturating_sub(usize::from(inside.height));
    model.drawn.borrow_mut().over_text = Some(OverText { last });
    lines(frame, inside, text, dialog.scroll);
}

/// All of it as lines.
fn document<'l>(model: &Model, run: &Run, variant: &Variant, width: usize) -> Vec<Line<'l>> {
    let mut text = Vec::new();
    let profile = &run.profile;
    let who: Vec<&str> = [profile.name.as_deref(), address(run, variant)]
        .into_iter()
        .flatten()
        .collect();
    let place = profile.jurisdiction.as_ref().map_or("US", |j| j.as_str());
    let channel = variant.meta.channel;
    let to = format!("{}  {}", profile.id, who.join(", "));
    text.extend(card::pair("to", &to, width));
    text.extend(card::pair("by", &format!("{channel}, {place}"), width));
    let winner = run.analysis.as_ref().and_then(|a| a.winner.as_ref());
    if let Some(winner) = winner.filter(|winner| winner.variant_id != variant.id) {
        let words = format!("the winner is {}, not this one", winner.variant_id);
        text.extend(card::pair("note", &words, width));
    }
    if let Some(why) = chosen(model).and_then(|row| row.two_for(&variant.id)) {
        let words = format!("two persons must approve it: {why}");
        text.extend(card::pair("note", &words, width));
    }
    for said in model.said() {
        text.extend(card::pair("before", &said.sentence(), width));
    }
    text.push(Line::raw(""));
    let none = Verdict::from_findings(Vec::new(), Vec::new(), Vec::new());
    let verdict = run.verdict(&variant.id).unwrap_or(&none);
    if !variant.subject.is_empty() {
        let subject = flagged(&variant.subject, (Part::Subject, verdict, None), model, width);
        let bold = model.theme.title();
        text.extend(subject.into_iter().map(|line| line.patch_style(bold)));
        text.push(Line::raw(""));
    }
    text.extend(flagged(
        &variant.body,
        (Part::Body, verdict, None),
        model,
        width,
    ));
    if channel == Channel::Sms {
        let counted = sms::parts(&variant.body).in_words();
        text.push(Line::styled(format!(" ({counted})"), model.theme.dim()));
    }
    text.push(Line::raw(""));
    text.extend(accepted(model, verdict, width));
    let hash = variant.artifact(&run.salt).short();
    let end = format!(" -- end of the text, sha256 {hash} --");
    text.push(Line::styled(cut(&end, width), model.theme.dim()));
    text
}

/// The address that the channel goes to.
fn address<'r>(run: &'r Run, variant: &Variant) -> Option<&'r str> {
    match variant.meta.channel {
        Channel::Email => run.profile.email.as_deref(),
        Channel::Sms => run.profile.phone.as_deref(),
        Channel::Push => None,
    }
}

/// Every finding that an approval accepts, or an override goes against.
fn accepted<'l>(model: &Model, verdict: &Verdict, width: usize) -> Vec<Line<'l>> {
    let open = |f: &&crate::domain::finding::Finding| f.disposition >= Disposition::Review;
    let mut found: Vec<_> = verdict.findings.iter().filter(open).collect();
    found.retain(|f| f.part != Part::Html);
    found.sort_by_key(|f| std::cmp::Reverse(f.disposition));
    if found.is_empty() {
        return vec![Line::raw(" No finding is open on it.")];
    }
    let head = match verdict.disposition {
        Disposition::Block => " An override goes against each of these:",
        _ => " Who approves it accepts each of these:",
    };
    let mut text = vec![Line::styled(head, model.theme.title())];
    for finding in found {
        let (word, style) = light(&model.theme, finding.disposition);
        let hard = if finding.hard { " (hard)" } else { "" };
        let title = if finding.title.is_empty() {
            &finding.rule
        } else {
            &finding.title
        };
        let quoted = match finding.text.as_str() {
            "" => String::new(),
            words => format!(" “{words}”"),
        };
        let words = format!("{title}{hard}{quoted}");
        for (index, line) in wrap(&words, width.saturating_sub(8)).into_iter().enumerate() {
            let mark = if index == 0 { word } else { "" };
            text.push(Line::from(vec![
                Span::raw(" "),
                Span::styled(mark.to_owned(), style),
                Span::raw(format!("{}{line}", " ".repeat(8_usize.saturating_sub(mark.chars().count())))),
            ]));
        }
    }
    text
}

/// What a choice means, in few words.
fn meaning(kind: DecisionKind) -> (&'static str, &'static str) {
    match kind {
        DecisionKind::Approve => ("Approve", "as shown, and hand it over"),
        DecisionKind::Reject => ("Reject", "nothing goes out"),
        DecisionKind::Override => ("Override", "against its blocks; two persons sign"),
        DecisionKind::RequestChanges => ("Request changes", "back to its maker"),
    }
}

/// The fields as lines; the choices come first.
fn form<'l>(model: &Model, dialog: &Decide, width: usize) -> Vec<Line<'l>> {
    use DecideField as F;
    let style = |field: F| match dialog.at == field {
        true => model.theme.cursor(),
        false => Style::default(),
    };
    let mark = |field: F| if dialog.at == field { ">" } else { " " };
    let mut text = Vec::new();
    let seen = {
        let mut now = dialog.clone();
        now.note_what_was_seen(model);
        now
    };
    for kind in DecisionKind::ALL {
        let here = dialog.kind == Some(kind);
        let (name, means) = meaning(kind);
        let refusal = seen.refusal(model, kind);
        let sign = match (here, &refusal) {
            (true, _) => "(o)",
            (false, None) => "( )",
            (false, Some(_)) => " - ",
        };
        let words = refusal.as_deref().unwrap_or(means);
        let line = format!(
            " {} {sign} {name:15} {words}",
            if here { mark(F::Choice) } else { " " }
        );
        let line = cut(&line, width.saturating_sub(1));
        text.push(match (here, refusal.is_some()) {
            (true, _) => Line::styled(line, style(F::Choice)),
            (false, true) => Line::styled(line, model.theme.dim()),
            (false, false) => Line::raw(line),
        });
    }
    if dialog.at == F::Choice && dialog.kind.is_none() {
        text.push(Line::styled(" > Up and Down choose", style(F::Choice)));
    }
    let length = dialog.reason.chars().count();
    let needed = match dialog.kind {
        None | Some(DecisionKind::Approve) => "if you like".to_owned(),
        Some(_) => format!("needed, {} characters or more; {length} so far", REASON_CHARS.start()),
    };
    text.push(Line::raw(format!(" {} Reason ({needed})", mark(F::Reason))));
    let room = width.saturating_sub(8);
    let mut reason = wrap(&safe(&dialog.reason), room.saturating_sub(1));
    if dialog.at == F::Reason
        && let Some(last) = reason.last_mut()
    {
        last.push('_');
    }
    let from = reason.len().saturating_sub(3);
    for line in &reason[from..] {
        text.push(Line::raw(format!("   [ {line:<room$} ]")));
    }
    if let Some((kind, verdict)) = dialog
        .kind
        .filter(|kind| *kind != DecisionKind::Approve)
        .zip(dialog.verdict(model))
    {
        let (codes, suggested) = suggested_codes(kind, verdict);
        let words = match (dialog.code, suggested) {
            (Some(code), _) => code.to_owned(),
            (None, 0) => "none chosen yet".to_owned(),
            (None, count) => format!("none chosen yet; the findings say: {}", codes[..count].join(", ")),
        };
        let line = format!(" {} Code   < {words} >", mark(F::Code));
        text.push(Line::styled(cut(&line, width.saturating_sub(1)), style(F::Code)));
    }
    let letter = if dialog.letter.is_empty() {
        "_"
    } else {
        &dialog.letter
    };
    let button = |field: F, name: &str| {
        let here = dialog.at == field;
        let shown = if here { format!("> {name} <") } else { format!("  {name}  ") };
        Span::styled(shown, style(field))
    };
    text.push(Line::styled(
        format!(" {} Letter of the variant, to confirm: [ {letter} ]", mark(F::Letter)),
        style(F::Letter),
    ));
    text.push(Line::from(vec![
        Span::raw("   "),
        button(F::Cancel, "Cancel"),
        Span::raw("   "),
        button(F::Record, "Record decision"),
        Span::raw(if dialog.sent { "  recording …" } else { "" }),
    ]));
    if let Some(problem) = &dialog.problem {
        for line in wrap(problem, width.saturating_sub(4)).into_iter().take(3) {
            text.push(Line::styled(format!(" ! {line}"), model.theme.warn()));
        }
    } else if let Some(state) = half_signed(model, dialog) {
        text.push(Line::raw(cut(&format!(" {state}"), width.saturating_sub(1))));
    }
    text
}

/// Who signed first, where a second person is asked.
fn half_signed(model: &Model, dialog: &Decide) -> Option<String> {
    let run = chosen(model).filter(|run| run.run == dialog.run)?;
    let what = match run.state {
        ReviewState::SecondSignature => "overrode",
        ReviewState::SecondApproval => "approved",
        _ => return None,
    };
    Some(format!("{} {what} {} first; you are the second person", run.decided_by, run.variant))
}
