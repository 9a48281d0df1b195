//! The policy browser: every rule with its law, its scope, its own tests, and how well it does on them.

use crate::service::policy::RuleCard;
use crate::tui::model::{Model, Policies};
use crate::tui::text::{column, cut, wrap};
use crate::tui::view::{Pane, lines, pane, popup, rows, split};
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::Line;

pub fn draw(frame: &mut Frame<'_>, area: Rect, model: &Model, open: &Policies) {
    let at = popup(frame, area, area.width, area.height);
    let [body, foot] = Layout::vertical([Constraint::Min(4), Constraint::Length(1)]).areas(at);
    let foot_words = open.what_if.as_deref().unwrap_or(
        "up/down rule   PgDn more of it   w what would the pack's draft change?   Esc back",
    );
    frame.render_widget(
        Line::styled(
            cut(&format!(" {foot_words}"), usize::from(foot.width)),
            model.theme.dim(),
        ),
        foot,
    );
    let Some(cards) = &model.policies else {
        let inside = pane(frame, body, "Policies", "", (model, Pane::Over));
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
        (model, Pane::Over),
    );
    let width = usize::from(inside.width).saturating_sub(15);
    let table = cards
        .iter()
        .map(|card| {
            Line::raw(format!(
                "{} {:>5} found",
                column(&card.title, width),
                format!("{}/{}", card.score.caught, card.score.violate),
            ))
        })
        .collect();
    rows(frame, inside, table, open.at, model);
    if let Some(card) = cards.get(open.at.min(cards.len().saturating_sub(1))) {
        let inside = pane(
            frame,
            right,
            &card.title,
            card.severity,
            (model, Pane::Over),
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
    pair("rule", &format!("{} v{}", card.rule, card.version));
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
    text
}
