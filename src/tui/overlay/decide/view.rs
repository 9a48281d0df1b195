//! The decide dialog drawn: what is decided on the left or above, how on the right or below.

use super::{Decide, DecideField};
use crate::domain::decision::{DecisionKind, REASON_CHARS, ReviewState, suggested_codes};
use crate::domain::finding::{Disposition, Finding, Part, Verdict};
use crate::domain::jurisdiction::Channel;
use crate::domain::run::Run;
use crate::domain::variant::Variant;
use crate::text::sms;
use crate::tui::card::{self, flagged};
use crate::tui::drawn::OverText;
use crate::tui::model::Model;
use crate::tui::queue_commands::chosen;
use crate::tui::screen::light;
use crate::tui::text::{cut, safe, wrap};
use crate::tui::view::{NARROW, Pane, PaneTitle, is_read, lines, pane, row_at};
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Clear;

/// Fewest rows of the fields below the text.
const FORM: u16 = 9;

pub fn draw(frame: &mut Frame<'_>, area: Rect, model: &Model, dialog: &Decide) {
    frame.render_widget(Clear, area);
    let [left, right] = if is_read(area) || area.width < NARROW {
        let width = usize::from(area.width).saturating_sub(1);
        let rows = u16::try_from(form(model, dialog, width).len()).unwrap_or(FORM);
        // The text keeps its place while the form grows by a line.
        let rows = rows.max(FORM) + 1;
        Layout::vertical([Constraint::Min(4), Constraint::Length(rows)]).areas(area)
    } else {
        Layout::horizontal([Constraint::Fill(11), Constraint::Fill(9)]).areas(area)
    };
    message(frame, left, model, dialog);
    let inside = pane(
        frame,
        right,
        "Your decision",
        &format!("{} as {}", dialog.run, model.person.name),
        (model, Pane::Part(true)),
    );
    let text = form(model, dialog, usize::from(inside.width));
    // A choice is named by the number of its first line.
    let heights = choices(model, dialog, usize::from(inside.width)).into_iter();
    let mut rows = inside.rows();
    for (index, lines) in heights.enumerate() {
        row_at(rows.next().unwrap_or_default(), index, model);
        rows.by_ref()
            .take(lines.len().saturating_sub(1))
            .for_each(drop);
    }
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
    let state = verdict.map_or(("unchecked", model.theme.warn()), |v| {
        light(&model.theme, v.disposition)
    });
    let title = PaneTitle::with(&format!("You decide on variant {}", variant.id), state);
    let reads_on = "PgDn reads on";
    let inside = pane(frame, area, title, reads_on, (model, Pane::Part(false)));
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
        let subject = flagged(
            &variant.subject,
            (Part::Subject, verdict, None),
            model,
            width,
        );
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
    let open = |f: &&Finding| f.disposition >= Disposition::Review;
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
        let words = card::sentence(finding);
        text.extend(card::stated(model, finding.disposition, &words, width));
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

/// `>` before the field under the cursor.
fn mark(dialog: &Decide, field: DecideField) -> &'static str {
    if dialog.at == field { ">" } else { " " }
}

fn style(model: &Model, dialog: &Decide, field: DecideField) -> Style {
    if dialog.at == field {
        model.theme.cursor()
    } else {
        Style::default()
    }
}

/// The fields as lines; the choices come first.
fn form<'l>(model: &Model, dialog: &Decide, width: usize) -> Vec<Line<'l>> {
    let mut text: Vec<Line<'l>> = choices(model, dialog, width)
        .into_iter()
        .flatten()
        .collect();
    if dialog.at == DecideField::Choice && dialog.kind.is_none() {
        text.push(Line::styled(" > Up and Down choose", model.theme.cursor()));
    }
    text.extend(reason(dialog, width));
    text.extend(code(model, dialog, width));
    text.extend(buttons(model, dialog));
    if let Some(problem) = &dialog.problem {
        for line in wrap(problem, width.saturating_sub(4)).into_iter().take(3) {
            text.push(Line::styled(format!(" ! {line}"), model.theme.warn()));
        }
    } else if let Some(state) = half_signed(model, dialog) {
        let wrapped = wrap(&state, width.saturating_sub(2)).into_iter();
        text.extend(wrapped.map(|line| Line::raw(format!(" {line}"))));
    }
    text
}

