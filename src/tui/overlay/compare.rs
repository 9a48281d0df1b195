//! Two halves beside each other: where they stand, the words with what changed marked, the findings of each.

use crate::domain::finding::{Disposition, Verdict};
use crate::domain::run::Run;
use crate::domain::variant::Variant;
use crate::service::run::replay::versions;
use crate::text::diff;
use crate::tui::compare::{Compare, CompareField, Half};
use crate::tui::model::Model;
use crate::tui::screen::light;
use crate::tui::text::{StyledRange, column, cut, marked, safe, wrap};
use crate::tui::view::{Pane, is_read, lines, pane};
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Clear;
use std::ops::Range;

pub fn draw(frame: &mut Frame<'_>, area: Rect, model: &Model, compare: &Compare) {
    frame.render_widget(Clear, area);
    let inside = pane(
        frame,
        area,
        &format!("Compare {}", compare.what),
        "Tab what to change   left/right change it   Esc closes",
        (model, Pane::Over),
    );
    let [head, body] = Layout::vertical([Constraint::Length(3), Constraint::Min(1)]).areas(inside);
    lines(
        frame,
        head,
        heads(model, compare, usize::from(head.width)),
        0,
    );
    let parts = [Constraint::Fill(1), Constraint::Fill(1)];
    let [left, right] = if is_read(body) {
        Layout::vertical(parts).areas(body)
    } else {
        Layout::horizontal(parts).areas(body)
    };
    let (old, new) = (
        compare.variant(compare.left),
        compare.variant(compare.right),
    );
    let words = |variant: Option<&Variant>| match variant {
        None => (String::new(), String::new()),
        Some(v) => (v.subject.clone(), v.body.clone()),
    };
    let (old_words, new_words) = (words(old), words(new));
    let subject = diff::changed(&old_words.0, &new_words.0);
    let body = diff::changed(&old_words.1, &new_words.1);
    let width = usize::from(left.width.min(right.width));
    let mut halves = [
        standing(model, compare, (compare.left, compare.right), width),
        standing(model, compare, (compare.right, compare.left), width),
    ];
    // The words begin on the same line.
    let most = halves.iter().map(Vec::len).max().unwrap_or(0);
    for half in &mut halves {
        half.resize(most, Line::raw(""));
    }
    let [mut left_text, mut right_text] = halves;
    let gone = ('-', model.theme.gone());
    let come = ('+', model.theme.come());
    let rule = format!(" {}", "-".repeat(width.saturating_sub(3)));
    for (old, new, changed) in [
        (&old_words.0, &new_words.0, subject),
        (&old_words.1, &new_words.1, body),
    ] {
        if old.is_empty() && new.is_empty() {
            continue;
        }
        for (text, words, ranges, sign) in [
            (&mut left_text, old, changed.0, gone),
            (&mut right_text, new, changed.1, come),
        ] {
            text.push(Line::styled(rule.clone(), model.theme.dim()));
            text.extend(body_lines(words, &ranges, sign, width));
        }
    }
    let height = usize::from(left.height);
    let longest = left_text.len().max(right_text.len());
    let scroll = compare.scroll.min(longest.saturating_sub(height));
    lines(frame, left, left_text, scroll);
    lines(frame, right, right_text, scroll);
}

/// Words with what only this half has marked, and a sign before each line that holds some.
fn body_lines<'l>(
    text: &str,
    ranges: &[Range<usize>],
    (sign, style): (char, Style),
    width: usize,
) -> Vec<Line<'l>> {
    let marks: Vec<StyledRange> = ranges.iter().map(|r| (r.start, r.end, style)).collect();
    marked(text, &marks, width.saturating_sub(4))
        .into_iter()
        .map(|mut line| {
            let changed = line.spans.iter().any(|span| span.style == style);
            let gutter = if changed { sign } else { ' ' };
            line.spans.insert(0, Span::raw(format!(" {gutter} ")));
            line
        })
        .collect()
}

