//! The message of a run, with its verdict: the variant under the cursor, or all of them beside each other.

use super::light;
use crate::domain::finding::{Disposition, Finding, Verdict};
use crate::domain::run::Run;
use crate::domain::variant::{Source, Variant};
use crate::tui::card;
use crate::tui::model::Model;
use crate::tui::text::{marked, wrap};
use crate::tui::view::{Pane, PaneTitle, lines, pane, scrolled};
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};

/// Least width of a variant beside others.
const COLUMN: u16 = 50;
/// Findings that are told above a message.
const TOLD: usize = 3;

/// The variant under the cursor; on wide screens all of them beside each other.
pub fn draw(frame: &mut Frame<'_>, area: Rect, model: &Model, run: &Run) {
    let Some(chosen) = model.variant() else {
        let inside = pane(frame, area, "Message", "", (model, Pane::Screen(2)));
        let words = " No message yet: Space runs the next stage, c runs on to the end.";
        lines(frame, inside, vec![Line::raw(words)], 0);
        return;
    };
    let all = run.variants.as_deref().unwrap_or_default();
    let count = u16::try_from(all.len()).unwrap_or(u16::MAX).max(1);
    if area.width / count < COLUMN {
        let at = all.iter().position(|v| v.id == chosen.id).unwrap_or(0);
        let right = match all.len() {
            0 | 1 => String::new(),
            count => format!("{} of {count}, left/right", at + 1),
        };
        candidate(frame, area, (model, run), (chosen, Some(&right)));
        return;
    }
    let columns = Layout::horizontal(all.iter().map(|_| Constraint::Fill(1))).split(area);
    for (variant, area) in all.iter().zip(columns.iter()) {
        candidate(frame, *area, (model, run), (variant, None));
    }
}

/// A sentence and where it comes from: the mark stands behind its words, wrapped as they are, never cut.
fn with_source<'l>(words: &str, source: &str, model: &Model, width: usize) -> Vec<Line<'l>> {
    let whole = format!("{words}{source}");
    let mark = (words.len(), whole.len(), model.theme.dim());
    let mut text = marked(&whole, &[mark], width.saturating_sub(1));
    for line in &mut text {
        line.spans.insert(0, Span::raw(" "));
    }
    text
}

/// The verdict in words, worst first: what stands against the variant, or how much looked at it.
fn verdict<'l>(model: &Model, verdict: &Verdict, width: usize) -> Vec<Line<'l>> {
    let open = |f: &&Finding| f.disposition >= Disposition::Review;
    let mut found: Vec<&Finding> = verdict.findings.iter().filter(open).collect();
    found.sort_by_key(|f| std::cmp::Reverse(f.disposition));
    let mut told: Vec<(Disposition, &str)> = Vec::new();
    for f in found {
        if !told.iter().any(|(_, headline)| *headline == f.headline()) {
            told.push((f.disposition, f.headline()));
        }
    }
    if told.is_empty() {
        let (looked, _) = verdict.looked();
        let words = format!("{looked} rules looked; nothing asks for a person");
        return card::stated(model, verdict.disposition, &words, width);
    }
    let mut text = Vec::new();
    for (disposition, headline) in told.iter().take(TOLD) {
        text.extend(card::stated(model, *disposition, headline, width));
    }
    if told.len() > TOLD {
        let words = format!("         and {} more: 4 shows them", told.len() - TOLD);
        text.push(Line::styled(words, model.theme.dim()));
    }
    text
}

fn candidate(
    frame: &mut Frame<'_>,
    area: Rect,
    (model, run): (&Model, &Run),
    (variant, alone): (&Variant, Option<&str>),
) {
    let chosen = model.variant().is_some_and(|v| v.id == variant.id);
    let winner = run
        .analysis
        .as_ref()
        .and_then(|a| a.winner.as_ref())
        .is_some_and(|w| w.variant_id == variant.id);
    let name = format!(
        "{}Variant {}{}",
        if chosen && alone.is_none() { "> " } else { "" },
        variant.id,
        if winner { ", winner" } else { "" }
    );
    let judged = run.verdict(&variant.id);
    let title = match judged {
        Some(v) => PaneTitle::with(&name, light(&model.theme, v.disposition)),
        None => PaneTitle::from(&name),
    };
    let which = if chosen {
        Pane::Screen(2)
    } else {
        Pane::Beside(2)
    };
    let inside = pane(frame, area, title, alone.unwrap_or(""), (model, which));
    let width = usize::from(inside.width).saturating_sub(2);
    let mut text = judged.map_or_else(Vec::new, |v| verdict(model, v, width));
    if !variant.subject.is_empty() {
        text.push(Line::raw(""));
        let subject = wrap(&variant.subject, width).into_iter();
        text.extend(subject.map(|l| Line::styled(format!(" {l}"), model.theme.title())));
    }
    text.push(Line::raw(""));
    for sentence in &variant.sentences {
        let source = match &sentence.source {
            Source::Plain => String::new(),
            Source::Fact { keys } => format!("  [fact: {}]", keys.join(", ")),
            Source::Citation { id } => format!("  [{id}]"),
            Source::Disclosure { id } => format!("  [approved: {id}]"),
            Source::Person { name } => format!("  [by {name}]"),
        };
        let words = variant.body.get(sentence.start..sentence.end).unwrap_or("");
        text.extend(with_source(words, &source, model, width));
    }
    text.push(Line::raw(""));
    let grade = crate::text::readability::grade_tenths(&variant.body);
    let grade = grade.map(|grade| format!("reading grade {}.{}", grade / 10, grade % 10));
    let small = grade.into_iter().chain([
        format!("template {}", variant.meta.template),
        format!("text {}", variant.artifact(&run.salt).short()),
    ]);
    for line in small.flat_map(|words| wrap(&words, width)) {
        text.push(Line::styled(format!(" {line}"), model.theme.dim()));
    }
    scrolled(frame, inside, text, (model, 2));
}
