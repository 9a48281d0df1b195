//! The policy browser: every rule with its law, its scope, its own tests, and how well it does on them.

use crate::service::policy::RuleCard;
use crate::tui::effect::Effect;
use crate::tui::model::Model;
use crate::tui::text::{column, wrap};
use crate::tui::view::{Pane, lines, pane, popup, rows_of, split};
use crossterm::event::{KeyCode, KeyEvent};
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr as _;

/// The policy browser.
#[derive(Clone, Debug, Default)]
pub struct Policies {
    pub at: usize,
    pub scroll: usize,
    /// What the last what-if said.
    pub what_if: Option<String>,
}

pub(in crate::tui) fn policies_key(
    model: &Model,
    policies: &mut Policies,
    key: &KeyEvent,
) -> (bool, Vec<Effect>) {
    let count = model.policies.as_ref().map_or(0, Vec::len);
    let last = count.saturating_sub(1);
    match key.code {
        KeyCode::Esc | KeyCode::Char('q' | 'p') => return (false, Vec::new()),
        KeyCode::Up | KeyCode::Char('k') => {
            (policies.at, policies.scroll) = (policies.at.saturating_sub(1), 0);
        }
        KeyCode::Down | KeyCode::Char('j') => {
            (policies.at, policies.scroll) = ((policies.at + 1).min(last), 0);
        }
        KeyCode::PageUp => policies.scroll = policies.scroll.saturating_sub(10),
        KeyCode::PageDown | KeyCode::Char(' ') => policies.scroll += 10,
        KeyCode::Home | KeyCode::Char('g') => (policies.at, policies.scroll) = (0, 0),
        KeyCode::End | KeyCode::Char('G') => (policies.at, policies.scroll) = (last, 0),
        KeyCode::Char('w') => {
            if let Some(row) = model
                .policies
                .as_ref()
                .and_then(|rows| rows.get(policies.at))
            {
                policies.what_if = Some(format!("replaying recorded runs under {} …", row.pack));
                return (true, vec![Effect::WhatIf(row.pack.clone())]);
            }
        }
        _ => {}
    }
    (true, Vec::new())
}

pub fn draw(frame: &mut Frame<'_>, area: Rect, model: &Model, open: &Policies) {
    let at = popup(frame, area, area.width, area.height);
    let width = usize::from(at.width).saturating_sub(2);
    let told: Vec<Line<'_>> = open
        .what_if
        .iter()
        .flat_map(|words| wrap(words, width))
        .take(3)
        .map(|line| Line::styled(format!(" {line}"), model.theme.title()))
        .collect();
    let rows = u16::try_from(told.len()).unwrap_or(1);
    let [body, foot] = Layout::vertical([Constraint::Min(4), Constraint::Length(rows)]).areas(at);
    lines(frame, foot, told, 0);
    let Some(cards) = &model.policies else {
        let inside = pane(frame, body, "Policies", "", (model, Pane::Part(true)));
        lines(
            frame,
            inside,
            vec![Line::raw(" running every pack's own tests …")],
            0,
        );
        return;
    };
    let [left, right] = split(body, 2, 3);
    let inside = pane(
        frame,
        left,
        &format!("{} rules", cards.len()),
        "own examples",
        (model, Pane::Part(true)),
    );
    let found = |card: &RuleCard| format!("{} of {} found", card.score.caught, card.score.violate);
    let widest = cards.iter().map(|card| found(card).width()).max();
    let widest = widest.unwrap_or(0);
    let width = usize::from(inside.width).saturating_sub(5 + widest);
    rows_of(frame, inside, cards, open.at, model, |card| {
        let style = if card.score.caught == card.score.violate {
            model.theme.ok()
        } else {
            model.theme.warn()
        };
        let found = format!("{:>widest$}", found(card));
        Line::from(vec![
            Span::raw(format!("{}  ", column(&card.title, width))),
            Span::styled(found, style),
        ])
    });
    if let Some(card) = cards.get(open.at.min(cards.len().saturating_sub(1))) {
        let inside = pane(
            frame,
            right,
            &card.title,
            card.severity,
            (model, Pane::Part(false)),
        );
        let text = describe(card, usize::from(inside.width).saturating_sub(2));
        lines(frame, inside, text, open.scroll);
    }
}

fn describe(card: &RuleCard, width: usize) -> Vec<Line<'static>> {
    let mut text = Vec::new();
    let mut pair = |name: &str, value: &str| {
        for (index, line) in wrap(value, width.saturating_sub(11))
            .into_iter()
            .enumerate()
        {
            text.push(Line::raw(format!(
                " {:10}{line}",
                if index == 0 { name } else { "" }
            )));
        }
    };
    pair(
        "pack",
        &format!(
            "{} {} ({})",
            card.pack,
            card.pack_version,
            card.standing.as_str()
        ),
    );
    let law = &card.card;
    pair("law", &card.citation);
    pair("stands", &law.status);
    pair("days", &law.days);
    pair("read at", &law.source);
    pair("checked", &law.checked);
    pair("why", &card.rationale);
    pair("fix", &card.fix);
    pair("applies", &law.scope);
    pair(
        "looks at",
        &format!(
            "{}{}",
            law.looks,
            if card.hard {
                "; nobody may override a block"
            } else {
                ""
            }
        ),
    );
    pair(
        "tests",
        &format!(
            "{} violating, {} caught; {} complying, {} blocked; {} dismissed, {} still found",
            card.score.violate,
            card.score.caught,
            card.score.comply,
            card.score.false_blocks,
            card.score.dismissed,
            card.score.still_found
        ),
    );
    for case in &law.violate {
        pair("violates", case);
    }
    for case in &law.comply {
        pair("complies", case);
    }
    pair(
        "rule id",
        &format!("{}, version {}", card.rule, card.version),
    );
    text
}