/// What can be chosen, and why the rest cannot: the lines of each.
fn choices<'l>(model: &Model, dialog: &Decide, width: usize) -> Vec<Vec<Line<'l>>> {
    let mut seen = dialog.clone();
    seen.note_what_was_seen(model);
    let choice = |kind| {
        let here = dialog.kind == Some(kind);
        let (name, means) = meaning(kind);
        let refusal = seen.refusal(model, kind);
        let (sign, style) = match (here, &refusal) {
            (true, _) => ("(o)", style(model, dialog, DecideField::Choice)),
            (false, None) => ("( )", Style::default()),
            (false, Some(_)) => (" - ", model.theme.dim()),
        };
        let cursor = if here {
            mark(dialog, DecideField::Choice)
        } else {
            " "
        };
        let head = format!(" {cursor} {sign} {name:15} ");
        let room = width.saturating_sub(head.chars().count() + 1);
        let wrapped = wrap(refusal.as_deref().unwrap_or(means), room).into_iter();
        let lines = wrapped.take(3).enumerate().map(|(index, line)| {
            let head = if index == 0 { head.as_str() } else { "" };
            Line::styled(format!("{head:23}{line}"), style)
        });
        lines.collect()
    };
    DecisionKind::ALL.into_iter().map(choice).collect()
}

fn reason<'l>(dialog: &Decide, width: usize) -> Vec<Line<'l>> {
    let length = dialog.reason.chars().count();
    let needed = match dialog.kind {
        None | Some(DecisionKind::Approve) => "if you like".to_owned(),
        Some(_) => format!("at least {} characters; has {length}", REASON_CHARS.start()),
    };
    let head = format!(" {} Reason ({needed})", mark(dialog, DecideField::Reason));
    let mut text = vec![Line::raw(head)];
    let room = width.saturating_sub(8);
    let mut words = wrap(&safe(&dialog.reason), room.saturating_sub(1));
    if dialog.at == DecideField::Reason
        && let Some(last) = words.last_mut()
    {
        last.push('_');
    }
    let from = words.len().saturating_sub(3);
    let shown = words[from..].iter();
    text.extend(shown.map(|line| Line::raw(format!("   [ {line:<room$} ]"))));
    text
}

/// The code, where the choice needs one; what the findings speak for is said, and not chosen.
fn code<'l>(model: &Model, dialog: &Decide, width: usize) -> Vec<Line<'l>> {
    let asked = dialog.kind.filter(|kind| *kind != DecisionKind::Approve);
    let Some((kind, verdict)) = asked.zip(dialog.verdict(model)) else {
        return Vec::new();
    };
    let (codes, suggested) = suggested_codes(kind, verdict);
    let words = match (dialog.code, suggested) {
        (Some(code), _) => code.to_owned(),
        (None, 0) => "none chosen yet".to_owned(),
        (None, count) => format!(
            "none chosen yet; the findings say: {}",
            codes[..count].join(", ")
        ),
    };
    let wrapped = wrap(&format!("< {words} >"), width.saturating_sub(12)).into_iter();
    let lines = wrapped.enumerate().map(|(index, line)| {
        let head = match index {
            0 => format!(" {} Code   ", mark(dialog, DecideField::Code)),
            _ => " ".repeat(10),
        };
        let style = style(model, dialog, DecideField::Code);
        Line::styled(format!("{head}{line}"), style)
    });
    lines.collect()
}

fn buttons<'l>(model: &Model, dialog: &Decide) -> [Line<'l>; 2] {
    use DecideField as F;
    let letter = match dialog.letter.as_str() {
        "" => "_",
        letter => letter,
    };
    let cursor = mark(dialog, F::Letter);
    let asked = format!(" {cursor} Letter of the variant, to confirm: [ {letter} ]");
    let button = |field: F, name: &str| {
        let shown = if dialog.at == field {
            format!("> {name} <")
        } else {
            format!("  {name}  ")
        };
        Span::styled(shown, style(model, dialog, field))
    };
    let pressed = Line::from(vec![
        Span::raw("   "),
        button(F::Cancel, "Cancel"),
        Span::raw("   "),
        button(F::Record, "Record decision"),
        Span::raw(if dialog.sent { "  recording …" } else { "" }),
    ]);
    [
        Line::styled(asked, style(model, dialog, F::Letter)),
        pressed,
    ]
}

/// Who signed first, where a second person is asked.
fn half_signed(model: &Model, dialog: &Decide) -> Option<String> {
    let run = chosen(model).filter(|run| run.run == dialog.run)?;
    let what = match run.state {
        ReviewState::SecondSignature => "overrode",
        ReviewState::SecondApproval => "approved",
        _ => return None,
    };
    Some(format!(
        "{} {what} {} first; you are the second person",
        run.decided_by, run.variant
    ))
}
