//! What carries each statement of a variant, and which rules looked at it.

use crate::domain::finding::{Check, EvidenceState, Verdict};
use crate::domain::run::Run;
use crate::service::audit::told::title;
use crate::tui::model::Model;
use crate::tui::text::wrap;
use crate::tui::view::{Pane, lines_in_sight, pane, scrolled};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

/// Each number and claim with the fact or the cited sentence that carries it, denies it, or is missing.
pub fn draw(frame: &mut Frame<'_>, area: Rect, model: &Model, verdict: &Verdict) {
    let bare = verdict
        .evidence
        .iter()
        .filter(|l| l.state != EvidenceState::Supported)
        .count();
    let inside = pane(
        frame,
        area,
        &format!("Evidence  {} statements", verdict.evidence.len()),
        &format!("{bare} without"),
        (model, Pane::Screen(2)),
    );
    let width = usize::from(inside.width).saturating_sub(2);
    let mut text = Vec::new();
    if verdict.evidence.is_empty() {
        text.push(Line::raw(" No number and no claim stands in this variant."));
    }
    let mut from = 0;
    for (index, link) in verdict.evidence.iter().enumerate() {
        let here = index == model.evidence_at;
        if here {
            from = text.len();
        }
        let (state, style) = match link.state {
            EvidenceState::Supported => ("carried", model.theme.ok()),
            EvidenceState::Unsupported => ("NO SOURCE", model.theme.warn()),
            EvidenceState::Contradicted => ("CONTRADICTED", model.theme.block()),
        };
        let room = width.saturating_sub(state.len() + 2);
        let words = wrap(&link.text.replace('\n', " "), room).into_iter();
        for (at, line) in words.enumerate() {
            let (cursor, shown) = match (at, here) {
                (0, true) => (">", state.to_owned()),
                (0, false) => (" ", state.to_owned()),
                _ => (" ", " ".repeat(state.len())),
            };
            let style = if at == 0 { style } else { Style::default() };
            text.push(Line::from(vec![
                Span::raw(cursor),
                Span::styled(shown, style),
                Span::raw(format!(" {line}")),
            ]));
        }
        if here {
            for line in wrap(
                &source(model.run.as_ref(), &link.source),
                width.saturating_sub(4),
            ) {
                text.push(Line::raw(format!("    {line}")));
            }
            if !link.quote.is_empty() {
                for line in wrap(&format!("“{}”", link.quote), width.saturating_sub(4)) {
                    text.push(Line::raw(format!("    {line}")));
                }
            }
        }
    }
    lines_in_sight(frame, inside, text, from);
}

/// A source in words: the fact's name, or the citation with its date and trust.
fn source(run: Option<&Run>, source: &str) -> String {
    if let Some(key) = source.strip_prefix("fact:") {
        return format!("product fact `{key}`");
    }
    let Some(id) = source.strip_prefix("citation:") else {
        return "nothing on record says so".into();
    };
    run.and_then(|r| r.retrieved.as_ref())
        .and_then(|r| r.citations.iter().find(|c| c.id == id))
        .map_or_else(
            || format!("citation {id}"),
            |c| {
                format!(
                    "{} › {} (published {}, {} source)",
                    c.title,
                    c.section,
                    if c.published_date.is_empty() {
                        "undated"
                    } else {
                        &c.published_date
                    },
                    c.trust.as_str()
                )
            },
        )
}

/// Every rule: whether it looked, at which parts, or why not.
pub fn coverage(frame: &mut Frame<'_>, area: Rect, model: &Model, verdict: &Verdict) {
    let (looked, all) = verdict.looked();
    let inside = pane(
        frame,
        area,
        "Coverage",
        &format!("{looked} of {all} looked"),
        (model, Pane::Screen(2)),
    );
    let text = rules_of(model, verdict, usize::from(inside.width));
    scrolled(frame, inside, text, (model, 2));
}

/// The rules that looked, by check, with the parts they looked at, and those that did not.
pub fn rules_of<'l>(model: &Model, verdict: &Verdict, width: usize) -> Vec<Line<'l>> {
    let mut text = Vec::new();
    for check in Check::ALL {
        text.push(Line::styled(
            format!(" {}", check.label()),
            model.theme.dim(),
        ));
        for c in verdict
            .coverage
            .iter()
            .filter(|c| c.check == check && c.skipped.is_none())
        {
            let parts: Vec<_> = c.parts.iter().map(|p| p.as_str()).collect();
            let words = format!("{}: {}", title(&c.rule, &model.titles), parts.join(", "));
            text.extend(indented(&words, width));
        }
    }
    text.extend(skipped(model, verdict, width));
    text
}

fn indented<'l>(words: &str, width: usize) -> impl Iterator<Item = Line<'l>> {
    let wrapped = wrap(words, width.saturating_sub(5)).into_iter();
    wrapped.enumerate().map(|(at, line)| {
        let gap = if at == 0 { "   " } else { "     " };
        Line::raw(format!("{gap}{line}"))
    })
}

/// Which rules did not look, and why: silence is told apart from absence.
pub fn skipped<'l>(model: &Model, verdict: &Verdict, width: usize) -> Vec<Line<'l>> {
    let mut out = vec![Line::raw(""), Line::raw(" rules that did not apply")];
    for c in &verdict.coverage {
        if let Some(reason) = &c.skipped {
            let words = format!("{}: {reason}", title(&c.rule, &model.titles));
            out.extend(indented(&words, width));
        }
    }
    out
}
