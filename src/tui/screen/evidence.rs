//! What carries each statement of a variant, and which rules looked at it.

use crate::domain::finding::{Check, EvidenceState, Verdict};
use crate::domain::run::Run;
use crate::tui::model::Model;
use crate::tui::text::{cut, wrap};
use crate::tui::view::{Pane, lines_in_sight, pane, scrolled};
use ratatui::Frame;
use ratatui::layout::Rect;
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
        text.push(Line::from(vec![
            Span::raw(if here { ">" } else { " " }),
            Span::styled(state, style),
            Span::raw(format!(
                " {}",
                cut(
                    &link.text.replace('\n', " "),
                    width.saturating_sub(state.len() + 2)
                )
            )),
        ]));
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
            text.push(Line::raw(format!(
                "   {}",
                cut(
                    &format!("{}: {}", c.rule, parts.join(", ")),
                    width.saturating_sub(5)
                )
            )));
        }
    }
    text.extend(skipped(verdict, width));
    text
}

/// Which rules did not look, and why: silence is told apart from absence.
pub fn skipped<'l>(verdict: &Verdict, width: usize) -> Vec<Line<'l>> {
    let mut out = vec![Line::raw(""), Line::raw(" rules that did not apply")];
    for c in &verdict.coverage {
        if let Some(reason) = &c.skipped {
            out.push(Line::raw(format!(
                "   {}",
                cut(&format!("{}: {reason}", c.rule), width.saturating_sub(5))
            )));
        }
    }
    out
}