/// What the halves are, with the field under the cursor shown.
fn heads<'l>(model: &Model, compare: &Compare, width: usize) -> Vec<Line<'l>> {
    let half_width = width / 2;
    let field = |half: Half, run: CompareField, variant: CompareField| {
        let both = compare.field == CompareField::BothVariants;
        let style = |here: bool| {
            if here {
                model.theme.cursor()
            } else {
                Style::default()
            }
        };
        let name = compare
            .sides
            .get(half.side)
            .map_or("", |side| side.name.as_str());
        let id = compare
            .variant(half)
            .map_or("none".to_owned(), |v| v.id.clone());
        let shown = cut(name, half_width.saturating_sub(22));
        let fill = half_width.saturating_sub(shown.chars().count() + id.chars().count() + 18);
        vec![
            Span::raw(" "),
            Span::styled(format!("< {shown} >"), style(compare.field == run)),
            Span::raw("  "),
            Span::styled(
                format!("< variant {id} >"),
                style(both || compare.field == variant),
            ),
            Span::raw(" ".repeat(fill)),
        ]
    };
    let mut spans = field(
        compare.left,
        CompareField::LeftRun,
        CompareField::LeftVariant,
    );
    spans.extend(field(
        compare.right,
        CompareField::RightRun,
        CompareField::RightVariant,
    ));
    let said = match (
        &compare.said,
        compare.run(compare.left).zip(compare.run(compare.right)),
    ) {
        (Some(said), _) => said.clone(),
        (None, Some((a, b))) => pins(a, b),
        (None, None) => String::new(),
    };
    vec![
        Line::from(spans),
        Line::styled(
            format!(" {}", cut(&said, width.saturating_sub(2))),
            model.theme.dim(),
        ),
    ]
}

/// Which of the pinned versions differ.
fn pins(a: &Run, b: &Run) -> String {
    let (a, b) = (&a.pins, &b.pins);
    let mut other: Vec<String> = versions(a, b).into_iter().map(str::to_owned).collect();
    if a.seed != b.seed {
        other.push("seed".to_owned());
    }
    if a.as_of != b.as_of {
        let day = |t: &str| t.get(..10).unwrap_or("").to_owned();
        other.push(format!("as of {} and {}", day(&a.as_of), day(&b.as_of)));
    }
    if other.is_empty() {
        "the same versions, seed and date on both sides".into()
    } else {
        format!("other on the two sides: {}", other.join(", "))
    }
}

/// Segment, citations, verdict and findings of a half; what the other half does not have is marked.
fn standing<'l>(
    model: &Model,
    compare: &Compare,
    (half, other): (Half, Half),
    width: usize,
) -> Vec<Line<'l>> {
    let Some(run) = compare.run(half) else {
        return Vec::new();
    };
    let room = width.saturating_sub(13);
    let pair = |name: &str, value: String| {
        Line::raw(format!(" {} {}", column(name, 10), cut(&value, room)))
    };
    let mut text = Vec::new();
    if let Some(segment) = &run.segment {
        text.push(pair(
            "segment",
            format!("{} · {}", segment.segment, segment.use_case_label),
        ));
    }
    if let Some(retrieved) = &run.retrieved {
        let kept = |run: &Run| -> Vec<String> {
            let found = run.retrieved.iter().flat_map(|r| &r.citations);
            found.map(|c| c.id.clone()).collect()
        };
        let theirs = compare.run(other).map(kept).unwrap_or_default();
        let own: Vec<&str> = retrieved
            .citations
            .iter()
            .filter(|c| !theirs.contains(&c.id))
            .map(|c| c.id.as_str())
            .collect();
        let words = match own.as_slice() {
            [] => format!("{} kept", retrieved.citations.len()),
            own => format!(
                "{} kept, only here: {}",
                retrieved.citations.len(),
                own.join(", ")
            ),
        };
        text.push(pair("citations", words));
    }
    if let Some(analysis) = &run.analysis {
        let winner = analysis.winner.as_ref();
        text.push(pair(
            "winner",
            winner.map_or("none".into(), |w| w.variant_id.clone()),
        ));
    }
    let verdict = |half| {
        let variant = compare.variant(half)?;
        compare.run(half)?.verdict(&variant.id)
    };
    if let Some(own) = verdict(half) {
        text.extend(findings(model, own, verdict(other), width));
    }
    text
}

fn findings<'l>(
    model: &Model,
    verdict: &Verdict,
    other: Option<&Verdict>,
    width: usize,
) -> Vec<Line<'l>> {
    let (word, style) = light(&model.theme, verdict.disposition);
    let mut text = vec![Line::from(vec![
        Span::raw(format!(" {} ", column("verdict", 10))),
        Span::styled(word, style),
        Span::raw(format!("  score {}", verdict.score_bp / 100)),
    ])];
    for finding in &verdict.findings {
        if finding.disposition < Disposition::Review {
            continue;
        }
        let known = other.is_some_and(|other| {
            other.findings.iter().any(|o| {
                o.rule == finding.rule
                    && o.text == finding.text
                    && o.disposition == finding.disposition
            })
        });
        let (word, style) = light(&model.theme, finding.disposition);
        let mark = if known { "" } else { "  only here" };
        let line = format!(" {} “{}”", finding.rule, safe(&finding.text));
        let room = width.saturating_sub(18 + mark.len());
        let shown = wrap(&line, room.max(10))
            .into_iter()
            .next()
            .unwrap_or_default();
        text.push(Line::from(vec![
            Span::raw("    "),
            Span::styled(word, style),
            Span::raw(format!(" {}{mark}", shown.trim_start())),
        ]));
    }
    text
}
